package trace

import (
	"apue/internal/locale"
	"apue/internal/procfs"
)

// Schema is the version of the recording format. It changes when
// a key changes its meaning or goes away; new keys do not change
// it.
const Schema = 2

// oldestSchema is the oldest version that a Reader reads. A recording of
// the first edition, version 1, holds no source files, and less of
// descriptors, of ids and of what blocks.
const oldestSchema = 1

// OwnAdopter is the name of the process of ch8 that starts programs and
// adopts their orphans.
const OwnAdopter = "lab"

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

	// SetID says how set-user-ID programs fare: "kept" when they get
	// their privilege, "ignored" when they run without it because the
	// recorder has no privilege itself (execve(2), ptrace(2)).
	SetID string `json:"set_id,omitempty"`

	// Tampered says, one sentence each, what the recorder changed on
	// purpose about how children end. Such a recording does not show
	// what the program does by itself.
	Tampered []string `json:"tampered,omitempty"`

	// Changed lists what is different for the program because it was
	// recorded, one sentence each.
	Changed []string `json:"changed,omitempty"`

	// Descriptors are those that the program was given.
	Descriptors []Descriptor `json:"descriptors,omitempty"`

	// Missing lists what could not be recorded, each as one
	// sentence with the reason ("kcmp refused: EPERM").
	Missing []string `json:"missing,omitempty"`
}

// The sentences that Changed can hold: what happens otherwise to a
// program because it is traced.
var (
	ChangedVfork = locale.Key("a signal other than SIGKILL that ends a parent in vfork takes effect only when its child has ended or executed a program")
	ChangedStop  = locale.Key("a stop signal that a SIGCONT right after it would have discarded can stop the process for a moment")
)

// Kind names what happened. The words are the kernel's.
type Kind string

// The kinds of event. The table in keys.go says what each one is and
// which keys it carries.
const (
	KindHeader     Kind = "header"
	KindFork       Kind = "fork"
	KindVfork      Kind = "vfork"
	KindClone      Kind = "clone"
	KindVforkDone  Kind = "vfork-done"
	KindExec       Kind = "exec"
	KindExit       Kind = "exit"
	KindWait       Kind = "wait"
	KindSignal     Kind = "signal"
	KindStop       Kind = "stop"
	KindContinue   Kind = "continue"
	KindReparented Kind = "reparented"
	KindSetsid     Kind = "setsid"
	KindSetpgid    Kind = "setpgid"
	KindKill       Kind = "kill"
	KindChdir      Kind = "chdir"
	KindChroot     Kind = "chroot"
	KindUmask      Kind = "umask"
	KindSubreaper  Kind = "subreaper"
	KindGetppid    Kind = "getppid"
	KindCreds      Kind = "creds"
	KindPriority   Kind = "priority"
	KindTimer      Kind = "timer"
	KindTimes      Kind = "times"
	KindAcct       Kind = "acct"
	KindOpen       Kind = "open"
	KindClose      Kind = "close"
	KindDup        Kind = "dup"
	KindPipe       Kind = "pipe"
	KindSeek       Kind = "seek"
	KindTruncate   Kind = "truncate"
	KindFcntl      Kind = "fcntl"
	KindWrite      Kind = "write"
	KindRead       Kind = "read"
	KindSleep      Kind = "sleep"
	KindPoll       Kind = "poll"
	KindPause      Kind = "pause"
	KindAccept     Kind = "accept"
	KindLock       Kind = "lock"
	KindBlocked    Kind = "blocked"
	KindSnapshot   Kind = "snapshot"
	KindSource     Kind = "source"
	KindNote       Kind = "note"
	KindEnd        Kind = "end"
)

