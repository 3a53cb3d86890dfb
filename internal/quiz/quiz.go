// Package quiz makes small C programs from a seed, works out everything
// that they can print, and asks about it.
//
// [New] makes a Program: forks, exits, waits, pipes, buffered output and
// exec, more of them from level to level. [Program.Explore] follows
// every order in which the kernel may run its processes, and returns
// the set of all possible outputs. [Program.Questions] asks about it:
// how many processes there are, which output is possible, which order
// is promised, which status a wait reports, who adopts whom.
// [Program.C] and [Program.Go] write the program in a language;
// [Built.Run] runs it as often as wanted, and [Built.Force] makes the
// kernel run it in one order that was chosen.
//
// A seed and a level always give the same program and the same
// questions.
package quiz

import (
	"fmt"
	"math/rand/v2"
)

// Levels is how many there are. 1 has one or two forks; 2 nested ones,
// loops, statuses; 3 buffered output, exit and _exit; 4 pipes, orphans
// and variables; 5 exec too.
const Levels = 5

// Forcible is the last level whose programs can be forced into each of
// their orders, see [Built.Force].
const Forcible = 2

// kind is what a statement does.
type kind int

const (
	kWrite  kind = iota // write(1, text): at once
	kPrintf             // printf(text): into the buffer of the process
	kWriteX             // write x, as a number: at once
	kAddX               // x += n
	kFork               // the child runs body; if body is empty, both go on
	kLoop               // body, n times
	kWait               // wait(&status)
	kStatus             // wait(&status), then write the exit status
	kExit               // exit(n)
	kQuit               // _exit(n)
	kTell               // write a byte into the pipe
	kHear               // read a byte from the pipe
	kExec               // execute a program that writes text
)

// stmt is a statement of a program.
type stmt struct {
	kind kind
	text string
	n    int
	body []stmt
}

// A Program is one exercise of the quiz.
type Program struct {
	Seed  uint64
	Level int // 1 to Levels

	body   []stmt
	orders *Orders // what Explore found
}

// most bounds what a program may be, so that a learner can work it out.
var most = [Levels + 1]struct{ processes, outputs, statements int }{
	1: {3, 6, 7}, 2: {4, 12, 9}, 3: {3, 12, 9}, 4: {4, 12, 11}, 5: {4, 12, 11},
}

// New makes the program of a seed and a level.
func New(seed uint64, level int) (*Program, error) {
	if level < 1 || level > Levels {
		return nil, fmt.Errorf("level %d: there are levels 1 to %d", level, Levels)
	}
	r := rand.New(rand.NewPCG(seed, uint64(level)))
	for {
		g := &generator{rand: r, level: level}
		p := &Program{Seed: seed, Level: level, body: g.program()}
		if p.good() {
			return p, nil
		}
	}
}

// good reports whether a program is worth asking about: it ends in every
// order, its waits find a child, and its outputs are neither too many
// nor all of one letter.
func (p *Program) good() bool {
	limit := most[p.Level]
	if n := count(p.body); n < 3 || n > limit.statements {
		return false
	}
	o, err := explore(p.body, limit.outputs, p.Level <= Forcible)
	if err != nil {
		return false
	}
	p.orders = o
	if o.Processes < 2 || o.Processes > limit.processes || len([]rune(o.Outputs[0])) < 2 {
		return false
	}
	if len(o.Outputs) == 1 && !uses(p.body, kPrintf, kWait, kStatus, kHear) {
		return false // nothing to think about
	}
	// An easy level can be forced into each of its orders.
	return p.Level > Forcible || len(o.witness) == len(o.Outputs)
}

// count counts statements, those inside others too.
func count(body []stmt) (n int) {
	for _, s := range body {
		n += 1 + count(s.body)
	}
	return n
}

// generator makes the statements of a program.
type generator struct {
	rand    *rand.Rand
	level   int
	letters int
	status  int
}

// odds is true in n of 100 cases.
func (g *generator) odds(n int) bool { return g.rand.IntN(100) < n }

// letter is the next letter that a program prints.
func (g *generator) letter() string {
	g.letters++
	return string(rune('A' + g.letters - 1))
}

// exitStatus is one that no other exit of the program has.
func (g *generator) exitStatus() int {
	g.status += 1 + g.rand.IntN(3)
	return g.status
}

func (g *generator) program() []stmt {
	var body []stmt
	if g.odds(60) {
		body = append(body, g.print())
	}
	if g.level >= 4 && g.odds(50) {
		body = append(body, stmt{kind: kAddX, n: 1 + g.rand.IntN(4)})
	}
	children := 0
	for n := 1 + g.rand.IntN(2); n > 0; n-- {
		s := g.fork(0)
		if s.kind == kFork && len(s.body) > 0 {
			children++
		}
		body = append(body, s)
		if g.odds(30) {
			body = append(body, g.print())
		}
		if g.level >= 4 && g.odds(30) {
			body = append(body, stmt{kind: kTell})
		}
	}
	for ; children > 0 && g.odds(70); children-- {
		body = append(body, g.wait())
	}
	if g.level >= 4 && g.odds(40) {
		body = append(body, stmt{kind: kWriteX})
	}
	return append(body, g.print())
}

// print prints a letter: through the buffer from level 3 on.
func (g *generator) print() stmt {
	if g.level >= 3 && g.odds(50) {
		return stmt{kind: kPrintf, text: g.letter()}
	}
	return stmt{kind: kWrite, text: g.letter()}
}

func (g *generator) wait() stmt {
	if g.level >= 2 && g.odds(45) {
		return stmt{kind: kStatus}
	}
	return stmt{kind: kWait}
}

// fork is a fork whose child does something, or one after which both go
// on, perhaps in a loop.
func (g *generator) fork(depth int) stmt {
	if depth == 0 && g.odds(20) {
		both := stmt{kind: kFork}
		if g.level >= 2 && g.odds(50) {
			return stmt{kind: kLoop, n: 2, body: []stmt{both}}
		}
		return both
	}
	var child []stmt
	if g.level >= 4 && g.odds(35) {
		child = append(child, stmt{kind: kHear})
	}
	if g.level >= 4 && g.odds(35) {
		child = append(child, stmt{kind: kAddX, n: 1 + g.rand.IntN(4)})
	}
	if g.level >= 2 && depth == 0 && g.odds(35) {
		child = append(child, g.fork(depth+1))
		if g.odds(40) {
			child = append(child, g.wait())
		}
	}
	if g.level >= 4 && g.odds(25) {
		child = append(child, stmt{kind: kWriteX})
	}
	child = append(child, g.print())
	switch {
	case g.level >= 5 && g.odds(50):
		child = append(child, stmt{kind: kExec, text: g.letter()})
	case g.level >= 3 && g.odds(40):
		child = append(child, stmt{kind: kQuit, n: g.exitStatus()})
	case g.odds(80):
		child = append(child, stmt{kind: kExit, n: g.exitStatus()})
	}
	return stmt{kind: kFork, body: child}
}
