package timeline

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"apue/internal/trace"
	"apue/internal/trace/canonical"
)

// lane returns the lane of that name.
func lane(t *testing.T, m *Model, name string) *Lane {
	t.Helper()
	for i := range m.Lanes {
		if m.Lanes[i].Name == name {
			return &m.Lanes[i]
		}
	}
	t.Fatalf("no lane %s", name)
	return nil
}

// states writes the spans of a lane as "running 1-5, zombie 5-7":
// steps counted from 1.
func states(l *Lane) string {
	var s []string
	for _, sp := range l.Spans {
		to := ""
		if sp.To >= 0 {
			to = itoa(sp.To + 1)
		}
		s = append(s, sp.State.String()+" "+itoa(sp.From+1)+"-"+to)
	}
	return strings.Join(s, ", ")
}

// arrows writes the arrows of a model as "3 fork P0>P0.1".
func arrows(m *Model, kind ArrowKind) string {
	var s []string
	for i := range m.Steps {
		for _, a := range m.Steps[i].Arrows {
			if a.Kind == kind {
				s = append(s, itoa(i+1)+" "+m.Lanes[a.From].Name+">"+m.Lanes[a.To].Name)
			}
		}
	}
	return strings.Join(s, ", ")
}

func TestModel(t *testing.T) {
	for _, tc := range []struct {
		name   string
		rec    *trace.Recording
		states map[string]string
		arrows map[ArrowKind]string
	}{
		{
			"double fork", doubleFork(),
			map[string]string{
				"P0":     "running 1-11, gone 11-",
				"P0.1":   "running 3-5, zombie 5-7, gone 7-",
				"P0.1.1": "running 4-9, gone 9-",
			},
			map[ArrowKind]string{
				ForkArrow:  "3 P0>P0.1, 4 P0.1>P0.1.1",
				AdoptArrow: "6 P0.1>outside",
				ReapArrow:  "7 P0>P0.1",
			},
		},
		{
			"vfork", vforkGlob(),
			map[string]string{
				"P0":   "running 1-3, suspended by vfork 3-5, running 5-8, gone 8-",
				"P0.1": "running 3-4, zombie 4-7, gone 7-",
			},
			map[ArrowKind]string{ForkArrow: "3 P0>P0.1", ReapArrow: "7 P0>P0.1"},
		},
		{
			"stop and continue", stopContinue(),
			map[string]string{
				"P0":   "running 1-5, in wait 5-8, running 8-19, gone 19-",
				"P0.1": "running 2-7, stopped 7-10, running 10-14, zombie 14-17, gone 17-",
			},
			map[ArrowKind]string{
				// SIGUSR1 came from a process that is not recorded;
				// the last kill found nobody.
				SignalArrow: "4 P0>P0.1, 9 P0>P0.1, 12 outside>P0.1, 13 P0>P0.1, 15 P0>P0.1",
				ReapArrow:   "17 P0>P0.1",
			},
		},
		{
			"blocked in wait", sharedFile(),
			map[string]string{
				"P0":   "running 1-9, in wait 9-12, running 12-13, gone 13-",
				"P0.1": "running 3-11, zombie 11-12, gone 12-",
			},
			nil,
		},
		{
			"never waited for", neverReaped(),
			map[string]string{
				"P0":   "running 1-7, gone 7-",
				"P0.1": "running 2-5, zombie 5-7, gone 7-",
				"P0.2": "running 3-6, zombie 6-8, gone 8-",
				"P0.3": "running 4-10, gone 10-",
			},
			map[ArrowKind]string{AdoptArrow: "8 P0>outside, 9 P0>outside", ReapArrow: ""},
		},
		{
			"interrupted wait", interrupted(),
			map[string]string{"P0": "running 1-3, in wait 3-6, running 6-8, gone 8-"},
			map[ArrowKind]string{SignalArrow: "5 P0.1>P0, 7 P0>P0.1"},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m := New(tc.rec, nil)
			for name, want := range tc.states {
				if got := states(lane(t, m, name)); got != want {
					t.Errorf("%s: %s\nwant %s", name, got, want)
				}
			}
			for kind, want := range tc.arrows {
				if got := arrows(m, kind); got != want {
					t.Errorf("%v arrows: %s\nwant %s", kind, got, want)
				}
			}
		})
	}
}

