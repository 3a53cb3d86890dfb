// Package trace records the life of a program's processes as the
// kernel tells it: who was made by which call, what was executed, who
// ended how, who waited for whom and what the wait returned, who adopted
// whom, and the signals and writes in between. It needs no help from the
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
// kernel's reports and means nothing. [Recording.Canonical] orders by cause and
// name alone, and removes what differs from run to run.
//
// # Format
//
// A recording is JSON, one object a line ([Recording.Write], [Writer],
// [ReadRecording], [Reader]). The first line is the [Header]: kind
// "header", schema 1, the command, the kernel, and under missing what could
// not be recorded. Every other line is an [Event]: time in nanoseconds since
// the program's exec, pid, process, kind, then the kind's own keys. A key
// that is zero is left out, except where zero is a fact of that kind (an
// exit's status, a wait's result). Bytes are base64. The keys of each kind:
//
//	fork vfork clone  child child_nspid child_process call flags same_vm;
//	                  with errno none was made: call flags result
//	vfork-done        child child_nspid child_process parent_state words
//	exec              call path argv errno
//	exit              status call exit_arg discarded parent_state
//	wait              call wait_pid | idtype id, options entered result
//	                  result_pid result_process status si_code
//	                  null_status errno
//	signal            signal si_code sender sender_process
//	stop continue     signal
//	reparented        old_parent old_parent_process new_parent
//	                  new_parent_nspid new_parent_process new_parent_comm
//	setsid            call result errno
//	setpgid           call target target_process pgid errno
//	kill              call target target_process signal errno
//	chdir chroot      call path errno
//	umask             call mask
//	subreaper         call value errno
//	open              call path flags fd ofd errno
//	close             call fd (and newfd, the last one, of close_range)
//	dup               call fd newfd ofd errno
//	pipe              call fd (read) newfd (write) errno
//	seek              call fd offset whence result ofd errno
//	truncate          call fd | path, offset ofd errno
//	fcntl             call fd command value ofd errno
//	write             call fd data result path ofd file_pos errno
//	snapshot          snapshot
//	note              note, and child… when it is about a child
//	end               status leftovers timeout note
//
// An event of a call carries source (file, line, func), the place in the
// program that made it, or no_source, why there is none. For a Go program
// that is the first function up the stack that is neither the standard
// library's nor x/sys's nor this suite's proc or stdio; for other programs
// the first one with DWARF line numbers (cc -g). Schema changes when a key
// changes its meaning or goes away; a reader has to accept new keys and
// kinds.
package trace