// An Event is one thing the kernel did. Its kind says which fields
// count; the others are zero and not written. The fields are the keys of
// the file format, in the order in which they are written.
type Event struct {
	Time    int64  `json:"time"`    // ns since the start
	Pid     int    `json:"pid"`     // as the recorder sees it
	Process string `json:"process"` // P0, P0.1, P0.1.1: birth path
	Kind    Kind   `json:"kind"`
	NSpid   int    `json:"nspid,omitempty"` // as the program sees it
	Tid     int    `json:"tid,omitempty"`   // the thread, when not the leader

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

	// Of exec. Argv is what the caller passed; Program is what the
	// new program got. ByTid is the thread that called, when that was not
	// the leader, whose tid it got. A failed exec has the number of
	// arguments and their bytes, with those of the environment, as far as
	// they could be read.
	Program   *Program `json:"program,omitempty"`
	ByTid     int      `json:"by_tid,omitempty"`
	Dirfd     int      `json:"dirfd,omitempty"` // of execveat
	Argc      int      `json:"argc,omitempty"`
	ArgsBytes int      `json:"args_bytes,omitempty"`
	EnvBytes  int      `json:"env_bytes,omitempty"`

	// Before and After are the ids around an exec that changed them, and
	// around a call that was to change them.
	Before *IDs `json:"before,omitempty"`
	After  *IDs `json:"after,omitempty"`
	// Args are the arguments of a creds call as the program gave them.
	Args []int64 `json:"args,omitempty"`

	// Status is the raw wait status word: of exit, of a wait
	// that returned a child (for waitid built from its siginfo),
	// of end.
	Status  uint32 `json:"status"`
	ExitArg *int   `json:"exit_arg,omitempty"`
	// Threads is how many threads the process had made, if it was not a Go
	// program, whose runtime makes some for itself.
	Threads int `json:"threads,omitempty"`
	// Discarded says that the process left no zombie: its parent
	// ignores SIGCHLD, and the kernel threw the status away.
	Discarded bool `json:"discarded,omitempty"`

	// NoChildWait says, of a discarded process, that its parent does not
	// ignore SIGCHLD, but has set SA_NOCLDWAIT.
	NoChildWait bool `json:"no_child_wait,omitempty"`

	// Of wait. Entered is when the call was first entered, ns
	// since the start: Time − Entered is how long it took. A wait
	// that the kernel restarted is one wait. Of an exit it is when the
	// process began to end.
	WaitPid       int    `json:"wait_pid,omitempty"`
	IDType        int    `json:"idtype,omitempty"` // unix.P_PID …
	ID            int    `json:"id,omitempty"`
	Options       int    `json:"options,omitempty"`
	Entered       int64  `json:"entered,omitempty"`
	Result        int64  `json:"result"` // of wait: the pid as the program sees it, 0 for none yet, −1 for an error
	ResultPid     int    `json:"result_pid,omitempty"`
	ResultProcess string `json:"result_process,omitempty"`
	NullStatus    bool   `json:"null_status,omitempty"`
	// OneOf are the processes of which one was returned, where the
	// call stored no answer and the kernel's state does not tell which.
	OneOf []string `json:"one_of,omitempty"`
	// Rusage is what the call stored, where it asked for it.
	Rusage *Rusage `json:"rusage,omitempty"`

	// Of signal, stop, continue and kill.
	Signal int `json:"signal,omitempty"`
	SiCode int `json:"si_code,omitempty"`
	// FaultAddr is the address that a fault of memory is about, in
	// hexadecimal: "0x0" for a null pointer. It is of SIGSEGV and SIGBUS, and
	// of an exit by one of them.
	FaultAddr     string `json:"fault_addr,omitempty"`
	Sender        int    `json:"sender,omitempty"` // si_pid, as the receiver sees it
	SenderProcess string `json:"sender_process,omitempty"`
	// Disposition is what the process does with the signal: "ignored",
	// "caught" by a handler, or "" for the default.
	Disposition string `json:"disposition,omitempty"`
	// Signals are those that a call waits for: a set in hexadecimal, as
	// the line SigBlk of /proc/PID/status has one.
	Signals       string `json:"signals,omitempty"`
	Target        int    `json:"target,omitempty"` // as the program sees it
	TargetProcess string `json:"target_process,omitempty"`

	// Of reparented.
	OldParent        int    `json:"old_parent,omitempty"`
	OldParentProcess string `json:"old_parent_process,omitempty"`
	NewParent        int    `json:"new_parent,omitempty"`
	NewParentNSpid   int    `json:"new_parent_nspid,omitempty"` // 0: outside its namespace
	NewParentProcess string `json:"new_parent_process,omitempty"`
	NewParentComm    string `json:"new_parent_comm,omitempty"`
	// Inferred says that nobody saw who the new parent is, because it had
	// reaped the process before the recorder could look: it follows from
	// the rules of the kernel. Without new_parent not even that is known.
	Inferred bool `json:"inferred,omitempty"`

	// Of the calls on processes and descriptors.
	Pgid    int   `json:"pgid,omitempty"`
	Mask    int   `json:"mask,omitempty"`
	Value   int   `json:"value,omitempty"`
	Command int   `json:"command,omitempty"` // F_* of fcntl
	Fd      int   `json:"fd,omitempty"`
	NewFd   int   `json:"newfd,omitempty"`
	Offset  int64 `json:"offset,omitempty"`
	Whence  int   `json:"whence,omitempty"`

	// Of priority, timer and times: what kind of thing the call names.
	Which int `json:"which,omitempty"`
	// Nice is the nice value after a priority call.
	Nice *int `json:"nice,omitempty"`
	// Duration is a time that the call was given, in ns: a sleep's, a
	// poll's limit (−1: none), a timer's first expiry. Where a point in time
	// was given it is what was left until then. Interval is a timer's period,
	// Old what was left of the timer before.
	Duration int64 `json:"duration,omitempty"`
	Interval int64 `json:"interval,omitempty"`
	Old      int64 `json:"old,omitempty"`
	// Numbers are what times (in clock ticks: user, system, children's
	// user, children's system) or getrusage (in µs: user, system) stored.
	Numbers []int64 `json:"numbers,omitempty"`

	// Object names what a descriptor leads to: "pipe 1", "standard
	// output" for a pipe that the program was given as that, the path of a
	// file, "terminal /dev/pts/3", "socket 2", "eventfd 1". Pipes and
	// other things without a path are counted from 1; of those that the
	// program was given the name is as "pipe from outside 1".
	Object string `json:"object,omitempty"`
	// NewOFD is the open file description of newfd, where fd has
	// another one: the write end of a pipe.
	NewOFD int `json:"new_ofd,omitempty"`
	// Cloexec says that the new descriptor is closed on exec.
	Cloexec bool `json:"cloexec,omitempty"`
	// Holders are the processes that hold the other end of a pipe open
	// while a call waits for it.
	Holders []string `json:"holders,omitempty"`

	// Data are the bytes of a write or read, at most Options.MaxData of
	// them; Result is how many the kernel took.
	Data []byte `json:"data,omitempty"`
	// OFD numbers the open file descriptions of a recording from 1;
	// 0 where it is not known which one it is.
	OFD int `json:"ofd,omitempty"`
	// FilePos is the file offset after the write, −1 for what
	// has none.
	FilePos int64 `json:"file_pos,omitempty"`

	// At is the moment of a snapshot: "write", "exit", "exec-entry",
	// "exec", "exec-failed", "birth".
	At string `json:"at,omitempty"`
	// File is of a source event.
	File *SourceFile `json:"file,omitempty"`

	Snapshot []ProcState `json:"snapshot,omitempty"`

	Note      string `json:"note,omitempty"`
	Leftovers int    `json:"leftovers,omitempty"`
	Timeout   bool   `json:"timeout,omitempty"`

	// Source is the line of the program that made the call, when
	// the program has debug information.
	Source *Source `json:"source,omitempty"`
	// NoSource says why a call has no Source.
	NoSource string `json:"no_source,omitempty"`
	// Via is the function of the C library that the program called, and
	// that made the call: exit or _exit, printf or write. It is [ViaMain]
	// of an exit after main has returned, and "" where it is not known.
	// Of a Go program only the Exit of the suite's package stdio is told,
	// as exit.
	Via string `json:"via,omitempty"`
	// Within is where the program itself was when it wrote: [WithinExit] in
	// an exit handler, which exit calls, quick_exit in a handler that
	// quick_exit had called, [ViaMain] in main or below it, and
	// "" where it is not known.
	Within string `json:"within,omitempty"`

	// Unknown says of keys that are absent although they are facts of this
	// event why the recorder does not know them: what is not known is never
	// written as zero or empty. "program" stands for what [Stack] holds.
	Unknown map[string]string `json:"unknown,omitempty"`
}

