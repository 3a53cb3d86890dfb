//go:build linux

package main

import (
	"os"
	"time"

	"apue/ch8/stdio"

	"golang.org/x/sys/unix"
)

// stop sends the signal to all workers, and later SIGKILL to those
// that are still there.
func (s *supervisor) stop(sig unix.Signal) {
	s.stopping = true
	for pid := range s.workers {
		unix.Kill(pid, sig)
	}
	if sig != unix.SIGKILL {
		time.AfterFunc(*grace, func() {
			s.Lock()
			defer s.Unlock()
			s.stop(unix.SIGKILL)
		})
	}
}

// handleSignals acts on the signals that the runtime has caught.
func (s *supervisor) handleSignals(c chan os.Signal) {
	for sig := range c {
		s.Lock()
		if sig == unix.SIGUSR1 {
			logf("supervisor: %d workers, %d restarts",
				len(s.workers), s.restarts)
		} else {
			logf("supervisor: %v, stopping", sig)
			s.stop(unix.SIGTERM)
		}
		s.Unlock()
	}
}

// logf prints a line and flushes it, so that no worker gets a copy.
func logf(format string, args ...any) {
	stdio.Printf(format+"\n", args...)
	stdio.Stdout.Flush()
}
