package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"apue"
	"apue/ch8/proc"
	"apue/internal/build"
	"apue/internal/lab"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"
)

func runCommand() *cobra.Command {
	source, lang := false, "go"
	c := &cobra.Command{
		Use:   "run ID [ARGS...]",
		Short: "Run one of our experiments",
		Long: `Run one of our experiments. Exit status: the program's, which is 128
plus the signal's number if one killed it. With --source the program is
printed instead, to be read beside the book.`,
		Example: "  ch8 run doublefork\n  ch8 run doublefork/doublefork -- --book\n  ch8 run fork/glob --source --lang c",
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return fmt.Errorf("ch8 run needs an id, for example:\n%s", c.Example)
			}
			x, _, err := findOne(args[0])
			if err != nil {
				return err
			}
			if source {
				return printSource(c.OutOrStdout(), x, lang)
			}
			ctx, stop := interruptible()
			defer stop()
			b := new(build.Builder)
			defer b.Close()
			p, err := ours(ctx, b, x)
			if err != nil {
				return err
			}
			cmd := exec.Command(p.Args[0], append(p.Args[1:], args[1:]...)...)
			cmd.Stdin, cmd.Stdout, cmd.Stderr = theirIn(c.InOrStdin()), theirOut(c.OutOrStdout()), c.ErrOrStderr()
			return attended(cmd)
		},
	}
	c.Flags().BoolVar(&source, "source", false, "print the program instead of running it")
	c.Flags().StringVar(&lang, "lang", lang, "with --source: go, or c for the twin in C")
	return c
}

// printSource prints the program of an experiment, from what ch8
// carries.
func printSource(w io.Writer, x *lab.Experiment, lang string) error {
	file := map[string]string{"go": x.Dir + "/" + x.Name + ".go", "c": x.Dir + "/c/" + x.Name + ".c"}[lang]
	if file == "" {
		return fmt.Errorf("--lang %s: the programs are in go and in c", lang)
	}
	text, err := apue.Files.ReadFile(file)
	if err != nil {
		return err
	}
	_, err = w.Write(text)
	return err
}

// attended runs a program until it ends, and returns its exit status.
// SIGTERM is passed on; at Ctrl-C the terminal tells the program too,
// and how it ends is its own affair.
func attended(cmd *exec.Cmd) error {
	told := make(chan os.Signal, 1)
	signal.Notify(told, unix.SIGTERM)
	defer signal.Stop(told)
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := make(chan struct{})
	defer close(ended)
	go func() {
		for {
			select {
			case sig := <-told:
				cmd.Process.Signal(sig)
			case <-ended:
				return
			}
		}
	}()
	err := cmd.Wait()
	if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); ok && status != 0 {
		return programs(proc.WaitStatus(status))
	}
	return err
}

// programs is the exit status of a verb that ends as the program did:
// as in a shell.
func programs(status proc.WaitStatus) error {
	switch {
	case status.Signaled():
		return exit(128 + status.TermSig())
	case status.ExitStatus() > 0:
		return exit(status.ExitStatus())
	}
	return nil
}
