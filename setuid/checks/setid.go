package checks

import (
	"fmt"
	"path/filepath"

	"apue/internal/lab"
	"apue/internal/trace"
)

// Setid checks what a set-user-ID program gets.
var Setid = &lab.Experiment{
	Dir: "setuid", Name: "setid", Ref: "§8.11, Fig. 8.18",
	Title: "what a set-user-ID program gets",
	Claims: []lab.Claim{
		claim("effective", "an exec of a set-user-ID file sets the effective user id to the file's owner",
			"because that is what the bit asks the kernel for",
			[3]string{"Which of the three ids decides about files?", "The exec reads owner and mode of the file.", "chmod u+s FILE, as its owner"},
			judge("the exec gives the effective id of the file's owner", claimed{"set-user-ID: user", "Uid", ids{idA, idB, idB}, ""})),
		claim("saved", "the saved set-user-ID is a copy of the effective id, made after that",
			"because the program is to be able to take its privilege back",
			[3]string{"How does the program find its way back to the owner's id?", "The exec sets the effective id first, and copies it then.", "getresuid tells all three"},
			judge("the saved id is the copy", claimed{"set-user-ID: user", "Uid", ids{idA, idB, idB}, ""},
				claimed{"a plain file: user", "Uid", ids{idA, idA, idA}, ""})),
		claim("real", "the real ids and the supplementary groups stay",
			"because they say who the user is",
			[3]string{"Which id tells the program whose user it works for?", "An exec never changes the real ids.", "getuid, getgroups"}, withoutPrivilege(setidReal, setidRealHeld)),
		claim("without", "without the bit the effective id stays, and the saved id is a copy of it",
			"because the exec copies the effective id in any case",
			[3]string{"Which ids does a plain program get?", "Figure 8.18 has a column for it.", "exec of a file without the bit"},
			withoutPrivilege(judge("a plain file changes no effective id", claimed{"a plain file: user", "Uid", ids{idA, idA, idA}, ""},
				claimed{"a plain file: group", "Gid", ids{idA, idA, idA}, ""}), setidPlainHeld)),
		claim("group", "a set-group-ID file does the same with the group ids only",
			"because there is a bit for each of the two",
			[3]string{"Which ids does the bit of the group change?", "The owner's group, and nothing of the user's.", "chmod g+s FILE"},
			withoutPrivilege(judge("the bit changes the group ids only", claimed{"set-group-ID: group", "Gid", ids{idA, idB, idB}, ""},
				claimed{"set-group-ID: user", "Uid", ids{idA, idA, idA}, ""}), setidGroupHeld)),
		claim("refused", "the bits have no effect with no_new_privs, on a nosuid mount, on a script, and for a process that shares its working directory by CLONE_FS",
			"because in each case another process or user could abuse the privilege",
			[3]string{"When must the kernel not trust such a file?", "A script can be exchanged between the exec and its interpreter.", "prctl(PR_SET_NO_NEW_PRIVS), mount -o nosuid"},
			judge("the kernel ignores the bits here",
				claimed{"nosuid: user", "Uid", ids{idA, idA, idA}, ""},
				claimed{"script: user", "Uid", ids{idA, idA, idA}, ""},
				claimed{"script: group", "Gid", ids{idA, idA, idA}, ""},
				claimed{"no_new_privs: user", "Uid", ids{idA, idA, idA}, ""},
				claimed{"CLONE_FS: user", "Uid", ids{idA, idA, idA}, ""})),
		claim("secure", "the new program is told that its ids were raised (AT_SECURE 1), and it is not dumpable",
			"because its caller must not decide which libraries it loads, and must not look into its memory",
			[3]string{"How does the C library know that it must not trust LD_PRELOAD?", "The kernel hands every program a vector of facts.", "getauxval(AT_SECURE)"}, setidSecure),
		claim("access", "access asks with the real user id, open with the effective one",
			"because access is to tell a set-user-ID program what its user could do",
			[3]string{"Which of the two calls would the user's own program succeed with?", "§4.7 has the function for it.", "access(path, R_OK), open(path, O_RDONLY)"}, setidAccess),
	},
	Cast: setidCast,
	Moments: []lab.Moment{
		{Name: "raised", Says: "The exec of the set-user-ID file: effective and saved user id become those of the file's owner, the real one stays.",
			At: func(o *lab.Observation) *trace.Event { return setidExec(o, "user", true) }},
		{Name: "refused", Says: "The same file again, but the bit has no effect: the ids stay.",
			At: func(o *lab.Observation) *trace.Event { return setidExec(o, "user", false) }},
	},
	Questions: []lab.Question{{
		Name: "which", Ask: "User A executes a set-user-ID program of user B. Which user ids has it: real, effective, saved?",
		Answers: []string{"A, A, A", "A, B, A", "A, B, B", "B, B, B"},
		Right: func(o *lab.Observation) string {
			if setidExec(o, "user", true) == nil {
				return ""
			}
			return "A, B, B"
		},
		Why: "The exec sets the effective id to the owner's, and then copies it into the saved one.", Moment: "raised",
	}, {
		Name: "script", Ask: "A script has the set-user-ID bit. What does an exec of it do with the bit?",
		Answers: []string{"the interpreter gets the owner's effective id", "nothing: the bit of a script is ignored", "the exec fails with EPERM"},
		Right: func(o *lab.Observation) string {
			if len(o.Printed("script: user real A, effective A, saved A")) == 0 {
				return ""
			}
			return "nothing: the bit of a script is ignored"
		},
		Why: "Between the exec and the interpreter's open another user could put another file in its place.", Moment: "refused",
	}},
}

