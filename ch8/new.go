package main

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"apue/internal/build"
	"apue/internal/lab"

	"github.com/spf13/cobra"
)

// starters are the first files of a learner's program, one for
// each language. They build, and pass nothing.
//
//go:embed starters
var starters embed.FS

// languages are those there is a starter for, and what its file is
// called.
var languages = map[string]string{
	"c":      "main.c",
	"go":     "main.go",
	"python": "run",
	"sh":     "run",
}

func newCommand() *cobra.Command {
	var lang, dir string
	c := &cobra.Command{
		Use:   "new ID --lang c|go|python|sh",
		Short: "Make a starter for an exercise: it builds, and passes no claim yet",
		Long: `Make a folder with a starter for an exercise. It builds, and every one
of its claims fails: the rest is yours. A Go starter uses ch8/proc for
its fork and so has to live in this module.`,
		Example: "  ch8 new fork/glob --lang c\n  ch8 check fork/glob -- fork-glob",
		Args:    oneArg("the id of an exercise"),
		RunE: func(c *cobra.Command, args []string) error {
			x, err := exercise(args[0])
			if err != nil {
				return err
			}
			if dir == "" {
				dir = folderName(x)
			}
			if err := starter(x, lang, dir); err != nil {
				return err
			}
			fmt.Fprintf(c.OutOrStdout(), "made %s\nread:  ch8 task %s\ncheck: ch8 check %s -- %s\n",
				filepath.Join(dir, languages[lang]), x.ID(), x.ID(), dir)
			return nil
		},
	}
	c.Flags().StringVar(&lang, "lang", "c", "c, go, python or sh")
	c.Flags().StringVar(&dir, "dir", "", "the folder to make (DIR-NAME)")
	return c
}

// starter writes the starter of an exercise into a new folder.
func starter(x *lab.Experiment, lang, dir string) error {
	file := languages[lang]
	if file == "" {
		all := slices.Sorted(maps.Keys(languages))
		return fmt.Errorf("--lang %s: there is a starter in %s; any other language will do too, ch8 check takes any executable", lang, strings.Join(all, ", "))
	}
	if lang == "go" {
		if _, err := build.Module(); err != nil {
			return fmt.Errorf("a Go starter lives in the suite's module, for its fork: %w", err)
		}
	}
	text, err := starters.ReadFile("starters/" + lang + ".txt")
	if err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o777); errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is there already: remove it, or choose another folder with --dir", dir)
	} else if err != nil {
		return err
	}
	mode := fs.FileMode(0o666)
	if file == "run" {
		mode = 0o777
	}
	said := strings.NewReplacer("ID", x.ID(), "REF", x.Ref, "TITLE", x.Title).Replace(string(text))
	return os.WriteFile(filepath.Join(dir, file), []byte(said), mode)
}
