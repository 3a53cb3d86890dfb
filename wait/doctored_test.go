//go:build linux

package main

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"testing"

	"apue/internal/lab"
	"apue/internal/lab/labtest"
	"apue/internal/trace"
	"apue/wait/checks"

	"golang.org/x/sys/unix"
)

// A which says whether an event is meant.
type which func(*trace.Event) bool

// change changes the events that are meant.
func change(is which, to func(*trace.Event)) func(*lab.Observation) {
	return func(o *lab.Observation) {
		for i := range o.Recording.Events {
			if e := &o.Recording.Events[i]; is(e) {
				to(e)
			}
		}
	}
}

// drop takes the events that are meant away.
func drop(is which) func(*lab.Observation) {
	return func(o *lab.Observation) {
		o.Recording.Events = slices.DeleteFunc(o.Recording.Events, func(e trace.Event) bool { return is(&e) })
	}
}

// kind means events of a kind, and whatever else is asked.
func kind(k trace.Kind, also which) which {
	return func(e *trace.Event) bool { return e.Kind == k && also(e) }
}

// reap means the wait that collected the process.
func reaping(name string) which {
	return func(e *trace.Event) bool { return e.ResultProcess == name && e.Reaps() }
}

// of means what the process did.
func of(name string) which {
	return func(e *trace.Event) bool { return e.Process == name }
}

// succeed makes a failed or empty call return something.
func succeed(e *trace.Event) { e.Errno, e.Result = "", 0 }

// late makes it be entered when it returned.
func late(e *trace.Event) { e.Entered = e.Time }

// stdout replaces a part of what was printed.
func stdout(pattern, with string) func(*lab.Observation) {
	return func(o *lab.Observation) {
		o.Stdout = regexp.MustCompile(pattern).ReplaceAll(o.Stdout, []byte(with))
	}
}

// written replaces a part of what was written, in the events.
func written(pattern, with string) func(*lab.Observation) {
	return change(kind(trace.KindWrite, func(e *trace.Event) bool { return true }), func(e *trace.Event) {
		e.Data = regexp.MustCompile(pattern).ReplaceAll(bytes.Clone(e.Data), []byte(with))
		e.Result = int64(len(e.Data))
	})
}

// snapshots replaces a part of a process's /proc/PID/stat.
func snapshots(name, old, with string) func(*lab.Observation) {
	return change(kind(trace.KindSnapshot, func(e *trace.Event) bool { return true }), func(e *trace.Event) {
		for _, s := range e.Snapshot {
			if name == "" || s.Process == name {
				s.Files["stat"] = strings.ReplaceAll(s.Files["stat"], old, with)
			}
		}
	})
}

// polled means the polls with WNOHANG and these options that
// returned a child, or none.
func polled(options int, result bool) which {
	return kind(trace.KindWait, func(e *trace.Event) bool {
		return e.Call == "wait4" && e.Options == unix.WNOHANG|options && e.Errno == "" && (e.Result > 0) == result
	})
}

// asked means the waits for this pid.
func asked(pid int) which {
	return kind(trace.KindWait, func(e *trace.Event) bool { return e.WaitPid == pid && e.Call == "wait4" })
}

// ended changes how the process ended.
func ended(name string, word uint32) func(*lab.Observation) {
	return change(kind(trace.KindExit, of(name)), func(e *trace.Event) { e.Status = word })
}

