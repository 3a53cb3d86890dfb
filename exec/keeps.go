//go:build linux

package main

import (
	"fmt"
	"os"
	"strings"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

// Keeps shows what an exec keeps: the list of section 8.10.
//
// The book: process id and parent process id, real ids and groups,
// process group, session, controlling terminal, time left until an
// alarm, working and root directory, file mode creation mask, file
// locks, signal mask, pending signals, resource limits, nice value
// and processor times.
//
// Linux today: the same. Each row has a child of its own, which
// sets an unusual value, and executes cat. cat prints the files of
// /proc that say what the value is: it is not a Go program, whose
// runtime would change the signals when it starts.
//
// To see it:
//
//	go run ./exec keeps

// A kept attribute: what the child sets, and where /proc shows it.
type kept struct {
	name string
	set  func() error
	get  func(text map[string]string) string
}

// keptFiles are what cat prints, and the child itself before.
var keptFiles = []string{"stat", "status", "limits", "fdinfo/50"}

var keptRows = []kept{
	{"process ID", nil, statOf(1)},
	{"parent process ID", nil, statOf(4)},
	{"process group ID",
		func() error { return unix.Setpgid(0, 0) }, statOf(5)},
	{"session ID",
		func() error { _, err := unix.Setsid(); return err },
		statOf(6)},
	{"file mode creation mask",
		func() error { unix.Umask(0o135); return nil },
		statusOf("Umask")},
	{"signal mask",
		func() error { block(unix.SIGUSR1); return nil },
		statusOf("SigBlk")},
	{"pending signal", func() error {
		block(unix.SIGUSR1)
		return unix.Kill(os.Getpid(), unix.SIGUSR1)
	}, statusOf("ShdPnd")},
	{"resource limit", func() error {
		var limit unix.Rlimit
		unix.Getrlimit(unix.RLIMIT_FSIZE, &limit)
		limit.Cur = 12345678
		return unix.Setrlimit(unix.RLIMIT_FSIZE, &limit)
	}, func(text map[string]string) string {
		_, rest, _ := strings.Cut(text["limits"], "Max file size")
		return strings.Fields(rest + " ?")[0]
	}},
	{"nice value", func() error {
		return proc.Setpriority(unix.PRIO_PROCESS, 0, 17)
	}, statOf(19)},
	{"processor time", func() error {
		var used unix.Timespec
		for used.Nano() < 50e6 {
			unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &used)
		}
		return nil
	}, func(text map[string]string) string {
		var user, system int
		fmt.Sscan(statOf(14)(text), &user)
		fmt.Sscan(statOf(15)(text), &system)
		if user+system >= 3 {
			return "3 ticks or more"
		}
		return "less than 3 ticks"
	}},
	{"record lock", func() error {
		return lockFile(func(fd int) error {
			all := unix.Flock_t{Type: unix.F_WRLCK}
			return unix.FcntlFlock(uintptr(fd), unix.F_SETLK, &all)
		})
	}, lockKind("POSIX")},
	{"flock lock", func() error {
		return lockFile(func(fd int) error {
			return unix.Flock(fd, unix.LOCK_EX)
		})
	}, lockKind("FLOCK")},
}

func keeps() {
	fmt.Printf("%-26s%-24s%s\n", "attribute", "before the exec",
		"after it")
	for _, row := range keptRows {
		row.print()
	}
}

// print makes the child of the row and prints what it wrote.
func (k kept) print() {
	var p [2]int
	proc.Check(unix.Pipe2(p[:], unix.O_CLOEXEC))
	pid := childThat(func() {
		if k.set != nil {
			proc.Check(k.set())
		}
		argv := []string{"cat"}
		for _, file := range keptFiles {
			path := "/proc/self/" + file
			b, _ := os.ReadFile(path)
			proc.Write(p[1], append(b, 0))
			argv = append(argv, path, "/proc/self/comm")
		}
		proc.Check(unix.Dup3(p[1], 1, 0))
		null := openFile("/dev/null", unix.O_WRONLY)
		proc.Check(unix.Dup3(null, 2, 0))
		failed(proc.Execvp("cat", argv))
	})
	unix.Close(p[1])
	before, after := keptTexts(readPipe(p[0]))
	reap(pid)
	unix.Close(p[0])
	fmt.Printf("%-26s%-24s%s\n", k.name, k.get(before),
		k.get(after))
}
