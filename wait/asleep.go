//go:build linux

package main

import (
	"bytes"
	"fmt"
	"os"
	"time"

	"apue/ch8/proc"
)

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
		if !bytes.HasPrefix(state, []byte(" S")) {
			looks = -1
		}
		proc.Sleep(time.Millisecond)
	}
}
