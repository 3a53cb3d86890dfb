package checks

import (
	"fmt"
	"strings"

	"apue/internal/lab"
	"apue/internal/trace"
)

const eperm = "operation not permitted"

// row is one line of rules: the words in front, and the ids after the
// call.
func row(words, result string, want ids) claimed {
	return claimed{words + ": " + result, "Uid", want, fmt.Sprintf("%s, %s, %s", letter(want[0]), letter(want[1]), letter(want[2]))}
}

// ok and no are calls that succeed, and that fail with EPERM.
func ok(words string, want ids) claimed { return row(words, "succeeds", want) }
func no(words string, want ids) claimed { return row(words, eperm, want) }

// Rules checks which process can change which id.
var Rules = &lab.Experiment{
	Dir: "setuid", Name: "rules", Ref: "§8.11, Fig. 8.18, 8.19",
	Title: "which process can change which id",
	Claims: []lab.Claim{
		claim("setuid-root", "setuid(A) by a process with effective id 0 sets all three ids",
			"because a program like login is to become its user for good",
			[3]string{"How many of the three ids does setuid change?", "It depends on the effective id of the caller.", "setuid(uid) as root"},
			rulesJudge("setuid", "privilege sets all three", ok("0, 0, 0: setuid(A)", ids{idA, idA, idA}))),
		claim("setuid-user", "setuid by another process sets the effective id only, to the real or the saved one; otherwise it fails with EPERM, also for its own effective id",
			"because these two are the ids that it was given",
			[3]string{"Which ids can a plain process choose from?", "The real one, and the saved one.", "setuid(getuid()) in a set-user-ID program"},
			rulesJudge("setuid", "without privilege only the effective id changes, to the real or the saved one",
				ok("A, B, B: setuid(A)", ids{idA, idA, idB}), ok("A, A, B: setuid(B)", ids{idA, idB, idB}),
				no("A, B, B: setuid(C)", ids{idA, idB, idB}), no("A, B, C: setuid(B)", ids{idA, idB, idC}))),
		claim("seteuid", "seteuid sets the effective id only, for root too",
			"because the way back is to stay open",
			[3]string{"Which call leaves the saved id alone, as root too?", "The library makes setresuid(−1, e, −1) of it.", "seteuid(uid)"},
			rulesJudge("setresuid", "seteuid changes nothing but the effective id", ok("0, 0, 0: seteuid(A)", ids{0, idA, 0}),
				ok("A, B, B: seteuid(A)", ids{idA, idA, idB}), no("A, B, B: seteuid(C)", ids{idA, idB, idB}))),
		claim("setreuid", "setreuid sets the real id to the real or the effective one, the effective id to any of the three, and the saved id to the new effective one if the real id was given or the effective one became another than the old real id",
			"because of a history of three systems",
			[3]string{"Can a plain process change its real id?", "Yes: to its effective one, which the book does not say.", "setreuid(ruid, euid)"},
			rulesJudge("setreuid", "that is the rule for the saved id", ok("A, B, B: setreuid(B, -1)", ids{idB, idB, idB}),
				ok("A, B, C: setreuid(-1, A)", ids{idA, idA, idC}), no("A, B, B: setreuid(C, -1)", ids{idA, idB, idB}))),
		claim("swap", "an unprivileged process can swap its real and its effective id",
			"because BSD had no saved id",
			[3]string{"How did BSD go back and forth?", "With both ids in one call.", "setreuid(geteuid(), getuid())"},
			rulesJudge("setreuid", "the two are swapped", ok("A, B, B: setreuid(B, A)", ids{idB, idA, idA}))),
		claim("setresuid", "setresuid sets each of the three to any of the three, or leaves it alone",
			"because it says what it does",
			[3]string{"Which call sets all three without privilege?", "Its arguments are the three ids.", "setresuid(r, e, s)"},
			rulesJudge("setresuid", "each of the three from the three", ok("A, B, C: setresuid(C, A, B)", ids{idC, idA, idB}),
				no("A, A, A: setresuid(-1, 0, -1)", ids{idA, idA, idA}))),
		claim("fsuid", "the id that files are opened with follows the effective id",
			"because the kernel sets it whenever it sets the effective one",
			[3]string{"What is the fourth number in the line Uid of /proc/PID/status?", "The file system user id.", "grep Uid /proc/self/status"}, rulesFsuid),
		claim("groups", "setgid leaves the supplementary groups, and effective group 0 is no privilege",
			"because the privilege goes with the user id",
			[3]string{"Does group 0 have rights that group 1 has not?", "The kernel asks for CAP_SETGID.", "setgid(gid), getgroups"}, rulesGroups),
		claim("irreversible", "after setuid by root there is no way back",
			"because none of the three ids is 0 any more",
			[3]string{"Where would the id 0 come back from?", "From the real or the saved id, and both have changed.", "setuid(A), then setuid(0)"},
			rulesJudge("setuid", "0 is none of the three ids", no("setuid(A) by root, then setuid(0)", ids{idA, idA, idA}))),
	},
	Cast: numbered,
	Moments: []lab.Moment{
		{Name: "for-good", Says: "setuid by root: all three ids change in one call, and 0 is gone for good.", At: called("setuid", 0, false)},
		{Name: "eperm", Says: "setuid to an id that is neither the real nor the saved one: EPERM, and nothing changes.", At: called("setuid", idB, true)},
	},
	Questions: []lab.Question{{
		Name: "saved", Ask: "A process with the user ids A, B, B (real, effective, saved) calls setuid(A). Which ids has it then?",
		Answers: []string{"A, A, A", "A, A, B", "B, A, A", "A, B, B: it fails"},
		Right: func(o *lab.Observation) string {
			if e := called("setuid", idB, false)(o); e != nil && e.After != nil && e.After.UID[2] == idB {
				return "A, A, B"
			}
			return ""
		},
		Why: "Without privilege setuid sets the effective id only. The saved id stays B: the process can take B back.",
	}, {
		Name: "root", Ask: "A process with the user ids 0, 0, 0 calls setuid(A). Can it become root again?",
		Answers: []string{"yes, by setuid(0)", "yes, by seteuid(0): the saved id is 0", "no: all three ids are A"},
		Right: func(o *lab.Observation) string {
			if e := called("setuid", 0, false)(o); e != nil && e.After != nil && ids(e.After.UID[:3]) == (ids{idA, idA, idA}) {
				return "no: all three ids are A"
			}
			return ""
		},
		Why: "With privilege setuid sets all three ids. To come back use seteuid, which sets the effective id only.", Moment: "for-good",
	}},
}

