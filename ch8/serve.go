package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"

	"apue"
	"apue/internal/build"
	"apue/internal/grade"
	"apue/internal/lab"
	"apue/internal/locale"
	"apue/internal/page"
	"apue/internal/record"
	"apue/internal/sandbox"

	"github.com/spf13/cobra"
)

func serveCommand() *cobra.Command {
	var listen string
	var disposable bool
	c := &cobra.Command{
		Use:   "serve [ID|FILE]",
		Short: "Open the lab in a browser: write, run, check, and see the picture",
		Long: `Serve the lab on this machine and print one address to open. The page has
the experiments and lab sheets, an editor, and the picture of each run.
With a FILE (.c, .go, .py, .sh) you write in your own editor: whenever
the file is saved, it is run, and the picture is new. The page never
changes a file.

Programs run isolated from this machine. Only a browser on this machine
that has the printed address can open the lab. Ctrl-C ends everything.

--listen ADDR --disposable serves it to others: only in a container or
virtual machine of its own, where nothing is worth protecting.`,
		Example: "  ch8 serve\n  ch8 serve fork/glob\n  ch8 serve mine.c",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			l := &page.Lab{Disposable: disposable}
			if err := opens(l, args); err != nil {
				return err
			}
			listener, err := listenOn(listen, disposable)
			if err != nil {
				return err
			}
			defer listener.Close()
			ctx, stop := interruptible()
			defer stop()
			return serve(ctx, l, listener, func(address string) {
				fmt.Fprint(c.OutOrStdout(), locale.Sprintf("The lab is open at\n\n  %s\n\nCtrl-C closes it.\n", address))
				flush(c.OutOrStdout())
			})
		},
	}
	c.Flags().StringVar(&listen, "listen", "127.0.0.1:0", "the address to listen on; 0 is any free port")
	c.Flags().BoolVar(&disposable, "disposable", false, "this machine is a container of its own: run programs even if they cannot be isolated")
	return c
}

// opens finds what the lab shows first: an experiment, or a file that it
// follows.
func opens(l *page.Lab, args []string) error {
	if len(args) == 0 {
		return nil
	}
	word := args[0]
	if found, _ := all.Find(word); len(found) > 0 && !isPath(word) {
		l.Start = found[0]
		return nil
	}
	info, err := os.Stat(word)
	if err != nil {
		return notThere(word)
	}
	switch ext := filepath.Ext(word); {
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s is not a file: serve takes an id or one .c, .go, .py or .sh file", word)
	case ext != ".c" && ext != ".go" && ext != ".py" && ext != ".sh":
		return fmt.Errorf("%s: the lab runs .c, .go, .py and .sh files", word)
	}
	if l.Follow, err = filepath.Abs(word); err != nil {
		return err
	}
	l.Start = experimentOf(word)
	return nil
}

// listenOn listens on an address of this machine itself, or on any if the
// machine is disposable.
func listenOn(address string, disposable bool) (net.Listener, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("--listen %s: it is a host and a port, as in 127.0.0.1:8080", address)
	}
	ip := net.ParseIP(host)
	if local := host == "localhost" || ip != nil && ip.IsLoopback(); !local && !disposable {
		return nil, fmt.Errorf("--listen %s: others could run programs here; use a loopback address, or add --disposable in a container of its own", address)
	}
	return net.Listen("tcp", address)
}

// serve fills in what the lab asks of ch8, and serves it.
func serve(ctx context.Context, l *page.Lab, listener net.Listener, ready func(string)) error {
	b := new(build.Builder)
	defer b.Close()
	var mu sync.Mutex // of the builder and the progress: requests come at the same time
	l.Experiments, l.Files, l.Replay = all, apue.Files, kept
	l.CannotRecord = cannotRecord(l.Disposable)
	l.Starter = func(language string) string {
		text, _ := starters.ReadFile("starters/" + language + ".txt")
		return string(text)
	}
	l.Passed = func() (map[string]bool, error) {
		p, err := readProgress()
		passed := map[string]bool{}
		if err == nil {
			for id, n := range p.claims {
				passed[id] = n.status == lab.Pass
			}
		}
		return passed, err
	}
	l.Note = func(rep *lab.Report) error {
		mu.Lock()
		defer mu.Unlock()
		p, err := readProgress()
		if err != nil {
			return err
		}
		return note(p, rep)
	}
	l.Program = func(x *lab.Experiment) (string, error) {
		mu.Lock()
		defer mu.Unlock()
		return b.Ours(x.Dir)
	}
	var gopher grade.Gopher
	goFiles, err := b.Dir()
	if err != nil {
		return err
	}
	isolated := sandbox.CanIsolate() == nil
	l.GoCommand = func(ctx context.Context, dir string) (sandbox.Command, string, error) {
		c, err := gopher.Command(ctx, dir, goFiles, isolated)
		return c, grade.GoProgram, err
	}
	return l.Serve(ctx, listener, ready)
}

// cannotRecord says why programs cannot be recorded here in isolation,
// nil if they can.
func cannotRecord(disposable bool) error {
	if err := record.Probe(); err != nil {
		return err
	}
	if disposable {
		return nil
	}
	return sandbox.CanIsolate()
}
