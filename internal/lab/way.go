package lab

import (
	"slices"
	"strings"

	"apue/internal/sandbox"
	"apue/internal/trace"
)

// Flushes reports whether the way in which the process ended flushed the
// buffers of its streams: exit and a return from main do, _exit and a
// signal do not. known is false where the recording does not tell.
func Flushes(p *trace.Process) (yes, known bool) {
	w, ok := Word(p)
	switch {
	case !ok:
		return false, false
	case w.Signaled():
		return false, true
	}
	switch p.Exit.Via {
	case "exit", trace.ViaMain:
		return true, true
	case "_exit", "quick_exit":
		return false, true
	}
	return false, false
}

// Ending says how the process ended, as the end of a sentence, with the
// line: "returned from main", "called exit (mine.c:12)", "ended with _exit
// (mine.c:12)". Where the recording does not tell it is Standing.
func (o *Observation) Ending(p *trace.Process) string {
	if w, ok := Word(p); !ok || w.Signaled() || p.Exit.Via == "" {
		return o.Standing(p)
	}
	switch via := p.Exit.Via; {
	case via == trace.ViaMain && strings.Contains(p.Exit.NoSource, "own code"):
		return "returned from main"
	case via == trace.ViaMain || via == "exit":
		return "called exit" + atSource(p.Exit)
	default:
		return "ended with " + via + atSource(p.Exit)
	}
}

// unbuffered are the functions that give bytes to the kernel at once;
// buffered are those of stdio.h, which fill the buffer of a stream.
var (
	unbuffered = []string{"write", "writev", "pwrite", "pwrite64", "pwritev", "pwritev2", "send", "sendfile", "splice", "syscall", "dprintf", "vdprintf"}
	buffered   = []string{"printf", "vprintf", "puts", "putchar", "putc", "fputc", "fputs", "fwrite", "fprintf", "vfprintf", "putchar_unlocked", "putc_unlocked", "__overflow"}
)

// fullBuffer is less than the size of any buffer that a library chooses.
const fullBuffer = 1024

// WrittenBy says which function of the program's library made the write,
// with the line, as a sentence; "" where the recording does not tell.
func (o *Observation) WrittenBy(e *trace.Event) string {
	name := plainName(e.Via)
	switch {
	case name == "":
		return ""
	case e.Fd == 2:
		return "it was written to standard error" + atSource(e)
	case name == trace.ViaMain:
		return "the return from main flushed the buffer"
	case name == "exit":
		return "exit flushed the buffer" + atSource(e)
	case strings.HasPrefix(e.Via, "_IO_"):
		return "the library flushed the buffer" + atSource(e) // fflush(NULL) jumps into it
	case name == "fflush" || name == "fclose":
		return name + " flushed the buffer" + atSource(e)
	case slices.Contains(unbuffered, name):
		return name + " wrote it" + atSource(e) + ", which has no buffer"
	case slices.Contains(buffered, name):
		if e.Result >= fullBuffer {
			return name + " wrote it" + atSource(e) + ", because the buffer was full"
		}
		return name + " wrote it at once" + atSource(e) + ": on a " + o.StdoutName() + " this stream keeps no line in its buffer"
	}
	return e.Via + " wrote it" + atSource(e)
}

// Unbuffered reports whether the program is known to have given the bytes of
// the write to the kernel itself, without a buffer.
func Unbuffered(e *trace.Event) bool {
	return slices.Contains(unbuffered, plainName(e.Via))
}

// plainName is the name that a program calls a function of the library by: the
// compiler makes __printf_chk of printf. Putc_unlocked and its like are in
// line, and call __overflow, which has no other name.
func plainName(via string) string {
	if via == "__overflow" {
		return via
	}
	return strings.TrimSuffix(strings.TrimPrefix(via, "__"), "_chk")
}

// killer says which process sent the signal that ended this one, and where;
// "" if no call that did is recorded.
func (o *Observation) killer(p *trace.Process) string {
	w, ok := Word(p)
	if !ok || !w.Signaled() || o.DeathLine(p) != nil && o.DeathLine(p).Source != nil {
		return ""
	}
	for _, e := range o.Events(trace.KindKill) {
		by := o.Process(e.Process)
		group := by != nil && e.TargetProcess == "" && e.Time < p.Died && o.inGroup(p, by, e)
		if e.TargetProcess != p.Name && !group || e.Signal != w.TermSig() || e.Errno != "" {
			continue
		}
		if group {
			return ", which " + o.Who(by) + " sent to a whole process group" + atSource(e)
		}
		if by != nil && by != p {
			return ", which " + o.Who(by) + " sent" + atSource(e)
		}
		return ", which it sent to itself" + atSource(e)
	}
	return ""
}

// inGroup reports whether a kill of the process by went to a group that p was
// in.
func (o *Observation) inGroup(p, by *trace.Process, kill *trace.Event) bool {
	switch {
	case kill.Target == 0:
		return o.GroupAt(p, kill.Time) == o.GroupAt(by, kill.Time)
	case kill.Target < -1:
		return o.GroupAt(p, kill.Time) == -kill.Target
	}
	return false
}

// OnTerminal is the run of the same program on a terminal, nil where there
// is none, or where the program did not end.
func (b *Bench) OnTerminal(o *Observation) *Observation {
	if b.hung != nil || o.TimedOut || o.Run.Stdout == sandbox.Pty {
		return nil
	}
	r := Recorded(sandbox.Pty)
	r.Args = o.Run.Args
	if pty := b.attempt(r).obs; pty != nil && pty.Recording != nil && !pty.TimedOut {
		return pty
	}
	return nil
}
