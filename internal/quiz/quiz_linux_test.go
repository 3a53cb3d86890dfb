package quiz

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"apue/internal/sampling"
)

func program(t *testing.T, seed uint64, level int) *Program {
	t.Helper()
	p, err := New(seed, level)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestQuestions: every question has its right answer among its options,
// no two options are the same, no question is asked twice, and the same
// seed asks the same.
func TestQuestions(t *testing.T) {
	t.Parallel()
	kinds := map[string]int{}
	for seed := range uint64(sampling.Number(60, 2000)) {
		p := program(t, seed, 1+int(seed)%Levels)
		asked := map[string]bool{}
		qs := p.Questions()
		if len(qs) < 2 {
			t.Errorf("seed %d, level %d: %d questions", seed, p.Level, len(qs))
		}
		for _, q := range qs {
			kinds[strings.Join(strings.Fields(q.Ask)[:3], " ")]++
			sorted := slices.Compact(slices.Sorted(slices.Values(q.Options)))
			switch {
			case asked[q.Ask]:
				t.Errorf("seed %d: asked twice: %s", seed, q.Ask)
			case len(sorted) != len(q.Options) || len(sorted) < 3:
				t.Errorf("seed %d: options %q of %s", seed, q.Options, q.Ask)
			case !slices.Contains(q.Options, q.Right):
				t.Errorf("seed %d: %q is not among %q", seed, q.Right, q.Options)
			case q.Why == "":
				t.Errorf("seed %d: no reason: %s", seed, q.Ask)
			}
			asked[q.Ask] = true
		}
		if again := program(t, seed, p.Level); fmt.Sprint(again.Questions()) != fmt.Sprint(qs) || again.C() != p.C() {
			t.Fatalf("seed %d asks something else the second time", seed)
		}
	}
	if len(kinds) < 6 {
		t.Errorf("only these kinds of questions are asked: %v", kinds)
	}
}

// TestImpossible: of the outputs that a question offers exactly the
// right one is possible, or impossible.
func TestImpossible(t *testing.T) {
	t.Parallel()
	for seed := range uint64(sampling.Number(30, 1000)) {
		p := program(t, seed, 1+int(seed)%Levels)
		for _, q := range p.Questions() {
			never := strings.HasPrefix(q.Ask, "Which of these outputs can it never")
			if !never && !strings.HasPrefix(q.Ask, "Which of these outputs") {
				continue
			}
			for _, o := range q.Options {
				possible := slices.Contains(p.Explore().Outputs, o)
				if (o == q.Right) != (possible != never) {
					t.Errorf("seed %d: %s: option %s is possible: %v, right: %s", seed, q.Ask, o, possible, q.Right)
				}
			}
		}
	}
}

// TestExplore: the outputs of programs that can be worked out by hand.
func TestExplore(t *testing.T) {
	write := func(s string) stmt { return stmt{kind: kWrite, text: s} }
	printf := func(s string) stmt { return stmt{kind: kPrintf, text: s} }
	fork := func(body ...stmt) stmt { return stmt{kind: kFork, body: body} }
	exit := func(n int) stmt { return stmt{kind: kExit, n: n} }
	quit := func(n int) stmt { return stmt{kind: kQuit, n: n} }
	for _, c := range []struct {
		name    string
		body    []stmt
		outputs string
	}{
		{"no order", []stmt{fork(write("B"), exit(1)), write("C")}, "BC CB"},
		{"wait orders", []stmt{fork(write("B"), exit(1)), {kind: kWait}, write("C")}, "BC"},
		{"the buffer is copied", []stmt{printf("A"), fork(printf("B"), exit(1)), {kind: kWait}}, "ABA"},
		{"_exit loses it", []stmt{printf("A"), fork(printf("B"), quit(1)), {kind: kWait}}, "A"},
		{"exec loses it", []stmt{printf("A"), fork(stmt{kind: kExec, text: "D"}), {kind: kWait}, write("C")}, "DCA"},
		{"a status", []stmt{fork(exit(7)), {kind: kStatus}}, "7"},
		{"either status", []stmt{fork(exit(1)), fork(exit(2)), {kind: kStatus}}, "1 2"},
		{"a copy of x", []stmt{fork(stmt{kind: kAddX, n: 2}, stmt{kind: kWriteX}, exit(1)), {kind: kWait}, {kind: kWriteX}}, "31"},
		{"a pipe orders", []stmt{fork(stmt{kind: kHear}, write("B"), exit(1)), write("A"), {kind: kTell}}, "AB"},
		{"two forks, four processes", []stmt{{kind: kLoop, n: 2, body: []stmt{fork()}}, write("A")}, "AAAA"},
	} {
		o, err := explore(c.body, 100, false)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		} else if got := strings.Join(o.Outputs, " "); got != c.outputs {
			t.Errorf("%s: %s, want %s", c.name, got, c.outputs)
		}
	}
	for _, c := range []struct {
		body []stmt
		want error
	}{
		{[]stmt{fork(stmt{kind: kHear}), {kind: kWait}}, errHangs},
		{[]stmt{write("A"), {kind: kWait}}, errNoChild},
		{[]stmt{fork(write("A")), fork(write("B")), fork(write("C"))}, errMany},
	} {
		if _, err := explore(c.body, 3, false); err != c.want {
			t.Errorf("%v, want %v", err, c.want)
		}
	}
}

