package sandbox

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"apue/internal/procfs"
)

// stat is the part of /proc/PID/stat that the sandbox reads.
type stat struct {
	pid, ppid int
	comm      string
	state     byte
	threads   int    // also a first one that has ended before the others
	start     uint64 // clock ticks since boot: with pid, the identity of a process
}

// readStat reads one process; ok is false when it is gone.
func readStat(pid int) (s stat, ok bool) {
	f, ok := procfs.ReadStat(pid)
	return stat{f.Pid(), f.PPid(), f.Comm(), f.State(), f.ThreadCount(), f.Start()}, ok
}

// alive says that the process is neither a zombie nor dead.
func (s stat) alive() bool { return s.eye() != 0 }

// eye is a living thread of the process, by whose folder of /proc it
// is seen; 0 when there is none. It is not the first one when that has
// called pthread_exit: /proc/PID shows a zombie then.
func (s stat) eye() int {
	if s.state != 'Z' && s.state != 'X' {
		return s.pid
	}
	if s.threads < 2 {
		return 0
	}
	for _, tid := range procfs.Threads(s.pid) {
		if t, ok := procfs.ReadThreadStat(s.pid, tid); ok && !t.Ended() {
			return tid
		}
	}
	return 0
}

// descendants returns the processes below root, zombies too,
// oldest first.
func descendants(root int) []stat {
	children := map[int][]stat{}
	for _, pid := range procfs.Pids() {
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
	l := Leftover{Pid: s.pid, NSpid: s.pid, Comm: s.comm, State: string(s.state), First: s.pid == first}
	eye := s.eye()
	if t, ok := procfs.ReadThreadStat(s.pid, eye); ok {
		l.State = string(t.State())
	}
	if pids := procfs.ReadStatus(eye).Ints("NStgid"); len(pids) > 0 {
		l.NSpid = pids[len(pids)-1]
	}
	var buf [4096]byte
	if b := procfs.Read(procfs.Path(eye, "cmdline"), buf[:]); len(b) > 0 {
		l.Cmdline = strings.Split(strings.TrimRight(string(b), "\x00"), "\x00")
	}
	return l
}

// tracedFromBelow returns a process below another that traces a thread
// of it, nil if there is none. A debugger of both is neither's business.
func tracedFromBelow(pid int) *stat {
	for _, tid := range procfs.Threads(pid) {
		tracer := procfs.ReadStatus(tid).Int("TracerPid")
		if tracer <= 0 {
			continue
		}
		leader := procfs.ReadStatus(tracer).Int("Tgid")
		for _, s := range descendants(pid) {
			if s.pid == leader {
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
	value := fmt.Sprintf(" %d ", mark)
	var all []stat
	for _, pid := range procfs.Pids() {
		if !strings.Contains(procfs.ReadAll(procfs.Path(pid, "limits")), value) {
			continue
		}
		if s, ok := readStat(pid); ok && s.alive() {
			all = append(all, s)
		}
	}
	return all
}

// sysctl reads a file below /proc/sys; "" when there is none.
func sysctl(name string) string {
	return strings.TrimSpace(procfs.ReadAll("/proc/sys/" + name))
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
	first, _, _ := strings.Cut(procfs.ReadAll("/proc/self/statm"), " ")
	pages, err := strconv.ParseUint(first, 10, 64)
	return pages * uint64(os.Getpagesize()), err == nil
}
