//go:build linux

package main

import (
	"fmt"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

// How the rows of inherit set and read shared memory, mappings,
// limits and the nice value.

var segment, mapped []byte

// attach makes and attaches a segment. The kernel removes it when
// the last process that has it attached ends.
func attach() error {
	id, err := unix.SysvShmGet(unix.IPC_PRIVATE, 4096, 0o600)
	if err != nil {
		return err
	}
	defer unix.SysvShmCtl(id, unix.IPC_RMID, nil)
	segment, err = unix.SysvShmAttach(id, 0, 0)
	copy(segment, "hello")
	return err
}

func mapFile() error {
	fd, err := unix.MemfdCreate("inherit", 0)
	if err != nil {
		return err
	}
	proc.Write(fd, []byte("hello"))
	mapped, err = unix.Mmap(fd, 0, 5, unix.PROT_READ,
		unix.MAP_SHARED)
	return err
}

func limitFiles() error {
	var limit unix.Rlimit
	unix.Getrlimit(unix.RLIMIT_FSIZE, &limit)
	limit.Cur = 12345678
	return unix.Setrlimit(unix.RLIMIT_FSIZE, &limit)
}

func fileLimit() string {
	var limit unix.Rlimit
	unix.Getrlimit(unix.RLIMIT_FSIZE, &limit)
	return fmt.Sprintf("%d bytes", limit.Cur)
}

// niceness is the nice value. The system call returns 20 minus the
// nice value, so that no value looks like an error.
func niceness() string {
	n, _ := unix.Getpriority(unix.PRIO_PROCESS, 0)
	return fmt.Sprint(20 - n)
}
