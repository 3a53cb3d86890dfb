//go:build linux

package main

import (
	"os"
	"runtime"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

// Private shows what the child of a vfork does not share with its
// parent.
//
// The book: the child of a vfork runs in the address space of the
// parent. Otherwise vfork is like fork: it is called in the same
// way and returns the same values.
//
// Linux today: the table of descriptors, the working directory and
// the umask are copied, as after a fork, and no signal is pending
// in the child. Only memory is shared (CLONE_VM). clone has a flag
// for each of the others, which vfork does not set: see
// go run ./fork clone.
//
// To see it:
//
//	go run ./vfork private

// main stays on the first thread: /proc/PID/status shows the
// pending signals of this thread.
func init() { runtime.LockOSThread() }

func private() {
	fd, err := unix.Open("/dev/null", unix.O_RDONLY, 0)
	proc.Check(err)
	proc.Check(unix.Chdir("/dev"))
	unix.Umask(027)
	set := unix.Sigset_t{}
	set.Val[0] = 1 << (unix.SIGUSR1 - 1)
	proc.Check(unix.PthreadSigmask(unix.SIG_BLOCK, &set, nil))
	proc.Check(proc.Raise(unix.SIGUSR1)) // blocked: it is pending

	me := os.Getpid()
	say("parent", me, "/dev, umask 027, a file, SIGUSR1 pending")
	root, err := unix.Open("/", unix.O_PATH, 0)
	proc.Check(err)
	pid, err := proc.Vfork(func() {
		me, _, _ := rawGetpid()
		say("child", int(me), "has what its parent has")
		unix.RawSyscall(unix.SYS_CLOSE, uintptr(fd), 0, 0)
		unix.RawSyscall(unix.SYS_FCHDIR, uintptr(root), 0, 0)
		unix.RawSyscall(unix.SYS_UMASK, 077, 0, 0)
		say("child", int(me), "close, chdir to /, umask 077")
		proc.Exit(0)
	})
	proc.Check(err)

	var info unix.Stat_t
	open := "the file is open"
	if unix.Fstat(fd, &info) != nil {
		open = "the file is closed"
	}
	cwd, err := unix.Getwd()
	proc.Check(err)
	mask := "umask 027"
	if unix.Umask(027) != 027 {
		mask = "another umask"
	}
	say("parent", me, cwd+", "+mask+", "+open)
	_, err = proc.Waitpid(pid, nil, 0)
	proc.Check(err)
}
