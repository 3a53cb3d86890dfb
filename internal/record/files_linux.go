//go:build 386 || amd64 || arm64

package record

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"apue/internal/procfs"
	"apue/internal/trace"
)

// addFileCalls adds the calls on descriptors.
func addFileCalls(add func(int, callSpec), o *Options) {
	add(unix.SYS_OPENAT, callSpec{name: "openat", enter: enterOpen, exit: exitOpen})
	add(unix.SYS_OPENAT2, callSpec{name: "openat2", enter: enterOpen, exit: exitOpen})
	add(unix.SYS_CLOSE, callSpec{name: "close", enter: enterClose, exit: exitClose})
	add(unix.SYS_CLOSE_RANGE, callSpec{name: "close_range", exit: exitCloseRange})
	add(unix.SYS_DUP, callSpec{name: "dup", enter: enterDup, exit: exitDup})
	add(unix.SYS_DUP3, callSpec{name: "dup3", enter: enterDup, exit: exitDup})
	add(unix.SYS_PIPE2, callSpec{name: "pipe2", exit: exitPipe})
	add(unix.SYS_SOCKETPAIR, callSpec{name: "socketpair", exit: exitPipe})
	add(unix.SYS_FCNTL, callSpec{
		name: "fcntl", enter: enterFcntl, exit: exitFcntl,
		when: &condition{arg: 1, values: []uint32{
			unix.F_DUPFD, unix.F_DUPFD_CLOEXEC, unix.F_SETFD, unix.F_SETFL,
			fSetlk, fSetlkw, fSetlk64, fSetlkw64, fOfdSetlk, fOfdSetlkw,
		}},
	})
	if o.Files {
		add(unix.SYS_LSEEK, callSpec{name: "lseek", exit: exitSeek})
		add(unix.SYS_FTRUNCATE, callSpec{name: "ftruncate", exit: exitTruncate})
		add(unix.SYS_TRUNCATE, callSpec{name: "truncate", enter: enterPath, exit: exitTruncate})
		for nr, name := range makers {
			add(nr, callSpec{name: name, exit: exitMaker})
		}
		add(unix.SYS_RECVMMSG, callSpec{name: "recvmmsg", exit: func(r *recorder, t *thread, c *call, _ int64, errno unix.Errno) {
			if errno == 0 {
				r.foundAll(t, c)
			}
		}})
	}
	addWriteCalls(add)
	addReadCalls(add)
}

// The commands of fcntl(2) for locks. F_SETLK64 and F_SETLKW64 exist on
// 32-bit systems only, beside the others.
const (
	fSetlk     = 6
	fSetlkw    = 7
	fSetlk64   = 13
	fSetlkw64  = 14
	fOfdSetlk  = 37
	fOfdSetlkw = 38
)

// makers are the calls, beside open and pipe, that return a new
// descriptor.
var makers = map[int]string{
	unix.SYS_SOCKET:        "socket",
	unix.SYS_EPOLL_CREATE1: "epoll_create1", unix.SYS_EVENTFD2: "eventfd2", unix.SYS_SIGNALFD4: "signalfd4",
	unix.SYS_TIMERFD_CREATE: "timerfd_create", unix.SYS_INOTIFY_INIT1: "inotify_init1",
	unix.SYS_MEMFD_CREATE: "memfd_create", unix.SYS_PIDFD_OPEN: "pidfd_open", unix.SYS_PIDFD_GETFD: "pidfd_getfd",
	unix.SYS_USERFAULTFD: "userfaultfd", unix.SYS_OPEN_BY_HANDLE_AT: "open_by_handle_at", unix.SYS_MQ_OPEN: "mq_open",
	unix.SYS_FANOTIFY_INIT: "fanotify_init", unix.SYS_PERF_EVENT_OPEN: "perf_event_open",
	unix.SYS_IO_URING_SETUP: "io_uring_setup", unix.SYS_OPEN_TREE: "open_tree", unix.SYS_FSOPEN: "fsopen",
	unix.SYS_FSMOUNT: "fsmount", unix.SYS_BPF: "bpf", unix.SYS_LANDLOCK_CREATE_RULESET: "landlock_create_ruleset",
}

// isStandard says whether a descriptor is recorded without
// Options.Files.
func isStandard(fd int) bool { return fd >= 0 && fd <= 2 }

