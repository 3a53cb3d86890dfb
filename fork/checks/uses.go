package checks

import (
	"fmt"
	"strings"

	"apue/internal/lab"
	"apue/internal/show"
	"apue/internal/trace"
)

// Uses checks the two uses of fork.
var Uses = &lab.Experiment{
	Dir: "fork", Name: "uses", Ref: "§8.3",
	Title: "what fork is used for: a server, and another program",
	Claims: []lab.Claim{
		usesClaim("served", "each connection is answered by a child of its own, and the parent answers none",
			"because the child inherits the connection", usesServed,
			"which process writes to the client?",
			"the child has the connection's descriptor from its parent",
			"accept(), then fork(), and write() in the child"),
		usesClaim("at-once", "all children are alive at the same time: the parent accepts while they serve",
			"because the parent goes back to accept and does not wait for the child", usesAtOnce,
			"what does the parent do while a child serves?",
			"a parent that waits for its child serves one client at a time",
			"poll() on the listening socket and on the children, and wait only for those that have ended"),
		usesClaim("parent-closes", "the parent keeps no connection open",
			"because a connection ends when the last copy of its descriptor is closed", usesCloses,
			"when does the client see the end of the connection?",
			"fork makes a second copy of the descriptor",
			"close() the connection in the parent, the listening socket in the child"),
		usesClaim("reaped", "the server collects every child, and each has ended with status 0",
			"because one that nobody waits for stays a zombie", usesReaped,
			"what becomes of a child that has answered?",
			"a server that never waits fills the process table with zombies",
			"waitpid() for each child that has ended; a pidfd or SIGCHLD tells of it"),
		{
			Name:   "fork-exec",
			Says:   "another child, made by a fork, executes a program, and its parent collects it",
			Why:    "because running a program is the other use of fork: exec alone would end this one",
			Points: 1,
			Hints: [3]string{
				"what becomes of a process that calls exec?",
				"the child becomes the program, the parent stays",
				"fork(), execve() in the child, waitpid() in the parent",
			},
			Judge: usesForkExec,
		},
	},
	Moments:   usesMoments,
	Questions: usesQuestions,
	Cast: lab.ByName(func(o *lab.Observation) map[string]string {
		roles := map[string]string{"P0": "server"}
		served := usesChildren(o)
		for i, c := range served {
			roles[c.Name] = fmt.Sprintf("child %d", i+1)
		}
		client := 0
		for _, c := range o.Processes()[0].Children {
			switch {
			case lab.Execed(c):
				roles[c.Name] = "program"
			case roles[c.Name] == "":
				client++
				roles[c.Name] = fmt.Sprintf("client %d", client)
			}
		}
		return roles
	}),
}

var usesRun = watched()

// usesClaim makes a claim about the server and its children.
func usesClaim(name, says, why string, judge func(*lab.Observation, []*trace.Process) lab.Verdict, hints ...string) lab.Claim {
	return lab.Claim{
		Name: name, Says: says, Why: why, Points: 1, Hints: [3]string(hints),
		Judge: func(b *lab.Bench) lab.Verdict {
			o := b.Run(usesRun)
			for _, l := range lab.Lines(o.Stderr) {
				if why, ok := strings.CutPrefix(l, "fork uses: "); ok {
					return lab.Cannot(why, "run it where a process may listen on the loopback interface")
				}
			}
			served := usesChildren(o)
			if len(served) != 3 {
				return o.Fail(fmt.Sprintf("%d children were given a connection", len(served)), "each of three clients gets a child")
			}
			return judge(o, served)
		},
	}
}

var usesFor = show.Pattern(`connection \d+ is for child (\d+)$`)

// usesChildren are the forked children that were given a
// connection, in the order of the server's lines.
func usesChildren(o *lab.Observation) (served []*trace.Process) {
	for _, m := range moments(o, "server ") {
		f := usesFor().FindStringSubmatch(m.line)
		if f == nil {
			continue
		}
		for _, c := range lab.Forked(m.by) {
			if lab.Pid(c) == number(f[1]) {
				served = append(served, c)
			}
		}
	}
	return served
}

// usesSockets are the sockets that the process wrote to.
func usesSockets(o *lab.Observation, p *trace.Process) map[string]bool {
	wrote := map[string]bool{}
	for _, e := range o.Events(trace.KindWrite) {
		if e.Process == p.Name && e.Result > 0 && strings.HasPrefix(e.Path, "socket:") {
			wrote[e.Path] = true
		}
	}
	return wrote
}

