// Package proc is process control as chapter 8 of the book has it:
// fork, vfork, the exec functions, _exit and wait, on the running
// kernel, from Go. It is for these experiments what apue.h is for the
// book's programs.
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
// Go offers fork only together with exec (os.StartProcess). The reason
// is that a Go program has several threads, and a forked child has
// one: the copy of the thread that called fork. The runtime in the
// child still believes in the others, and waits for ever where it
// needs one of them. Fork of this package makes a child in which
// sequential Go works, and in which everything else fails at once and
// with a message.
//
// # What works in a forked child
//
// Ordinary sequential Go: fmt, bufio, append, maps, strings,
// os.ReadFile, hundreds of megabytes of allocation, deep recursion,
// defer, blocking system calls by way of x/sys/unix, everything in
// this package, and Fork again. The child has one thread. Each of its
// signals has the default disposition, or is ignored as in the parent.
// Its memory is a copy, buffers and registered exit handlers included.
//
// # What does not work
//
// The child's goroutine is pinned to its thread for good. An operation
// that would park it ends the process with exit status 2 and a message
// on standard error:
//
//	channel receive, select, time.Sleep,     schedule: holding locks
//	runtime.Gosched, a contended mutex, a
//	read of an os.Pipe or a socket
//	runtime.GC, syscall.Setuid and others    … holding locks
//	that stop all threads
//	panic, even if it would be recovered     panic holding locks
//
// Use instead: Sleep of this package, unix.Pipe2 with unix.Read, and
// the bare calls Setuid, Setgroups and the like. A nil dereference is
// a real death by SIGSEGV, which cannot be recovered. The collector
// never runs: the child keeps all that it allocates.
//
// Three things go wrong silently. A goroutine that is started in a
// child, or was copied with its parent, never runs. The random numbers
// of math/rand and the order of a map's range go on alike in parent
// and child. And what the kernel keeps in an open file description is
// shared: the file offset, and the non-blocking mode of pipes and
// sockets, which (*os.File).Fd turns off for the parent too.
//
// A child that is to live long, a daemon, executes a program (which can
// be its own again), and so gets a whole runtime.
//
// The parent is left with one processor (GOMAXPROCS(1), set at the
// first fork), and is otherwise as before. Its other goroutines should
// be parked when it forks, not in the middle of something: a goroutine
// that reads a file while its parent forks holds that file's lock in
// the child for ever.
//
// The child of Vfork can do less, see there.
//
// # How a fork is made
//
// Fork and Clone call clone3 with SIGCHLD and CLONE_CLEAR_SIGHAND, or
// clone where clone3 is refused, between the hooks that package syscall
// has for its own fork. In this order:
//
//   - GOMAXPROCS(1): no other goroutine runs Go code, and so none holds
//     a lock of the runtime, at the instant of the copy.
//   - syscall.ForkLock, as for every fork in a Go program. It is opened
//     as soon as the goroutine is pinned: no other goroutine runs then
//     before the copy is made, and so none takes it.
//   - runtime.procPin, undone in the parent only: a pinned child is
//     never preempted into a scheduler whose threads are gone.
//   - runtime.writeBarrier: while it is on, a collection marks. Fork
//     waits for its end; once the goroutine is pinned, none can begin.
//   - syscall.runtime_BeforeExec: no thread is being made at that
//     moment, as the runtime's monitor does at times. An exec in the
//     child would wait for the lock that the maker holds.
//     syscall.runtime_AfterExec undoes it in both processes.
//   - syscall.runtime_BeforeFork: no signal arrives and no stack grows
//     during the call. syscall.runtime_AfterFork undoes it in both
//     processes.
//   - runtime.sched: the child opens the scheduler's lock, which the
//     runtime's monitor thread may have held at the instant of the copy.
//   - The runtime's epoll instance and eventfd, if it has made them:
//     the child gets its own under the same numbers. Fork would share
//     the parent's, and a child that closes an os.Pipe or a listener
//     would take the parent's registration out.
//
// The runtime has no other kernel object that fork shares and does not
// copy, in Go 1.26 and 1.27. (A file by which the runtime reads the
// limits of a control group is read at given offsets, and in a child
// never. An os.Process can hold a pidfd, which means the same process
// in parent and child.)
//
// Vfork calls clone3 with CLONE_VM and CLONE_VFORK from a few lines of
// assembly that call a function in the child and never return there. In
// C the child returns from vfork on its parent's stack; Exercise 8.2
// shows what becomes of the parent if the child then returns from the
// calling function.
//
// # Which facts of the runtime are proved, and which are trusted
//
//	fact                           how it is known
//	-----------------------------  -----------------------------------
//	where sched.lock lies          at the first fork: debug.SetMaxThreads
//	                               must change the field behind it, else
//	                               the lock is left alone. In the tests:
//	                               a child that closes it cannot go on.
//	which descriptors the poller   by the runtime's own word, before each
//	has                            fork, and by the kernel: the eventfd is
//	                               registered with the epoll instance,
//	                               else both are left alone.
//	writeBarrier.enabled means     trusted; in the tests: true during a
//	that a collection marks        collection, false after it
//	procPin pins                   trusted; in the tests: nothing else
//	                               runs, and parking is fatal
//	BeforeFork, AfterFork,         trusted
//	AfterForkInChild
//	BeforeExec, AfterExec          trusted; in the tests: children
//	                               execute while threads are made
//
// No calling convention and no register of the compiler's is trusted:
// the assembly calls Go by the convention that is documented for
// assembly. The trusted names are linknames. Of all but
// runtime_BeforeExec, runtime_AfterExec and the poller's
// runtime_isPollServerDescriptor the runtime's source says "do not
// remove or change the type signature". A Go without them would not
// link a program that imports this package.
//
// The tests hold with go1.26.8 and go1.27.4 on linux/amd64; the offsets
// are the same in both. Stress (make stress), each child of which uses
// fmt, bufio, append and maps and forks again, on a machine with two
// processors on which 5 to 30 other processes wanted to run:
//
//	            forks      with those inside   vforks     hung   wrong status
//	go1.26.8    1,000,000  2,000,000           1,000,000  0      0
//	go1.27.4      200,000    400,000             200,000  0      0
//
// Each step was left out once, with 10,000 forks, on a busy machine,
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
// These children never park, and so do not need the pin: a child that
// parks hangs without it, or runs goroutines copied from its parent.
// With it such a child dies with a message. A collection rarely runs
// at the moment of a fork: Fork waits for it because the design asks
// for it, not a measurement. BeforeExec is for children that execute a
// program: without it 1 to 3 of 2,000 hung there, while the parent's
// other goroutines had threads made (TestExecAsThreadsAreMade).
//
// # Cost
//
// make bench compares a fork, an _exit and a wait with the same in a C
// program of the same size. On a machine busy with other things the
// medians were 1.10 to 1.14 times C's time for fork and 1.12 to 1.37
// for vfork; starting the program again, as os/exec must, took 4.5 to
// 6 times as long as the fork. In processor time, which other work
// disturbs less, a fork cost 1.4 times as much as in C. Where the rest
// goes:
//
//   - The wait, about half of it. With one processor the runtime's
//     monitor thread takes the processor away from a thread that has
//     been in a system call for 20 µs, and wakes another thread to look
//     for work: two more switches between threads for each child (3.9
//     instead of C's 1.9), and a monitor that looks every 20 µs instead
//     of every 10 ms. With a bare wait4 instead of Waitpid the number of
//     switches is C's. Waitpid does not do that, because no other
//     goroutine could run while it waits.
//   - SIGCHLD: the runtime catches it, and the kernel may deliver it to
//     another thread than the one that waits, which wakes that one. It
//     stays caught, because os/signal relies on it.
//   - The parent's page tables: a Go program maps more than a C program
//     of the same resident size.
//
// CLONE_CLEAR_SIGHAND saves the child some sixty system calls that
// would reset the runtime's handlers one by one.
//
// # Other systems
//
// Linux on 386, amd64 and arm64 is the real thing; on other 64-bit Linux
// architectures there is no Vfork and no Catch. Elsewhere there is only
// what the programs need to say so, and the words for wait statuses and
// signals.
package proc
