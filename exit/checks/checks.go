// Package checks says what the kernel must have done when an
// experiment of the folder exit has run: one file for each, beside
// its program in Go and its twin in C.
package checks

import (
	"apue/internal/lab"
	"apue/internal/sandbox"
)

// All are the experiments of the folder, in the order of its menu.
var All = lab.Registry{
	Stdio, Orphan, Zombie, Ways, Handlers, Status, Kernel, Zombies,
}

// onPipe and onPty are the runs these checks look at; asking tells when a
// process asks for its parent's pid.
var (
	onPipe = lab.Recorded(sandbox.Pipe)
	asking = lab.RecordedParents(sandbox.Pipe)
	onPty  = lab.Recorded(sandbox.Pty)
)
