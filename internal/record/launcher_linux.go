//go:build 386 || amd64 || arm64

package record

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"apue/ch8/proc"
)

// launch is the body of the process that becomes the recorded program.
// It blocks until a byte can be read from descriptor ready (at its end
// the process exits with 125: nobody wants the program any more),
// installs the seccomp filter of o and executes path. It returns only
// when that failed.
func launch(ready int, o Options, path string, argv, env []string) error {
	var b [1]byte
	for {
		n, err := unix.Read(ready, b[:])
		if n == 1 {
			break
		}
		if err != unix.EINTR {
			proc.Exit(125)
		}
	}
	unix.Close(ready)
	if err := Filter(o); err != nil {
		return err
	}
	return &os.PathError{Op: "exec", Path: path, Err: unix.Exec(path, argv, env)}
}

// Fork returns a Start that makes the launcher, the process that becomes
// the program, by a real fork of this one: no other program need be
// started first. It waits until it is released, installs the seccomp
// filter of o and executes path; if it cannot, it says so on standard
// error and exits with 127, and with 125 if nobody wants the program any
// more. The program inherits descriptors 0, 1 and 2, and, as proc.Fork
// says, GOMAXPROCS is 1 here from then on.
func Fork(o Options, path string, argv, env []string) Start {
	return func() (Launched, error) {
		var ends [2]int
		if err := unix.Pipe2(ends[:], unix.O_CLOEXEC); err != nil {
			return Launched{}, os.NewSyscallError("pipe2", err)
		}
		ready, release := ends[0], ends[1]
		pid, err := proc.Fork()
		if pid == 0 && err == nil {
			unix.Close(release)
			err := launch(ready, o, path, argv, env)
			fmt.Fprintln(os.Stderr, err)
			proc.Exit(127)
		}
		unix.Close(ready)
		if err != nil {
			unix.Close(release)
			return Launched{}, err
		}
		return Launched{Pid: pid, Release: func() error {
			defer unix.Close(release)
			_, err := unix.Write(release, []byte{1})
			return os.NewSyscallError("write", err)
		}}, nil
	}
}

// Filter installs the seccomp filter of o, if one is wanted, for
// this thread and what it executes. It is the middle part of what
// Fork's child does, for those who have something to do before and
// after it; the process must be traced by now, since the kernel fails a
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
