//go:build 386 || amd64 || arm64

package record

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"apue/internal/procfs"
	"apue/internal/trace"
)

// maxArgv bounds how many arguments an event keeps, maxArgs how many
// bytes of all. maxCounted bounds how many are counted of an exec that
// failed: the kernel takes six MiB at most.
const (
	maxArgv    = 1024
	maxArgs    = 64 << 10
	maxCounted = 1 << 20
)

// execCall is what was seen at the entry of an exec.
type execCall struct {
	argv, envp uint64 // addresses
	dirfd      int
	flags      uint64
	ids        *trace.IDs
	unknown    string // why path and arguments are not known
}

func enterExec(r *recorder, t *thread, c *call) bool {
	path, argv, envp := c.args[0], c.args[1], c.args[2]
	c.exec = &execCall{}
	if c.spec.name == "execveat" {
		path, argv, envp = c.args[1], c.args[2], c.args[3]
		c.exec.dirfd, c.exec.flags = c.arg(0), c.args[4]
	}
	c.exec.argv, c.exec.envp = argv, envp
	c.path = readString(t.tid, path, unix.PathMax)
	if c.spec.name == "execveat" {
		c.path = fromDirectory(t.tid, c.arg(0), c.path, c.exec.flags)
	}
	room := maxArgs
	for i := range maxArgv {
		var word [longSize]byte
		if readMemory(t.tid, argv+uint64(longSize*i), word[:]) != longSize {
			break
		}
		p := ulong(word[:])
		if p == 0 || room <= 0 {
			break
		}
		arg := readString(t.tid, p, room)
		c.argv = append(c.argv, arg)
		room -= len(arg)
	}
	if c.path == "" || c.argv == nil {
		c.exec.unknown = memoryRefused(t.tid)
	}
	if r.started {
		c.exec.ids = idsOf(t.tid)
	}
	if r.o.SnapshotExec {
		r.snapshot(t, "exec-entry")
	}
	return true
}

// fromDirectory is the file that execveat names: a path that is not absolute
// begins at the descriptor, if there is one; an empty one is the descriptor's
// file itself.
func fromDirectory(tid, dirfd int, path string, flags uint64) string {
	if strings.HasPrefix(path, "/") || dirfd == unix.AT_FDCWD || path == "" && flags&unix.AT_EMPTY_PATH == 0 {
		return path
	}
	dir := procfs.Readlink(procfs.Path(tid, "fd/"+itoa(dirfd)))
	if dir == "" || path == "" {
		return dir + path
	}
	return strings.TrimSuffix(dir, "/") + "/" + path
}

// exitExec sees failures only: success is PTRACE_EVENT_EXEC.
func exitExec(r *recorder, t *thread, c *call, _ int64, errno unix.Errno) {
	if errno == 0 {
		return
	}
	e := r.callEvent(t, trace.KindExec, c, errno)
	e.Path, e.Argv = c.path, c.argv
	e.Dirfd, e.Flags = c.exec.dirfd, c.exec.flags
	e.Argc, e.ArgsBytes = countStrings(t.tid, c.exec.argv)
	_, e.EnvBytes = countStrings(t.tid, c.exec.envp)
	explainExec(&e, c.exec.unknown, "")
	r.emit(e)
	if r.o.SnapshotExec {
		r.snapshot(t, "exec-failed")
	}
}

// countStrings counts the strings of an array that a null pointer ends,
// and their bytes with the null byte of each.
func countStrings(tid int, array uint64) (count, size int) {
	pointers := make([]byte, 4096)
	for count < maxCounted {
		n := readMemory(tid, array, pointers[:4096-int(array&4095)])
		if n < longSize {
			return count, size
		}
		for i := 0; i+longSize <= n; i += longSize {
			p := ulong(pointers[i:])
			if p == 0 {
				return count, size
			}
			count++
			size += len(readString(tid, p, 1<<20)) + 1
		}
		array += uint64(n &^ (longSize - 1))
	}
	return count, size
}

// idsOf are a thread's ids; nil when it is gone.
func idsOf(tid int) *trace.IDs {
	status := procfs.ReadStatus(tid)
	var ids trace.IDs
	uid, gid := status.Ints("Uid"), status.Ints("Gid")
	if len(uid) != 4 || len(gid) != 4 {
		return nil
	}
	copy(ids.UID[:], uid)
	copy(ids.GID[:], gid)
	ids.Groups = status.Ints("Groups")
	return &ids
}

func sameIDs(a, b *trace.IDs) bool {
	return a == nil || b == nil || a.UID == b.UID && a.GID == b.GID && slices.Equal(a.Groups, b.Groups)
}

