package checks

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"apue/internal/lab"
	"apue/internal/trace"
)

// echoallWant are the arguments of the two programs.
var echoallWant = [2][]string{{"echoall", "myarg1", "MY ARG2"}, {"echoall", "only 1 arg"}}

// echoallLikeness counts what the exec has of the first or second exec of the
// task. An exec of a helper has nothing of them.
func echoallLikeness(e *trace.Event, second int) (n int) {
	if e == nil {
		return 0
	}
	args := strings.Join(e.Argv, " ")
	for _, a := range echoallWant[second][1:] {
		if strings.Contains(args, a) {
			n += 4
		} else if strings.Contains(args, strings.Fields(a)[0]) {
			n += 2
		}
	}
	if second == 0 && slices.Contains(environment(e), "USER=unknown") {
		n += 2
	}
	if len(e.Argv) > 0 && e.Argv[0] == "echoall" {
		n++
	}
	return n
}

// echoallExec is the exec with which the process does most of what the task
// asks of the first or second child: a successful one, if there is one. A
// child of a shell program may execute env first.
func echoallExec(o *lab.Observation, p *trace.Process, second int) (best *trace.Event) {
	for _, e := range tries(o, p) {
		better := best == nil || echoallLikeness(e, second) > echoallLikeness(best, second)
		if e.Errno == "" && best != nil && best.Errno != "" {
			better = true
		}
		if better && (e.Errno == "" || best == nil || best.Errno != "") {
			best = e
		}
	}
	return best
}

// echoallKids are the parent, the first and the second child: the two
// children of one process whose execs are most like those of the task. Other
// children whose execs are like those follow. Helpers do not count.
func echoallKids(o *lab.Observation) (parent *trace.Process, kids []*trace.Process) {
	best, apart := -1, 0
	var pair [2]*trace.Process
	for _, p := range own(o) {
		all := execersOf(o, p)
		for i, first := range all {
			for j := i + 1; j < len(all); j++ {
				like := echoallLikeness(echoallExec(o, first, 0), 0) + echoallLikeness(echoallExec(o, all[j], 1), 1)
				if like > best || like == best && p == parent && j-i < apart {
					parent, pair, best, apart = p, [2]*trace.Process{first, all[j]}, like, j-i
				}
			}
		}
	}
	if parent == nil {
		return execers(o)
	}
	kids = pair[:]
	for _, c := range execersOf(o, parent) {
		like := echoallLikeness(echoallExec(o, c, 0), 0) + echoallLikeness(echoallExec(o, c, 1), 1)
		if like > 0 && !slices.Contains(kids, c) {
			kids = append(kids, c)
		}
	}
	return parent, kids
}

// echoallHelpers names the programs that other children of the parent
// executed; "" if there are none.
func echoallHelpers(o *lab.Observation) string {
	parent, kids := echoallKids(o)
	var names []string
	for _, c := range execersOf(o, parent) {
		if e := success(o, c); e != nil && !slices.Contains(kids, c) {
			names = append(names, filepath.Base(e.Path))
		}
	}
	if len(kids) < 2 || len(names) == 0 {
		return ""
	}
	return fmt.Sprintf("the parent also made children that executed other programs: %s. They are not judged", quoted(names))
}
