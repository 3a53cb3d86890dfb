//go:build linux

package main

import (
	"fmt"
	"os"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

// The part of ids that runs in a pid namespace of its own, where
// ns_last_pid says which id the next process would get.

// lastPid is the file with the id that was given out last.
const lastPid = "/proc/sys/kernel/ns_last_pid"

func namespace() {
	pid, err := proc.Fork()
	proc.Check(err)
	if pid == 0 {
		// One thread: it may make a user namespace too, in which
		// it has the right to make the other.
		err := unix.Unshare(unix.CLONE_NEWUSER | unix.CLONE_NEWPID)
		if err != nil {
			err = unix.Unshare(unix.CLONE_NEWPID)
		}
		lacking("pid namespace", err)
		pid, err := proc.Fork()
		proc.Check(err)
		if pid == 0 {
			first()
			proc.Exit(0)
		}
		proc.Exit(statusOf(pid))
	}
	os.Exit(statusOf(pid))
}

// lacking ends the process if this machine lacks something.
func lacking(what string, err error) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "fork ids: no %s here: %v; "+
			"try it as root, outside a container\n", what, err)
		proc.Exit(2)
	}
}

func statusOf(pid int) int {
	var status proc.WaitStatus
	_, err := proc.Waitpid(pid, &status, 0)
	proc.Check(err)
	return status.ExitStatus()
}

// first is process 1 of the namespace.
func first() {
	fd, err := unix.Open(lastPid, unix.O_WRONLY|unix.O_CLOEXEC, 0)
	lacking(lastPid, err)
	_, err = unix.Pwrite(fd, []byte("40"), 0)
	lacking("right to write to "+lastPid, err)
	say("process", "its parent is %d", unix.Getppid())

	killer := ask(fd, 50, func() {
		proc.Check(unix.Kill(1, unix.SIGKILL))
	})
	killer.end()
	say("process", "has survived kill(1, SIGKILL) of process %d",
		killer.pid)

	zombie := ask(fd, 50, nil)
	zombie.die()
	next := ask(fd, 50, nil)
	next.end()
	say("process", "50 is a zombie; asked for 50, got %d", next.pid)
	statusOf(zombie.pid) // the wait
	next = ask(fd, 50, nil)
	next.end()
	say("process", "50 was waited for; asked for 50, got %d",
		next.pid)

	leader := ask(fd, 60, func() { unix.Setpgid(0, 0) })
	proc.Check(unix.Setpgid(leader.pid, leader.pid))
	member := ask(fd, 61, nil)
	proc.Check(unix.Setpgid(member.pid, leader.pid))
	leader.end()
	next = ask(fd, 60, nil)
	next.end()
	say("process", "60 is a group of %d; asked for 60, got %d",
		member.pid, next.pid)
	member.end()
	next = ask(fd, 60, nil)
	next.end()
	say("process", "the group is gone; asked for 60, got %d",
		next.pid)
}

// A held process lives until it is told to end.
type held struct{ pid, leave int }

// ask forks when the id before this one was the last given out.
func ask(fd, id int, do func()) held {
	var leave [2]int
	proc.Check(unix.Pipe2(leave[:], unix.O_CLOEXEC))
	// A number counts at the start of the file only.
	_, err := unix.Pwrite(fd, []byte(fmt.Sprint(id-1)), 0)
	proc.Check(err)
	pid, err := proc.Fork()
	proc.Check(err)
	if pid == 0 {
		unix.Close(leave[1])
		if do != nil {
			do()
		}
		unix.Read(leave[0], make([]byte, 1))
		proc.Exit(0)
	}
	unix.Close(leave[0])
	return held{pid, leave[1]}
}

// die lets it end, and returns when it is a zombie.
func (h held) die() {
	proc.Write(h.leave, []byte("."))
	proc.Check(proc.Waitid(unix.P_PID, h.pid, nil,
		unix.WEXITED|unix.WNOWAIT))
}

// end waits for it too.
func (h held) end() {
	h.die()
	statusOf(h.pid)
	unix.Close(h.leave)
}
