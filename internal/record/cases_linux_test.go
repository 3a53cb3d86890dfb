//go:build 386 || amd64 || arm64

package record

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"apue/internal/trace"
	"apue/internal/trace/canonical"
)

// cases are the programs of testdata, and what must be recorded of
// each: every case that has broken a tracer before.
var cases = []struct {
	name  string
	args  []string
	o     Options
	racy  bool // its processes race: the canonical form differs
	check func(*testing.T, run)
}{
	{name: "doublefork", check: checkDoubleFork},
	{name: "vfork", o: Options{Words: []int32{6}}, check: checkVfork},
	{name: "spawn", check: checkSpawn},
	{name: "threadfork", check: checkThreads},
	{name: "stop", check: checkStop},
	{name: "subreaper", check: checkSubreaper},
	{name: "zombie", check: checkZombie},
	{name: "zombie", args: []string{"unreaped"}, check: checkUnreaped},
	{name: "poll", check: checkPoll},
	{name: "killedparent", racy: true, check: checkKilledParent},
	{name: "interrupt", check: checkInterrupt},
	{name: "waits", check: checkWaits},
	{name: "kills", check: checkKills},
	{name: "files", o: Options{Files: true}, check: checkFiles},
	{name: "daemon", check: checkDaemon},
	{name: "ignored", racy: true, check: checkIgnored},
	{name: "sleeps", check: checkSleeps},
	{name: "clones", check: checkClones},
	{name: "writes", check: checkWrites},
	{name: "loop", args: []string{"forks", "20"}, check: checkLoop(20)},
	{name: "loop", args: []string{"threads", "10"}, racy: true, check: checkLoop(40)},
	{name: "loop", args: []string{"calls", "2000"}, check: checkLoop(1)},
	{name: "loop", args: []string{"alive", "100"}, racy: true, check: checkLoop(100)},
}

// repeats is how often each case is recorded: TRACE_REPEAT, or once
// with the filter and once without.
func repeats() int {
	if n, err := strconv.Atoi(os.Getenv("TRACE_REPEAT")); err == nil {
		return n
	}
	return 2
}

// TestCases records each program, with the filter and without it. Its
// output must be what it prints alone, and its canonical form must
// be the same each time.
func TestCases(t *testing.T) {
	for _, c := range cases {
		t.Run(strings.Join(append([]string{c.name}, c.args...), " "), func(t *testing.T) {
			args := append([]string{cProgram(t, c.name)}, c.args...)
			t.Chdir(t.TempDir())
			if err := beSubreaper(); err != nil { // bare too: it prints its adopter
				t.Fatal(err)
			}
			bare, err := exec.Command(args[0], args[1:]...).CombinedOutput()
			if err != nil {
				t.Fatal(err)
			}
			reapOrphans()
			var first string
			for i := range repeats() {
				o := c.o
				o.noSeccomp = i%2 == 1
				r := runProgram(t, o, args...)
				if got, want := anonymous(r.out), anonymous(string(bare)); got != want {
					t.Errorf("prints %q, and alone %q", got, want)
				}
				c.check(t, r)
				if t.Failed() {
					t.Fatalf("recording %d (-no-seccomp=%v)\n%s", i+1, o.noSeccomp, text(r.Recording))
				}
				canonical := canonicalLines(r)
				if first == "" {
					first = canonical
				}
				if canonical != first && !c.racy {
					t.Fatalf("canonical form %d differs (-first +this)\n%s\n%s", i+1,
						cmp.Diff(lines(first), lines(canonical)), text(r.Recording))
				}
			}
		})
	}
}

// canonicalLines is the canonical form, the header aside: as it is
// printed, and as it is written.
func canonicalLines(r run) string {
	var b strings.Builder
	c := canonical.Of(r.Recording)
	for i := range c.Events {
		fmt.Fprintf(&b, "%s\t%s\n", trace.Text(&c.Events[i]), c.Events[i].AppendJSON(nil))
	}
	return b.String()
}

var digits = regexp.MustCompile(`\d{3,}`)

// anonymous replaces what may be a pid.
func anonymous(s string) string { return digits.ReplaceAllString(s, "N") }

func lines(s string) []string { return strings.Split(s, "\n") }

