//go:build linux

package main

import (
	"bytes"
	"strconv"
	"strings"
	"testing"

	"apue/doublefork/checks"
	"apue/internal/lab"
	"apue/internal/lab/labtest"
	"apue/internal/trace"

	"golang.org/x/sys/unix"
)

// TestDoctored sees every claim that no wrong program fails fail
// on an observation that was changed so as to break it.
func TestDoctored(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		claim  string
		doctor func(*lab.Observation)
	}{
		{"doublefork/not-its-own", edit(func(e *trace.Event) bool { e.Errno = ""; return true })},

		{"daemon/steps", drop(func(e *trace.Event) bool { return e.Kind == trace.KindUmask })},
		{"daemon/session", stat(6, func(pid, _ string) string { return pid })},
		{"daemon/directory", file("cwd", "/", "/mnt")},
		{"daemon/mask", file("status", "Umask:\t0000", "Umask:\t0022")},
		{"daemon/null", file("fd/1", "/dev/null", "/dev/pts/3")},
		{"daemon/closed", everyState(func(s, first map[string]string) { s["fd/9"] = first["fd/1"] })},
		{"daemon/adopted", drop(func(e *trace.Event) bool { return e.Kind == trace.KindReparented })},
		{"daemon/execs", edit(func(e *trace.Event) bool {
			if e.Kind == trace.KindExec && e.Process != "P0" {
				e.Path = "/usr/sbin/other"
			}
			return true
		})},
		{"daemon/answers", bytesOf("umask 0000", "umask 0022")},
		{"daemon/locked", everyState(func(s, _ map[string]string) {
			for name := range s {
				if strings.HasPrefix(name, "fdinfo/") {
					s[name] = ""
				}
			}
		})},
		{"daemon/no-hangup", hupAll},
		{"daemon/stops", drop(func(e *trace.Event) bool { return e.Kind == trace.KindKill })},
		{"daemon/threads-end", edit(func(e *trace.Event) bool { e.ExitArg = nil; return true })},
		{"daemon/setuid-is-not-setsid", stat(6, func(string, string) string { return "1" })},
		{"daemon/leader-acquires", stat(7, func(string, string) string { return "0" })},
		{"daemon/busy", edit(func(e *trace.Event) bool {
			if strings.HasSuffix(e.Path, "/mounted") {
				e.Errno = ""
			}
			return true
		})},
		{"daemon/created-0666", bytesOf("666 under", "644 under")},

		{"background/set-up", stat(6, func(string, string) string { return "1" })},
		{"background/leader-hup", fromUser},
		{"background/foreground-hup", fromUser},
		{"background/foreground-hup", edit(func(e *trace.Event) bool {
			if e.Kind == trace.KindSignal {
				e.Time = 1 // all at once: as if the leader had not been first
			}
			return true
		})},
		{"background/nohup-ignores", everyState(func(s, _ map[string]string) {
			s["status"] = strings.ReplaceAll(s["status"], "SigIgn:", "SigWas:")
		})},
		{"background/background-spared", hupAll},
		{"background/daemon-spared", hupAll},
		{"background/terminal-lost", stat(7, func(string, string) string { return "34816" })},

		{"background/subreaper-not-inherited", edit(func(e *trace.Event) bool { e.NewParentProcess = "P0.1"; return true })},

		{"nozombies/plain-leaves", stat(3, func(string, string) string { return "S" })},
		{"nozombies/double-leaves-none", edit(func(e *trace.Event) bool {
			if e.Kind == trace.KindReparented {
				e.NewParentProcess = "P0"
			}
			return true
		})},
		{"nozombies/ignored-leaves-none", edit(func(e *trace.Event) bool { e.Errno = ""; return true })},
	} {
		t.Run(c.claim, func(t *testing.T) {
			name, claim, _ := strings.Cut(c.claim, "/")
			x, _ := checks.All.Find("doublefork/" + name)
			labtest.DoctoredTwin(t, x[0], claim, c.doctor)
		})
	}
}

// TestAllDoctored: no claim is without a test that has seen it
// fail.
func TestAllDoctored(t *testing.T) {
	t.Parallel()
	source := read(t, "doctored_test.go")
	for _, x := range checks.All {
		for _, c := range x.Claims {
			if (!x.Exercise || c.Ours) && !strings.Contains(source, strconv.Quote(x.Name+"/"+c.Name)) {
				t.Errorf("%s/%s was never seen to fail", x.ID(), c.Name)
			}
		}
	}
}

// edit changes each event, and keeps those for which change says
// so.
func edit(change func(*trace.Event) bool) func(*lab.Observation) {
	return func(o *lab.Observation) {
		var kept []trace.Event
		for _, e := range o.Recording.Events {
			if change(&e) {
				kept = append(kept, e)
			}
		}
		o.Recording.Events = kept
	}
}

func drop(is func(*trace.Event) bool) func(*lab.Observation) {
	return edit(func(e *trace.Event) bool { return !is(e) })
}

// bytesOf replaces what was written.
func bytesOf(old, new string) func(*lab.Observation) {
	return edit(func(e *trace.Event) bool {
		e.Data = bytes.ReplaceAll(e.Data, []byte(old), []byte(new))
		return true
	})
}

// everyState changes what /proc said of each process; first is
// the first process at that time.
func everyState(change func(s, first map[string]string)) func(*lab.Observation) {
	return edit(func(e *trace.Event) bool {
		for _, s := range e.Snapshot {
			change(s.Files, e.Snapshot[0].Files)
		}
		return true
	})
}

// file replaces a part of a file of /proc/PID.
func file(name, old, new string) func(*lab.Observation) {
	return everyState(func(s, _ map[string]string) {
		if _, ok := s[name]; ok {
			s[name] = strings.ReplaceAll(s[name], old, new)
		}
	})
}

// stat replaces a field of /proc/PID/stat.
func stat(field int, change func(pid, old string) string) func(*lab.Observation) {
	return everyState(func(s, _ map[string]string) {
		text := s["stat"]
		end := strings.LastIndexByte(text, ')') + 1
		pid, _, _ := strings.Cut(text, " ")
		f := strings.Fields(text[end:])
		f[field-3] = change(pid, f[field-3])
		s["stat"] = text[:end] + " " + strings.Join(f, " ")
	})
}

// hupAll has the kernel send SIGHUP to every process at its end.
func hupAll(o *lab.Observation) {
	var all []trace.Event
	for _, e := range o.Recording.Events {
		if e.Kind == trace.KindExit {
			hup := e
			hup.Kind, hup.Signal, hup.SiCode = trace.KindSignal, int(unix.SIGHUP), 0x80
			all = append(all, hup)
		}
		all = append(all, e)
	}
	o.Recording.Events = all
}

// fromUser has each signal come from another process.
func fromUser(o *lab.Observation) {
	edit(func(e *trace.Event) bool { e.SiCode = 0; return true })(o)
}
