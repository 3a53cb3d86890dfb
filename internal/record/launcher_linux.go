//go:build 386 || amd64 || arm64

package record

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// Filter installs the seccomp filter of o, if one is wanted, for
// this thread and what it executes. The process that becomes the program
// calls it when it has been released, and executes the program then; it must
// be traced by now, because the kernel fails a filtered call with ENOSYS
// where nobody traces.
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
	if o.noSeccomp {
		return errNoSeccomp
	}
	return seccompCanTrace()
}
