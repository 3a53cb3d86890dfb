//go:build 386 || amd64 || arm64

package record

import (
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"apue/internal/trace"
)

// TestVia: an exit tells whether the program called exit or _exit, or
// returned from main, and a write which function of the library wrote, and
// whether an exit handler called it.
func TestVia(t *testing.T) {
	exits := map[string]string{
		"P0.1": "exit", "P0.2": "_exit", "P0.3": "quick_exit", "P0.4": "main", "P0.5": "exit",
		"P0.6": "_exit", "P0.7": "_exit", "P0.8": "main", "P0.10": "", "P0": "main",
		// The handler runs after main has returned, and ends with _exit.
		"P0.9": "_exit", "P0.11": "main", "P0.12": "exit", "P0.13": "exit", "P0.14": "exit",
	}
	writes := map[string]string{"four": "main", "five": "exit", "six": "fflush", "seven": "puts", "": "puts", "eight": "write", "tell": "write", "say": "puts"}
	in := map[string]string{"P0.11": "exit", "P0.12": "exit", "P0.13": "main", "P0.14": "exit"}
	for _, flags := range []string{"-g", "-g -O2", "-g -static", "", "-O2", "-s"} {
		t.Run(flags, func(t *testing.T) {
			r := runProgram(t, Options{}, cProgram(t, "via", strings.Fields(flags)...))
			for i := range r.Events {
				e := &r.Events[i]
				want, text := exits[e.Process], strings.TrimSpace(string(e.Data))
				switch {
				case e.Kind == trace.KindWrite && flags == "-s":
					want = "" // as the system's programs are
				case e.Kind == trace.KindWrite:
					want = writes[text]
				case e.Kind != trace.KindExit:
					continue
				}
				if e.Kind == trace.KindWrite && (text == "tell" || text == "say") && flags != "-s" && e.Within != in[e.Process] {
					t.Errorf("%s: within %q, should be %q", e.Process, e.Within, in[e.Process])
				}
				if e.Via != want {
					t.Errorf("%s %s %s: via %q, should be %q", e.Process, e.Kind, text, e.Via, want)
				}
			}
		})
	}
}

// TestDisposition: a signal says what the process does with it. The kernel
// gives ignored signals to a tracer too.
func TestDisposition(t *testing.T) {
	got := map[int]string{}
	var children []string
	for _, e := range runProgram(t, Options{}, cProgram(t, "dispositions")).find("P0", trace.KindSignal) {
		if e.Signal == int(unix.SIGCHLD) {
			children = append(children, e.Disposition)
			continue
		}
		got[e.Signal] = e.Disposition
	}
	equal(t, "dispositions of SIGCHLD", children, []string{"ignored", "caught", "caught", ""})
	want := map[int]string{int(unix.SIGUSR1): "ignored", int(unix.SIGUSR2): "caught", int(unix.SIGTERM): ""}
	equal(t, "dispositions", got, want)
}
