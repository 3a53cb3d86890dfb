package symbol

import (
	"errors"
	"fmt"
	"syscall"
)

// Why a call has no place. Other reasons name what is wrong with the
// program's file.
const (
	NoDebugInfo = "no debug information"
	// OldDebugInfo is of a program that an old tcc compiled with -g.
	OldDebugInfo = "its debug information has the form stabs, which is not read: compile it with gcc or clang, or with tcc -gdwarf"
	NotOurCode   = "not called from the program's own code"

	notELF = "the program's file is not an ELF file, or a damaged one"
)

// A Place is a place in a program's source.
type Place struct {
	File string // as the compiler was told it
	Line int    // from 1
	Func string // with its package in Go; "" if that is not known
}

// unreadable is why a file that cannot be opened tells no lines.
func unreadable(err error) string {
	var errno syscall.Errno
	if errors.As(err, &errno) {
		err = errno
	}
	return fmt.Sprintf("the program's file cannot be read: %v", err)
}
