package main

import (
	"hash/fnv"

	"golang.org/x/term"

	"apue/internal/locale"
	"apue/internal/show"

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
		Use:   "watch ID PROGRAM",
		Short: "Check your program again whenever its files change",
		Long: `Check a program, and again whenever a file of it changes: the files of
its folder, if it is one, otherwise the file itself, and every argument
that is a file (-- python3 mine.py). Watch looks at the files again and
again, so it also works on file systems that announce no change. Earlier
messages stay on the screen.

Keys, on a terminal: h a hint, n the next exercise, q quit. Ctrl-C quits
too.`,
		Example: "  ch8 watch fork/glob mine.c\n  ch8 watch fork/glob -- python3 mine.py",
		RunE: func(c *cobra.Command, args []string) error {
			ids, cmd, err := idsAndProgram(c, args)
			if err != nil {
				return err
			}
			if len(ids) != 1 || cmd == nil {
				return fmt.Errorf("ch8 watch needs one id and a program, for example:\n%s", c.Example)
			}
			if every < 10*time.Millisecond {
				return fmt.Errorf("--every %v: at least 10ms", every)
			}
			if _, err := targets(ids, true); err != nil {
				return err
			}
			ctx, stop := interruptible()
			defer stop()
			o.runs = 1
			w := &watcher{out: c.OutOrStdout(), options: &o, ids: ids, cmd: cmd, every: every}
			if f, ok := terminal(c.InOrStdin()); ok {
				w.terminal = f
				w.keys = make(chan byte)
				go readKeys(f, w.keys)
			}
			return w.run(ctx)
		},
	}
	o.flags(c)
	c.Flags().DurationVar(&every, "every", 500*time.Millisecond, "how often to look")
	return c
}

// readKeys sends what is typed, byte by byte, until the end of f.
func readKeys(f *os.File, keys chan<- byte) {
	var b [1]byte
	for {
		if n, err := f.Read(b[:]); n < 1 || err != nil {
			return
		}
		keys <- b[0]
	}
}

// A watcher checks a program again and again.
type watcher struct {
	out     io.Writer
	options *checkOptions
	ids     []string
	cmd     []string
	every   time.Duration

	terminal *os.File  // where keys are typed; nil if there is none
	keys     chan byte // what is typed
}

// run checks until ctx ends or q is typed.
func (w *watcher) run(ctx context.Context) error {
	paths, err := watchable(w.cmd)
	if err != nil {
		return err
	}
	tick := time.NewTicker(w.every)
	defer tick.Stop()
	var seen uint64
	for {
		// A file that is being replaced may be missing for an instant:
		// that is not a change yet.
		now, err := stamped(paths)
		if err == nil && now != seen {
			seen = now
			if err := w.check(ctx, paths); err != nil || ctx.Err() != nil {
				return err
			}
		}
		quit, err := w.wait(ctx, tick.C)
		if quit || err != nil {
			return err
		}
	}
}

// check checks once and says how to go on.
func (w *watcher) check(ctx context.Context, paths []string) error {
	fmt.Fprintf(w.out, "\n-- %s --\n", time.Now().Format(time.TimeOnly))
	err := check(w.out, w.out, w.options, w.ids, w.cmd)
	var status exit
	if err != nil && !errors.As(err, &status) && ctx.Err() == nil {
		fmt.Fprintln(w.out, "ch8:", err)
	}
	ends := locale.T("(Ctrl-C ends it)")
	if w.terminal != nil {
		ends = locale.T("(h hint, n next exercise, q quit)")
	}
	fmt.Fprintln(w.out, locale.Sprintf("watching %s %s", strings.Join(paths, ", "), ends))
	return flush(w.out)
}

// wait waits for the next look at the files, and does what a key asks
// for meanwhile: only then the terminal gives key by key, so that Ctrl-C
// interrupts a check.
func (w *watcher) wait(ctx context.Context, tick <-chan time.Time) (quit bool, err error) {
	out := w.out
	if w.terminal != nil {
		if old, err := term.MakeRaw(int(w.terminal.Fd())); err == nil {
			defer term.Restore(int(w.terminal.Fd()), old)
			out = crlf{out}
		}
	}
	for {
		select {
		case <-ctx.Done():
			return true, nil
		case <-tick:
			return false, nil
		case key := <-w.keys:
			quit, err := w.key(out, key)
			if quit || err != nil {
				return quit, err
			}
		}
	}
}

// key does what a key asks for.
func (w *watcher) key(out io.Writer, key byte) (quit bool, err error) {
	x, claim, err := findOne(w.ids[0])
	if err != nil {
		return false, err
	}
	switch key {
	case 'q', 3, 4: // and Ctrl-C, Ctrl-D
		return true, nil
	case 'h':
		return false, giveHint(out, x, claim, hintOptions{})
	case 'n':
		p, err := readProgress()
		if err != nil {
			return false, err
		}
		if next := p.nextAfter(x); next != nil {
			task(out, next)
		} else {
			fmt.Fprintln(out, locale.T("You have solved all other exercises."))
		}
	default:
		fmt.Fprintln(out, locale.T("h hint, n next exercise, q quit"))
	}
	return false, flush(w.out)
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
			err = fmt.Errorf("%s cannot be watched: there is no such file or folder here", show.Line(arg))
		}
	}
	if len(paths) > 0 && !strings.Contains(cmd[0], "/") {
		err = nil
	}
	return paths, err
}

// stamped returns a number that changes when one of the files does, or
// one of those in a folder; a symbolic link is followed.
func stamped(paths []string) (uint64, error) {
	sum := fnv.New64a()
	for _, path := range paths {
		real, err := filepath.EvalSymlinks(path)
		if err != nil {
			return 0, err
		}
		if err := stamp(sum, real); err != nil {
			return 0, err
		}
	}
	return sum.Sum64(), nil
}

// stamp adds the name, size, mode and time of each file.
func stamp(sum io.Writer, root string) error {
	return filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			if p == root {
				return err
			}
			return nil // it was removed meanwhile
		}
		if d.IsDir() || strings.HasPrefix(d.Name(), progressFile) {
			return nil
		}
		info, err := os.Stat(p)
		if err != nil {
			return nil
		}
		fmt.Fprintln(sum, p, info.Size(), info.Mode(), info.ModTime().UnixNano())
		return nil
	})
}
