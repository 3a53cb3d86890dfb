package sandbox

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"apue/ch8/proc"
	"apue/internal/procfs"
	"apue/internal/record"
)

// launch is what the launcher, and before it the init, have to do.
type launch struct {
	Path string
	Args []string
	Env  []string
	Dir  string
	// Redirect makes stdoutFD and stderrFD the program's output.
	Redirect bool
	Pty      bool
	Attached bool   // the process group, umask and ignored signals are the caller's
	Ignored  uint64 // those signals
	// Inherited are the numbers for the descriptors from inheritedFD on.
	Inherited []int
	Rlimits   []rlimit
	Trace     *record.Options

	// Of an isolated run:
	Isolated  bool
	Own       bool // Dir is fresh
	Input     string
	Visible   []visible
	Mounts    []Mount
	Disk      int64
	Files     int
	Processes uint64 // 0: not counted
	NoNproc   bool
	NoPidMax  bool
	NoIPC     bool

	iso      isolation
	uid, gid int // the caller's
	cgroup   *cgroup
	proc     string // a /proc of the namespace that is not read-only
	ipc      bool   // the limits of System V IPC are low
}

// rlimit is one resource limit.
type rlimit struct {
	Resource   int
	Soft, Hard uint64
}

// start forks the launcher, which is this process until it becomes the
// program. It waits for its release, and reports to keeper; others are
// descriptors that are not to stay open in it.
func (l *launch) start(release, keeper fd, others ...fd) (int, error) {
	pid, err := proc.Fork()
	if err != nil {
		return 0, fmt.Errorf("the launcher did not start: %w", err)
	}
	if pid == 0 {
		closeAll(others...)
		l.launcher(release, keeper)
	}
	return pid, nil
}

// launcher becomes the program.
func (l *launch) launcher(release, keeper fd) {
	err := l.beforeRelease()
	if err == nil {
		keeper.sendMsg(message{Ready: true})
		var b [1]byte
		if n, _ := release.Read(b[:]); n != 1 {
			proc.Exit(125) // the program is not wanted any more
		}
		err = l.exec(&keeper)
	}
	f := newFailure(err)
	var errno syscall.Errno
	var path *os.PathError
	if errors.As(err, &path) && path.Path == l.Path && errors.As(err, &errno) {
		f = &failure{Exec: errno, Path: raw(l.Path)}
	}
	keeper.sendMsg(message{Failure: f})
	proc.Exit(127)
}

// beforeRelease makes this process what the program is to find, as far as
// that does no harm before the recorder is there.
func (l *launch) beforeRelease() error {
	if !l.Attached {
		if err := unix.Setpgid(0, 0); err != nil {
			return fmt.Errorf("setpgid: %w", err)
		}
		unix.Umask(0o022)
	}
	if l.Redirect {
		if err := unix.Dup3(int(stdoutFD), 1, 0); err != nil {
			return fmt.Errorf("dup3: %w", err)
		}
	}
	if l.Pty {
		if err := unix.IoctlSetPointerInt(1, unix.TIOCSPGRP, os.Getpid()); err != nil {
			return fmt.Errorf("TIOCSPGRP: %w", err)
		}
	}
	if err := unix.Chdir(l.Dir); err != nil {
		return fmt.Errorf("the working directory cannot be entered: %w", err)
	}
	if l.Isolated {
		if err := l.dropPrivileges(); err != nil {
			return err
		}
	}
	// All signals have their default action, whatever was inherited: also
	// the two that the C library keeps for itself, which GNU make, for
	// one, leaves ignored in its commands.
	for n := unix.Signal(1); n <= 64; n++ {
		if l.Ignored&(1<<(n-1)) != 0 {
			procfs.RtSigaction(n, &procfs.Sigaction{Handler: procfs.SIG_IGN}, nil)
		} else {
			proc.Signal(n, proc.Default)
		}
	}
	return unix.PthreadSigmask(unix.SIG_SETMASK, &unix.Sigset_t{}, nil)
}

