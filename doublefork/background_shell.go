//go:build linux

package main

import (
	"errors"
	"flag"
	"fmt"
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
		"does this shell tell its background job?")
)

// jobLine is what the shell prints, not what it was told.
var jobLine = regexp.MustCompile(`job=(\d+)`)

// patience is how long a shell may take to start its job.
const patience = 10 * time.Second

// readWithin reads what comes, "" if nothing does in that time, or
// nobody is there to write.
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

// allStarted ends the program if the pipe to which each job was to
// say that it runs ended before all had.
func allStarted(err error) {
	if err != nil {
		proc.Check(errors.New("a job could not be started"))
	}
}

// realShell gives a shell a terminal and a background job, hangs
// the terminal up and reports whether the shell told its job.
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
	said := ""
	for over := time.Now().Add(patience); ; {
		more := readWithin(master, time.Until(over))
		if said += more; jobLine.MatchString(said) {
			break
		}
		if more == "" {
			unix.Kill(shell, unix.SIGKILL)
			fmt.Fprintf(os.Stderr, "background: %s does not say "+
				"$!, the pid of its job: use a shell like bash\n",
				name)
			proc.Exit(2)
		}
	}
	// A shell that is not back at its prompt may do otherwise: bash
	// 5.2 then tells nobody. Half a second is a guess, and what
	// follows is a report.
	proc.Sleep(time.Second / 2)
	job, _ := strconv.Atoi(jobLine.FindStringSubmatch(said)[1])
	proc.Check(unix.Close(master)) // the line goes dead
	var status proc.WaitStatus
	_, err = proc.Waitpid(shell, &status, 0)
	proc.Check(err)
	sayf("%s %d: %v\n", name, shell, status)

	// What the shell sent is sent by now. Of two pending signals
	// the lower number comes first: SIGHUP is 1, SIGTERM is 15.
	proc.Check(unix.Kill(job, unix.SIGTERM))
	_, err = proc.Waitpid(job, &status, 0)
	proc.Check(err)
	told := "was not told"
	if status.TermSig() == int(unix.SIGHUP) {
		told = "was sent SIGHUP by its shell"
	}
	sayf("its background job %d %s\n", job, told)
}
