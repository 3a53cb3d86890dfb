package lab

// Numbers of Linux that recordings contain. They are declared here
// because a recording is judged on every system, and other systems
// have other numbers or none. All are the same on every Linux
// architecture that the suite knows, and come from linux/sched.h,
// linux/wait.h, asm-generic/siginfo.h and asm-generic/fcntl.h.
const (
	CloneVM    = 0x100
	CloneFiles = 0x400
	ClonePidfd = 0x1000
	CloneVfork = 0x4000

	WNOHANG    = 0x1
	WUNTRACED  = 0x2
	WEXITED    = 0x4
	WCONTINUED = 0x8
	WNOWAIT    = 0x01000000
	WNOTHREAD  = 0x20000000
	WALL       = 0x40000000
	WCLONE     = 0x80000000

	PAll, PPid, PPgid, PPidfd = 0, 1, 2, 3

	CldExited    = 1
	CldKilled    = 2
	CldDumped    = 3
	CldStopped   = 5
	CldContinued = 6

	SIGHUP, SIGABRT, SIGFPE, SIGKILL, SIGUSR1, SIGSEGV, SIGTERM, SIGCHLD, SIGCONT, SIGSTOP = 1, 6, 8, 9, 10, 11, 15, 17, 18, 19

	OAccmode, OWronly, OTrunc, OAppend, OCloexec, OPath = 0x3, 0x1, 0x200, 0x400, 0x80000, 0x200000

	SeekSet, SeekCur = 0, 1

	FSetfl = 4
)
