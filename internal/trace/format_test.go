package trace

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"apue/internal/show"
)

var update = flag.Bool("update", false, "write the golden files anew")

func ptr[T any](v T) *T { return &v }

// samples has an event of every kind, with every field set in one of
// them.
func samples() *Recording {
	return &Recording{
		Header: Header{
			Kind: KindHeader, Schema: Schema, Command: []string{"a.out", "x y"}, Dir: "/tmp/d", Stdout: "pipe",
			Kernel: "Linux 6.1", Arch: "amd64", Start: "2026-01-01T00:00:00Z", Recorder: 10, Adopter: 10,
			AdopterComm: "ch8", Seccomp: true, Missing: []string{"no kcmp"},
		},
		Events: []Event{
			{Pid: 11, NSpid: 2, Process: "P0", Kind: KindExec, Call: "execve", Path: "/bin/\"a\"\n", Argv: []string{"a", "", "ü\x1b"}},
			{Time: 1, Pid: 11, Process: "P0", Kind: KindFork, Call: "clone", Child: 12, ChildNSpid: 3, ChildProcess: "P0.1",
				Flags: 0x1200011, SameVM: ptr(false), Source: &Source{"/src/main.go", 12, "main.main"}},
			{Time: 1, Pid: 11, Process: "P0", Kind: KindVfork, Call: "clone3", Child: 13, ChildProcess: "P0.2", Flags: 0x4111, SameVM: ptr(true)},
			{Time: 1, Pid: 11, Process: "P0", Kind: KindClone, Call: "clone", Flags: 0x100, Errno: "EAGAIN", Result: -1},
			{Time: 2, Pid: 11, Process: "P0", Kind: KindVforkDone, Child: 13, ChildProcess: "P0.2", ParentState: "D",
				Words: []Word{{Addr: 0xffffffffffffff00, Before: 6, After: 7, Map: "[stack]"}}},
			{Time: 3, Pid: 12, Process: "P0.1", Kind: KindExit, ExitArg: ptr(0), Call: "exit_group"},
			{Time: 3, Pid: 12, Process: "P0.1", Kind: KindExit, Status: 0x86, ParentState: "D", NoSource: noSourceSample},
			{Time: 4, Pid: 11, Process: "P0", Kind: KindWait, Call: "wait4", WaitPid: -1, Options: 1, Entered: 2},
			{Time: 4, Pid: 11, Tid: 14, Process: "P0", Kind: KindWait, Call: "waitid", IDType: 3, ID: 5, Options: 4, Entered: 2,
				Result: 3, ResultPid: 12, ResultProcess: "P0.1", Status: 0x700, SiCode: 1, NullStatus: true},
			{Time: 4, Pid: 11, Process: "P0", Kind: KindWait, Call: "wait4", WaitPid: 12, Result: -1, Errno: "ECHILD"},
			{Time: 5, Pid: 11, Process: "P0", Kind: KindSignal, Signal: 17, SiCode: 1, Sender: 3, SenderProcess: "P0.1"},
			{Time: 5, Pid: 11, Process: "P0", Kind: KindPause, Call: "rt_sigtimedwait", Signals: "0000000000010000", Entered: 4, Result: 17},
			{Time: 5, Pid: 11, Process: "P0", Kind: KindSignal, Signal: 11, SiCode: 2, FaultAddr: "0xfff8"},
			{Time: 5, Pid: 11, Process: "P0", Kind: KindExit, Status: 0x8b, SiCode: 1, FaultAddr: "0x0"},
			{Time: 5, Pid: 11, Process: "P0", Kind: KindStop, Signal: 19},
			{Time: 5, Pid: 11, Process: "P0", Kind: KindContinue, Signal: 18},
			{Time: 6, Pid: 12, Process: "P0.1", Kind: KindReparented, OldParent: 11, OldParentProcess: "P0", NewParent: 1, NewParentComm: "init"},
			{Time: 7, Pid: 11, Process: "P0", Kind: KindSetsid, Call: "setsid", Result: 2},
			{Time: 7, Pid: 11, Process: "P0", Kind: KindSetpgid, Call: "setpgid", Pgid: 2},
			{Time: 7, Pid: 11, Process: "P0", Kind: KindKill, Call: "kill", Target: -2, Signal: 15, Errno: "ESRCH"},
			{Time: 7, Pid: 11, Process: "P0", Kind: KindKill, Call: "tgkill", Target: 3, TargetProcess: "P0.1", Signal: 40},
			{Time: 7, Pid: 11, Process: "P0", Kind: KindChdir, Call: "chdir", Path: "/"},
			{Time: 7, Pid: 11, Process: "P0", Kind: KindChroot, Call: "chroot", Path: "/x", Errno: "EPERM"},
			{Time: 7, Pid: 11, Process: "P0", Kind: KindUmask, Call: "umask", Mask: 0o22},
			{Time: 7, Pid: 11, Process: "P0", Kind: KindSubreaper, Call: "prctl", Value: 1},
			{Time: 8, Pid: 11, Process: "P0", Kind: KindOpen, Call: "openat", Path: "f", Flags: 0o1101, Fd: 0, OFD: 2},
			{Time: 8, Pid: 11, Process: "P0", Kind: KindClose, Call: "close_range", Fd: 0, NewFd: 9},
			{Time: 8, Pid: 11, Process: "P0", Kind: KindDup, Call: "dup2", Fd: 0, NewFd: 1},
			{Time: 8, Pid: 11, Process: "P0", Kind: KindPipe, Call: "pipe2", Fd: 3, NewFd: 4},
			{Time: 8, Pid: 11, Process: "P0", Kind: KindSeek, Call: "lseek", Fd: 3, Offset: -2, Whence: 2, Result: 5, OFD: 2},
			{Time: 8, Pid: 11, Process: "P0", Kind: KindTruncate, Call: "ftruncate", Fd: 3},
			{Time: 8, Pid: 11, Process: "P0", Kind: KindTruncate, Call: "truncate", Path: "f", Offset: 9},
			{Time: 8, Pid: 11, Process: "P0", Kind: KindFcntl, Call: "fcntl", Fd: 3, Command: 4, Value: 0o2000, OFD: 2},
			{Time: 9, Pid: 11, Process: "P0", Kind: KindWrite, Call: "write", Fd: 1, Data: []byte("\x00\xff\n"), Result: 3, OFD: 1, FilePos: -1, Path: "pipe:[1]"},
			{Time: 9, Pid: 11, Process: "P0", Kind: KindWrite, Call: "write", Fd: 1, Result: -1, Errno: "EPIPE"},
			{Time: 9, Pid: 11, Process: "P0", Kind: KindSnapshot, Snapshot: []ProcState{{Process: "P0", Pid: 11, Files: map[string]string{"stat": "11 (a) t\n"}}}},
			{Time: 9, Pid: 11, Process: "P0", Kind: KindNote, Note: "a helper"},
			{Time: 10, Pid: 11, Process: "P0", Kind: KindEnd, Leftovers: 2, Timeout: true, Note: "late"},
		},
	}
}

