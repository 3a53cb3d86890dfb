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

// Daemon is the whole recipe that the double fork belongs to: a
// process that runs on when its terminal and its user are gone.
//
// The book, at the end of section 8.6 and in chapter 13: fork and
// let the parent go; setsid; fork again, so that it is no session
// leader and can not acquire a terminal; change to the root
// directory, so that no file system is kept busy; clear the file
// mode creation mask; close what was inherited. Older notes have
// setuid where they mean setsid; -why setsid shows the difference.
//
// Linux today: the same, with close_range to close descriptors. A
// Go program is a special case. A forked child has one thread and
// no scheduler, which is no way to live: it executes itself, and
// has a whole runtime again.
//
// The recipe is in daemon_steps.go, the daemon's life after it in
// daemon_serve.go, its end in daemon_stop.go.
//
// To see it:
//
//	go run ./doublefork daemon             starts, shows, stops it
//	go run ./doublefork daemon -hangup     its terminal goes away
//	go run ./doublefork daemon -why umask  what a step is for
//	go run ./doublefork daemon -start      and -status, -stop

var (
	daemonFlags = flag.NewFlagSet("daemon", 0)

	dStart = daemonFlags.Bool("start", false,
		"start it, and leave it running")
	dStatus = daemonFlags.Bool("status", false, "its status line")
	dStop   = daemonFlags.Bool("stop", false, "stop it")
	dHangup = daemonFlags.Bool("hangup", false,
		"start it on a terminal that goes away")
	dWhy = daemonFlags.String("why", "",
		"show what a step is for: setsid, fork, chdir or umask")
	dDir = daemonFlags.String("dir", daemonDir(),
		"where its pid file and socket are")
	dFor = daemonFlags.Duration("for", 0,
		"end after this time; 0 is to run until stopped")
	dServe = daemonFlags.Bool("serve", false,
		"be the daemon: what -start executes")
)

func daemon() {
	// Or no wait would find its child, if we were started so.
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

// startDaemon makes a daemon and returns when that is ready, or
// has said why it can not be.
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