// TestSentences looks for what a reader has to find in words.
func TestSentences(t *testing.T) {
	for _, tc := range []struct {
		rec  *trace.Recording
		want []string
	}{
		{doubleFork(), []string{
			"The grandchild is adopted by ch8 (not recorded): the child has ended",
			"The parent reaps the child, which exited 0 (0x0000) [zombie for 300 ms]",
			"The parent: wait4(grandchild) returns -1, ECHILD [it has no such child]",
			"The grandchild ends with exit status 0 (0x0000) [a process that is not recorded reaps it]",
		}},
		{vforkGlob(), []string{
			"The parent vforks the child and is suspended [both use the same memory; the parent is in state D]",
			"The child ends with exit status 0 (0x0000) [the parent is in state D]",
			"The parent runs again: the child has ended [a word in vfork changed: 6 → 7; a word in [stack] changed: 88 → 89]",
		}},
		{waitStatus(), []string{
			"The parent reaps the first child, which exited 7 (0x0700) [zombie for 0.2 ms]",
			"The parent reaps the second child, which was killed by SIGABRT (6), core dumped (0x0086) [zombie for 0.2 ms]",
			"The third child gets SIGFPE from the kernel",
		}},
		{stopContinue(), []string{
			"The parent: wait4(child, WNOHANG) returns 0, because no child has changed state yet",
			"The parent learns that the child was stopped by SIGSTOP (19) (0x137f)",
			"The parent learns that the child continued (0xffff)",
			"The parent sees the child, which was killed by SIGKILL (9) (0x0009), and does not reap it [WNOWAIT: it stays a zombie]",
			"The parent sends signal 0 to the child: ESRCH [no such process]",
		}},
		{sharedFile(), []string{
			`The parent writes to out: "parent\n" [same open file description as the child; offset 6 → 13]`,
			`The parent writes to out: "again\n" [same open file description as the child; offset 3 → 9]`,
		}},
		{otherCalls(), []string{
			"calls closes descriptors 0 to 2",
			"calls closes descriptors from 2 on",
			"calls closes descriptor 1",
			"calls truncates out to 7 bytes",
			"calls truncates 1 to 8 bytes",
			"calls calls pipe: EMFILE",
			"calls duplicates descriptor 1: EMFILE",
			"calls calls lseek on 0: ESPIPE",
			"calls sends SIGTERM to pidfd 5: EINVAL",
			"calls sends SIGTERM to pid 4799",
			"calls sends SIGTERM to pid -2147483648: ESRCH [no such process]",
			"calls sends SIGTERM to pid 0: EINVAL",
			"calls: wait4(pid -2147483648) returns -1, ESRCH [no such process]",
			"calls gets SIGALRM from the kernel",
			"calls gets SIGUSR1 from a process that is not recorded",
			`calls writes to standard output: "a \"b\"\\n\n"`,
			"calls forks: it fails with EAGAIN, and there is no child",
			"recording ended early: context canceled",
		}},
		{groups(), []string{
			"The parent: wait4(group of parent) returns -1, ECHILD [it has no such child]",
			"The parent: wait4(group with the pid of first child) returns -1, ECHILD [it has no such child]",
			"The parent: wait4(group of second child) returns -1, ECHILD [it has no such child]",
		}},
		{inferred(), []string{
			"The second child is adopted by ch8 (not recorded): the parent has ended [inferred, not seen; it was a zombie; its new parent reaps it]",
		}},
		{neverReaped(), []string{
			"The parent ends with exit status 0 (0x0000) [it never waited for the first child, which was a zombie until now]",
			"The second child is adopted by ch8 (not recorded): the parent has ended [it was a zombie; its new parent reaps it]",
			"Every process is gone; the parent exited 0 (0x0000) [1 process still running at the end, then killed]",
		}},
	} {
		m := New(tc.rec, nil)
		said := map[string]bool{}
		for _, s := range m.Steps {
			line := s.Text
			if len(s.Evidence) > 0 {
				line += " [" + strings.Join(s.Evidence, "; ") + "]"
			}
			said[line] = true
		}
		for _, w := range tc.want {
			if !said[w] {
				t.Errorf("%s: nobody says %q", m.Command, w)
				for line := range said {
					if line[:min(12, len(line))] == w[:min(12, len(w))] {
						t.Logf("but %q", line)
					}
				}
			}
		}
	}
}

