//go:build linux

package main

import (
	"bytes"
	"fmt"
	"os"
	"time"

	"apue/ch8/proc"
)

// elsewhere says that a thread sleeps for another reason than a
// wait: the runtime has some. Where the kernel does not tell it is
// false.
func elsewhere(pid, tid int) bool {
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/wchan",
		pid, tid))
	return len(b) > 1 && !bytes.HasPrefix(b, []byte("do_wait"))
}

// untilAsleep returns when the thread tid of the process pid has
// been asleep (state S in /proc) at five looks in a row: it is in
// the wait that the caller is about to end. That is a state, seen,
// where a sleep would be a guess.
func untilAsleep(pid, tid int) {
	name := fmt.Sprintf("/proc/%d/task/%d/stat", pid, tid)
	for looks := 0; looks < 5; looks++ {
		b, err := os.ReadFile(name)
		if err != nil {
			return // it is gone
		}
		// The state follows the name, which may hold anything.
		state := b[bytes.LastIndexByte(b, ')')+1:]
		if !bytes.HasPrefix(state, []byte(" S")) ||
			elsewhere(pid, tid) {
			looks = -1
		}
		proc.Sleep(time.Millisecond)
	}
}
