package trace

// A kindInfo is a kind of event, what happened when it is recorded, and
// the keys that it carries beside those of every event. A key with a * is
// written though it is zero, because zero is a fact there: exit status 0.
type kindInfo struct {
	kind Kind
	says string
	keys string
}

// kinds is the one list of kinds and keys. The package's documentation
// is tested against it, and [Check] holds each recording to it.
var kinds = []kindInfo{
	{KindFork, "A child came into being; with an errno none did.", "child child_nspid child_process call flags* same_vm errno result"},
	{KindVfork, "The same by vfork: the parent is suspended.", "child child_nspid child_process call flags* same_vm errno result"},
	{KindClone, "The same by clone with another exit signal than SIGCHLD.", "child child_nspid child_process call flags* same_vm errno result"},
	{KindVforkDone, "The parent of a vfork runs again.", "child child_nspid child_process parent_state words"},
	{KindExec, "A new program; with an errno the old one goes on.", "call path argv program by_tid dirfd flags before after argc args_bytes env_bytes errno"},
	{KindExit, "The process ended.", "status* call via exit_arg discarded no_child_wait parent_state words si_code fault_addr"},
	{KindWait, "A wait returned.", "call wait_pid idtype id options* entered result* result_pid result_process status* si_code null_status one_of rusage note errno"},
	{KindSignal, "A signal was delivered.", "signal si_code fault_addr sender sender_process disposition"},
	{KindStop, "A group-stop began.", "signal"},
	{KindContinue, "A group-stop ended.", "signal"},
	{KindReparented, "The process has a new parent, because the old one ended.", "old_parent old_parent_process new_parent new_parent_nspid* new_parent_process new_parent_comm inferred"},
	{KindSetsid, "A call made a session.", "call result* errno"},
	{KindSetpgid, "A call changed a process group.", "call target* target_process pgid* errno"},
	{KindKill, "A call sent a signal.", "call fd target* target_process signal* errno"},
	{KindChdir, "A call changed the working directory.", "call path fd errno"},
	{KindChroot, "A call changed the root directory.", "call path errno"},
	{KindUmask, "A call changed the file mode creation mask.", "call mask*"},
	{KindSubreaper, "prctl made the process adopt orphans, or no longer (value 0).", "call value* errno"},
	{KindCreds, "A call was to change ids, groups or what an exec may give.", "call args before after errno"},
	{KindPriority, "A call was to change the nice value, the scheduling or the processors.", "call which target* target_process value* nice errno"},
	{KindTimer, "A call set a timer.", "call which* duration* interval old errno"},
	{KindTimes, "A call asked for processor times, getrusage for those of children.", "call which* numbers result errno"},
	{KindAcct, "A call switched process accounting on or off (no path).", "call path errno"},
	{KindOpen, "A call made a descriptor. One that came from another process (recvmsg, pidfd_getfd) has the same ofd as there.", "call path flags* fd* ofd object cloexec errno"},
	{KindClose, "A call closed a descriptor, close_range those from fd to newfd.", "call fd* newfd ofd object errno"},
	{KindDup, "A call copied a descriptor. If the call failed, newfd is the number that it asked for.", "call fd* newfd* ofd object cloexec flags errno"},
	{KindPipe, "A call made a pipe or a pair of sockets: fd is its read end, newfd its write end.", "call fd* newfd* ofd new_ofd object cloexec flags errno"},
	{KindSeek, "A call moved a file offset.", "call fd* offset* whence* result* ofd object errno"},
	{KindTruncate, "A call changed the size of a file.", "call fd path offset* ofd object errno"},
	{KindFcntl, "A call changed flags of a descriptor, close_range of those from fd to newfd.", "call fd* newfd command* value* ofd object errno"},
	{KindWrite, "A call wrote bytes.", "call via within fd* data result* path ofd object file_pos entered errno note"},
	{KindRead, "A call read bytes.", "call fd* data result* path ofd object file_pos entered errno note"},
	{KindSleep, "A call slept.", "call duration* entered errno note"},
	{KindPoll, "A call waited for descriptors.", "call duration* entered result* errno note"},
	{KindPause, "A call waited for a signal.", "call signals duration entered result errno note"},
	{KindAccept, "A call waited for a connection.", "call fd* ofd object entered result* errno note"},
	{KindLock, "A call took a lock of a file, perhaps after a time, or released it; value is an operation of flock(2).", "call fd* value ofd object entered errno note"},
	{KindBlocked, "The call that a thread is in when it, or the time, ends; without a call it runs.", "call fd ofd object duration entered holders wait_pid idtype id"},
	{KindSnapshot, "What /proc says of every process, read while this one is stopped.", "at snapshot"},
	{KindSource, "A source file, or a script, in front of the first event that names it. Readers keep it apart.", "file"},
	{KindNote, "The recorder has something to say.", "note call flags child child_nspid child_process"},
	{KindEnd, "The last line: the whole tree is gone. status is of the first process.", "status* leftovers timeout note"},
}

