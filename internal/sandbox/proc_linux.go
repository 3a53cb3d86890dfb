package sandbox

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"apue/internal/trace"
)

// stat is the part of /proc/PID/stat that the sandbox reads.
type stat struct {
	pid, ppid int
	comm      string
	state     string
	threads   int    // also a first one that has ended before the others
	start     uint64 // clock ticks since boot: with pid, the identity of a process
}

// readStat reads one process; ok is false when it is gone.
func readStat(pid int) (s stat, ok bool) {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return s, false
	}
	return parseStat(pid, b)
}

// parseStat reads the stat file of a process.
func parseStat(pid int, b []byte) (s stat, ok bool) {
	// A name may contain blanks and parentheses.
	open, end := bytes.IndexByte(b, '('), bytes.LastIndexByte(b, ')')
	if open < 0 || end < open {
		return s, false
	}
	f := bytes.Fields(b[end+1:])
	if len(f) < 20 {
		return s, false
	}
	s.pid, s.comm, s.state = pid, string(b[open+1:end]), string(f[0])
	s.ppid, _ = strconv.Atoi(string(f[1]))
	s.threads, _ = strconv.Atoi(string(f[17]))
	s.start, _ = strconv.ParseUint(string(f[19]), 10, 64)
	return s, true
}

// alive says that the process is neither a zombie nor dead.
func (s stat) alive() bool { return s.eye() != 0 }

// eye is a living thread of the process, by whose folder of /proc it
// is seen; 0 when there is none. It is not the first one when that has
// called pthread_exit: /proc/PID shows a zombie then.
func (s stat) eye() int {
	if !ended(s.state) {
		return s.pid
	}
	if s.threads < 2 {
		return 0
	}
	tasks, _ := os.ReadDir("/proc/" + strconv.Itoa(s.pid) + "/task")
	for _, task := range tasks {
		tid, _ := strconv.Atoi(task.Name())
		if t, ok := readStat(tid); ok && !ended(t.state) {
			return tid
		}
	}
	return 0
}

func ended(state string) bool { return state == "Z" || state == "X" }

// pids returns all processes that /proc shows.
func pids() []int {
	d, err := os.Open("/proc")
	if err != nil {
		return nil
	}
	defer d.Close()
	names, _ := d.Readdirnames(-1)
	var all []int
	for _, name := range names {
		if pid, err := strconv.Atoi(name); err == nil {
			all = append(all, pid)
		}
	}
	return all
}

// descendants returns the processes below root, zombies too,
// oldest first.
func descendants(root int) []stat {
	children := map[int][]stat{}
	for _, pid := range pids() {
		if s, ok := readStat(pid); ok {
			children[s.ppid] = append(children[s.ppid], s)
		}
	}
	var all []stat
	for queue := []int{root}; len(queue) > 0; queue = queue[1:] {
		all = append(all, children[queue[0]]...)
		for _, c := range children[queue[0]] {
			queue = append(queue, c.pid)
		}
	}
	slices.SortFunc(all, func(a, b stat) int {
		if a.start != b.start {
			return int(int64(a.start - b.start))
		}
		return a.pid - b.pid
	})
	return all
}

// kill sends SIGKILL to the very process that s describes: its
// pid may be another's by now.
func (s stat) kill() error {
	pidfd, err := unix.PidfdOpen(s.pid, 0)
	if err == unix.ENOSYS { // no Linux, but something like it
		return unix.Kill(s.pid, unix.SIGKILL)
	}
	if err != nil {
		return err
	}
	defer unix.Close(pidfd)
	if now, ok := readStat(s.pid); !ok || now.start != s.start {
		return unix.ESRCH
	}
	return unix.PidfdSendSignal(pidfd, unix.SIGKILL, nil, 0)
}

