package lab

import (
	"os/exec"
	"strings"
	"testing"
	"time"
	"unicode"

	"apue/internal/sandbox"
	"apue/internal/trace"
)

// message is what is printed of a claim that says that, seen in a run
// with that result.
func message(t *testing.T, p Program, res *sandbox.Result, s Style, v func(*Observation) Verdict) string {
	t.Helper()
	o := &Observation{Result: res, Program: p, Run: Run{Timeout: 1500 * time.Millisecond}}
	b := &Bench{
		Experiment: &Experiment{Dir: "fork", Name: "x", Claims: []Claim{{Name: "c", Says: "it holds", Judge: func(b *Bench) Verdict {
			return v(b.Run(Run{}))
		}}}},
		Program: p,
		Seen:    func(Run) (*Observation, error) { return o, nil },
	}
	rep, err := b.Check(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := rep.Write(&out, s); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestPrintable: the name of a file is the program's choice, and
// drives no terminal.
func TestPrintable(t *testing.T) {
	got := message(t, Program{Args: []string{"./a\x1b[2J"}}, &sandbox.Result{}, Style{Verbose: true}, func(o *Observation) Verdict {
		return o.Fail("it opened \x1b[2J\u009b2J\u202e\a\xff and §8.3 → “…”", "it\r\x1b]0;x\a lies").Remark("\x1b[8m")
	})
	for _, r := range got {
		if r != '\n' && unicode.In(r, unicode.Cc, unicode.Cf) {
			t.Fatalf("%q is printed in %q", r, got)
		}
	}
	if !strings.Contains(got, "and §8.3 → “…”") {
		t.Errorf("what can be printed is changed: %s", got)
	}
}

// TestEnded: a message says whether the time was over or the output
// too much, and its limit is no time that differs from run to run.
func TestEnded(t *testing.T) {
	asked := func(o *Observation) Verdict {
		return AsAsked(Run{})(&Bench{runs: map[string]*ran{Run{}.key(): {obs: o}}})
	}
	left := []sandbox.Leftover{{NSpid: 7, Comm: "seq"}}
	for _, c := range []struct {
		res       *sandbox.Result
		want, not string
	}{
		{&sandbox.Result{TimedOut: true, Leftovers: left, Elapsed: time.Hour}, "still running after 1.5 s, its limit", "output"},
		{&sandbox.Result{Flooded: true, Leftovers: left}, "wrote far more than a run may, and was killed", "time was over"},
		{&sandbox.Result{Flooded: true, RecordingFull: true, Leftovers: left}, "did more than a recording holds, and was killed", "wrote far more"},
		{&sandbox.Result{Flooded: true, RecordingFull: true, Leftovers: left}, "were still running when the run was ended because it did more than", "output:"},
	} {
		c.res.Status = 9
		got := message(t, Program{Name: "./a.out"}, c.res, Style{Stable: true}, asked)
		text := strings.Join(strings.Fields(got), " ")
		if !strings.Contains(text, c.want) || strings.Contains(text, c.not) || !strings.Contains(text, "pid 7 (seq)") {
			t.Errorf("want %q and not %q:\n%s", c.want, c.not, got)
		}
	}
}

// TestAgain: the command to type again is one line, and a shell finds
// the same arguments in it.
func TestAgain(t *testing.T) {
	args := []string{"sh", "-c", "sleep 1;  ./a.out", "it's", "", "$HOME", "*", strings.Repeat("long ", 20)}
	got := message(t, Program{Args: args}, &sandbox.Result{}, Style{}, func(o *Observation) Verdict { return o.Fail("no", "no") })
	_, again, _ := strings.Cut(got, "again     ")
	again, _, _ = strings.Cut(again, "\n")
	_, cmd, ok := strings.Cut(again, " -- ")
	if !ok {
		t.Fatalf("no command in %q", got)
	}
	out, err := exec.Command("sh", "-c", `printf '%s\n' `+cmd).Output()
	if want := strings.Join(args, "\n") + "\n"; err != nil || string(out) != want {
		t.Errorf("%s: %v, %q, want %q", cmd, err, out, want)
	}
}

// TestSameReason: what several claims fail for alike is explained once, for
// the first of them, and a failure with another text is not among them.
func TestSameReason(t *testing.T) {
	on := &Observation{Result: &sandbox.Result{}}
	x := &Experiment{Dir: "fork", Name: "x", Claims: []Claim{{Name: "one"}, {Name: "two"}, {Name: "three"}, {Name: "four"}}}
	rep := &Report{Experiment: x, Results: []Result{
		{&x.Claims[0], on.Fail("no child", "fork was never called")},
		{&x.Claims[1], on.Fail("no child", "fork was never called")},
		{&x.Claims[2], on.Fail("no child", "fork failed")},
		{&x.Claims[3], on.Fail("no child", "fork was never called").Remark("a remark of its own")},
	}}
	var out strings.Builder
	if err := rep.Write(&out, Style{}); err != nil {
		t.Fatal(err)
	}
	got := out.String()
	if n := strings.Count(got, "never called"); n != 2 || !strings.Contains(got, "FAIL for the same reason as one: two\nFAIL fork/x/one") {
		t.Errorf("the reason stands %d times, want 2:\n%s", n, got)
	}
	for _, head := range []string{"FAIL fork/x/three", "FAIL fork/x/four"} {
		if !strings.Contains(got, head) {
			t.Errorf("%q is missing:\n%s", head, got)
		}
	}
	if strings.Contains(got, "FAIL fork/x/two") {
		t.Errorf("two is explained again:\n%s", got)
	}
}

// TestFault: the headline says of a crash what the kernel said, and tells a
// null pointer from another address.
func TestFault(t *testing.T) {
	for _, c := range []struct {
		e    trace.Event
		want string
	}{
		{trace.Event{Signal: SIGSEGV, SiCode: 1, FaultAddr: "0x8"}, ": SEGV_MAPERR at address 0x8, a null pointer"},
		{trace.Event{Signal: SIGSEGV, SiCode: 1, FaultAddr: "0x1000"}, ": SEGV_MAPERR at address 0x1000, where the process has no memory"},
		{trace.Event{Signal: SIGSEGV, SiCode: 2, FaultAddr: "0x5000"}, ": SEGV_ACCERR at address 0x5000, where the process has memory that does not allow this access"},
		{trace.Event{Signal: SIGSEGV, SiCode: 0x80}, ": SI_KERNEL"},
		{trace.Event{Signal: SIGSEGV, SiCode: -6}, ""}, // sent by raise
	} {
		c.e.Kind = trace.KindSignal
		if got := fault(&c.e); got != c.want {
			t.Errorf("%+v: %q, want %q", c.e, got, c.want)
		}
	}
}
