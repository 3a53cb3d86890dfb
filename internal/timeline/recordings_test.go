package timeline

import (
	"fmt"
	"math"
	"syscall"

	"apue/internal/trace"
)

// A tape makes a recording by hand: what the recorder would have
// written for a program that did these things.
type tape struct {
	rec  trace.Recording
	now  int64
	pids map[string]int
	file string
}

func newTape(command ...string) *tape {
	t := &tape{pids: map[string]int{"P0": 4712}, file: "/srv/someone/apue/doublefork/doublefork.go"}
	t.rec.Header = trace.Header{
		Kind: trace.KindHeader, Schema: trace.Schema, Command: command,
		Kernel: "Linux 6.12.0", Arch: "amd64", Start: "2026-01-02T03:04:05Z",
		Recorder: 4711, Adopter: 4711, AdopterComm: "ch8", Seccomp: true,
	}
	return t
}

// wait lets time pass, in microseconds.
func (t *tape) wait(us int64) *tape { t.now += us * 1000; return t }

// add appends an event, 100 µs after the last one.
func (t *tape) add(process string, kind trace.Kind, line int, e trace.Event) *trace.Event {
	t.now += 100_000
	e.Time, e.Process, e.Kind, e.Pid, e.NSpid = t.now, process, kind, t.pids[process], t.pids[process]
	if line > 0 {
		e.Source = &trace.Source{File: t.file, Line: line, Func: "main.main"}
	}
	t.rec.Events = append(t.rec.Events, e)
	return &t.rec.Events[len(t.rec.Events)-1]
}

func (t *tape) exec(p string, argv ...string) {
	t.add(p, trace.KindExec, 0, trace.Event{Path: argv[0], Argv: argv, Call: "execve"})
}

func (t *tape) birth(kind trace.Kind, p, child string, line int) *trace.Event {
	t.pids[child] = 4712 + len(t.pids)
	same := kind == trace.KindVfork
	return t.add(p, kind, line, trace.Event{
		Call: "clone", Child: t.pids[child], ChildNSpid: t.pids[child], ChildProcess: child, SameVM: &same,
	})
}

func (t *tape) fork(p, child string, line int) { t.birth(trace.KindFork, p, child, line) }

func (t *tape) exit(p string, word uint32, line int) {
	t.add(p, trace.KindExit, line, trace.Event{Status: word, Call: "exit_group"})
}

// reap is a wait that was entered us microseconds before it
// returned.
func (t *tape) reap(p, child string, us int64, word uint32, line int) *trace.Event {
	e := t.add(p, trace.KindWait, line, trace.Event{
		Call: "wait4", WaitPid: t.pids[child], Result: int64(t.pids[child]),
		ResultPid: t.pids[child], ResultProcess: child, Status: word,
	})
	e.Entered = max(1, e.Time-us*1000)
	return e
}

func (t *tape) adopt(p, old string, line int) {
	t.add(p, trace.KindReparented, line, trace.Event{
		OldParent: t.pids[old], OldParentProcess: old,
		NewParent: 4711, NewParentNSpid: 4711, NewParentComm: "ch8",
	})
}

func (t *tape) write(p, s string, line int) *trace.Event {
	return t.add(p, trace.KindWrite, line, trace.Event{
		Call: "write", Fd: 1, Data: []byte(s), Result: int64(len(s)), FilePos: -1,
	})
}

func (t *tape) sigchld(p, child string, code int) {
	t.add(p, trace.KindSignal, 0, trace.Event{
		Signal: 17, SiCode: code, Sender: t.pids[child], SenderProcess: child,
	})
}

func (t *tape) kill(p, target string, sig syscall.Signal, line int) *trace.Event {
	return t.add(p, trace.KindKill, line, trace.Event{
		Call: "kill", Target: t.pids[target], TargetProcess: target, Signal: int(sig),
	})
}

func (t *tape) done(word uint32) *trace.Recording {
	t.add("P0", trace.KindEnd, 0, trace.Event{Status: word})
	e := &t.rec.Events[len(t.rec.Events)-1]
	e.Process, e.Pid, e.NSpid = "", 0, 0
	return &t.rec
}

