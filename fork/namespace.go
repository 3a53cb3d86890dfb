//go:build linux

package main

import (
	"fmt"
	"os"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

// The part of ids that runs in a pid namespace of its own: there
// it can choose the next id, by writing the one before it to
// ns_last_pid.

// lastPid is the file with the last id that the kernel assigned.
const lastPid = "/proc/sys/kernel/ns_last_pid"

func namespace() {
	status := inChild(func() {
		// A process with one thread may make a user namespace.
		// That gives it the right to make a pid namespace.
		err := unix.Unshare(unix.CLONE_NEWUSER | unix.CLONE_NEWPID)
		if err != nil {
			err = unix.Unshare(unix.CLONE_NEWPID)
		}
		need("make a pid namespace", err)
		proc.Exit(inChild(process1).ExitStatus())
	})
	os.Exit(status.ExitStatus())
}

// need ends the program if err says that it cannot do something.
func need(what string, err error) {
	if err != nil {
		proc.Cannot("it cannot %s (%v): run it as root, outside "+
			"a container", what, err)
	}
}

// process1 is the first process of the namespace.
func process1() {
	fd, err := unix.Open(lastPid, unix.O_WRONLY|unix.O_CLOEXEC, 0)
	need("open "+lastPid, err)
	_, err = unix.Pwrite(fd, []byte("40"), 0)
	need("write to "+lastPid, err)
	say("process", "its parent is %d", unix.Getppid())

	killer := forkAs(fd, 50, func() {
		proc.Check(unix.Kill(1, unix.SIGKILL))
	})
	killer.end()
	say("process", "has survived kill(1, SIGKILL) of process %d",
		killer.pid)

	zombie := forkAs(fd, 50, nil)
	zombie.becomeZombie()
	next := forkAs(fd, 50, nil)
	next.end()
	say("process", "50 is a zombie; asked for 50, got %d", next.pid)
	reap(zombie.pid)
	next = forkAs(fd, 50, nil)
	next.end()
	say("process", "50 was waited for; asked for 50, got %d",
		next.pid)

	leader := forkAs(fd, 60, func() { unix.Setpgid(0, 0) })
	proc.Check(unix.Setpgid(leader.pid, leader.pid))
	member := forkAs(fd, 61, nil)
	proc.Check(unix.Setpgid(member.pid, leader.pid))
	leader.end()
	next = forkAs(fd, 60, nil)
	next.end()
	say("process", "60 is a group of %d; asked for 60, got %d",
		member.pid, next.pid)
	member.end()
	next = forkAs(fd, 60, nil)
	next.end()
	say("process", "the group is gone; asked for 60, got %d",
		next.pid)
}

// A heldChild lives until its parent tells it to end.
type heldChild struct {
	pid   int
	leave pipe
}

// forkAs asks for an id and forks: it makes the id before it the
// last one that was assigned.
func forkAs(fd, id int, do func()) heldChild {
	leave := newPipe()
	// The kernel reads a number at the start of the file only.
	_, err := unix.Pwrite(fd, []byte(fmt.Sprint(id-1)), 0)
	proc.Check(err)
	pid, err := proc.Fork()
	proc.Check(err)
	if pid == 0 {
		leave.onlyWaits()
		if do != nil {
			do()
		}
		leave.wait()
		proc.Exit(0)
	}
	leave.onlyTells()
	return heldChild{pid, leave}
}

// becomeZombie lets the child end, and returns when it is a zombie.
func (h heldChild) becomeZombie() {
	h.leave.tell()
	proc.Check(proc.Waitid(unix.P_PID, h.pid, nil,
		unix.WEXITED|unix.WNOWAIT))
}

// end lets the child end, and reaps it.
func (h heldChild) end() {
	h.becomeZombie()
	reap(h.pid)
	unix.Close(h.leave[1])
}
