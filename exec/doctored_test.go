//go:build linux

package main

import (
	"bytes"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"apue/exec/checks"
	"apue/internal/lab"
	"apue/internal/lab/labtest"
	"apue/internal/trace"
)

type doctor func(*lab.Observation)

// events changes the events for which change returns true, or all: it
// does what it likes with each.
func events(kind trace.Kind, change func(*trace.Event)) doctor {
	return func(o *lab.Observation) {
		for _, e := range o.Events(kind) {
			change(e)
		}
	}
}

// drop takes events away.
func drop(is func(*trace.Event) bool) doctor {
	return func(o *lab.Observation) {
		o.Recording.Events = slices.DeleteFunc(o.Recording.Events, func(e trace.Event) bool { return is(&e) })
	}
}

// errno replaces an error of execs by another one.
func errno(old, with string) doctor {
	return events(trace.KindExec, func(e *trace.Event) {
		if e.Errno == old {
			e.Errno = with
		}
	})
}

// executed changes the new program of each exec, in a copy.
func executed(change func(*trace.Event, *trace.Program)) doctor {
	return events(trace.KindExec, func(e *trace.Event) {
		if e.Program != nil {
			p := *e.Program
			p.Cmdline = slices.Clone(p.Cmdline)
			change(e, &p)
			e.Program = &p
		}
	})
}

// argument replaces an argument of the new programs.
func argument(i int, with string) doctor {
	return executed(func(_ *trace.Event, p *trace.Program) {
		if i < len(p.Cmdline) {
			p.Cmdline[i] = with
		}
	})
}

// inProc replaces a part of a file of /proc, at a moment of an exec.
func inProc(at, file, old, with string) doctor {
	return events(trace.KindSnapshot, func(e *trace.Event) {
		for _, s := range e.Snapshot {
			for name, text := range s.Files {
				if e.At == at && strings.HasPrefix(name, file) {
					s.Files[name] = strings.ReplaceAll(text, old, with)
				}
			}
		}
	})
}

// nothingClosed gives each new program all descriptors that the old one
// had.
func nothingClosed(o *lab.Observation) {
	before := map[string]trace.ProcFiles{}
	for _, e := range o.Events(trace.KindSnapshot) {
		for _, s := range e.Snapshot {
			if s.Process != e.Process {
				continue
			}
			if e.At == "exec-entry" {
				before[s.Process] = s.Files
			}
			if e.At != "exec" {
				continue
			}
			for name, text := range before[s.Process] {
				if strings.HasPrefix(name, "fd") {
					s.Files[name] = text
				}
			}
		}
	}
}

// printed replaces a part of the output, in the events too.
func printed(pattern, with string) doctor {
	re := regexp.MustCompile(pattern)
	return func(o *lab.Observation) {
		o.Stdout = re.ReplaceAll(o.Stdout, []byte(with))
		for _, e := range o.Events(trace.KindWrite) {
			e.Data = re.ReplaceAll(bytes.Clone(e.Data), []byte(with))
			e.Result = int64(len(e.Data))
		}
	}
}

// status changes the ends of processes with this word.
func status(old, with uint32) doctor {
	return events(trace.KindExit, func(e *trace.Event) {
		if e.Status == old || old == 0 {
			e.Status = with
		}
	})
}

