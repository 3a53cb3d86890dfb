//go:build 386 || amd64 || arm64

package record

import (
	"golang.org/x/sys/unix"

	"apue/ch8/proc"
	"apue/internal/trace"
)

// addUnseenCalls adds the calls after which a process can do something
// that is not recorded. The recording says that it was made.
func addUnseenCalls(add func(int, callSpec)) {
	for nr, c := range map[int]struct{ name, why string }{
		unix.SYS_IO_URING_SETUP: {"io_uring_setup", "calls that it makes by io_uring are not recorded"},
		unix.SYS_SIGNALFD4:      {"signalfd4", "signals that it takes by reading a signalfd are not recorded"},
	} {
		add(nr, callSpec{name: c.name, exit: func(r *recorder, t *thread, call *call, result int64, errno unix.Errno) {
			if errno == 0 {
				r.noteCall(t, call, t.proc.name+" calls "+c.name+": "+c.why)
			}
			if r.o.Files {
				exitMaker(r, t, call, result, errno)
			}
		}})
	}
	// A process has one tracer.
	add(unix.SYS_PTRACE, callSpec{
		name: "ptrace", when: &condition{arg: 0, values: []uint32{unix.PTRACE_TRACEME, unix.PTRACE_ATTACH, unix.PTRACE_SEIZE}},
		exit: func(r *recorder, t *thread, c *call, _ int64, errno unix.Errno) {
			if ours := r.threads[c.arg(1)] != nil || c.arg(0) == unix.PTRACE_TRACEME; errno == unix.EPERM && ours {
				r.noteCall(t, c, t.proc.name+": ptrace fails with EPERM because the recorder traces the process already")
			}
		},
	})
	add(unix.SYS_SECCOMP, callSpec{name: "seccomp", exit: func(r *recorder, t *thread, c *call, _ int64, errno unix.Errno) {
		switch c.arg(0) {
		case unix.SECCOMP_SET_MODE_FILTER:
			r.noteSeccomp(t, c, unix.SECCOMP_MODE_FILTER, errno)
		case unix.SECCOMP_SET_MODE_STRICT:
			r.noteSeccomp(t, c, unix.SECCOMP_MODE_STRICT, errno)
		}
	}})
}

// noteSeccomp says what follows from a filter of the program's own, and that
// the strict mode, which no process with a filter can enter, was refused
// because of the recorder's.
func (r *recorder) noteSeccomp(t *thread, c *call, mode int, errno unix.Errno) {
	switch {
	case mode == unix.SECCOMP_MODE_FILTER && errno == 0:
		r.noteCall(t, c, t.proc.name+" installs a seccomp filter: calls that the filter answers itself are not recorded")
	case mode == unix.SECCOMP_MODE_STRICT && errno == unix.EINVAL && !r.o.noSeccomp:
		r.noteCall(t, c, t.proc.name+": seccomp's strict mode fails with EINVAL because the recorder has a filter there")
	}
}

// noteCall tells something about a call.
func (r *recorder) noteCall(t *thread, c *call, text string) {
	e := r.callEvent(t, trace.KindNote, c, 0)
	e.Note = text
	r.emit(e)
}

// noteForeign says it of calls that do not have the numbers of this
// architecture. Of a program of another architecture it was said at its exec.
func (r *recorder) noteForeign(p *process) {
	if r.started && !p.foreign {
		r.note(p, p.name+" makes system calls as a program of another architecture does (int $0x80, x32): its waits, signals sent and writes by them are not recorded")
	}
}

// noteUntraced says it of a clone whose child the recorder does not get.
func (r *recorder) noteUntraced(t *thread, c *call) {
	if c.flags&unix.CLONE_UNTRACED != 0 {
		r.noteCall(t, c, t.proc.name+" makes a child with CLONE_UNTRACED: it is not recorded, and calls that the recorder's filter stops fail in it with ENOSYS")
	}
}

// notePdeathsig says which signal a process asks for at its parent's end
// (PR_SET_PDEATHSIG): nobody else is the cause of it.
func (r *recorder) notePdeathsig(t *thread, c *call, errno unix.Errno) {
	if errno == 0 && c.arg(1) != 0 {
		r.noteCall(t, c, t.proc.name+" asks for "+proc.SignalText(c.arg(1))+" when its parent ends")
	}
}
