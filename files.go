// Package apue carries the texts of the suite, for a ch8 that is one
// file on a machine without this folder: the lab sheets, the programs
// to be read beside the book, and their twins in C. Its tests are the
// rules of the house: which package imports which, how wide a line is,
// how long a function, how a sentence is worded.
package apue

import "embed"

// Files holds README.md and, of each folder of experiments, NAME.go,
// c/NAME.c, README.md and its translations, by their paths in the
// module: "fork/glob.go".
//
//go:embed README*.md LICENSE docs/chapter.md
//go:embed fork/*.go fork/README*.md fork/c
//go:embed vfork/*.go vfork/README*.md vfork/c
//go:embed exit/*.go exit/README*.md exit/c
//go:embed wait/*.go wait/README*.md wait/c
//go:embed doublefork/*.go doublefork/README*.md doublefork/c
//go:embed exec/*.go exec/README*.md exec/c
//go:embed setuid/*.go setuid/README*.md setuid/c
//go:embed system/*.go system/README*.md system/c
var Files embed.FS
