// Package checks says what the kernel must have done when an
// experiment of the folder fork has run: one file for each, beside
// its program in Go and its twin in C.
package checks

import "apue/internal/lab"

// All are the experiments of the folder, in the order of its menu.
var All = lab.Registry{
	Glob,
	Returns,
	Ids,
	Memory,
	Offset,
	Descriptors,
	Interleave,
	Inherit,
	Differ,
	Limit,
	Uses,
	Race,
	Clone,
}
