//go:build linux

package main

import (
	"fmt"
	"os"
	"strings"

	"apue/ch8/proc"
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

// values takes what was before the exec and after it out of the
// text.
func (k kept) values(all string) (before, after string) {
	if k.get != nil {
		b, a := keptTexts(all)
		return k.get(b), k.get(a)
	}
	before, after, _ = strings.Cut(all, "\x00")
	return before, strings.TrimSpace(after)
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

// idOf is one of the ids in a line of /proc/PID/status.
func idOf(line string, n int) func(map[string]string) string {
	return func(text map[string]string) string {
		all := strings.Fields(statusOf(line)(text) + " ? ?")
		return all[n]
	}
}

// fileSizeLimit is the soft RLIMIT_FSIZE.
func fileSizeLimit(text map[string]string) string {
	_, rest, _ := strings.Cut(text["limits"], "Max file size")
	return strings.Fields(rest + " ?")[0]
}

// timeUsed rounds the processor time.
func timeUsed(text map[string]string) string {
	var user, system int
	fmt.Sscan(statOf(14)(text), &user)
	fmt.Sscan(statOf(15)(text), &system)
	if user+system >= 3 {
		return "3 ticks or more"
	}
	return "less than 3 ticks"
}

// terminalOf says whether there is a controlling terminal.
func terminalOf(text map[string]string) string {
	if statOf(7)(text) == "0" {
		return "none"
	}
	return "a terminal"
}

// rootNow is "/usr" if that is the root directory.
func rootNow() string {
	if _, err := os.Stat("/usr"); err != nil {
		return "/usr"
	}
	return "/"
}