// find returns the events of a kind of one process.
func (r run) find(process string, kind trace.Kind) []*trace.Event {
	var found []*trace.Event
	for i := range r.Events {
		if e := &r.Events[i]; e.Process == process && e.Kind == kind {
			found = append(found, e)
		}
	}
	return found
}

// one returns the only event of a kind of a process.
func (r run) one(t *testing.T, process string, kind trace.Kind) *trace.Event {
	t.Helper()
	found := r.find(process, kind)
	if len(found) != 1 {
		t.Fatalf("%s has %d %s events, want one\n%s", process, len(found), kind, text(r.Recording))
	}
	return found[0]
}

// statuses are the words of the waits of a process that returned one.
func (r run) statuses(process string) []uint32 {
	var s []uint32
	for _, e := range r.find(process, trace.KindWait) {
		if e.Result > 0 {
			s = append(s, e.Status)
		}
	}
	return s
}

func equal[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got)\n%s", what, d)
	}
}

// kinds counts the events of each kind.
func (r run) kinds() map[trace.Kind]int {
	n := map[trace.Kind]int{}
	for i := range r.Events {
		n[r.Events[i].Kind]++
	}
	return n
}

func checkDoubleFork(t *testing.T, r run) {
	first := r.one(t, "P0", trace.KindFork)
	second := r.one(t, "P0.1", trace.KindFork)
	if first.SameVM == nil || *first.SameVM {
		t.Error("fork: the memory is one, or it was not compared")
	}
	wait := r.one(t, "P0", trace.KindWait)
	equal(t, "reaped", wait.ResultProcess, first.ChildProcess)
	equal(t, "status", wait.Status, uint32(0x300))
	a := r.one(t, second.ChildProcess, trace.KindReparented)
	equal(t, "adopter", a.NewParent, os.Getpid())
	equal(t, "old parent", a.OldParentProcess, "P0.1")
	w := r.one(t, "P0.1.1", trace.KindWrite)
	equal(t, "printed", string(w.Data), "second child, parent pid = "+strconv.Itoa(a.NewParentNSpid)+"\n")
	if a.Time > w.Time {
		t.Error("adopted after it said so")
	}
	equal(t, "last status", r.one(t, "P0.1.1", trace.KindExit).Status, uint32(0x400))
}

func checkVfork(t *testing.T, r run) {
	v := r.find("P0", trace.KindVfork)
	done := r.find("P0", trace.KindVforkDone)
	if len(v) != 2 || len(done) != 2 {
		t.Fatalf("%d vforks, %d done", len(v), len(done))
	}
	for _, e := range v {
		if e.SameVM == nil || !*e.SameVM {
			t.Error("not the same memory")
		}
	}
	equal(t, "state of the parent", r.one(t, "P0.1", trace.KindExit).ParentState, "D")
	changed := false
	for _, w := range done[0].Words {
		changed = changed || w.Before == 6 && w.After == 7
	}
	if !changed {
		t.Errorf("glob did not change from 6 to 7 in %v", done[0].Words)
	}
	equal(t, "exit argument", *r.one(t, "P0.1", trace.KindExit).ExitArg, 5)
	equal(t, "program", r.one(t, "P0.2", trace.KindExec).Path, "/bin/sh")
	equal(t, "statuses", r.statuses("P0"), []uint32{0x500, 0x900})
}

func checkSpawn(t *testing.T, r run) {
	equal(t, "vforks", r.kinds()[trace.KindVfork], 3)
	equal(t, "forks", r.kinds()[trace.KindFork], 0)
	equal(t, "statuses", r.statuses("P0"), []uint32{0x400, 0x7f00, 0x600})
	equal(t, "failed exec", r.one(t, "P0.2", trace.KindExec).Errno, "ENOENT")
	equal(t, "arguments", r.one(t, "P0.1", trace.KindExec).Argv, []string{"sh", "-c", "exit 4"})
}

func checkThreads(t *testing.T, r run) {
	equal(t, "processes", len(r.Processes()), 3)
	if r.one(t, "P0.1", trace.KindExit); r.find("P0", trace.KindFork)[0].Tid == 0 {
		t.Error("the fork is not the thread's")
	}
	equal(t, "arguments", r.one(t, "P0.2", trace.KindExec).Argv, []string{"sh", "-c", "exit 12"})
	equal(t, "statuses", r.statuses("P0"), []uint32{0x800, 0xc00})
}

