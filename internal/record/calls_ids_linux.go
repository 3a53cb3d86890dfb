//go:build 386 || amd64 || arm64

package record

import (
	"slices"

	"golang.org/x/sys/unix"

	"apue/internal/trace"
)

// addIDCalls adds the calls that change ids, groups, and what a later
// exec may give. The number is how many arguments the call has.
func addIDCalls(add func(int, callSpec)) {
	for nr, c := range map[int]struct {
		name string
		args int
	}{
		unix.SYS_SETUID:    {"setuid", 1},
		unix.SYS_SETGID:    {"setgid", 1},
		unix.SYS_SETREUID:  {"setreuid", 2},
		unix.SYS_SETREGID:  {"setregid", 2},
		unix.SYS_SETRESUID: {"setresuid", 3},
		unix.SYS_SETRESGID: {"setresgid", 3},
		unix.SYS_SETFSUID:  {"setfsuid", 1},
		unix.SYS_SETFSGID:  {"setfsgid", 1},
		unix.SYS_SETGROUPS: {"setgroups", 1},
		unix.SYS_CAPSET:    {"capset", 0},
	} {
		add(nr, callSpec{name: c.name, enter: enterCreds, exit: func(r *recorder, t *thread, call *call, _ int64, errno unix.Errno) {
			r.exitCreds(t, call, c.args, errno)
		}})
	}
}

// credsPrctls are the operations of prctl that are recorded as creds.
var credsPrctls = []uint32{unix.PR_SET_KEEPCAPS, unix.PR_SET_SECUREBITS, unix.PR_SET_NO_NEW_PRIVS}

func enterCreds(_ *recorder, t *thread, c *call) bool {
	c.before = idsOf(t.tid)
	return true
}

// exitCreds records the call with the thread's ids before and after. The
// thread's number is always there: ids belong to a thread, and a library
// that changes all of a process's makes one call for each thread.
func (r *recorder) exitCreds(t *thread, c *call, args int, errno unix.Errno) {
	e := r.callEvent(t, trace.KindCreds, c, errno)
	e.Tid = t.tid
	for i := range args {
		e.Args = append(e.Args, int64(c.arg(i)))
	}
	e.Before, e.After = c.before, idsOf(t.tid)
	r.emit(e)
}

// enterPrctl and exitPrctl tell apart what the call is to change.
func enterPrctl(r *recorder, t *thread, c *call) bool {
	if slices.Contains(credsPrctls, uint32(c.arg(0))) {
		enterCreds(r, t, c)
	}
	return true
}

func exitPrctl(r *recorder, t *thread, c *call, result int64, errno unix.Errno) {
	switch c.arg(0) {
	case unix.PR_SET_CHILD_SUBREAPER:
		exitSubreaper(r, t, c, result, errno)
	case unix.PR_SET_PDEATHSIG:
		r.notePdeathsig(t, c, errno)
	case unix.PR_SET_SECCOMP:
		r.noteSeccomp(t, c, c.arg(1), errno)
	default:
		r.exitCreds(t, c, 2, errno)
	}
}