// doubleFork is Fig. 8.8: adoption while running, a zombie of
// 0.3 s, and a death that nobody in the recording collects.
func doubleFork() *trace.Recording {
	t := newTape("./doublefork")
	t.exec("P0", "./doublefork")
	t.add("P0", trace.KindPipe, 18, trace.Event{Call: "pipe2", Fd: 3, NewFd: 4})
	t.fork("P0", "P0.1", 24)
	t.fork("P0.1", "P0.1.1", 31)
	t.exit("P0.1", 0, 35)
	t.adopt("P0.1.1", "P0.1", 0)
	t.sigchld("P0", "P0.1", 1)
	t.wait(300_000)
	t.reap("P0", "P0.1", 50, 0, 41)
	t.write("P0.1.1", "second child, parent pid = 4711\n", 52)
	t.exit("P0.1.1", 0, 54)
	t.reap("P0", "P0.1.1", 10, 0, 58)
	e := &t.rec.Events[len(t.rec.Events)-1]
	e.Result, e.Errno, e.Status, e.ResultPid, e.ResultProcess = -1, "ECHILD", 0, 0, ""
	t.exit("P0", 0, 60)
	return t.done(0)
}

// vforkGlob is Fig. 8.3: the parent is suspended, its words
// change.
func vforkGlob() *trace.Recording {
	t := newTape("./vfork", "glob")
	t.file = "/srv/someone/apue/vfork/glob.go"
	t.exec("P0", "./vfork", "glob")
	t.write("P0", "before vfork\n", 21)
	t.birth(trace.KindVfork, "P0", "P0.1", 24).ParentState = "D"
	t.wait(200_000)
	t.exit("P0.1", 0, 29)
	t.rec.Events[len(t.rec.Events)-1].ParentState = "D"
	t.add("P0", trace.KindVforkDone, 24, trace.Event{
		Child: t.pids["P0.1"], ChildProcess: "P0.1",
		Words: []trace.Word{{Addr: 0x5000, Before: 6, After: 7, Map: "/srv/someone/vfork"}, {Addr: 0x7ffe, Before: 88, After: 89, Map: "[stack]"}, {Addr: 0xc000, Before: 6, After: 21}},
	})
	t.sigchld("P0", "P0.1", 1)
	t.write("P0", "pid = 4712, glob = 7, var = 89\n", 33)
	t.reap("P0", "P0.1", 20, 0, 34)
	t.exit("P0", 0, 36)
	return t.done(0)
}

// waitStatus is Fig. 8.6: three children, three words.
func waitStatus() *trace.Recording {
	t := newTape("./wait", "status")
	t.file = "/srv/someone/apue/wait/status.go"
	t.exec("P0", "./wait", "status")
	for i, word := range []uint32{0x0700, 0x0086, 0x0088} {
		child := fmt.Sprintf("P0.%d", i+1)
		t.fork("P0", child, 20+10*i)
		t.wait(500)
		switch i {
		case 1:
			e := t.kill(child, child, syscall.SIGABRT, 33)
			e.Call = "tgkill"
			e = t.add(child, trace.KindSignal, 33, trace.Event{Signal: 6, SiCode: -6, Sender: t.pids[child], SenderProcess: child})
			_ = e
		case 2:
			t.add(child, trace.KindSignal, 43, trace.Event{Signal: 8, SiCode: 1})
		}
		t.exit(child, word, 22+10*i)
		t.sigchld("P0", child, map[uint32]int{0x0700: 1, 0x0086: 3, 0x0088: 3}[word])
		t.reap("P0", child, 1000, word, 24+10*i)
		t.write("P0", "normal termination, exit status = 7\n", 70)
	}
	t.exit("P0", 0, 60)
	return t.done(0)
}

// stopContinue has every way a signal and a job control word can
// travel.
func stopContinue() *trace.Recording {
	t := newTape("./wait", "options")
	t.file = "/srv/someone/apue/wait/options.go"
	t.exec("P0", "./wait", "options")
	t.fork("P0", "P0.1", 20)
	e := t.reap("P0", "P0.1", 1, 0, 24)
	e.Options, e.Result, e.ResultPid, e.ResultProcess = 1, 0, 0, ""
	t.kill("P0", "P0.1", 19, 30)
	t.add("P0.1", trace.KindSignal, 0, trace.Event{Signal: 19, Sender: t.pids["P0"], SenderProcess: "P0"})
	t.add("P0.1", trace.KindStop, 0, trace.Event{Signal: 19})
	t.sigchld("P0", "P0.1", 5)
	e = t.reap("P0", "P0.1", 700, 0x137f, 33)
	e.Options = 2
	t.wait(1_500_000)
	t.kill("P0", "P0.1", 18, 36)
	t.add("P0.1", trace.KindContinue, 0, trace.Event{Signal: 18})
	t.sigchld("P0", "P0.1", 6)
	e = t.reap("P0", "P0.1", 10, 0xffff, 38)
	e.Options = 8
	t.add("P0.1", trace.KindSignal, 0, trace.Event{Signal: 10, SiCode: 0, Sender: 99})
	t.kill("P0", "P0.1", 9, 40)
	t.exit("P0.1", 0x0009, 0)
	t.kill("P0", "P0.1", 0, 41)
	t.reap("P0", "P0.1", 10, 0x0009, 42).Options = 0x01000000 | 4
	t.reap("P0", "P0.1", 10, 0x0009, 43)
	e = t.kill("P0", "P0.1", 0, 44)
	e.Errno = "ESRCH"
	t.exit("P0", 0x0500, 46)
	return t.done(0x0500)
}

