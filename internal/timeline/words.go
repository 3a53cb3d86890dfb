package timeline

import (
	"path"
	"strconv"
	"strings"

	"apue/ch8/proc"
	"apue/internal/locale"
	"apue/internal/show"
	"apue/internal/trace"
)

// Linux's values, which a recording carries wherever it is read.
// Package unix has those of the system that it is compiled for.
const (
	wNOHANG = 0x1
	wEXITED = 0x4
	wNOWAIT = 0x01000000

	pPID   = 1
	pPGID  = 2
	pPIDFD = 3

	cloneVM     = 0x100
	cloneVFORK  = 0x4000
	clonePARENT = 0x8000
	lockUN      = 8
	cloneTHREAD = 0x10000

	seekCur = 1

	fSETFD = 2
	fSETFL = 4

	sigCHLD = 17
	sigURG  = 23
)

// ends says how a process ended, as the verb of a sentence: "ends with
// exit status 7 (0x0700)", "is killed by SIGABRT (6), core dumped (0x0086)".
func ends(word uint32) string {
	w := proc.WaitStatus(word)
	if w.Exited() {
		return locale.Sprintf("ends with exit status %d (0x%04x)", w.ExitStatus(), word)
	}
	return locale.Sprintf("is %s (0x%04x)", short(w), word)
}

// how says it of a process that has ended: "exited 7 (0x0700)", "was
// killed by SIGABRT (6), core dumped (0x0086)".
func how(word uint32) string {
	w := proc.WaitStatus(word)
	if w.Exited() || w.Continued() {
		return locale.Sprintf("%s (0x%04x)", short(w), word)
	}
	return locale.Sprintf("was %s (0x%04x)", short(w), word)
}

// short is the status in words, as [proc.WaitStatus.Short] has it, in
// the reader's language.
func short(w proc.WaitStatus) string {
	switch {
	case w.Exited():
		return locale.Sprintf("exited %d", w.ExitStatus())
	case w.CoreDump():
		return locale.Sprintf("killed by %s, core dumped", proc.SignalText(w.TermSig()))
	case w.Signaled():
		return locale.Sprintf("killed by %s", proc.SignalText(w.TermSig()))
	case w.Continued():
		return locale.T("continued")
	case w.Stopped():
		return locale.Sprintf("stopped by %s", proc.SignalText(w.StopSig()))
	}
	return w.Short()
}

// fileName is a path, or only its last part where the path is long.
func fileName(name string) string {
	if len(name) > 32 {
		name = path.Base(name)
	}
	return oneLine(name, 40)
}

// childCode names the si_code values of a SIGCHLD; sigaction(2).
func childCode(code int) string {
	names := [...]string{
		1: locale.Key("ended"), 2: locale.Key("was killed"), 3: locale.Key("was killed, core dumped"),
		4: locale.Key("was trapped"), 5: locale.Key("stopped"), 6: locale.Key("continued"),
	}
	if code > 0 && code < len(names) {
		return locale.T(names[code])
	}
	return ""
}

// Duration writes ns as people read it: 0.4 ms, 12 ms, 1.02 s.
func Duration(ns int64) string {
	ms := float64(ns) / 1e6
	fixed := func(f float64, digits int) string { return strconv.FormatFloat(f, 'f', digits, 64) }
	switch {
	case ns < 0:
		return "?"
	case ns == 0:
		return "0"
	case ns < 1e3:
		return strconv.FormatInt(ns, 10) + " ns"
	case ms < 0.1:
		return fixed(float64(ns)/1e3, 0) + " µs"
	case ms < 10:
		return fixed(ms, 1) + " ms"
	case ms < 999.5:
		return fixed(ms, 0) + " ms"
	}
	return fixed(ms/1e3, 2) + " s"
}

// program is the name that a path or an argument vector calls a
// program by.
func program(argv []string, file string) string {
	switch {
	case len(argv) > 0 && argv[0] != "":
		return path.Base(argv[0])
	case file != "":
		return path.Base(file)
	}
	return ""
}

// quoteArgs writes an argument vector as a shell reads it, the program
// without its directory.
func quoteArgs(argv []string) string {
	var words []string
	for i, a := range argv {
		if i == 0 && len(a) > 1 {
			a = path.Base(a)
		}
		if i == 20 {
			words = append(words, "…")
			break
		}
		words = append(words, oneLine(a, 200))
	}
	return show.Shell(words)
}

// quoteData shows the bytes of a write, at most about n columns. A
// backslash of the data is doubled: it is none of ours.
func quoteData(b []byte, n int) string {
	cut := false
	if len(b) > 4*n {
		b, cut = b[:4*n], true
	}
	s := show.Line(ownMarks.Replace(string(b)))
	if show.Width(s) > n {
		s, cut = strings.TrimSuffix(show.Clip(s, n+1), "…"), true
	}
	if cut {
		return `"` + s + `…"`
	}
	return `"` + s + `"`
}

// ownMarks escapes what [quoteData] itself writes.
var ownMarks = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

// sourceName shortens a file to its directory and name: what tells
// fork/glob.go from vfork/glob.go.
func sourceName(s *trace.Source) string {
	dir, base := path.Split(strings.ReplaceAll(s.File, `\`, "/"))
	dir = path.Base(path.Clean("/" + dir))
	if dir != "/" && dir != "." {
		base = dir + "/" + base
	}
	return oneLine(base, 60) + ":" + strconv.Itoa(s.Line)
}
