//go:build amd64 || arm64

package trace

import (
	"os"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// waitOptions: of all kinds of children, but of this thread only. A
// ptrace link belongs to a thread, and so do children (wait(2)).
// Never WCONTINUED: it would eat the notification that the real
// parent waits for.
const waitOptions = unix.WALL | unix.WNOTHREAD

// loop waits for reports until no tracee is left.
func (r *recorder) loop() {
	for len(r.threads) > 0 || len(r.pending) > 0 || unknownTracee() {
		var status unix.WaitStatus
		pid, err := unix.Wait4(-1, &status, waitOptions, nil)
		if err == unix.EINTR {
			continue
		}
		if err != nil { // ECHILD
			return
		}
		r.batch = ready(pid, status)
		for len(r.batch) > 0 {
			if r.started {
				r.now = int64(time.Since(r.start))
			}
			next := r.batch[0]
			r.batch = r.batch[1:]
			r.report(next.tid, next.status)
		}
		r.flush()
	}
}

// A report of the kernel about a tracee.
type report struct {
	tid    int
	status unix.WaitStatus
}

// ready adds to a report the others that are ready, deaths first: a
// wait takes the youngest tracee's report whenever it came, and what
// follows from a death (an adoption, a ready pidfd, the last end of a
// pipe closed) must not be recorded before it.
func ready(tid int, status unix.WaitStatus) []report {
	all := []report{{tid, status}}
	if !status.Stopped() {
		return all
	}
	deaths := 0
	for {
		tid, err := unix.Wait4(-1, &status, waitOptions|unix.WNOHANG, nil)
		if err == unix.EINTR {
			continue
		}
		if tid <= 0 || err != nil {
			return all
		}
		if status.Stopped() {
			all = append(all, report{tid, status})
			continue
		}
		// But after what it reported itself before it was killed.
		at := deaths
		for i, earlier := range all {
			if earlier.tid == tid {
				at = i + 1
			}
		}
		all = slices.Insert(all, at, report{tid, status})
		if at == deaths {
			deaths++
		}
	}
}

// unknownTracee looks for a process traced by this thread that
// nobody has announced: its parent was killed right after the fork.
func unknownTracee() bool {
	// Nearly always there is no child left at all, and no need to
	// search.
	err := unix.Waitid(unix.P_ALL, 0, nil,
		unix.WEXITED|unix.WSTOPPED|unix.WNOHANG|unix.WNOWAIT|waitOptions, nil)
	if err == unix.ECHILD {
		return false
	}
	self := unix.Gettid()
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return false
	}
	for _, e := range entries {
		if pid, err := strconv.Atoi(e.Name()); err == nil && statusInt(pid, "TracerPid") == self {
			return true
		}
	}
	return false
}

// report handles one report of the kernel about a tracee.
func (r *recorder) report(tid int, status unix.WaitStatus) {
	t := r.threads[tid]
	switch {
	case t == nil:
		r.unannounced(tid, status)
	case status.Exited() || status.Signaled():
		r.gone(t, uint32(status))
	case status.Stopped():
		r.stop(t, status)
	}
}

// drain takes the reports that a process's threads have ready now:
// what a parent has learned about its child must not come later than
// the child's own report.
func (r *recorder) drain(p *process) {
	var tids []int
	for tid, t := range r.threads {
		if t.proc == p {
			tids = append(tids, tid)
		}
	}
	for _, tid := range tids {
		if i := slices.IndexFunc(r.batch, func(b report) bool { return b.tid == tid }); i >= 0 {
			next := r.batch[i]
			r.batch = slices.Delete(r.batch, i, i+1)
			r.report(tid, next.status)
			continue
		}
		var status unix.WaitStatus
		pid, err := unix.Wait4(tid, &status, waitOptions|unix.WNOHANG, nil)
		if err == nil && pid == tid {
			r.report(tid, status)
		}
	}
}

// resume lets a stopped thread go on, with a signal or 0. ESRCH means
// that it was killed while stopped: its death is reported in turn.
func (r *recorder) resume(t *thread, signal int) {
	request := unix.PTRACE_CONT
	if r.o.NoSeccomp || t.call != nil || len(t.interrupted) > 0 {
		request = unix.PTRACE_SYSCALL
	}
	if err := ptrace(request, t.tid, 0, uintptr(signal)); err != nil && err != unix.ESRCH {
		r.fail(err)
	}
}
