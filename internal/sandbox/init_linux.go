package sandbox

import (
	"encoding/json"
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"apue/ch8/proc"
	"apue/internal/procfs"
)

// initShim is pid 1 of an isolated run, a forked child of the keeper:
// it makes the file system safe, starts the adopter, and reaps until no
// process is left. Its one thread has to do: where the namespace's
// pid_max is the count, a fork bomb leaves none for another.
func (l *launch) initShim(keeper, orders, status fd) {
	// With its keeper the whole namespace is to die. Before this
	// call the end of the orders says so.
	unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0, 0, 0)
	unix.Setsid()
	if err := l.build(); err != nil {
		tell(keeper, failed(err))
		return
	}
	// Pids of four digits are told from counts and statuses; where
	// the kernel will not, they stay small.
	procfs.Write("/proc/sys/kernel/ns_last_pid", "1000")
	launched, mine, err := pipe()
	if err != nil {
		tell(keeper, failed(err))
		return
	}
	pid, err := proc.Fork()
	if err == nil && pid == 0 {
		pid, err := l.adopt(keeper, orders, status, mine, launched)
		if err != nil {
			tell(keeper, failed(err))
			proc.Exit(125)
		}
		fmt.Fprint(mine, pid)
		mine.close()
		reapAll(pid, keeper)
		proc.Exit(0)
	}
	if err != nil {
		tell(keeper, failed(err))
		return
	}
	for _, f := range []fd{4, 5, orders, status, mine} {
		f.close()
	}
	// Who shares the user id of the adopter can kill it: then the
	// program is this process's to collect.
	var program int
	fmt.Fscan(launched, &program)
	reapAll(program, keeper)
}

// adopt makes this process the one that adopts the orphans of an
// isolated run, and starts the launcher. It has a pid like any other,
// since the init will not do: a program that prints 1 for whoever
// adopts, as the book's readers expect, would be right by accident.
func (l *launch) adopt(keeper, orders, status fd, others ...fd) (int, error) {
	unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
	// A session of its own, as the keeper has made otherwise.
	if _, err := unix.Setsid(); err != nil {
		return 0, fmt.Errorf("setsid: %w", err)
	}
	if l.Pty {
		if err := control(4); err != nil {
			return 0, err
		}
	}
	fmt.Fprintf(keeper, "a%d", os.Getpid())
	pid, err := l.start(orders, status, append(others, keeper)...)
	// The program's output is the program's alone.
	for _, f := range []fd{4, 5, orders, status} {
		f.close()
	}
	return pid, err
}

// reapAll collects children until there are none, and tells the keeper
// the status of one: before it collects it, since the program may kill
// the adopter between the two, and what is not collected goes to the
// init.
func reapAll(pid int, keeper fd) {
	var info proc.Siginfo
	for proc.Waitid(unix.P_ALL, 0, &info, unix.WEXITED|unix.WALL|unix.WNOWAIT) == nil {
		kind := unix.WEXITED
		if info.Code > proc.CLD_DUMPED {
			// A child that has called PTRACE_TRACEME reports its stops,
			// too. It may have died meanwhile: that comes next.
			kind = unix.WSTOPPED
		} else if info.Pid == pid {
			fmt.Fprintf(keeper, "s%d", uint32(info.WaitStatus()))
		}
		proc.Waitid(unix.P_PID, info.Pid, nil, kind|unix.WALL|unix.WNOHANG)
	} // ECHILD
}

// tell sends a failure to the keeper.
func tell(keeper fd, f *failure) {
	if b, err := json.Marshal(f); err == nil {
		keeper.Write(append([]byte{'f'}, b...))
	}
}
