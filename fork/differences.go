//go:build linux

package main

import (
	"fmt"
	"os"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

// How the rows of differ set and read what differs.

// A clock is one of the four times of times(2), and how to make it
// go on.
type clock struct {
	read func(unix.Tms) int64
	work func()
}

var (
	utime = &clock{func(t unix.Tms) int64 { return t.Utime },
		count}
	stime = &clock{func(t unix.Tms) int64 { return t.Stime },
		read}
	cutime = &clock{func(t unix.Tms) int64 { return t.Cutime },
		nil}
	cstime = &clock{func(t unix.Tms) int64 { return t.Cstime },
		nil}
)

func (c *clock) now() int64 {
	var t unix.Tms
	_, err := unix.Times(&t)
	proc.Check(err)
	return c.read(t)
}

// enough is what makes a time unusual, in ticks of 10 ms.
const enough = 3

// use spends processor time until the clock shows enough of it.
func use(c *clock) error {
	for start := c.now(); c.now()-start < enough; {
		c.work()
	}
	return nil
}

// let does it in a child that it waits for.
func let(c *clock) error {
	pid, err := proc.Fork()
	if err != nil {
		return err
	}
	if pid == 0 {
		use(c)
		proc.Exit(0)
	}
	_, err = proc.Waitpid(pid, nil, 0)
	return err
}

// count works in user mode.
func count() {
	for i := range 100_000 {
		zeros[i]++
	}
}

// read works in the kernel, which fills the buffer with zeros.
func read() {
	fd, err := unix.Open("/dev/zero", unix.O_RDONLY, 0)
	proc.Check(err)
	defer unix.Close(fd)
	unix.Read(fd, zeros[:])
}

var zeros [1 << 20]byte

// ticks says what the clock shows. A child that looks may have
// used a tick by then.
func ticks(c *clock) string {
	switch n := c.now(); {
	case n <= 1:
		return "1 tick at most"
	case n < enough:
		return fmt.Sprint(n)
	}
	return fmt.Sprint(enough, " ticks or more")
}

// sendSelf leaves two blocked signals pending: one sent to the
// thread, one to the process.
func sendSelf() error {
	block(unix.SIGUSR1, unix.SIGUSR2)
	proc.Raise(unix.SIGUSR1)
	return unix.Kill(os.Getpid(), unix.SIGUSR2)
}

func pending() string {
	switch {
	case !has("SigBlk", unix.SIGUSR1), !has("SigBlk", unix.SIGUSR2):
		return "are not blocked"
	case has("SigPnd", unix.SIGUSR1) && has("ShdPnd", unix.SIGUSR2):
		return "SIGUSR1, SIGUSR2"
	}
	return "none"
}
