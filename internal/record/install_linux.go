//go:build 386 || amd64 || arm64

package record

import "golang.org/x/sys/unix"

// NativeArch is the architecture of this program as a seccomp filter sees
// it (AUDIT_ARCH_X86_64 …).
const NativeArch = nativeArch

// InstallFilter installs a seccomp filter on the calling thread.
func InstallFilter(filter []unix.SockFilter) error { return installFilter(filter) }
