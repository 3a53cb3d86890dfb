package checks

import (
	"fmt"
	"slices"
	"strings"

	"apue/internal/lab"
	"apue/internal/trace"
)

// Claims about the other options of waitid (Fig. 8.10), about the other
// fields of a rusage (§8.8), and about groups without a child.

var stopsRun = func() lab.Run {
	r := onPipe
	r.Args = []string{"--stops"}
	return r
}()

var waitidMore = []lab.Claim{
	waitidStep("nohang", "WNOHANG on a child that runs returns 0, with si_pid 0",
		"because 0 means that no child has changed", 0, lab.WEXITED|lab.WNOHANG, 0, 0),
	waitidStep("stopped", "WSTOPPED returns the child that stopped, with CLD_STOPPED and the signal, once",
		"because each stop is reported once", 1, lab.WUNTRACED, 1, 0x137f),
	waitidStep("continued", "WCONTINUED returns the child that continued, with CLD_CONTINUED and SIGCONT, once",
		"because each continue is reported once", 3, lab.WCONTINUED, 1, 0xffff),
}

// waitidStep judges a call of waitid, counted from 0, and the one after
// it, which finds nothing any more.
func waitidStep(name, says, why string, at, options int, result int64, status uint32) lab.Claim {
	return lab.Claim{
		Name: name, Says: says, Why: why, Points: 1,
		Hints: [3]string{"Run it with --stops.", "The options say for which changes waitid waits.", "waitid(P_PID, pid, &info, WSTOPPED), then with WNOHANG"},
		Judge: func(b *lab.Bench) lab.Verdict {
			o := b.Run(stopsRun)
			parent := most(o)
			waits := o.WaitsOf(parent)
			if len(waits) < 6 {
				return o.Fail(fmt.Sprintf("waitid was called %d times", len(waits)), "there should be six calls")
			}
			w := waits[at]
			found := int64(0)
			if w.Child != nil {
				found = 1
			}
			switch {
			case w.Options != options || found != result || w.Errno != "":
				return o.Fail(fmt.Sprintf("call %d had the options %#x and returned %d (%s)", at+1, w.Options, w.Result, w.Errno), "it should find what the option asks for")
			case result != 0 && w.Status != status:
				return o.Fail(fmt.Sprintf("the status is %#x", w.Status), fmt.Sprintf("it should be %#x", status))
			case result != 0 && waits[at+1].Child != nil:
				return o.Fail("the next call returned the child again", "it should be reported once")
			}
			if lines := lab.Texts(o.Told(parent)); len(lines) < 6 || (result == 0) != strings.HasSuffix(lines[at], "si_pid 0") {
				return o.Fail("the program printed "+lab.Quote(lines), "it should print what waitid returned")
			}
			return o.Passed("call %d returned as it should", at+1)
		},
	}
}

// allRun is the run of wait/rusage with all fields.
var allRun = func() lab.Run {
	r := onPipe
	r.Args = []string{"--all", "--ms"}
	return r
}()

