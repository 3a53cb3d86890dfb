// Package symbol finds the line of a program that made a system call:
// from the program counter of a stopped thread, up its stack, to the
// first function that the program's author wrote.
//
// It reads executable files: the line table that every Go program
// carries (.gopclntab), DWARF line numbers (cc -g), and call frame
// information (.eh_frame) to find a function's caller. Of the process it
// needs two things, which the caller provides as a [Thread]: to read memory
// and to read registers. What it reads was made by the traced program and
// may be damaged on purpose: it believes no size and no offset.
package symbol
