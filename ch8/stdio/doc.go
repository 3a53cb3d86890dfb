// Package stdio is as much of C's standard I/O library and exit
// handlers as sections 8.3 and 8.5 need: a stream with a buffer
// in the process's own memory, which fork copies, exit flushes
// and _exit loses. Go's fmt and os write without one.
//
// A stream is line buffered when its descriptor is a terminal and
// fully buffered when it is anything else, as ISO C has it; which
// of the two is settled by its first write. Exit is exit(3): it
// calls the functions registered with Atexit in reverse order,
// flushes Stdout and ends the process; proc.Exit is _exit(2) and
// does neither.
//
// Nothing here locks, parks or starts a goroutine, so all of it
// works in a child of proc.Fork.
package stdio
