//go:build linux

package main

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"apue/exit/checks"
	"apue/internal/lab"
	"apue/internal/lab/labtest"
	"apue/internal/trace"

	"golang.org/x/sys/unix"
)

// change is a doctor that calls f for each event of the kind.
func change(kind trace.Kind, f func(*trace.Event)) func(*lab.Observation) {
	return func(o *lab.Observation) {
		for i := range o.Recording.Events {
			if e := &o.Recording.Events[i]; e.Kind == kind {
				f(e)
			}
		}
	}
}

// drop is a doctor that takes away the events of the kind for which
// f is true.
func drop(kind trace.Kind, f func(*trace.Event) bool) func(*lab.Observation) {
	return func(o *lab.Observation) {
		o.Recording.Events = slices.DeleteFunc(o.Recording.Events, func(e trace.Event) bool {
			return e.Kind == kind && f(&e)
		})
	}
}

func all(*trace.Event) bool { return true }

// inProc is a doctor that changes a file of /proc of every process
// in the state Z, or of all others.
func inProc(zombie bool, file, old, to string) func(*lab.Observation) {
	return change(trace.KindSnapshot, func(e *trace.Event) {
		for _, s := range e.Snapshot {
			stat := s.Files["stat"]
			if strings.HasPrefix(stat[strings.LastIndex(stat, ")")+1:], " Z") != zombie {
				continue
			}
			for name := range s.Files {
				if name == file || strings.HasPrefix(name, file+"/") {
					s.Files[name] = strings.ReplaceAll(s.Files[name], old, to)
				}
			}
			if old == "" {
				s.Files[file] = to
			}
		}
	})
}

// inOutput is a doctor that changes the bytes that were written.
func inOutput(old, to string) func(*lab.Observation) {
	return func(o *lab.Observation) {
		o.Stdout = bytes.ReplaceAll(o.Stdout, []byte(old), []byte(to))
		change(trace.KindWrite, func(e *trace.Event) {
			e.Data = bytes.ReplaceAll(e.Data, []byte(old), []byte(to))
			if e.Result > 0 {
				e.Result = int64(len(e.Data))
			}
		})(o)
	}
}

// statusWord is a doctor that changes one status word into another.
func statusWord(kind trace.Kind, from, to uint32) func(*lab.Observation) {
	return change(kind, func(e *trace.Event) {
		if e.Status == from {
			e.Status = to
		}
	})
}

// both makes a doctor of several.
func both(doctors ...func(*lab.Observation)) func(*lab.Observation) {
	return func(o *lab.Observation) {
		for _, d := range doctors {
			d(o)
		}
	}
}

