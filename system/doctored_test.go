//go:build linux

package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"apue/internal/lab"
	"apue/internal/lab/labtest"
	"apue/internal/trace"
	"apue/system/checks"
)

// A doctor changes an observation of our own program so that a claim
// must fail.
type doctor = func(*lab.Observation)

// change calls f for each event of the kind.
func change(kind trace.Kind, f func(*trace.Event)) doctor {
	return func(o *lab.Observation) {
		for i := range o.Recording.Events {
			if e := &o.Recording.Events[i]; e.Kind == kind {
				f(e)
			}
		}
	}
}

// without takes away the events of the kind for which f is true.
func without(kind trace.Kind, f func(*trace.Event) bool) doctor {
	return func(o *lab.Observation) {
		o.Recording.Events = slices.DeleteFunc(o.Recording.Events, func(e trace.Event) bool {
			return e.Kind == kind && f(&e)
		})
	}
}

func every(*trace.Event) bool { return true }

// inProc replaces text in a file of /proc of all processes.
func inProc(file, old, to string) doctor {
	return change(trace.KindSnapshot, func(e *trace.Event) {
		for _, s := range e.Snapshot {
			if text, ok := s.Files[file]; ok {
				s.Files[file] = strings.ReplaceAll(text, old, to)
			}
		}
	})
}

// inOutput replaces text in what the program printed.
func inOutput(old, to string) doctor {
	return printed(regexp.QuoteMeta(old), strings.ReplaceAll(to, "$", "$$"))
}

// doctored sees each claim fail.
func doctored(t *testing.T, x *lab.Experiment, doctors map[string]doctor) {
	t.Parallel()
	for i := range x.Claims {
		c := &x.Claims[i]
		if x.Exercise && !c.Ours {
			continue // the wrong programs fail it
		}
		d := doctors[c.Name]
		if d == nil {
			t.Errorf("%s/%s is seen to fail by no doctor", x.ID(), c.Name)
			continue
		}
		t.Run(c.Name, func(t *testing.T) { doctorOne(t, x, c.Name, d) })
	}
}

// doctorOne uses the C program for what only C's library has.
func doctorOne(t *testing.T, x *lab.Experiment, claim string, d doctor) {
	if claim == "null" {
		labtest.DoctoredTwin(t, x, claim, d)
		return
	}
	labtest.Doctored(t, x, claim, d)
}

// printed replaces what the pattern finds in what the program printed.
func printed(pattern, to string) doctor {
	re := regexp.MustCompile(pattern)
	return func(o *lab.Observation) {
		o.Stdout = re.ReplaceAll(o.Stdout, []byte(to))
		change(trace.KindWrite, func(e *trace.Event) {
			e.Data = re.ReplaceAll(e.Data, []byte(to))
			if e.Result > 0 {
				e.Result = int64(len(e.Data))
			}
		})(o)
	}
}

// noTime takes the processor time of all processes away in /proc.
func noTime(o *lab.Observation) {
	change(trace.KindSnapshot, func(e *trace.Event) {
		for _, s := range e.Snapshot {
			s.Files["schedstat"] = "300000000 0 0"
			stat := s.Files["stat"]
			head, tail := stat[:strings.LastIndex(stat, ")")+2], strings.Fields(stat[strings.LastIndex(stat, ")")+1:])
			for i := 14; i <= 17 && i-3 < len(tail); i++ {
				tail[i-3] = "0"
			}
			s.Files["stat"] = head + strings.Join(tail, " ")
		}
	})(o)
}

// niceIs gives all processes a nice value in /proc.
func niceIs(n string) doctor {
	return change(trace.KindSnapshot, func(e *trace.Event) {
		for _, s := range e.Snapshot {
			stat := s.Files["stat"]
			head, tail := stat[:strings.LastIndex(stat, ")")+2], strings.Fields(stat[strings.LastIndex(stat, ")")+1:])
			tail[19-3] = n
			s.Files["stat"] = head + strings.Join(tail, " ")
		}
	})
}

