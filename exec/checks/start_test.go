package checks

import (
	"testing"

	"apue/internal/trace"
)

// TestStart: a script that names env, and an interpreter that is a shell
// script which chooses a version of it, is started by the last exec of the
// same script. A program that executes another one has started by then.
func TestStart(t *testing.T) {
	exec := func(exe string, argv ...string) trace.Event {
		return trace.Event{Kind: trace.KindExec, Process: "P0", Path: exe, Argv: argv, Program: &trace.Program{Exe: exe}}
	}
	failed := exec("/opt/python3", "python3", "mine.py")
	failed.Errno, failed.Program = "ENOENT", nil
	for _, test := range []struct {
		says   string
		events []trace.Event
		want   int // which event started the program
	}{
		{"a compiled program", []trace.Event{exec("/x/a.out", "./a.out")}, 0},
		{"a compiled program that executes another", []trace.Event{exec("/x/a.out", "./a.out"), exec("/bin/echo", "echo", "hello")}, 0},
		{"env", []trace.Event{exec("/usr/bin/env", "env", "python3", "mine.py"), exec("/usr/bin/python3", "python3", "mine.py")}, 1},
		{"env, and a script that chooses a version", []trace.Event{
			exec("/usr/bin/env", "env", "python3", "mine.py"), exec("/bin/bash", "bash", "/shims/python3", "mine.py"),
			exec("/bin/bash", "bash", "pyenv", "exec", "python3", "mine.py"), exec("/versions/3/bin/python3", "python3", "mine.py"),
		}, 3},
		{"env looks along PATH", []trace.Event{exec("/usr/bin/env", "env", "python3", "mine.py"), failed, exec("/usr/bin/python3", "python3", "mine.py")}, 2},
		{"a shell script that executes a program", []trace.Event{exec("/bin/sh", "sh", "mine.sh"), exec("/bin/echo", "echo", "hello")}, 0},
		{"a script that Python executes", []trace.Event{exec("/usr/bin/python3", "python3", "mine.py"), exec("/usr/bin/perl", "perl", "mine.py")}, 0},
	} {
		rec := &trace.Recording{Events: test.events}
		for i := range rec.Events {
			rec.Events[i].Time = int64(i + 1)
		}
		if got := start(Signals.Observe(rec)); got != &rec.Events[test.want] {
			t.Errorf("%s: it is started by %v, should be by %v", test.says, got, test.events[test.want].Argv)
		}
	}
}
