//go:build linux

package main

import (
	"errors"
	"flag"
	"io"
	"path/filepath"
	"strings"
	"time"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

// Daemon is the complete recipe to which the double fork belongs:
// a process that continues when its terminal is gone and its user
// has logged out.
//
// The book, section 13.3: clear the file mode creation mask; fork,
// and the parent exits; setsid; fork again, so that the process is
// not a session leader and cannot acquire a controlling terminal;
// change to the root directory, so that no file system is kept
// busy; close the inherited descriptors. Some older notes say
// setuid instead of setsid: --why setsid shows the difference.
//
// Linux today: the same. close_range closes the descriptors. In Go
// there is one more step: a forked child has one thread and no
// scheduler, so it executes itself, and then has a whole runtime.
//
// daemon_steps.go has the recipe, daemon_serve.go what the daemon
// does then, daemon_stop.go how it is asked and stopped.
//
// To see it:
//
//	go run ./doublefork daemon              start, show and stop it
//	go run ./doublefork daemon --hangup     its terminal goes away
//	go run ./doublefork daemon --why umask  what a step is for
//	go run ./doublefork daemon --start      then --status, --stop

var (
	daemonFlags = flag.NewFlagSet("daemon", 0)

	dStart = daemonFlags.Bool("start", false,
		"start it and leave it running")
	dStatus = daemonFlags.Bool("status", false,
		"print its status line")
	dStop   = daemonFlags.Bool("stop", false, "stop it")
	dHangup = daemonFlags.Bool("hangup", false,
		"start it on a terminal that goes away")
	dWhy = daemonFlags.String("why", "",
		"show what a `step` is for: setsid, fork, chdir or umask")
	dDir = daemonFlags.String("dir", daemonDir(),
		"the `folder` of its pid file and socket")
	dFor = daemonFlags.Duration("for", 0,
		"end after this time; 0 means when it is stopped")
	dServe = daemonFlags.Bool("serve", false,
		"be the daemon (--start executes this)")
)

func daemon() {
	// If SIGCHLD was ignored when this program started, no wait
	// would find a child.
	proc.Check(proc.Signal(unix.SIGCHLD, proc.Default))
	dir, err := filepath.Abs(*dDir) // the daemon works in /
	proc.Check(err)
	switch {
	case *dServe:
		serve(dir, *dFor)
	case *dWhy != "":
		why(*dWhy)
	case *dStart:
		proc.Check(privateDir(dir))
		said, err := startDaemon(dir, *dFor)
		proc.Check(err)
		sayf("%s\n", said)
	case *dStatus:
		line, err := statusLine(dir)
		proc.Check(err)
		sayf("%s", line)
	case *dStop:
		pid, err := stopDaemon(dir)
		proc.Check(err)
		sayf("daemon %d has ended\n", pid)
	default:
		daemonDemo()
	}
}

// startDaemon makes a daemon. It returns when the daemon is ready,
// or an error that says why it cannot be.
func startDaemon(dir string, life time.Duration) (string, error) {
	var ready [2]int
	if err := unix.Pipe2(ready[:], unix.O_CLOEXEC); err != nil {
		return "", err
	}
	pid, err := proc.Fork()
	if err != nil {
		return "", err
	}
	if pid == 0 {
		unix.Close(ready[0])
		becomeDaemon(dir, life, ready[1])
	}
	unix.Close(ready[1])
	defer unix.Close(ready[0])
	if _, err := proc.Waitpid(pid, nil, 0); err != nil {
		return "", err
	}
	said, err := io.ReadAll(reader(ready[0]))
	switch text := string(said); {
	case err != nil:
		return "", err
	case strings.HasPrefix(text, "daemon "):
		return text, nil
	case text != "":
		return "", errors.New(text)
	}
	return "", errors.New("it ended before it was ready")
}