func enterOpen(r *recorder, t *thread, c *call) bool {
	if !r.started || !r.o.Files && !t.proc.files.hasRoom() {
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
	c.flags = commonOpenFlags(c.flags & (1<<32 - 1))
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
		e.Cloexec = c.flags&unix.O_CLOEXEC != 0
		r.opened(t, fd, c.flags&unix.O_ACCMODE != 0, e.Cloexec).name(&e)
	}
	r.emit(e)
}

// exitMaker records another call that returned a descriptor.
func exitMaker(r *recorder, t *thread, c *call, result int64, errno unix.Errno) {
	if errno == 0 {
		if _, known := t.proc.files.fds[int(result)]; known || procfs.ReadFdinfo(t.tid, int(result)) == "" {
			return // signalfd changes one; bpf and others need not return any
		}
	}
	e := r.callEvent(t, trace.KindOpen, c, errno)
	e.Fd = int(result)
	if errno == 0 {
		r.found(t, &e)
	}
	r.emit(e)
}

// found enters a descriptor that a call has made into the table, with the
// flags that the kernel tells.
func (r *recorder) found(t *thread, e *trace.Event) {
	e.Flags = commonOpenFlags(uint64(max(procfs.ReadFdinfo(t.tid, e.Fd).Flags(), 0)))
	e.Cloexec = e.Flags&unix.O_CLOEXEC != 0
	writes := e.Flags&unix.O_ACCMODE != 0
	if !passes[e.Call] {
		r.opened(t, e.Fd, writes, e.Cloexec).name(e)
		return
	}
	f := r.passed(t, e.Fd, writes)
	t.proc.files.fds[e.Fd] = descriptor{f, e.Cloexec}
	if f.name(e); f.number == 0 {
		explain(e, "ofd", "it came with a message, and which open file description it is cannot be told")
	}
}

// foundAll records the descriptors that have come in another way: with
// a message, or by a clone that asked for a pidfd.
func (r *recorder) foundAll(t *thread, c *call) {
	for _, fd := range procfs.Fds(t.tid) {
		if _, known := t.proc.files.fds[fd]; !known {
			e := r.callEvent(t, trace.KindOpen, c, 0)
			e.Fd = fd
			r.found(t, &e)
			r.emit(e)
		}
	}
}

// enterClose ends here for most: programs close descriptors that they
// never had by the hundred, and what is closed needs not to be followed.
func enterClose(r *recorder, t *thread, c *call) bool {
	fd := c.arg(0)
	if _, known := t.proc.files.fds[fd]; !known {
		return r.o.Files || isStandard(fd)
	}
	if !r.o.Files && !isStandard(fd) && t.proc.files.followed(fd) == nil {
		delete(t.proc.files.fds, fd)
		return false
	}
	return true
}

func exitClose(r *recorder, t *thread, c *call, _ int64, errno unix.Errno) {
	if errno == unix.EBADF {
		return
	}
	e := r.callEvent(t, trace.KindClose, c, errno)
	e.Fd = c.arg(0)
	t.proc.files.followed(e.Fd).name(&e)
	// Whatever the error, the descriptor is gone (close(2)).
	t.proc.files.closed(e.Fd, e.Fd)
	r.emit(e)
}

// exitCloseRange records the range, if a descriptor in it is followed,
// or what it does instead of closing.
func exitCloseRange(r *recorder, t *thread, c *call, _ int64, errno unix.Errno) {
	const highest = 1<<31 - 1
	first, last := int(min(uint32(c.args[0]), highest)), int(min(uint32(c.args[1]), highest))
	flags := c.arg(2)
	if errno == 0 && flags&unix.CLOSE_RANGE_UNSHARE != 0 {
		t.proc.files = t.proc.files.clone()
	}
	kind := trace.KindClose
	if flags&unix.CLOSE_RANGE_CLOEXEC != 0 {
		kind = trace.KindFcntl
	}
	e := r.callEvent(t, kind, c, errno)
	e.Fd, e.NewFd = first, last
	followed := false
	switch {
	case errno != 0:
	case kind == trace.KindFcntl:
		e.Command, e.Value = unix.F_SETFD, unix.FD_CLOEXEC
		for fd, d := range t.proc.files.fds {
			if fd >= first && fd <= last {
				d.cloexec = true
				t.proc.files.fds[fd] = d
				followed = true
			}
		}
	default:
		followed = t.proc.files.closed(first, last)
	}
	if followed || errno != 0 || r.o.Files || first <= 2 {
		r.emit(e)
	}
}

