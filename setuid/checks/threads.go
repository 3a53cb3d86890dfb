package checks

import (
	"fmt"

	"apue/internal/lab"
	"apue/internal/trace"
)

// Threads checks whose ids a call changes.
var Threads = &lab.Experiment{
	Dir: "setuid", Name: "threads", Ref: "§8.11",
	Title: "whose ids a call changes",
	Claims: []lab.Claim{
		claim("per-thread", "the bare system call changes the ids of the thread that makes it, and of no other",
			"because the kernel keeps the ids for each thread",
			[3]string{"Does the kernel know what a process is?", "It keeps credentials for each task.", "grep Uid /proc/PID/task/*/status"}, threadsBare),
		claim("all", "the library's function changes the ids of all threads: each of them makes the call",
			"because POSIX says that the ids belong to the process",
			[3]string{"How can a library change the ids of other threads?", "It has each of them make the call.", "ch8 trace shows the call once for each thread"}, threadsAll),
		claim("differ-fail", "where the call fails in another thread than the caller's, the library ends the program",
			"because nobody could say any more whose ids the process has",
			[3]string{"What if one thread is allowed and another is not?", "The library cannot take back what it did in the first.", "a bare setresuid in one thread, then the library's in another"}, threadsDiffer),
	},
	Cast: numbered,
	Moments: []lab.Moment{
		{Name: "one", Says: "The bare call: one thread has other ids now, and the rest of the process the old ones.", At: printedBy("the bare call")},
		{Name: "all", Says: "After the library's call all threads have the same ids: each of them made the system call.", At: printedBy("the library's: all")},
	},
	Questions: []lab.Question{{
		Name: "whose", Ask: "A thread makes the bare system call setresuid. Whose ids change?",
		Answers: []string{"the thread's", "those of all threads of the process"},
		Right: func(o *lab.Observation) string {
			if len(o.Printed("the bare call: one thread has other ids")) == 1 {
				return "the thread's"
			}
			return ""
		},
		Why: "The kernel keeps ids for each thread. The library's function makes the call in all of them.", Moment: "one",
	}, {
		Name: "library", Ask: "A program with five threads calls the library's setresuid. How many threads make the system call?",
		Answers: []string{"one: the ids belong to the process", "each of them", "only the first one"},
		Right: func(o *lab.Observation) string {
			tids := map[int]bool{}
			calls, ok := threadsCalls(o, "the bare call", "the library's: ")
			for _, e := range calls {
				tids[e.Tid] = true
			}
			if !ok || len(tids) < 2 {
				return ""
			}
			return "each of them"
		},
		Why: "The library sends a signal to each thread, and its handler makes the call there.", Moment: "all",
	}},
}

// threadsCalls are the successful calls of setresuid of the first
// process between two of its lines.
func threadsCalls(o *lab.Observation, from, to string) (calls []*trace.Event, ok bool) {
	a, b := o.Printed(from), o.Printed(to)
	if len(a) == 0 || len(b) == 0 {
		return nil, false
	}
	for _, e := range o.EventsOf(o.Processes()[0], trace.KindCreds) {
		if e.Call == "setresuid" && e.Errno == "" && e.Time > a[0].Write.Time && e.Time < b[0].Write.Time && len(e.Args) == 3 && int32(e.Args[1]) == idA {
			calls = append(calls, e)
		}
	}
	return calls, true
}

func threadsBare(b *lab.Bench) lab.Verdict {
	o, cannot := run(b)
	if cannot != nil {
		return *cannot
	}
	calls, ok := threadsCalls(o, "at the start", "the bare call")
	switch {
	case !ok || len(calls) != 1:
		return o.Fail(fmt.Sprintf("%d calls of setresuid were recorded for the bare call", len(calls)), "there should be one, by one thread")
	case len(o.Printed("the bare call: one thread has other ids")) != 1:
		return o.Fail("the program printed "+lab.Quote(o.Lines()), "the lines Uid of its threads should differ after one thread's call")
	}
	return o.Passed("one thread made the call, and its line Uid differed from the others'")
}

func threadsAll(b *lab.Bench) lab.Verdict {
	o, cannot := run(b)
	if cannot != nil {
		return *cannot
	}
	calls, ok := threadsCalls(o, "the bare call", "the library's: ")
	tids := map[int]bool{}
	for _, e := range calls {
		tids[e.Tid] = true
	}
	switch {
	case !ok || len(tids) < 2:
		return o.Fail(fmt.Sprintf("%d threads made the call setresuid", len(tids)), "each thread has to make it")
	case len(o.Printed("the library's: all threads have the same ids")) != 1:
		return o.Fail("the program printed "+lab.Quote(o.Lines()), "all threads should have the same ids after the library's call")
	}
	return o.Passed("%d threads made the call, and all had the same ids afterwards", len(tids))
}

func threadsDiffer(b *lab.Bench) lab.Verdict {
	o, cannot := run(b)
	if cannot != nil {
		return *cannot
	}
	for _, p := range o.Processes()[1:] {
		good, bad := false, false
		for _, e := range o.EventsOf(p, trace.KindCreds) {
			if e.Call == "setresuid" && len(e.Args) == 3 && int32(e.Args[0]) == idB {
				good, bad = good || e.Errno == "", bad || e.Errno == "EPERM"
			}
		}
		if good && bad && p.Exit != nil && p.Exit.Status != 0 {
			return o.Passed("the call succeeded in one thread and gave EPERM in another, and the process %s", lab.Ended(p.Exit.Status))
		}
	}
	return o.Fail(o.Family(), "one process should make the call with success in one thread and EPERM in another, and be ended for it")
}
