package checks

import (
	"fmt"
	"path/filepath"
	"strings"

	"apue/internal/lab"
	"apue/internal/trace"
)

// Drop checks how privileges are given up.
var Drop = &lab.Experiment{
	Dir: "setuid", Name: "drop", Ref: "§8.11",
	Title: "giving privileges up, in the right order",
	Claims: []lab.Claim{
		claim("for-a-while", "seteuid to the real id and back to the saved one works, and files open accordingly",
			"because the saved set-user-ID keeps the privilege while it is not used",
			[3]string{"Where is the owner's id while it is not the effective one?", "In the saved set-user-ID.", "seteuid(getuid()), then seteuid of the saved id"}, dropForAWhile),
		claim("for-good", "after setresuid(A, A, A) no call gets the id B back",
			"because it is none of the three ids any more",
			[3]string{"Which of the ids could B come back from?", "All three have to change.", "setresuid(ruid, ruid, ruid)"},
			judge("none of the three may be B", claimed{"setresuid(A, A, A): user", "Uid", ids{idA, idA, idA}, ""},
				claimed{"groups first: user", "Uid", ids{idA, idA, idA}, ""})),
		claim("not-by-setuid", "in a set-user-ID program of a user other than root setuid(getuid()) leaves the saved id, and seteuid takes the privilege back",
			"because setuid sets all three ids only with effective id 0",
			[3]string{"What does setuid leave in a program that is not root's?", "The saved set-user-ID.", "setuid(A), then seteuid(B)"}, dropNotBySetuid),
		claim("order", "after the user ids have changed, setgroups and setresgid fail with EPERM: the groups stay root's",
			"because the privilege for the groups is the user id's",
			[3]string{"What is left to do when the user id has changed?", "Nothing that takes privilege.", "setgroups, setresgid, setresuid, in this order"}, dropOrder),
		claim("capabilities", "the effective capabilities go when the effective id leaves 0, and come back with it; the permitted ones go when all three ids have left 0",
			"because the kernel keeps the old meaning of user 0 by these rules",
			[3]string{"What does root have that can be counted?", "capabilities(7) has the rules for a change of user ids.", "grep Cap /proc/self/status"}, dropCapabilities),
	},
	Cast: func(o *lab.Observation) lab.Cast {
		return lab.Cast{}.With("original", o.Processes()[0]).
			With("seteuid child", o.Printer("at the start")).With("setresuid child", o.Printer("setresuid(A, A, A)")).
			With("user-first child", o.Printer("user first")).With("groups-first child", o.Printer("groups first")).
			With("root child", o.Printer("user 0"))
	},
	Moments: []lab.Moment{
		{Name: "given-up", Says: "The process gives its privilege up for a while: the effective id is the real one, the saved id still the owner's.", At: printedBy("for a while")},
		{Name: "not-for-good", Says: "setuid was not enough: the saved id is still B, and seteuid takes it back.", At: printedBy("then seteuid(B): succeeds")},
	},
	Questions: []lab.Question{{
		Name: "order", Ask: "A daemon of root's is to become user A. Which does it change last?",
		Answers: []string{"the supplementary groups", "the group ids", "the user ids"},
		Right: func(o *lab.Observation) string {
			for _, e := range o.Events(trace.KindCreds) {
				if e.Call == "setgroups" && e.Errno == "EPERM" && e.Before != nil && e.Before.UID[0] == idA {
					return "the user ids"
				}
			}
			return ""
		},
		Why: "With the user ids the privilege to change the groups is gone: EPERM.",
	}, {
		Name: "back", Ask: "A set-user-ID program of user B, who is not root, calls setuid(getuid()). Can it become B again?",
		Answers: []string{"no: setuid sets all three ids", "yes: the saved id is still B", "only with a password"},
		Right: func(o *lab.Observation) string {
			if len(o.Printed("then seteuid(B): succeeds")) == 0 {
				return ""
			}
			return "yes: the saved id is still B"
		},
		Why: "setuid sets all three ids only with effective id 0. setresuid(A, A, A) gives B up for good.", Moment: "not-for-good",
	}},
}

func dropForAWhile(b *lab.Bench) lab.Verdict {
	v := judge("the saved id keeps B meanwhile",
		claimed{"at the start: user", "Uid", ids{idA, idB, idB}, "open: succeeds"},
		claimed{"for a while: user", "Uid", ids{idA, idA, idB}, "open: permission denied"},
		claimed{"taken back: user", "Uid", ids{idA, idB, idB}, "open: succeeds"})(b)
	if v.Status != lab.Pass {
		return v
	}
	var opens []string
	for _, e := range v.On.Events(trace.KindOpen) {
		if filepath.Base(e.Path) == "secret" && e.Process == v.On.Printed("for a while")[0].By.Name {
			opens = append(opens, e.Errno)
		}
	}
	if strings.Join(opens, ",") != ",EACCES," {
		return v.On.Fail(fmt.Sprintf("the three opens of B's file gave %q", opens), "the second one should give EACCES, and only that")
	}
	return v
}

func dropNotBySetuid(b *lab.Bench) lab.Verdict {
	v := judge("setuid leaves the saved id", claimed{"setuid(A): user", "Uid", ids{idA, idA, idB}, ""},
		claimed{"then seteuid(B): succeeds", "Uid", ids{idA, idB, idB}, "succeeds"})(b)
	return v
}

func dropOrder(b *lab.Bench) lab.Verdict {
	v := judge("the group ids can only be changed before the user ids",
		claimed{"user first: group", "Gid", ids{0, 0, 0}, ""},
		claimed{"groups first: group", "Gid", ids{idA, idA, idA}, "0 other groups"})(b)
	if v.Status != lab.Pass {
		return v
	}
	by := v.On.Printed("user first: group")[0].By
	failed := ""
	for _, e := range v.On.EventsOf(by, trace.KindCreds) {
		if e.Errno != "" {
			failed += e.Call + " " + e.Errno + " "
		}
	}
	if failed != "setgroups EPERM setresgid EPERM " {
		return v.On.Fail(fmt.Sprintf("with the user ids changed first these calls failed: %q", failed), "setgroups and setresgid should, with EPERM")
	}
	return v
}

// dropSets are the lines about capabilities: whether the effective and
// the permitted set are empty.
var dropSets = []struct {
	words                string
	effective, permitted bool
}{
	{"user 0, 0, 0", true, true},
	{"seteuid(A)", false, true},
	{"seteuid(0)", true, true},
	{"setresuid(A, A, 0)", false, true},
	{"setresuid(A, A, A): effective", false, false},
}

func dropCapabilities(b *lab.Bench) lab.Verdict {
	o, cannot := run(b)
	if cannot != nil {
		return *cannot
	}
	for _, l := range dropSets {
		found := o.Printed(l.words)
		if len(found) == 0 {
			return o.Fail(fmt.Sprintf("no line begins with %q", l.words), "nothing can be compared")
		}
		f := found[0].Of(found[0].By)
		effective, permitted := some(f, "CapEff"), some(f, "CapPrm")
		if effective != l.effective || permitted != l.permitted {
			return o.Fail(fmt.Sprintf("after %s: effective %s, permitted %s", l.words, f.Status("CapEff"), f.Status("CapPrm")),
				fmt.Sprintf("there should be effective ones: %t, permitted ones: %t", l.effective, l.permitted))
		}
	}
	return o.Passed("the sets of /proc/PID/status were as claimed after %d changes", len(dropSets))
}

// some reports whether a set of capabilities has any.
func some(f trace.ProcFiles, name string) bool {
	return strings.Trim(f.Status(name), "0") != ""
}
