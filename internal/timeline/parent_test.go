package timeline

import (
	"slices"
	"strings"
	"testing"

	"apue/internal/trace"
)

// evidence is the sentence of a step, and the evidence below it.
func evidence(m *Model, beginning string) string {
	for _, s := range m.Steps {
		if strings.HasPrefix(s.Text, beginning) {
			return s.Text + " [" + strings.Join(s.Evidence, "; ") + "]"
		}
	}
	return ""
}

// TestWaitableStop: a look with WNOWAIT at a child that stopped leaves no
// zombie, because there is none.
func TestWaitableStop(t *testing.T) {
	r := newTape("./stops")
	r.exec("P0", "./stops")
	r.fork("P0", "P0.1", 10)
	r.add("P0.1", trace.KindStop, 0, trace.Event{Signal: 19})
	r.reap("P0", "P0.1", 10, 0x137f, 12).Options = 0x01000000 | 2
	r.exit("P0.1", 0x0500, 0)
	r.reap("P0", "P0.1", 10, 0x0500, 13).Options = 0x01000000 | 4
	r.exit("P0", 0, 14)
	m := New(r.done(0), nil)
	for beginning, want := range map[string]string{
		"The parent learns": "The parent learns that the child was stopped by SIGSTOP (19) (0x137f) [WNOWAIT: a later wait can return the same]",
		"The parent sees":   "The parent sees the child, which exited 5 (0x0500), and does not reap it [WNOWAIT: it stays a zombie]",
	} {
		if got := evidence(m, beginning); got != want {
			t.Errorf("%q\nwant %q", got, want)
		}
	}
}

// TestCloneParent: a child made with CLONE_PARENT is the sibling of its
// maker, which cannot wait for it. The first process's parent is not
// recorded, and reaps it.
func TestCloneParent(t *testing.T) {
	r := newTape("./siblings")
	r.exec("P0", "./siblings")
	r.fork("P0", "P0.1", 10)
	r.rec.Events[len(r.rec.Events)-1].Flags = clonePARENT | 17
	r.exit("P0.1", 0x0500, 11)
	r.exit("P0", 0, 14)
	m := New(r.done(0), nil)
	if got := evidence(m, "Siblings ends"); got == "" || strings.Contains(got, "never waited") {
		t.Error(got)
	}
	if got := evidence(m, "Siblings forks"); !strings.Contains(got, "CLONE_PARENT: its parent is that of siblings") {
		t.Error(got)
	}
	for _, l := range m.Lanes {
		if l.Name == "P0.1" && slices.ContainsFunc(l.Spans, func(s Span) bool { return s.State == Zombie }) {
			t.Errorf("a zombie of nobody: %+v", l.Spans)
		}
	}
}

// TestSiblingTitles: what a process made with CLONE_PARENT is called. The
// child's is a child of the parent, and the grandchild is another one.
func TestSiblingTitles(t *testing.T) {
	r := newTape("./family")
	r.exec("P0", "./family")
	r.fork("P0", "P0.1", 10)
	r.fork("P0.1", "P0.1.1", 11)
	r.rec.Events[len(r.rec.Events)-1].Flags = clonePARENT | 17
	r.fork("P0", "P0.2", 12)
	r.fork("P0.2", "P0.2.1", 13)
	r.fork("P0", "P0.3", 14)
	r.rec.Events[len(r.rec.Events)-1].Flags = clonePARENT | 17
	r.exit("P0", 0, 20)
	for name, want := range map[string]string{
		"P0": "parent", "P0.1": "first child", "P0.1.1": "second child", "P0.2": "third child", "P0.2.1": "grandchild", "P0.3": "sibling",
	} {
		if got := titles(r.done(0), nil)[name].text; got != want {
			t.Errorf("%s is the %s, want %s", name, got, want)
		}
	}
}