// Program is what an exec made of the process, read before the new
// program's first instruction.
type Program struct {
	Exe     string   `json:"exe,omitempty"` // the file whose code runs
	Comm    string   `json:"comm,omitempty"`
	Cmdline []string `json:"cmdline,omitempty"` // the argv that the new program has, where it is not the caller's
	*Stack           // nil: what the kernel put on the new stack is not known
	// ThreadsEnded is how many other threads of the process the exec
	// ended.
	ThreadsEnded int `json:"threads_ended,omitempty"`
}

// Stack is what the kernel puts on the stack of a new program, beside its
// arguments.
type Stack struct {
	Execfn string `json:"execfn,omitempty"` // AT_EXECFN: the path as execve got it
	Secure bool   `json:"secure,omitempty"` // AT_SECURE: the C library runs in its secure mode

	Env      []string `json:"env,omitempty"` // with Options.Environ
	EnvCount int      `json:"env_count"`
	// ArgsBytes and EnvBytes are the sizes of both areas of the new
	// stack (fields 48 to 51 of /proc/PID/stat), null bytes included.
	ArgsBytes int `json:"args_bytes"`
	EnvBytes  int `json:"env_bytes"`
}

// IDs are the ids of a thread as /proc/PID/status tells them: real,
// effective, saved and file system id.
type IDs struct {
	UID    [4]int `json:"uid"`
	GID    [4]int `json:"gid"`
	Groups []int  `json:"groups,omitempty"`
}

