package checks

import (
	"fmt"

	"apue/internal/lab"
	"apue/internal/trace"
)

// Private checks what the child of a vfork has of its own.
var Private = &lab.Experiment{
	Dir: "vfork", Name: "private", Ref: "§8.4",
	Title: "what the child of a vfork does not share",
	Claims: []lab.Claim{
		privateClaim("close", "a descriptor that the child closes stays open in the parent",
			"because the descriptor table is a copy: vfork does not set CLONE_FILES", privateClose,
			[3]string{
				"is a descriptor in memory?",
				"the table of descriptors is the kernel's, one for each process",
				"close() in the child, fcntl(F_GETFD) in the parent",
			}),
		privateClaim("chdir", "the child's chdir does not move the parent",
			"because the working directory is a copy: vfork does not set CLONE_FS", privateChdir,
			[3]string{
				"whose working directory does chdir change?",
				"the kernel keeps it for each process, beside root and umask",
				"chdir() in the child, getcwd() in the parent",
			}),
		privateClaim("umask", "the child's umask does not change the parent's",
			"because the umask is a copy: vfork does not set CLONE_FS", privateUmask,
			[3]string{
				"whose file mode creation mask does umask change?",
				"it lies with the working directory in the kernel",
				"umask() in the child, Umask in /proc/PID/status of both",
			}),
		privateClaim("inherited", "the child starts with the parent's user and group ids, process group, session, umask, working and root directory",
			"because vfork copies what fork copies", privateInherited,
			[3]string{
				"what does a child of fork inherit?",
				"the same list holds for vfork",
				"compare /proc/PID/status of both",
			}),
		privateClaim("not-pending", "a signal that is blocked and pending in the parent is blocked in the child, and not pending",
			"because pending signals were sent to the parent, and the mask is inherited", privateNotPending,
			[3]string{
				"to which process was the signal sent?",
				"the child's set of pending signals starts empty",
				"sigprocmask() and raise() before the vfork; SigPnd, ShdPnd and SigBlk in /proc/PID/status",
			}),
	},
	Moments:   privateMoments,
	Questions: privateQuestions,
	Cast:      parentAndChild,
}

// views are what is compared: both processes when the child wrote
// first, the child at its end, the parent after the vfork.
type views struct {
	o                     *lab.Observation
	parentFirst, kidFirst state
	kidAtTheEnd           state
	parentAfter           state
}

// privateClaim makes a claim that is judged from the first and the
// last look at the child, and the first at the parent after it.
func privateClaim(name, says, why string, judge func(v *views) lab.Verdict, hints [3]string) lab.Claim {
	return lab.Claim{
		Name: name, Says: says, Why: why, Points: 1, Hints: hints,
		Judge: func(b *lab.Bench) lab.Verdict {
			o := b.Run(looked)
			parent, child := vforkPair(o)
			if child == nil {
				return noVfork(o)
			}
			v := &views{o: o}
			seen := looks(o, child)
			if len(seen) > 0 {
				v.parentFirst, v.kidFirst = seen[0].of[parent.Name], seen[0].of[child.Name]
				v.kidAtTheEnd = seen[len(seen)-1].of[child.Name]
			}
			for _, l := range looks(o, parent) {
				if l.time > child.Resumed && v.parentAfter == nil {
					v.parentAfter = l.of[parent.Name]
				}
			}
			if v.parentFirst == nil || v.kidFirst == nil || v.kidAtTheEnd == nil || v.parentAfter == nil {
				return o.Fail("/proc was not seen of both", "there is nothing to compare")
			}
			return judge(v)
		},
	}
}

func privateClose(v *views) lab.Verdict {
	for n, name := range descriptors(v.kidFirst) {
		if descriptors(v.kidAtTheEnd)[n] != "" {
			continue
		}
		if descriptors(v.parentAfter)[n] != name {
			return v.o.Fail(fmt.Sprintf("descriptor %s is gone in the parent too", n),
				"both use one table of descriptors")
		}
		return v.o.Passed("the child closed %s (%s), the parent has it still", n, name)
	}
	return v.o.Fail("the child closed nothing", "nothing shows whose descriptor a close closes")
}