// TestDoctored sees the claims fail that no wrong program is
// judged by.
func TestDoctored(t *testing.T) {
	t.Parallel()
	signal := func(process, sender string, code int) which {
		return kind(trace.KindSignal, func(e *trace.Event) bool {
			return e.Process == process && e.SenderProcess == sender && e.SiCode == code
		})
	}
	look := func(idtype int) which {
		return kind(trace.KindWait, func(e *trace.Event) bool {
			return e.Call == "waitid" && e.IDType == idtype && e.Options&unix.WNOWAIT != 0 && !e.NullStatus
		})
	}
	seen := map[string]bool{}
	for _, d := range []struct {
		x      *lab.Experiment
		claim  string
		doctor func(*lab.Observation)
	}{
		{checks.Pids, "any-order", change(reaping("P0.2.3"), func(e *trace.Event) { e.ResultProcess = "P0.2.1" })},
		{checks.Pids, "others-stay", change(reaping("P0.2.5"), func(e *trace.Event) { e.ResultProcess = "P0.2.1" })},
		{checks.Pids, "current-group", drop(kind(trace.KindSetpgid, of("P0.2")))},
		{checks.Pids, "same-as-wait", change(reaping("P0.2.4"), func(e *trace.Event) { e.Options = unix.WUNTRACED })},
		{checks.Pids, "not-yours", change(asked(1), func(e *trace.Event) { e.Errno = "EPERM" })},

		{checks.Options, "only-asked", change(polled(0, false), func(e *trace.Event) { e.Result = 1 })},
		{checks.Options, "once", change(polled(unix.WUNTRACED, false), func(e *trace.Event) { e.Result, e.Status = 1, 0x137f })},
		{checks.Options, "words", change(polled(unix.WUNTRACED, true), func(e *trace.Event) { e.Status = 0x147f })},
		{checks.Options, "dead-or-none", change(kind(trace.KindWait, func(e *trace.Event) bool { return e.Errno == "ECHILD" }), succeed)},
		{checks.Options, "einval", change(kind(trace.KindWait, func(e *trace.Event) bool { return e.Errno == "EINVAL" }), succeed)},

		{checks.Blocks, "blocks", change(reaping("P0.1"), late)},
		{checks.Blocks, "zombie-at-once", change(reaping("P0.3"), func(e *trace.Event) { e.Entered = 0 })},
		{checks.Blocks, "no-child", change(asked(-1), func(e *trace.Event) {
			if e.Errno != "" {
				e.Errno = "EINTR"
			}
		})},
		{checks.Blocks, "null-status", change(reaping("P0.3"), func(e *trace.Event) { e.NullStatus = false })},

		{checks.Sigchld, "codes", drop(signal("P0.1", "P0.1.2", 6))},
		{checks.Sigchld, "nocldstop", change(signal("P0.1", "P0.1.8", 1), func(e *trace.Event) { e.SiCode = 5 })},
		{checks.Sigchld, "at-once", change(reaping("P0.1.3"), func(e *trace.Event) { e.Entered = 0 })},
		{checks.Sigchld, "no-promise", change(polled(0, false), func(e *trace.Event) { e.Result = 1 })},
		{checks.Sigchld, "merge", change(signal("P0.1", "P0.1.3", 2), func(e *trace.Event) { e.SenderProcess = "P0.1.6" })},
		{checks.Sigchld, "ignored", drop(kind(trace.KindKill, of("P0.1.10")))},
		{checks.Sigchld, "nocldwait", change(kind(trace.KindWait, func(e *trace.Event) bool { return e.Errno == "ECHILD" }), late)},
		{checks.Sigchld, "eintr", drop(kind(trace.KindWait, func(e *trace.Event) bool { return e.Errno == "EINTR" }))},
		{checks.Sigchld, "restart", change(reaping("P0.1.14"), late)},
		{checks.Sigchld, "ignored-signal", drop(kind(trace.KindKill, of("P0.1.15")))},

		{checks.Waitid, "agrees", change(look(unix.P_ALL), func(e *trace.Event) { e.SiCode = 3 })},
		{checks.Waitid, "uid", stdout(`(si_uid of \d+ is )\d+`, "${1}4294967294")},
		{checks.Waitid, "stays", change(kind(trace.KindWait, func(e *trace.Event) bool { return e.Errno == "ECHILD" }), succeed)},
		{checks.Waitid, "selects", change(look(unix.P_PID), func(e *trace.Event) { e.ID++ })},
		{checks.Waitid, "pidfd", change(look(unix.P_PIDFD), func(e *trace.Event) { e.IDType = unix.P_ALL })},
		{checks.Waitid, "not-dumpable", ended("P0.4", 0x86)},
		{checks.Waitid, "einval", change(kind(trace.KindWait, func(e *trace.Event) bool { return e.Errno == "EINVAL" }), succeed)},

		{checks.Rusage, "own-time", stdout(`(worker: )\d+`, "${1}200")},
		{checks.Rusage, "waited-for", drop(reaping("P0.2.1"))},
		{checks.Rusage, "not-waited-for", stdout(`(did not wait: )\d+`, "${1}60")},
		{checks.Rusage, "at-the-wait", snapshots("P0.1", ") Z ", ") R ")},

		{checks.Waitid, "nohang", change(kind(trace.KindWait, of("P0")), func(e *trace.Event) { e.Options |= unix.WSTOPPED })},
		{checks.Waitid, "stopped", change(kind(trace.KindWait, of("P0")), func(e *trace.Event) { e.Status = 0 })},
		{checks.Waitid, "continued", change(kind(trace.KindWait, of("P0")), func(e *trace.Event) { e.Status = 0 })},
		{checks.Rusage, "faults", change(kind(trace.KindWait, of("P0")), func(e *trace.Event) { e.Rusage = &trace.Rusage{} })},
		{checks.Rusage, "switches", change(kind(trace.KindWait, of("P0")), func(e *trace.Event) { e.Rusage = &trace.Rusage{} })},
		{checks.Rusage, "no-signals", drop(kind(trace.KindSignal, of("P0.1")))},
		{checks.Rusage, "fifth-argument", change(kind(trace.KindWait, of("P0")), func(e *trace.Event) {
			if e.Call == "waitid" {
				e.Rusage = &trace.Rusage{Minflt: 1}
			}
		})},
		{checks.Rusage, "one-call", change(kind(trace.KindWait, of("P0")), func(e *trace.Event) { e.Call = "waitid" })},
		{checks.Pids, "no-group", change(kind(trace.KindWait, of("P0.2")), func(e *trace.Event) { e.Errno = "" })},

		{checks.Supervise, "same-id", snapshots("", "(worker 0)", "(worker 1)")},
		{checks.Supervise, "finished", ended("P0", 1<<8)},
		{checks.Supervise, "count", drop(kind(trace.KindFork, func(e *trace.Event) bool { return e.ChildProcess == "P0.1" }))},
		{checks.Supervise, "max-restarts", ended("P0", 0)},
		{checks.Supervise, "stop", drop(kind(trace.KindKill, func(e *trace.Event) bool { return e.Process == "P0" && e.TargetProcess == "P0.3" }))},
		{checks.Supervise, "crash", ended("P0.2", 9)},
		{checks.Supervise, "crash", drop(kind(trace.KindSignal, func(e *trace.Event) bool { return e.Signal == int(unix.SIGTERM) }))},
		{checks.Supervise, "interrupted", drop(kind(trace.KindSignal, func(e *trace.Event) bool { return e.Signal == int(unix.SIGUSR1) }))},
		{checks.Supervise, "unknown", drop(kind(trace.KindReparented, func(e *trace.Event) bool { return true }))},
		{checks.Supervise, "own-random", written(`drew \d+`, "drew 4")},
		{checks.Supervise, "log", written(`finished`, "done")},
		{checks.Supervise, "thousand", drop(reaping("P0.500"))},
	} {
		seen[d.x.Name+"/"+d.claim] = true
		t.Run(d.x.Name+"/"+d.claim, func(t *testing.T) {
			t.Parallel()
			labtest.Doctored(t, d.x, d.claim, d.doctor)
		})
	}
	for _, x := range checks.All {
		for _, c := range x.Claims {
			if id := x.Name + "/" + c.Name; (c.Ours || !x.Exercise) && !seen[id] {
				t.Errorf("%s has not been seen to fail", id)
			}
		}
	}
}
