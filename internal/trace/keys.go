package trace

// A KindInfo is a kind of event, what happened when it is recorded, and
// the keys that it carries beside [EveryKey]. A key with a * is written
// though it is zero, because zero is a fact there: exit status 0.
type KindInfo struct {
	Kind Kind
	Says string
	Keys string
}

// Kinds is the one list of kinds and keys. A [Writer] writes these keys of
// an event, and [Check] holds each recording to them.
var Kinds = []KindInfo{
	{KindFork, "A child came into being; with an errno none did.", "child child_nspid child_process call flags* same_vm errno result"},
	{KindVfork, "The same by vfork: the parent is suspended.", "child child_nspid child_process call flags* same_vm errno result"},
	{KindClone, "The same by clone with another exit signal than SIGCHLD.", "child child_nspid child_process call flags* same_vm errno result"},
	{KindVforkDone, "The parent of a vfork runs again.", "child child_nspid child_process parent_state words"},
	{KindExec, "A new program; with an errno the old one goes on.", "call path argv program by_tid dirfd flags before after argc args_bytes env_bytes errno"},
	{KindExit, "The process ended.", "status* call via entered exit_arg threads discarded no_child_wait parent_state words si_code fault_addr"},
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
	{KindGetppid, "A call asked for the parent's pid for the first time, or with another answer than before.", "call result*"},
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

// EveryKey are the keys of every event. A thread's tid is written when it
// is not its process's leader; a place in the source, or the reason why
// there is none, where a call or a fault caused the event; and of keys that
// should be there, and are not known, the reason.
const EveryKey = "time* pid* process* kind* nspid tid source no_source unknown"
