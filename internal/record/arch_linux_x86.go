//go:build linux && (386 || amd64)

package record

import (
	"golang.org/x/sys/unix"

	"apue/internal/trace"
)

// syscallSize is the length of the instruction that makes a system call.
const syscallSize = 2

// trapSize is how far behind its instruction a breakpoint's trap is
// reported: that is int3.
const trapSize = 1

// cloneNames are the calls that make processes.
var cloneNames = map[int]string{
	unix.SYS_CLONE:  "clone",
	unix.SYS_CLONE3: "clone3",
	unix.SYS_FORK:   "fork",
	unix.SYS_VFORK:  "vfork",
}

// addOldCalls adds the calls that newer architectures lack.
func addOldCalls(add func(int, callSpec)) {
	add(unix.SYS_ALARM, callSpec{name: "alarm", exit: exitTimer})
	add(unix.SYS_PAUSE, callSpec{name: "pause", blocks: trace.KindPause, exit: exitPause})
	add(unix.SYS_POLL, pollSpec("poll", 2, milliseconds))
	add(unix.SYS_EPOLL_WAIT, pollSpec("epoll_wait", 3, milliseconds))
	add(unix.SYS_OPEN, callSpec{name: "open", enter: enterOpen, exit: exitOpen})
	add(unix.SYS_CREAT, callSpec{name: "creat", enter: enterOpen, exit: exitOpen})
	add(unix.SYS_DUP2, callSpec{name: "dup2", enter: enterDup, exit: exitDup})
	add(unix.SYS_PIPE, callSpec{name: "pipe", exit: exitPipe})
}

// commonOpenFlags are the flags of open with the numbers that recordings
// have, see package trace: these architectures have no others.
func commonOpenFlags(flags uint64) uint64 { return flags }
