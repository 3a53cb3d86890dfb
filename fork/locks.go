//go:build linux

package main

import (
	"fmt"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

// How the rows of differ lock a file, and look which process has
// the lock.

// file is what the two rows lock.
var file int

func openFile() (err error) {
	file, err = unix.MemfdCreate("differ", 0)
	return err
}

func lockRecord() error {
	if err := openFile(); err != nil {
		return err
	}
	lock := unix.Flock_t{Type: unix.F_WRLCK}
	return unix.FcntlFlock(uintptr(file), unix.F_SETLK, &lock)
}

// record asks which lock would block one of this process.
func record() string {
	lock := unix.Flock_t{Type: unix.F_WRLCK}
	proc.Check(unix.FcntlFlock(uintptr(file), unix.F_GETLK, &lock))
	if lock.Type == unix.F_UNLCK {
		return "is its own"
	}
	return fmt.Sprint("is that of ", lock.Pid)
}

func lockFile() error {
	if err := openFile(); err != nil {
		return err
	}
	return unix.Flock(file, unix.LOCK_EX)
}

// locked asks whether this process has the lock. If it has, it can
// lock the same open file description again, but not another one.
func locked() string {
	again, err := unix.Open(fmt.Sprint("/proc/self/fd/", file),
		unix.O_RDWR|unix.O_CLOEXEC, 0)
	proc.Check(err)
	defer unix.Close(again)
	if unix.Flock(again, unix.LOCK_EX|unix.LOCK_NB) == nil {
		return "is free"
	}
	if unix.Flock(file, unix.LOCK_EX|unix.LOCK_NB) == nil {
		return "is its own"
	}
	return "belongs to another"
}