// TestStep checks that a walkthrough shows the beginning of the
// whole picture, and that the whole picture stays as it is.
func TestStep(t *testing.T) {
	// The workers take over each other's columns.
	for _, r := range append(recordings[:len(recordings):len(recordings)],
		recording{"workers", func() *trace.Recording { return manyEvents(100) }, nil}) {
		m := New(r.make(), nil)
		before := text(t, m, Options{Bare: true})
		want := strings.SplitAfter(before, "\n")
		for n := 0; n <= len(m.Steps)+1; n++ {
			cut := m.Step(n)
			if n <= len(m.Steps) && len(cut.Steps) != n {
				t.Fatalf("%s: Step(%d) has %d steps", r.name, n, len(cut.Steps))
			}
			for _, l := range cut.Lanes {
				for _, s := range l.Spans {
					if s.From >= n || s.To >= n {
						t.Errorf("%s: Step(%d): %s has a span to come: %+v", r.name, n, l.Name, s)
					}
				}
			}
			if n == 0 || len(m.Steps) > 60 && n%10 != 0 {
				continue
			}
			// The rows begin where the numbers begin; the names
			// above them differ until all processes are born.
			got := strings.SplitAfter(text(t, cut, Options{Bare: true}), "\n")
			g, w := rowsOf(got), rowsOf(want)
			if len(g) > len(w) || strings.Join(g, "") != strings.Join(w[:len(g)], "") {
				t.Fatalf("%s: Step(%d) is not the beginning of the whole:\n%s", r.name, n, strings.Join(got, ""))
			}
		}
		if after := text(t, m, Options{Bare: true}); after != before {
			t.Errorf("%s: Step changed the model", r.name)
		}
		if !reflect.DeepEqual(m.Step(-3).Steps, m.Step(0).Steps) {
			t.Errorf("%s: Step(-3) is not Step(0)", r.name)
		}
	}
}

// rowsOf leaves out the lines above the first row.
func rowsOf(lines []string) []string {
	for i, l := range lines {
		if strings.HasPrefix(strings.TrimLeft(l, " "), "1 ") {
			return lines[i : len(lines)-1]
		}
	}
	return nil
}

// now says what each process that is not gone does after the last
// step: "parent in wait", "child zombie".
func now(m *Model) []string {
	var all []string
	for i := range m.Lanes {
		l := &m.Lanes[i]
		if st := l.At(len(m.Steps) - 1); !l.Outside && st != Unborn && st != Gone {
			all = append(all, l.Title+" "+st.String())
		}
	}
	return all
}

func TestNow(t *testing.T) {
	m := New(doubleFork(), nil)
	for n, want := range map[int]string{
		0: "", 1: "parent running", 5: "parent running, child zombie, grandchild running", 7: "parent running, grandchild running", 12: "",
	} {
		if got := strings.Join(now(m.Step(n)), ", "); got != want {
			t.Errorf("after step %d: %q, want %q", n, got, want)
		}
	}
}

