package sandbox

import (
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"

	"apue/ch8/proc"
)

// The roles in which this program is started again: its argv[0].
const (
	roleKeeper   = "lab:keeper"
	roleInit     = "lab:init"
	roleLauncher = "lab:launcher"
	roleNothing  = "lab:nothing"
)

// comm is the name that the keeper and, in an isolated run, the init
// and the adopter have in /proc: a check shows it.
const comm = "lab"

var role func()

func init() {
	if len(os.Args) == 0 {
		return
	}
	switch os.Args[0] {
	case roleKeeper:
		role = keeper
	case roleInit:
		role = initShim
	case roleLauncher:
		role = launcher
	case roleNothing:
		role = func() {}
	}
	if role != nil {
		// To the main thread: the others may end, and what is a
		// thread's own (the death signal of a child, the signal
		// mask and the capabilities that an exec keeps) would end
		// with them.
		runtime.LockOSThread()
	}
}

// Main plays the role for which the sandbox has started this
// program again and does not return from it; in every other
// process it returns at once. It is the first call of main and of
// TestMain in every program that calls Run.
func Main() {
	if role == nil {
		return
	}
	role()
	os.Exit(0)
}

// closeOnExec keeps every descriptor but 0, 1 and 2 from the next
// program, also those that were inherited by oversight.
func closeOnExec() {
	if unix.CloseRange(3, 1<<31-1, unix.CLOSE_RANGE_CLOEXEC) == nil {
		return
	}
	// Before Linux 5.11.
	d, err := os.Open("/proc/self/fd")
	if err != nil {
		return
	}
	defer d.Close()
	names, _ := d.Readdirnames(-1)
	for _, name := range names {
		var n int
		if fmt.Sscan(name, &n); n > 2 {
			unix.CloseOnExec(n)
		}
	}
}

// armour makes this process survive every signal that can be
// ignored. What it starts has to undo that (disarm).
func armour() {
	var all []os.Signal
	for n := syscall.Signal(1); n < 32; n++ {
		switch n {
		case unix.SIGURG, unix.SIGCHLD, unix.SIGPROF: // the runtime's own
		default:
			all = append(all, n)
		}
	}
	signal.Ignore(all...)
}

// disarm gives all signals their default action at the next exec,
// whatever this process has inherited: a signal with a handler has
// it then, and the runtime has given one to all but these.
func disarm() {
	signal.Notify(make(chan os.Signal, 1), unix.SIGHUP, unix.SIGINT,
		unix.SIGTSTP, unix.SIGTTIN, unix.SIGTTOU, unix.SIGCONT)
	// The C library keeps the first two real-time signals for itself,
	// and neither it nor the runtime lets them be changed: GNU make, for
	// one, starts its commands with both ignored.
	for _, n := range []unix.Signal{32, 33} {
		proc.Signal(n, proc.Default)
	}
}

// setComm names this process in /proc.
func setComm() {
	// The name of a process is that of its main thread.
	os.WriteFile("/proc/self/comm", []byte(comm), 0)
}

// fork starts this program again in a role. files become its
// descriptors from 0 on; it dies with no one.
func fork(role string, sys *syscall.SysProcAttr, files ...fd) (int, error) {
	raw := make([]uintptr, len(files))
	for i, f := range files {
		raw[i] = uintptr(f)
	}
	// os.StartProcess would make one child more, to find out
	// whether pidfds work: it would be the program's sibling.
	return syscall.ForkExec(self, []string{role}, &syscall.ProcAttr{
		Dir: "/", Env: []string{"GOMAXPROCS=1"}, Files: raw, Sys: sys,
	})
}

func rusage(ru *syscall.Rusage) Rusage {
	return Rusage{
		User:   duration(ru.Utime),
		System: duration(ru.Stime),
		MaxRSS: ru.Maxrss * 1024,
	}
}