// sharedFile is Fig. 8.2: one open file, one offset.
func sharedFile() *trace.Recording {
	t := newTape("./fork", "offset")
	t.file = "/srv/someone/apue/fork/offset.go"
	t.exec("P0", "./fork", "offset")
	t.add("P0", trace.KindOpen, 15, trace.Event{Call: "openat", Path: "out", Fd: 3, OFD: 1, Flags: 0o1102})
	t.add("P0", trace.KindOpen, 0, trace.Event{Call: "openat", Path: "/etc/ld.so.cache", Fd: 4, OFD: 2})
	t.fork("P0", "P0.1", 18)
	put := func(p, s string, pos int64, line int) {
		t.add(p, trace.KindWrite, line, trace.Event{Call: "write", Fd: 3, Data: []byte(s), Result: int64(len(s)), Path: "/tmp/x/out", OFD: 1, FilePos: pos})
	}
	put("P0.1", "child\n", 6, 22)
	put("P0", "parent\n", 13, 26)
	t.add("P0.1", trace.KindSeek, 24, trace.Event{Call: "lseek", Fd: 3, OFD: 1, Result: 3, Offset: 3})
	put("P0", "again\n", 9, 27)
	for _, c := range "one by one\n" {
		t.write("P0.1", string(c), 30)
	}
	t.exit("P0.1", 0, 31)
	t.reap("P0", "P0.1", 350, 0, 33)
	t.exit("P0", 0, 35)
	return t.done(0)
}

// neverReaped leaves a zombie that its parent's end hands on, one
// that the recording does not say so of, and a leftover.
func neverReaped() *trace.Recording {
	t := newTape("./zombie")
	t.exec("P0", "./zombie")
	t.fork("P0", "P0.1", 10)
	t.fork("P0", "P0.2", 11)
	t.fork("P0", "P0.3", 12)
	t.exit("P0.1", 0x0100, 13)
	t.exit("P0.2", 0x0200, 14)
	t.wait(1_000_000)
	t.exit("P0", 0, 20)
	t.adopt("P0.2", "P0", 0)
	t.adopt("P0.3", "P0", 0)
	t.exit("P0.3", 0x0009, 0)
	rec := t.done(0)
	rec.Events[len(rec.Events)-1].Leftovers = 1
	return rec
}

// manyChildren makes n children that all live and die together.
func manyChildren(n int) *trace.Recording {
	t := newTape("./zombies", "-n", fmt.Sprint(n))
	t.exec("P0", "./zombies")
	for i := range n {
		t.fork("P0", fmt.Sprintf("P0.%d", i+1), 12)
	}
	for i := range n {
		t.exit(fmt.Sprintf("P0.%d", i+1), uint32(i%8)<<8, 14)
	}
	for i := range n {
		t.reap("P0", fmt.Sprintf("P0.%d", n-i), 1, uint32((n-1-i)%8)<<8, 16)
	}
	t.exit("P0", 0, 20)
	return t.done(0)
}

// grandchild makes n children that stay, the last of which forks.
func grandchild(n int) *trace.Recording {
	t := newTape("./grandchild")
	t.exec("P0", "./grandchild")
	last := ""
	for i := range n {
		last = fmt.Sprintf("P0.%d", i+1)
		t.fork("P0", last, 12)
	}
	t.fork(last, last+".1", 14)
	return t.done(0)
}

// manyEvents has n events or a few more, of four workers that are
// restarted.
func manyEvents(n int) *trace.Recording {
	t := newTape("./supervise", "-n", "4")
	t.exec("P0", "./supervise")
	next := 1
	for len(t.rec.Events) < n {
		for range 4 {
			t.fork("P0", fmt.Sprintf("P0.%d", next), 30)
			next++
		}
		for w := range 4 {
			p := fmt.Sprintf("P0.%d", next-4+w)
			t.write(p, "working\n", 40)
			t.exit(p, 0x0009, 42)
			t.sigchld("P0", p, 2)
			t.reap("P0", p, 50, 0x0009, 44)
		}
	}
	t.exit("P0", 0, 60)
	return t.done(0)
}

