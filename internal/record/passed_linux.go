//go:build 386 || amd64 || arm64

package record

import (
	"encoding/binary"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// passes are the calls by which a descriptor of another process comes: it
// leads to the same open file description.
var passes = map[string]bool{"recvmsg": true, "recvmmsg": true, "pidfd_getfd": true}

// passed is the open file description of a descriptor that came from
// another process: one that the kernel says is the same (kcmp), or, if the
// sender has closed its own, the only one that was sent and is open nowhere
// else. Its number is 0 if there are several of these.
func (r *recorder) passed(t *thread, fd int, writes bool) *openFile {
	open := map[*openFile]bool{}
	for _, p := range r.sorted() {
		if p.dead {
			continue
		}
		for n, d := range p.files.fds {
			if d.file.number == 0 || p.files == t.proc.files && n == fd {
				continue
			}
			open[d.file] = true
			if order, err := kcmp(t.tid, p.liveTID, kcmpFile, fd, n); err == nil && order == 0 {
				return d.file
			}
		}
	}
	o := r.objectAt(t.tid, fd)
	kind, _, _ := strings.Cut(o.name, " ")
	var could []*openFile
	for _, f := range r.sent {
		like, _, _ := strings.Cut(f.object.name, " ")
		if !open[f] && (f.object == o || f.object.name == o.name || o.mode == 0 && f.object.mode == 0 && like == kind) {
			could = append(could, f)
		}
	}
	switch len(could) {
	case 0:
		return r.newFile(o, writes)
	case 1:
		r.sent = slices.DeleteFunc(r.sent, func(f *openFile) bool { return f == could[0] })
		return could[0]
	}
	return &openFile{object: o, writes: writes}
}

// maxSent bounds how many descriptions on their way are remembered.
const maxSent = 256

// noteSent remembers the open file descriptions that a sendmsg has sent
// (SCM_RIGHTS).
func (r *recorder) noteSent(t *thread, address uint64) {
	// struct msghdr: name, namelen, iov, iovlen, control, controllen.
	var msg [6 * longSize]byte
	if readMemory(t.tid, address, msg[:]) != len(msg) {
		return
	}
	control := make([]byte, min(ulong(msg[5*longSize:]), 4096))
	control = control[:readMemory(t.tid, ulong(msg[4*longSize:]), control)]
	all, err := unix.ParseSocketControlMessage(control)
	if err != nil {
		return
	}
	for i := range all {
		if all[i].Header.Level != unix.SOL_SOCKET || all[i].Header.Type != unix.SCM_RIGHTS {
			continue
		}
		for data := all[i].Data; len(data) >= 4; data = data[4:] {
			f := t.proc.files.followed(int(int32(binary.NativeEndian.Uint32(data))))
			if f == nil || slices.Contains(r.sent, f) {
				continue
			}
			if len(r.sent) == maxSent {
				r.sent = slices.Delete(r.sent, 0, 1)
			}
			r.sent = append(r.sent, f)
		}
	}
}
