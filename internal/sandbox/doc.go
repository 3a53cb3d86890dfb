// Package sandbox runs one program, bounded, and leaves nothing behind.
//
// Run starts the program in a process tree of its own, waits until the
// last process of the tree has ended, and returns what was seen: the wait
// status, the output, the files, the time, and the recording if one was
// wanted. Processes that are still alive when the time is over are a
// finding (Result.Leftovers). They are killed and reaped before Run
// returns. The same happens when the context ends, when the program
// writes far too much, and when the process that called Run is killed.
//
// # What the program finds
//
// Standard input is /dev/null. Standard output is a pipe, a regular file
// (memfd_create(2)) or a pseudo-terminal, which is then the controlling
// terminal of the session, with the program in its foreground process
// group. Standard error is a pipe. The program leads its own process
// group. It never leads the session: if it did, its end would send SIGHUP
// to the orphans that it leaves on a terminal. Every signal has its
// default action and none is blocked. The umask is 022, the soft limit on
// core files is 1 byte, so that there are none, and the working directory
// is an empty folder that is removed afterwards. Command.Attached asks for
// the caller's own input, other inherited descriptors, group, terminal and
// limits instead.
//
// # A stranger's program
//
// With Command.Isolate the program runs in the box: its own pid, mount,
// network, IPC, UTS and cgroup namespaces, and for callers without
// privilege a user namespace as well.
//
//   - Files. The root is made for this run. It shows /usr, /bin, /lib*,
//     some files of /etc, the folder of the program and what the command
//     names in Mounts, all read-only; a /dev with null, zero, full,
//     random, urandom, tty and its own pseudo-terminals; and a read-only
//     /proc of the namespace. The working directory (/box), /tmp, /var/tmp
//     and /dev/shm can be written. They share one file system in memory
//     (Limits.Disk, Limits.Files).
//   - Network. Only the loopback device of the namespace.
//   - System V IPC. The limits of the namespace are small, see ipcLimits
//     and, where those cannot be set, mostIPC.
//   - Keys. A new session keyring, and keyctl is refused.
//   - System calls. A short list is refused, see refusedCalls.
//   - Processes. They are counted (Limits.Processes), and kill(-1,
//     SIGKILL) reaches only those of this run.
//   - Memory. All processes together have Limits.Memory, where a memory
//     cgroup can be made (MemorySum tells). Elsewhere only each process
//     is bounded, by Limits.AddressSpace.
//   - Identity. For root the program gets a user id that no other run
//     has; else it keeps the caller's. It has no privilege and can gain
//     none. With a user namespace the kernel does not let it give up the
//     caller's supplementary groups, but no file that they open is there.
//
// If the machine lacks what this needs, Run refuses with a *Refusal that
// says what is missing.
//
// # The roles
//
// Run starts this very program again (/proc/self/exe) as the keeper. A
// program that imports this package can therefore be a keeper: the role
// begins before main, and the environment variable roleVariable names it.
// All other roles are forked children of the keeper. With a context of
// Reuse a keeper holds isolated runs one after the other: Run sends it the
// descriptors of the next one.
//
//		 Run ──1──▶ keeper          the caller's process ─ its child
//		  ▲           │  │
//		  │ output    │  └──3──▶ launcher ═▶ the program
//		  └───────────│─────────────┘  │
//		              │◀──────2────────┘
//		              │
//		   isolated:  └▶ init ─▶ adopter ─▶ launcher ═▶ the program
//		                  ▲ │       │ │         │
//		                  └─│───4───┘ │         │
//		              ◀──2──┴─────────┴─────────┘
//
//	  - The keeper leads a new session, is a child subreaper (prctl(2)) and
//	    holds the deadline. For a recorded run it is the tracer. Without
//	    Isolate it is the parent of the program and adopts its orphans.
//	  - The init is pid 1 of the namespace. It makes the root and reaps.
//	    When it ends, the kernel kills everything in the namespace.
//	  - The adopter is a subreaper, and the parent of the program. Its pid
//	    is different in each run.
//	  - The launcher sets up what the program finds when it starts, and
//	    becomes the program by execve(2).
//
// They speak four protocols:
//
//  1. Run and keeper, a stream socket, descriptor 3 of the keeper: the
//     order (JSON with its length before it), then single bytes by which
//     Run ends the run early, and in the other direction the report. The
//     end of the stream tells the keeper that Run is gone or content; it
//     removes the folder and ends.
//  2. The others to the keeper, a seqpacket socket: one message each, in
//     JSON. The kernel adds the sender's pid as the keeper sees it.
//     The launcher's copy is closed by its exec.
//  3. Keeper to launcher, a pipe: one byte lets the program begin. Its
//     end tells the launcher that the program is not wanted any more.
//  4. Adopter to init, a pipe: the pid of the program. A program with the
//     adopter's user id can kill the adopter; then the init reaps it.
//
// # A trusted program
//
// Without Isolate the program is trusted not to attack the sandbox. One
// that kills the keeper, its parent, ends the run with an error. Orphans
// of the program then go to the caller, which is a subreaper for this
// reason; they are recognised by a mark in their resource limits and
// killed. One that stops the keeper, or traces it, is ended when its time
// is over.
package sandbox
