//go:build linux

package main

import (
	"fmt"
	"os"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

// How the rows of differ set and read what differs.

// A clock is one of the four times of times(2), and work that makes
// it advance.
type clock struct {
	read func(unix.Tms) int
	work func()
}

var (
	utime = &clock{func(t unix.Tms) int { return int(t.Utime) },
		workInProgram}
	stime = &clock{func(t unix.Tms) int { return int(t.Stime) },
		workInKernel}
	cutime = &clock{func(t unix.Tms) int { return int(t.Cutime) },
		nil}
	cstime = &clock{func(t unix.Tms) int { return int(t.Cstime) },
		nil}
)

func (c *clock) now() int {
	var t unix.Tms
	_, err := unix.Times(&t)
	proc.Check(err)
	return c.read(t)
}

// spent is how much processor time a parent spends before it
// forks, in ticks of 10 ms.
const spent = 3

// spend uses the processor until the clock has advanced by spent.
func spend(c *clock) error {
	for start := c.now(); c.now()-start < spent; {
		c.work()
	}
	return nil
}

// spendInChild does it in a child, and reaps the child.
func spendInChild(c *clock) error {
	inChild(func() { spend(c) })
	return nil
}

// workInProgram uses the processor in user mode.
func workInProgram() {
	for i := range 100_000 {
		buffer[i]++
	}
}

// workInKernel makes the kernel fill a buffer.
func workInKernel() {
	_, err := unix.Getrandom(buffer[:], 0)
	proc.Check(err)
}

var buffer [1 << 20]byte

// ticks says what the clock shows. A child may have used a tick
// before it looks.
func ticks(c *clock) string {
	switch n := c.now(); {
	case n <= 1:
		return "1 tick at most"
	case n < spent:
		return fmt.Sprint(n)
	}
	return fmt.Sprint(spent, " ticks or more")
}

// sendSelf makes two blocked signals pending: one is sent to the
// thread, the other to the process.
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
