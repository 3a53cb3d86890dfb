package sandbox

import (
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"

	"apue/internal/build"
	"apue/internal/procfs"
	"apue/internal/trace"
)

// self is the program that runs, whatever became of its file.
const self = "/proc/self/exe"

// The name of the process that adopts orphans, as results and recordings
// have it, and as a stranger's program sees it: that of a shell, a parent
// that every program has somewhere, tells nothing. It is argv[0] of a
// keeper as well.
const (
	adopterName   = trace.OwnAdopter
	strangersComm = "sh"
)

// roleVariable is the environment variable that names the role in which
// this program was started again.
const roleVariable = "CH8_ROLE"

// The roles that are started by exec.
const (
	roleKeeper  = "keeper"
	roleKeepers = "keepers" // a keeper of many runs
	roleNothing = "nothing" // ends at once: the program of CanIsolate
	roleProbe   = "probe"   // tries to reach what the box keeps from it
	roleRemover = "remover" // removes a folder when its owner has ended
)

// A process with a role begins here and not in main, because initialising
// the packages above this one, those of a test binary or of ch8, takes
// longer than most programs run.
func init() {
	if len(os.Args) == 0 || os.Args[0] != strangersComm {
		return
	}
	roles := map[string]func(){
		roleKeeper: keeper, roleKeepers: keepers, roleNothing: func() {}, roleProbe: probe, roleRemover: remover,
	}
	if role := roles[os.Getenv(roleVariable)]; role != nil {
		// On the main thread, because other threads can end, and with a
		// thread end its death signal, signal mask and capabilities.
		runtime.LockOSThread()
		role()
		os.Exit(0)
	}
}

// folderVariable names the folder of a remover.
const folderVariable = "CH8_FOLDER"

// remover removes a folder when the process that holds the other end of
// its standard input has ended.
func remover() {
	ignoreSignals()
	var b [1]byte
	fd(0).Read(b[:])
	build.Remove(os.Getenv(folderVariable))
}

// RemoveAtEnd has a folder removed when this process ends, even by
// SIGKILL, or when the returned function is called.
func RemoveAtEnd(folder string) (remove func(), err error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	p, err := os.StartProcess(self, []string{strangersComm}, &os.ProcAttr{
		Dir: "/", Env: []string{roleVariable + "=" + roleRemover, folderVariable + "=" + folder, "GOMAXPROCS=1"},
		Files: []*os.File{r, nil, nil}, Sys: &syscall.SysProcAttr{Setsid: true},
	})
	if err != nil {
		w.Close()
		return nil, err
	}
	return func() {
		w.Close()
		p.Wait()
	}, nil
}

// closeOnExec keeps every descriptor but 0, 1 and 2 from the next program,
// also those that were inherited by oversight.
func closeOnExec() {
	if unix.CloseRange(3, 1<<31-1, unix.CLOSE_RANGE_CLOEXEC) == nil {
		return
	}
	// Before Linux 5.11.
	for _, n := range procfs.Fds(os.Getpid()) {
		if n > 2 {
			unix.CloseOnExec(n)
		}
	}
}

// ignoreSignals makes this process survive every signal that can be
// ignored. The launcher undoes it. The signals 32 to 34 belong to the C
// library in a C program, and os/signal does not touch them: their
// disposition is set by the raw call.
func ignoreSignals() {
	var all []os.Signal
	for n := syscall.Signal(1); n < 65; n++ {
		switch n {
		case unix.SIGURG, unix.SIGCHLD, unix.SIGPROF: // the runtime's own
		default:
			all = append(all, n)
		}
	}
	signal.Ignore(all...)
	for n := unix.Signal(32); n <= 34; n++ {
		procfs.RtSigaction(n, &procfs.Sigaction{Handler: procfs.SIG_IGN}, nil)
	}
}

// checkProc makes sure that /proc shows the processes of this namespace.
func checkProc() error {
	link := procfs.Readlink("/proc/self")
	if link == fmt.Sprint(os.Getpid()) {
		return nil
	}
	reason := "/proc is not mounted"
	if link != "" {
		reason = "/proc belongs to another pid namespace"
	}
	return &Refusal{reason, "mount it: mount -t proc proc /proc (unshare has --mount-proc)"}
}
