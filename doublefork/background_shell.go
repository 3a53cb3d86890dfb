//go:build linux

package main

import (
	"errors"
	"flag"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"time"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

var (
	backgroundFlags = flag.NewFlagSet("background", 0)

	shellName = backgroundFlags.String("shell", "",
		"run this `shell`: does it send SIGHUP to its job?")
)

// jobLine is what the shell prints when it has started the job.
var jobLine = regexp.MustCompile(`job=(\d+)`)

// startLimit is how long a shell may take to start its job.
const startLimit = 10 * time.Second

// readWithin reads what comes. The result is "" if nothing comes in
// that time, or no process has the other end open.
func readWithin(fd int, limit time.Duration) string {
	fds := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
	ms := max(int(limit/time.Millisecond), 0)
	n, err := unix.Poll(fds, ms)
	for err == unix.EINTR {
		n, err = unix.Poll(fds, ms)
	}
	proc.Check(err)
	if n == 0 {
		return ""
	}
	part := make([]byte, 512)
	n, _ = reader(fd).Read(part)
	return string(part[:n])
}

// allStarted ends the program if the pipe gave end of file before
// every job had written its line.
func allStarted(err error) {
	if err != nil {
		proc.Check(errors.New("a job could not be started"))
	}
}

// realShell starts a shell on a terminal, lets it start a job in
// the background, and hangs up the terminal. It prints whether the
// shell sent SIGHUP to its job.
func realShell(name string) {
	path, err := exec.LookPath(name)
	proc.Check(err)
	err = unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
	proc.Check(err)
	master, terminal := openPty()
	shell, err := proc.Fork()
	proc.Check(err)
	if shell == 0 {
		unix.Close(master)
		proc.Check(proc.Signal(unix.SIGHUP, proc.Default))
		tty := leadSession(terminal)
		for fd := range 3 {
			proc.Check(unix.Dup3(tty, fd, 0))
		}
		env := append(os.Environ(), "ENV=", "HISTFILE=")
		proc.Check(proc.Execve(path, []string{name, "-i"}, env))
	}

	_, err = proc.Write(master, []byte("sleep 60 & echo job=$!\n"))
	proc.Check(err)
	output := ""
	for end := time.Now().Add(startLimit); ; {
		more := readWithin(master, time.Until(end))
		if output += more; jobLine.MatchString(output) {
			break
		}
		if more == "" {
			unix.Kill(shell, unix.SIGKILL)
			proc.Cannot("%s does not print $!, the pid of its "+
				"job: use a shell like bash", name)
		}
	}
	// bash 5.2 sends no SIGHUP if it is not back at its prompt.
	// Half a second is a guess, so the result is only printed.
	proc.Sleep(time.Second / 2)
	job, _ := strconv.Atoi(jobLine.FindStringSubmatch(output)[1])
	proc.Check(unix.Close(master)) // the terminal hangs up
	var status proc.WaitStatus
	_, err = proc.Waitpid(shell, &status, 0)
	proc.Check(err)
	sayf("%s %d: %v\n", name, shell, status)

	// The shell has ended, so it has sent what it sends. Of two
	// pending signals the one with the lower number is delivered
	// first: SIGHUP is 1, SIGTERM is 15.
	proc.Check(unix.Kill(job, unix.SIGTERM))
	_, err = proc.Waitpid(job, &status, 0)
	proc.Check(err)
	got := "got no SIGHUP"
	if status.TermSig() == int(unix.SIGHUP) {
		got = "got SIGHUP from its shell"
	}
	sayf("its background job %d %s\n", job, got)
}
