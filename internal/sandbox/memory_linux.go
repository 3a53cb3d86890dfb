package sandbox

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"apue/ch8/proc"
	"apue/internal/procfs"
)

// A cgroup is a memory cgroup for the runs of a keeper, one after the
// other.
type cgroup struct {
	path  string // its folder, of version 1 or 2; "" stands for none
	limit int64
	// What its counters said when the run began.
	kills, limited int
}

// prepare makes the cgroup one that can have so many bytes of memory and no
// swap. It is made in that of this process or above it, because in version
// 2 a cgroup with processes has no children with controllers.
func (c *cgroup) prepare(limit int64) error {
	if c.path == "" || c.limit != limit {
		c.remove()
		if err := c.create(limit); err != nil {
			return err
		}
	}
	for _, name := range mostUsed {
		procfs.Write(c.path+name, "0")
	}
	c.kills, c.limited = c.counters()
	return nil
}

// mostUsed are files of version 1; a write resets them.
var mostUsed = []string{"/memory.max_usage_in_bytes", "/memory.memsw.max_usage_in_bytes"}

func (c *cgroup) create(limit int64) error {
	var last error = unix.ENOENT
	for _, parent := range memoryCgroups() {
		removeLeft(parent)
		c.path = cgroupOf(parent, os.Getpid())
		if last = os.Mkdir(c.path, 0o755); last != nil {
			continue
		}
		value := strconv.FormatInt(limit, 10)
		if last = procfs.Write(c.path+"/memory.max", value); last == nil {
			procfs.Write(c.path+"/memory.swap.max", "0") // there is none without swap
		} else if last = procfs.Write(c.path+"/memory.limit_in_bytes", value); last == nil {
			procfs.Write(c.path+"/memory.memsw.limit_in_bytes", value)
			procfs.Write(c.path+"/memory.kmem.tcp.limit_in_bytes", strconv.Itoa(DefaultDisk)) // version 2 counts it
		}
		if last == nil {
			c.limit = limit
			return nil
		}
		c.remove()
	}
	c.path = ""
	return last
}

// cgroupPrefix is what the names of our cgroups begin with. A process id
// follows, which means something in this pid namespace only.
func cgroupPrefix() string {
	namespace, _ := os.Readlink("/proc/self/ns/pid")
	return "ch8-" + strings.TrimSuffix(strings.TrimPrefix(namespace, "pid:["), "]") + "-"
}

// cgroupOf is the cgroup of a keeper with this pid, in the folder parent.
func cgroupOf(parent string, pid int) string {
	return filepath.Join(parent, cgroupPrefix()+strconv.Itoa(pid))
}

// removeLeft removes the cgroups that processes of this pid namespace have
// left in a folder because they were killed.
func removeLeft(folder string) {
	left, _ := filepath.Glob(filepath.Join(folder, cgroupPrefix()+"*"))
	for _, path := range left {
		pid, err := strconv.Atoi(path[strings.LastIndexByte(path, '-')+1:])
		if err == nil && pid > 0 && unix.Kill(pid, 0) == unix.ESRCH {
			unix.Rmdir(path)
		}
	}
}

// memoryCgroups lists the folders in which a memory cgroup may be made,
// from that of this process up to the root of the hierarchy.
func memoryCgroups() (folders []string) {
	own := map[string]string{} // by the controllers of a hierarchy; version 2 has ""
	for line := range strings.Lines(procfs.ReadAll("/proc/self/cgroup")) {
		if f := strings.SplitN(strings.TrimSpace(line), ":", 3); len(f) == 3 {
			own[f[1]] = f[2]
		}
	}
	for line := range strings.Lines(procfs.ReadAll("/proc/self/mountinfo")) {
		before, after, _ := strings.Cut(line, " - ")
		f, kind := strings.Fields(before), strings.Fields(after)
		if len(f) < 5 || len(kind) < 3 {
			continue
		}
		path, ok := "", false
		switch {
		case kind[0] == "cgroup2":
			path, ok = own[""]
		case kind[0] == "cgroup" && strings.Contains(","+kind[2]+",", ",memory,"):
			path, ok = own["memory"]
		}
		if !ok {
			continue
		}
		// A mount can show a part of the hierarchy: f[3] is its root.
		path = strings.TrimPrefix(path, strings.TrimSuffix(f[3], "/"))
		for {
			folders = append(folders, filepath.Join(f[4], path))
			if path == "/" || path == "" || path == "." {
				break
			}
			path = filepath.Dir(path)
		}
	}
	return folders
}