const noSourceSample = "no debug information"

// TestFormat writes a recording and reads it again.
func TestFormat(t *testing.T) {
	want := samples()
	var b bytes.Buffer
	if err := want.Write(&b); err != nil {
		t.Fatal(err)
	}
	written := b.String()
	got, err := ReadRecording(&b)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got, cmpopts.IgnoreUnexported(Recording{})); d != "" {
		t.Errorf("read (-want +got)\n%s", d)
	}

	// Each line is flat, and starts with time, pid, process, kind.
	for i, line := range strings.Split(strings.TrimSpace(written), "\n")[1:] {
		e := want.Events[i]
		start := `{"time":`
		if !strings.HasPrefix(line, start) || !json.Valid([]byte(line)) {
			t.Errorf("line %s", line)
		}
		if k := strings.Index(line, `"kind":"`+string(e.Kind)+`"`); k < 0 || strings.Count(line[:k], `":`) != 3 {
			t.Errorf("line %s", line)
		}
	}
	// Zeros that say nothing.
	for _, zero := range []string{`"nspid":0`, `"tid":0`, `"errno":""`, `"data":""`, `"ofd":0`, `"signal":15,"result"`} {
		if strings.Contains(written, zero) {
			t.Errorf("%s is written", zero)
		}
	}
	for _, fact := range []string{`"entered":2,"result":0`, `"exit_arg":0`, `"fd":0,"newfd":1`, `"status":0,"note":"late"`, `"target":0`, `"flags":16657`} {
		if !strings.Contains(written, fact) {
			t.Errorf("%s is not written", fact)
		}
	}
}

