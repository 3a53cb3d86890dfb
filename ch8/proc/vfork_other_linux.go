//go:build linux && !386 && !amd64 && !arm64

package proc

import (
	"os"

	"golang.org/x/sys/unix"
)

const vforked = false // there is no Vfork

// Vfork needs a few lines of assembly for each architecture. Here
// it fails with ENOSYS.
func Vfork(child func()) (pid int, err error) {
	return -1, os.NewSyscallError("vfork", unix.ENOSYS)
}
