//go:build 386 || amd64 || arm64

package record

import (
	"golang.org/x/sys/unix"

	"apue/ch8/proc"
	"apue/internal/procfs"
)

// A signal whose default action is to end the process ends a parent in
// vfork at once: its sleep in the kernel is one that a fatal signal
// interrupts. The kernel leaves the end of a traced process to its tracer
// (complete_signal), and the parent hears of the signal only when its child
// is done.

// noteLate says which of the signals that are pending for a parent in
// vfork would have ended it.
func (r *recorder) noteLate(t *thread) {
	pending := pendingSignals(t.tid)
	late := pending & endingSignals
	if late == 0 || !r.started {
		return
	}
	status := procfs.ReadStatus(t.tid)
	late &^= status.Signals("SigBlk") | status.Signals("SigIgn") | status.Signals("SigCgt")
	for signal := 1; signal <= 64; signal++ {
		if late&(1<<(signal-1)) != 0 {
			r.note(t.proc, proc.SignalText(signal)+" came while "+t.proc.name+" was suspended by vfork: without the recorder it would have ended "+t.proc.name+" at once")
		}
	}
}

// endingSignals is the set of the signals whose default action is to end a
// process without a core file (signal(7)), but for SIGKILL: the real-time
// signals and these. One that makes a core file does not interrupt the sleep.
const endingSignals = ^uint64(1<<31-1) | 1<<(unix.SIGHUP-1) | 1<<(unix.SIGINT-1) | 1<<(unix.SIGUSR1-1) | 1<<(unix.SIGUSR2-1) |
	1<<(unix.SIGPIPE-1) | 1<<(unix.SIGALRM-1) | 1<<(unix.SIGTERM-1) | 1<<(unix.SIGSTKFLT-1) |
	1<<(unix.SIGVTALRM-1) | 1<<(unix.SIGPROF-1) | 1<<(unix.SIGIO-1) | 1<<(unix.SIGPWR-1)