func TestSystemDoctored(t *testing.T) {
	noStatus := change(trace.KindWait, func(e *trace.Event) { e.Status = 0x0100 })
	doctored(t, checks.System, map[string]doctor{
		"denied": noStatus, "shells-signal": noStatus,
		"no-shell": without(trace.KindExec, func(e *trace.Event) bool { return e.Errno == "ENOENT" }),
		"no-fork":  change(trace.KindFork, func(e *trace.Event) { e.Errno = "" }),
		"copy":     inOutput("unflushed, then exit\nunflushed, then exit\n", "unflushed, then exit\n"),
		"null":     inOutput("0x7f00", "0xffffffff"),
	})
}

func TestInterruptDoctored(t *testing.T) {
	doctored(t, checks.Interrupt, map[string]doctor{
		"child-after":   without(trace.KindSignal, every),
		"ignored-child": change(trace.KindWait, func(e *trace.Event) { e.Errno = "" }),
		"kept-ignored":  inOutput("the command ignores SIGINT", ""),
		"control-c":     change(trace.KindExit, func(e *trace.Event) { e.Status = 0 }),
	})
}

func TestHoleDoctored(t *testing.T) {
	owner := inProc("status", "7000002", "7000001")
	doctored(t, checks.Hole, map[string]doctor{
		"inherited": owner, "p-keeps": owner,
		"shell-drops": without(trace.KindCreds, every),
		"search-hole": change(trace.KindExec, func(e *trace.Event) { e.Path = "/usr/bin/pruids" }),
		"mended":      inProc("status", "7000001\t7000001\t7000001", "7000001\t7000002\t7000002"),
	})
}

func TestAccountDoctored(t *testing.T) {
	doctored(t, checks.Account, map[string]doctor{
		"one-a-process":     inOutput("pid 3,", "pid 99,"),
		"termination-order": change(trace.KindExit, func(e *trace.Event) { e.Time = -e.Time }),
		"before-the-wait":   inOutput("a zombie: 6", "a zombie: 5"),
		"forked":            inOutput(" AFORK", ""),
		"one-for-three":     inOutput("sleep:", "sh:"),
		"killed":            inOutput(" AXSIG", ""),
		"privileged":        inOutput(" ASU", ""),
		"core":              inOutput(" ACORE", ""),
		"off-writes":        without(trace.KindAcct, func(e *trace.Event) bool { return e.Path == "" }),
		"errors":            change(trace.KindAcct, func(e *trace.Event) { e.Errno = "ENOENT" }),
	})
}

func TestLoginDoctored(t *testing.T) {
	number := inProc("loginuid", "", "1")
	doctored(t, checks.Login, map[string]doctor{
		"unset": number, "set": number, "inherited": number,
		"two-names":   inOutput("second logs in: getlogin: first", "second logs in: getlogin: second"),
		"environment": inOutput("LOGNAME=somebody: getlogin: ENXIO", "LOGNAME=somebody: getlogin: somebody"),
		"guarded":     change(trace.KindWrite, func(e *trace.Event) { e.Errno = "" }),
	})
}

func TestPriorityDoctored(t *testing.T) {
	doctored(t, checks.Priority, map[string]doctor{
		"adds": niceIs("7"), "clamps": niceIs("7"), "minus-one": niceIs("7"), "reset-on-fork": niceIs("7"), "group": niceIs("7"), "inherited": niceIs("7"),
		"eperm":  change(trace.KindPriority, func(e *trace.Event) { e.Errno = "" }),
		"thread": change(trace.KindPriority, func(e *trace.Event) { e.Tid = 0 }),
	})
}

func TestNiceDoctored(t *testing.T) {
	doctored(t, checks.Nice, map[string]doctor{"weights": noTime})
}

