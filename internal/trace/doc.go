// Package trace holds the life of a program's processes as the kernel
// tells it: which call made each of them, which program it executed and
// how it ended, what each wait returned, which process adopted an orphan,
// and the signals and writes in between. It needs no help from the
// program and believes nothing that the program says.
//
// Package record makes recordings; this package holds what one is: its
// events, the processes that follow from them, its file format, and
// its text. It needs no Linux.
//
// # Names and order
//
// A process of the recording is named by its birth path: P0 is the
// program, P0.2 its second child, P0.2.1 that one's first. Threads are
// folded into their process. A pid is the number in the recorder's pid
// namespace; an nspid is what the process itself calls it, and the pids in
// arguments, results and siginfos are those of the process that the event
// is about.
//
// The order of the events respects causes: a birth precedes the child's
// first event, a death the wait that returns it and the adoption of the
// children, a vfork child's exec or end its parent's next step, a kill
// the signal. Apart from that the order of two processes is that of the
// kernel's reports and means nothing. Package canonical orders by cause and
// name alone, and removes what differs from run to run.
//
// # Format
//
// A recording is JSON, one object a line ([Recording.Write], [Writer],
// [ReadRecording], [Reader]). The first line is the [Header]: kind
// "header", schema 2, the command, the kernel, and under missing what could
// not be recorded. Every other line is an [Event]: time in nanoseconds since
// the program's exec, pid, process, kind, then the kind's own keys. A key
// that is zero is left out, except where zero is a fact of that kind (an
// exit's status, a wait's result): those have a * here. Bytes are base64.
// The keys of each kind:
//
//	every event: time* pid* process* kind* nspid tid source no_source
//	unknown
//	fork: A child came into being; with an errno none did.
//	    child child_nspid child_process call flags* same_vm errno result
//	vfork: The same by vfork: the parent is suspended.
//	    child child_nspid child_process call flags* same_vm errno result
//	clone: The same by clone with another exit signal than SIGCHLD.
//	    child child_nspid child_process call flags* same_vm errno result
//	vfork-done: The parent of a vfork runs again.
//	    child child_nspid child_process parent_state words
//	exec: A new program; with an errno the old one goes on.
//	    call path argv program by_tid dirfd flags before after argc
//	    args_bytes env_bytes errno
//	exit: The process ended.
//	    status* call via entered exit_arg threads discarded no_child_wait
//	    parent_state words si_code fault_addr
//	wait: A wait returned.
//	    call wait_pid idtype id options* entered result* result_pid
//	    result_process status* si_code null_status one_of rusage note errno
//	signal: A signal was delivered.
//	    signal si_code fault_addr sender sender_process disposition
//	stop: A group-stop began.
//	    signal
//	continue: A group-stop ended.
//	    signal
//	reparented: The process has a new parent, because the old one ended.
//	    old_parent old_parent_process new_parent new_parent_nspid*
//	    new_parent_process new_parent_comm inferred
//	setsid: A call made a session.
//	    call result* errno
//	setpgid: A call changed a process group.
//	    call target* target_process pgid* errno
//	kill: A call sent a signal.
//	    call fd target* target_process signal* errno
//	chdir: A call changed the working directory.
//	    call path fd errno
//	chroot: A call changed the root directory.
//	    call path errno
//	umask: A call changed the file mode creation mask.
//	    call mask*
//	subreaper: prctl made the process adopt orphans, or no longer (value 0).
//	    call value* errno
//	getppid: A call asked for the parent's pid for the first time, or with
//	another answer than before.
//	    call result*
//	creds: A call was to change ids, groups or what an exec may give.
//	    call args before after errno
//	priority: A call was to change the nice value, the scheduling or the
//	processors.
//	    call which target* target_process value* nice errno
//	timer: A call set a timer.
//	    call which* duration* interval old errno
//	times: A call asked for processor times, getrusage for those of
//	children.
//	    call which* numbers result errno
//	acct: A call switched process accounting on or off (no path).
//	    call path errno
//	open: A call made a descriptor. One that came from another process
//	(recvmsg, pidfd_getfd) has the same ofd as there.
//	    call path flags* fd* ofd object cloexec errno
//	close: A call closed a descriptor, close_range those from fd to newfd.
//	    call fd* newfd ofd object errno
//	dup: A call copied a descriptor. If the call failed, newfd is the number
//	that it asked for.
//	    call fd* newfd* ofd object cloexec flags errno
//	pipe: A call made a pipe or a pair of sockets: fd is its read end, newfd
//	its write end.
//	    call fd* newfd* ofd new_ofd object cloexec flags errno
//	seek: A call moved a file offset.
//	    call fd* offset* whence* result* ofd object errno
//	truncate: A call changed the size of a file.
//	    call fd path offset* ofd object errno
//	fcntl: A call changed flags of a descriptor, close_range of those from
//	fd to newfd.
//	    call fd* newfd command* value* ofd object errno
//	write: A call wrote bytes.
//	    call via within fd* data result* path ofd object file_pos entered
//	    errno note
//	read: A call read bytes.
//	    call fd* data result* path ofd object file_pos entered errno note
//	sleep: A call slept.
//	    call duration* entered errno note
//	poll: A call waited for descriptors.
//	    call duration* entered result* errno note
//	pause: A call waited for a signal.
//	    call signals duration entered result errno note
//	accept: A call waited for a connection.
//	    call fd* ofd object entered result* errno note
//	lock: A call took a lock of a file, perhaps after a time, or released
//	it; value is an operation of flock(2).
//	    call fd* value ofd object entered errno note
//	blocked: The call that a thread is in when it, or the time, ends;
//	without a call it runs.
//	    call fd ofd object duration entered holders wait_pid idtype id
//	snapshot: What /proc says of every process, read while this one is
//	stopped.
//	    at snapshot
//	source: A source file, or a script, in front of the first event that
//	names it. Readers keep it apart.
//	    file
//	note: The recorder has something to say.
//	    note call flags child child_nspid child_process
//	end: The last line: the whole tree is gone. status is of the first
//	process.
//	    status* leftovers timeout note
//
// An event of a call carries source (file, line, func), the place in the
// program that made it, or no_source, why there is none. For a Go program
// that is the first function up the stack that is neither the standard
// library's nor x/sys's nor this suite's proc or stdio; for other programs
// the first one with DWARF line numbers (cc -g). via, of an exit and of a
// write, is the function of the C library that the program called there:
// exit or _exit, printf or write. It is main where main had returned, and
// absent where it is not known. within, of a write, is exit in an exit
// handler, quick_exit in one that quick_exit called, main in main or in what main had called, and absent where it is
// not known.
//
// The text of each source file that events name is in the recording
// ([Recording.Source]), as it was when the program ran: at most 256 KiB of a
// file and 1 MiB of all, and of each file the reason if its text is not
// there. The text of a script is there too, in front of the exec that gave
// it to its interpreter ([Event.Script]), although no event names a line of
// it. So the line beside an event stays the line that ran, whatever is
// edited later; [SourceFile.Same] tells whether the file still is the same.
//
// # Which fact can be read when
//
// A snapshot holds files of /proc/PID: stat status limits cmdline exe cwd
// root fd fdinfo, and with Options.SnapshotExec of package record environ
// auxv schedstat autogroup loginuid cgroup timers task. The kernel has them
//
//	at the entry of an exec: all, of the old program.
//	at the success of an exec: all, of the new program, before its first
//	    instruction. Only here an exec's inherited signal dispositions
//	    can be seen of a Go program, which sets its own at once.
//	while the program runs: all, as the program has changed them.
//	at the stop before its end (At "exit"): all; its memory is there.
//	of a zombie: stat status limits schedstat autogroup loginuid cgroup.
//	    Not: cmdline environ auxv timers exe cwd root fd fdinfo.
//	of a process that was reaped: none. The wait has its status and rusage.
//	of a process that is not dumpable, for its own user: stat status limits
//	    cmdline schedstat autogroup loginuid cgroup.
//	    Not: environ auxv timers exe cwd root fd fdinfo.
//
// Schema changes when a key
// changes its meaning or goes away; a reader has to accept new keys and
// kinds. A recording of schema 1, the first edition's, is read too: it has no
// source files.
package trace