// setidExec is the first exec of the file after which the effective
// user id was B, or was not.
func setidExec(o *lab.Observation, file string, raised bool) *trace.Event {
	for _, e := range o.Events(trace.KindExec) {
		if e.Errno == "" && filepath.Base(e.Path) == file && e.After != nil && (e.After.UID[1] == idB) == raised {
			return e
		}
	}
	return nil
}

// setidCast names each process by what it printed.
func setidCast(o *lab.Observation) lab.Cast {
	return lab.Cast{}.With("original", o.Processes()[0]).
		With("caller", o.Printer("the caller")).With("nosuid program", o.Printer("nosuid")).
		With("plain program", o.Printer("a plain file")).With("set-user-ID program", o.Printer("set-user-ID")).
		With("set-group-ID program", o.Printer("set-group-ID")).With("script", o.Printer("script")).
		With("no_new_privs program", o.Printer("no_new_privs")).With("CLONE_FS program", o.Printer("CLONE_FS"))
}

func setidReal(b *lab.Bench) lab.Verdict {
	o, cannot := run(b)
	if cannot != nil {
		return *cannot
	}
	for _, words := range []string{"set-user-ID: user", "set-group-ID: group"} {
		for _, p := range o.Printed(words) {
			f := p.Of(p.By)
			uid, _, _ := idsOf(f, "Uid")
			gid, _, _ := idsOf(f, "Gid")
			if uid[0] != idA || gid[0] != idA || f.Status("Groups") != fmt.Sprint(idC) {
				return o.Fail(fmt.Sprintf("%s: real user %s, real group %s, groups %q", words, letter(uid[0]), letter(gid[0]), f.Status("Groups")),
					"the caller had A, A and the one group C: an exec leaves all of them")
			}
			if words == "set-group-ID: group" {
				return o.Passed("real user and group are A, and the one other group is C, after both kinds of exec")
			}
		}
	}
	return o.Fail("the programs printed no ids", "there is nothing to compare")
}

func setidSecure(b *lab.Bench) lab.Verdict {
	o, cannot := run(b)
	if cannot != nil {
		return *cannot
	}
	raised, plain := setidExec(o, "user", true), setidExec(o, "plain", false)
	switch {
	case raised == nil || plain == nil || raised.Program == nil || plain.Program == nil:
		return o.Fail("the two execs were not recorded", "there is nothing to compare")
	case raised.Program.Stack == nil || plain.Program.Stack == nil:
		return o.Fail("the new programs' stacks could not be read", "there is nothing to compare")
	case !raised.Program.Secure:
		return o.Fail("AT_SECURE of the set-user-ID program was 0", "the C library would load what its caller names in LD_PRELOAD")
	case plain.Program.Secure:
		return o.Fail("AT_SECURE of the plain program was 1", "its ids were not raised")
	case len(o.Printed("set-user-ID: AT_SECURE 1, dumpable 0")) != 1:
		return o.Fail("the program printed "+lab.Quote(o.Lines()), `one line should be "set-user-ID: AT_SECURE 1, dumpable 0"`)
	}
	return o.Passed("AT_SECURE was 1 in the set-user-ID program and 0 in the plain one; the first was not dumpable")
}

func setidAccess(b *lab.Bench) lab.Verdict {
	o, cannot := run(b)
	if cannot != nil {
		return *cannot
	}
	for _, e := range o.Events(trace.KindOpen) {
		if filepath.Base(e.Path) != "secret" || e.Errno != "" {
			continue
		}
		if len(o.Printed("set-user-ID: access of B's file: permission denied, open: succeeds")) != 1 {
			return o.Fail("the program printed "+lab.Quote(o.Lines()), "access has to fail where open succeeds")
		}
		return o.Passed("access gave EACCES for user A, and open succeeded for user B, of one file")
	}
	return o.Fail("the file of B was not opened", "the effective id B may read it")
}
