package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"apue/internal/lab"
	"apue/internal/show"
	"apue/internal/timeline"
	"apue/internal/trace"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

func walkCommand() *cobra.Command {
	var replay, ascii bool
	c := &cobra.Command{
		Use:   "walk ID|RECORDING",
		Short: "Step through what happened, event by event, as in class",
		Long: `Record an experiment, then step through it: what happened, the line of
source that did it, the picture so far, and what the book says there.
A recording that ch8 trace -o has made is stepped through anywhere, and
where nothing can be recorded an exercise's id takes one that comes with
ch8.

Keys: Enter, space, n, right or down next; b, left or up back; g NUMBER
go to; p ask the room before the next one is shown; q quit. Where the
keyboard can not be read key by key (no terminal, TERM=dumb), each
command is a line.`,
		Example: "  ch8 walk doublefork\n  ch8 walk run.jsonl\n  ch8 walk --replay vfork/glob",
		RunE: func(c *cobra.Command, args []string) error {
			rec, x, err := toWalk(c, args, replay)
			if err != nil {
				return err
			}
			w := newWalk(rec, x, textOptions(c.OutOrStdout()))
			w.options.ASCII = w.options.ASCII || ascii
			return w.hold(c.InOrStdin(), c.OutOrStdout())
		},
	}
	c.Flags().BoolVar(&replay, "replay", false, "the recording that comes with ch8, not a new one")
	c.Flags().BoolVar(&ascii, "ascii", false, "draw with ASCII characters only")
	return c
}

// toWalk finds or makes the recording of a subject.
func toWalk(c *cobra.Command, args []string, replay bool) (*trace.Recording, *lab.Experiment, error) {
	s, err := subjectOf(c, args)
	if err != nil {
		return nil, nil, err
	}
	rec, err := s.record(replay)
	return rec, s.experiment, err
}

// walk is the state of a walkthrough. update and view are pure:
// what is on the screen depends on it alone.
type walk struct {
	model   *timeline.Model
	rec     *trace.Recording
	options timeline.Options

	at     int    // steps shown
	asking bool   // the room is asked what comes next
	number string // of a "g" that is being typed
	typing bool
	said   string // all that the last key has to be told
	done   bool
}

func newWalk(rec *trace.Recording, x *lab.Experiment, o timeline.Options) *walk {
	o.Bare = true
	o.Rows = 8
	return &walk{model: modelOf(rec, x), rec: rec, options: o}
}

// update is what a key does.
func (w *walk) update(key rune) {
	last := len(w.model.Steps)
	if w.typing {
		switch {
		case key >= '0' && key <= '9':
			w.number += string(key)
			return
		case key == '\r' || key == '\n':
			n := 0
			fmt.Sscan(w.number, &n)
			w.at = min(max(n, 0), last)
		}
		w.typing, w.number = false, ""
		return
	}
	w.said = ""
	switch key {
	case 'n', ' ', '\r', '\n':
		w.asking = false
		if w.at == last {
			w.said = wasLast
		}
		w.at = min(w.at+1, last)
	case 'b':
		w.asking = false
		w.at = max(w.at-1, 0)
	case 'g':
		w.typing = true
	case 'p':
		w.asking = w.at < last
	case 'q', 3, 4: // and Ctrl-C, Ctrl-D
		w.done = true
	default:
		w.said = keys
	}
}

const (
	keys    = "Enter next  b back  g N go to  p predict  q quit"
	wasLast = "That was the last step. b back, g N go to, q quit"
)

// view is what is printed after a key.
func (w *walk) view() string {
	var b strings.Builder
	last := len(w.model.Steps)
	switch {
	case w.typing:
		return "go to step (0 to " + fmt.Sprint(last) + "), then Enter: "
	case w.said != "":
		return "\n" + w.said + "\n"
	case w.asking:
		fmt.Fprintf(&b, "\nStep %d of %d is next. Before it is shown: which process does\nsomething, and what? Enter shows it.\n", w.at+1, last)
		return b.String()
	case w.at == 0:
		fmt.Fprintf(&b, "\n%s\n", w.model.Command)
		for _, l := range w.model.Lanes {
			if !l.Outside {
				fmt.Fprintf(&b, "  %s, pid %d\n", l.Title, l.PID())
			}
		}
		for _, n := range w.model.Notes {
			fmt.Fprintln(&b, strings.Join(show.Wrap(n, lab.Width), "\n"))
		}
		fmt.Fprintf(&b, "\n%s. %s\n", count(last, "step"), keys)
		return b.String()
	}
	s := w.model.Steps[w.at-1]
	fmt.Fprintf(&b, "\n-- step %d of %d %s\n", w.at, last, strings.Repeat("-", 40))
	if s.Source != "" {
		code := strings.TrimSpace(s.Code)
		gap := "    "
		if len(s.Source)+len(gap)+show.Width(code) > lab.Width {
			gap = "\n    "
		}
		fmt.Fprintln(&b, strings.TrimRight(s.Source+gap+code, "\n "))
	}
	fmt.Fprintln(&b)
	if err := w.model.Step(w.at).Text(&b, w.options); err != nil {
		fmt.Fprintln(&b, err)
	}
	if note := w.note(); note != "" {
		fmt.Fprintf(&b, "\n%s\n", strings.Join(show.Wrap(note, lab.Width), "\n"))
	}
	if w.at == last {
		fmt.Fprintf(&b, "\n%s\n", wasLast)
	}
	return b.String()
}