func checkStop(t *testing.T, r run) {
	equal(t, "statuses", r.statuses("P0"), []uint32{0x137f, 0xffff, 0x137f, 0xffff, 0xf})
	var states []trace.Kind
	for i := range r.Events {
		if e := &r.Events[i]; e.Kind == trace.KindStop || e.Kind == trace.KindContinue ||
			e.Kind == trace.KindWait && e.Result > 0 && !e.Reaps() {
			states = append(states, e.Kind)
		}
	}
	equal(t, "order", states, []trace.Kind{
		trace.KindStop, trace.KindWait, trace.KindContinue, trace.KindWait, trace.KindStop, trace.KindWait, trace.KindContinue, trace.KindWait,
	})
}

func checkSubreaper(t *testing.T, r run) {
	a := r.one(t, "P0.1.1", trace.KindReparented)
	equal(t, "adopter", a.NewParentProcess, "P0")
	equal(t, "statuses", r.statuses("P0"), []uint32{0x100, 0x200})
	equal(t, "prctl", r.one(t, "P0", trace.KindSubreaper).Value, 1)
	waits := r.find("P0", trace.KindWait)
	equal(t, "last wait", waits[len(waits)-1].Errno, "ECHILD")
}

func checkZombie(t *testing.T, r run) {
	waits := r.find("P0", trace.KindWait)
	if len(waits) != 2 {
		t.Fatalf("%d waits", len(waits))
	}
	died := r.one(t, "P0.1", trace.KindExit)
	if look, reap := waits[0], waits[1]; look.Reaps() || !reap.Reaps() || reap.Entered < died.Time {
		t.Error("not looked at, then reaped")
	}
	equal(t, "looked", waits[0].Status, uint32(0x700))
	p := r.Processes()[1]
	if p.Reap == nil || p.Died >= p.Reaped {
		t.Error("was no zombie")
	}
}

func checkUnreaped(t *testing.T, r run) {
	a := r.one(t, "P0.1", trace.KindReparented)
	equal(t, "adopter", a.NewParent, os.Getpid())
	if a.Time < r.one(t, "P0.1", trace.KindExit).Time {
		t.Error("adopted alive")
	}
	if r.Processes()[1].Reap != nil {
		t.Error("reaped")
	}
}

func checkPoll(t *testing.T, r run) {
	waits := r.find("P0", trace.KindWait)
	last := len(waits) - 1
	if last < 3 {
		t.Fatalf("%d polls", last)
	}
	for _, w := range waits[:last] {
		equal(t, "poll", w.Result, 0)
	}
	equal(t, "status", waits[last].Status, uint32(0xb00))
}

func checkSleeps(t *testing.T, r run) {
	var slept []string
	for _, e := range r.Events {
		if e.Kind == trace.KindSleep {
			slept = append(slept, fmt.Sprint(e.Process, " ", e.Call, " ", time.Duration(e.Duration), e.Errno))
			if e.Errno == "" && e.Time-e.Entered < e.Duration {
				t.Errorf("a sleep of %d ns took from %d to %d", e.Duration, e.Entered, e.Time)
			}
		}
	}
	slices.Sort(slept)
	equal(t, "sleeps", slept, []string{"P0 clock_nanosleep 200ms", "P0.1 clock_nanosleep 40ms", "P0.1 clock_nanosleep 60ms"})
	equal(t, "status", r.statuses("P0"), []uint32{0xb00})
	equal(t, "discarded", r.one(t, "P0.1", trace.KindExit).Discarded, false)
}

func checkKilledParent(t *testing.T, r run) {
	equal(t, "killed", r.one(t, "P0.1", trace.KindExit).Status, uint32(9))
	// Every child of the killed one is adopted; trace.Check has seen
	// them end.
	for _, p := range r.Processes() {
		if p.Parent != nil && p.Parent.Name == "P0.1" && len(p.Reparented) != 1 {
			t.Errorf("%s adopted %d times", p.Name, len(p.Reparented))
		}
	}
}

