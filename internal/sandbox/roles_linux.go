package sandbox

import (
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"

	"apue/internal/procfs"
)

// The roles in which this program is started again: its argv[0].
const (
	roleKeeper  = "lab:keeper"
	roleNothing = "lab:nothing"
)

// comm is the name that the keeper and, in an isolated run, the init
// and the adopter have in /proc: a check shows it.
const comm = "lab"

// A process that the sandbox has started has a role in place of a main
// function. It begins here and not in main, since a role needs nothing of
// the packages above this one: to initialise those of a test binary or of
// ch8 takes longer than most programs run.
func init() {
	if len(os.Args) == 0 {
		return
	}
	switch os.Args[0] {
	case roleKeeper:
		play(keeper)
	case roleNothing:
		play(func() {})
	}
}

func play(role func()) {
	// To the main thread: the others may end, and what is a thread's
	// own (the death signal of a child, the signal mask and the
	// capabilities that an exec keeps) would end with them.
	runtime.LockOSThread()
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
// ignored. The launcher undoes that.
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

// setComm names this process in /proc.
func setComm() {
	// The name of a process is that of its main thread.
	procfs.Write("/proc/self/comm", comm)
}

func rusage(ru *syscall.Rusage) Rusage {
	return Rusage{
		User:   duration(ru.Utime),
		System: duration(ru.Stime),
		MaxRSS: ru.Maxrss * 1024,
	}
}