// hostile is a program that tries to be markup, an escape sequence
// and a right-to-left text.
func hostile() *trace.Recording {
	const name = "<script>alert(1)</script>\x1b[2J\x07\u202e\"' onload=alert(2) &amp;]]>\x00\xff"
	t := newTape("./"+name, name)
	t.file = "/tmp/" + name + ".go"
	t.exec("P0", "./"+name, name)
	t.fork("P0", "P0.1", 1)
	t.exec("P0.1", name, "</style></svg><img src=x onerror=alert(3)>")
	t.write("P0.1", name+"\n--><!--", 2)
	t.add("P0.1", trace.KindChdir, 2, trace.Event{Path: name})
	t.add("P0.1", trace.Kind(name), 2, trace.Event{Path: name, Errno: name})
	t.add("P0.1", trace.KindNote, 2, trace.Event{Note: name})
	t.pids[name] = 99
	t.exit("P0", 0, 3)
	t.add("P0.1", trace.KindReparented, 0, trace.Event{OldParentProcess: "P0", NewParent: 1, NewParentComm: name})
	t.add(name, trace.KindExit, 4, trace.Event{Status: 0x0100, Call: name})
	t.exit("P0.1", 0, 5)
	t.rec.Header.Missing = []string{name}
	t.rec.Header.Kernel = name
	return t.done(0)
}

// A recording is a fixture.
type recording struct {
	name  string
	make  func() *trace.Recording
	roles map[string]string
}

// recordings are the fixtures that are also golden files.
var recordings = []recording{
	{"doublefork", doubleFork, map[string]string{"P0": "original", "P0.1": "first child", "P0.1.1": "second child"}},
	{"vfork", vforkGlob, map[string]string{"P0": "parent", "P0.1": "child"}},
	{"status", waitStatus, nil},
	{"stop", stopContinue, nil},
	{"offset", sharedFile, nil},
	{"zombies", neverReaped, nil},
	{"hostile", hostile, nil},
	{"forty", func() *trace.Recording { return manyChildren(39) }, nil},
}

// orderings is the result of 200 runs of a race.
func orderings() *Histogram {
	return &Histogram{
		Title: "fork/race: whose line came first, 200 runs",
		Bars: []Bar{
			{"parent, child", 163},
			{"child, parent", 36},
			{"both mixed, letter by letter, as far as one can tell", 1},
			{"neither", 0},
		},
	}
}

// cost is what vfork/cost measures.
func cost() *LineChart {
	c := &LineChart{
		Title: "vfork/cost: the time of a fork grows with the parent's memory",
		X:     "resident memory of the parent, MiB", Y: "time of one call, microseconds",
		Series: []Series{{Name: "fork"}, {Name: "vfork"}, {Name: "posix_spawn <b>"}},
	}
	for i, mib := range []float64{1, 4, 16, 64, 256, 1024} {
		c.Series[0].Points = append(c.Series[0].Points, Point{mib, 60 + 9*mib})
		c.Series[1].Points = append(c.Series[1].Points, Point{mib, 28 + float64(i%2)})
		c.Series[2].Points = append(c.Series[2].Points, Point{mib, 33 + float64(i%3)})
	}
	return c
}

// otherCalls has calls that fail, and some that name no single
// descriptor or process.
func otherCalls() *trace.Recording {
	t := newTape("./calls")
	t.exec("P0", "./calls")
	call := func(kind trace.Kind, e trace.Event) { t.add("P0", kind, 0, e) }
	call(trace.KindClose, trace.Event{Call: "close_range", Fd: 0, NewFd: 2})
	call(trace.KindClose, trace.Event{Call: "close_range", Fd: 2, NewFd: 1<<31 - 1})
	call(trace.KindClose, trace.Event{Call: "close_range", Fd: 1, NewFd: 1})
	call(trace.KindTruncate, trace.Event{Call: "truncate", Path: "out", Offset: 7})
	call(trace.KindTruncate, trace.Event{Call: "ftruncate", Fd: 1, Offset: 8})
	call(trace.KindPipe, trace.Event{Call: "pipe2", Errno: "EMFILE"})
	call(trace.KindOpen, trace.Event{Call: "openat", Path: "none", Fd: -1, Errno: "ENOENT"})
	call(trace.KindDup, trace.Event{Call: "dup", Fd: 7, NewFd: -1, Errno: "EBADF"})
	call(trace.KindDup, trace.Event{Call: "dup", Fd: 1, NewFd: -1, Errno: "EMFILE"})
	call(trace.KindSeek, trace.Event{Call: "lseek", Fd: 0, Offset: 3, Result: -1, Errno: "ESPIPE"})
	call(trace.KindKill, trace.Event{Call: "pidfd_send_signal", Fd: 5, Signal: 15, Errno: "EINVAL"})
	call(trace.KindKill, trace.Event{Call: "pidfd_send_signal", Fd: 6, Target: 4799, Signal: 15})
	call(trace.KindKill, trace.Event{Call: "kill", Target: math.MinInt32, Signal: 15, Errno: "ESRCH"})
	call(trace.KindKill, trace.Event{Call: "tkill", Target: 0, Signal: 15, Errno: "EINVAL"})
	call(trace.KindWait, trace.Event{Call: "wait4", WaitPid: math.MinInt32, Result: -1, Errno: "ESRCH"})
	call(trace.KindSignal, trace.Event{Signal: 14, SiCode: -2, Sender: 3}) // timer 3
	call(trace.KindSignal, trace.Event{Signal: 10, SiCode: -1, Sender: 99})
	call(trace.KindSignal, trace.Event{Signal: 12, SiCode: -3, Sender: 99})
	call(trace.KindWrite, trace.Event{Call: "write", Fd: 1, Data: []byte("a \"b\"\\n\n"), Result: 9})
	call(trace.KindFork, trace.Event{Call: "clone", Errno: "EAGAIN"})
	rec := t.done(9)
	end := &rec.Events[len(rec.Events)-1]
	end.Leftovers, end.Note = 3, "recording ended early: context canceled"
	return rec
}

