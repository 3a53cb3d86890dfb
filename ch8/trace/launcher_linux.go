//go:build amd64 || arm64

package trace

import (
	"fmt"
	"os"
	"runtime"

	"golang.org/x/sys/unix"
)

// Launcher is the body of the process that becomes the recorded
// program. It blocks until a byte can be read from descriptor
// ready (at its end the process exits with 125: nobody wants the
// program any more), installs the seccomp filter of o and executes
// path. It returns only when that failed. Call it on the main
// thread, early.
func Launcher(ready int, o Options, path string, argv, env []string) error {
	runtime.LockOSThread()
	var b [1]byte
	for {
		n, err := unix.Read(ready, b[:])
		if n == 1 {
			break
		}
		if err != unix.EINTR {
			os.Exit(125)
		}
	}
	unix.Close(ready)
	if err := Filter(o); err != nil {
		return err
	}
	return &os.PathError{Op: "exec", Path: path, Err: unix.Exec(path, argv, env)}
}

// Filter installs the seccomp filter of o, if one is wanted, for
// this thread and what it executes. It is the middle part of
// Launcher, for those who have something to do before and after
// it; the process must be traced by now, since the kernel fails a
// filtered call with ENOSYS where nobody traces.
func Filter(o Options) error {
	if o.useSeccomp() != nil {
		return nil
	}
	prog := filter(&o)
	err := installFilter(prog)
	if err == unix.EACCES {
		// Without CAP_SYS_ADMIN the kernel wants the promise that
		// no exec gains privilege (seccomp(2)).
		if err = unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err == nil {
			err = installFilter(prog)
		}
	}
	if err != nil {
		return fmt.Errorf("seccomp filter: %w", err)
	}
	return nil
}

// useSeccomp returns nil if the filter is wanted and possible, and
// otherwise the reason why not. The recorder and the launcher come
// to the same answer.
func (o *Options) useSeccomp() error {
	if o.NoSeccomp {
		return errNoSeccomp
	}
	return seccompCanTrace()
}
