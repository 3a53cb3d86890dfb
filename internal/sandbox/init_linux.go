package sandbox

import (
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"os"

	"golang.org/x/sys/unix"

	"apue/ch8/proc"
	"apue/internal/procfs"
)

// beInit is the body of pid 1 of an isolated run, a forked child of the
// keeper: it makes the root, starts the adopter, and reaps until no
// process is left. It has one thread only: where the namespace's pid_max
// is the count, a fork bomb leaves no pid for another.
func (l *launch) beInit(keeper, release fd) {
	// When its keeper dies, the whole namespace is to end. A keeper that
	// died before this call has closed the pipe of the release.
	unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0, 0, 0)
	unix.Setsid()
	if err := l.enterBox(keeper); err != nil {
		keeper.sendFailure(err)
		return
	}
	launched, mine, err := pipe()
	if err != nil {
		keeper.sendFailure(err)
		return
	}
	pid, err := proc.Fork()
	if err == nil && pid == 0 {
		pid, err := l.adopt(keeper, release, mine, launched)
		if err != nil {
			keeper.sendFailure(err)
			proc.Exit(125)
		}
		mine.Write(binary.NativeEndian.AppendUint32(nil, uint32(pid)))
		mine.close()
		reapAll(pid, keeper)
		proc.Exit(0)
	}
	if err != nil {
		keeper.sendFailure(err)
		return
	}
	closeAll(stdoutFD, stderrFD, release, mine)
	var program [4]byte
	io.ReadFull(launched, program[:])
	reapAll(int(binary.NativeEndian.Uint32(program[:])), keeper)
}

// enterBox gives this process everything that namespaces, cgroups and
// mounts take from a stranger's program, except its user id.
func (l *launch) enterBox(keeper fd) error {
	if l.iso.userNS {
		if err := mapIDs(l.uid, l.gid); err != nil {
			return l.iso.refusal("user namespace", err)
		}
		if ownIPC(inside(l.uid)) != nil {
			// One with the kernel's limits, see mostIPC.
			if err := unix.Unshare(unix.CLONE_NEWIPC); err != nil {
				return l.iso.refusal("IPC namespace", err)
			}
		}
	}
	if err := l.cgroup.enter(); err != nil {
		return fmt.Errorf("the memory cgroup cannot be entered: %w", err)
	}
	if err := loopbackUp(); err != nil {
		return fmt.Errorf("the loopback device cannot be started: %w", err)
	}
	unix.Sethostname([]byte("localhost"))
	// Where the kernel has no keys there is nothing to leave.
	_, err := unix.KeyctlInt(unix.KEYCTL_JOIN_SESSION_KEYRING, 0, 0, 0, 0)
	if err != nil && err != unix.ENOSYS && err != unix.EPERM {
		return fmt.Errorf("the session keyring cannot be left: %w", err)
	}
	work, err := l.makeRoot()
	if err != nil {
		return err
	}
	if work >= 0 {
		keeper.sendMsg(message{Work: true}, work)
		unix.Close(work)
	}
	return nil
}

// settle writes the files of the namespace's /proc, which is read-only
// after that.
func (l *launch) settle() error {
	if l.iso.userNS {
		// The launcher writes there once more, see bindCount.
		tree, err := unix.OpenTree(unix.AT_FDCWD, "/proc", unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC)
		if err != nil {
			return l.iso.refusal("mount /proc", err)
		}
		l.proc = fmt.Sprintf("/proc/self/fd/%d", tree)
	}
	// If memory runs short, the program goes first. A process without
	// CAP_SYS_RESOURCE can lower its own value again, but not here.
	procfs.Write("/proc/self/oom_score_adj", "1000")
	l.ipc = !l.NoIPC && lowerIPC() == nil
	// What all connections hold is counted for the whole machine.
	procfs.Write("/proc/sys/net/ipv4/tcp_rmem", "4096 65536 65536")
	procfs.Write("/proc/sys/net/ipv4/tcp_wmem", "4096 16384 65536")
	if l.iso.userNS {
		// What is counted for the caller's user, who runs others too.
		procfs.Write("/proc/sys/user/max_inotify_instances", "16")
		procfs.Write("/proc/sys/user/max_inotify_watches", "4096")
		procfs.Write("/proc/sys/user/max_user_namespaces", "0")
	}
	// The names of the keys of the caller's user are hidden. A kernel
	// without keys has no such file.
	err := unix.Mount("/dev/null", "/proc/keys", "", unix.MS_BIND, "")
	if err == nil {
		err = setReadOnly("/proc/keys", 0)
	}
	if err != nil && err != unix.ENOENT {
		return l.iso.refusal("mount /proc/keys", err)
	}
	// The pids begin at a number of four digits, which cannot be taken
	// for a count or a status, and at another one each time.
	if procfs.Write("/proc/sys/kernel/ns_last_pid", fmt.Sprint(1000+rand.IntN(8000))) != nil {
		for range rand.IntN(100) {
			pid, err := proc.Fork()
			if pid == 0 && err == nil {
				proc.Exit(0)
			}
			proc.Waitpid(pid, nil, 0)
		}
	}
	return nil
}

// loopbackUp starts the loopback device of a new network namespace.
func loopbackUp() error {
	s, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err == unix.EAFNOSUPPORT {
		return nil // a kernel without IPv4
	}
	if err != nil {
		return err
	}
	defer unix.Close(s)
	lo, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	lo.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
	return unix.IoctlIfreq(s, unix.SIOCSIFFLAGS, lo)
}

// adopt makes this process the one that adopts the orphans of an isolated
// run, and starts the launcher. The init itself does not adopt: a program
// that always prints 1, as the readers of the book expect, would be right
// by accident.
func (l *launch) adopt(keeper, release fd, others ...fd) (int, error) {
	unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
	if _, err := unix.Setsid(); err != nil {
		return 0, fmt.Errorf("setsid: %w", err)
	}
	if l.Pty {
		if err := setControllingTerminal(stdoutFD); err != nil {
			return 0, err
		}
	}
	keeper.sendMsg(message{Adopter: os.Getpid()})
	pid, err := l.start(release, keeper, others...)
	// Only the program has its output open.
	closeAll(stdoutFD, stderrFD, release)
	return pid, err
}

// reapAll reaps children until there are none, and reports the status of
// the program: before it reaps it, because the program's other processes
// can kill the adopter between the two, and then the init reaps it.
func reapAll(program int, keeper fd) {
	var info proc.Siginfo
	for proc.Waitid(unix.P_ALL, 0, &info, unix.WEXITED|unix.WALL|unix.WNOWAIT) == nil {
		kind := unix.WEXITED
		if info.Code > proc.CLD_DUMPED {
			// A child that has called PTRACE_TRACEME reports its stops,
			// too. It may have died meanwhile: that comes next.
			kind = unix.WSTOPPED
		} else if info.Pid == program {
			status := uint32(info.WaitStatus())
			keeper.sendMsg(message{Status: &status})
		}
		proc.Waitid(unix.P_PID, info.Pid, nil, kind|unix.WALL|unix.WNOHANG)
	} // ECHILD
}