// TestInteresting counts what the filter leaves out.
func TestInteresting(t *testing.T) {
	rec := sharedFile()
	tape := &tape{rec: *rec, pids: map[string]int{}}
	tape.add("P0", trace.KindSnapshot, 0, trace.Event{})
	tape.add("P0", trace.KindSignal, 0, trace.Event{Signal: 23, SiCode: -6, SenderProcess: "P0"})
	tape.add("P0", trace.KindOpen, 0, trace.Event{Call: "openat", Path: "/etc/none", Fd: -1, Errno: "ENOENT"})
	tape.add("P0", trace.KindDup, 0, trace.Event{Call: "dup", Fd: 9, NewFd: -1, Errno: "EBADF"})
	rec = &tape.rec
	some, all := New(rec, nil), NewOf(rec, nil, func(*trace.Event) bool { return true })
	// The snapshot, the SIGURG, the file that the C library opened,
	// and the two calls that failed.
	if got := len(all.Steps) - len(some.Steps); got != 5 {
		t.Errorf("%d events are left out, want 5", got)
	}
}

// TestBlocks checks which waits are said to block: those whose news
// came after they were entered.
func TestBlocks(t *testing.T) {
	rec := waits()
	var got []string
	for _, s := range New(rec, nil).Steps {
		if s.Enter {
			w := &rec.Events[s.Event]
			got = append(got, itoa(s.Event)+" "+w.Errno+w.ResultProcess)
		}
	}
	if want := []string{"16 P0.2", "18 ECHILD", "20 EINTR"}; !reflect.DeepEqual(got, want) {
		t.Errorf("%q block, want %q", got, want)
	}
}

// TestEventsOnce checks that every event of a recording is in the
// model once, whichever way the steps are cut.
func TestEventsOnce(t *testing.T) {
	for _, r := range recordings {
		rec := r.make()
		m := NewOf(rec, nil, func(*trace.Event) bool { return true })
		seen := make([]int, len(rec.Events))
		for _, s := range m.Steps {
			if s.Enter {
				continue
			}
			for i := s.Event; i <= s.Last; i++ {
				seen[i]++
			}
		}
		for i, n := range seen {
			if n != 1 {
				t.Errorf("%s: event %d (%s) is in %d steps", r.name, i, rec.Events[i].Kind, n)
			}
		}
	}
}

// TestReadSource checks that a step carries the text of its line.
func TestReadSource(t *testing.T) {
	m := New(doubleFork(), nil)
	asked := 0
	m.ReadSource(func(file string) ([]byte, error) {
		asked++
		return []byte(strings.Repeat("//\n", 23) + "\tpid, err := proc.Fork() // \x1b[31m\n"), nil
	})
	if asked != 1 {
		t.Errorf("the file was read %d times", asked)
	}
	if got, want := m.Steps[2].Code, `pid, err := proc.Fork() // \x1b[31m`; got != want {
		t.Errorf("line 24 is %q, want %q", got, want)
	}
	if got, want := m.Steps[2].Source, "doublefork/doublefork.go:24"; got != want {
		t.Errorf("source is %q, want %q", got, want)
	}
	if m.Steps[3].Code != "" {
		t.Errorf("line 31 of a file with 24 is %q", m.Steps[3].Code)
	}
}

// TestCanonical checks that the canonical form, whose times are
// numbers of events, is drawn without times, and what it loses is
// said.
func TestCanonical(t *testing.T) {
	m := New(canonical.Of(doubleFork()), nil)
	s := text(t, m, Options{Axis: Time})
	if strings.Contains(s, " ns") || strings.Contains(s, zombieFor) {
		t.Errorf("a time in a picture without times:\n%s", s)
	}
	if !strings.Contains(strings.Join(m.Notes, " "), "stand in the order of their processes") {
		t.Error("the notes do not say which order this is")
	}
}