// execEvent is the event of an exec that succeeded, made at
// PTRACE_EVENT_EXEC, before the new program's first instruction. c is nil
// if the call was not seen.
func (r *recorder) execEvent(p *process, c *call, byTid, others int) trace.Event {
	e := r.processEvent(p, trace.KindExec)
	program := &trace.Program{
		Exe: procfs.Readlink(procfs.Path(p.pid, "exe")), Comm: procfs.ReadComm(p.pid), ThreadsEnded: others,
	}
	args := r.readStack(p.pid, program)
	if c != nil {
		e.Call, e.Path, e.Argv = c.spec.name, c.path, c.argv
		e.Dirfd, e.Flags = c.exec.dirfd, c.exec.flags
		whole := len(c.argv) < maxArgv && len(strings.Join(c.argv, "")) < maxArgs
		if args != nil && !slices.Equal(args, c.argv) && (whole || len(args) < len(c.argv)) {
			program.Cmdline = args
		}
	} else {
		e.Path, e.Argv = program.Exe, args
	}
	e.Program, e.ByTid = program, byTid
	e.After = idsOf(p.pid)
	unknown := ""
	if c != nil {
		unknown = c.exec.unknown
		if !sameIDs(c.exec.ids, e.After) {
			e.Before = c.exec.ids
		}
	}
	explainExec(&e, unknown, memoryRefused(p.pid))
	return e
}

// readStack reads what the kernel has put on a new program's stack: the
// arguments, which it returns, the environment and the auxiliary vector.
func (r *recorder) readStack(pid int, program *trace.Program) (args []string) {
	vector := auxv(pid)
	if len(vector) == 0 {
		return nil // nobody may look at it
	}
	const execfn, secure = 31, 23 // AT_EXECFN, AT_SECURE
	stack := &trace.Stack{Execfn: readString(pid, vector[execfn], unix.PathMax), Secure: vector[secure] != 0}
	program.Stack = stack
	stat, _ := procfs.ReadStat(pid)
	area := func(from, to int) (start, size uint64) {
		a, errA := strconv.ParseUint(stat.Field(from), 10, 64)
		b, errB := strconv.ParseUint(stat.Field(to), 10, 64)
		if errA != nil || errB != nil || b < a {
			return 0, 0
		}
		return a, b - a
	}
	at, size := area(48, 49)
	stack.ArgsBytes = int(size)
	args = stringsAt(pid, at, min(size, maxArgs))
	at, size = area(50, 51)
	stack.EnvBytes = int(size)
	env := stringsAt(pid, at, min(size, 8<<20))
	stack.EnvCount = len(env)
	if r.o.Environ {
		stack.Env = env
	}
	return args
}

// stringsAt reads strings that follow each other, each ended by a null
// byte.
func stringsAt(tid int, at, size uint64) []string {
	b := make([]byte, size)
	b = b[:readMemory(tid, at, b)]
	if len(b) == 0 {
		return nil
	}
	return strings.Split(string(bytes.TrimSuffix(b, []byte{0})), "\x00")
}

// auxv is a process's auxiliary vector (getauxval(3)); empty if it
// cannot be read.
func auxv(pid int) map[uint64]uint64 {
	vector := map[uint64]uint64{}
	for b := []byte(procfs.ReadAll(procfs.Path(pid, "auxv"))); len(b) >= 2*longSize; b = b[2*longSize:] {
		vector[ulong(b)] = ulong(b[longSize:])
	}
	return vector
}

// noteSetID says it when the file that was executed has a set-user-ID or
// set-group-ID bit and the kernel has ignored it: nothing else tells.
func (r *recorder) noteSetID(p *process, e *trace.Event) {
	var st unix.Stat_t
	if e.After == nil || unix.Stat(procfs.Path(p.pid, "exe"), &st) != nil {
		return
	}
	setUID := st.Mode&unix.S_ISUID != 0 && int(st.Uid) != e.After.UID[1]
	const groupExecutes = 0o010
	setGID := st.Mode&unix.S_ISGID != 0 && st.Mode&groupExecutes != 0 && int(st.Gid) != e.After.GID[1]
	if !setUID && !setGID {
		return
	}
	reason := "the recorder has no privilege"
	var fs unix.Statfs_t
	switch {
	case procfs.ReadStatus(p.pid).Int("NoNewPrivs") == 1:
		reason = "the process has set no_new_privs"
	case unix.Statfs(procfs.Path(p.pid, "exe"), &fs) == nil && fs.Flags&unix.ST_NOSUID != 0:
		reason = "its file system is mounted nosuid"
	}
	bit := "set-user-ID"
	if !setUID {
		bit = "set-group-ID"
	}
	r.note(p, fmt.Sprintf("%s executes %s, whose %s bit the kernel ignored: %s", p.name, e.Program.Exe, bit, reason))
}