// dropPrivileges gives up every privilege, for ever.
func (l *launch) dropPrivileges() error {
	if l.iso.userNS {
		if err := l.bindCount(); err != nil {
			return err
		}
		// The ambient set shrinks with the others.
		header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
		var none [2]unix.CapUserData
		if err := unix.Capset(&header, &none[0]); err != nil {
			return fmt.Errorf("capset: %w", err)
		}
	} else {
		// Not by the runtime's calls, which would change the ids of threads
		// that a forked child lacks; and not by number, because on 386 the
		// older calls take 16 bits of an id.
		err := proc.Setgroups(nil)
		if err == nil {
			err = proc.Setresgid(l.iso.gid, l.iso.gid, l.iso.gid)
		}
		if err == nil {
			err = proc.Setresuid(l.iso.uid, l.iso.uid, l.iso.uid)
		}
		if err != nil {
			return fmt.Errorf("the program cannot become user %d: %w", l.iso.uid, err)
		}
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("PR_SET_NO_NEW_PRIVS: %w", err)
	}
	return noPriority()
}

// noPriority gives up a nice value below 0 and a realtime policy: with
// one of these a caller's children run before all others.
func noPriority() error {
	attr, err := unix.SchedGetAttr(0, 0)
	if err != nil {
		return fmt.Errorf("sched_getattr: %w", err)
	}
	realtime := slices.Contains([]uint32{unix.SCHED_FIFO, unix.SCHED_RR, unix.SCHED_DEADLINE}, attr.Policy)
	if attr.Nice >= 0 && !realtime {
		return nil
	}
	plain := unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_NORMAL}
	if err := unix.SchedSetAttr(0, &plain, 0); err != nil {
		return fmt.Errorf("sched_setattr: %w", err)
	}
	return nil
}

// nprocBinds finds out whether RLIMIT_NPROC binds this process: a user who
// is root in the first user namespace is exempt, and only the attempt
// tells.
//
//go:norace
func (l *launch) nprocBinds() bool {
	if l.NoNproc {
		return false
	}
	var old, none unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NPROC, &old) != nil {
		return false
	}
	none.Max = old.Max
	if unix.Setrlimit(unix.RLIMIT_NPROC, &none) != nil {
		return false
	}
	// A plain fork, whose child ends at once. It is not meant to succeed.
	pid, _, errno := syscall.RawSyscall6(unix.SYS_CLONE, uintptr(unix.SIGCHLD), 0, 0, 0, 0, 0)
	if errno == 0 && pid == 0 {
		for {
			syscall.RawSyscall(unix.SYS_EXIT_GROUP, 0, 0, 0)
		}
	}
	unix.Setrlimit(unix.RLIMIT_NPROC, &old)
	if errno == 0 {
		proc.Waitpid(int(pid), nil, 0)
	}
	return errno == unix.EAGAIN
}

// exec is the last step: the filters and limits, which this process feels
// too, and the exec. Between the limits and the exec nothing may need a
// thread or memory, so everything else comes before.
func (l *launch) exec(keeper *fd) error {
	if l.Redirect {
		if err := unix.Dup3(int(stderrFD), 2, 0); err != nil {
			return err
		}
	}
	if err := l.giveInherited(keeper); err != nil {
		return err
	}
	if l.Isolated {
		if err := refuseCalls(l.Trace != nil, l.ipc); err != nil {
			return err
		}
	}
	if l.Trace != nil {
		if err := record.Filter(*l.Trace); err != nil {
			return err
		}
	}
	if l.Processes > 0 && !l.NoNproc {
		l.Rlimits = append([]rlimit{{unix.RLIMIT_NPROC, l.Processes, l.Processes}}, l.Rlimits...)
	}
	limits := make([]syscall.Rlimit, len(l.Rlimits))
	inherited := true // its RLIMIT_NOFILE
	for i, m := range l.Rlimits {
		if err := syscall.Getrlimit(m.Resource, &limits[i]); err != nil {
			return fmt.Errorf("getrlimit %d: %w", m.Resource, err)
		}
		// Only CAP_SYS_RESOURCE could raise the hard limit.
		hard := limits[i].Max
		limits[i] = syscall.Rlimit{Cur: min(m.Soft, hard), Max: min(m.Hard, hard)}
		inherited = inherited && m.Resource != unix.RLIMIT_NOFILE
	}
	image, err := proc.NewImage(l.Path, l.Args, l.Env)
	if err != nil {
		return &os.PathError{Op: "exec", Path: l.Path, Err: err}
	}
	for i, m := range l.Rlimits {
		// Not by x/sys: the runtime would restore the limit of
		// descriptors that it was started with.
		if err := syscall.Setrlimit(m.Resource, &limits[i]); err != nil {
			return fmt.Errorf("setrlimit %d: %w", m.Resource, err)
		}
	}
	if inherited {
		// This one undoes that the runtime has raised RLIMIT_NOFILE.
		err = syscall.Exec(l.Path, l.Args, l.Env)
	} else {
		err = image.Exec() // without a word of memory
	}
	return &os.PathError{Op: "exec", Path: l.Path, Err: err}
}