// TestParents: who the parent of a process can be when it ends, and
// whether it is reaped.
func TestParents(t *testing.T) {
	fork := func(body ...stmt) stmt { return stmt{kind: kFork, body: body} }
	write := stmt{kind: kWrite, text: "A"}
	exit := stmt{kind: kExit}
	o, err := explore([]stmt{fork(fork(write, exit), exit), {kind: kWait}}, 10, false)
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string][]string{"0": {""}, "0.1": {"0"}, "0.1.1": {"", "0.1"}} {
		if !slices.Equal(o.Parents[path], want) {
			t.Errorf("parents of %s: %q, want %q", path, o.Parents[path], want)
		}
	}
	if !slices.Equal(o.Reaped["0.1"], []bool{true}) || !slices.Equal(o.Reaped["0.1.1"], []bool{false}) {
		t.Errorf("reaped: %v", o.Reaped)
	}
}

// needs skips where a program cannot be compiled.
func needs(t *testing.T, tool string) {
	t.Helper()
	if _, err := exec.LookPath(tool); err != nil {
		t.Skipf("%s is not installed", tool)
	}
}

// TestObserved runs programs: every output that the kernel makes is in
// the set.
func TestObserved(t *testing.T) {
	t.Parallel()
	needs(t, "cc")
	seeds, runs := uint64(sampling.Number(5, 500)), sampling.Number(4, 50)
	for seed := range seeds {
		p := program(t, seed, 1+int(seed)%Levels)
		b, err := p.Build(context.Background(), t.TempDir(), "c")
		if err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, p.C())
		}
		for range runs {
			out, err := b.Run(t.Context())
			if err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			if !slices.Contains(p.Explore().Outputs, out) {
				t.Fatalf("seed %d, level %d printed %q, possible are %q:\n%s", seed, p.Level, out, p.Explore().Outputs, p.C())
			}
		}
	}
}

// TestForced: in levels 1 and 2 every output of the set can be made.
func TestForced(t *testing.T) {
	t.Parallel()
	needs(t, "cc")
	for seed := range uint64(sampling.Number(3, 500)) {
		p := program(t, seed, 1+int(seed)%2)
		b, err := p.Build(context.Background(), t.TempDir(), "c")
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range p.Explore().Outputs {
			if !b.CanForce(want) {
				t.Fatalf("seed %d: nothing forces %q", seed, want)
			}
			got, err := b.Force(t.Context(), want)
			if err != nil || got != want {
				t.Fatalf("seed %d, level %d: forced to print %q, it printed %q, %v\n%s", seed, p.Level, want, got, err, p.C())
			}
		}
	}
}

// TestReaped: a forced program leaves no zombie, although this process
// adopts its orphans.
func TestReaped(t *testing.T) {
	needs(t, "cc")
	p := program(t, 4, 2) // it has an order in which a parent ends first
	b, err := p.Build(t.Context(), t.TempDir(), "c")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Run(t.Context()); err != nil { // makes this process a subreaper
		t.Fatal(err)
	}
	for _, want := range p.Explore().Outputs {
		if _, err := b.Force(t.Context(), want); err != nil {
			t.Fatal(err)
		}
	}
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, name := range stats {
		stat, _ := os.ReadFile(name)
		if strings.Contains(string(stat), fmt.Sprintf("(forced) Z %d ", os.Getpid())) {
			t.Errorf("left: %s", stat)
		}
	}
}

// TestGo: the program in Go prints what the program in C can print.
func TestGo(t *testing.T) {
	t.Parallel()
	needs(t, "go")
	for seed := range uint64(sampling.Number(1, 60)) {
		p := program(t, seed, Levels-int(seed)%Levels)
		b, err := p.Build(context.Background(), t.TempDir(), "go")
		if err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, p.Go())
		}
		for range 3 {
			if out, err := b.Run(t.Context()); err != nil || !slices.Contains(p.Explore().Outputs, out) {
				t.Errorf("seed %d, level %d printed %q, %v; possible are %q\n%s", seed, p.Level, out, err, p.Explore().Outputs, p.Go())
			}
		}
	}
}

func TestLevels(t *testing.T) {
	for _, level := range []int{0, Levels + 1} {
		if _, err := New(1, level); err == nil {
			t.Errorf("level %d is accepted", level)
		}
	}
}
