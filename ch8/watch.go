package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

func watchCommand() *cobra.Command {
	var o checkOptions
	var every time.Duration
	c := &cobra.Command{
		Use:   "watch ID -- CMD ARGS...",
		Short: "Check your program again whenever its files change",
		Long: `Check a program, and again whenever a file of it changes: the files of
its folder, if it is one, else the file itself, and every argument that
is a file (python3 mine.py). They are looked at, not subscribed to, so
it works on file systems that tell nobody of a change. Earlier messages
stay on the screen. Ctrl-C ends it.`,
		Example: "  ch8 watch fork/glob -- ./mine.c",
		RunE: func(c *cobra.Command, args []string) error {
			n := c.ArgsLenAtDash()
			if n != 1 || len(args) == 1 {
				return fmt.Errorf("ch8 watch needs one id and, after --, a program, for example:\n%s", c.Example)
			}
			if every < 10*time.Millisecond {
				return fmt.Errorf("--every %v: at least 10ms", every)
			}
			ctx, stop := interruptible()
			defer stop()
			o.runs = 1
			return watch(ctx, c.OutOrStdout(), &o, args[:1], args[1:], every)
		},
	}
	o.flags(c)
	c.Flags().DurationVar(&every, "every", 500*time.Millisecond, "how often to look")
	return c
}

func watch(ctx context.Context, w io.Writer, o *checkOptions, ids, cmd []string, every time.Duration) error {
	tick := time.NewTicker(every)
	defer tick.Stop()
	paths, err := watchable(cmd)
	if err != nil {
		return err
	}
	var seen stamp
	for {
		// What is being made anew may be gone for an instant: that is
		// no change yet.
		now, err := stamped(paths)
		if err == nil && now != seen {
			seen = now
			fmt.Fprintf(w, "\n-- %s --\n", time.Now().Format(time.TimeOnly))
			err := check(w, o, ids, cmd)
			var status exit
			if err != nil && !errors.As(err, &status) {
				if ctx.Err() != nil {
					return nil
				}
				fmt.Fprintln(w, "ch8:", err)
			}
			fmt.Fprintln(w, "watching", strings.Join(paths, ", "), "(Ctrl-C ends it)")
			if err := flush(w); err != nil {
				return err
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// stamp changes when one of the files does.
type stamp struct {
	files int
	size  int64
	last  time.Time
}

// watchable are the files of a command: the program, or the folder
// it is built from, and its arguments. The program may be one that is
// looked up in PATH; its script is watched then.
func watchable(cmd []string) (paths []string, err error) {
	for i, arg := range cmd {
		info, e := os.Stat(arg)
		switch {
		case e == nil && (info.Mode().IsRegular() || i == 0 && info.IsDir()):
			paths = append(paths, arg)
		case i == 0:
			err = fmt.Errorf("%s can not be watched: it is no file and no folder here", arg)
		}
	}
	if len(paths) > 0 && !strings.Contains(cmd[0], "/") {
		err = nil
	}
	return paths, err
}

// stamped looks at files, or at those of a folder, those that a build
// makes among them.
func stamped(paths []string) (s stamp, err error) {
	for _, path := range paths {
		if err := s.add(path); err != nil {
			return s, err
		}
	}
	return s, nil
}

func (s *stamp) add(path string) error {
	return filepath.WalkDir(path, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			if p == path {
				return err
			}
			return nil // gone meanwhile
		}
		if d.IsDir() || d.Name() == progressFile {
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return nil
		}
		s.files++
		s.size += info.Size()
		if info.ModTime().After(s.last) {
			s.last = info.ModTime()
		}
		return nil
	})
}
