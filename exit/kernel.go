//go:build linux

package main

import (
	"os"
	"runtime"
	"strings"

	"apue/ch8/proc"
	"apue/ch8/stdio"

	"golang.org/x/sys/unix"
)

// Kernel shows what the kernel does however a process ends.
//
// The book: whether it ends normally or not, the same code in the
// kernel runs in the end: it closes all open descriptors and
// frees the memory. It tells the parent by SIGCHLD, which is
// ignored by default.
//
// Linux today: the same. That descriptors are closed is seen
// from outside: a reader gets end of file when the last writer is
// gone, and the record locks are freed. The memory goes at once,
// also while the process is still a zombie.
//
// To see it:
//
//	go run ./exit kernel

func kernel() {
	file, err := os.CreateTemp("", "apue-")
	proc.Check(err)
	os.Remove(file.Name()) // the descriptor is all we need
	fd := int(file.Fd())
	for _, how := range []string{"_exit", "SIGKILL"} {
		afterlife(fd, how)
	}
	runtime.KeepAlive(file) // a file collected is a file closed
	stdio.Exit(0)
}

// afterlife makes a child with a lock, memory and the only write
// end of a pipe, has it end, and looks what is left.
func afterlife(file int, how string) {
	var reader, gate [2]int
	proc.Check(unix.Pipe2(reader[:], unix.O_CLOEXEC))
	proc.Check(unix.Pipe2(gate[:], unix.O_CLOEXEC))
	pid, err := proc.Fork()
	proc.Check(err)
	if pid == 0 {
		proc.Check(lock(file))
		memory := make([]byte, 8<<20)
		for i := range memory {
			memory[i] = 1
		}
		proc.Write(reader[1], memory[:1]) // ready
		unix.Read(gate[0], memory[:1])
		proc.Exit(0)
	}
	unix.Close(reader[1])
	unix.Close(gate[0])

	var b [1]byte
	_, err = unix.Read(reader[0], b[:])
	proc.Check(err)
	say("child %d runs; our lock: %s", pid, result(lock(file)))
	if how == "SIGKILL" {
		proc.Check(unix.Kill(pid, unix.SIGKILL))
	} else {
		proc.Write(gate[1], b[:])
	}

	n, err := unix.Read(reader[0], b[:])
	proc.Check(err)
	proc.Check(proc.Waitid(unix.P_PID, pid, nil,
		unix.WEXITED|unix.WNOWAIT))
	say("ended by %s: read gives %d, our lock: %s", how, n,
		result(lock(file)))
	say("state %s, memory: %t", statField(pid, 3), hasMemory(pid))
	_, err = proc.Waitpid(pid, nil, 0)
	proc.Check(err)

	unlock := unix.Flock_t{Type: unix.F_UNLCK}
	unix.FcntlFlock(uintptr(file), unix.F_SETLK, &unlock)
	unix.Close(reader[0])
	unix.Close(gate[1])
}

// lock locks the whole file, or fails at once with EAGAIN.
func lock(file int) error {
	all := unix.Flock_t{Type: unix.F_WRLCK}
	return unix.FcntlFlock(uintptr(file), unix.F_SETLK, &all)
}

// hasMemory reports whether the process has an address space.
func hasMemory(pid int) bool {
	return strings.Contains(procFile(pid, "status"), "VmSize:")
}
