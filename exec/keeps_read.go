//go:build linux

package main

import (
	"strings"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

// How keeps reads its values.

// readPipe reads until end of file.
func readPipe(fd int) string {
	var all strings.Builder
	b := make([]byte, 4096)
	for {
		n, err := proc.Read(fd, b)
		proc.Check(err)
		if n == 0 {
			return all.String()
		}
		all.Write(b[:n])
	}
}

// keptTexts takes what the child and cat wrote apart. The child
// ends each file with a null byte. cat prints its own name after
// each file.
func keptTexts(all string) (before, after map[string]string) {
	before, after = map[string]string{}, map[string]string{}
	parts := strings.SplitN(all, "\x00", len(keptFiles)+1)
	for i, file := range keptFiles {
		if i < len(parts) {
			before[file] = parts[i]
		}
	}
	rest := strings.Split(parts[len(parts)-1], "\ncat\n")
	for i, file := range keptFiles {
		if i < len(rest) {
			after[file] = rest[i] + "\n"
		}
	}
	return before, after
}

// statOf is a field of /proc/PID/stat, counted from 1.
func statOf(n int) func(map[string]string) string {
	return func(text map[string]string) string {
		s := text["stat"]
		if n == 1 {
			pid, _, _ := strings.Cut(s, " ")
			return pid
		}
		f := strings.Fields(s[strings.LastIndexByte(s, ')')+1:])
		if n-3 >= len(f) {
			return "?"
		}
		return f[n-3]
	}
}

// statusOf is a line of /proc/PID/status.
func statusOf(line string) func(map[string]string) string {
	return func(text map[string]string) string {
		_, rest, _ := strings.Cut(text["status"], "\n"+line+":")
		value, _, _ := strings.Cut(rest, "\n")
		return strings.TrimSpace(value)
	}
}

// lockFile makes descriptor 50 of a new file, and locks it.
func lockFile(lock func(fd int) error) error {
	fd, err := unix.MemfdCreate("locked", unix.MFD_CLOEXEC)
	if err != nil {
		return err
	}
	if err := unix.Dup3(fd, 50, 0); err != nil {
		return err
	}
	unix.Close(fd) // or the exec would lose a record lock
	return lock(50)
}

// lockKind says whether fdinfo shows a lock of this kind.
func lockKind(kind string) func(map[string]string) string {
	return func(text map[string]string) string {
		for line := range strings.Lines(text["fdinfo/50"]) {
			if strings.HasPrefix(line, "lock:") &&
				strings.Contains(line, kind) {
				return "is held"
			}
		}
		return "is not held"
	}
}
