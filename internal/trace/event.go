package trace

import "apue/internal/procfs"

// Schema is the version of the recording format. It changes when
// a key changes its meaning or goes away; new keys do not change
// it.
const Schema = 1

// Header is the first line of a recording: what was run, where,
// and what this machine did not let the recorder see.
type Header struct {
	Kind    Kind     `json:"kind"` // always "header"
	Schema  int      `json:"schema"`
	Command []string `json:"command"`
	Dir     string   `json:"dir,omitempty"`
	Stdout  string   `json:"stdout,omitempty"` // "pipe", "file", "pty", "inherited"
	Kernel  string   `json:"kernel"`           // uname -sr
	Arch    string   `json:"arch"`             // GOARCH of the recorder
	Start   string   `json:"start"`            // RFC 3339, the instant Time 0

	// Recorder is the pid of the recording process. Adopter is
	// the process that orphans of the program go to, its pid as the
	// program sees it: the nearest child subreaper or the init of the
	// pid namespace.
	Recorder    int    `json:"recorder"`
	Adopter     int    `json:"adopter,omitempty"`
	AdopterComm string `json:"adopter_comm,omitempty"`

	// Seccomp says that only the calls of interest were stopped.
	Seccomp bool `json:"seccomp"`

	// Missing lists what could not be recorded, each as one
	// sentence with the reason ("kcmp refused: EPERM").
	Missing []string `json:"missing,omitempty"`
}

// Kind names what happened. The words are the kernel's.
type Kind string

// The kinds of event and the keys each one carries beside time,
// pid, nspid, tid, process and source.
const (
	KindHeader Kind = "header"

	// A process came into being: child, child_nspid,
	// child_process, call, flags, same_vm. With an errno none
	// did: call, flags, result.
	KindFork  Kind = "fork"
	KindVfork Kind = "vfork"
	KindClone Kind = "clone"

	// The parent of a vfork runs again: child, child_process,
	// parent_state, words.
	KindVforkDone Kind = "vfork-done"

	// A new program: path, argv.
	KindExec Kind = "exec"

	// The process ended: status (the raw word), exit_arg when
	// exit or exit_group gave one, call, parent_state in the
	// child of a vfork.
	KindExit Kind = "exit"

	// A wait returned: call, wait_pid or idtype and id, options,
	// entered, result, result_process, status, si_code, errno,
	// null_status.
	KindWait Kind = "wait"

	// A signal was delivered: signal, si_code, sender,
	// sender_process.
	KindSignal Kind = "signal"

	// A group-stop began or ended: signal.
	KindStop     Kind = "stop"
	KindContinue Kind = "continue"

	// The process got a new parent because the old one ended:
	// old_parent, old_parent_process, new_parent,
	// new_parent_process, new_parent_comm.
	KindReparented Kind = "reparented"

	// Calls that changed the process, with their errno: setsid
	// (result); setpgid (target, pgid); kill (call, target,
	// signal); chdir (path); chroot (path); umask (mask);
	// prctl-subreaper (value).
	KindSetsid    Kind = "setsid"
	KindSetpgid   Kind = "setpgid"
	KindKill      Kind = "kill"
	KindChdir     Kind = "chdir"
	KindChroot    Kind = "chroot"
	KindUmask     Kind = "umask"
	KindSubreaper Kind = "subreaper"

	// Descriptors: open (path, flags, fd), close (fd), dup (fd,
	// newfd), pipe (fd, newfd), seek (fd, offset, whence,
	// result), truncate (fd, offset), fcntl (fd, command, value).
	// Without Options.Files only 0, 1 and 2 are recorded (and
	// every pipe).
	KindOpen     Kind = "open"
	KindClose    Kind = "close"
	KindDup      Kind = "dup"
	KindPipe     Kind = "pipe"
	KindSeek     Kind = "seek"
	KindTruncate Kind = "truncate"
	KindFcntl    Kind = "fcntl"

	// Bytes left the process: call, fd, data, result, errno,
	// and with Options.Files path, ofd, file_pos.
	// Without Options.Files only 1 and 2, and what is a copy of
	// them, are recorded.
	KindWrite Kind = "write"

	// The state of every process of the tree, read from /proc
	// while the process of this event was stopped: snapshot.
	KindSnapshot Kind = "snapshot"

	// Something the recorder wants the reader to know: note.
	// (A helper of the Go runtime; a call that it could not
	// follow; with Options.Sleeps a sleep: call.)
	KindNote Kind = "note"

	// The last line: the whole tree is gone. status is the word
	// of the first process; leftovers how many were killed;
	// timeout whether the deadline ended it.
	KindEnd Kind = "end"
)