// TestDoctored sees every claim that no wrong program is there for
// fail, each in all the ways in which the observation can tell it
// wrong.
func TestDoctored(t *testing.T) {
	t.Parallel()
	isSignal := func(sig unix.Signal) func(*trace.Event) bool {
		return func(e *trace.Event) bool { return e.Signal == int(sig) }
	}
	for _, d := range []struct {
		claim  string
		name   string
		doctor func(*lab.Observation)
	}{
		{"stdio/exit-group", "other call", change(trace.KindExit, func(e *trace.Event) { e.Call = "exit" })},
		{"stdio/exit-group", "other argument", change(trace.KindExit, func(e *trace.Event) { e.ExitArg = nil })},

		{"orphan/named", "other name", inOutput("was adopted by ", "was adopted by x")},
		{"orphan/named", "other adopter", func(o *lab.Observation) { o.Adopter++ }},
		{"orphan/collected", "not the subreaper", change(trace.KindReparented, func(e *trace.Event) { e.NewParentProcess = "" })},
		{"orphan/collected", "never collected", drop(trace.KindWait, func(e *trace.Event) bool { return e.Status == 7<<8 })},
		{"orphan/collected", "other status", statusWord(trace.KindWait, 7<<8, 8<<8)},

		{"zombie/was-zombie", "the parent was ending", change(trace.KindExit, func(e *trace.Event) { e.Entered = 1 })},
		{"zombie/reaped", "another status", statusWord(trace.KindWait, 7<<8, 9)},
		{"zombie/reaped", "no wait", drop(trace.KindWait, func(e *trace.Event) bool { return e.Reaps() })},
		{"zombie/reaped", "status thrown away", change(trace.KindWait, func(e *trace.Event) { e.NullStatus = true })},
		{"zombie/none-left", "left", func(o *lab.Observation) {
			var last *trace.Event
			for _, e := range o.Events(trace.KindSnapshot) {
				if e.Process == "P0" {
					last = e
				}
			}
			last.Snapshot = append(last.Snapshot, trace.ProcState{Process: "P0.1", Files: trace.ProcFiles{
				"stat": fmt.Sprintf("9 (x) Z %d 1 1", o.Processes()[0].Pid),
			}})
		}},
		{"zombie/what-is-left", "state", inProc(true, "stat", ") Z", ") X")},
		{"zombie/what-is-left", "memory", inProc(true, "status", "State:", "VmSize: 1 kB\nState:")},
		{"zombie/what-is-left", "descriptor", inProc(true, "fd/0", "", "/dev/null")},
		{"zombie/what-is-left", "command line", inProc(true, "cmdline", "", "exit\x00")},
		{"zombie/what-is-left", "status word", inProc(true, "stat", " 1792\n", " 0\n")},
		{"zombie/what-is-left", "never seen alive", inProc(false, "status", "VmSize", "Size")},
		{"zombie/what-is-left", "never looked", drop(trace.KindSnapshot, all)},
		{"zombie/kill", "no kill", drop(trace.KindKill, isSignal(unix.SIGKILL))},
		{"zombie/kill", "kill failed", change(trace.KindKill, func(e *trace.Event) { e.Errno = "ESRCH" })},
		{"zombie/kill", "not a zombie any more", inProc(true, "stat", ") Z", ") R")},
		{"zombie/kill", "status changed", statusWord(trace.KindWait, 7<<8, 9)},
		{"zombie/gone", "still there", change(trace.KindKill, func(e *trace.Event) { e.Errno = "" })},
		{"zombie/gone", "not tried", drop(trace.KindKill, isSignal(0))},
		{"zombie/gone", "in /proc", func(o *lab.Observation) {
			var last *trace.Event
			for i := range o.Recording.Events {
				e := &o.Recording.Events[i]
				for _, s := range e.Snapshot {
					if s.Process == "P0.1" {
						last = e
					}
				}
			}
			for i := range o.Recording.Events {
				if e := &o.Recording.Events[i]; e.Kind == trace.KindSnapshot {
					e.Snapshot = append(e.Snapshot, last.Snapshot...)
				}
			}
		}},
		{"zombie/handed-on", "to another", change(trace.KindReparented, func(e *trace.Event) { e.NewParentProcess = "" })},
		{"zombie/handed-on", "not collected", drop(trace.KindWait, func(e *trace.Event) bool { return e.ResultProcess == "P0.1.1" && e.Process == "P0" })},
		{"zombie/handed-on", "nobody left behind", drop(trace.KindReparented, all)},

		{"ways/one-of-four", "wait lies", change(trace.KindWait, func(e *trace.Event) { e.Status ^= 0x100 })},
		{"ways/one-of-four", "program lies", inOutput("status 2", "status 3")},
		{"ways/one-of-four", "stopped", both(statusWord(trace.KindWait, 2<<8, 0x37f), statusWord(trace.KindExit, 2<<8, 0x37f))},
		{"ways/one-of-four", "one is missing", inOutput("abort  ", "------")},
		{"ways/normal", "other status", statusWord(trace.KindExit, 2<<8, 3<<8)},
		{"ways/normal", "other call", change(trace.KindExit, func(e *trace.Event) { e.Call = "exit" })},
		{"ways/last-thread", "its value", change(trace.KindExit, func(e *trace.Event) {
			if e.Status == 0 {
				e.Status = 3 << 8
			}
		})},
		{"ways/one-of-four", "a panic", func(o *lab.Observation) {
			o.Stdout, _, _ = bytes.Cut(o.Stdout, []byte("last thread returns"))
			o.Status, o.Stderr = 2<<8, []byte("panic: no threads\n")
		}},
		{"ways/last-thread", "not tried", inOutput("pthread_exit(4)", "pthread_exit(5)")},
		{"ways/cancelled", "abnormal", change(trace.KindExit, func(e *trace.Event) {
			if e.Status == 0 {
				e.Status = 9
			}
		})},
		{"ways/abort", "other signal", statusWord(trace.KindExit, 6, 9)},
		{"ways/abort", "not by itself", change(trace.KindSignal, func(e *trace.Event) { e.SenderProcess = "P0" })},
		{"ways/sources", "one code for all", change(trace.KindSignal, func(e *trace.Event) { e.SiCode = 0 })},
		{"ways/sources", "one sender", change(trace.KindSignal, func(e *trace.Event) { e.SenderProcess = "P0" })},
		{"ways/sources", "not seen", drop(trace.KindSignal, isSignal(unix.SIGSEGV))},

		{"handlers/reverse", "in order", inOutput("runs C", "runs A")},
		{"handlers/reverse", "once instead of twice", func(o *lab.Observation) {
			seen := false
			drop(trace.KindWrite, func(e *trace.Event) bool {
				again := seen && strings.Contains(string(e.Data), "runs B")
				seen = seen || strings.Contains(string(e.Data), "runs B")
				return again
			})(o)
		}},
		{"handlers/inherited", "not inherited", drop(trace.KindWrite, func(e *trace.Event) bool {
			return e.Process != "P0" && strings.Contains(string(e.Data), "runs A")
		})},
		{"handlers/inherited", "and shared", change(trace.KindWrite, func(e *trace.Event) {
			if e.Process == "P0" {
				e.Data = bytes.ReplaceAll(e.Data, []byte("runs A"), []byte("runs C"))
			}
		})},
		{"handlers/not-by-_exit", "ran", change(trace.KindWrite, func(e *trace.Event) {
			if pid, ok := strings.CutSuffix(string(e.Data), " a child, ends by _exit\n"); ok {
				e.Data = append(e.Data, pid+" runs A\n"...)
				e.Result = int64(len(e.Data))
			}
		})},
		{"handlers/not-by-_exit", "did not exit", change(trace.KindExit, func(e *trace.Event) { e.Status = 9 })},
		{"handlers/not-by-signal", "ran", change(trace.KindWrite, func(e *trace.Event) {
			if pid, ok := strings.CutSuffix(string(e.Data), " a child, ends by signal\n"); ok {
				e.Data = append(e.Data, pid+" runs A\n"...)
				e.Result = int64(len(e.Data))
			}
		})},
		{"handlers/not-by-signal", "did exit", statusWord(trace.KindExit, 15, 0)},

		{"status/low-8-bits", "16 bits", statusWord(trace.KindExit, 0x5a00, 0x5a5a00)},
		{"status/low-8-bits", "one not tried", drop(trace.KindExit, func(e *trace.Event) bool { return e.ExitArg != nil && *e.ExitArg == 256 })},
		{"status/low-8-bits", "program lies", inOutput("exit status 90", "exit status 91")},
		{"zombie/by-ps", "another state", inOutput(" Z", " S")},

		{"status/raised", "other number", statusWord(trace.KindExit, 15, 9)},
		{"status/raised", "one not tried", drop(trace.KindKill, isSignal(64))},
		{"status/sent", "other number", statusWord(trace.KindExit, 64, 63)},
		{"status/sent", "one not tried", drop(trace.KindKill, isSignal(unix.SIGKILL))},
		{"status/collected", "other word", statusWord(trace.KindWait, 15, 9)},
		{"status/collected", "not collected", drop(trace.KindWait, func(e *trace.Event) bool { return e.Status == 64 })},

		{"kernel/end-of-file", "still open", func(o *lab.Observation) {
			var fds map[string]string // of the last child seen alive
			for i := range o.Recording.Events {
				alive := map[string]string{}
				for _, s := range o.Recording.Events[i].Snapshot {
					for name, text := range s.Files {
						if strings.HasPrefix(name, "fd") && s.Process != "P0" {
							alive[name] = text
						}
					}
					if len(alive) > 0 {
						fds = alive
					} else if s.Process != "P0" {
						for name, text := range fds {
							s.Files[name] = text
						}
					}
				}
			}
		}},
		{"kernel/end-of-file", "data instead of it", inOutput("read gives 0", "read gives 1")},
		{"kernel/end-of-file", "never came", inOutput("ended by SIGKILL", "ended by nothing")},
		{"kernel/end-of-file", "parent holds it too", func(o *lab.Observation) {
			for i := range o.Recording.Events {
				all := map[string]string{}
				for _, s := range o.Recording.Events[i].Snapshot {
					for name, text := range s.Files {
						if strings.HasPrefix(name, "fd") {
							all[name] = text
						}
					}
				}
				for _, s := range o.Recording.Events[i].Snapshot {
					if s.Process == "P0" {
						for name, text := range all {
							s.Files[name] = text
						}
					}
				}
			}
		}},
		{"kernel/unlocked", "never locked", inProc(false, "fdinfo", "POSIX", "FLOCK")},
		{"kernel/unlocked", "still locked", change(trace.KindSnapshot, func(e *trace.Event) {
			for _, s := range e.Snapshot {
				for name, text := range s.Files {
					if s.Process == "P0" && strings.HasPrefix(name, "fdinfo/") {
						s.Files[name] = strings.ReplaceAll(text, "lock:", "")
					}
				}
			}
		})},
		{"kernel/memory-gone", "still there", inProc(true, "status", "State:", "VmRSS: 9000 kB\nState:")},
		{"kernel/memory-gone", "had none", inProc(false, "status", "VmRSS", "Rss")},
		{"kernel/told", "no signal", drop(trace.KindSignal, isSignal(unix.SIGCHLD))},
		{"kernel/told", "other news", change(trace.KindSignal, func(e *trace.Event) { e.SiCode = 1 })},

		{"zombies/places", "other errno", change(trace.KindFork, func(e *trace.Event) {
			if e.Errno != "" {
				e.Errno = "ENOMEM"
			}
		})},
		{"zombies/places", "never failed", drop(trace.KindFork, func(e *trace.Event) bool { return e.Errno != "" })},
		{"zombies/places", "no zombies", inProc(true, "stat", ") Z", ") S")},
		{"zombies/places", "other limit", inProc(false, "limits", "Max processes             10", "Max processes             99")},
		{"zombies/pids", "pid is gone", change(trace.KindKill, func(e *trace.Event) { e.Errno = "ESRCH" })},
		{"zombies/pids", "not tried", drop(trace.KindKill, all)},
		{"zombies/given-back", "no room", func(o *lab.Observation) {
			refused := 0
			drop(trace.KindFork, func(e *trace.Event) bool {
				if e.Errno != "" {
					refused++
				}
				return refused == 1 && e.Errno == ""
			})(o)
		}},
		{"zombies/given-back", "not reaped", drop(trace.KindWait, func(e *trace.Event) bool { return e.Reaps() && e.Process != "P0" })},
	} {
		t.Run(d.claim+"/"+strings.ReplaceAll(d.name, " ", "_"), func(t *testing.T) {
			name, claim, _ := strings.Cut(d.claim, "/")
			found, _ := checks.All.Find("exit/" + name)
			if len(found) != 1 {
				t.Fatalf("there is no exit/%s", name)
			}
			seenToFail[d.claim] = true
			t.Parallel()
			// The twin is quicker, and does all ways itself.
			labtest.DoctoredTwin(t, found[0], claim, d.doctor)
		})
	}
	for _, x := range checks.All {
		for _, c := range x.Claims {
			if id := x.Name + "/" + c.Name; (!x.Exercise || c.Ours) && !seenToFail[id] {
				t.Errorf("%s was never seen to fail", id)
			}
		}
	}
}

var seenToFail = map[string]bool{}
