//go:build linux

package main

import (
	"encoding/binary"
	"fmt"
	"os"
	"strings"
	"time"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

// Deadlock lets the child of a vfork wait for its parent.
//
// The book: if the child of a vfork needs something from its
// parent before it calls exec or exit, the two are in a deadlock.
//
// Linux today: the same. The parent is in state D: only SIGKILL
// reaches it. The child is in state S, in a read. Another process,
// the watchdog, ends the deadlock.
//
// To see it:
//
//	go run ./vfork deadlock

func deadlock() {
	var p [2]int
	proc.Check(unix.Pipe2(p[:], unix.O_CLOEXEC))
	// In this mapping the child tells the watchdog its pid.
	shared, err := unix.Mmap(-1, 0, 4,
		unix.PROT_READ|unix.PROT_WRITE,
		unix.MAP_SHARED|unix.MAP_ANONYMOUS)
	proc.Check(err)
	parent := os.Getpid()
	watchdog, err := proc.Fork()
	proc.Check(err)
	if watchdog == 0 {
		unix.Close(p[0])
		unix.Close(p[1])
		watch(parent, shared)
		proc.Exit(0)
	}

	say("parent", parent, "calls vfork")
	b := make([]byte, 1)
	pid, err := proc.Vfork(func() {
		me, _, _ := rawGetpid()
		unix.RawSyscall(unix.SYS_CLOSE, uintptr(p[1]), 0, 0)
		say("child", int(me), "reads what its parent should write")
		binary.NativeEndian.PutUint32(shared, uint32(me))
		proc.Read(p[0], b)
		proc.Exit(0)
	})
	proc.Check(err)
	var status proc.WaitStatus
	_, err = proc.Waitpid(pid, &status, 0)
	proc.Check(err)
	say("parent", parent, "runs again; its child ended by")
	say("parent", parent, status.String())
	_, err = proc.Waitpid(watchdog, nil, 0)
	proc.Check(err)
}

// watch is the watchdog. It looks until both sleep, looks again
// later, and then kills the child.
func watch(parent int, shared []byte) {
	me, child := os.Getpid(), 0
	for state(parent) != "D" || child == 0 || state(child) != "S" {
		if state(parent) == "" {
			return
		}
		proc.Sleep(time.Millisecond)
		child = int(binary.NativeEndian.Uint32(shared))
	}
	seen := fmt.Sprintf("parent %d is in state D, child %d in S",
		parent, child)
	say("watchdog", me, seen)
	proc.Sleep(300 * time.Millisecond)
	say("watchdog", me, seen+" still")
	say("watchdog", me, "neither can continue: kills the child")
	proc.Check(unix.Kill(child, unix.SIGKILL))
}

// state is the letter of the process's state in /proc, or "" if
// the process is gone.
func state(pid int) string {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return ""
	}
	// The name may contain spaces and parentheses.
	end := strings.LastIndexByte(string(b), ')')
	return string(b[end+2 : end+3])
}