// TestNiceOnABusyMachine: where the pair with nice 19 got so little of the
// processor that its share is a slice or two, the shares say nothing.
func TestNiceOnABusyMachine(t *testing.T) {
	t.Parallel()
	if labtest.LookAtMachine().Nice != 0 {
		t.Skip("the nice value is not 0 at the start")
	}
	for _, c := range []struct {
		total int // of each pair, in ms
		want  lab.Status
	}{{300, lab.CannotCheck}, {3000, lab.Fail}} {
		doctor := change(trace.KindSnapshot, func(e *trace.Event) {
			for _, s := range e.Snapshot {
				// What the weights give, but nice 19 gets twice of it.
				part := map[int]int{0: 1000, 5: 327, 10: 107, 19: 28}[s.Files.StatNumber(19)]
				s.Files["schedstat"] = fmt.Sprintf("%d 0 0", c.total*part*1000)
			}
		})
		switch got := labtest.Judged(t, checks.Nice, "weights", doctor); {
		case got.Status == lab.CannotCheck && c.want == lab.Fail:
			labtest.Cannot(t, "system/nice/weights", got.Reason, got.Remedy)
		case got.Status != c.want:
			t.Errorf("with %d ms: %s (%s), want %s", c.total, got.Status, got.Observed+got.Reason, c.want)
		}
	}
}

// usedAtExit gives the processes these processor times, in ms, when the first
// one ends, and 0 before.
func usedAtExit(ms map[string]int) doctor {
	return func(o *lab.Observation) {
		change(trace.KindSnapshot, func(e *trace.Event) {
			for _, s := range e.Snapshot {
				used := 0
				if e.At == "exit" {
					used = ms[s.Process]
				}
				s.Files["schedstat"] = fmt.Sprintf("%d 0 0", used*1_000_000)
			}
		})(o)
		// A parent that waits has stopped computing: here it has not.
		change(trace.KindWait, func(e *trace.Event) { e.Entered = 0 })(o)
	}
}

// TestNiceLess sees each result of the claim less: the two have the processor
// times, in ms, of the table when the first of them ends.
func TestNiceLess(t *testing.T) {
	t.Parallel()
	if labtest.LookAtMachine().Nice != 0 {
		t.Skip("the nice value is not 0 at the start")
	}
	for _, c := range []struct {
		name         string
		nicer, other int
		want         lab.Status
	}{
		{"a ninth", 10_000, 90_000, lab.Pass},
		{"half", 40_000, 80_000, lab.Pass},
		{"more than half", 41_000, 80_000, lab.Fail},
		{"too little of the processor", 50, 100, lab.CannotCheck},
		{"stopped by the recorder", 150, 150, lab.CannotCheck},
	} {
		got := labtest.Judged(t, checks.Nice, "less", func(o *lab.Observation) {
			names := map[string]int{}
			cast := checks.Nice.Cast(o)
			for role, ms := range map[string]int{"parent": c.other, "child": c.nicer} {
				names[cast.Of(role).Name] = ms
			}
			usedAtExit(names)(o)
		})
		if got.Status != c.want {
			t.Errorf("%s: %s (%s), want %s", c.name, got.Status, got.Observed+got.Reason, c.want)
		}
	}
}

// TestNicePair: the two that compete are found where the nicer one got next
// to nothing, and what started them has used more, before it made them.
func TestNicePair(t *testing.T) {
	t.Parallel()
	for _, nicer := range []int{0, 3} {
		got := labtest.Judged(t, checks.Nice, "one-processor", func(o *lab.Observation) {
			cast := checks.Nice.Cast(o)
			original := cast.Of("parent").Parent.Name
			usedAtExit(map[string]int{cast.Of("parent").Name: 1000, cast.Of("child").Name: nicer})(o)
			change(trace.KindSnapshot, func(e *trace.Event) {
				for _, s := range e.Snapshot {
					if s.Process == original {
						s.Files["schedstat"] = "9000000 0 0"
					}
				}
			})(o)
		})
		if got.Status != lab.Pass {
			t.Errorf("the nicer one got %d ms: %s (%s)", nicer, got.Status, got.Observed+got.Reason)
		}
	}
}

// TestNicePolicy: of two processes one of which got no processor time it is not
// said that they ran one after the other if one had another scheduling policy.
func TestNicePolicy(t *testing.T) {
	t.Parallel()
	if labtest.LookAtMachine().Nice != 0 {
		t.Skip("the nice value is not 0 at the start")
	}
	for call, want := range map[string]lab.Status{"setpriority": lab.Fail, "sched_setscheduler": lab.CannotCheck} {
		got := labtest.Judged(t, checks.Nice, "together", func(o *lab.Observation) {
			parent := checks.Nice.Cast(o).Of("parent").Name
			change(trace.KindPriority, func(e *trace.Event) { e.Call = call })(o)
			usedAtExit(map[string]int{parent: 900})(o)
		})
		if got.Status != want {
			t.Errorf("after %s: %s (%s), want %s", call, got.Status, got.Observed+got.Reason, want)
		}
	}
}