var rusageMore = []lab.Claim{
	rusageField("faults", "ru_minflt is at least the number of pages that the child touched first",
		"because the first touch of each page is a fault", 200, func(u *trace.Rusage) int64 { return u.Minflt }),
	rusageField("switches", "ru_nvcsw is at least the number of times that the child slept",
		"because a process that sleeps gives up the processor", 20, func(u *trace.Rusage) int64 { return u.Nvcsw }),
	{
		Name: "no-signals", Says: "ru_nsignals stays 0 on Linux, although the child handled five signals",
		Why: "because Linux does not count them", Points: 1,
		Hints: [3]string{"Run it with --all.", "getrusage(2) lists the fields that Linux keeps.", "ru_nsignals"},
		Judge: func(b *lab.Bench) lab.Verdict {
			o := b.Run(allRun)
			handled := 0
			for _, e := range o.Events(trace.KindSignal) {
				if e.Signal == sigusr1 && len(most(o).Children) > 0 && e.Process == most(o).Children[0].Name {
					handled++
				}
			}
			lines := lab.Texts(o.Told(most(o)))
			i := slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, "ru_nsignals") })
			if handled != 5 || i < 0 || i+1 >= len(lines) || lines[i+1] != "  the kernel says 0" {
				return o.Fail(fmt.Sprintf("the child got %d signals, and the program printed %s", handled, lab.Quote(lines)), "five signals should be handled and none counted")
			}
			return o.Passed("five signals were delivered, and ru_nsignals is 0")
		},
	},
	{
		Name: "one-call", Says: "wait3 and wait4 arrive in the kernel as wait4",
		Why: "because Linux has one system call for both", Points: 1,
		Hints: [3]string{"Which system call does wait3 make?", "wait3 is wait4 for any child.", "ch8 trace wait/rusage"},
		Judge: func(b *lab.Bench) lab.Verdict {
			o := b.Run(onPipe)
			n := 0
			for _, w := range o.WaitsOf(most(o)) {
				if w.Rusage == nil {
					continue
				}
				if w.Call != "wait4" {
					return o.Fail("a wait with a rusage arrived as "+w.Call, "it should be wait4")
				}
				n++
			}
			if n < 3 {
				return o.Fail(fmt.Sprintf("%d waits asked for a rusage", n), "there should be three")
			}
			return o.Passed("all %d waits that asked for a rusage were wait4", n)
		},
	},
	{
		Name: "fifth-argument", Says: "the kernel's waitid has a fifth argument, in which it stores the same rusage as wait4",
		Why: "because the kernel has one function behind both", Points: 1,
		Hints: [3]string{"Run it with --all.", "waitid(2) says what the raw system call has and the library's function has not.", "syscall(SYS_waitid, P_PID, pid, NULL, WEXITED | WNOWAIT, &usage)"},
		Judge: rusageFifth,
	},
}

// rusageFifth compares what the kernel's waitid stored for a zombie with
// what the wait4 after it stored.
func rusageFifth(b *lab.Bench) lab.Verdict {
	o := b.Run(allRun)
	var looked, reaped *trace.Rusage
	for _, w := range o.WaitsOf(most(o)) {
		switch {
		case w.Call == "waitid" && w.Rusage != nil:
			looked = w.Rusage
		case w.Took && looked != nil:
			reaped = w.Rusage
		}
	}
	switch {
	case looked == nil || reaped == nil:
		return o.Fail("there was no waitid with a rusage and a wait4 after it", "there is nothing to compare")
	case *looked != *reaped:
		return o.Fail(fmt.Sprintf("waitid stored %+v, and wait4 %+v", *looked, *reaped), "both are the account of one zombie")
	}
	return o.Passed("waitid stored the rusage that wait4 stored after it: %d page faults, %d sleeps", looked.Minflt, looked.Nvcsw)
}

const sigusr1 = 10

// rusageField judges a field of what wait4 stored.
func rusageField(name, says, why string, least int64, of func(*trace.Rusage) int64) lab.Claim {
	return lab.Claim{
		Name: name, Says: says, Why: why, Points: 1,
		Hints: [3]string{"Run it with --all.", "The kernel counts for each process, and wait4 returns the counts.", "ru_minflt, ru_nvcsw"},
		Judge: func(b *lab.Bench) lab.Verdict {
			o := b.Run(allRun)
			for _, w := range o.WaitsOf(most(o)) {
				if w.Took && w.Rusage != nil {
					if n := of(w.Rusage); n < least {
						return o.Fail(fmt.Sprintf("the kernel says %d", n), fmt.Sprintf("it should be at least %d", least))
					}
					return o.Passed("the kernel says %d, at least %d", of(w.Rusage), least)
				}
			}
			return o.Fail(o.Family(), "no wait with a rusage reaped a child")
		},
	}
}

var pidsNoGroup = lab.Claim{
	Name: "no-group", Ours: true,
	Says:  "a wait for a process group in which the caller has no child, or that does not exist, fails with ECHILD",
	Why:   "because there is no child to wait for",
	Hints: [3]string{"What does waitpid return for a group that does not exist?", "The same as for a group of other processes.", "waitpid(-group, …)"},
	Judge: func(b *lab.Bench) lab.Verdict {
		o := b.Run(onPipe)
		n := 0
		for _, w := range o.WaitsOf(pidsParent(o)) {
			if w.Form == lab.Group && w.Errno == "ECHILD" {
				n++
			}
		}
		if n < 2 {
			return o.Fail(fmt.Sprintf("%d waits for a group failed with ECHILD", n), "two should")
		}
		return o.Passed("both waits for a group without a child failed with ECHILD")
	},
}
