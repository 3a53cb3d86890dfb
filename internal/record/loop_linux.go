//go:build 386 || amd64 || arm64

package record

import (
	"os"
	"runtime"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"apue/internal/procfs"
)

// waitOptions: of all kinds of children, but of this thread only. A
// ptrace link belongs to a thread, and so do children (wait(2)).
// Never WCONTINUED: it would eat the notification that the real
// parent waits for.
const waitOptions = unix.WALL | unix.WNOTHREAD

// A report is what the kernel told about a tracee.
type report struct {
	tid    int
	status unix.WaitStatus
}

// loop handles reports until no tracee is left.
func (r *recorder) loop() {
	for r.fetch() {
		next := r.ready[0]
		r.ready = slices.Delete(r.ready, 0, 1)
		if r.started {
			r.now = int64(time.Since(r.start))
		}
		r.yield()
		r.tellBlocked()
		r.handle(next.tid, next.status)
		r.flush()
	}
	r.unclaimed()
}

// yield lets other goroutines run every 5 ms. From a thread that has gone on
// for 10 ms the runtime's monitor takes the processor away, and then it looks
// every 20 µs for a while whether it is to do so again (sysmon in
// runtime/proc.go).
func (r *recorder) yield() {
	if r.now-r.yielded >= int64(5*time.Millisecond) {
		r.yielded = r.now
		runtime.Gosched()
	}
}

// fetch waits until there is a report and takes all that are ready,
// deaths first: a wait takes the youngest tracee's report, whenever it
// came, and what follows from a death (an adoption, a readable pidfd, the
// end of a pipe) must not be recorded before it. It returns false when
// no tracee is left.
func (r *recorder) fetch() bool {
	if len(r.ready) > 0 {
		return true
	}
	if len(r.threads) == 0 && len(r.pending) == 0 && len(tracees()) == 0 {
		return false
	}
	var status unix.WaitStatus
	tid, err := unix.Wait4(-1, &status, waitOptions, nil)
	for err == unix.EINTR {
		tid, err = unix.Wait4(-1, &status, waitOptions, nil)
	}
	if err != nil { // ECHILD
		return false
	}
	for tid != 0 {
		r.took(tid, status)
		r.enqueue(report{tid, status})
		if r.only(tid) || len(r.ready) == 1 && !status.Stopped() {
			break // there is no other, or a death is the first to be recorded
		}
		tid, status = takeReport(-1)
	}
	return true
}

// only says that a thread which has reported is the one tracee, and so that
// there is no other report.
func (r *recorder) only(tid int) bool {
	return len(r.threads) == 1 && r.threads[tid] != nil && len(r.pending) == 0
}

// took notes that a report has been taken: of a death, that the number
// may come again.
func (r *recorder) took(tid int, status unix.WaitStatus) {
	if !status.Stopped() {
		r.alive(tid, false)
	}
}

// enqueue puts a death before the stops that were taken with it, but
// after those of its own process.
func (r *recorder) enqueue(next report) {
	at := len(r.ready)
	if !next.status.Stopped() {
		for at > 0 && r.ready[at-1].status.Stopped() && !r.sameProcess(r.ready[at-1].tid, next.tid) {
			at--
		}
	}
	r.ready = slices.Insert(r.ready, at, next)
}

func (r *recorder) sameProcess(tid1, tid2 int) bool {
	a, b := r.threads[tid1], r.threads[tid2]
	return tid1 == tid2 || a != nil && b != nil && a.proc == b.proc
}

// tracees are the processes that this thread traces, known or not.
// One that nobody has announced is a child whose parent was killed
// right after the fork.
func tracees() (pids []int) {
	// Nearly always there is none left at all, and no need to search.
	if childless() {
		return nil
	}
	self := unix.Gettid()
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	for _, e := range entries {
		if pid, err := strconv.Atoi(e.Name()); err == nil && procfs.ReadStatus(pid).Int("TracerPid") == self {
			pids = append(pids, pid)
		}
	}
	return pids
}

// childless reports whether this thread has neither children nor tracees.
func childless() bool {
	return unix.Waitid(unix.P_ALL, 0, nil,
		unix.WEXITED|unix.WSTOPPED|unix.WNOHANG|unix.WNOWAIT|waitOptions, nil) == unix.ECHILD
}

// handle handles one report of the kernel about a tracee.
func (r *recorder) handle(tid int, status unix.WaitStatus) {
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
	for _, tid := range r.tids(p) {
		for i, next := range r.ready {
			if next.tid == tid && next.status.Stopped() {
				r.ready = slices.Delete(r.ready, i, i+1)
				r.handle(tid, next.status)
				break
			}
		}
		if got, status := takeReport(tid); got == tid {
			r.took(tid, status)
			r.handle(tid, status)
		}
	}
}

// resume lets a stopped thread go on, with a signal or 0. ESRCH means
// that it was killed while stopped: its death is reported in turn.
func (r *recorder) resume(t *thread, signal int) {
	request := unix.PTRACE_CONT
	if r.o.noSeccomp || t.call != nil || len(t.interrupted) > 0 {
		request = unix.PTRACE_SYSCALL
	}
	if err := ptrace(request, t.tid, 0, uintptr(signal)); err != nil && err != unix.ESRCH {
		r.fail(err)
	}
}