// TestFormatFields sets every field of an event in turn: none may be
// lost on the way.
func TestFormatFields(t *testing.T) {
	typ := reflect.TypeFor[Event]()
	for i := range typ.NumField() {
		key, _, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
		e := Event{Process: "P0", Kind: kindWith(t, key)}
		switch f := reflect.ValueOf(&e).Elem().Field(i); f.Kind() {
		case reflect.Int, reflect.Int64:
			f.SetInt(-7)
		case reflect.Uint64, reflect.Uint32:
			f.SetUint(7)
		case reflect.String:
			f.SetString("x")
		case reflect.Bool:
			f.SetBool(true)
		default:
			continue // in samples
		}
		var got Event
		if err := json.Unmarshal(e.AppendJSON(nil), &got); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(e, got); d != "" {
			t.Errorf("%s (-want +got)\n%s", typ.Field(i).Name, d)
		}
	}
}

// kindWith is a kind of event that has a key.
func kindWith(t *testing.T, key string) Kind {
	for _, k := range Kinds {
		if own, _ := kindFields(k.Kind); slices.ContainsFunc(own, func(f field) bool { return f.key == key }) {
			return k.Kind
		}
	}
	t.Fatalf("no kind of event has the key %q", key)
	return ""
}

// TestKindFields: the fields of a kind are written as if every field was
// asked for.
func TestKindFields(t *testing.T) {
	for i := range samples().Events {
		e := &samples().Events[i]
		unknown := *e
		unknown.Kind = "unknown"
		var got, want map[string]any
		for b, into := range map[*Event]*map[string]any{e: &got, &unknown: &want} {
			if err := json.Unmarshal(b.AppendJSON(nil), into); err != nil {
				t.Fatal(err)
			}
		}
		want["kind"] = string(e.Kind)
		for key, value := range got {
			if _, ok := want[key]; !ok && (value == 0.0 || value == "" || value == false) {
				want[key] = value // zero is a fact of this kind
			}
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s (-want +got)\n%s", e.Kind, d)
		}
	}
}

// TestHeaderFields writes a header and a source, in which no field is
// zero, and reads them back.
func TestHeaderFields(t *testing.T) {
	h := Header{
		Kind: KindHeader, Schema: Schema, Command: []string{"a", "<b\"\n"}, Dir: "/d", Stdout: "pty", Kernel: "k", Arch: "a",
		Start: "s", Recorder: 1, Adopter: 2, AdopterComm: "c", Seccomp: true, Missing: []string{"m", "n"}, SetID: "kept", Tampered: []string{"t"}, Changed: []string{"c"},
		Descriptors: []Descriptor{{Fd: 1, OFD: 2, Object: "pipe 1", Flags: 1, Cloexec: true, Offset: -1}},
	}
	e := Event{Kind: KindWrite, Source: &Source{File: "f\"", Line: 3, Func: "g"}}
	for _, v := range []reflect.Value{reflect.ValueOf(h), reflect.ValueOf(*e.Source)} {
		for i := range v.NumField() {
			if v.Field(i).IsZero() {
				t.Errorf("%s.%s is not tried", v.Type(), v.Type().Field(i).Name)
			}
		}
	}
	var b bytes.Buffer
	if err := (&Recording{Header: h, Events: []Event{e}}).Write(&b); err != nil {
		t.Fatal(err)
	}
	r, err := ReadRecording(&b)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(h, r.Header) + cmp.Diff(e, r.Events[0]); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
}

