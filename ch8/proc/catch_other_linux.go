//go:build linux && !386 && !amd64 && !arm64

package proc

import (
	"os"

	"golang.org/x/sys/unix"
)

// Catch needs a handler in assembly, which this architecture does
// not have here: the error wraps ENOSYS.
func Catch(sig unix.Signal, flags int) error {
	return os.NewSyscallError("sigaction", unix.ENOSYS)
}

// Caught has nothing to tell without Catch.
func Caught() (n int, last Siginfo) { return 0, Siginfo{} }
