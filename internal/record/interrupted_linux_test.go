//go:build 386 || amd64 || arm64

package record

import (
	"fmt"
	"strings"
	"testing"

	"apue/internal/trace"
)

// TestJumps: a wait that a signal handler jumps out of has failed with
// EINTR, and the next wait is another one, wherever it is called from.
func TestJumps(t *testing.T) {
	line := marks(t, "testdata/jumps.c")
	names := map[int]string{}
	for name, n := range line {
		names[n] = name
	}
	// The stack looks different when the compiler optimises.
	for _, flags := range [][]string{{"-g"}, {"-g", "-O2", "-static", "-fno-optimize-sibling-calls"}} {
		for _, noSeccomp := range []bool{false, true} {
			r := runProgram(t, Options{noSeccomp: noSeccomp}, cProgram(t, "jumps", flags...))
			var got []string
			var last *trace.Event
			for _, w := range r.find("P0", trace.KindWait) {
				at := "nowhere"
				if w.Source != nil {
					at = names[w.Source.Line]
				}
				what := w.ResultProcess
				switch {
				case w.Errno != "":
					what = w.Errno
				case w.Result == 0:
					what = "none"
				}
				if w.Note != "" {
					what += " left"
				}
				if last != nil && w.Entered > 0 && w.Entered < last.Entered && w.Note == "" && w.Errno == "" {
					t.Errorf("%s began before the one in front of it", trace.Text(w))
				}
				got = append(got, at+" "+what)
				last = w
			}
			var want []string
			add := func(lines ...string) { want = append(want, lines...) }
			child := 0
			end := func() { child++; add(fmt.Sprintf("end P0.%d", child)) }
			for _, at := range []string{"left", "loop", "loop", "stack"} {
				add("jumper none", at+" EINTR left")
				end()
			}
			add("returner none", "jumper none", "restarted EINTR left")
			end()
			add("returner none", "fails EINTR")
			end()
			add("inner EINTR left", "jumped none", "jumper none", "outer EINTR left")
			end()
			add("jumper none", "last EINTR left")
			equal(t, fmt.Sprint(flags), strings.Join(got, "\n"), strings.Join(want, "\n"))
			if t.Failed() {
				t.Fatal(text(r.Recording))
			}
		}
	}
}