// enterDup takes copies of what is followed, and those that replace it.
func enterDup(r *recorder, t *thread, c *call) bool {
	files := t.proc.files
	if !r.started {
		return false
	}
	if r.o.Files || files.hasRoom() || isStandard(c.arg(0)) || files.followed(c.arg(0)) != nil {
		return true
	}
	if c.spec.name == "dup" || c.spec.name == "fcntl" {
		return false
	}
	return isStandard(c.arg(1)) || files.followed(c.arg(1)) != nil
}

func exitDup(r *recorder, t *thread, c *call, result int64, errno unix.Errno) {
	e := r.callEvent(t, trace.KindDup, c, errno)
	e.Fd, e.NewFd = c.arg(0), int(result)
	switch c.spec.name {
	case "dup3":
		e.Cloexec = c.args[2]&unix.O_CLOEXEC != 0
	case "fcntl":
		e.Cloexec = c.arg(1) == unix.F_DUPFD_CLOEXEC
	}
	if errno != 0 && (c.spec.name == "dup2" || c.spec.name == "dup3") {
		e.NewFd = c.arg(1)
	}
	if e.Cloexec {
		e.Flags = unix.O_CLOEXEC
	}
	if errno == 0 && e.Fd != e.NewFd {
		f := r.fileOf(t, e.Fd)
		if f == nil { // closed by another thread since
			f = r.fileOf(t, e.NewFd)
		}
		if f != nil && f.number == 0 {
			f.number = r.newFile(f.object, false).number // it is followed from now on
		}
		f.name(&e)
		if f != nil {
			t.proc.files.fds[e.NewFd] = descriptor{f, e.Cloexec}
		}
	} else if errno == 0 {
		r.fileOf(t, e.Fd).name(&e)
	}
	r.emit(e)
}

func exitPipe(r *recorder, t *thread, c *call, _ int64, errno unix.Errno) {
	e := r.callEvent(t, trace.KindPipe, c, errno)
	at, flags := c.args[0], uint64(0)
	switch c.spec.name {
	case "pipe2":
		flags = c.args[1]
	case "socketpair":
		at, flags = c.args[3], c.args[1]&(unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK)
	}
	e.Flags, e.Cloexec = flags, flags&unix.O_CLOEXEC != 0
	var fds [8]byte
	if errno == 0 && r.started && readMemory(t.tid, at, fds[:]) == len(fds) {
		e.Fd = int(int32(binary.NativeEndian.Uint32(fds[:])))
		e.NewFd = int(int32(binary.NativeEndian.Uint32(fds[4:])))
		r.opened(t, e.Fd, c.spec.name == "socketpair", e.Cloexec).name(&e)
		e.NewOFD = r.opened(t, e.NewFd, true, e.Cloexec).number
	}
	r.emit(e)
}

func enterFcntl(r *recorder, t *thread, c *call) bool {
	switch fd := c.arg(0); c.arg(1) {
	case unix.F_SETFD:
		return r.o.Files || isStandard(fd) || t.proc.files.followed(fd) != nil
	case unix.F_SETFL:
		return r.o.Files || isStandard(fd)
	case fSetlk, fSetlkw, fSetlk64, fSetlkw64, fOfdSetlk, fOfdSetlkw:
		return true
	}
	return enterDup(r, t, c)
}

func exitFcntl(r *recorder, t *thread, c *call, result int64, errno unix.Errno) {
	switch c.arg(1) {
	case fSetlk, fSetlkw, fSetlk64, fSetlkw64, fOfdSetlk, fOfdSetlkw:
		exitLock(r, t, c, result, errno)
		return
	case unix.F_SETFD, unix.F_SETFL:
	default:
		exitDup(r, t, c, result, errno)
		return
	}
	e := r.callEvent(t, trace.KindFcntl, c, errno)
	e.Fd, e.Command, e.Value = c.arg(0), c.arg(1), c.arg(2)
	if errno == 0 {
		r.fileOf(t, e.Fd).name(&e)
		if d, ok := t.proc.files.fds[e.Fd]; ok && e.Command == unix.F_SETFD {
			d.cloexec = e.Value&unix.FD_CLOEXEC != 0
			t.proc.files.fds[e.Fd] = d
		}
	}
	r.emit(e)
}

func exitSeek(r *recorder, t *thread, c *call, result int64, errno unix.Errno) {
	e := r.callEvent(t, trace.KindSeek, c, errno)
	e.Fd, e.Offset, e.Whence, e.Result = c.arg(0), int64(c.args[1]), c.arg(2), result
	if errno == 0 {
		r.fileOf(t, e.Fd).name(&e)
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
		r.fileOf(t, e.Fd).name(&e)
	}
	r.emit(e)
}
