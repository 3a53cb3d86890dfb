// Package checks says what the kernel must have done when an
// experiment of the folder doublefork has run: one file for each,
// beside its program in Go and its twin in C.
package checks

import (
	"apue/internal/lab"
	"apue/internal/sandbox"
)

// All are the experiments of the folder, in the order of its menu.
var All = lab.Registry{
	Doublefork,
	Daemon,
	Background,
	Nozombies,
}

// asking is the run that most of these checks look at: it tells when a
// process asks for its parent's pid.
var asking = lab.RecordedParents(sandbox.Pipe)
