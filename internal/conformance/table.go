// Package conformance is the table of what the trusted conformance
// suites assert of the calls of chapter 8, and of the claims of
// ours that cover it.
//
// The rows are forty claims (L01 to L40) and five more (R1 to R5)
// that were gathered from LTP, the Open POSIX test suite (OPTS),
// gVisor's system call tests (gV), the kernel's selftests (KST),
// FreeBSD, NetBSD, glibc and the book. CONFORMANCE.md shows it; a test
// of ch8, where all experiments are known, writes that file
// (go test ./ch8 -run Conformance -update), and checks that every row
// is there and that every claim exists.
package conformance

// A Row is an assertion of the suites and our claims that cover
// it.
type Row struct {
	ID      string
	Says    string
	Sources string   // who asserts it
	Claims  []string // ids: DIR/NAME/CLAIM
}

// Table holds all rows, in order.
var Table = []Row{
	{
		ID:      "L01",
		Says:    "fork returns twice: 0 in the child, the child's pid in the parent, whose pid is the child's getppid",
		Sources: "LTP fork01, getppid02; OPTS fork/4-1",
		Claims: []string{
			"fork/returns/zero",
			"fork/returns/pid",
			"fork/returns/parent",
		},
	},
	{
		ID:      "L02",
		Says:    "a new pid is above 1, at most pid_max, and that of no living process or process group",
		Sources: "LTP getpid01; OPTS fork/3-1",
		Claims: []string{
			"fork/returns/unique",
		},
	},
	{
		ID:      "L03",
		Says:    "stack, heap, data and MAP_PRIVATE are copies both ways, over three generations; MAP_SHARED is one memory",
		Sources: "OPTS fork/2-1, 16-1; gV ForkTest.PrivateMemory, SharedMapping",
		Claims: []string{
			"fork/memory/data",
			"fork/memory/heap",
			"fork/memory/stack",
			"fork/memory/private",
			"fork/memory/shared",
		},
	},
	{
		ID:      "L04",
		Says:    "one file offset: an lseek in the child moves the parent's, and both write through one open file description",
		Sources: "LTP fork07, fork10; GLIBC tst-fork",
		Claims: []string{
			"fork/offset/moved",
			"fork/offset/one-open",
		},
	},
	{
		ID:      "L05",
		Says:    "the descriptor table is a copy: a close in the child closes nothing in the parent",
		Sources: "LTP fork08, fork09",
		Claims: []string{
			"fork/descriptors/close",
		},
	},
	{
		ID:      "L06",
		Says:    "the environment is copied; the child's change does not reach the parent",
		Sources: "LTP fork04",
		Claims: []string{
			"fork/inherit/environment",
		},
	},
	{
		ID:      "L07",
		Says:    "signal dispositions, also handlers, and the signal mask are inherited",
		Sources: "OPTS fork/2-1, 12-1",
		Claims: []string{
			"fork/inherit/caught",
			"fork/inherit/ignored",
			"fork/inherit/default",
			"fork/inherit/mask",
		},
	},
	{
		ID:      "L08",
		Says:    "working and root directory, umask, real, effective and saved ids, process group, session and nice value are inherited",
		Sources: "LTP vfork01, getpgid01, getsid01; OPTS fork/17-1 (policy)",
		Claims: []string{
			"fork/inherit/cwd",
			"fork/inherit/root",
			"fork/inherit/umask",
			"fork/inherit/ruid",
			"fork/inherit/euid",
			"fork/inherit/suid",
			"fork/inherit/rgid",
			"fork/inherit/egid",
			"fork/inherit/sgid",
			"fork/inherit/pgid",
			"fork/inherit/sid",
			"fork/inherit/nice",
		},
	},
	{
		ID:      "L09",
		Says:    "no signal is pending in the child, though the mask is kept",
		Sources: "OPTS fork/12-1; LTP vfork02",
		Claims: []string{
			"fork/differ/pending",
		},
	},
	{
		ID:      "L10",
		Says:    "alarm, interval timers and POSIX timers do not exist in the child",
		Sources: "OPTS fork/9-1, 13-1, 18-1; LTP alarm07",
		Claims: []string{
			"fork/differ/alarm",
			"fork/differ/itimer-virtual",
			"fork/differ/itimer-prof",
			"fork/differ/posix-timer",
		},
	},
	{
		ID:      "L11",
		Says:    "a record lock is not inherited: F_GETLK in the child names the parent",
		Sources: "OPTS fork/11-1; gV FcntlLockTest",
		Claims: []string{
			"fork/differ/record-lock",
		},
	},
	{
		ID:      "L12",
		Says:    "the child's processor times start at 0",
		Sources: "OPTS fork/8-1, 22-1; gV GetrusageTest.BasicFork",
		Claims: []string{
			"fork/differ/utime",
			"fork/differ/stime",
			"fork/differ/cutime",
			"fork/differ/cstime",
		},
	},
	{
		ID:      "L13",
		Says:    "the child of a process with several threads has one",
		Sources: "OPTS fork/21-1",
		Claims: []string{
			"fork/differ/threads",
		},
	},
	{
		ID:      "L14",
		Says:    "at the process limit fork fails with EAGAIN and makes no child",
		Sources: "KST cgroup/test_pids.c; LTP pids.sh; gV RlimitNProc; OPTS fork #24",
		Claims: []string{
			"fork/limit/user-limit",
			"fork/limit/system-limit",
			"fork/limit/root-exempt",
		},
	},
	{
		ID:      "L15",
		Says:    "the parent of a vfork is suspended until the child's _exit",
		Sources: "gV ParentStopsUntilChildExits; LTP clone05",
		Claims: []string{
			"vfork/first/child-first",
			"vfork/first/suspended",
		},
	},
	{
		ID:      "L16",
		Says:    "the parent of a vfork runs again at the child's exec, before that program ends",
		Sources: "gV ParentStopsUntilChildExecves",
		Claims: []string{
			"vfork/exec/at-the-exec",
		},
	},
	{
		ID:      "L17",
		Says:    "the child of a vfork is a process of its own, and shares its parent's memory",
		Sources: "LTP clone05; GLIBC tst-vfork1",
		Claims: []string{
			"vfork/glob/vforked",
			"vfork/glob/shared",
			"vfork/glob/by-the-child",
		},
	},
	{
		ID:      "L18",
		Says:    "the child of a vfork has the parent's ids, umask and directory, and no pending signal",
		Sources: "LTP vfork01, vfork02",
		Claims: []string{
			"vfork/private/inherited",
			"vfork/private/not-pending",
		},
	},
	{
		ID:      "L19",
		Says:    "an exit status from 0 to 255 comes back, as n<<8, and exactly one of the WIF macros is true",
		Sources: "LTP exit01, fork13; NBSD t_fork.c",
		Claims: []string{
			"exit/status/low-8-bits",
			"exit/status/collected",
			"exit/ways/one-of-four",
		},
	},
	{
		ID:      "L20",
		Says:    "the end of a process closes its descriptors: a reader of its pipe gets the end of the file",
		Sources: "gV ExitTest.CloseFds; LTP exit02",
		Claims: []string{
			"exit/kernel/end-of-file",
		},
	},
	{
		ID:      "L21",
		Says:    "exit_group ends all threads, with its status",
		Sources: "LTP exit_group01; gV ExitAllThreads",
		Claims: []string{
			"doublefork/daemon/threads-end",
		},
	},
	{
		ID:      "L22",
		Says:    "exit runs handlers in reverse order, inherited ones too; _exit runs none and flushes nothing",
		Sources: "GLIBC tst-atexit-common (read); probe for stdio",
		Claims: []string{
			"exit/stdio/_exit-loses",
			"exit/handlers/reverse",
			"exit/handlers/inherited",
			"exit/handlers/not-by-_exit",
		},
	},
	{
		ID:      "L23",
		Says:    "of each terminating signal, raised or sent, WIFSIGNALED is true and WTERMSIG the number",
		Sources: "LTP waitpid01, kill11",
		Claims: []string{
			"exit/status/raised",
			"exit/status/sent",
		},
	},
	{
		ID:      "L24",
		Says:    "the core bit of a child that is not dumpable is clear; CLD_DUMPED and CLD_KILLED say what the bit of any child says",
		Sources: "LTP waitpid01, waitid10",
		Claims: []string{
			"wait/status/collected",
			"wait/waitid/not-dumpable",
			"wait/waitid/agrees",
		},
	},
	{
		ID:      "L25",
		Says:    "waitid's si_pid, si_uid, si_code and si_status agree with waitpid's word",
		Sources: "LTP waitid01, 10, 11; gV WaitAnyChildTest",
		Claims: []string{
			"wait/waitid/agrees",
			"wait/waitid/uid",
		},
	},
	{
		ID:      "L26",
		Says:    "a dead child not waited for is in state Z; after the wait there is no such process",
		Sources: "gV KillZombie, CannotKillInvalidPID",
		Claims: []string{
			"exit/zombie/was-zombie",
			"exit/zombie/what-is-left",
			"exit/zombie/gone",
		},
	},
	{
		ID:      "L27",
		Says:    "a signal to a zombie succeeds and changes nothing",
		Sources: "gV SigkillZombieGroup; FBSD kill_zombie.c",
		Claims: []string{
			"exit/zombie/kill",
		},
	},
	{
		ID:      "L28",
		Says:    "an orphan goes to the nearest subreaper, else process 1, which collects it; the attribute is not inherited by fork",
		Sources: "LTP prctl03; gV OrphansReparentedToSubreaper; FBSD reaper.c",
		Claims: []string{
			"exit/orphan/adopted",
			"exit/orphan/collected",
			"doublefork/background/subreaper-not-inherited",
		},
	},
	{
		ID:      "L29",
		Says:    "double fork: the first child is collected at once, the second is not the original's (ECHILD), no zombie stays",
		Sources: "LTP waitid09; gV BadChild; APUE 8.8",
		Claims: []string{
			"doublefork/doublefork/first-reaped",
			"doublefork/doublefork/not-its-own",
			"doublefork/doublefork/no-zombie",
		},
	},
	{
		ID:      "L30",
		Says:    "a wait for oneself, the parent, a sibling or process 1 is ECHILD",
		Sources: "LTP waitpid04, waitid09",
		Claims: []string{
			"wait/pids/not-yours",
		},
	},
	{
		ID:      "L31",
		Says:    "waitpid(-1) collects each child once, then fails with ECHILD",
		Sources: "LTP waitpid06; gV MultipleFork",
		Claims: []string{
			"wait/pids/any",
			"wait/pids/each-once",
			"wait/pids/then-echild",
		},
	},
	{
		ID:      "L32",
		Says:    "waitpid(pid) takes that child only, in any order; a second call is ECHILD",
		Sources: "LTP waitpid03; gV MultipleForkOutOfOrder",
		Claims: []string{
			"wait/pids/one-pid",
			"wait/pids/any-order",
			"wait/pids/not-yours",
		},
	},
	{
		ID:      "L33",
		Says:    "waitpid(0) takes the caller's present group, waitpid(-pgid) that group; others' zombies stay",
		Sources: "LTP waitpid11, waitid05; gV KillTest.ProcessGroups",
		Claims: []string{
			"wait/pids/own-group",
			"wait/pids/current-group",
			"wait/pids/other-group",
			"wait/pids/others-stay",
		},
	},
	{
		ID:      "L34",
		Says:    "WNOHANG: 0 while it runs, its pid when dead, ECHILD when there is none",
		Sources: "LTP waitpid07, waitpid09",
		Claims: []string{
			"wait/options/nohang-zero",
			"wait/options/dead-or-none",
		},
	},
	{
		ID:      "L35",
		Says:    "a stop is reported with WUNTRACED only, once, with its signal",
		Sources: "LTP waitpid08, 13; gV SigstopTest.Correctness",
		Claims: []string{
			"wait/options/stop-seen",
			"wait/options/only-asked",
			"wait/options/once",
			"wait/options/words",
		},
	},
	{
		ID:      "L36",
		Says:    "a continue is reported once, with WCONTINUED",
		Sources: "LTP waitid08; GLIBC tst-waitid",
		Claims: []string{
			"wait/options/continue-seen",
			"wait/options/once",
			"wait/options/words",
		},
	},
	{
		ID:      "L37",
		Says:    "WNOWAIT leaves the child waitable: the same twice, then collected, then ECHILD",
		Sources: "gV WaitidWNOWAIT; LTP waitid07",
		Claims: []string{
			"wait/waitid/stays",
		},
	},
	{
		ID:      "L38",
		Says:    "EINVAL: unknown option bits, and waitid without a change to wait for",
		Sources: "LTP waitpid04, waitid02; gV WaitidOptions",
		Claims: []string{
			"wait/options/einval",
			"wait/waitid/einval",
		},
	},
	{
		ID:      "L39",
		Says:    "SIGCHLD ignored, or SA_NOCLDWAIT: no zombie; wait blocks until the last child ends, then ECHILD",
		Sources: "OPTS sigaction/21-1; gV IgnoredChildRusage",
		Claims: []string{
			"wait/sigchld/ignored",
			"wait/sigchld/nocldwait",
			"doublefork/nozombies/ignored-leaves-none",
		},
	},
	{
		ID:      "L40",
		Says:    "SIGCHLD comes for exit, stop and continue, and si_code says which; SA_NOCLDSTOP drops the last two",
		Sources: "OPTS sigaction/9-1, 10-1; GLIBC tst-waitid",
		Claims: []string{
			"wait/sigchld/codes",
			"wait/sigchld/nocldstop",
		},
	},
	{
		ID:      "R1",
		Says:    "RUSAGE_CHILDREN grows at the wait, not at the death, and with waited-for grandchildren only",
		Sources: "gV IgnoreZombie, WaitedChildRusage; LTP getrusage03",
		Claims: []string{
			"wait/rusage/at-the-wait",
			"wait/rusage/waited-for",
			"wait/rusage/not-waited-for",
		},
	},
	{
		ID:      "R2",
		Says:    "wait4's rusage is that of the child it returned",
		Sources: "gV Wait4Rusage",
		Claims: []string{
			"wait/rusage/own-time",
		},
	},
	{
		ID:      "R3",
		Says:    "a thousand forks and waits lose nothing; successive pids differ",
		Sources: "LTP fork_procs, fork13",
		Claims: []string{
			"wait/supervise/thousand",
			"fork/ids/not-at-once",
		},
	},
	{
		ID:      "R4",
		Says:    "a caught signal interrupts a wait (EINTR), not with SA_RESTART",
		Sources: "no suite",
		Claims: []string{
			"wait/sigchld/eintr",
			"wait/sigchld/restart",
			"wait/sigchld/ignored-signal",
		},
	},
	{
		ID:      "R5",
		Says:    "a buffer of the standard I/O library is duplicated by fork",
		Sources: "no suite",
		Claims: []string{
			"fork/glob/buffered-twice",
			"exit/stdio/exit-flushes",
		},
	},
}
