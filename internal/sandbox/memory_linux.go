package sandbox

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sys/unix"

	"apue/internal/procfs"
)

// A cgroup is a memory cgroup of one run: its folder, of version 1 or 2.
// "" stands for none.
type cgroup string

// newCgroup makes a cgroup that can have so many bytes of memory and no
// swap. It is made in that of this process or above it, because in version
// 2 a cgroup with processes has no children with controllers.
func newCgroup(limit int64) (cgroup, error) {
	var last error = unix.ENOENT
	for _, parent := range memoryCgroups() {
		c := cgroup(filepath.Join(parent, fmt.Sprintf("ch8-%d", os.Getpid())))
		if last = os.Mkdir(string(c), 0o755); last != nil {
			continue
		}
		value := strconv.FormatInt(limit, 10)
		if last = procfs.Write(string(c)+"/memory.max", value); last == nil {
			procfs.Write(string(c)+"/memory.swap.max", "0") // there is none without swap
			return c, nil
		}
		if last = procfs.Write(string(c)+"/memory.limit_in_bytes", value); last == nil {
			procfs.Write(string(c)+"/memory.memsw.limit_in_bytes", value)
			return c, nil
		}
		c.remove()
	}
	return "", last
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
func (c cgroup) enter() error {
	if c == "" {
		return nil
	}
	return procfs.Write(string(c)+"/cgroup.procs", "0")
}

// killed reports whether the kernel killed a process because the limit was
// reached, or though it was not, for want of memory elsewhere.
func (c cgroup) killed() (limit, machine bool) {
	if c == "" {
		return false, false
	}
	count := func(file, key string) bool {
		for line := range strings.Lines(procfs.ReadAll(string(c) + "/" + file)) {
			if f := strings.Fields(line); len(f) == 2 && f[0] == key {
				return f[1] != "0"
			}
		}
		return false
	}
	if !count("memory.events", "oom_kill") && !count("memory.oom_control", "oom_kill") {
		return false, false
	}
	failed := strings.TrimSpace(procfs.ReadAll(string(c) + "/memory.failcnt")) // version 1
	limit = count("memory.events", "oom") || failed != "" && failed != "0"
	return limit, !limit
}

// remove removes the cgroup, in which no process is left.
func (c cgroup) remove() {
	if c != "" {
		unix.Rmdir(string(c))
	}
}

// MemorySum returns nil if the memory of all processes of an isolated run
// together can be bounded here, and otherwise a *Refusal. The run itself
// is not refused for it.
func MemorySum() error { return memorySum() }

var memorySum = sync.OnceValue(func() error {
	c, err := newCgroup(DefaultMemory)
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