func TestReadErrors(t *testing.T) {
	header := `{"kind":"header","schema":1}` + "\n"
	for in, want := range map[string]string{
		"":                               "empty",
		"\n\n":                           "empty",
		"hello\n":                        "line 1 is not the header of a recording",
		`{"kind":"exit"}`:                "line 1 is not the header of a recording",
		`{"kind":"header","schema":3}`:   "schema 3, and this program reads 1 to 2",
		header + "\n" + `{"time":1`:      "line 3",
		header + `{"time":1}`:            "line 2 has no kind",
		header + `{"kind":"x","pid":"7"`: "line 2",
	} {
		_, err := ReadRecording(strings.NewReader(in))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q", in, err, want)
		}
	}
	// What a later version adds is no error.
	r, err := ReadRecording(strings.NewReader(header + `{"time":1,"pid":1,"process":"P0","kind":"dream","depth":3}`))
	if err != nil || len(r.Events) != 1 || r.Events[0].Kind != "dream" {
		t.Errorf("a new kind: %v, %v", r, err)
	}
	broken := errors.New("broken")
	if _, err := ReadRecording(io.MultiReader(strings.NewReader(header), errorReader{broken})); !errors.Is(err, broken) {
		t.Errorf("a reader's own error: %v", err)
	}
}

type errorReader struct{ err error }

func (r errorReader) Read([]byte) (int, error) { return 0, r.err }

// TestText: one line of at most 100 columns for any event.
func TestText(t *testing.T) {
	r := samples()
	long := Event{Process: "P0.1.2.3.4.5.6.7", Kind: KindExec, Path: strings.Repeat("p\n", 300), Argv: []string{strings.Repeat("ä", 300)}}
	long.Source = &Source{File: strings.Repeat("f", 200) + ".go", Line: 123456}
	r.Events = append(r.Events, long, Event{Kind: "dream"}, Event{})
	for i := range r.Events {
		line := Text(&r.Events[i])
		if n := utf8.RuneCountInString(line); n > 100 || strings.ContainsAny(line, "\n\x1b") {
			t.Errorf("%d columns: %q", n, line)
		}
	}
	const golden = "testdata/samples.txt"
	if *update {
		if err := os.WriteFile(golden, []byte(text(samples())), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), text(samples())); d != "" {
		t.Errorf("text (-want +got)\n%s", d)
	}
}

func TestStatusText(t *testing.T) {
	for status, want := range map[uint32]string{
		0x0000: "exited 0 (0x0000)",
		0x0700: "exited 7 (0x0700)",
		0x0086: "killed by SIGABRT (6), core dumped (0x0086)",
		0x0025: "killed by SIGRTMIN+3 (37) (0x0025)",
		0x137f: "stopped by SIGSTOP (19) (0x137f)",
		0xffff: "continued (0xffff)",
	} {
		if got := StatusText(status); got != want {
			t.Errorf("%#x: %q, want %q", status, got, want)
		}
	}
}

// text is a recording as it is printed.
func text(r *Recording) string {
	var b strings.Builder
	for i := range r.Events {
		b.WriteString(Text(&r.Events[i]))
		b.WriteByte('\n')
	}
	return b.String()
}

// active says that a terminal would act on a part of s, not show it.
func active(s string) bool {
	return !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool {
		return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
	})
}

// TestLongLine: a line that no recorder has written is refused before
// it fills the memory.
func TestLongLine(t *testing.T) {
	header := `{"kind":"header","schema":1}` + "\n"
	endless := io.MultiReader(strings.NewReader(header), repeat('x'))
	// With a smaller bound, since it takes as much memory.
	in, err := newReader(endless, 2<<20)
	if err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err = in.Next()
	runtime.ReadMemStats(&after)
	if err == nil || !strings.Contains(err.Error(), "line 2 is longer than 2 MiB") {
		t.Errorf("error %v", err)
	}
	if got := (after.TotalAlloc - before.TotalAlloc) >> 20; got > 32 {
		t.Errorf("%d MiB for one line", got)
	}
	long := header + `{"kind":"note","note":"` + strings.Repeat("n", 1<<20) + `"}`
	r, err := ReadRecording(strings.NewReader(long + "\n" + `{"kind":"end"}`))
	if err != nil || len(r.Events) != 2 || len(r.Events[0].Note) != 1<<20 {
		t.Errorf("a line of 1 MiB: %v", err)
	}
}

