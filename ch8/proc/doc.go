// Package proc is process control as chapter 8 of the book has it:
// fork, vfork, exec, _exit, wait, real, on the running kernel, from
// Go. It is what apue.h is to the book's programs.
//
//	pid, err := proc.Fork()
//	proc.Check(err)
//	if pid == 0 {
//		fmt.Println("the child")
//		proc.Exit(7)
//	}
//	var status proc.WaitStatus
//	proc.Waitpid(pid, &status, 0)
//	fmt.Println(status) // normal termination, exit status = 7
//
// Go offers fork only together with exec (os.StartProcess), for a
// reason: its runtime has threads, and a forked child has one, the
// copy of the thread that called fork. The others are still in the
// child's books, and whoever waits for one of them waits for ever.
// Fork here makes a child in which sequential Go works and
// everything else fails at once and loudly.
//
// # What works in a forked child
//
// Ordinary sequential Go: fmt, bufio, append, maps, strings,
// os.ReadFile, hundreds of megabytes of allocation, deep recursion,
// defer, blocking system calls by way of x/sys/unix, everything in
// this package, and Fork again. The child has one thread, its
// signals have their default or are ignored as in the parent, and
// its memory is a copy: buffers and registered handlers too.
//
// # What does not
//
// The child's goroutine is pinned to its thread for good. Whatever
// would park it ends the process with exit status 2 and a message
// on standard error:
//
//	channel receive, select, time.Sleep,     schedule: holding locks
//	runtime.Gosched, a contended mutex, a
//	read of an os.Pipe or a socket
//	runtime.GC and whatever stops the world  … holding locks
//	panic, even if it would be recovered     panic holding locks
//
// In their place: Sleep of this package, unix.Pipe2 with unix.Read.
// A nil dereference is a real death by SIGSEGV, which nobody can
// recover. The collector never runs: what a child allocates, it
// keeps. One thing is silent: a goroutine that is started in a
// child, or was copied with its parent, never runs. And two things
// are not noticed: the random numbers of math/rand and the order of
// a map's range go on in parent and child alike.
//
// A child that is to live long, a daemon, executes a program, may
// be its own again, and so gets a whole runtime.
//
// The parent is left with one processor (GOMAXPROCS(1), set at the
// first fork), and is otherwise as before. Its other goroutines
// should be parked, not in the middle of something, when it forks.
//
// The child of Vfork may do less, see there.
//
// # How, and on whose word
//
// Fork and Clone call clone3 with SIGCHLD and CLONE_CLEAR_SIGHAND, or
// clone where that is refused, between the hooks that package syscall has
// for its own fork. Around it
//
//   - GOMAXPROCS(1): no other goroutine runs Go code, and so holds
//     a lock of the runtime, at the instant of the copy;
//   - syscall.ForkLock, as every fork in a Go program;
//   - runtime.procPin, undone in the parent only: a pinned child is
//     never preempted into a scheduler whose threads are gone;
//   - runtime.writeBarrier: while it is on, a collection marks, and
//     Fork waits for its end; once pinned, none can begin;
//   - syscall.runtime_BeforeFork: no signal and no growing of the
//     stack during the call; syscall.runtime_AfterFork undoes that,
//     in both processes;
//   - syscall.runtime_BeforeExec: no thread is being made, as the
//     runtime's monitor does at times; an exec in the child would
//     wait for the lock that its maker holds. syscall.runtime_AfterExec
//     undoes that, in both processes;
//   - runtime.sched: its lock, which the runtime's monitor thread
//     may have held at the instant of the copy, is opened in the
//     child.
//
// All of these but the two about exec are linknames of which the
// runtime's source says "do not remove or change the type
// signature"; without those two a program does not link. Where the
// lock of runtime.sched lies is not promised: Fork finds out at its
// first call, by a neighbour of the lock that debug.SetMaxThreads
// sets, and lets it alone if it is not there. go.mod names the
// version of Go that all this was measured with.
//
// Each step was left out once, with 10,000 forks whose children use
// fmt, bufio, append and maps and fork again; on a busy machine,
// without and with a collector at work in the parent (go1.26.8,
// linux/amd64, Linux 6.18):
//
//	left out                            hung, of 10,000
//	nothing                             0       0
//	opening the scheduler's lock        1       2
//	GOMAXPROCS(1)                       0       9
//	waiting for a collection            0       0
//	the pin                             0       0
//	all of it (SYS_FORK and no more)    0.5     232
//
// The pin is not for these children, which never park: without it
// one that does hangs, or runs goroutines copied from its parent,
// where now it dies with a message. And a collection rarely runs
// just when a program forks; design, not measurement, is why Fork
// waits for it.
//
// BeforeExec is for children that execute a program: without it 1 to
// 3 of 2,000 hung there, while the parent's other goroutines had
// threads made (TestExecAsThreadsAreMade), and 1 of some 2,500
// launchers of internal/sandbox.
//
// With nothing left out, a million such forks, two million with
// those inside, hung 0 times and gave 0 wrong statuses
// (go run ./ch8/proc/stress -n 1000000).
//
// Vfork calls clone3 with CLONE_VM and CLONE_VFORK from a few lines
// of assembly that call a function in the child and never return
// there. In C the child returns from vfork on its parent's stack;
// Exercise 8.2 shows what becomes of the parent if it goes on to
// return from the calling function.
//
// # Cost
//
// A fork, an _exit and a wait take about as long as in a C program
// of the same size: the medians of the ratios, on a machine busy
// with other things, were 1.06, 1.10 and once 1.64. A vfork took
// 1.17 to 1.30 times as long, and starting the program again, as
// os/exec must, six times as long as the fork (go run
// ./ch8/proc/bench tells it for yours). What a fork costs grows with
// the parent's page tables. CLONE_CLEAR_SIGHAND saves the child some
// sixty system calls that would reset the runtime's handlers one by
// one.
//
// # Other systems
//
// Linux on amd64 and arm64 is the real thing; on other 64-bit Linux
// architectures there is no Vfork and no Catch. Elsewhere there is only
// what the programs need to say so.
package proc