func usesServed(o *lab.Observation, served []*trace.Process) lab.Verdict {
	all := map[string]bool{}
	for _, c := range served {
		sockets := usesSockets(o, c)
		if len(sockets) != 1 {
			return o.Fail(fmt.Sprintf("%s wrote to %d sockets", c.Name, len(sockets)), "a child answers one connection")
		}
		for s := range sockets {
			all[s] = true
		}
	}
	if len(all) != len(served) {
		return o.Fail(fmt.Sprintf("%d children answered %d connections", len(served), len(all)), "two of them share one")
	}
	if n := len(usesSockets(o, served[0].Parent)); n > 0 {
		return o.Fail("the server wrote to a client itself", "that is its children's work")
	}
	return o.Passed("%d children wrote to a connection each, the server to none", len(served))
}

func usesAtOnce(o *lab.Observation, served []*trace.Process) lab.Verdict {
	for _, a := range served {
		for _, b := range served {
			if a.Died < b.Born {
				return o.Fail(fmt.Sprintf("%s had ended when %s was made", a.Name, b.Name), "the clients were served one after the other")
			}
		}
	}
	return o.Passed("the last child was made before the first one ended")
}

func usesCloses(o *lab.Observation, served []*trace.Process) lab.Verdict {
	open := -1
	for _, m := range moments(o, "server ") {
		if !usesFor().MatchString(m.line) {
			continue
		}
		open = 0
		for name, target := range m.state[m.by.Name].Files {
			if strings.HasPrefix(name, "fd/") && strings.HasPrefix(target, "socket:") {
				open++
			}
		}
		// The connection of that line may be on its way out.
		if open > 2 {
			return o.Fail(fmt.Sprintf("the server had %d sockets open", open), "it keeps the connections of its children")
		}
	}
	if open < 0 {
		return o.Fail("the server's descriptors were not seen", "there is nothing to count")
	}
	for _, m := range moments(o, "server ") {
		if !strings.HasSuffix(m.line, "reaped") {
			continue
		}
		for name, target := range m.state[m.by.Name].Files {
			if strings.HasPrefix(name, "fd/") && strings.HasPrefix(target, "socket:") {
				return o.Fail("the server has "+name+" open at the end: "+target, "it is a connection that was not closed")
			}
		}
	}
	return o.Passed("besides the listening socket the server had one connection open at most, and none at the end")
}

func usesReaped(o *lab.Observation, served []*trace.Process) lab.Verdict {
	for _, c := range served[0].Parent.Children {
		switch {
		case c.Reaper != c.Parent:
			return o.Fail(c.Name+" was not collected by the server", "it stays a zombie as long as the server runs")
		case c.Exit.Status != 0:
			return o.Fail(c.Name+" "+lab.Ended(c.Exit.Status), "it did not do its part")
		}
	}
	return o.Passed("all children ended with status 0 and were collected")
}

func usesForkExec(b *lab.Bench) lab.Verdict {
	o := b.Run(usesRun)
	for _, p := range o.Processes() {
		for _, c := range lab.Forked(p) {
			if lab.Execed(c) && c.Reaper == p && c.Exit.Status == 0 {
				return o.Passed("%s forked %s, which executed %s, and collected it", p.Name, c.Name, c.Exec.Path)
			}
		}
	}
	return o.Fail(o.Family(), "no forked child executed a program and was collected")
}

// usesMoments are where to stop in a run of the experiment.
var usesMoments = []lab.Moment{
	{
		Name: "serves",
		Says: "The child serves the connection, and the parent goes back to accept the next one.",
		At:   lab.AtLine("connection 1 is for child"),
	},
	{
		Name: "exec",
		Says: "The other use of fork: the child executes another program, and the parent stays what it was.",
		At:   lab.AtFirst(func(e *trace.Event) bool { return e.Errno == "" && e.Process != "P0" }, trace.KindExec),
	},
}

// usesQuestions are what to ask before it is shown.
var usesQuestions = []lab.Question{
	{
		Name:    "server",
		Ask:     "A client connects. Which process talks to it?",
		Answers: []string{"the parent, which accepted the connection", "a child, which inherited the connection"},
		Right:   lab.Says("a child, which inherited the connection", "connection 1 is for child"),
		Why:     "The child has a copy of every descriptor that the parent had open at the fork.",
		Moment:  "serves",
	},
	{
		Name:    "why-fork",
		Ask:     "Why does a shell fork before it executes a program?",
		Answers: []string{"because exec would replace the shell itself", "because exec needs an empty process", "because fork is faster than exec"},
		Right: lab.If("because exec would replace the shell itself", func(o *lab.Observation) bool {
			for _, p := range o.Processes() {
				if lab.Execed(p) {
					return true
				}
			}
			return false
		}),
		Why:    "exec puts another program in the place of the one that calls it, and never returns.",
		Moment: "exec",
	},
}