// enter moves this process into the cgroup.
func (c *cgroup) enter() error {
	if c.path == "" {
		return nil
	}
	return procfs.Write(c.path+"/cgroup.procs", "0")
}

// killed reports whether the kernel killed a process because the limit was
// reached, or though it was not, for want of memory elsewhere.
func (c *cgroup) killed() (limit, machine bool) {
	kills, limited := c.counters()
	if kills == c.kills {
		return false, false
	}
	return limited != c.limited, limited == c.limited
}

// counters returns how many processes of the cgroup the kernel has killed
// for want of memory, and how often the limit was reached.
func (c *cgroup) counters() (kills, limited int) {
	if c.path == "" {
		return 0, 0
	}
	field := func(text, key string) (n int) {
		for line := range strings.Lines(text) {
			if f := strings.Fields(line); len(f) == 2 && f[0] == key {
				n, _ = strconv.Atoi(f[1])
			}
		}
		return n
	}
	if v2 := procfs.ReadAll(c.path + "/memory.events"); v2 != "" {
		return field(v2, "oom_kill"), field(v2, "oom")
	}
	// Version 1 has the most that was used, of memory alone and with swap.
	// The kernel charges some pages at a time.
	const batch = 1 << 20
	for _, name := range mostUsed {
		n, _ := strconv.ParseInt(strings.TrimSpace(procfs.ReadAll(c.path+name)), 10, 64)
		if n+batch > c.limit {
			limited = 1
		}
	}
	return field(procfs.ReadAll(c.path+"/memory.oom_control"), "oom_kill"), limited
}

// remove removes the cgroup, in which no process is left.
func (c *cgroup) remove() {
	if c.path != "" {
		unix.Rmdir(c.path)
	}
	c.path = ""
}

// reapKeeper waits until a keeper has ended, and removes the cgroup that one
// leaves which was killed.
func reapKeeper(keeper *os.Process) (*os.ProcessState, error) {
	// As long as it is a zombie no other keeper has its id.
	var info unix.Siginfo
	for unix.Waitid(unix.P_PID, keeper.Pid, &info, unix.WEXITED|unix.WNOWAIT, nil) == unix.EINTR {
	}
	if info.Code != proc.CLD_EXITED {
		for _, parent := range memoryCgroups() {
			left := cgroupOf(parent, keeper.Pid)
			// Its processes are about to end: the init has a death signal.
			for range 100 {
				if unix.Rmdir(left) != unix.EBUSY {
					break
				}
				time.Sleep(10 * time.Millisecond)
			}
		}
	}
	return keeper.Wait()
}

// MemorySum returns nil if the memory of all processes of an isolated run
// together can be bounded here, and otherwise a *Refusal. The run itself
// is not refused for it.
func MemorySum() error { return memorySum() }

var memorySum = sync.OnceValue(func() error {
	var c cgroup
	err := c.create(DefaultMemory)
	c.remove()
	if err != nil {
		return &Refusal{
			fmt.Sprintf("no memory cgroup can be made (%v): each process of a run can have %d GiB of address space, "+
				"their sum is not bounded", err, DefaultAddressSpace>>30),
			"run as root where /sys/fs/cgroup is writable, or in a unit with Delegate=yes",
		}
	}
	return nil
})
