package record

import (
	"io"

	"apue/internal/trace"
)

// Options say what a recording holds beside the life of the
// processes.
type Options struct {
	// noSeccomp stops the program at every system call, as where the
	// kernel offers no filter that can trace. It is slow.
	noSeccomp bool

	// Files records every call on a descriptor: what makes, copies and
	// closes one, reads, writes, seeks, changes flags; each write with the
	// file's name and offset. Without it the events are those of 0, 1 and
	// 2, of pipes, and of copies of these; and reads of descriptor 0,
	// of pipes, terminals and sockets.
	Files bool

	// Snapshots records, after every write to descriptor 1 and
	// before each exit, what /proc says of every process of the
	// tree. Smaps adds their memory maps' sizes.
	Snapshots bool
	Smaps     bool

	// SnapshotExec takes such snapshots at the entry of each exec, at
	// its success before the new program's first instruction, and after
	// one that failed; SnapshotBirth when a child was made. Both add more
	// files to every snapshot: schedstat, autogroup, loginuid, cgroup,
	// timers, environ, task/TID/status, and auxv as lines of two decimal
	// numbers, type and value.
	SnapshotExec  bool
	SnapshotBirth bool

	// Environ keeps the environment of each new program in the exec
	// event. Its size and the number of its strings are there anyway.
	Environ bool

	// Parents records when a process asks for its parent's pid, and the
	// answer is another one than before: some programs ask all the time.
	Parents bool

	// Words are values looked for in the aligned 32-bit words of
	// the writable memory at a vfork or fork. The vfork-done event
	// reports those words of the parent that changed meanwhile, the
	// parent's exit those that changed after that, and the exit of a
	// forked child those that changed in it since its birth.
	Words []int32

	// MaxData is how many bytes of a write are kept; 0 means
	// 64 KiB.
	MaxData int

	// Tamper, if set, changes how children end. It is for a check that
	// wants to know whether a program looks at a termination status or
	// prints a constant: the header says so, and no option of a command
	// sets it.
	Tamper *Tamper

	// RefusedFlags are flags of clone3 with which the call fails with
	// EFAULT. A seccomp filter refuses those of clone.
	RefusedFlags uint64

	// Dir and Stdout go into the header as they are.
	Dir, Stdout string

	// Begin, if set, is called once, before the first event.
	Begin func(*trace.Header) error `json:"-"`

	// Sink, if set, is called for each event in its order, and
	// the events are not kept in memory. It is called on the
	// tracing thread while the program runs on: it should not
	// block for long. Its error ends the recording.
	Sink func(*trace.Event) error `json:"-"`

	// Lines, if set, gets the recording as it is written in a file, the
	// header and the sources too, some lines at a time. Begin is called as
	// ever, Sink is not, and no event is kept in memory.
	// Only a run of package sandbox writes it: events come from its keeper
	// as lines, and most need not be looked into.
	Lines io.Writer `json:"-"`

	// Source, if set, reads a source file that an event names, for the
	// recording; nil reads the file with the privileges of the caller,
	// or no file if the run is that of a stranger's program. An error
	// becomes the reason why the recording does not have the text.
	// Only a run of package sandbox holds sources.
	Source func(name string) ([]byte, error) `json:"-"`

	// Killed, if set, is called once when the context has ended, or
	// the recording failed, and every living process of the tree
	// has been sent SIGKILL: code that has other means to end the
	// tree waits for it, or the recording does not tell that the
	// processes were alive.
	Killed func() `json:"-"`
}

func (o *Options) maxData() int {
	if o.MaxData == 0 {
		return 64 << 10
	}
	return o.MaxData
}

// A Tamper says what is changed about the end of every process of the
// tree but the first. Exits maps exit statuses, 0 to 255: a process that
// calls exit with a key ends with its value. Signals maps signal numbers:
// a signal that would kill the process by its default action is delivered
// as another one, which should kill too.
type Tamper struct {
	Exits   map[int]int
	Signals map[int]int
}

// Start is called by Run on its tracing thread. It makes the
// process that will become the program and returns when that
// process exists and waits to be released (see Filter).
//
// Processes that Start makes for other purposes, and that somebody
// else waits for, have to be made on another thread: Run
// collects every child of its own.
type Start func() (Launched, error)

// Launched is a process waiting to be released.
type Launched struct {
	// Pid of the launcher, in the recorder's pid namespace. The
	// program keeps it.
	Pid int
	// Adopter is the process that will adopt the program's orphans, if
	// that is neither the recording process nor an init: its pid there.
	// 0: Run finds out.
	Adopter int
	// Release lets it go on.
	Release func() error
}
