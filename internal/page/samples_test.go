package page

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"apue/internal/lab"
	"apue/internal/trace"
)

// A sample is a recording, and what a page shows beside it.
type sample struct {
	recording *trace.Recording
	options   Options
}

// recorded is a recording that comes with the suite, with its source.
func recorded(t *testing.T, name string, x *lab.Experiment) sample {
	t.Helper()
	f, err := os.Open(filepath.Join("../../ch8/recordings", name+".jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rec, err := trace.ReadRecording(bufio.NewReader(f))
	if err != nil {
		t.Fatal(err)
	}
	read := func(file string) ([]byte, error) { return os.ReadFile(filepath.Join("../..", file)) }
	return sample{rec, Options{Experiment: x, Read: read}}
}

// first returns the first event of a kind.
func first(kind trace.Kind) func(*lab.Observation) *trace.Event {
	return func(o *lab.Observation) *trace.Event {
		for i := range o.Recording.Events {
			if o.Recording.Events[i].Kind == kind {
				return &o.Recording.Events[i]
			}
		}
		return nil
	}
}

// doubleFork is an experiment with a moment and two questions.
var doubleFork = &lab.Experiment{
	Dir: "doublefork", Name: "doublefork", Title: "a child that nobody here must wait for", Ref: "§8.6, Figure 8.8",
	Cast: lab.ByName(func(*lab.Observation) map[string]string {
		return map[string]string{"P0": "original", "P0.1": "first child", "P0.1.1": "second child"}
	}),
	Moments: []lab.Moment{{
		Name: "adopted", Says: "The first child has ended, so the kernel gives the second child a new parent.",
		At: first(trace.KindReparented),
	}},
	Questions: []lab.Question{
		{
			Name: "how-many", Ask: "How many processes take part?", Answers: []string{"two", "three", "four"},
			Right: func(*lab.Observation) string { return "three" }, Why: "Two calls of fork make one process each.",
		},
		{
			Name: "parent", Ask: "Who is the parent of the second child when it ends?", Answers: []string{"the original", "the first child", "a process outside of the program"},
			Right: func(*lab.Observation) string { return "a process outside of the program" }, Moment: "adopted",
			Why: "Its parent ended first, and the kernel gave the orphan a new one.",
		},
	},
}

// maker makes recordings by hand.
type maker struct{ rec trace.Recording }

func newMaker(command ...string) *maker {
	m := &maker{}
	m.rec.Header = trace.Header{
		Kind: trace.KindHeader, Schema: trace.Schema, Command: command, Kernel: "Linux 6.12.0", Arch: "amd64",
		Start: "2026-01-02T03:04:05Z", Stdout: "pipe", Adopter: 4711, AdopterComm: "ch8",
	}
	m.event("P0", trace.KindExec, 0, trace.Event{Path: command[0], Argv: command, Call: "execve"})
	return m
}

// pid is the pid of a process by its birth path.
func pid(process string) int {
	n := 5000
	for part := range strings.SplitSeq(strings.TrimPrefix(process, "P0"), ".") {
		var k int
		fmt.Sscan(part, &k)
		n = n*7%90000 + k
	}
	return n
}

func (m *maker) event(process string, kind trace.Kind, line int, e trace.Event) {
	e.Time = int64(len(m.rec.Events)) * 100_000
	e.Process, e.Kind, e.Pid, e.NSpid = process, kind, pid(process), pid(process)
	if line > 0 {
		e.Source = &trace.Source{File: "/src/many.c", Line: line, Func: "main"}
	}
	m.rec.Events = append(m.rec.Events, e)
}

func (m *maker) fork(p, child string, line int) {
	no := false
	m.event(p, trace.KindFork, line, trace.Event{Call: "clone", ChildProcess: child, Child: pid(child), ChildNSpid: pid(child), SameVM: &no})
}

func (m *maker) write(p, text string, line int) {
	m.event(p, trace.KindWrite, line, trace.Event{Call: "write", Fd: 1, Data: []byte(text), Result: int64(len(text)), FilePos: -1})
}

func (m *maker) exit(p string, line int) {
	m.event(p, trace.KindExit, line, trace.Event{Call: "exit_group"})
}

func (m *maker) reap(p, child string, line int) {
	m.event(p, trace.KindWait, line, trace.Event{
		Call: "wait4", WaitPid: -1, Result: int64(pid(child)), ResultPid: pid(child), ResultProcess: child,
	})
}

// sample ends the recording. Its source has lines numbered from 1.
func (m *maker) sample() sample {
	m.exit("P0", 90)
	read := func(string) ([]byte, error) { return bytes.Repeat([]byte("\twait(NULL); /* again */\n"), 100), nil }
	return sample{&m.rec, Options{Read: read}}
}

// loop is n children, one after the other: fork, write, exit, reap.
func loop(n int) sample {
	m := newMaker("./loop")
	for i := range n {
		c := fmt.Sprintf("P0.%d", i+1)
		m.fork("P0", c, 10)
		m.write(c, fmt.Sprintf("child %d\n", i), 12)
		m.exit(c, 13)
		m.reap("P0", c, 15)
	}
	return m.sample()
}

// crowd is n children alive at once, that do things in an order without
// a pattern.
func crowd(n, events int) sample {
	m := newMaker("./crowd")
	for i := range n {
		m.fork("P0", fmt.Sprintf("P0.%d", i+1), 10+i%3)
	}
	x := uint32(1)
	for len(m.rec.Events)+2*n+2 < events {
		x = x*1664525 + 1013904223
		m.write(fmt.Sprintf("P0.%d", 1+int(x>>16)%n), "here\n", 20+int(x>>20)%40)
	}
	for i := range n {
		m.exit(fmt.Sprintf("P0.%d", i+1), 70)
	}
	for i := range n {
		m.reap("P0", fmt.Sprintf("P0.%d", n-i), 80)
	}
	return m.sample()
}

// evil is what a program writes that tries to be markup, or to drive
// what shows it.
const evil = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\x1b[2J\u202e\x00\"'`${alert(3)}]]>--><!--"

// hostile is a program that is evil wherever it can be.
func hostile() sample {
	m := newMaker(evil, evil)
	m.fork("P0", "P0.1", 3)
	m.event("P0.1", trace.KindExec, 4, trace.Event{Path: evil, Argv: []string{evil, evil}, Call: "execve"})
	m.write("P0.1", evil+"\n", 5)
	m.event("P0.1", trace.KindOpen, 6, trace.Event{Path: "/tmp/" + evil, Fd: 3, OFD: 1, Call: "openat"})
	m.event("P0.1", trace.KindChdir, 7, trace.Event{Path: evil, Call: "chdir", Errno: evil})
	m.event("P0.1", trace.KindNote, 8, trace.Event{Note: evil})
	m.event("P0.1", trace.KindReparented, 0, trace.Event{OldParentProcess: "P0", NewParent: 1, NewParentComm: evil})
	m.exit("P0.1", 9)
	s := m.sample()
	for i := range s.recording.Events {
		if e := &s.recording.Events[i]; e.Source != nil {
			e.Source.File = "/tmp/" + evil + ".c"
		}
	}
	s.recording.Header.AdopterComm, s.recording.Header.Missing = evil, []string{evil}
	s.options.Title = evil
	s.options.Read = func(string) ([]byte, error) {
		return bytes.Repeat([]byte("// "+strings.ReplaceAll(evil, "\x00", "")+"\n"), 100), nil
	}
	return s
}
