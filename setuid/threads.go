//go:build linux

package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"

	"apue/ch8/proc"
	"apue/ch8/stdio"
)

// Threads looks at whose ids a call changes in a process with
// several threads (§8.11).
//
// The book: the ids belong to the process.
//
// Linux today: the kernel keeps them for each thread. The bare
// system call changes those of the thread that makes it. The
// library's setuid changes them for all threads: it has each of
// them make the call, in C by a signal to each, and Go does the
// same since 1.16. If the threads differ by then, so that the call
// fails in one of them, Go ends the program.
//
// In a child of proc.Fork the library's call would end the process:
// the runtime waits for threads that do not exist there. Such a
// child has one thread, and uses the bare call.
//
// To see it, as root:
//
//	go run ./setuid threads

var (
	threadsFlags = flag.NewFlagSet("threads", 0)
	differ       = threadsFlags.Bool("differ", false,
		"for itself: call the library when the threads differ")
)

func threads() {
	runtime.LockOSThread()
	if *differ {
		otherThread(func() {
			needs(proc.Setresuid(idA, idA, idA), "CAP_SETUID")
		})
		syscall.Setresuid(idB, idB, idB) // the other one cannot
		stdio.Exit(0)
	}
	release := otherThread(func() {})
	say("at the start: %s", ofThreads())
	needs(proc.Setresuid(keep, idA, keep), "CAP_SETUID")
	say("the bare call: %s", ofThreads())
	proc.Check(proc.Setresuid(keep, root, keep))
	needs(syscall.Setresuid(keep, idA, keep), "CAP_SETUID")
	say("the library's: %s", ofThreads())
	close(release)
	proc.Check(syscall.Setresuid(keep, root, keep))

	cmd := exec.Command("/proc/self/exe", "threads", "--differ")
	// The runtime says nothing but why it ends.
	cmd.Env = append(os.Environ(), "GOTRACEBACK=none")
	err := cmd.Run()
	say("the library's, where threads differ: %v", err)
	stdio.Exit(0)
}

// otherThread starts a thread that does something, and then waits.
func otherThread(do func()) chan bool {
	ready, release := make(chan bool), make(chan bool)
	go func() {
		runtime.LockOSThread()
		do()
		close(ready)
		<-release
	}()
	<-ready
	return release
}

// ofThreads says whether all threads have the same user ids.
func ofThreads() string {
	dir, err := os.ReadDir("/proc/self/task")
	proc.Check(err)
	kinds := map[string]int{}
	for _, task := range dir {
		kinds[statusLine(fmt.Sprintf("/proc/self/task/%s/status",
			task.Name()), "Uid")]++
	}
	if len(kinds) == 1 {
		return "all threads have the same ids"
	}
	for _, n := range kinds {
		if n == 1 {
			return "one thread has other ids"
		}
	}
	return "the threads differ"
}
