// Package sandbox runs one program, bounded, and leaves nothing
// behind.
//
// A run is a process tree of its own. Run starts this very program
// again (/proc/self/exe) as the *keeper*: the leader of a new
// session, a child subreaper (prctl(2)), the holder of the
// deadline and, for a recorded run, the tracer. The keeper forks the
// *launcher*, which sets up what a program finds when it starts
// (directory, limits, signals, descriptors 0 to 2 and no other) and
// becomes the program by execve(2). So the program's parent is the
// keeper, every orphan of the program is adopted by the keeper, which
// reaps it while the run goes on, and no process of the program can
// leave the tree, whatever sessions and process groups it makes. (To import this package is enough for
// a program to be a keeper: the role is in its argv[0], and begins
// before main does.)
//
// A run is over when the last process of the tree has ended, not
// when the first one has: an orphan may still do its work. What is
// alive when the time is over is a finding (Result.Leftovers); it
// is killed and reaped before Run returns. The same happens when
// the context ends, when the program writes far more than its
// share, and when the process that called Run is itself killed.
//
// # What the program finds
//
// Standard input is /dev/null. Standard output is a pipe, a
// regular file or a pseudo-terminal, which is then the controlling
// terminal of the session, with the program in its foreground
// process group; standard error is a pipe. The program leads its
// own process group and never the session: if it did, its end
// would send SIGHUP to the orphans it leaves on a terminal. All
// signals have their default action and none is blocked, also
// where this process was started with SIGCHLD ignored. The umask
// is 022, the soft limit on core files 1 byte, so that there
// are none, the working directory an empty folder which is removed afterwards.
//
// # A stranger's program
//
// With Command.Isolate the tree lives in a pid, mount and IPC
// namespace of its own. Its init (pid 1) is a small shim of this
// package. The init's child is a subreaper, which adopts orphans as
// the keeper does otherwise, with a pid that no program can guess
// from the book; the program is the child of that. The program sees
// only these and its own processes, so that kill(-1, SIGKILL)
// reaches no other, and they can not become more than
// Limits.Processes. For root the namespaces are enough,
// and the program runs under a user id that nobody else has, which
// RLIMIT_NPROC counts. Everyone else gets a user namespace too, in
// which RLIMIT_NPROC counts anew (Linux 5.14); where it does not
// bind, because the user is root further out, the namespace's own
// kernel.pid_max does (Linux 6.14). Where the machine offers
// neither a namespace nor a count, Run refuses with a *Refusal.
//
// In there the file system is read-only (Linux 5.12), with the
// working directory and fresh /tmp, /var/tmp and /dev/shm as the
// exceptions; set-user-ID programs have no effect; and the
// kernel, short of memory, kills such a program first. What is
// not kept from a stranger: to read what its user may read, to use
// the network, to use the processors for as long as the time
// allows, and to fill the disk with many files of the permitted
// size, which are removed afterwards.
//
// Without Isolate a program is trusted not to attack the sandbox:
// one that kills the keeper, which is its parent, ends the run
// with an error, and its processes are then found by a mark in
// their resource limits and killed.
package sandbox

import (
	"errors"
	"fmt"
	"time"

	"apue/internal/record"
	"apue/internal/trace"
)

// Stdout says what a program's standard output is.
type Stdout int

// The kinds of standard output.
const (
	Pipe Stdout = iota
	File
	Pty
)

// String returns "pipe", "file" or "pty".
func (s Stdout) String() string {
	switch s {
	case Pipe:
		return "pipe"
	case File:
		return "file"
	case Pty:
		return "pty"
	}
	return fmt.Sprintf("Stdout(%d)", int(s))
}

// What counts when a Command does not say.
const (
	DefaultTimeout      = 10 * time.Second
	DefaultOutput       = 1 << 20  // bytes
	DefaultProcesses    = 256      // of an isolated run
	DefaultFileSize     = 64 << 20 // bytes
	DefaultAddressSpace = 4 << 30  // bytes of address space, of an isolated run
)

