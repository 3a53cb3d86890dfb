package lab

import (
	"fmt"

	"apue/internal/sandbox"
	"apue/internal/trace"
)

// Unrecorded says how the bytes that arrived on a pipe as the program's
// output differ from those of its recorded writes: "" if they do not, or if
// nobody can tell. Several processes may have written in another order than
// the recording has, so what is compared is how often each byte came.
func (o *Observation) Unrecorded() string {
	if o.Recording == nil || o.Run.Stdout != sandbox.Pipe || o.Truncated || o.TimedOut || o.Flooded {
		return ""
	}
	for _, out := range []struct {
		name string
		got  []byte
	}{{"standard output", o.Stdout}, {"standard error", o.Stderr}} {
		var balance [256]int // of each byte: how often it came, less how often it was written
		recorded, known := 0, true
		for _, e := range o.Events(trace.KindWrite) {
			if e.Object != out.name || e.Result <= 0 {
				continue
			}
			recorded += int(e.Result)
			known = known && len(Taken(e)) == int(e.Result)
			for _, b := range Taken(e) {
				balance[b]--
			}
		}
		for _, b := range out.got {
			balance[b]++
		}
		switch more := len(out.got) - recorded; {
		case more > 0:
			return fmt.Sprintf("of the %d bytes that arrived on %s no recorded call wrote %d: the recording does not show all that the program did", len(out.got), out.name, more)
		case more == 0 && known && balance != [256]int{}:
			return "the bytes that arrived on " + out.name + " are not those that the writes had in memory when they returned: another thread changed them during a write"
		}
	}
	return ""
}
