//go:build amd64 || arm64

package record

import (
	"encoding/binary"
	"strings"

	"golang.org/x/sys/unix"

	"apue/internal/procfs"
	"apue/internal/trace"
)

// maxArgv bounds how many arguments an event keeps, maxArgs how many
// bytes of all.
const (
	maxArgv = 1024
	maxArgs = 64 << 10
)

func enterExec(r *recorder, t *thread, c *call) bool {
	path, argv := c.args[0], c.args[1]
	if c.spec.name == "execveat" {
		path, argv = c.args[1], c.args[2]
	}
	c.path = readString(t.tid, path, unix.PathMax)
	if c.path == "" && c.spec.name == "execveat" && c.args[4]&unix.AT_EMPTY_PATH != 0 {
		c.path = procfs.Readlink(procfs.Path(t.tid, "fd/"+itoa(c.arg(0))))
	}
	room := maxArgs
	for i := range maxArgv {
		var word [8]byte
		if readMemory(t.tid, argv+uint64(8*i), word[:]) != 8 {
			break
		}
		p := binary.NativeEndian.Uint64(word[:])
		if p == 0 || room <= 0 {
			break
		}
		arg := readString(t.tid, p, room)
		c.argv = append(c.argv, arg)
		room -= len(arg)
	}
	return true
}

// exitExec sees failures only: success is PTRACE_EVENT_EXEC.
func exitExec(r *recorder, t *thread, c *call, _ int64, errno unix.Errno) {
	if errno == 0 {
		return
	}
	e := r.callEvent(t, trace.KindExec, c, errno)
	e.Path, e.Argv = c.path, c.argv
	r.emit(e)
}

// cmdline is the argument list in /proc/PID/cmdline.
func cmdline(pid int) []string {
	buf := make([]byte, 64<<10)
	s := strings.TrimSuffix(string(procfs.Read(procfs.Path(pid, "cmdline"), buf)), "\x00")
	if s == "" {
		return nil
	}
	return strings.Split(s, "\x00")
}
