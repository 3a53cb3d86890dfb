package proc

import (
	"os"

	"golang.org/x/sys/unix"

	"apue/internal/procfs"
)

// Wait waits for any child to end and reaps it. It returns the
// child's pid and stores its termination status in *status unless
// that is nil. An interrupted wait is entered again. Errors wrap
// ECHILD: the caller has no child. See wait(2) and section 8.6.
func Wait(status *WaitStatus) (pid int, err error) {
	return waitpid("wait", -1, status, 0)
}

// Waitpid waits as pid says: for that child (> 0), any child
// (−1), any of the caller's process group (0), any of the group
// −pid (< −1). options is a union of unix.WNOHANG, WUNTRACED and
// WCONTINUED; with WNOHANG the pid is 0 while no child has a
// status to give. An interrupted wait is entered again. Errors
// wrap ECHILD, EINVAL or ESRCH. See waitpid(2) and section 8.6.
func Waitpid(pid int, status *WaitStatus, options int) (int, error) {
	return waitpid("waitpid", pid, status, options)
}

func waitpid(op string, pid int, status *WaitStatus, options int) (int, error) {
	for {
		got, err := wait4(pid, status, options, nil)
		if err != unix.EINTR {
			return got, os.NewSyscallError(op, err)
		}
	}
}

// Wait4 is the system call itself, which all the others are on
// Linux: it also stores the child's resource usage, with that of
// the children it waited for, in *usage unless that is nil, and
// it returns an error that wraps EINTR when a signal handler
// interrupted it. See wait4(2) and section 8.8.
func Wait4(pid int, status *WaitStatus, options int, usage *unix.Rusage) (int, error) {
	got, err := wait4(pid, status, options, usage)
	return got, os.NewSyscallError("wait4", err)
}

func wait4(pid int, status *WaitStatus, options int, usage *unix.Rusage) (int, error) {
	if status == nil {
		return wait4Null(pid, options, usage) // x/sys has a place of its own
	}
	var word unix.WaitStatus
	got, err := unix.Wait4(pid, &word, options, usage)
	if got > 0 {
		*status = WaitStatus(word)
	}
	return got, err
}

// Siginfo is what waitid tells of a child, see sigaction(2). All
// zero with WNOHANG means that no child has anything to tell.
type Siginfo struct {
	Signo  int // SIGCHLD
	Code   int // how: CLD_EXITED, CLD_KILLED, CLD_DUMPED …
	Pid    int // of the child
	UID    int // the child's real user id
	Status int // its exit status or the signal's number
}

// WaitStatus is the status word that wait(2) would have given.
func (i *Siginfo) WaitStatus() WaitStatus {
	status := WaitStatus(i.Status)
	switch i.Code {
	case CLD_EXITED:
		return status & 0xff << 8
	case CLD_KILLED:
		return status & 0x7f
	case CLD_DUMPED:
		return status&0x7f | 0x80
	case CLD_STOPPED, CLD_TRAPPED:
		return status<<8 | 0x7f
	case CLD_CONTINUED:
		return 0xffff
	}
	return 0
}

// The values of Siginfo.Code, see sigaction(2).
const (
	CLD_EXITED = 1 + iota
	CLD_KILLED
	CLD_DUMPED
	CLD_TRAPPED
	CLD_STOPPED
	CLD_CONTINUED
)

// Waitid waits for a change that options name (unix.WEXITED,
// WSTOPPED, WCONTINUED, with WNOHANG and WNOWAIT) in the children
// that idtype (unix.P_PID, P_PGID, P_ALL, P_PIDFD) and id select.
// It stores what happened in *info unless that is nil. With
// WNOWAIT the child stays waitable. An interrupted wait is
// entered again. Errors wrap ECHILD or EINVAL. See waitid(2) and
// section 8.7.
func Waitid(idtype, id int, info *Siginfo, options int) error {
	for {
		var raw procfs.Siginfo
		err := waitid(idtype, id, &raw, options)
		if err == unix.EINTR {
			continue
		}
		if err == nil && info != nil {
			*info = Siginfo{
				Signo:  int(raw.Signo),
				Code:   int(raw.Code),
				Pid:    int(raw.Pid),
				UID:    int(raw.UID),
				Status: int(raw.Status),
			}
		}
		return os.NewSyscallError("waitid", err)
	}
}
