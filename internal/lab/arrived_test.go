package lab

import (
	"strings"
	"testing"

	"apue/internal/sandbox"
	"apue/internal/trace"
)

// TestUnrecorded: bytes that arrived otherwise than they were recorded are
// told, and a remark of as-asked.
func TestUnrecorded(t *testing.T) {
	write := func(object, data string, result int) trace.Event {
		return trace.Event{Process: "P0", Kind: trace.KindWrite, Object: object, Data: []byte(data), Result: int64(result)}
	}
	out := func(data string) trace.Event { return write("standard output", data, len(data)) }
	for _, c := range []struct {
		name           string
		stdout, stderr string
		events         []trace.Event
		stdin          sandbox.Stdout
		want           string
	}{
		{"in another order", "abcdef", "", []trace.Event{out("def"), out("abc")}, sandbox.Pipe, ""},
		{"both", "a", "b", []trace.Event{out("a"), write("standard error", "b", 1)}, sandbox.Pipe, ""},
		{"more than written", "abc", "", []trace.Event{out("a")}, sandbox.Pipe, "of the 3 bytes that arrived on standard output no recorded call wrote 2"},
		{"on standard error", "a", "bc", []trace.Event{out("a")}, sandbox.Pipe, "of the 2 bytes that arrived on standard error no recorded call wrote 2"},
		{"changed", "bbb", "", []trace.Event{out("aaa")}, sandbox.Pipe, "are not those that the writes had in memory"},
		{"not all of it is known", "bbb", "", []trace.Event{write("standard output", "a", 3)}, sandbox.Pipe, ""},
		{"less than written", "a", "", []trace.Event{out("abc")}, sandbox.Pipe, ""},
		{"another pipe", "", "", []trace.Event{write("pipe 1", "abc", 3)}, sandbox.Pipe, ""},
		{"a file", "abc", "", nil, sandbox.File, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := &Observation{Run: Run{Stdout: c.stdin}, Result: &sandbox.Result{
				Stdout: []byte(c.stdout), Stderr: []byte(c.stderr), Recording: &trace.Recording{Events: c.events},
			}}
			if got := o.Unrecorded(); (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}
