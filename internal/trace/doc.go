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
// exit's status, a wait's result). Bytes are base64.
// [Kinds] has the keys of each kind.
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