// Rusage is a struct rusage: times in µs, MaxRSS in KiB (getrusage(2)).
type Rusage struct {
	Utime   int64 `json:"utime"`
	Stime   int64 `json:"stime"`
	MaxRSS  int64 `json:"maxrss"`
	Minflt  int64 `json:"minflt"`
	Majflt  int64 `json:"majflt"`
	Inblock int64 `json:"inblock"`
	Oublock int64 `json:"oublock"`
	Nvcsw   int64 `json:"nvcsw"`
	Nivcsw  int64 `json:"nivcsw"`
}

// Descriptor is an entry of a process's descriptor table.
type Descriptor struct {
	Fd      int    `json:"fd"`
	OFD     int    `json:"ofd"`
	Object  string `json:"object"`
	Flags   uint64 `json:"flags"` // O_* of the open file description
	Cloexec bool   `json:"cloexec,omitempty"`
	Offset  int64  `json:"offset,omitempty"` // −1 for what has none
}

// Word is a 32-bit word of memory before and after.
type Word struct {
	Addr   uint64 `json:"addr"`
	Before int32  `json:"before"`
	After  int32  `json:"after"`
	Map    string `json:"map,omitempty"` // the mapping's name in /proc/PID/maps

	// Shared says that the mapping is one with MAP_SHARED: a fork does not
	// copy it.
	Shared bool `json:"shared,omitempty"`
}

// ViaMain is what [Event.Via] is where the library ended the process because
// the function main had returned.
const ViaMain = "main"

// WithinExit is what [Event.Within] is of a write by an exit handler.
const WithinExit = "exit"

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
// the link names), "fdinfo/N", and others if asked for: see the package
// comment.
type ProcState struct {
	Process string    `json:"process"`
	Pid     int       `json:"pid"`
	Files   ProcFiles `json:"files"`
}

// ProcFiles are the files of one process in /proc, by their name
// below /proc/PID, as the kernel wrote them.
type ProcFiles = procfs.Files

// NoteShortStop follows the name of a process in a note of a stop that may
// be the recorder's doing: two calls of kill take longer when they are
// recorded.
const NoteShortStop = " was stopped for a moment, and no process had waited for that: without the recorder SIGCONT may have discarded the stop"

// A Recording is a whole run.
type Recording struct {
	Header Header
	Events []Event
	// Sources are the source files that events name, in the order in
	// which they are named first. See [Recording.Source].
	Sources []SourceFile

	table *processTable // made when it is asked for
}
