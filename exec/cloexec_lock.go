//go:build linux

package main

import (
	"fmt"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

// losesLock has a child that takes a record lock and a flock lock,
// has another descriptor of the same file with close-on-exec, and
// executes a program.
func losesLock() {
	folder, remove := newFolder()
	defer remove()
	file := folder + "/data.txt"
	mine, err := unix.Open(file, unix.O_RDWR|unix.O_CREAT|
		unix.O_CLOEXEC, 0o600)
	proc.Check(err)
	ready, locked := newPipe()
	goOn, leave := newPipe()
	exec, atExec := newPipe()
	pid := childThat(func() {
		unix.Close(leave)
		fd, err := unix.Open(file, unix.O_RDWR, 0)
		proc.Check(err)
		_, err = unix.Open(file, unix.O_RDWR|unix.O_CLOEXEC, 0)
		proc.Check(err)
		all := unix.Flock_t{Type: unix.F_WRLCK}
		proc.Check(unix.FcntlFlock(uintptr(fd), unix.F_SETLK,
			&all))
		proc.Check(unix.Flock(fd, unix.LOCK_EX))
		proc.Write(locked, []byte("."))
		proc.Read(goOn, make([]byte, 1))
		proc.Check(unix.Dup3(goOn, 0, 0)) // what cat reads
		failed(proc.Execlp("cat", "cat"))
	})
	unix.Close(atExec)
	proc.Read(ready, make([]byte, 1))
	say("parent", "before the exec, %s", locks(mine, pid))
	proc.Write(leave, []byte("."))
	proc.Read(exec, make([]byte, 1)) // end of file
	say("parent", "after the exec, %s", locks(mine, pid))
	unix.Close(leave)
	reap(pid)
}

// locks says which of its two locks the child has.
func locks(fd, child int) string {
	record, flock := "no record lock", "no flock lock"
	all := unix.Flock_t{Type: unix.F_WRLCK}
	err := unix.FcntlFlock(uintptr(fd), unix.F_GETLK, &all)
	proc.Check(err)
	if all.Type != unix.F_UNLCK && int(all.Pid) == child {
		record = "a record lock"
	}
	if unix.Flock(fd, unix.LOCK_EX|unix.LOCK_NB) != nil {
		flock = "a flock lock"
	} else {
		unix.Flock(fd, unix.LOCK_UN)
	}
	return fmt.Sprintf("the child has %s and %s", record, flock)
}
