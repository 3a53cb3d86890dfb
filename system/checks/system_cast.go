package checks

import (
	"fmt"
	"slices"
	"strings"

	"apue/internal/lab"
	"apue/internal/trace"
)

// shellsOf are the children of the process that executed a shell with a
// command, in the order of their birth.
func shellsOf(o *lab.Observation, p *trace.Process) (all []shell) {
	for _, c := range lab.Made(p) {
		if s, ok := shellOf(o, c); ok {
			all = append(all, s)
		}
	}
	return all
}

// shellAsked is what the exec of a shell should be.
const shellAsked = `it should be /bin/sh with the arguments "sh", "-c" and the command`

// shellMistake says how the exec of a shell is not the one that a task asks
// for.
func shellMistake(e *trace.Event) string {
	option := slices.Contains(e.Argv, "-c")
	switch {
	case e.Path != "/bin/sh":
		return fmt.Sprintf("the task asks for /bin/sh, and the file is %s", e.Path)
	case len(e.Argv) == 0:
	case e.Argv[0] == "-c":
		return `the list begins with argv[0]: "sh" is missing in front`
	case e.Argv[0] != "sh" && option:
		return fmt.Sprintf(`argv[0] should be "sh", and it is %q`, e.Argv[0])
	case len(e.Argv) > 1 && e.Argv[1] != "-c":
		return fmt.Sprintf(`argv[1] should be "-c", and it is %q`, e.Argv[1])
	case len(e.Argv) > 3 && option:
		return fmt.Sprintf("the command should be one argument, the last one: after %q there is %q", e.Argv[2], e.Argv[3])
	}
	return shellAsked
}

// taskOf is the index of the command of the task that the shell got, -1 if it
// got another one.
func (s shell) taskOf() int {
	for i, c := range commands {
		if s.command == c.text {
			return i
		}
	}
	return -1
}

// like reports whether the command begins as a command of the task does, so
// that it is one with a mistake, and not a helper's.
func (s shell) like() bool {
	first, _, _ := strings.Cut(strings.TrimLeft(s.command, "( "), " ")
	return first == "exit" || first == "kill" || strings.HasPrefix(strings.ToLower(first), "nosuch")
}

// systemChosen are the process that made the shells of the task, and these
// shells. They are chosen by their commands: the others of its children that
// executed a shell are helpers, unless a command of the task is missing just
// there.
func systemChosen(o *lab.Observation) (caller *trace.Process, all []shell) {
	best := 0
	for _, p := range o.Processes() {
		mine := shellsOf(o, p)
		got := map[int]bool{}
		for _, s := range mine {
			got[s.taskOf()] = true
		}
		delete(got, -1)
		if score := 1000*len(got) + len(mine); score > best {
			caller, all, best = p, mine, score
		}
	}
	if best < 2000 {
		return caller, all
	}
	var missing []int
	for i := range commands {
		if !slices.ContainsFunc(all, func(s shell) bool { return s.taskOf() == i }) {
			missing = append(missing, i)
		}
	}
	var chosen []shell
	for n, s := range all {
		fills := func(i int) bool {
			after := func(t shell) bool { return t.taskOf() > i }
			before := func(t shell) bool { return t.taskOf() >= 0 && t.taskOf() < i }
			return !slices.ContainsFunc(all[:n], after) && !slices.ContainsFunc(all[n+1:], before)
		}
		i := slices.IndexFunc(missing, fills)
		switch {
		case s.taskOf() >= 0 || s.like():
			chosen = append(chosen, s)
		case i >= 0:
			chosen, missing = append(chosen, s), slices.Delete(missing, i, i+1)
		}
	}
	return caller, chosen
}

// systemHelpers are the other children that the parent reaped.
func systemHelpers(parent *trace.Process, all []shell) (others []*trace.Process) {
	for _, c := range lab.Made(parent) {
		mine := slices.ContainsFunc(all, func(s shell) bool { return s.Process == c })
		if !mine && !lab.IsProbe(c) && c.Reaper == parent && c.Exec != nil {
			others = append(others, c)
		}
	}
	return others
}

// systemLines are the lines of the parent about a termination, without those
// about helpers: where there is one line for each child that it reaped, it
// has printed the helpers' too.
func systemLines(o *lab.Observation, parent *trace.Process, all []shell) (said []lab.Line) {
	for _, l := range o.Told(parent) {
		if strings.Contains(strings.ToLower(l.Text), "termination") {
			said = append(said, l)
		}
	}
	others := systemHelpers(parent, all)
	if len(said) != len(all)+len(others) {
		return said
	}
	var mine []lab.Line
	next := 0
	for _, c := range lab.Made(parent) {
		switch {
		case slices.Contains(others, c):
			next++
		case slices.ContainsFunc(all, func(s shell) bool { return s.Process == c }):
			mine = append(mine, said[next])
			next++
		}
	}
	return mine
}

// systemOthers names the helpers' commands.
func systemOthers(o *lab.Observation) string {
	parent, all := systemChosen(o)
	return otherCommands(o, parent, all)
}

// otherCommands names the commands that the process had other shells run; ""
// if there is none.
func otherCommands(o *lab.Observation, p *trace.Process, chosen []shell) string {
	if p == nil {
		return ""
	}
	var others []string
	for _, s := range shellsOf(o, p) {
		if !slices.ContainsFunc(chosen, func(t shell) bool { return t.Process == s.Process }) {
			others = append(others, s.command)
		}
	}
	if len(others) == 0 {
		return ""
	}
	more := ""
	if len(others) > 3 {
		others, more = others[:3], fmt.Sprintf(" and %d more", len(others)-3)
	}
	return fmt.Sprintf("%s also had a shell run other commands: %s%s. These are not judged", o.Who(p), lab.Quote(others), more)
}
