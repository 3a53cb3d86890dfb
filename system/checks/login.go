package checks

import (
	"strconv"

	"apue/internal/lab"
	"apue/internal/trace"
)

var loginRun = watched()

const unsetLogin = "4294967295"

// Login checks who says that somebody is logged in.
var Login = &lab.Experiment{
	Dir: "system", Name: "login", Ref: "§8.15",
	Title: "who is logged in, and who says so",
	CMain: true,
	Claims: []lab.Claim{
		claim("unset", "a process outside of a login has the loginuid 4294967295, and getlogin fails with ENXIO",
			"because no program has logged a user in on its behalf",
			[3]string{"Which login does a daemon belong to?", "The kernel keeps a number for each process.", "cat /proc/self/loginuid"},
			loginLines([]string{"unset: loginuid: " + unsetLogin, "unset: getlogin: ENXIO"}, loginIn("unset: getlogin", unsetLogin))),
		claim("set", "after a number was written to /proc/self/loginuid, getlogin is that user's name, whatever the user ids are",
			"because glibc asks the kernel's number first",
			[3]string{"Where does getlogin look?", "At /proc/self/loginuid, and at utmp only without that file.", "write 0 to /proc/self/loginuid"},
			loginLines([]string{"writing 0 to loginuid: succeeds", "set: getlogin: root"}, loginIn("set: getlogin", "0"))),
		claim("inherited", "the number is inherited by fork, kept by exec, and not touched by a change of the user ids",
			"because it says who logged in, not who acts",
			[3]string{"What of a process's login changes with setuid?", "Nothing.", "/proc/self/loginuid in a new program"}, lab.Seeing(loginRun, loginInherited)),
		claim("two-names", "of two names with one user id getlogin gives the first, as getpwuid does, whichever of the two logged in",
			"because the kernel keeps the number, and the passwd file is searched for it from its beginning",
			[3]string{"What does the kernel know of the name that was typed at login?", "It keeps a number only. getlogin looks the number up.", "two lines in /etc/passwd with one user id"}, loginTwoNames),
		claim("environment", "LOGNAME changes nothing about it",
			"because it is a variable like any other",
			[3]string{"Who sets LOGNAME?", "login does, and after that anybody.", "setenv(\"LOGNAME\", \"somebody\", 1), then getlogin"},
			loginLines([]string{"unset: getlogin: ENXIO", "LOGNAME=somebody: getlogin: ENXIO"}, nil)),
		claim("guarded", "once it is set it cannot be changed without CAP_AUDIT_CONTROL: EPERM",
			"because otherwise it would prove nothing at all",
			[3]string{"Can a process log itself in as somebody else, twice?", "The first time it can, without any privilege.", "write another number to /proc/self/loginuid"}, lab.Seeing(loginRun, loginGuarded)),
	},
	Cast: func(o *lab.Observation) lab.Cast {
		first := o.Processes()[0]
		c := lab.Cast{}.With("original", first)
		for _, p := range first.Children {
			c = c.With("child", p)
			c = c.With("two-names child", o.Printer("second logs in")).With("two-names child", o.Printer("two names")).
				With("new program", childOf(p, len(p.Children)-1))
		}
		return c
	},
	Moments: []lab.Moment{
		{Name: "set", Says: "The process has written 0 to its loginuid. From now on getlogin says root, because this number is all it asks.", At: wrote("set: getlogin")},
	},
	Questions: []lab.Question{{
		Name: "who", Ask: "A process without privilege, outside of a login, writes 0 to /proc/self/loginuid. What does getlogin say?",
		Answers: []string{"nothing: the write fails", "nothing: ENXIO", "root", "the name of its real user id"},
		Right: func(o *lab.Observation) string {
			if len(o.Printed("set: getlogin: root")) == 0 {
				return ""
			}
			return "root"
		},
		Why: "An unset loginuid can be set once by anybody. getlogin is as good as the program that wrote the number.", Moment: "set",
	}, {
		Name: "logname", Ask: "A process outside of a login sets LOGNAME=somebody. What does getlogin of the GNU C library say?",
		Answers: []string{"somebody", "nothing: it fails with ENXIO", "root"},
		Right: func(o *lab.Observation) string {
			if len(o.Printed("LOGNAME=somebody: getlogin: ENXIO")) == 0 {
				return ""
			}
			return "nothing: it fails with ENXIO"
		},
		Why: "A variable of the environment is what somebody put there. glibc asks the kernel for the loginuid, and it is not set.",
	}},
}

// loginLines is lines, or cannot-check within a login.
func loginLines(words []string, more func(*lab.Observation) *lab.Verdict) func(*lab.Bench) lab.Verdict {
	judge := lines(loginRun, "that is what glibc says here (musl's getlogin is LOGNAME)", words, more)
	return func(b *lab.Bench) lab.Verdict {
		o, cannot := run(b, loginRun)
		if cannot != nil {
			return *cannot
		}
		if len(o.Printed("a login: loginuid")) > 0 {
			return lab.Cannot("this machine has logged you in: the loginuid is set, and unsetting it takes CAP_AUDIT_CONTROL", "run it outside of a login, in a container for example")
		}
		return judge(b)
	}
}

// loginIn judges what /proc had for the process that printed the line.
func loginIn(words, want string) func(*lab.Observation) *lab.Verdict {
	return func(o *lab.Observation) *lab.Verdict {
		for _, l := range o.Printed(words) {
			if got := l.Of(l.By)["loginuid"]; got != want {
				return failure(o, "the line is not about what the kernel has", "at the line %q /proc/PID/loginuid was %q, not %q", l.Text, got, want)
			}
		}
		return nil
	}
}

// loginTwoNames is the part of the child that has a passwd file of its own.
func loginTwoNames(b *lab.Bench) lab.Verdict {
	o, cannot := run(b, loginRun)
	if cannot != nil {
		return *cannot
	}
	if len(o.Printed("two names: cannot be tried")) > 0 {
		return lab.Cannot("a passwd file of its own takes CAP_SYS_ADMIN, for a mount namespace", "run it as root, outside of a container")
	}
	return loginLines([]string{"second logs in: getpwuid: first", "second logs in: getlogin: first"},
		loginIn("second logs in: getlogin", strconv.Itoa(idUser)))(b)
}

func loginInherited(b *lab.Bench) lab.Verdict {
	o, cannot := run(b, loginRun)
	if cannot != nil {
		return *cannot
	}
	lines := o.Printed("in a new program: ")
	if len(lines) == 0 {
		return o.Fail("no new program printed its number", "there is nothing to compare")
	}
	l := lines[0]
	number := l.Text[len("in a new program: "):]
	if _, err := strconv.Atoi(number); err != nil || number == unsetLogin || l.Of(l.By)["loginuid"] != number || l.By.Exec == nil {
		return o.Fail("the program printed "+lab.Quote(o.Lines()), "the new program should have the number of the process that made it")
	}
	return o.Passed("after a fork and an exec the number was %s still", number)
}

func loginGuarded(b *lab.Bench) lab.Verdict {
	o, cannot := run(b, loginRun)
	if cannot != nil {
		return *cannot
	}
	for _, l := range o.Printed("writing 0 again: EPERM") {
		for _, e := range o.EventsOf(l.By, trace.KindWrite) {
			if e.Errno == "EPERM" {
				return o.Passed("the second write gave EPERM")
			}
		}
	}
	return o.Fail("the program printed "+lab.Quote(o.Lines()), "the second write should be refused with EPERM")
}