// leftover describes a living process.
func (s stat) leftover(first int) Leftover {
	l := Leftover{Pid: s.pid, NSpid: s.pid, Comm: s.comm, State: s.state, First: s.pid == first}
	eye := s.eye()
	if t, ok := readStat(eye); ok {
		l.State = t.state
	}
	dir := "/proc/" + strconv.Itoa(eye)
	if f := strings.Fields(statusLine(strconv.Itoa(eye), "NStgid")); len(f) > 0 {
		l.NSpid, _ = strconv.Atoi(f[len(f)-1])
	}
	if b, err := os.ReadFile(dir + "/cmdline"); err == nil && len(b) > 0 {
		b = b[:min(len(b), 4096)]
		l.Cmdline = strings.Split(strings.TrimRight(string(b), "\x00"), "\x00")
	}
	return l
}

// tracedFromBelow returns a process below another that traces a thread
// of it, nil if there is none. A debugger of both is neither's business.
func tracedFromBelow(pid int) *stat {
	self := strconv.Itoa(pid)
	threads, _ := os.ReadDir("/proc/" + self + "/task")
	for _, t := range threads {
		tracer := statusLine(self+"/task/"+t.Name(), "TracerPid")
		if tracer == "" || tracer == "0" {
			continue
		}
		leader := statusLine(tracer, "Tgid")
		for _, s := range descendants(pid) {
			if strconv.Itoa(s.pid) == leader {
				return &s
			}
		}
	}
	return nil
}

// The mark is a soft and hard RLIMIT_RTTIME (microseconds that a
// real-time thread may run without sleeping) of some 30 years,
// different for each run. Every process of a run inherits it,
// through sessions, adoptions and execs, and anybody may read it:
// it finds a tree whose keeper has been killed.
const markBase = 1_000_000_000_000_000

// marked returns the living processes that carry the mark.
func marked(mark uint64) []stat {
	value := []byte(fmt.Sprintf(" %d ", mark))
	var all []stat
	for _, pid := range pids() {
		b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/limits")
		if err != nil || !bytes.Contains(b, value) {
			continue
		}
		if s, ok := readStat(pid); ok && s.alive() {
			all = append(all, s)
		}
	}
	return all
}

// statusLine returns the value of one line of a process's, or a thread's,
// file status below /proc; "" when there is none.
func statusLine(of, key string) string {
	b, _ := os.ReadFile("/proc/" + of + "/status")
	return trace.ProcFiles{"status": string(b)}.Status(key)
}

// sysctl reads a file below /proc/sys; "" when there is none.
func sysctl(name string) string {
	b, _ := os.ReadFile("/proc/sys/" + name)
	return strings.TrimSpace(string(b))
}

// kernelAtLeast compares with the running kernel's version.
func kernelAtLeast(major, minor int) bool {
	var u unix.Utsname
	if unix.Uname(&u) != nil {
		return false
	}
	var a, b int
	fmt.Sscanf(unix.ByteSliceToString(u.Release[:]), "%d.%d", &a, &b)
	return a > major || a == major && b >= minor
}

// usage returns what all reaped children of this process used.
func usage() Rusage {
	var ru syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_CHILDREN, &ru) != nil {
		return Rusage{}
	}
	return rusage(&ru)
}

// addressSpace is what RLIMIT_AS counts of this process, in bytes.
func addressSpace() (size uint64, ok bool) {
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0, false
	}
	first, _, _ := strings.Cut(string(b), " ")
	pages, err := strconv.ParseUint(first, 10, 64)
	return pages * uint64(os.Getpagesize()), err == nil
}

// put writes to a file of /proc: one call each, and no *os.File whose
// finalizer a forked child could not run.
func put(path, text string) error {
	f, err := unix.Open(path, unix.O_WRONLY|unix.O_TRUNC|unix.O_CLOEXEC, 0)
	if err != nil {
		return &os.PathError{Op: "open", Path: path, Err: err}
	}
	defer unix.Close(f)
	if _, err := unix.Write(f, []byte(text)); err != nil {
		return &os.PathError{Op: "write", Path: path, Err: err}
	}
	return nil
}