// waits has waits that return at once, each with an event of somebody
// else in it, and some that block.
func waits() *trace.Recording {
	t := newTape("./waits")
	t.exec("P0", "./waits")
	for _, child := range []string{"P0.1", "P0.2", "P0.3", "P0.4"} {
		t.fork("P0", child, 1)
	}
	fails := func(errno string) {
		e := t.reap("P0", "P0.1", 150, 0, 2)
		e.Result, e.ResultPid, e.ResultProcess, e.Errno = -1, 0, "", errno
	}
	t.exit("P0.1", 0, 3)
	t.write("P0.4", "1\n", 4)
	t.reap("P0", "P0.1", 150, 0, 5) // 7: it was dead before
	t.write("P0.4", "2\n", 4)
	fails("ECHILD") // 9
	t.write("P0.4", "3\n", 4)
	fails("EINVAL") // 11
	t.add("P0.2", trace.KindStop, 0, trace.Event{Signal: 19})
	t.write("P0.4", "4\n", 4)
	t.reap("P0", "P0.2", 150, 0x137f, 6) // 14: it was stopped before
	t.exit("P0.2", 9, 0)
	t.reap("P0", "P0.2", 150, 9, 7) // 16: 15 ended it
	t.exit("P0.3", 0, 3)
	t.rec.Events[len(t.rec.Events)-1].Discarded = true
	fails("ECHILD") // 18: 17 left no zombie
	t.write("P0.4", "5\n", 4)
	fails("EINTR") // 20
	t.exit("P0", 0, 9)
	return t.done(0)
}

// interrupted is a parent whose wait ends with EINTR because it
// catches the SIGCHLD of a stop.
func interrupted() *trace.Recording {
	t := newTape("./wait", "sigchld")
	t.exec("P0", "./wait", "sigchld")
	t.fork("P0", "P0.1", 10)
	t.wait(100)
	t.add("P0.1", trace.KindStop, 0, trace.Event{Signal: 19})
	t.sigchld("P0", "P0.1", 5)
	e := t.reap("P0", "P0.1", 350, 0, 12)
	e.Result, e.ResultPid, e.ResultProcess, e.Errno = -1, 0, "", "EINTR"
	t.kill("P0", "P0.1", 9, 14)
	t.exit("P0", 0, 20)
	return t.done(0)
}

// groups has waits for groups without a child in them: that of the first
// process, one that does not exist, and one that a call has made.
func groups() *trace.Recording {
	t := newTape("./groups")
	t.exec("P0", "./groups")
	t.fork("P0", "P0.1", 0)
	t.fork("P0", "P0.2", 0)
	t.add("P0.2", trace.KindSetpgid, 0, trace.Event{Call: "setpgid"})
	for group := 4712; group <= 4714; group++ {
		t.add("P0", trace.KindWait, 0, trace.Event{Call: "wait4", WaitPid: -group, Result: -1, Errno: "ECHILD"})
	}
	return t.done(0)
}

// inferred has an adoption that nobody saw.
func inferred() *trace.Recording {
	rec := neverReaped()
	for i := range rec.Events {
		e := &rec.Events[i]
		e.Inferred = e.Kind == trace.KindReparented
	}
	return rec
}