// giveInherited gives the caller's descriptors the numbers that they have
// there. The connection to the keeper makes room.
func (l *launch) giveInherited(keeper *fd) error {
	if len(l.Inherited) == 0 {
		return nil
	}
	above := int(inheritedFD) + len(l.Inherited)
	above = max(above, slices.Max(l.Inherited)+1)
	move := func(d fd) (fd, error) {
		n, err := unix.FcntlInt(uintptr(d), unix.F_DUPFD_CLOEXEC, above)
		if err != nil {
			return -1, fmt.Errorf("the caller's descriptors do not fit: %w", err)
		}
		return fd(n), nil
	}
	moved := make([]fd, len(l.Inherited))
	var err error
	for i := range moved {
		if moved[i], err = move(inheritedFD + fd(i)); err != nil {
			return err
		}
	}
	up, err := move(*keeper)
	if err != nil {
		return err
	}
	*keeper = up
	for i, n := range l.Inherited {
		if err := unix.Dup3(int(moved[i]), n, 0); err != nil {
			return fmt.Errorf("dup3: %w", err)
		}
	}
	return nil
}

// orDefault resolves a number of Limits: 0 is the default; less than 0, no
// limit, stays.
func orDefault(n, d int64) int64 {
	if n == 0 {
		return d
	}
	return n
}

// rlimits resolves Limits into resource limits.
func (o *order) rlimits() []rlimit {
	const infinity = ^uint64(0)
	var l []rlimit
	add := func(resource int, n int64) {
		if n > 0 {
			l = append(l, rlimit{resource, uint64(n), uint64(n)})
		}
	}
	if o.Attached {
		add(unix.RLIMIT_RTTIME, int64(o.Mark))
		return l
	}
	// A limit of 1 also keeps a core_pattern that is a pipe from being
	// fed; 0 does not, see core(5).
	core := rlimit{unix.RLIMIT_CORE, 1, infinity}
	memory, cpu, files, size := int64(-1), int64(-1), int64(-1), int64(DefaultFileSize)
	if o.Isolate {
		memory, files, size = DefaultAddressSpace, DefaultOpenFiles, IsolatedFileSize
		cpu = int64(o.Timeout.Seconds()) + 2
		core.Hard = 1
		// What is counted for the caller's user, if that is the program's;
		// and no privilege by a limit that is raised for a group of users.
		add(unix.RLIMIT_SIGPENDING, 1024)
		add(unix.RLIMIT_MSGQUEUE, 256<<10)
		add(unix.RLIMIT_MEMLOCK, 1<<20)
		l = append(l, rlimit{unix.RLIMIT_RTPRIO, 0, 0}, rlimit{unix.RLIMIT_NICE, 0, 0})
	} else {
		add(unix.RLIMIT_RTTIME, int64(o.Mark))
	}
	l = append(l, core)
	add(unix.RLIMIT_FSIZE, orDefault(o.Limits.FileSize, size))
	add(unix.RLIMIT_NOFILE, orDefault(int64(o.Limits.OpenFiles), files))
	add(unix.RLIMIT_CPU, orDefault(int64(o.Limits.CPU), cpu))
	// Last, since this process feels it, too.
	add(unix.RLIMIT_AS, orDefault(o.Limits.AddressSpace, memory))
	return l
}

// growHeap makes the heap of this process, and so of the launcher, have
// mapped pages to spare: under a limit of the address space it could not
// map more, and telling the keeper that the exec failed needs some.
func growHeap(limit uint64) {
	const arena = 64 << 20 // the heap's next one, at most
	first, _, _ := strings.Cut(procfs.ReadAll("/proc/self/statm"), " ")
	pages, err := strconv.ParseUint(first, 10, 64)
	if err == nil && pages*uint64(os.Getpagesize())+arena <= limit {
		return
	}
	const room = 1 << 20
	var stats runtime.MemStats
	for {
		runtime.ReadMemStats(&stats)
		if stats.HeapIdle >= room {
			return
		}
		runtime.KeepAlive(make([]byte, room/2))
	}
}
