//go:build linux

package main

import (
	"os"
	"runtime"

	"apue/ch8/proc"
	"apue/ch8/stdio"

	"golang.org/x/sys/unix"
)

// Kernel shows what the kernel does when a process ends.
//
// The book: in whatever way a process ends, the same code in the
// kernel runs: it closes all open descriptors of the process and
// releases its memory. It sends SIGCHLD to the parent; the default
// is to ignore this signal.
//
// Linux today: the same. Another process can see it: the reader of
// a pipe gets end of file when the last writer is gone, and record
// locks are released. The memory is released at once, while the
// process is still a zombie.
//
// To see it:
//
//	go run ./exit kernel

func kernel() {
	file, err := os.CreateTemp("", "apue-")
	proc.Check(err)
	os.Remove(file.Name()) // the descriptor is enough
	fd := int(file.Fd())
	for _, way := range []string{"_exit", "SIGKILL"} {
		whatRemains(fd, way)
	}
	runtime.KeepAlive(file) // or the collector would close it
	stdio.Exit(0)
}

// whatRemains makes a child with a lock, memory and the only write
// end of a pipe. When the child has ended it looks what remains.
func whatRemains(file int, way string) {
	var reader, leave [2]int
	proc.Check(unix.Pipe2(reader[:], unix.O_CLOEXEC))
	proc.Check(unix.Pipe2(leave[:], unix.O_CLOEXEC))
	pid, err := proc.Fork()
	proc.Check(err)
	if pid == 0 {
		proc.Check(lock(file))
		memory := make([]byte, 8<<20)
		for i := range memory {
			memory[i] = 1
		}
		proc.Write(reader[1], memory[:1]) // ready
		unix.Read(leave[0], memory[:1])
		proc.Exit(0)
	}
	unix.Close(reader[1])
	unix.Close(leave[0])

	var b [1]byte
	_, err = unix.Read(reader[0], b[:])
	proc.Check(err)
	say("child %d runs; our lock: %s", pid, result(lock(file)))
	if way == "SIGKILL" {
		proc.Check(unix.Kill(pid, unix.SIGKILL))
	} else {
		proc.Write(leave[1], b[:])
	}

	n, err := unix.Read(reader[0], b[:])
	proc.Check(err)
	untilZombie(pid)
	say("ended by %s: read gives %d, our lock: %s", way, n,
		result(lock(file)))
	say("state %s, memory: %t", statField(pid, 3), hasMemory(pid))
	reap(pid)

	unlock := unix.Flock_t{Type: unix.F_UNLCK}
	unix.FcntlFlock(uintptr(file), unix.F_SETLK, &unlock)
	unix.Close(reader[0])
	unix.Close(leave[1])
}

// lock locks the whole file, or fails at once with EAGAIN.
func lock(file int) error {
	all := unix.Flock_t{Type: unix.F_WRLCK}
	return unix.FcntlFlock(uintptr(file), unix.F_SETLK, &all)
}
