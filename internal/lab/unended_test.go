package lab

import (
	"strings"
	"testing"

	"apue/internal/sandbox"
	"apue/internal/trace"
)

// TestUnended: a process whose output does not end with a newline is named,
// with the text after the last one. The output of a program that it executed
// is not its own.
func TestUnended(t *testing.T) {
	write := func(text string) trace.Event {
		return trace.Event{Kind: trace.KindWrite, Process: "P0", Fd: 1, Result: int64(len(text)), Data: []byte(text)}
	}
	fork := trace.Event{Kind: trace.KindFork, Process: "P0", ChildProcess: "P0.1"}
	exec := trace.Event{Kind: trace.KindExec, Process: "P0.1", Path: "/bin/echo"}
	echo := write("no end")
	echo.Process = "P0.1"
	for _, test := range []struct {
		says   string
		events []trace.Event
		want   string
	}{
		{"nothing", nil, ""},
		{"a whole line", []trace.Event{write("one\n")}, ""},
		{"two lines, the second without its end", []trace.Event{write("one\ntwo")}, `"two"`},
		{"the end comes later", []trace.Event{write("one"), write("\n")}, ""},
		{"another program's", []trace.Event{fork, exec, echo}, ""},
		{"a child's", []trace.Event{fork, echo}, `"no end"`},
	} {
		for i := range test.events {
			test.events[i].Time = int64(i + 1)
		}
		o := &Observation{Result: &sandbox.Result{Recording: &trace.Recording{Events: test.events}}}
		if got := o.unended(); (got == "") != (test.want == "") || !strings.Contains(got, test.want) {
			t.Errorf("%s: the remark is %q, should name %s", test.says, got, test.want)
		}
	}
}