// A Command is one program to run.
type Command struct {
	// Args is the program and its arguments. Args[0] is looked
	// up in PATH unless it has a slash; a relative path counts
	// from the caller's working directory.
	Args []string

	// Env is the whole environment. nil means a clean one: PATH
	// as the caller's, HOME and TMPDIR the working directory,
	// LANG=C.UTF-8, and TERM as the caller's or "dumb".
	Env []string

	// Dir is the working directory. "" means a fresh, empty
	// folder, removed after the run.
	Dir string

	Stdout  Stdout
	Timeout time.Duration // of the whole tree; 0 means DefaultTimeout

	// Output is how many bytes of standard output, and of
	// standard error, are kept; 0 means DefaultOutput. More is
	// read and thrown away, up to 16 times that and at least 1
	// MiB; then the run is ended.
	Output int64

	// Isolate treats the program as a stranger's.
	Isolate bool
	// Disposable says, with Isolate, that the whole machine may
	// come to harm: where isolation cannot be had the program
	// runs without it (Result.Isolated tells).
	Disposable bool

	Limits Limits

	// Trace asks for a recording; nil means none. With a Sink
	// the events go there, in order, from one goroutine; an
	// error of the Sink ends the run and is returned by Run.
	Trace *record.Options
}

// Limits bound what one process of the program may use (and, for
// Processes, all of them). Zero means the default, a negative
// number no limit.
type Limits struct {
	Processes    int   // processes and threads of an isolated run (RLIMIT_NPROC); default DefaultProcesses
	FileSize     int64 // bytes of a file it writes (RLIMIT_FSIZE); default DefaultFileSize
	AddressSpace int64 // bytes (RLIMIT_AS); default DefaultAddressSpace if isolated, else none
	OpenFiles    int   // descriptors (RLIMIT_NOFILE); default as inherited
	CPU          int   // seconds of processor time (RLIMIT_CPU); default the timeout if isolated, else none
}

// A Result is what became of a run.
type Result struct {
	// Status is the raw wait status word of the first process,
	// as wait(2) returns it. It is SIGKILL's when the sandbox
	// ended it.
	Status uint32

	// Stdout and Stderr are what arrived, at most Command.Output
	// bytes each; on a terminal lines end in "\r\n".
	Stdout, Stderr []byte
	Truncated      bool // there was more

	// TimedOut says that the time was over before the last
	// process had ended; Flooded that the run was ended because
	// of its output.
	TimedOut, Flooded bool

	// Elapsed is from the start of the program to the end of its
	// last process.
	Elapsed time.Duration

	// Leftovers are the processes that were alive when the
	// sandbox ended the run, by age; zombies are not alive.
	Leftovers []Leftover

	// Files are the regular files left in the fresh working
	// directory, by their path relative to it: at most
	// Command.Output bytes of each, and 1,000 files.
	Files map[string][]byte

	// Adopter is the process that orphans of the program go to,
	// and the parent of the first process: its pid as the
	// program sees it, and its name.
	Adopter     int
	AdopterComm string

	// Isolated says that the program ran in its own namespaces.
	Isolated bool

	Rusage    Rusage
	Recording *trace.Recording
}

// A Leftover is a process that was alive when the time was over.
type Leftover struct {
	Pid     int    // as the caller sees it
	NSpid   int    // as the program sees it
	Comm    string // its name, 15 bytes at most
	State   string // the letter of proc(5): R, S, D, T, t
	Cmdline []string
	First   bool // it is the program itself, no descendant
}

// Rusage is what all processes of a run used together, a few
// milliseconds of the sandbox's launcher included.
type Rusage struct {
	User, System time.Duration
	MaxRSS       int64 // bytes, of the largest process
}

// A Refusal says that this machine lacks something the sandbox
// needs. It tells nothing about the program: a check answers it
// with cannot-check.
type Refusal struct {
	Reason string // what is missing
	Remedy string // what to do
}

func (e *Refusal) Error() string { return e.Reason + "; " + e.Remedy }

// A NotFound error says that there is no such program: the exit
// status 127 of env(1).
type NotFound struct {
	Path string // as given
	Hint string
}

func (e *NotFound) Error() string { return e.Path + ": not found; " + e.Hint }

// A NotExecutable error says that the program is there and cannot
// be started: the exit status 126 of env(1).
type NotExecutable struct {
	Path   string
	Reason string // "it is no executable file", "it was built for aarch64 …"
	Hint   string // what to do
	Err    error  // the kernel's error
}

func (e *NotExecutable) Error() string { return e.Path + ": " + e.Reason + "; " + e.Hint }

func (e *NotExecutable) Unwrap() error { return e.Err }

// ExitStatus returns the status with which env(1) and the like
// end after the error err of Run: 127 if there is no such
// program, 126 if it cannot be started, else 125; 0 for nil.
func ExitStatus(err error) int {
	var notFound *NotFound
	var notExecutable *NotExecutable
	switch {
	case err == nil:
		return 0
	case errors.As(err, &notFound):
		return 127
	case errors.As(err, &notExecutable):
		return 126
	}
	return 125
}