// An Event is one thing the kernel did. Which fields count is
// told by its kind; the others are zero and not written.
type Event struct {
	Time    int64  `json:"time"`            // ns since the start
	Pid     int    `json:"pid"`             // as the recorder sees it
	NSpid   int    `json:"nspid,omitempty"` // as the program sees it
	Tid     int    `json:"tid,omitempty"`   // the thread, when not the leader
	Process string `json:"process"`         // P0, P0.1, P0.1.1: birth path
	Kind    Kind   `json:"kind"`

	// Call is the system call that did it, by its kernel name:
	// clone3, vfork, wait4, waitid, exit_group, tgkill, writev.
	Call string `json:"call,omitempty"`

	// Errno is the symbolic error ("ECHILD") when the call
	// failed.
	Errno string `json:"errno,omitempty"`

	// Of fork, vfork, clone and vfork-done.
	Child        int    `json:"child,omitempty"`
	ChildNSpid   int    `json:"child_nspid,omitempty"`
	ChildProcess string `json:"child_process,omitempty"`
	Flags        uint64 `json:"flags,omitempty"` // CLONE_* with the exit signal; O_* of open
	// SameVM says whether both use one address space (kcmp
	// KCMP_VM); nil where the kernel refused to tell.
	SameVM *bool `json:"same_vm,omitempty"`

	// ParentState is the state letter of the thread that called
	// vfork, read while its child was stopped: D.
	ParentState string `json:"parent_state,omitempty"`
	// Words are aligned 32-bit words of the parent's writable
	// memory that changed while it was suspended
	// (Options.Words).
	Words []Word `json:"words,omitempty"`

	// Of exec, open, chdir, chroot: a path as the program gave
	// it; of write with Options.Files what the descriptor names.
	Path string   `json:"path,omitempty"`
	Argv []string `json:"argv,omitempty"`

	// Status is the raw wait status word: of exit, of a wait
	// that returned a child (for waitid built from its siginfo),
	// of end.
	Status  uint32 `json:"status"`
	ExitArg *int   `json:"exit_arg,omitempty"`
	// Discarded says that the process left no zombie: its parent
	// ignores SIGCHLD, and the kernel threw the status away.
	Discarded bool `json:"discarded,omitempty"`

	// Of wait. Entered is when the call was first entered, ns
	// since the start: Time − Entered is how long it took. A wait
	// that the kernel restarted is one wait.
	WaitPid       int    `json:"wait_pid,omitempty"`
	IDType        int    `json:"idtype,omitempty"` // unix.P_PID …
	ID            int    `json:"id,omitempty"`
	Options       int    `json:"options,omitempty"`
	Entered       int64  `json:"entered,omitempty"`
	Result        int64  `json:"result"` // of wait: the pid as the program sees it, 0 for none yet, −1 for an error
	ResultPid     int    `json:"result_pid,omitempty"`
	ResultProcess string `json:"result_process,omitempty"`
	NullStatus    bool   `json:"null_status,omitempty"`

	// Of signal, stop, continue and kill.
	Signal        int    `json:"signal,omitempty"`
	SiCode        int    `json:"si_code,omitempty"`
	Sender        int    `json:"sender,omitempty"` // si_pid, as the receiver sees it
	SenderProcess string `json:"sender_process,omitempty"`
	Target        int    `json:"target,omitempty"` // as the program sees it
	TargetProcess string `json:"target_process,omitempty"`

	// Of reparented.
	OldParent        int    `json:"old_parent,omitempty"`
	OldParentProcess string `json:"old_parent_process,omitempty"`
	NewParent        int    `json:"new_parent,omitempty"`
	NewParentNSpid   int    `json:"new_parent_nspid,omitempty"` // 0: outside its namespace
	NewParentProcess string `json:"new_parent_process,omitempty"`
	NewParentComm    string `json:"new_parent_comm,omitempty"`

	// Of the calls on processes and descriptors.
	Pgid    int   `json:"pgid,omitempty"`
	Mask    int   `json:"mask,omitempty"`
	Value   int   `json:"value,omitempty"`
	Command int   `json:"command,omitempty"` // F_* of fcntl
	Fd      int   `json:"fd,omitempty"`
	NewFd   int   `json:"newfd,omitempty"`
	Offset  int64 `json:"offset,omitempty"`
	Whence  int   `json:"whence,omitempty"`

	// Data are the bytes of a write, at most Options.MaxData of
	// them; Result is how many the kernel took.
	Data []byte `json:"data,omitempty"`
	// OFD numbers the open file descriptions of a recording from
	// 1 (kcmp KCMP_FILE); 0 where the kernel refused to tell.
	OFD int `json:"ofd,omitempty"`
	// FilePos is the file offset after the write, −1 for what
	// has none.
	FilePos int64 `json:"file_pos,omitempty"`

	Snapshot []ProcState `json:"snapshot,omitempty"`

	Note      string `json:"note,omitempty"`
	Leftovers int    `json:"leftovers,omitempty"`
	Timeout   bool   `json:"timeout,omitempty"`

	// Source is the line of the program that made the call, when
	// the program has debug information.
	Source *Source `json:"source,omitempty"`
	// NoSource says why a call has no Source.
	NoSource string `json:"no_source,omitempty"`
}

// Word is a 32-bit word of memory before and after.
type Word struct {
	Addr   uint64 `json:"addr"`
	Before int32  `json:"before"`
	After  int32  `json:"after"`
	Map    string `json:"map,omitempty"` // the mapping's name in /proc/PID/maps
}

// Source is a place in the program's source.
type Source struct {
	File string `json:"file"`
	Line int    `json:"line"`
	Func string `json:"func,omitempty"`
}

// ProcState is what /proc said of one process at one instant:
// the raw text of its files, so that a check decides from the
// kernel's own words. Keys are names below /proc/PID: "stat",
// "status", "limits", "cmdline", "cwd", "root" and "fd/N" (what
// the link names), "fdinfo/N", and "smaps" if asked for.
type ProcState struct {
	Process string    `json:"process"`
	Pid     int       `json:"pid"`
	Files   ProcFiles `json:"files"`
}

// ProcFiles are the files of one process in /proc, by their name
// below /proc/PID, as the kernel wrote them.
type ProcFiles = procfs.Files

// A Recording is a whole run.
type Recording struct {
	Header Header
	Events []Event
}
