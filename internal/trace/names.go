package trace

import (
	"fmt"
	"strings"

	"apue/ch8/proc"
)

// A recording is read on any system: the numbers in it are those of
// Linux on amd64 and arm64, whatever reads it.

// The signals of Linux that this package knows.
const (
	sigill  = 4
	sigtrap = 5
	sigbus  = 7
	sigfpe  = 8
	sigkill = 9
	sigsegv = 11
	sigchld = 17
	sigio   = 29
	sigsys  = 31
)

// SignalName is the name of a Linux signal, see proc.SignalName.
func SignalName(n int) string { return proc.SignalName(n) }

// HasSender says that a signal with this si_code comes with the pid of
// a sender (sigaction(2)); a timer's has the timer's number in its
// place.
func HasSender(code int) bool {
	switch code {
	case siUser, siQueue, siMesgq, siTkill:
		return true
	}
	return false
}

// See asm-generic/siginfo.h.
const (
	siUser  = 0
	siQueue = -1
	siMesgq = -3
	siTkill = -6
)

// StatusText says a raw wait status word in the words of
// proc.WaitStatus.Short, and the word itself: "exited 7 (0x0700)",
// "killed by SIGABRT (6), core dumped (0x0086)".
func StatusText(status uint32) string {
	return fmt.Sprintf("%s (0x%04x)", proc.WaitStatus(status).Short(), status)
}

// bit is one named bit of a flag word.
type bit struct {
	mask uint64
	name string
}

var cloneBits = []bit{
	{0x80, "NEWTIME"},
	{0x100, "VM"}, {0x200, "FS"}, {0x400, "FILES"}, {0x800, "SIGHAND"}, {0x1000, "PIDFD"},
	{0x2000, "PTRACE"}, {0x4000, "VFORK"}, {0x8000, "PARENT"}, {0x10000, "THREAD"},
	{0x20000, "NEWNS"}, {0x40000, "SYSVSEM"}, {0x80000, "SETTLS"}, {0x100000, "PARENT_SETTID"},
	{0x200000, "CHILD_CLEARTID"}, {0x400000, "DETACHED"}, {0x800000, "UNTRACED"},
	{0x1000000, "CHILD_SETTID"}, {0x2000000, "NEWCGROUP"}, {0x4000000, "NEWUTS"},
	{0x8000000, "NEWIPC"}, {0x10000000, "NEWUSER"}, {0x20000000, "NEWPID"},
	{0x40000000, "NEWNET"}, {0x80000000, "IO"},
	{0x100000000, "CLEAR_SIGHAND"}, {0x200000000, "INTO_CGROUP"},
}

var waitBits = []bit{
	{1, "WNOHANG"}, {2, "WUNTRACED"}, {4, "WEXITED"}, {8, "WCONTINUED"}, {0x01000000, "WNOWAIT"},
	{0x20000000, "__WNOTHREAD"}, {0x40000000, "__WALL"}, {0x80000000, "__WCLONE"},
}

// WaitOptions names the options of a wait.
func WaitOptions(options int) string { return bitNames(uint64(uint32(options)), waitBits) }

var lockBits = []bit{{1, "LOCK_SH"}, {2, "LOCK_EX"}, {8, "LOCK_UN"}, {4, "LOCK_NB"}}

var openBits = []bit{
	{0o100, "O_CREAT"}, {0o200, "O_EXCL"}, {0o400, "O_NOCTTY"}, {0o1000, "O_TRUNC"},
	{0o2000, "O_APPEND"}, {0o4000, "O_NONBLOCK"}, {0o2000000, "O_CLOEXEC"},
	{0o20200000, "O_TMPFILE"}, {0o200000, "O_DIRECTORY"}, {0o400000, "O_NOFOLLOW"}, {0o1000000, "O_NOATIME"},
	{0o10000000, "O_PATH"}, {0o4010000, "O_SYNC"}, {0o10000, "O_DSYNC"}, {0o20000, "O_ASYNC"}, {0o40000, "O_DIRECT"},
	{0o100000, "O_LARGEFILE"},
}

