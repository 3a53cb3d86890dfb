//go:build linux

package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"time"

	"apue/ch8/proc"
	"apue/ch8/stdio"

	"golang.org/x/sys/unix"
)

// What several experiments of this folder use.

// child makes a child that ends with the exit status when its
// parent closes leave. If stops is true it first stops itself.
func child(status int, stops bool) (pid, leave int) {
	pipe := make([]int, 2)
	proc.Check(unix.Pipe2(pipe, unix.O_CLOEXEC))
	pid, err := proc.Fork()
	proc.Check(err)
	if pid == 0 {
		unix.Close(pipe[1])
		if stops {
			proc.Raise(unix.SIGSTOP)
		}
		unix.Read(pipe[0], make([]byte, 1))
		proc.Exit(status)
	}
	unix.Close(pipe[0])
	return pid, pipe[1]
}

// reap waits for the child.
func reap(pid int) {
	got, err := proc.Waitpid(pid, nil, 0)
	if err != nil || got != pid {
		stdio.Printf("  wait returned %d, %v\n", got, err)
	}
}

// untilZombie returns when the child is a zombie. It does not reap
// the child.
func untilZombie(pid int) {
	proc.Check(proc.Waitid(unix.P_PID, pid, nil,
		unix.WEXITED|unix.WNOWAIT))
}

// errno is the name of the error number in err.
func errno(err error) string {
	var n unix.Errno
	errors.As(err, &n)
	return unix.ErrnoName(n)
}

// untilAsleep returns when the thread tid of the process pid sleeps
// in a wait: it has been in state S at five looks in a row. To look
// is reliable; to sleep for some time would be a guess.
func untilAsleep(pid, tid int) {
	name := fmt.Sprintf("/proc/%d/task/%d/stat", pid, tid)
	for looks := 0; looks < 5; looks++ {
		b, err := os.ReadFile(name)
		if err != nil {
			return // it is gone
		}
		// The state follows the name, which may contain anything.
		state := b[bytes.LastIndexByte(b, ')')+1:]
		if !bytes.HasPrefix(state, []byte(" S")) ||
			sleepsElsewhere(pid, tid) {
			looks = -1
		}
		proc.Sleep(time.Millisecond)
	}
}

// sleepsElsewhere says that the thread sleeps, but not in a wait:
// the runtime sleeps too. If the kernel does not say where a thread
// sleeps, the result is false.
func sleepsElsewhere(pid, tid int) bool {
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/wchan",
		pid, tid))
	return len(b) > 1 && !bytes.HasPrefix(b, []byte("do_wait"))
}