// TestDoctored sees every claim fail that no wrong program is judged by.
func TestDoctored(t *testing.T) {
	t.Parallel()
	table := map[string]doctor{
		"echoall/seven-one":         events(trace.KindExec, func(e *trace.Event) { e.Call = "execve" }),
		"echoall/who-searches":      events(trace.KindExec, func(e *trace.Event) { e.Path = "echo" }),
		"echoall/whose-environment": executed(func(_ *trace.Event, p *trace.Program) { p.Env = []string{"WHOSE=nobody"} }),
		"echoall/same-process":      inProc("exec", "status", "PPid:\t", "PPid:\t1"),
		"echoall/name":              executed(func(_ *trace.Event, p *trace.Program) { p.Comm = "echoall" }),
		"echoall/empty-argv":        executed(func(_ *trace.Event, p *trace.Program) { p.Cmdline = nil }),

		"path/order":        drop(func(e *trace.Event) bool { return e.Kind == trace.KindExec && e.Errno == "EACCES" }),
		"path/empty-prefix": events(trace.KindExec, func(e *trace.Event) { e.Path = "c/prog" }),
		"path/slash":        events(trace.KindExec, func(e *trace.Event) { e.Path = "c/prog" }),
		"path/denied":       printed("EACCES", "ENOENT"),
		"path/shell":        errno("ENOEXEC", "ENOENT"),
		"path/callers-path": events(trace.KindExec, func(e *trace.Event) { e.Path = "a/prog" }),
		"path/unset":        events(trace.KindExec, func(e *trace.Event) { e.Path = "prog" }),

		"keeps/pid":         inProc("exec", "status", "Pid:\t", "Pid:\t1"),
		"keeps/ppid":        inProc("exec", "status", "PPid:\t", "PPid:\t1"),
		"keeps/pgid":        inProc("exec", "stat", ") ", ") 1 "),
		"keeps/sid":         inProc("exec", "stat", ") ", ") 1 "),
		"keeps/umask":       inProc("exec", "status", "Umask:\t", "Umask:\t1"),
		"keeps/mask":        inProc("exec", "status", "SigBlk:\t", "SigBlk:\t1"),
		"keeps/pending":     inProc("exec", "status", "ShdPnd:\t", "ShdPnd:\t1"),
		"keeps/limits":      inProc("exec", "limits", "Max file size", "Max file size 1"),
		"keeps/nice":        inProc("exec", "stat", ") ", ") 1 "),
		"keeps/times":       inProc("exec-entry", "stat", ") ", ") 1 "),
		"keeps/record-lock": inProc("exec", "fdinfo/50", "lock:", "none:"),
		"keeps/flock":       inProc("exec", "fdinfo/50", "lock:", "none:"),
		"keeps/ignored":     inProc("exec", "status", "SigIgn:\t", "SigIgn:\t1"),
		"keeps/tty":         inProc("exec", "stat", ") ", ") 1 "),
		"keeps/cwd":         inProc("exec", "cwd", "/usr", "/"),
		"keeps/alarm":       status(0, 0),
		"keeps/virtual":     status(0, 0),
		"keeps/itimers":     status(0, 0),
		"keeps/ruid":        inProc("exec", "status", "Uid:\t7000001", "Uid:\t0"),
		"keeps/effective":   inProc("exec", "status", "Uid:\t0\t7000001", "Uid:\t0\t0"),
		"keeps/rgid":        inProc("exec", "status", "Gid:\t7000001", "Gid:\t0"),
		"keeps/egid":        inProc("exec", "status", "Gid:\t0\t7000001", "Gid:\t0\t0"),
		"keeps/groups":      inProc("exec", "status", "7000001 7000002", "7000001"),
		"keeps/root":        inProc("exec", "root", "/usr", "/"),

		"resets/caught":           inProc("exec-entry", "status", "SigCgt:", "SigXyz:"),
		"resets/memory":           inProc("exec-entry", "smaps", "memfd", "file"),
		"resets/shm":              inProc("exec-entry", "smaps", "SYSV", "file"),
		"resets/locked-memory":    inProc("exec-entry", "status", "VmLck:", "VmXyz:"),
		"resets/posix-timer":      inProc("exec-entry", "timers", "ID:", "xx:"),
		"resets/name":             inProc("exec", "status", "cat", "dog"),
		"resets/handlers":         printed("handlers and", "a line in the buffer"),
		"resets/saved-ids":        inProc("exec", "status", "0\t0\t0\t0", "0\t0\t7000001\t0"),
		"resets/descriptor-table": nothingClosed,

		"redirect/attributes": inProc("exec", "status", "SigIgn:", "SigXyz:"),

		"cloexec/opendir":      nothingClosed,
		"cloexec/lock-lost":    nothingClosed,
		"cloexec/leak":         nothingClosed,
		"cloexec/failed-keeps": inProc("exec-failed", "fdinfo/50", "flags:", "none:"),

		"report/no-descriptor": nothingClosed,
		"report/vfork-too":     printed("worked", "did not work"),

		"fails/errors":   errno("ELOOP", "ENOENT"),
		"fails/goes-on":  inProc("exec-failed", "status", "SigCgt:", "SigXyz:"),
		"fails/root-too": errno("EACCES", "ENOENT"),
		"fails/no-nproc": errno("EAGAIN", "EPERM"),
		"fails/status":   status(127<<8, 0),

		"limits/one-string":         errno("E2BIG", "ENOMEM"),
		"limits/total":              errno("E2BIG", "ENOMEM"),
		"limits/environment-counts": errno("E2BIG", "ENOMEM"),
		"limits/floor":              errno("E2BIG", "ENOMEM"),
		"limits/ceiling":            errno("E2BIG", "ENOMEM"),
		"limits/split":              errno("E2BIG", "ENOMEM"),
		"limits/said":               printed("ARG_MAX\\) is \\d+", "ARG_MAX) is 131072"),
		"limits/goes-on":            printed("still runs", "stops"),

		"fexecve/that-file":     executed(func(_ *trace.Event, p *trace.Program) { p.Exe = "/bin/prog" }),
		"fexecve/by-descriptor": events(trace.KindExec, func(e *trace.Event) { e.Call = "execve" }),
		"fexecve/path-only":     inProc("exec-entry", "fdinfo/", "flags:", "none:"),
		"fexecve/script":        errno("ENOENT", "EACCES"),

		"thread/pid":       events(trace.KindExec, func(e *trace.Event) { e.ByTid = 0 }),
		"thread/alone":     inProc("exec", "status", "Threads:\t1", "Threads:\t2"),
		"thread/mask":      inProc("exec", "status", "SigBlk:", "SigXyz:"),
		"thread/collected": events(trace.KindWait, func(e *trace.Event) { e.Status = 256 }),

		"script/searched": argument(2, "testinterp2"),
		"script/comm":     executed(func(_ *trace.Event, p *trace.Program) { p.Comm = "echoarg" }),
		"script/awk":      printed("file1", "file2"),

		"shebang/one-argument": argument(1, "a"),
		"shebang/length":       errno("ENOEXEC", "ENOENT"),
		"shebang/nesting":      errno("ELOOP", "ENOENT"),
		"shebang/relative":     argument(0, "/bin/echoarg"),
		"shebang/errors":       errno("EACCES", "ENOENT"),
		"shebang/unreadable":   status(0, 0),
		"shebang/no-set-id":    inProc("exec", "status", "7000002\t7000002", "7000001\t7000001"),
	}
	for _, x := range checks.All {
		for _, c := range x.Claims {
			if x.Exercise && !c.Ours {
				continue
			}
			id := x.Name + "/" + c.Name
			if table[id] == nil {
				t.Errorf("%s has not been seen to fail", id)
				continue
			}
			t.Run(id, func(t *testing.T) {
				t.Parallel()
				if x == checks.Limits { // whose twin is costly
					labtest.Doctored(t, x, c.Name, table[id])
					return
				}
				labtest.DoctoredTwin(t, x, c.Name, table[id])
			})
		}
	}
}

