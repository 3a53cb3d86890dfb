package sandbox

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"

	"apue/ch8/proc"
	"apue/internal/procfs"
	"apue/internal/record"
)

// start forks the launcher, which is this process until it becomes the
// program. It asks for its release on status and takes it from orders;
// others are descriptors that are not to stay open in it.
func (l *launch) start(orders, status fd, others ...fd) (int, error) {
	pid, err := proc.Fork()
	if err != nil {
		return 0, fmt.Errorf("the launcher did not start: %w", err)
	}
	if pid == 0 {
		for _, f := range others {
			f.close()
		}
		l.launcher(orders, status)
	}
	return pid, nil
}

// launcher becomes the program.
func (l *launch) launcher(orders, keeper fd) {
	err := l.prepare()
	if err == nil {
		keeper.Write([]byte{'r'})
		var b [1]byte
		if n, _ := orders.Read(b[:]); n != 1 {
			proc.Exit(125) // nobody wants the program any more
		}
		err = l.become()
	}
	f := failed(err)
	var errno syscall.Errno
	var path *os.PathError
	if errors.As(err, &path) && path.Path == l.Path && errors.As(err, &errno) {
		f = &failure{Exec: errno, Path: raw(l.Path)}
	}
	tell(keeper, f)
	proc.Exit(127)
}

// prepare makes this process what the program is to find, as far as
// that does no harm before the recorder is there.
func (l *launch) prepare() error {
	if err := unix.Setpgid(0, 0); err != nil {
		return fmt.Errorf("setpgid: %w", err)
	}
	if err := unix.Dup3(4, 1, 0); err != nil {
		return fmt.Errorf("dup3: %w", err)
	}
	if l.Pty {
		if err := unix.IoctlSetPointerInt(1, unix.TIOCSPGRP, os.Getpid()); err != nil {
			return fmt.Errorf("TIOCSPGRP: %w", err)
		}
	}
	if err := unix.Chdir(l.Dir); err != nil {
		return fmt.Errorf("the working directory cannot be entered: %w", err)
	}
	unix.Umask(0o022)
	if l.Isolated {
		// If memory runs short, this goes first.
		procfs.Write("/proc/self/oom_score_adj", "1000")
		if err := l.drop(); err != nil {
			return err
		}
	}
	// All signals have their default action, whatever was inherited:
	// also the two that the C library keeps for itself, which GNU make,
	// for one, leaves ignored in its commands.
	for n := unix.Signal(1); n <= 64; n++ {
		proc.Signal(n, proc.Default)
	}
	return unix.PthreadSigmask(unix.SIG_SETMASK, &unix.Sigset_t{}, nil)
}

// drop gives up every privilege.
func (l *launch) drop() error {
	if l.iso.userNS {
		if !l.counted() {
			if err := l.limitPids(); err != nil {
				return err
			}
		}
		// The ambient set shrinks with the others.
		header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
		var none [2]unix.CapUserData
		if err := unix.Capset(&header, &none[0]); err != nil {
			return fmt.Errorf("capset: %w", err)
		}
	} else {
		// By raw calls: the runtime's would change the ids of threads
		// that a forked child lacks.
		uid, gid := uintptr(l.iso.uid), uintptr(l.iso.gid)
		for _, call := range [][4]uintptr{
			{unix.SYS_SETGROUPS},
			{unix.SYS_SETRESGID, gid, gid, gid},
			{unix.SYS_SETRESUID, uid, uid, uid},
		} {
			if _, _, errno := syscall.RawSyscall(call[0], call[1], call[2], call[3]); errno != 0 {
				return fmt.Errorf("the program cannot become user %d: %w", l.iso.uid, errno)
			}
		}
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("PR_SET_NO_NEW_PRIVS: %w", err)
	}
	return nil
}

// counted finds out whether RLIMIT_NPROC binds this process: who is
// root in the first user namespace is exempt, and only the attempt
// tells.
//
//go:norace
func (l *launch) counted() bool {
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
	// A plain fork, whose child ends at once. It is not to happen.
	pid, _, errno := syscall.RawSyscall6(unix.SYS_CLONE, uintptr(unix.SIGCHLD), 0, 0, 0, 0, 0)
	if errno == 0 && pid == 0 {
		for {
			syscall.RawSyscall(unix.SYS_EXIT_GROUP, 0, 0, 0)
		}
	}
	unix.Setrlimit(unix.RLIMIT_NPROC, &old)
	if errno == 0 {
		var ws unix.WaitStatus
		for {
			if _, err := unix.Wait4(int(pid), &ws, 0, nil); err != unix.EINTR {
				break
			}
		}
	}
	return errno == unix.EAGAIN
}

// reservedPids is where the kernel begins again when it has come to
// the highest pid (RESERVED_PIDS). The init shim began above the
// limit, so that those below are never given out.
const reservedPids = 300

// limitPids bounds the processes by the highest pid of the
// namespace.
func (l *launch) limitPids() error {
	// Before that release the same file is the whole machine's.
	if l.NoPidMax || !kernelAtLeast(6, 14) {
		return &Refusal{
			"a stranger's program cannot be counted here: root is exempt from RLIMIT_NPROC, " +
				"and before Linux 6.14 a pid namespace has no limit of its own",
			"run as a user other than root, as root outside of a user namespace, or on a newer kernel",
		}
	}
	if err := procfs.Write("/proc/sys/kernel/pid_max", fmt.Sprint(reservedPids+l.Processes)); err != nil {
		return &Refusal{
			"a stranger's program cannot be counted here (pid_max: " + err.Error() + ")",
			"run as a user other than root",
		}
	}
	return nil
}

// become is the last step: the limits, which this process feels
// too, and the exec. Between the two nothing may need a thread or
// much memory, so all else comes before.
func (l *launch) become() error {
	if err := unix.Dup3(5, 2, 0); err != nil {
		return err
	}
	if l.Trace != nil {
		if err := record.Filter(*l.Trace); err != nil {
			return err
		}
	}
	if l.Processes > 0 && !l.NoNproc {
		l.Limits = append([]limit{{unix.RLIMIT_NPROC, l.Processes, l.Processes}}, l.Limits...)
	}
	for _, m := range l.Limits {
		var old syscall.Rlimit
		if err := syscall.Getrlimit(m.Resource, &old); err != nil {
			continue
		}
		// Only CAP_SYS_RESOURCE could raise the hard limit.
		lim := syscall.Rlimit{Cur: min(m.Soft, old.Max), Max: min(m.Hard, old.Max)}
		// Not by x/sys: the runtime would put back the limit of
		// descriptors that it was started with.
		if err := syscall.Setrlimit(m.Resource, &lim); err != nil {
			return fmt.Errorf("setrlimit %d: %w", m.Resource, err)
		}
	}
	return &os.PathError{Op: "exec", Path: l.Path, Err: syscall.Exec(l.Path, l.Args, l.Env)}
}

// haveRoom makes the heap of this process, and so of the launcher, have
// mapped pages to spare, where it could not map more under a limit of the
// address space: converting the arguments for execve takes some.
func haveRoom(limit uint64) {
	const arena = 64 << 20 // the heap's next one, at most
	if size, ok := addressSpace(); ok && size+arena <= limit {
		return
	}
	const enough = 1 << 20
	var stats runtime.MemStats
	for {
		runtime.ReadMemStats(&stats)
		if stats.HeapIdle >= enough {
			return
		}
		runtime.KeepAlive(make([]byte, enough/2))
	}
}
