// Package apue has the C header apue.h and its functions: the listings
// of the book begin with it. The text is ours, see c/apue.h.
//
// A builder of C programs asks [Needed], and adds the options
// that [Write] returns to those of the compiler.
package apue

import (
	"embed"
	"io"
	"os"
	"path/filepath"

	"apue/internal/show"
)

//go:embed c
var files embed.FS

// included finds the line that includes the header.
var included = show.Pattern(`(?m)^[ \t]*#[ \t]*include[ \t]*["<]apue\.h[">]`)

// Needed reports whether one of the C files in dir includes apue.h, and
// dir has no such file: a folder with the book's own header and library
// is built with these.
func Needed(dir string, files ...string) bool {
	if _, err := os.Stat(filepath.Join(dir, "apue.h")); err == nil {
		return false
	}
	for _, f := range files {
		if includes(filepath.Join(dir, f)) {
			return true
		}
	}
	return false
}

// includes reports whether the first MiB of a source file includes apue.h.
func includes(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, 1<<20))
	return err == nil && included().Match(text)
}

// Write writes the header and its functions into a folder, which it
// makes, and returns the options of a C compiler that finds them there.
func Write(dir string) (options []string, err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	for _, name := range []string{"apue.h", "apue.c"} {
		text, err := files.ReadFile("c/" + name)
		if err != nil {
			return nil, err
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			return nil, err
		}
	}
	return []string{"-I" + dir, filepath.Join(dir, "apue.c")}, nil
}