// everyKey are the keys of every event. A thread's tid is written when it
// is not its process's leader; a place in the source, or the reason why
// there is none, where a call or a fault caused the event; and of keys that
// should be there, and are not known, the reason.
const everyKey = "time* pid* process* kind* nspid tid source no_source unknown"

// A field is a key of an event: add appends it with its value if the
// value is not zero, or if keep says to write it all the same.
type field struct {
	key string
	add adder
}

// fields are the keys in the order in which they are written.
var fields = []field{
	{"time", number(func(e *Event) int64 { return e.Time })},
	{"pid", number(func(e *Event) int64 { return int64(e.Pid) })},
	{"process", textual(func(e *Event) string { return e.Process })},
	{"kind", textual(func(e *Event) string { return string(e.Kind) })},
	{"nspid", number(func(e *Event) int64 { return int64(e.NSpid) })},
	{"tid", number(func(e *Event) int64 { return int64(e.Tid) })},
	{"call", textual(func(e *Event) string { return e.Call })},
	{"errno", textual(func(e *Event) string { return e.Errno })},
	{"child", number(func(e *Event) int64 { return int64(e.Child) })},
	{"child_nspid", number(func(e *Event) int64 { return int64(e.ChildNSpid) })},
	{"child_process", textual(func(e *Event) string { return e.ChildProcess })},
	{"flags", unsigned(func(e *Event) uint64 { return e.Flags })},
	{"same_vm", truth},
	{"parent_state", textual(func(e *Event) string { return e.ParentState })},
	{"words", rare(func(e *Event) (any, bool) { return e.Words, e.Words != nil })},
	{"path", textual(func(e *Event) string { return e.Path })},
	{"argv", list(func(e *Event) []string { return e.Argv })},
	{"program", rare(func(e *Event) (any, bool) { return e.Program, e.Program != nil })},
	{"by_tid", number(func(e *Event) int64 { return int64(e.ByTid) })},
	{"dirfd", number(func(e *Event) int64 { return int64(e.Dirfd) })},
	{"argc", number(func(e *Event) int64 { return int64(e.Argc) })},
	{"args_bytes", number(func(e *Event) int64 { return int64(e.ArgsBytes) })},
	{"env_bytes", number(func(e *Event) int64 { return int64(e.EnvBytes) })},
	{"before", rare(func(e *Event) (any, bool) { return e.Before, e.Before != nil })},
	{"after", rare(func(e *Event) (any, bool) { return e.After, e.After != nil })},
	{"args", rare(func(e *Event) (any, bool) { return e.Args, e.Args != nil })},
	{"status", number(func(e *Event) int64 { return int64(e.Status) })},
	{"exit_arg", pointer(func(e *Event) *int { return e.ExitArg })},
	{"discarded", boolean(func(e *Event) bool { return e.Discarded })},
	{"no_child_wait", boolean(func(e *Event) bool { return e.NoChildWait })},
	{"wait_pid", number(func(e *Event) int64 { return int64(e.WaitPid) })},
	{"idtype", number(func(e *Event) int64 { return int64(e.IDType) })},
	{"id", number(func(e *Event) int64 { return int64(e.ID) })},
	{"options", number(func(e *Event) int64 { return int64(e.Options) })},
	{"entered", number(func(e *Event) int64 { return e.Entered })},
	{"result", number(func(e *Event) int64 { return e.Result })},
	{"result_pid", number(func(e *Event) int64 { return int64(e.ResultPid) })},
	{"result_process", textual(func(e *Event) string { return e.ResultProcess })},
	{"null_status", boolean(func(e *Event) bool { return e.NullStatus })},
	{"one_of", list(func(e *Event) []string { return e.OneOf })},
	{"rusage", rare(func(e *Event) (any, bool) { return e.Rusage, e.Rusage != nil })},
	{"signal", number(func(e *Event) int64 { return int64(e.Signal) })},
	{"si_code", number(func(e *Event) int64 { return int64(e.SiCode) })},
	{"fault_addr", textual(func(e *Event) string { return e.FaultAddr })},
	{"sender", number(func(e *Event) int64 { return int64(e.Sender) })},
	{"sender_process", textual(func(e *Event) string { return e.SenderProcess })},
	{"disposition", textual(func(e *Event) string { return e.Disposition })},
	{"signals", textual(func(e *Event) string { return e.Signals })},
	{"target", number(func(e *Event) int64 { return int64(e.Target) })},
	{"target_process", textual(func(e *Event) string { return e.TargetProcess })},
	{"old_parent", number(func(e *Event) int64 { return int64(e.OldParent) })},
	{"old_parent_process", textual(func(e *Event) string { return e.OldParentProcess })},
	{"new_parent", number(func(e *Event) int64 { return int64(e.NewParent) })},
	{"new_parent_nspid", number(func(e *Event) int64 { return int64(e.NewParentNSpid) })},
	{"new_parent_process", textual(func(e *Event) string { return e.NewParentProcess })},
	{"new_parent_comm", textual(func(e *Event) string { return e.NewParentComm })},
	{"inferred", boolean(func(e *Event) bool { return e.Inferred })},
	{"pgid", number(func(e *Event) int64 { return int64(e.Pgid) })},
	{"mask", number(func(e *Event) int64 { return int64(e.Mask) })},
	{"value", number(func(e *Event) int64 { return int64(e.Value) })},
	{"command", number(func(e *Event) int64 { return int64(e.Command) })},
	{"fd", number(func(e *Event) int64 { return int64(e.Fd) })},
	{"newfd", number(func(e *Event) int64 { return int64(e.NewFd) })},
	{"offset", number(func(e *Event) int64 { return e.Offset })},
	{"whence", number(func(e *Event) int64 { return int64(e.Whence) })},
	{"which", number(func(e *Event) int64 { return int64(e.Which) })},
	{"nice", pointer(func(e *Event) *int { return e.Nice })},
	{"duration", number(func(e *Event) int64 { return e.Duration })},
	{"interval", number(func(e *Event) int64 { return e.Interval })},
	{"old", number(func(e *Event) int64 { return e.Old })},
	{"numbers", rare(func(e *Event) (any, bool) { return e.Numbers, e.Numbers != nil })},
	{"object", textual(func(e *Event) string { return e.Object })},
	{"new_ofd", number(func(e *Event) int64 { return int64(e.NewOFD) })},
	{"cloexec", boolean(func(e *Event) bool { return e.Cloexec })},
	{"holders", list(func(e *Event) []string { return e.Holders })},
	{"data", data},
	{"ofd", number(func(e *Event) int64 { return int64(e.OFD) })},
	{"file_pos", filePos},
	{"at", textual(func(e *Event) string { return e.At })},
	{"file", rare(func(e *Event) (any, bool) { return e.File, e.File != nil })},
	{"snapshot", rare(func(e *Event) (any, bool) { return e.Snapshot, e.Snapshot != nil })},
	{"note", textual(func(e *Event) string { return e.Note })},
	{"leftovers", number(func(e *Event) int64 { return int64(e.Leftovers) })},
	{"timeout", boolean(func(e *Event) bool { return e.Timeout })},
	{"source", source},
	{"no_source", textual(func(e *Event) string { return e.NoSource })},
	{"via", textual(func(e *Event) string { return e.Via })},
	{"within", textual(func(e *Event) string { return e.Within })},
	{"unknown", rare(func(e *Event) (any, bool) { return e.Unknown, e.Unknown != nil })},
}
