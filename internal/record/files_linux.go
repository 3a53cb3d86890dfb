//go:build amd64 || arm64

package record

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"apue/internal/trace"
)

// addFileCalls adds the calls on descriptors. Without Options.Files
// only those on 0, 1 and 2 are recorded, and every pipe.
func addFileCalls(add func(int, callSpec), o *Options) {
	standard := &condition{arg: 0, below: 3}
	anyFd := standard
	if o.Files {
		anyFd = nil
	}
	add(unix.SYS_OPENAT, callSpec{name: "openat", enter: enterOpen, exit: exitOpen})
	add(unix.SYS_OPENAT2, callSpec{name: "openat2", enter: enterOpen, exit: exitOpen})
	add(unix.SYS_CLOSE, callSpec{name: "close", when: anyFd, exit: exitClose})
	add(unix.SYS_CLOSE_RANGE, callSpec{name: "close_range", when: anyFd, exit: exitClose})
	add(unix.SYS_DUP, callSpec{name: "dup", enter: enterDup, exit: exitDup})
	add(unix.SYS_DUP3, callSpec{name: "dup3", enter: enterDup, exit: exitDup})
	add(unix.SYS_PIPE2, callSpec{name: "pipe2", exit: exitPipe})
	add(unix.SYS_FCNTL, callSpec{
		name: "fcntl", enter: enterFcntl, exit: exitFcntl,
		when: &condition{arg: 1, values: []uint32{unix.F_DUPFD, unix.F_DUPFD_CLOEXEC, unix.F_SETFL}},
	})
	if o.Files {
		add(unix.SYS_LSEEK, callSpec{name: "lseek", exit: exitSeek})
		add(unix.SYS_FTRUNCATE, callSpec{name: "ftruncate", exit: exitTruncate})
		add(unix.SYS_TRUNCATE, callSpec{name: "truncate", enter: enterPath, exit: exitTruncate})
	}
	addWriteCalls(add)
}

// isStandard says whether a descriptor is recorded without
// Options.Files.
func isStandard(fd int) bool { return fd >= 0 && fd <= 2 }

func enterOpen(r *recorder, t *thread, c *call) bool {
	if !r.o.Files && !t.proc.files.hasRoom() {
		return false // it cannot get 0, 1 or 2
	}
	path := c.args[0]
	if c.spec.name == "openat" || c.spec.name == "openat2" {
		path = c.args[1]
	}
	c.path = readString(t.tid, path, unix.PathMax)
	switch c.spec.name {
	case "open":
		c.flags = c.args[1]
	case "creat":
		c.flags = unix.O_CREAT | unix.O_WRONLY | unix.O_TRUNC
	case "openat":
		c.flags = c.args[2]
	case "openat2": // struct open_how begins with the flags
		var how [8]byte
		readMemory(t.tid, c.args[2], how[:])
		c.flags = binary.NativeEndian.Uint64(how[:])
	}
	c.flags &= 1<<32 - 1
	return true
}

func exitOpen(r *recorder, t *thread, c *call, result int64, errno unix.Errno) {
	fd := int(result)
	if !r.o.Files && !isStandard(fd) {
		return
	}
	e := r.callEvent(t, trace.KindOpen, c, errno)
	e.Path, e.Flags, e.Fd = c.path, c.flags, fd
	if errno == 0 {
		t.proc.files.opened(fd)
		e.OFD = r.fileNumber(t.proc, fd)
	}
	r.emit(e)
}

func exitClose(r *recorder, t *thread, c *call, _ int64, errno unix.Errno) {
	// Programs close descriptors they never had, by the hundred.
	if errno == unix.EBADF {
		return
	}
	e := r.callEvent(t, trace.KindClose, c, errno)
	e.Fd = c.arg(0)
	last := e.Fd
	if c.spec.name == "close_range" {
		last = int(min(uint32(c.args[1]), 1<<31-1))
		e.NewFd = last
		if c.arg(2)&unix.CLOSE_RANGE_CLOEXEC != 0 {
			return
		}
	}
	if errno == 0 {
		t.proc.files.closed(e.Fd, last)
	}
	r.emit(e)
}

func enterDup(r *recorder, t *thread, c *call) bool {
	return r.o.Files || t.proc.files.hasRoom() || isStandard(c.arg(0)) ||
		c.spec.name != "dup" && isStandard(c.arg(1))
}

func exitDup(r *recorder, t *thread, c *call, result int64, errno unix.Errno) {
	e := r.callEvent(t, trace.KindDup, c, errno)
	e.Fd, e.NewFd = c.arg(0), int(result)
	if errno == 0 && e.Fd != e.NewFd {
		t.proc.files.duplicated(e.Fd, e.NewFd)
		e.OFD = r.fileNumber(t.proc, e.NewFd)
	}
	r.emit(e)
}

func exitPipe(r *recorder, t *thread, c *call, _ int64, errno unix.Errno) {
	e := r.callEvent(t, trace.KindPipe, c, errno)
	var fds [8]byte
	if errno == 0 && readMemory(t.tid, c.args[0], fds[:]) == len(fds) {
		e.Fd = int(int32(binary.NativeEndian.Uint32(fds[:])))
		e.NewFd = int(int32(binary.NativeEndian.Uint32(fds[4:])))
		t.proc.files.opened(e.Fd)
		t.proc.files.opened(e.NewFd)
	}
	r.emit(e)
}

func enterFcntl(r *recorder, t *thread, c *call) bool {
	if c.arg(1) == unix.F_SETFL {
		return r.o.Files || isStandard(c.arg(0))
	}
	return r.o.Files || t.proc.files.hasRoom() || isStandard(c.arg(0))
}

func exitFcntl(r *recorder, t *thread, c *call, result int64, errno unix.Errno) {
	if c.arg(1) != unix.F_SETFL {
		exitDup(r, t, c, result, errno)
		return
	}
	e := r.callEvent(t, trace.KindFcntl, c, errno)
	e.Fd, e.Command, e.Value = c.arg(0), c.arg(1), c.arg(2)
	e.OFD = r.fileNumber(t.proc, e.Fd)
	r.emit(e)
}

func exitSeek(r *recorder, t *thread, c *call, result int64, errno unix.Errno) {
	e := r.callEvent(t, trace.KindSeek, c, errno)
	e.Fd, e.Offset, e.Whence, e.Result = c.arg(0), int64(c.args[1]), c.arg(2), result
	if errno == 0 {
		e.OFD = r.fileNumber(t.proc, e.Fd)
	}
	r.emit(e)
}

func exitTruncate(r *recorder, t *thread, c *call, _ int64, errno unix.Errno) {
	e := r.callEvent(t, trace.KindTruncate, c, errno)
	e.Offset = int64(c.args[1])
	if c.spec.name == "truncate" {
		e.Path = c.path
	} else {
		e.Fd = c.arg(0)
		e.OFD = r.fileNumber(t.proc, e.Fd)
	}
	r.emit(e)
}
