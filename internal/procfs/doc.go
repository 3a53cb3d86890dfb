// Package procfs reads what the Linux kernel says of a process below
// /proc/PID, and declares the two structs of signals that the C library
// hides: the kernel's siginfo_t and its struct sigaction.
//
// It has two halves. One parses text and runs on every system, because a
// recording holds the raw text of files of /proc and is read anywhere:
// [Stat], [Status], [Fdinfo], [ParseMaps], and [Files], which is all that
// was kept of one process. The other half reads the files of a running
// kernel ([ReadStat], [ReadStatus], [ReadMaps], [ReadFdinfo], [Pids],
// [Threads]) and writes the few that can be written ([Write]). It makes
// raw system calls and no os.File, so that a child of fork can use it.
//
// Any process may end between two looks. So no function here returns an
// error for a process that is gone: what cannot be read is absent, an
// empty value or ok = false. Code that looks at a pid twice compares
// [Stat.Start], because the pid may belong to another process by then.
//
// The text is the kernel's, and still parts of it are what a program
// chose: its name in stat may hold blanks and parentheses, a path in maps
// may hold blanks. Nothing here panics, whatever the text.
//
// See proc_pid_stat(5), proc_pid_status(5), proc_pid_maps(5),
// proc_pid_fdinfo(5), proc_pid_limits(5), sigaction(2).
package procfs
