package sandbox

import (
	"bytes"
	"encoding/gob"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"strconv"

	"golang.org/x/sys/unix"

	"apue/ch8/proc"
)

// initShim is pid 1 of an isolated run: it makes the file system
// safe, starts the adopter, and reaps until no process is left.
func initShim() {
	const keeper = fd(3)
	closeOnExec()
	setComm()
	armour()
	// With its keeper the whole namespace is to die. Before this
	// call the end of the connection says so.
	unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0, 0, 0)
	var w refuge
	if receive(&packet{from: keeper}, &w) != nil {
		return
	}
	if err := w.build(); err != nil {
		tell(keeper, failed(err))
		return
	}
	// Pids of four digits are told from counts and statuses; where
	// the kernel will not, they stay small.
	os.WriteFile("/proc/sys/kernel/ns_last_pid", []byte("1000"), 0)
	launched, mine, err := pipe()
	if err != nil {
		tell(keeper, failed(err))
		return
	}
	// From here on one thread has to do: where the namespace's
	// pid_max is the count, a fork bomb leaves none for another.
	debug.SetGCPercent(-1)
	pid, err := proc.Fork()
	if err == nil && pid == 0 {
		adopt(&w, keeper, mine)
	}
	if err != nil {
		tell(keeper, failed(err))
		return
	}
	for _, f := range []fd{4, 5, 6, mine} {
		f.close()
	}
	unix.Dup3(0, 1, 0)
	// Who shares the user id of the adopter can kill it: then the
	// program is this process's to collect.
	var text [16]byte
	n, _ := launched.Read(text[:])
	pid, _ = strconv.Atoi(string(text[:max(n, 0)]))
	reapAll(pid, keeper)
}

// adopt is the body of the process that adopts the orphans of an
// isolated run and starts the launcher. It has a pid like any other,
// since the init will not do: a program that prints 1 for whoever
// adopts, as the book's readers expect, would be right by accident.
// It is a forked child, as it needs no more than its parent has.
func adopt(w *refuge, keeper, launched fd) {
	unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
	fmt.Fprintf(keeper, "a%d", os.Getpid())
	_, err := unix.Setsid() // as the keeper has done otherwise
	if err == nil && w.Pty {
		err = control(1)
	}
	var pid int
	if err == nil {
		pid, err = startLauncher(w.Pty, 6, 4, 1, 5)
	}
	if err != nil {
		tell(keeper, failed(err))
		proc.Exit(125)
	}
	fmt.Fprint(launched, pid)
	for _, f := range []fd{4, 5, 6, launched} {
		f.close()
	}
	// The program's output is the program's alone.
	unix.Dup3(0, 1, 0)
	reapAll(pid, keeper)
	proc.Exit(0)
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
			fmt.Fprintf(keeper, "s%d", status(info))
		}
		proc.Waitid(unix.P_PID, info.Pid, nil, kind|unix.WALL|unix.WNOHANG)
	} // ECHILD
}

// status is the word that wait(2) returns for the death in info.
func status(info proc.Siginfo) uint32 {
	switch info.Code {
	case proc.CLD_EXITED:
		return uint32(info.Status) << 8
	case proc.CLD_DUMPED:
		return uint32(info.Status) | 0x80
	}
	return uint32(info.Status)
}

// packet makes one message of a SOCK_SEQPACKET socket readable bit
// by bit.
type packet struct {
	from fd
	rest []byte
}

func (p *packet) Read(b []byte) (int, error) {
	if p.rest == nil {
		p.rest = make([]byte, 64<<10)
		n, err := p.from.Read(p.rest)
		if err != nil {
			return 0, err
		}
		p.rest = p.rest[:n]
	}
	n := copy(b, p.rest)
	p.rest = p.rest[n:]
	if n == 0 {
		return 0, errors.New("message too short")
	}
	return n, nil
}

// tell sends a failure to the keeper.
func tell(keeper fd, f *failure) {
	b := bytes.NewBufferString("f")
	if gob.NewEncoder(b).Encode(f) == nil {
		keeper.Write(b.Bytes())
	}
}