func privateChdir(v *views) lab.Verdict {
	switch kid, parent := v.kidAtTheEnd["cwd"], v.parentAfter["cwd"]; {
	case kid == v.kidFirst["cwd"]:
		return v.o.Fail("the child stayed in "+kid, "nothing shows whom a chdir moves")
	case parent != v.parentFirst["cwd"]:
		return v.o.Fail("the parent is in "+parent+" now", "both have one working directory")
	default:
		return v.o.Passed("the child went to %s, the parent is in %s", kid, parent)
	}
}

func privateUmask(v *views) lab.Verdict {
	switch kid, parent := v.kidAtTheEnd.Status("Umask"), v.parentAfter.Status("Umask"); {
	case kid == "" || kid == v.kidFirst.Status("Umask"):
		return v.o.Fail("the child's umask is "+kid+" as before", "nothing shows whose mask umask changes")
	case parent != v.parentFirst.Status("Umask"):
		return v.o.Fail("the parent's umask is "+parent+" now", "both have one umask")
	default:
		return v.o.Passed("the child's umask is %s, the parent's %s", kid, parent)
	}
}

func privateInherited(v *views) lab.Verdict {
	kid, parent := v.kidFirst, v.parentFirst
	for _, key := range []string{"Uid", "Gid", "Groups", "Umask"} {
		if k, p := kid.Status(key), parent.Status(key); k != p || key != "Groups" && k == "" {
			return v.o.Fail(fmt.Sprintf("%s is %s in the parent and %s in the child", key, p, k), "the child did not inherit it")
		}
	}
	for n, key := range map[int]string{5: "the process group", 6: "the session", 7: "the terminal"} {
		if k, p := kid.Stat(n), parent.Stat(n); k != p || k == "" {
			return v.o.Fail(fmt.Sprintf("%s is %s in the parent and %s in the child", key, p, k), "the child did not inherit it")
		}
	}
	for _, key := range []string{"cwd", "root"} {
		if k, p := kid[key], parent[key]; k != p || k == "" {
			return v.o.Fail(fmt.Sprintf("%s is %s in the parent and %s in the child", key, p, k), "the child did not inherit it")
		}
	}
	return v.o.Passed("user %s, umask %s and directory %s are the same in both", kid.Status("Uid"), kid.Status("Umask"), kid["cwd"])
}

func privateNotPending(v *views) lab.Verdict {
	const usr1 = 1 << (10 - 1) // SIGUSR1 is 10 on Linux
	kid, parent := v.kidFirst, v.parentFirst
	switch {
	case (parent.Signals("SigPnd")|parent.Signals("ShdPnd"))&usr1 == 0:
		return v.o.Fail("SIGUSR1 is not pending in the parent", "nothing shows whether the child inherits it")
	case kid.Signals("SigBlk")&usr1 == 0:
		return v.o.Fail("SIGUSR1 is not blocked in the child", "the signal mask was not inherited")
	case (kid.Signals("SigPnd")|kid.Signals("ShdPnd"))&usr1 != 0:
		return v.o.Fail("SIGUSR1 is pending in the child", "it was sent to the parent")
	}
	return v.o.Passed("SIGUSR1 is blocked in both, and pending in the parent only")
}

// privateMoments are where to stop in a run of the experiment.
var privateMoments = []lab.Moment{
	{
		Name: "vfork",
		Says: "The child borrows the memory, and nothing else: descriptors, directory and umask are copies.",
		At:   lab.AtFirst(func(e *trace.Event) bool { return e.Errno == "" && e.Flags&lab.CloneVfork != 0 }, trace.KindVfork),
	},
	{
		Name: "after",
		Says: "The parent runs again, and its directory, umask and file are as before.",
		At:   lab.AtFirst(func(e *trace.Event) bool { return e.ChildProcess != "" }, trace.KindVforkDone),
	},
}

// privateQuestions are what to ask before it is shown.
var privateQuestions = []lab.Question{
	{
		Name:    "chdir",
		Ask:     "The vforked child calls chdir(\"/\"). Where is the parent afterwards?",
		Answers: []string{"in / too, because everything is shared", "where it was before"},
		Right:   lab.Says("where it was before", "/dev, umask 027, the file is open"),
		Why:     "The working directory belongs to the process. vfork shares the memory only.",
		Moment:  "after",
	},
	{
		Name:    "close",
		Ask:     "The vforked child closes a descriptor. Is it open in the parent?",
		Answers: []string{"yes", "no"},
		Right:   lab.Says("yes", "umask 027, the file is open"),
		Why:     "The table of descriptors is a copy, as after a fork.",
		Moment:  "after",
	},
}