// TestCannotLook: where the recorder could not look at a process that has
// changed its ids, a claim that fails is cannot-check.
func TestCannotLook(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		labtest.Cannot(t, "exec/redirect/attributes", "the program changes no id", "run it as root")
	}
	for setID, want := range map[string]lab.Status{"kept": lab.Fail, "ignored": lab.CannotCheck} {
		b := &lab.Bench{Experiment: checks.Redirect, Program: labtest.Reference(t, checks.Redirect), Doctor: func(o *lab.Observation) {
			o.Recording.Header.SetID = setID
			inProc("exec-entry", "fd/1", "out.txt", "")(o)
		}}
		rep, err := b.Check(t.Context(), "between")
		if err != nil {
			t.Fatal(err)
		}
		if got := rep.Results[0].Status; got != want {
			t.Errorf("set-id files %s: %v, want %v", setID, got, want)
		}
	}
}

// TestReportOnABusyMachine: a line that comes after the end of the new
// program is judged by when the parent's read returned.
func TestReportOnABusyMachine(t *testing.T) {
	t.Parallel()
	late := func(o *lab.Observation) {
		for i := range o.Recording.Events {
			e := &o.Recording.Events[i]
			if e.Kind != trace.KindWrite || e.Fd != 1 || !bytes.Contains(e.Data, []byte("exec worked")) {
				continue
			}
			e.Time = o.Processes()[2].Died + 1
		}
	}
	for name, c := range map[string]struct {
		doctor doctor
		want   lab.Status
	}{
		"read in time": {late, lab.Pass},
		"read at the end": {func(o *lab.Observation) {
			late(o)
			drop(func(e *trace.Event) bool { return e.Kind == trace.KindRead && e.Result == 0 })(o)
		}, lab.Fail},
	} {
		if got := labtest.Judged(t, checks.Report, "while-it-runs", c.doctor); got.Status != c.want {
			t.Errorf("%s: %s (%s), want %s", name, got.Status, got.Observed+got.Reason, c.want)
		}
	}
}
