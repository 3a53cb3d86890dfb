package proc

import (
	"os"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"apue/internal/procfs"
)

func waitid(idtype, id int, info *procfs.Siginfo, options int) error {
	_, _, errno := unix.Syscall6(unix.SYS_WAITID, uintptr(idtype), uintptr(id),
		uintptr(unsafe.Pointer(info)), uintptr(options), 0, 0)
	if errno != 0 {
		return errno
	}
	return nil
}

// wait4Null is wait4 with NULL for the status.
func wait4Null(pid, options int, usage *unix.Rusage) (int, error) {
	got, _, errno := unix.Syscall6(unix.SYS_WAIT4, uintptr(pid), 0, uintptr(options),
		uintptr(unsafe.Pointer(usage)), 0, 0)
	if errno != 0 {
		return -1, errno
	}
	return int(got), nil
}

// Write writes b to the descriptor: one system call, which a
// child of Vfork may make too. See write(2).
func Write(fd int, b []byte) (n int, err error) {
	if !vforked {
		return unix.Write(fd, b)
	}
	return transfer(unix.SYS_WRITE, fd, b)
}

// Read reads into b what the descriptor has: one system call,
// which a child of Vfork may make too. See read(2).
func Read(fd int, b []byte) (n int, err error) {
	if !vforked {
		return unix.Read(fd, b)
	}
	return transfer(unix.SYS_READ, fd, b)
}

// transfer is a read or write that does not tell the runtime.
func transfer(call uintptr, fd int, b []byte) (n int, err error) {
	r, _, errno := syscall.RawSyscall(call, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)))
	if errno != 0 {
		return -1, errno
	}
	return int(r), nil
}

// Sleep suspends the caller for at least d, signals or not, with
// nanosleep(2): time.Sleep would park the goroutine, which a
// forked child cannot do.
func Sleep(d time.Duration) {
	left := unix.NsecToTimespec(int64(d))
	for {
		p := uintptr(unsafe.Pointer(&left))
		var errno syscall.Errno
		if vforked {
			_, _, errno = syscall.RawSyscall(unix.SYS_NANOSLEEP, p, p, 0)
		} else {
			_, _, errno = syscall.Syscall(unix.SYS_NANOSLEEP, p, p, 0)
		}
		if errno != unix.EINTR {
			return
		}
	}
}

// An Image is a program made ready to be executed: its path,
// arguments and environment in the form that execve(2) takes, so
// that a child of Vfork, which must not allocate, can execute it.
type Image struct {
	path *byte
	argv []*byte
	envp []*byte
}

// NewImage makes the program at path ready. argv[0] is the name
// it is told. The error wraps EINVAL when a string has a NUL byte.
func NewImage(path string, argv, envp []string) (*Image, error) {
	p, err := unix.BytePtrFromString(path)
	if err != nil {
		return nil, err
	}
	a, err := syscall.SlicePtrFromStrings(argv)
	if err != nil {
		return nil, err
	}
	e, err := syscall.SlicePtrFromStrings(envp)
	if err != nil {
		return nil, err
	}
	return &Image{path: p, argv: a, envp: e}, nil
}

// Exec replaces the calling process by the program and returns
// only if it failed. See execve(2) and section 8.10. Go programs
// raise their soft RLIMIT_NOFILE when they start; this raw call
// hands that on, Execve does not.
func (im *Image) Exec() syscall.Errno {
	_, _, errno := syscall.RawSyscall(unix.SYS_EXECVE,
		uintptr(unsafe.Pointer(im.path)),
		uintptr(unsafe.Pointer(unsafe.SliceData(im.argv))),
		uintptr(unsafe.Pointer(unsafe.SliceData(im.envp))))
	return errno
}

// execveat executes the program that dirfd and the image's path name,
// as flags say. It returns only if it failed.
func (im *Image) execveat(dirfd, flags int) syscall.Errno {
	_, _, errno := syscall.RawSyscall6(unix.SYS_EXECVEAT, uintptr(dirfd),
		uintptr(unsafe.Pointer(im.path)),
		uintptr(unsafe.Pointer(unsafe.SliceData(im.argv))),
		uintptr(unsafe.Pointer(unsafe.SliceData(im.envp))),
		uintptr(flags), 0)
	return errno
}

// Setgroups sets the supplementary group ids of the calling thread; it
// needs CAP_SETGID. The error wraps EPERM or EINVAL. See
// setgroups(2).
func Setgroups(gids []int) error {
	list := make([]uint32, len(gids))
	for i, gid := range gids {
		list[i] = uint32(gid)
	}
	_, _, errno := syscall.RawSyscall(sysSetgroups, uintptr(len(list)),
		uintptr(unsafe.Pointer(unsafe.SliceData(list))), 0)
	if errno != 0 {
		return os.NewSyscallError("setgroups", errno)
	}
	return nil
}

// Acct has the kernel append a record of each process that ends, in
// this pid namespace and the ones inside, to the file at path, which
// must exist. It needs CAP_SYS_PACCT in the first user namespace. The
// error wraps EPERM, ENOENT, EACCES, EISDIR, EINVAL, or ENOSYS where
// the kernel was built without accounting. See acct(2) and section
// 8.14.
func Acct(path string) error {
	p, err := unix.BytePtrFromString(path)
	if err != nil {
		return os.NewSyscallError("acct", err)
	}
	_, _, errno := syscall.Syscall(unix.SYS_ACCT, uintptr(unsafe.Pointer(p)), 0, 0)
	if errno != 0 {
		return os.NewSyscallError("acct", errno)
	}
	return nil
}

// AcctOff turns accounting off: acct with a null pointer. (An empty
// path, which x/sys/unix would pass, is ENOENT.)
func AcctOff() error { return bare("acct", unix.SYS_ACCT, 0, 0, 0) }

// A SignalAction is what a process does about a signal: its
// disposition, or a handler that Catch installed, with flags and
// mask. See sigaction(2).
type SignalAction struct{ raw procfs.Sigaction }

// Action is the SignalAction that sets the disposition to.
func Action(to Disposition) SignalAction {
	return SignalAction{procfs.Sigaction{Handler: uintptr(to)}}
}

// Sigaction stores the current action for sig in *old, unless old is
// nil, and then sets it to *act, unless act is nil; the runtime and
// os/signal do not hear of it. The error wraps EINVAL for SIGKILL,
// SIGSTOP and numbers that are not signals. See sigaction(2) and
// section 10.14.
func Sigaction(sig unix.Signal, act, old *SignalAction) error {
	var a, o *procfs.Sigaction
	if act != nil {
		a = &act.raw
	}
	if old != nil {
		o = &old.raw
	}
	if errno := procfs.RtSigaction(sig, a, o); errno != 0 {
		return os.NewSyscallError("sigaction", errno)
	}
	return nil
}

// Getresuid returns the caller's real, effective and saved user id.
// (The function of x/sys/unix gets ids of 16 bits on 386.)
func Getresuid() (real, effective, saved int) { return resIDs(sysGetresuid) }

// Getresgid returns the caller's real, effective and saved group id.
func Getresgid() (real, effective, saved int) { return resIDs(sysGetresgid) }

// resIDs makes one of these two calls, which cannot fail.
func resIDs(call uintptr) (real, effective, saved int) {
	var ids [3]uint32
	unix.RawSyscall(call, uintptr(unsafe.Pointer(&ids[0])), uintptr(unsafe.Pointer(&ids[1])), uintptr(unsafe.Pointer(&ids[2])))
	return int(ids[0]), int(ids[1]), int(ids[2])
}