func checkInterrupt(t *testing.T, r run) {
	var got []string
	for _, w := range r.find("P0", trace.KindWait) {
		got = append(got, w.Errno)
	}
	// A look in the handler; the wait, restarted; a look in the
	// handler; the wait, failed; the wait.
	equal(t, "errors", got, []string{"", "", "", "EINTR", ""})
	restarted := r.find("P0", trace.KindWait)[1]
	if signal := r.find("P0", trace.KindSignal)[0]; restarted.Entered > signal.Time {
		t.Error("the restarted wait counts from the restart")
	}
}

func checkWaits(t *testing.T, r run) {
	waits := r.find("P0", trace.KindWait)
	equal(t, "statuses", r.statuses("P0"),
		[]uint32{0x100, 0x200, 0x200, 0x300, 0x400, 0x500, 0x600, 0x700})
	for i, null := range []bool{true, false, false, true, true, false} {
		equal(t, "null status of wait "+strconv.Itoa(i), waits[i].NullStatus, null)
	}
	for i, child := range []string{"P0.1", "P0.2", "P0.2", "P0.3", "P0.4", "P0.5"} {
		equal(t, "result of wait "+strconv.Itoa(i), waits[i].ResultProcess, child)
	}
	equal(t, "idtype", waits[3].IDType, 3)
	equal(t, "group", waits[5].WaitPid, -r.Processes()[5].Pid)
	equal(t, "own group", waits[7].WaitPid, 0)
	equal(t, "nobody", waits[9].Errno, "ECHILD")
}

func checkKills(t *testing.T, r run) {
	want := []int{15, 9, 10, 37, 6, 9, 11}
	var died []int
	for _, p := range r.Processes()[1:] {
		died = append(died, int(p.Exit.Status&0x7f))
	}
	equal(t, "deaths", died, want)
	var sent []int
	for i := range r.Events {
		if e := &r.Events[i]; e.Kind == trace.KindKill {
			sent = append(sent, e.Signal)
		}
	}
	equal(t, "kills", sent, want)
	signal := r.one(t, "P0.1", trace.KindSignal)
	equal(t, "sender", signal.SenderProcess, "P0")
	equal(t, "call", r.one(t, "P0.5", trace.KindKill).Call, "tgkill")
}

func checkFiles(t *testing.T, r run) {
	writes := map[string]*trace.Event{}
	for i := range r.Events {
		if e := &r.Events[i]; e.Kind == trace.KindWrite {
			writes[string(e.Data)] = e
		}
	}
	child, parent, other, vector := writes["child"], writes["parent"], writes["append"], writes["today"]
	if child == nil || parent == nil || other == nil || vector == nil {
		t.Fatal("writes are missing")
	}
	if child.OFD == 0 || child.OFD != parent.OFD || vector.OFD != parent.OFD || other.OFD == parent.OFD {
		t.Errorf("open files: child %d, parent %d, copy %d, second open %d", child.OFD, parent.OFD, vector.OFD, other.OFD)
	}
	equal(t, "offset after the child", child.FilePos, 5)
	equal(t, "offset after the parent", parent.FilePos, 11)
	equal(t, "offset after append", other.FilePos, 17)
	equal(t, "name", child.Path, mustAbs("shared"))
	if w := writes["copy of stdout\n"]; w == nil || w.Fd != 7 || w.FilePos != -1 {
		t.Errorf("copy of stdout: %+v", w)
	}
	seek := r.one(t, "P0", trace.KindSeek)
	equal(t, "seek", []int64{seek.Offset, seek.Result, int64(seek.OFD)}, []int64{2, 2, int64(parent.OFD)})
	equal(t, "truncate", r.one(t, "P0", trace.KindTruncate).Offset, 4)
	equal(t, "fcntl", r.one(t, "P0", trace.KindFcntl).OFD, other.OFD)
	opens := r.find("P0", trace.KindOpen)
	equal(t, "last open", opens[len(opens)-1].Fd, 1)
}