// bitNames writes a flag word as "A|B|0x40".
func bitNames(v uint64, bits []bit) string {
	var names []string
	for _, b := range bits {
		if v&b.mask == b.mask {
			names = append(names, b.name)
			v &^= b.mask
		}
	}
	if v != 0 {
		names = append(names, fmt.Sprintf("%#x", v))
	}
	if names == nil {
		return "0"
	}
	return strings.Join(names, "|")
}

// cloneText writes clone's flags, the exit signal last.
func cloneText(flags uint64) string {
	signal := int(flags & 0x7f)
	s := bitNames(flags&^0x7f, cloneBits)
	switch {
	case signal == 0:
		return s
	case s == "0":
		return SignalName(signal)
	}
	return s + "|" + SignalName(signal)
}

func openText(flags uint64) string {
	mode := [...]string{"O_RDONLY", "O_WRONLY", "O_RDWR", "3"}[flags&3]
	if flags &^= 3; flags != 0 {
		return mode + "|" + bitNames(flags, openBits)
	}
	return mode
}

var siCodeNames = map[int]string{
	0: "SI_USER", 0x80: "SI_KERNEL", -1: "SI_QUEUE", -2: "SI_TIMER", -3: "SI_MESGQ",
	-4: "SI_ASYNCIO", -5: "SI_SIGIO", -6: "SI_TKILL",
}

// signalCodeNames are the names of the codes from 1 on that mean something
// else for each signal (asm-generic/siginfo.h).
var signalCodeNames = map[int][]string{
	sigill: {"ILL_ILLOPC", "ILL_ILLOPN", "ILL_ILLADR", "ILL_ILLTRP", "ILL_PRVOPC", "ILL_PRVREG", "ILL_COPROC",
		"ILL_BADSTK", "ILL_BADIADDR"},
	sigtrap: {"TRAP_BRKPT", "TRAP_TRACE", "TRAP_BRANCH", "TRAP_HWBKPT", "TRAP_UNK", "TRAP_PERF"},
	sigbus:  {"BUS_ADRALN", "BUS_ADRERR", "BUS_OBJERR", "BUS_MCEERR_AR", "BUS_MCEERR_AO"},
	sigfpe: {"FPE_INTDIV", "FPE_INTOVF", "FPE_FLTDIV", "FPE_FLTOVF", "FPE_FLTUND", "FPE_FLTRES", "FPE_FLTINV",
		"FPE_FLTSUB", 13: "FPE_FLTUNK", 14: "FPE_CONDTRAP"},
	sigsegv: {"SEGV_MAPERR", "SEGV_ACCERR", "SEGV_BNDERR", "SEGV_PKUERR", "SEGV_ACCADI", "SEGV_ADIDERR",
		"SEGV_ADIPERR", "SEGV_MTEAERR", "SEGV_MTESERR", "SEGV_CPERR"},
	sigchld: {"CLD_EXITED", "CLD_KILLED", "CLD_DUMPED", "CLD_TRAPPED", "CLD_STOPPED", "CLD_CONTINUED"},
	sigsys:  {"SYS_SECCOMP", "SYS_USER_DISPATCH"},
}

// SiCodeName is the symbolic si_code of a signal, "SEGV_MAPERR"; "" if it
// has none.
func SiCodeName(signal, code int) string {
	names, own := signalCodeNames[signal]
	if !own && signal != sigio {
		names = signalCodeNames[sigchld] // a child was made with this signal
	}
	if code > 0 && code <= len(names) {
		return names[code-1]
	}
	return siCodeNames[code]
}

// CrashText says what the kernel said of the fault that an event is about:
// "SEGV_MAPERR at address 0x0"; "" if it is about none.
func (e *Event) CrashText() string {
	signal := e.Signal
	if e.Kind == KindExit {
		signal = int(e.Status & 0x7f)
	}
	if e.SiCode <= 0 || signal == 0 || signal == sigchld {
		return ""
	}
	s := SiCodeName(signal, e.SiCode)
	if e.FaultAddr != "" {
		s += " at address " + e.FaultAddr
	}
	return s
}

var idTypeNames = [...]string{"P_ALL", "P_PID", "P_PGID", "P_PIDFD"}
