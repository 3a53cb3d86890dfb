package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
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
its folder, if it is one, else the file itself. They are looked at, not
subscribed to, so it works on file systems that tell nobody of a
change. Earlier messages stay on the screen. Ctrl-C ends it.`,
		Example: "  ch8 watch fork/glob -- ./mine.c",
		RunE: func(c *cobra.Command, args []string) error {
			n := c.ArgsLenAtDash()
			if n != 1 || len(args) == 1 {
				return fmt.Errorf("ch8 watch needs one id and, after --, a program, for example:\n%s", c.Example)
			}
			if every < 10*time.Millisecond {
				return fmt.Errorf("-every %v: at least 10ms", every)
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
	var seen stamp
	for {
		now, err := stamped(cmd[0])
		if err != nil {
			return err
		}
		if now != seen {
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
			fmt.Fprintln(w, "watching", cmd[0], "(Ctrl-C ends it)")
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

// stamped looks at a file, or at the files of a folder, those that
// a build makes among them.
func stamped(path string) (s stamp, err error) {
	err = filepath.WalkDir(path, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			if p == path {
				return fmt.Errorf("%s can not be watched: %w", path, err)
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
	return s, err
}