// note is what the book says where a thing happens for the first
// time.
func (w *walk) note() string {
	about := func(n int) string {
		s := w.model.Steps[n-1]
		if s.Event < 0 || s.Event >= len(w.rec.Events) {
			return ""
		}
		return topic(&w.rec.Events[s.Event], s.Enter)
	}
	t := about(w.at)
	for n := 1; n < w.at; n++ {
		if about(n) == t {
			return ""
		}
	}
	return bookNotes[t]
}

// topic is what an event is an example of.
func topic(e *trace.Event, entered bool) string {
	switch e.Kind {
	case trace.KindWait:
		switch {
		case entered:
			return "blocks"
		case e.Reaps():
			return "reaps"
		case e.Errno == "ECHILD":
			return "echild"
		case e.Result == 0:
			return "nohang"
		}
	case trace.KindExit:
		if e.Status&0x7f != 0 {
			return "killed"
		}
		return "exit"
	case trace.KindSignal:
		if e.Signal == int(unix.SIGCHLD) {
			return "sigchld"
		}
	}
	return string(e.Kind)
}

// bookNotes are what the book says of each, in our words.
var bookNotes = map[string]string{
	"fork":       "§8.3: fork is called once and returns twice, 0 in the child and the child's pid in the parent. The child has a copy of the parent's data, heap and stack, buffers among them. Which of the two goes on first nobody promises.",
	"vfork":      "§8.4: the child of a vfork runs in its parent's memory, and the parent is suspended until the child calls exec or _exit.",
	"vfork-done": "§8.4: the child has called exec or _exit, and the parent goes on, with its memory as the child left it.",
	"exec":       "§8.10: exec replaces the program of a process; the process, its pid and its parent, stays.",
	"exit":       "§8.5: however a process ends, the kernel closes its descriptors and releases its memory; what stays until somebody waits for it is its termination status.",
	"killed":     "§8.5: abnormal termination: the kernel, not the process, makes the termination status, and it says which signal it was.",
	"blocks":     "§8.6: wait blocks while all children run, returns at once if one has ended already, and fails at once if there is none.",
	"reaps":      "§8.6: wait hands the termination status to the parent. Only now is the child gone; until here it was a zombie.",
	"echild":     "§8.6: there is no child to wait for: ECHILD. A grandchild does not count.",
	"nohang":     "§8.6: with WNOHANG waitpid does not block: 0 says that no child has ended yet.",
	"reparented": "§8.5: when a process ends, its children get a new parent: the init process in the book, on Linux the nearest child subreaper if there is one. So every process has a parent.",
	"sigchld":    "§8.6: the kernel tells the parent of a child's end with SIGCHLD. The default is to ignore it.",
	"write":      "§8.3: what write(2) has taken is the kernel's; what is still in a buffer of the process is copied by fork and lost by _exit.",
	"stop":       "§8.6: a stopped child is reported to a waitpid with WUNTRACED, once.",
	"continue":   "§8.6: a continued child is reported to a waitpid with WCONTINUED, once.",
	"setpgid":    "§9.4: a process group is what waitpid(0) and waitpid(−pgid) select by.",
	"setsid":     "§9.5: setsid makes a new session without a controlling terminal; the caller leads it, and a new process group.",
	"pipe":       "§15.2: a reader sees the end of a pipe when every copy of the writing end is closed.",
}

// hold runs the walkthrough: key by key on a terminal, else line by
// line.
func (w *walk) hold(in io.Reader, out io.Writer) error {
	if f, ok := terminal(in); ok && os.Getenv("TERM") != "dumb" {
		if old, err := term.MakeRaw(int(f.Fd())); err == nil {
			defer term.Restore(int(f.Fd()), old)
			return w.byKey(f, crlf{out})
		}
	}
	return w.byLine(in, out)
}

// arrows are what the arrow keys send.
var arrows = map[string]byte{
	"\x1b[A": 'b', "\x1b[B": 'n', "\x1b[C": 'n', "\x1b[D": 'b',
	"\x1bOA": 'b', "\x1bOB": 'n', "\x1bOC": 'n', "\x1bOD": 'b',
}

// byKey reads a terminal in raw mode.
func (w *walk) byKey(in io.Reader, out io.Writer) error {
	fmt.Fprint(out, w.view())
	var buf [16]byte
	for !w.done {
		n, err := in.Read(buf[:])
		if errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		typed := buf[:n]
		if key := arrows[string(typed)]; key != 0 {
			typed = []byte{key}
		} else if typed[0] == 27 {
			typed = typed[:1] // another key that sends several bytes
		}
		for i := 0; i < len(typed) && !w.done; i++ {
			w.update(rune(typed[i]))
			switch {
			case w.done:
			case w.typing && w.number != "":
				out.Write(typed[i : i+1])
			default:
				if _, err := io.WriteString(out, w.view()); err != nil {
					return err
				}
			}
		}
	}
	_, err := io.WriteString(out, "\n")
	return err
}

// byLine takes each line as a command: nothing, or a key, or g and
// a number.
func (w *walk) byLine(in io.Reader, out io.Writer) error {
	fmt.Fprint(out, w.view())
	s := bufio.NewScanner(in)
	for !w.done && s.Scan() {
		line := strings.TrimSpace(s.Text())
		if line == "" {
			line = "\n"
		}
		for _, key := range line {
			if key != ' ' {
				w.update(key)
			}
		}
		if w.typing {
			w.update('\r')
		}
		if !w.done {
			if _, err := io.WriteString(out, w.view()); err != nil {
				return err
			}
		}
	}
	return s.Err()
}

// crlf ends lines as a terminal in raw mode needs it.
type crlf struct{ w io.Writer }

func (c crlf) Write(b []byte) (int, error) {
	_, err := c.w.Write(bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n")))
	return len(b), err
}
