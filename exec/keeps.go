//go:build linux

package main

import (
	"flag"
	"fmt"
	"os"

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
//	go run ./exec keeps --root   what only root can change

var (
	keepsFlags = flag.NewFlagSet("keeps", flag.ContinueOnError)
	keepsRoot  = keepsFlags.Bool("root", false,
		"show the attributes that only root can change")
)

// A kept attribute: what the child sets, and how it is shown.
type kept struct {
	name string
	set  func() error

	// get finds the value in the files of /proc, which the child
	// reads before the exec, and cat after it.
	get func(text map[string]string) string

	// Where /proc does not show it, now tells the value before the
	// exec, and the program by prints it after the exec.
	now func() string
	by  []string
}

// keptFiles are what cat prints, and the child itself before.
var keptFiles = []string{"stat", "status", "limits", "fdinfo/50"}

func keeps() {
	fmt.Printf("%-26s%-24s%s\n", "attribute", "before the exec",
		"after it")
	rows := keptRows
	if *keepsRoot {
		rows = keptRootRows
	}
	printKept(rows)
}

// printKept prints the rows. It says at the end if a value cannot
// be set.
func printKept(rows []kept) {
	all := true
	for _, row := range rows {
		all = row.print() && all
	}
	if !all {
		proc.Cannot("not all of these values can be set here: " +
			"run it as root, outside of a container")
	}
}

// cannotSet is the exit status of a child whose set failed.
const cannotSet = 99

// print makes the child of the row and prints what it wrote. It
// returns whether the child could set its value.
func (k kept) print() bool {
	read, write := newPipe()
	pid := childThat(func() {
		null := openFile("/dev/null", unix.O_WRONLY)
		if k.set != nil {
			if err := k.set(); err != nil {
				proc.Write(write, []byte(name(err)))
				proc.Exit(cannotSet)
			}
		}
		var argv []string
		if k.get != nil {
			argv = k.writeFiles(write)
		} else {
			proc.Write(write, append([]byte(k.now()), 0))
			argv = k.by
		}
		proc.Check(unix.Dup3(write, 1, 0))
		proc.Check(unix.Dup3(null, 2, 0))
		failed(proc.Execvp(argv[0], argv))
	})
	unix.Close(write)
	all := readPipe(read)
	status := reap(pid)
	unix.Close(read)
	isSet := status.ExitStatus() != cannotSet
	before, after := "cannot be set: "+all, "-"
	if isSet {
		before, after = k.values(all)
	}
	if status.Signaled() {
		after = "it ends by " + proc.SignalText(status.TermSig())
	}
	fmt.Printf("%-26s%-24s%s\n", k.name, before, after)
	return isSet
}

// writeFiles writes the files of /proc as they are before the exec,
// and returns the command that prints them after it.
func (k kept) writeFiles(to int) (argv []string) {
	argv = []string{"cat"}
	for _, file := range keptFiles {
		path := "/proc/self/" + file
		b, _ := os.ReadFile(path)
		proc.Write(to, append(b, 0))
		argv = append(argv, path, "/proc/self/comm")
	}
	return argv
}
