//go:build 386 || amd64 || arm64

package record

import (
	"bytes"
	"encoding/binary"
	"os"

	"golang.org/x/sys/unix"

	"apue/internal/procfs"
	"apue/internal/trace"
)

// writeSpec says where a call that writes has its descriptor and its
// bytes.
type writeSpec struct {
	out   int // argument: descriptor written to
	bytes int // argument: address of the bytes, −1: none
	iov   int // argument: address of an iovec array, −1: none
	msg   int // argument: address of a msghdr, −1: none
	in    int // argument: descriptor the bytes come from, −1: none
	off   int // argument: address of the offset in that
}

func addWriteCalls(add func(int, callSpec)) {
	one := func(nr int, name string, w writeSpec) {
		add(nr, callSpec{
			name:   name,
			blocks: trace.KindWrite,
			enter:  func(r *recorder, t *thread, c *call) bool { return r.enterWrite(t, c, &w) },
			exit: func(r *recorder, t *thread, c *call, result int64, errno unix.Errno) {
				r.exitWrite(t, c, &w, result, errno)
			},
		})
	}
	one(unix.SYS_WRITE, "write", writeSpec{0, 1, -1, -1, -1, -1})
	one(unix.SYS_PWRITE64, "pwrite64", writeSpec{0, 1, -1, -1, -1, -1})
	one(unix.SYS_SENDTO, "sendto", writeSpec{0, 1, -1, -1, -1, -1})
	one(unix.SYS_WRITEV, "writev", writeSpec{0, -1, 1, -1, -1, -1})
	one(unix.SYS_PWRITEV, "pwritev", writeSpec{0, -1, 1, -1, -1, -1})
	one(unix.SYS_PWRITEV2, "pwritev2", writeSpec{0, -1, 1, -1, -1, -1})
	one(unix.SYS_VMSPLICE, "vmsplice", writeSpec{0, -1, 1, -1, -1, -1})
	one(unix.SYS_SENDMSG, "sendmsg", writeSpec{0, -1, -1, 1, -1, -1})
	one(unix.SYS_SENDFILE, "sendfile", writeSpec{0, -1, -1, -1, 1, 2})
	one(unix.SYS_COPY_FILE_RANGE, "copy_file_range", writeSpec{2, -1, -1, -1, 0, 1})
	one(unix.SYS_SPLICE, "splice", writeSpec{2, -1, -1, -1, 0, 1})
	one(unix.SYS_TEE, "tee", writeSpec{1, -1, -1, -1, -1, -1})
}

// enterWrite takes calls that write to 1 or 2 or to where these led at
// first; with Options.Files every call.
func (r *recorder) enterWrite(t *thread, c *call, w *writeSpec) bool {
	fd := c.arg(w.out)
	if !r.o.Files && fd != 1 && fd != 2 {
		if f := r.fileOf(t, fd); !r.isOutput(f) {
			return false
		}
	}
	if t.proc.threads > 1 && w.in < 0 {
		c.data = r.written(t, c, w, r.o.maxData())
	}
	if w.in >= 0 {
		c.offset = -1
		if f := r.fileOf(t, c.arg(w.in)); f != nil && f.object.mode == unix.S_IFREG {
			c.offset, _ = procfs.ReadFdinfo(t.tid, c.arg(w.in)).Pos()
			var word [8]byte
			if readMemory(t.tid, c.args[w.off], word[:]) == len(word) {
				c.offset = int64(binary.NativeEndian.Uint64(word[:]))
			}
		}
	}
	return true
}

func (r *recorder) exitWrite(t *thread, c *call, w *writeSpec, result int64, errno unix.Errno) {
	e := r.callEvent(t, trace.KindWrite, c, errno)
	e.Fd, e.Result, e.Via, e.Within = c.arg(w.out), result, c.via, c.within
	longWrite(&e, c)
	if result > 0 {
		e.Data = r.written(t, c, w, int(min(result, int64(r.o.maxData()))))
		if c.data != nil && !bytes.HasPrefix(c.data, e.Data) {
			e.Note = "another thread changed the bytes during the call: they need not be the ones that were written"
		}
	}
	if errno != unix.EBADF {
		r.fileOf(t, e.Fd).name(&e)
		r.filePos(t, &e)
	}
	r.emit(e)
	if w.msg >= 0 && errno == 0 && r.o.Files {
		r.noteSent(t, c.args[w.msg])
	}
	if r.o.Snapshots && e.Fd == 1 {
		r.snapshot(t, "write")
	}
}

// filePos adds, with Options.Files, the file's name and its offset after
// the call; that is −1 for what has none.
func (r *recorder) filePos(t *thread, e *trace.Event) {
	if !r.o.Files {
		return
	}
	e.Path = procfs.Readlink(procfs.Path(t.tid, "fd/"+itoa(e.Fd)))
	e.FilePos = -1
	f := r.fileOf(t, e.Fd)
	if f == nil || f.object.mode != unix.S_IFREG && f.object.mode != unix.S_IFBLK {
		return
	}
	if pos, ok := procfs.ReadFdinfo(t.tid, e.Fd).Pos(); ok {
		e.FilePos = pos
	}
}

// written fetches the n bytes that a call has written.
func (r *recorder) written(t *thread, c *call, w *writeSpec, n int) []byte {
	switch {
	case w.bytes >= 0:
		data := make([]byte, min(uint64(n), c.args[w.bytes+1]))
		return data[:readMemory(t.tid, c.args[w.bytes], data)]
	case w.iov >= 0:
		return gather(t.tid, c.args[w.iov], c.args[w.iov+1], n)
	case w.msg >= 0:
		// struct msghdr: name, namelen, iov, iovlen, each as long as a long.
		var msg [4 * longSize]byte
		readMemory(t.tid, c.args[w.msg], msg[:])
		return gather(t.tid, ulong(msg[2*longSize:]), ulong(msg[3*longSize:]), n)
	case w.in >= 0 && c.offset >= 0:
		// Only of a regular file, which a second open does not
		// disturb.
		f, err := os.Open(procfs.Path(t.tid, "fd/"+itoa(c.arg(w.in))))
		if err != nil {
			return nil
		}
		defer f.Close()
		data := make([]byte, n)
		n, _ = f.ReadAt(data, c.offset)
		return data[:n]
	}
	return nil
}

// maxVectors is UIO_MAXIOV: the kernel takes no more, but another thread
// may have changed the number since.
const maxVectors = 1024

// gather reads what an array of iovecs describes, n bytes at most.
func gather(tid int, iov, count uint64, n int) []byte {
	var data []byte
	for range min(count, maxVectors) {
		if len(data) >= n {
			break
		}
		var v [2 * longSize]byte // base, length
		if readMemory(tid, iov, v[:]) != len(v) {
			break
		}
		iov += uint64(len(v))
		part := make([]byte, min(ulong(v[longSize:]), uint64(n-len(data))))
		got := readMemory(tid, ulong(v[:]), part)
		data = append(data, part[:got]...)
		if got < len(part) {
			break
		}
	}
	return data
}
