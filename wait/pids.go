//go:build linux

package main

import (
	"os"

	"apue/ch8/proc"
	"apue/ch8/stdio"

	"golang.org/x/sys/unix"
)

// Pids tries every form of waitpid's first argument (§8.6).
//
// The book: a pid asks for that child alone, −1 for any, 0 for
// any of the caller's process group, −g for any of the group g;
// what is no child of the caller's is an error.
//
// Linux today: the same. The group that 0 stands for is the
// caller's at the time of the call, and one error says it all:
// ECHILD. All children are zombies before the first is asked for,
// so that only the argument can decide which one comes.
//
// To see it:
//
//	go run ./wait pids

func pids() {
	gate := make([]int, 2)
	proc.Check(unix.Pipe2(gate, unix.O_CLOEXEC))

	sibling, err := proc.Fork()
	proc.Check(err)
	if sibling == 0 { // lives until the original closes the gate
		unix.Close(gate[1])
		unix.Read(gate[0], make([]byte, 1))
		proc.Exit(0)
	}

	parent, err := proc.Fork()
	proc.Check(err)
	if parent == 0 {
		pidsParent(sibling)
		stdio.Exit(0)
	}
	_, err = proc.Waitpid(parent, nil, 0)
	proc.Check(err)
	unix.Close(gate[1])
	_, err = proc.Waitpid(sibling, nil, 0)
	proc.Check(err)
}

// pidsParent has six children: child n exits with n. The first
// four stay in its process group, the others make one.
func pidsParent(sibling int) {
	var child [7]int
	for n := 1; n <= 6; n++ {
		pid, err := proc.Fork()
		proc.Check(err)
		if pid == 0 {
			if n == 5 {
				unix.Setpgid(0, 0)
			} else if n == 6 {
				unix.Setpgid(0, child[5])
			}
			proc.Exit(n)
		}
		child[n] = pid
		// Wait until it is a zombie, and leave it one.
		proc.Check(proc.Waitid(unix.P_PID, pid, nil,
			unix.WEXITED|unix.WNOWAIT))
	}
	group := child[5]
	stdio.Printf("parent %d: six zombies, 1 to 4 in my group,\n"+
		"5 and 6 in group %d\n", os.Getpid(), group)

	ask("waitpid(child 3)", child[3])
	ask("waitpid(0)", 0)
	ask("waitpid(-group of 5)", -group)
	proc.Check(unix.Setpgid(0, group))
	stdio.Printf("the parent joins the group of 5 and 6\n")
	ask("waitpid(0)", 0)
	ask("waitpid(-1)", -1)

	var status proc.WaitStatus
	pid, err := proc.Wait(&status)
	answer("wait()", pid, status, err)

	stdio.Printf("and of these none is a child to wait for:\n")
	ask("waitpid(child 3)", child[3])
	ask("waitpid(parent itself)", os.Getpid())
	ask("waitpid(its parent)", os.Getppid())
	ask("waitpid(its sibling)", sibling)
	ask("waitpid(pid 1)", 1)
	ask("waitpid(-1)", -1)
}

// ask calls waitpid and prints the answer.
func ask(call string, pid int) {
	var status proc.WaitStatus
	got, err := proc.Waitpid(pid, &status, 0)
	answer(call, got, status, err)
}

func answer(call string, pid int,
	status proc.WaitStatus, err error) {
	if err != nil {
		stdio.Printf("%-22s %s\n", call, errno(err))
		return
	}
	stdio.Printf("%-22s child %d (pid %d)\n",
		call, status.ExitStatus(), pid)
}