// repeat reads as endless bytes of one kind.
type repeat byte

func (b repeat) Read(p []byte) (int, error) {
	for n := copy(p, []byte{byte(b)}); n < len(p); {
		n += copy(p[n:], p[:n])
	}
	return len(p), nil
}

// TestCut reads a recording cut off at every byte: what is before is
// read, or the error names the line.
func TestCut(t *testing.T) {
	var b bytes.Buffer
	if err := samples().Write(&b); err != nil {
		t.Fatal(err)
	}
	for n := range b.Bytes() {
		if n > 2000 && n%7 != 0 {
			continue // the kinds of events are many, those of cuts few
		}
		whole := bytes.Count(b.Bytes()[:n], []byte("\n"))
		r, err := ReadRecording(bytes.NewReader(b.Bytes()[:n]))
		switch c := b.Bytes()[n]; {
		case n == 0 || c == '\n' || b.Bytes()[n-1] == '\n': // between two lines
			if n > 0 && (err != nil || len(r.Events) != whole-1 && c != '\n') {
				t.Fatalf("cut after %d bytes: %v", n, err)
			}
		case whole == 0:
			if err == nil || err.Error() != "trace: line 1 is not the header of a recording" {
				t.Fatalf("cut after %d bytes: error %v", n, err)
			}
		case err == nil || err.Error() != fmt.Sprintf("trace: line %d: the recording is cut off here", whole+1):
			t.Fatalf("cut after %d bytes: error %v", n, err)
		}
	}
}

func FuzzReadRecording(f *testing.F) {
	var b bytes.Buffer
	if err := samples().Write(&b); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte(`{"kind":"header","schema":1}` + "\n" + `{"kind":"wait","result":-1,"idtype":-3,"whence":-1,"signal":99999}`))
	f.Add([]byte(`{"kind":"header","schema":1}` + "\n" + `{"kind":"reparented","process":"P0.1"}` + "\n" + `{"kind":"fork","process":"P0","child_process":"P0"}`))
	f.Add([]byte("{"))
	f.Add([]byte(`{"kind":"header","schema":1}` + "\n" + `{"kind":"x\u001b[2J","process":"P0\u009b2J\u202e","call":"\u2028"}`))
	f.Add([]byte(`{"kind":"header","schema":1}` + "\n" + `{"kind":"exit","time":-9223372036854775808,"pid":1e400}`))
	f.Add([]byte(`{"kind":"header","schema":1}` + "\n" + `{"kind":"end"}` + "\n" + `{"kind":"end","process":"P0"}` + "\n" + `{"kind":"kill","target":-9223372036854775808}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		r, err := ReadRecording(bytes.NewReader(in))
		if err != nil {
			if s := err.Error(); active(s) || !strings.Contains(s, "line ") && !strings.Contains(s, "schema") && !strings.Contains(s, "empty") {
				t.Errorf("error %q", s)
			}
			return
		}
		// Whatever could be read can be used, and written again.
		for i := range r.Events {
			s := Text(&r.Events[i])
			if n := show.Width(s); n > 100 || active(s) {
				t.Errorf("%d columns: %q", n, s)
			}
		}
		r.Processes()
		var first, second bytes.Buffer
		if err := r.Write(&first); err != nil {
			t.Fatal(err)
		}
		again, err := ReadRecording(bytes.NewReader(first.Bytes()))
		if err != nil {
			t.Fatalf("what was written cannot be read: %v", err)
		}
		if err := again.Write(&second); err != nil || !bytes.Equal(first.Bytes(), second.Bytes()) {
			t.Errorf("written twice, differently: %v", err)
		}
	})
}
