// Package symbol finds the line of a program that made a system call:
// from the program counter of a stopped thread, up its stack, to the
// first function that the program's author wrote.
//
// The caller makes a [Files], asks it for the [Program] of a process at
// each exec, and for the [Place] of a stopped [Thread]. Of the process the
// package needs two things, which a Thread provides: to read memory and to
// read registers. It never writes to the process and never waits.
//
// # What it reads
//
// Lines and functions come from
//
//   - the line table that every Go program carries for its tracebacks,
//     stripped or not (.gopclntab, [Files.Place] knows inlined calls);
//   - DWARF line numbers of other programs (cc -g), with the names of the
//     symbol table.
//
// The caller of a function is found by the frame sizes of Go's line table,
// and in other code by call frame information (.eh_frame).
//
// In a Go program the standard library, golang.org/x/sys and this module's
// ch8/proc and ch8/stdio are not what the author wrote: the line is that
// of the call into them.
//
// # What it trusts
//
// Nothing. The traced program made the bytes that it reads, and can damage
// them on purpose, so it believes no size and no offset. And the layout of a
// line table belongs to one version of Go: each part of it is proved by the
// program's own data before it is used. A line that cannot be proved is
// not told. [Files.Place] returns the reason instead, as a sentence without
// a capital letter, which a recording keeps as no_source. It never mixes
// the line of one function with the name of another.
package symbol