// TestCopies checks that a snapshot tells how much memory a forked
// child has copied, and of no other process.
func TestCopies(t *testing.T) {
	tp := newTape("./memory")
	tp.exec("P0", "./memory")
	snapshot := func(p string, kB ...string) {
		smaps := ""
		for _, n := range kB {
			smaps += "Private_Clean:    400 kB\nPrivate_Dirty:    " + n + " kB\nSwap: 8 kB\n"
		}
		tp.add(p, trace.KindSnapshot, 0, trace.Event{Snapshot: []trace.ProcState{
			{Process: "P9", Files: map[string]string{"smaps": "Private_Dirty: 1 kB\n"}},
			{Process: p, Files: map[string]string{"smaps": smaps}},
		}})
	}
	snapshot("P0", "5")
	tp.fork("P0", "P0.1", 1)
	tp.write("P0.1", "touched 4 pages\n", 2)
	snapshot("P0.1", "16", "8")
	tp.write("P0.1", "touched none\n", 2)
	snapshot("P0.1", "24")
	tp.write("P0", "parent\n", 2)
	snapshot("P0", "100")
	tp.wait(10)
	snapshot("P0.1", "64")
	tp.exec("P0.1", "/bin/true")
	snapshot("P0.1", "88")
	tp.exit("P0.1", 0, 4)
	tp.exit("P0", 0, 5)
	m := New(tp.done(0), nil)
	var got []string
	for _, s := range m.Steps {
		for _, e := range s.Evidence {
			if strings.Contains(e, "copied") {
				got = append(got, itoa(s.N)+": "+e)
			}
		}
	}
	want := []string{"3: pages copied so far: 24 kB", "6: pages copied so far: 64 kB"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestUnfinished: a process that was killed inside a call is blocked from
// the entry of the call on.
func TestUnfinished(t *testing.T) {
	tp := newTape("./blocks")
	tp.exec("P0", "./blocks")
	tp.fork("P0", "P0.1", 6)
	entered := tp.now + 1000
	tp.fork("P0", "P0.2", 7)
	tp.add("P0.1", trace.KindBlocked, 0, trace.Event{Call: "read", Fd: 3, Object: "pipe 1", Entered: entered})
	tp.exit("P0.1", 9, 0)
	m := New(tp.done(0), nil)
	if got, want := states(lane(t, m, "P0.1")), "running 2-3, blocked 3-6, zombie 6-"; !strings.HasPrefix(got, want) {
		t.Errorf("the reader is %s\nwant %s", got, want)
	}
	for _, s := range m.Steps {
		if text := strings.Join(s.Evidence, "; "); strings.Contains(text, "another of its threads") {
			t.Errorf("%s: %s, and it has one thread", s.Text, text)
		}
	}
}

// TestWaiting: a lane tells a process that sleeps, and one that blocks
// in a read until somebody writes, from one that runs. A read that finds
// its bytes there does not block.
func TestWaiting(t *testing.T) {
	tp := newTape("./blocks")
	tp.exec("P0", "./blocks")
	tp.add("P0", trace.KindPipe, 5, trace.Event{Call: "pipe2", Fd: 3, NewFd: 4, OFD: 4, NewOFD: 5, Object: "pipe 1"})
	tp.fork("P0", "P0.1", 6)
	entered := tp.now + 1000
	tp.fork("P0", "P0.2", 7)
	tp.add("P0.2", trace.KindWrite, 8, trace.Event{Call: "write", Fd: 4, OFD: 5, Object: "pipe 1", Data: []byte("xy"), Result: 2})
	tp.add("P0.1", trace.KindRead, 9, trace.Event{Call: "read", Fd: 3, OFD: 4, Object: "pipe 1", Data: []byte("x"), Result: 1, Entered: entered})
	tp.add("P0.1", trace.KindRead, 10, trace.Event{Call: "read", Fd: 3, OFD: 4, Object: "pipe 1", Data: []byte("y"), Result: 1, Entered: tp.now + 1000})
	slept := tp.now + 1000
	tp.exit("P0.1", 0, 11)
	tp.add("P0.2", trace.KindSleep, 12, trace.Event{Call: "clock_nanosleep", Duration: 2e9, Entered: slept})
	m := New(tp.done(0), nil)
	if got, want := states(lane(t, m, "P0.1")), "running 3-4, blocked 4-7, running 7-10, zombie 10-"; !strings.HasPrefix(got, want) {
		t.Errorf("the reader is %s\nwant %s", got, want)
	}
	if got, want := states(lane(t, m, "P0.2")), "running 5-9, sleeping 9-11, running 11-"; !strings.HasPrefix(got, want) {
		t.Errorf("the sleeper is %s\nwant %s", got, want)
	}
	if got := lane(t, m, "P0.1").Spans[1].Doing; got != "in read of pipe 1" {
		t.Errorf("the reader is blocked %q", got)
	}
	var said []string
	for _, s := range m.Steps {
		said = append(said, s.Text)
	}
	for _, want := range []string{
		"The first child blocks in a read of pipe 1", `The first child reads from pipe 1: "x"`, `The first child reads from pipe 1: "y"`,
		"The second child sleeps 2.00 s", "The second child wakes up after 2.00 s", `The second child writes to pipe 1: "xy"`,
	} {
		if !slices.Contains(said, want) {
			t.Errorf("nobody says %q; said is\n%s", want, strings.Join(said, "\n"))
		}
	}
}

// TestThreads: while one thread of a process is in wait, another one's
// write says so; the write after the wait does not.
func TestThreads(t *testing.T) {
	tp := newTape("./threads")
	tp.exec("P0", "./threads")
	tp.fork("P0", "P0.1", 3)
	tp.write("P0", "a", 5).Tid = 4799
	tp.exit("P0.1", 0, 6)
	tp.reap("P0", "P0.1", 250, 0, 7)
	tp.write("P0", "b", 8)
	var said []string
	for _, s := range New(tp.done(0), nil).Steps {
		said = append(said, s.Text+" ["+strings.Join(s.Evidence, "; ")+"]")
	}
	all := strings.Join(said, "\n")
	if want := `writes to standard output: "a" [another of its threads is in wait]`; !strings.Contains(all, want) {
		t.Errorf("nobody says %s:\n%s", want, all)
	}
	if !strings.Contains(all, `writes to standard output: "b" []`) {
		t.Errorf("a thread is in wait after its wait:\n%s", all)
	}
}

// TestRolesInSentences: sentences name roles, with one article, also in
// what the recorder notes; a descriptor without a path has its object.
func TestRolesInSentences(t *testing.T) {
	no := false
	rec := &trace.Recording{
		Header: trace.Header{Kind: trace.KindHeader, Schema: trace.Schema, Command: []string{"./p"}},
		Events: []trace.Event{
			{Process: "P0", Kind: trace.KindExec, Path: "./p", Argv: []string{"./p"}, Call: "execve"},
			{Process: "P0", Kind: trace.KindFork, Call: "clone", ChildProcess: "P0.1", SameVM: &no},
			{Process: "P0", Kind: trace.KindFork, Call: "clone", ChildProcess: "P0.2", SameVM: &no},
			{Process: "P0.1", Kind: trace.KindNote, Note: "P0.1 calls unshare, and P0.7 does not"},
			{Process: "P0.2", Kind: trace.KindOpen, Call: "socket", Fd: 3, OFD: 9, Object: "socket 1"},
			{Process: "P0.2", Kind: trace.KindWrite, Call: "write", Fd: 3, OFD: 9, Data: []byte("x"), Result: 1, FilePos: -1},
			{Process: "P0.2", Kind: trace.KindOpen, Call: "socket", Errno: "EMFILE"},
		},
	}
	m := New(rec, map[string]string{"P0.1": "the caller", "P0.2": "client 1"})
	var said []string
	for i := range m.Steps {
		said = append(said, m.Steps[i].Text)
	}
	want := []string{
		"The parent executes p",
		"The parent forks the caller",
		"The parent forks client 1",
		"The caller calls unshare, and P0.7 does not",
		"Client 1 calls socket, and gets socket 1 as 3",
		`Client 1 writes to descriptor 3: "x"`,
		"Client 1 calls socket: EMFILE",
	}
	if !slices.Equal(said, want) {
		t.Errorf("the sentences are\n%s\nwant\n%s", strings.Join(said, "\n"), strings.Join(want, "\n"))
	}
}