func checkDaemon(t *testing.T, r run) {
	sessions := r.find("P0.1", trace.KindSetsid)
	equal(t, "session", sessions[0].Result, int64(sessions[0].NSpid))
	equal(t, "second setsid", sessions[1].Errno, "EPERM")
	dirs := r.find("P0.1.1", trace.KindChdir)
	equal(t, "directories", []string{dirs[0].Path, dirs[0].Errno, dirs[1].Path, dirs[1].Errno},
		[]string{"/", "", "/nowhere/at/all", "ENOENT"})
	equal(t, "umask", r.one(t, "P0.1.1", trace.KindUmask).Mask, 0o27)
	var closed []int
	for _, e := range r.find("P0.1.1", trace.KindClose) {
		closed = append(closed, e.Fd)
	}
	equal(t, "closed", closed, []int{0, 1, 2})
	open := r.one(t, "P0.1.1", trace.KindOpen)
	equal(t, "open", []any{open.Path, open.Fd, open.Flags & 3}, []any{"/dev/null", 0, uint64(2)})
	dups := r.find("P0.1.1", trace.KindDup)
	equal(t, "dup", []int{dups[0].Fd, dups[0].NewFd, dups[1].Fd, dups[1].NewFd}, []int{0, 1, 0, 2})
	pipe := r.one(t, "P0", trace.KindPipe)
	equal(t, "pipe", []int{pipe.Fd, pipe.NewFd}, []int{3, 4})
}

func checkIgnored(t *testing.T, r run) {
	wait := r.one(t, "P0", trace.KindWait)
	equal(t, "wait", wait.Errno, "ECHILD")
	for _, p := range r.Processes()[1:] {
		if p.Reap != nil || p.Exit == nil || p.Exit.Time > wait.Time {
			t.Errorf("%s: not gone by itself before the wait returned", p.Name)
		}
		if len(p.Reparented) > 0 {
			t.Errorf("%s: adopted, although it was gone", p.Name)
		}
	}
}

func checkClones(t *testing.T, r run) {
	equal(t, "statuses", r.statuses("P0"), []uint32{0x200, 0x100, 0x300, 0x300, 0x400})
	waits := r.find("P0", trace.KindWait)
	equal(t, "brother", waits[1].ResultProcess, "P0.1.1")
	births := append(r.find("P0.1", trace.KindFork), r.find("P0", trace.KindClone)...)
	births = append(births, r.find("P0", trace.KindFork)[1:]...)
	var kinds []trace.Kind
	var flags []uint64
	for _, e := range births {
		kinds = append(kinds, e.Kind)
		flags = append(flags, e.Flags)
	}
	equal(t, "kinds", kinds, []trace.Kind{trace.KindFork, trace.KindClone, trace.KindFork, trace.KindFork})
	equal(t, "flags", flags, []uint64{0x8000 | 17, 0x100, 0x100 | 17, 17})
	equal(t, "call", births[3].Call, "clone3")
	if births[2].SameVM == nil || !*births[2].SameVM {
		t.Error("CLONE_VM: not the same memory")
	}
}

func checkWrites(t *testing.T, r run) {
	var got []string
	for _, e := range r.find("P0", trace.KindWrite) {
		got = append(got, fmt.Sprintf("%s %d %.20q %d %s", e.Call, e.Fd, e.Data, e.Result, e.Errno))
	}
	equal(t, "writes", got, []string{
		`write 1 "write\n" 6 `,
		`writev 2 "one two three\n" 14 `,
		`write 3 "copy\n" 5 `,
		`sendfile 1 "sendfile\n" 9 `,
		`sendfile 3 "sendfile\n" 9 `,
		`write 1 "abcdefghijklmnopqrst" 100000 `,
		`write 1 "" -1 EBADF`,
	})
	for _, e := range r.find("P0", trace.KindWrite) {
		if e.Result == 100000 && len(e.Data) != 64<<10 {
			t.Errorf("%d bytes kept of a large write", len(e.Data))
		}
	}
}

func mustAbs(name string) string {
	dir, err := os.Getwd()
	if err != nil {
		panic(err)
	}
	return dir + "/" + name
}

func checkLoop(children int) func(*testing.T, run) {
	return func(t *testing.T, r run) {
		equal(t, "forks", r.kinds()[trace.KindFork], children)
		equal(t, "exits", r.kinds()[trace.KindExit], children+1)
		reaps := 0
		for i := range r.Events {
			if r.Events[i].Reaps() {
				reaps++
			}
		}
		equal(t, "reaps", reaps, children)
	}
}