// rulesJudge compares the lines with /proc, and sees that a creds event
// of the call says the same.
func rulesJudge(call, means string, lines ...claimed) func(*lab.Bench) lab.Verdict {
	inProc := judge(means, lines...)
	return func(b *lab.Bench) lab.Verdict {
		v := inProc(b)
		if v.Status != lab.Pass {
			return v
		}
		for _, l := range lines {
			p := v.On.Printed(l.words)[0]
			var last *trace.Event
			for _, e := range v.On.EventsOf(p.By, trace.KindCreds) {
				if e.Call == call && e.Time < p.Write.Time {
					last = e
				}
			}
			switch {
			case last == nil || last.After == nil:
				return v.On.Fail(fmt.Sprintf("no call of %s was recorded in front of %q", call, p.Text), "the line is not about a call that was made")
			case ids(last.After.UID[:3]) != l.want || (last.Errno == "EPERM") != strings.Contains(l.words, eperm):
				return v.On.Fail(fmt.Sprintf("%s%v: errno %q, then %v", call, last.Args, last.Errno, last.After.UID), means)
			}
		}
		return v
	}
}

func rulesFsuid(b *lab.Bench) lab.Verdict {
	o, cannot := run(b)
	if cannot != nil {
		return *cannot
	}
	n := 0
	for _, p := range o.Printed("") {
		id, fs, read := idsOf(p.Of(p.By), "Uid")
		if !read {
			continue
		}
		if fs != id[1] {
			return o.Fail(fmt.Sprintf("after %q the effective id is %s and the file system id %s", p.Text, letter(id[1]), letter(fs)), "they are to be the same")
		}
		n++
	}
	if n < 10 {
		return o.Fail(fmt.Sprintf("/proc was read after %d lines", n), "there is too little to compare")
	}
	return o.Passed("after %d calls the file system id was the effective one", n)
}

func rulesGroups(b *lab.Bench) lab.Verdict {
	v := judge("the privilege to change group ids is the user's", claimed{"group: A, 0, 0, user A: setgid(C): " + eperm, "Gid", ids{idA, 0, 0}, "A, 0, 0"},
		claimed{"group: setgid(A) by root", "Gid", ids{idA, idA, idA}, "A, A, A, groups C"})(b)
	if v.Status != lab.Pass {
		return v
	}
	p := v.On.Printed("group: setgid(A) by root")[0]
	if got := p.Of(p.By).Status("Groups"); got != fmt.Sprint(idC) {
		return v.On.Fail(fmt.Sprintf("the supplementary groups are %q after setgid", got), "setgid leaves them: C was the only one")
	}
	return v
}
