package sandbox

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"apue/internal/procfs"
)

// liveTID returns a living thread of the process, by whose folder of /proc
// the process is seen, or 0 if it has ended. It is not the first thread
// if that has called pthread_exit: /proc/PID shows a zombie then.
func liveTID(s procfs.Stat) int {
	if !s.Ended() {
		return s.Pid()
	}
	if s.ThreadCount() < 2 {
		return 0
	}
	for _, tid := range procfs.Threads(s.Pid()) {
		if t, ok := procfs.ReadThreadStat(s.Pid(), tid); ok && !t.Ended() {
			return tid
		}
	}
	return 0
}

// descendants returns the processes below root, zombies too, oldest first.
func descendants(root int) []procfs.Stat {
	children := map[int][]procfs.Stat{}
	for _, pid := range procfs.Pids() {
		if s, ok := procfs.ReadStat(pid); ok {
			children[s.PPid()] = append(children[s.PPid()], s)
		}
	}
	var all []procfs.Stat
	for queue := []int{root}; len(queue) > 0; queue = queue[1:] {
		all = append(all, children[queue[0]]...)
		for _, c := range children[queue[0]] {
			queue = append(queue, c.Pid())
		}
	}
	slices.SortFunc(all, func(a, b procfs.Stat) int {
		if a.Start() != b.Start() {
			return int(int64(a.Start() - b.Start()))
		}
		return a.Pid() - b.Pid()
	})
	return all
}

// children returns the ids of the children of this process. It reads one
// small file a thread: a process that forks and ends, again and again, is
// seen here where a look at all of /proc comes too late.
func children() (pids []int) {
	for _, tid := range procfs.Threads(os.Getpid()) {
		text := procfs.ReadAll(procfs.Path(os.Getpid(), "task/"+strconv.Itoa(tid)+"/children"))
		for _, word := range strings.Fields(text) {
			if pid, err := strconv.Atoi(word); err == nil {
				pids = append(pids, pid)
			}
		}
	}
	return pids
}

// kill sends SIGKILL to the process pid if is says that it is the one
// meant: the pid can belong to another process by now.
func kill(pid int, is func(procfs.Stat) bool) error {
	pidfd, err := unix.PidfdOpen(pid, 0)
	if err == unix.ENOSYS { // not Linux, but something like it
		return unix.Kill(pid, unix.SIGKILL)
	}
	if err != nil {
		return err
	}
	defer unix.Close(pidfd)
	if now, ok := procfs.ReadStat(pid); !ok || !is(now) {
		return unix.ESRCH
	}
	return unix.PidfdSendSignal(pidfd, unix.SIGKILL, nil, 0)
}

// killChildren kills the children of this process for which is holds,
// looking again as long as there are new ones, and at most for a moment.
// others are ids of children that are not looked at.
func killChildren(others map[int]bool, is func(procfs.Stat) bool) (found bool) {
	for range 200 {
		again := false
		for _, pid := range children() {
			again = !others[pid] && kill(pid, is) == nil || again
		}
		if !again {
			return found
		}
		found = true
	}
	return found
}

// killTree kills the descendants of this process, and describes those
// that cannot be killed.
func killTree() (stuck []string) {
	self := os.Getpid()
	killChildren(nil, func(s procfs.Stat) bool { return s.PPid() == self && liveTID(s) != 0 })
	for _, s := range descendants(self) {
		if liveTID(s) == 0 {
			continue
		}
		err := kill(s.Pid(), func(now procfs.Stat) bool { return now.Start() == s.Start() })
		if err != nil && err != unix.ESRCH {
			stuck = append(stuck, fmt.Sprintf("%d (%s): %v", s.Pid(), s.Comm(), err))
		} else if s.State() == 'D' {
			stuck = append(stuck, fmt.Sprintf("%d (%s): in uninterruptible sleep", s.Pid(), s.Comm()))
		}
	}
	return stuck
}

// leftover describes a living process.
func leftover(s procfs.Stat, first int) Leftover {
	l := Leftover{Pid: s.Pid(), NSpid: s.Pid(), Comm: s.Comm(), State: string(s.State()), First: s.Pid() == first}
	tid := liveTID(s)
	if t, ok := procfs.ReadThreadStat(s.Pid(), tid); ok {
		l.State = string(t.State())
	}
	if ids := procfs.ReadStatus(tid).Ints("NStgid"); len(ids) > 0 {
		l.NSpid = ids[len(ids)-1]
	}
	if b := procfs.Read(procfs.Path(tid, "cmdline"), make([]byte, 4096)); len(b) > 0 {
		l.Cmdline = strings.Split(strings.TrimRight(string(b), "\x00"), "\x00")
	}
	return l
}

// The mark is a soft and hard RLIMIT_RTTIME (microseconds that a real-time
// thread can run without sleeping) of some 30 years, different for each
// run. Every process of a run inherits it through sessions, adoptions and
// execs, and every process can read it: it tells the orphans of a run
// whose keeper was killed from the caller's other children.
const markBase = 1_000_000_000_000_000

// adoptOrphans makes this process adopt the orphans of a killed keeper.
func adoptOrphans() { unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) }

// killMarked kills and reaps the children of this process that carry the
// mark, and returns when there have been none for a while.
func killMarked(mark uint64) {
	value := []byte(fmt.Sprintf(" %d ", mark))
	self := os.Getpid()
	others := map[int]bool{} // the caller's other children: looking is slow, and the race is close
	marked := func(s procfs.Stat) bool {
		limits := procfs.ReadAll(procfs.Path(s.Pid(), "limits"))
		if limits != "" && s.PPid() == self && !bytes.Contains([]byte(limits), value) {
			others[s.Pid()] = true
		}
		return s.PPid() == self && bytes.Contains([]byte(limits), value)
	}
	for quiet := 0; quiet < 20; quiet++ {
		if killChildren(others, func(s procfs.Stat) bool { return marked(s) && liveTID(s) != 0 }) {
			quiet = 0
		}
		for _, pid := range children() {
			// A zombie keeps its limits until it is reaped.
			if others[pid] {
				continue
			}
			if s, ok := procfs.ReadStat(pid); ok && s.Ended() && marked(s) {
				unix.Wait4(pid, nil, unix.WNOHANG|unix.WALL, nil)
			}
		}
		time.Sleep(time.Millisecond)
	}
}

// usage returns what all reaped children of this process used.
func usage() Rusage {
	var ru unix.Rusage
	if unix.Getrusage(unix.RUSAGE_CHILDREN, &ru) != nil {
		return Rusage{}
	}
	return rusage(&ru)
}

func rusage(ru *unix.Rusage) Rusage {
	return Rusage{
		User:   time.Duration(ru.Utime.Nano()),
		System: time.Duration(ru.Stime.Nano()),
		MaxRSS: int64(ru.Maxrss) * 1024,
	}
}
