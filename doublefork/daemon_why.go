//go:build linux

package main

import (
	"os"
	"syscall"

	"apue/ch8/proc"
	"apue/ch8/stdio"

	"golang.org/x/sys/unix"
)

// why shows what a step of the recipe is for. It does so in a
// child, because a step cannot be undone.
func why(step string) {
	show := map[string]func(){
		"setsid": whySetsid, "fork": whyFork,
		"chdir": whyChdir, "umask": whyUmask,
	}[step]
	if show == nil {
		proc.Cannot("--why takes setsid, fork, chdir or umask")
	}
	pid, err := proc.Fork()
	proc.Check(err)
	if pid == 0 {
		show()
		stdio.Exit(0)
	}
	var status proc.WaitStatus
	_, err = proc.Waitpid(pid, &status, 0)
	proc.Check(err)
	os.Exit(status.ExitStatus())
}

// whySetsid shows that setuid, which some notes name here, does not
// make a session.
func whySetsid() {
	ids := func() [2]int {
		s, err := unix.Getsid(0)
		proc.Check(err)
		return [2]int{s, syscall.Getpgrp()}
	}
	before := ids()
	// The bare system call, because unix.Setuid waits for threads
	// of the runtime that a forked child does not have. Only root
	// can change to another user.
	_, _, errno := unix.RawSyscall(unix.SYS_SETUID, 65534, 0, 0)
	if errno != 0 {
		_, _, errno = unix.RawSyscall(unix.SYS_SETUID,
			uintptr(os.Getuid()), 0, 0)
	}
	if errno != 0 {
		proc.Check(errno)
	}
	sayf("after setuid: session and group as before: %t\n",
		ids() == before)
	_, err := unix.Setsid()
	proc.Check(err)
	own := [2]int{os.Getpid(), os.Getpid()}
	sayf("after setsid: session and group are its own: %t\n",
		ids() == own)
}

// whyFork opens a terminal in a session leader, and in a process
// that is not a session leader.
func whyFork() {
	opens := func(role string) {
		_, terminal := openPty()
		_, err := unix.Open(terminal, unix.O_RDWR|unix.O_CLOEXEC, 0)
		proc.Check(err)
		controlling := "none"
		if tty, err := unix.Open("/dev/tty", 0, 0); err == nil {
			controlling = "that one"
			unix.Close(tty)
		}
		sayf("%s opens a terminal, "+
			"its controlling terminal is %s\n", role, controlling)
	}
	pid, err := proc.Fork()
	proc.Check(err)
	if pid == 0 {
		_, err := unix.Setsid()
		proc.Check(err)
		opens("a session leader")
		proc.Exit(0)
	}
	_, err = proc.Waitpid(pid, nil, 0)
	proc.Check(err)

	_, err = unix.Setsid()
	proc.Check(err)
	pid, err = proc.Fork()
	proc.Check(err)
	if pid == 0 {
		opens("its child")
		proc.Exit(0)
	}
	_, err = proc.Waitpid(pid, nil, 0)
	proc.Check(err)
}
