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

// The kinds of standard output. Inherited is the caller's own output, and
// error, which is then not a part of the Result.
const (
	Pipe Stdout = iota
	File
	Pty
	Inherited
)

// String returns "pipe", "file", "pty" or "inherited".
func (s Stdout) String() string {
	switch s {
	case Pipe:
		return "pipe"
	case File:
		return "file"
	case Pty:
		return "pty"
	case Inherited:
		return "inherited"
	}
	return fmt.Sprintf("Stdout(%d)", int(s))
}

// Defaults of a Command and of its Limits.
const (
	DefaultTimeout      = 10 * time.Second
	DefaultOutput       = 1 << 20  // bytes
	DefaultProcesses    = 256      // of an isolated run
	DefaultFileSize     = 64 << 20 // bytes
	IsolatedFileSize    = 1 << 20  // bytes, of an isolated run
	DefaultOpenFiles    = 64       // of an isolated run: exec/cloexec has 50 and 51
	DefaultAddressSpace = 4 << 30  // bytes of address space, of an isolated run
	DefaultMemory       = 1 << 30  // bytes, of an isolated run
	DefaultDisk         = 64 << 20 // bytes, of an isolated run
	DefaultFiles        = 4096     // of an isolated run
	DefaultRecording    = 64 << 20 // bytes
	DefaultEvents       = 50_000
)

// A Command is one program to run.
type Command struct {
	// Args is the program and its arguments. Args[0] is looked up in
	// PATH unless it has a slash; a relative path starts at the caller's
	// working directory.
	Args []string

	// Env is the whole environment. nil means a clean one: PATH as the
	// caller's, HOME and TMPDIR the working directory, LANG=C.UTF-8, and
	// TERM as the caller's or "dumb".
	Env []string

	// Dir is the working directory. "" means a fresh, empty folder that
	// is removed after the run. An isolated program can write to Dir.
	Dir string

	Stdout  Stdout
	Timeout time.Duration // of the whole tree; 0 means DefaultTimeout

	// FirstOnly ends the run shortly after the program itself has ended.
	// Other processes of the tree are then leftovers.
	FirstOnly bool

	// Output is how many bytes of standard output, and of standard
	// error, are kept; 0 means DefaultOutput. More is read and thrown
	// away, up to 16 times that and at least 1 MiB; then the run is
	// ended.
	Output int64

	// Attached gives the program this process's standard input, the other
	// descriptors that this process was started with, terminal, process group, ignored signals, umask and resource
	// limits, as if a shell had started it. It cannot be isolated then.
	Attached bool

	// Isolate treats the program as a stranger's.
	Isolate bool
	// Disposable says, with Isolate, that the whole machine may come to
	// harm: if isolation is impossible, the program runs without it
	// (Result.Isolated tells).
	Disposable bool
	// Mounts are more folders that an isolated program sees.
	Mounts []Mount
	// Input is a folder whose files the program finds in its fresh
	// working directory, as its own. The files that are in the working
	// directory after the run are copied to the existing folder Collect, as
	// many bytes as Limits.Disk at most, and Result.Files is empty.
	Input, Collect string

	Limits Limits

	// Trace asks for a recording; nil means none. Without a Source no
	// source file is read for an isolated run. With a Sink the events
	// go there, in order, from one goroutine; an error of the Sink ends
	// the run and is returned by Run.
	Trace *record.Options
}

// A Mount makes the folder From of this machine visible to an isolated
// program as To, read-only. With Overlay the program can write there, and
// what it writes is gone after the run (where the kernel has no overlayfs
// the folder is empty instead).
type Mount struct {
	From, To string
	Overlay  bool
}

// Limits bound what one process of the program can use; Processes,
// Memory, Disk and Files bound all of them together, Recording and Events
// the recording. Zero means the default, a negative number no limit.
type Limits struct {
	Processes    int   // processes and threads of an isolated run (RLIMIT_NPROC)
	FileSize     int64 // bytes of a file that it writes (RLIMIT_FSIZE); isolated IsolatedFileSize
	AddressSpace int64 // bytes (RLIMIT_AS); without Isolate none
	OpenFiles    int   // descriptors (RLIMIT_NOFILE); without Isolate as inherited
	CPU          int   // seconds of processor time (RLIMIT_CPU); default the timeout if isolated, else none
	Memory       int64 // bytes of an isolated run (memory cgroup)
	Disk         int64 // bytes of all files of an isolated run
	Files        int   // files of an isolated run
	Recording    int64 // bytes of a recording, default of an isolated run; a longer one is a flood
	Events       int   // events of a recording, default of an isolated run; more are a flood
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

	// TimedOut says that the time was over before the last process had
	// ended. Flooded says that the run was ended because the program
	// wrote too much, or did more than a recording can hold
	// (RecordingFull); Flood is the sentence that says which.
	TimedOut, Flooded, RecordingFull bool
	Flood                            string
	// OutOfMemory says that the kernel killed a process of an isolated
	// run because the run had used up Limits.Memory; MachineFull that it
	// killed one because the machine had no memory left.
	OutOfMemory, MachineFull bool

	// Late is how much of the time the sandbox itself could not run,
	// because the machine was busy; or, if the time was over and a
	// process of the run could not for most of it, how much that was.
	Late time.Duration
	// Waited is, if the time was over, how long the sandbox and a process
	// of the run have waited for a processor.
	Waited time.Duration

	// Elapsed is the time from the start of the program to the end of its
	// last process.
	Elapsed time.Duration

	// Leftovers are the processes that were alive when the
	// sandbox ended the run, oldest first; zombies are not alive.
	Leftovers []Leftover

	// Files are the regular files that are left in the fresh working
	// directory, by their path relative to it: at most Command.Output
	// bytes of each, five times that together, 1,000 files, and those of
	// at most 12 folders in each other. FilesLeft says that there were
	// more, or that Collect has not all of them.
	Files     map[string][]byte
	FilesLeft bool

	// Adopter is the parent of the first process, and the process that
	// adopts the program's orphans: its pid as the program sees it, and
	// its name.
	Adopter     int
	AdopterComm string

	// Isolated says that the program ran in its own namespaces.
	Isolated bool

	Rusage    Rusage
	Recording *trace.Recording
	Recorded  int64 // bytes of the recording as it was written
}

// A Leftover is a process that was alive when the time was over.
type Leftover struct {
	Pid     int    // as the caller sees it
	NSpid   int    // as the program sees it
	Comm    string // its name, 15 bytes at most
	State   string // the letter of proc(5): R, S, D, T, t
	Cmdline []string
	First   bool // it is the program itself, not a descendant
}

// Rusage is what all processes of a run used together. A few milliseconds
// of it are the sandbox's launcher.
type Rusage struct {
	User, System time.Duration
	MaxRSS       int64 // bytes, of the largest process
}

// A Refusal says that this machine lacks something that the sandbox
// needs. It says nothing about the program: a check answers with
// cannot-check.
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
	Reason string // "it is not an executable file", "it was built for aarch64 …"
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

// A ProbeRow is one attempt that a program in the box has made.
type ProbeRow struct {
	Area  string // "files", "network" …
	Tried string
	Got   string // what happened
	OK    bool   // as it has to be
}
