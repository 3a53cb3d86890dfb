package main

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"apue/ch8/proc"
	"apue/internal/build"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"
)

func runCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "run ID [ARGS...]",
		Short: "Run one of our experiments",
		Long: `Run one of our experiments. Exit status: the program's, which is 128
and the signal's number if one killed it.`,
		Example: "  ch8 run doublefork\n  ch8 run doublefork/doublefork -- -book",
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return fmt.Errorf("ch8 run needs an id, for example:\n%s", c.Example)
			}
			x, _, err := findOne(args[0])
			if err != nil {
				return err
			}
			ctx, stop := interruptible()
			defer stop()
			b, err := build.New()
			if err != nil {
				return err
			}
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
