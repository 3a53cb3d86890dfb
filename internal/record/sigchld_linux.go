//go:build 386 || amd64 || arm64

package record

import (
	"golang.org/x/sys/unix"

	"apue/internal/procfs"
)

// childSignal is what a process does about SIGCHLD, as far as it decides
// whether a child that ends becomes a zombie. The kernel keeps no zombie for
// a parent that ignores SIGCHLD or has set SA_NOCLDWAIT (wait(2)). /proc
// shows the first and not the second, so the calls are followed.
type childSignal struct {
	ignored     bool
	noChildWait bool
	// caught says that a handler runs, once that it does the first time.
	caught, once bool
}

// autoReaps says whether the kernel reaps the process's children.
func (s *childSignal) autoReaps() bool { return s.ignored || s.noChildWait }

// addChildSignal adds rt_sigaction, of SIGCHLD only.
func addChildSignal(add func(int, callSpec)) {
	add(unix.SYS_RT_SIGACTION, callSpec{
		name: "rt_sigaction", exit: exitSigaction,
		when: &condition{arg: 0, values: []uint32{uint32(unix.SIGCHLD)}},
	})
}

func exitSigaction(_ *recorder, t *thread, c *call, _ int64, errno unix.Errno) {
	// struct sigaction of the kernel: handler, flags, restorer, mask.
	var action [2 * longSize]byte
	if errno != 0 || readMemory(t.tid, c.args[1], action[:]) != len(action) {
		return
	}
	handler, flags := ulong(action[:]), ulong(action[longSize:])
	*t.proc.childSignal = childSignal{
		ignored: handler == procfs.SIG_IGN, noChildWait: flags&procfs.SA_NOCLDWAIT != 0,
		caught: handler != procfs.SIG_IGN && handler != procfs.SIG_DFL, once: flags&procfs.SA_RESETHAND != 0,
	}
}

// inherited is what a child that was made with these flags does about
// SIGCHLD.
func (s *childSignal) inherited(flags uint64) *childSignal {
	if flags&unix.CLONE_SIGHAND != 0 {
		return s
	}
	own := *s
	if flags&unix.CLONE_CLEAR_SIGHAND != 0 {
		own.noChildWait, own.caught, own.once = false, false, false
	}
	return &own
}

// executed is what a new program does about it: the kernel clears the
// flags and leaves an ignored signal ignored.
func (s *childSignal) executed() *childSignal { return &childSignal{ignored: s.ignored} }