func TestAutogroupDoctored(t *testing.T) {
	i := 0
	unequal := change(trace.KindSnapshot, func(e *trace.Event) {
		for _, s := range e.Snapshot {
			i++
			s.Files["schedstat"] = []string{"400000000 0 0", "40000000 0 0"}[i%2]
		}
	})
	doctored(t, checks.Autogroup, map[string]doctor{
		"equal": unequal, "group-nice": noTime, "within": noTime,
		"membership": change(trace.KindSnapshot, func(e *trace.Event) {
			for _, s := range e.Snapshot {
				s.Files["autogroup"] = "/autogroup-1 nice 0"
			}
		}),
	})
}

func TestTimesDoctored(t *testing.T) {
	doctored(t, checks.Times, map[string]doctor{
		"self": noTime, "exec-keeps": noTime,
		// Of a grandchild that was not reaped a tick or two are counted:
		// what its parent used itself.
		"grandchildren": printed(`(was not reaped): \d+`, "$1: 21"),
		"ignored":       printed(`(with SIGCHLD ignored): \d+`, "$1: 21"),
		"commands":      change(trace.KindTimes, func(e *trace.Event) { e.Result = 0 }),
		"wall":          change(trace.KindTimes, func(e *trace.Event) { e.Result = 0 }),
	})
}

// TestWallLate: that the recorder saw the return of the first call late does
// not make the sleep shorter, and a count of ticks may be late by one.
func TestWallLate(t *testing.T) {
	t.Parallel()
	const sinceStart = 0
	for ticks, want := range map[int64]lab.Status{18: lab.Fail, 19: lab.Pass, 20: lab.Pass, sinceStart: lab.Fail} {
		got := labtest.Judged(t, checks.Times, "wall", func(o *lab.Observation) {
			var a, z *trace.Event
			for _, e := range o.EventsOf(o.Processes()[0], trace.KindTimes) {
				a, z = z, e
			}
			a.Time = z.Time - 1
			n := ticks
			if n == sinceStart {
				n = z.Time / 1e7
			}
			z.Result = a.Result + n
			printed(`(0\.2 s took): \d+`, fmt.Sprintf("$1: %d", n))(o)
		})
		if got.Status != want {
			t.Errorf("%d ticks: %s (%s), want %s", ticks, got.Status, got.Observed+got.Reason, want)
		}
	}
}

// TestCommandsBusy sees the claim commands of a machine on which the shell and
// the sleep took as long as the loop in the background did.
func TestCommandsBusy(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		waitedFor, loop int // ms
		counted         int64
		want            lab.Status
	}{
		{70, 70, 7, lab.Pass},
		{10, 400, 1, lab.Pass},
		{10, 400, 41, lab.Fail},
		{10, 60, 7, lab.Fail},
		{10, 50, 1, lab.CannotCheck},
	} {
		got := labtest.Judged(t, checks.Times, "commands", func(o *lab.Observation) {
			shells := lab.Forked(o.Processes()[0])
			names := map[string]int{}
			for _, s := range shells {
				names[s.Name] = c.waitedFor
				for _, child := range s.Children {
					if w, ok := lab.Word(child); ok && w.Signaled() {
						names[child.Name] = c.loop
					}
				}
			}
			usedAtExit(names)(o)
			i := 0
			change(trace.KindTimes, func(e *trace.Event) {
				e.Numbers = []int64{0, 0, 0, int64(i%2) * c.counted}
				i++
			})(o)
		})
		if got.Status != c.want {
			t.Errorf("%+v: %s (%s)", c, got.Status, got.Observed+got.Reason)
		}
	}
}

// TestGrandchildrenNotCounted doctors the other half of the claim: the
// grandchild that was reaped.
func TestGrandchildrenNotCounted(t *testing.T) {
	t.Parallel()
	labtest.Doctored(t, checks.Times, "grandchildren", printed(`(that was reaped): \d+`, "$1: 1"))
}
