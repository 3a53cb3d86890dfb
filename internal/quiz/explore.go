package quiz

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// op is an instruction: a program without its blocks.
type op struct {
	kind   kind
	text   string
	n      int
	target int // of kFork: where the child goes on; of kJump
}

// Instructions that no statement is.
const (
	kJump        kind = 100 + iota
	kWriteStatus      // write the exit status of the last wait
)

// compile writes statements one after the other, and the end of main.
func compile(body []stmt) []op {
	var code []op
	var block func([]stmt)
	block = func(body []stmt) {
		for _, s := range body {
			switch s.kind {
			case kFork:
				at := len(code)
				code = append(code, op{kind: kFork}, op{kind: kJump})
				code[at].target = len(code)
				block(s.body)
				code[at+1].target = len(code)
			case kLoop:
				for range s.n {
					block(s.body)
				}
			case kStatus:
				code = append(code, op{kind: kWait}, op{kind: kWriteStatus})
			default:
				code = append(code, op{kind: s.kind, text: s.text, n: s.n})
			}
		}
	}
	block(body)
	return append(code, op{kind: kExit})
}

// proc is a process of the model.
type proc struct {
	path   string // "0" is the first process, "0.2" its second child
	parent int    // index; -1 for a process outside of the program
	pc     int
	x      int
	buf    string // printed and not yet written
	got    int    // the exit status that the last wait returned
	kids   int    // children made
	flush  bool   // exit or exec have written what they write
	ended  bool
	reaped bool
	status int
}

// world is the state of a run.
type world struct {
	procs []proc
	out   string
	bytes int // in the pipe
}

// key tells states apart: a few bytes for each process, and the texts.
func (w *world) key() string {
	b := make([]byte, 0, 16*len(w.procs)+len(w.out)+8)
	for i := range w.procs {
		p := &w.procs[i]
		flags := byte(0)
		for bit, set := range []bool{p.flush, p.ended, p.reaped} {
			if set {
				flags |= 1 << bit
			}
		}
		// All of these are below 256: a program is small.
		b = append(b, byte(p.parent+1), byte(p.pc), byte(p.x), byte(p.got), byte(p.kids), byte(p.status), flags, byte(len(p.path)), byte(len(p.buf)))
		b = append(b, p.path...)
		b = append(b, p.buf...)
	}
	b = append(b, byte(w.bytes))
	return string(append(b, w.out...))
}

func (w *world) clone() *world {
	c := *w
	c.procs = slices.Clone(w.procs)
	return &c
}

// A Step is one thing that one process does and others can see.
type Step struct {
	Path string // of the process
	Ends bool   // it is the end of the process, after which it says nothing more
}

// Orders are all the ways in which a program can run.
type Orders struct {
	Outputs   []string // all possible outputs, sorted
	Processes int      // the first one included

	// Parents are the paths of the processes that each process may
	// have as its parent when it ends; "" is one outside of the program.
	Parents map[string][]string

	// Reaped says of each process whether a wait of the program returns
	// it: never (false), always (true), or both.
	Reaped map[string][]bool

	// Got are the exit statuses that waits of the program can return.
	Got []int

	// Prints are the processes that write each letter.
	Prints map[string][]string

	witness map[string][]Step // a way to each output that nothing but the order decides
}

var (
	errHangs   = errors.New("in some order it never ends")
	errNoChild = errors.New("in some order a wait finds no child")
	errMany    = errors.New("too many orders")
)

// maxStates bounds the states of one program: more than enough for one
// that a learner can work out.
const maxStates = 4000

// explorer follows all orders.
type explorer struct {
	code    []op
	seen    map[string]bool
	found   map[string][]Step
	parents map[string]map[string]bool
	reaped  map[string]map[bool]bool
	got     map[int]bool
	prints  map[string]map[string]bool
	most    int
	procs   int
	sure    bool // only waits that have no choice
}

// Explore returns all the ways in which the program can run.
func (p *Program) Explore() *Orders { return p.orders }

// explore follows all orders of a program with at most so many outputs;
// with ways it also finds a way to each of them.
func explore(body []stmt, most int, ways bool) (*Orders, error) {
	x := newExplorer(body, most)
	if err := x.visit(x.first(), nil); err != nil {
		return nil, err
	}
	sure := newExplorer(body, most)
	if sure.sure = true; ways {
		if err := sure.visit(sure.first(), nil); err != nil {
			return nil, err
		}
	}
	o := &Orders{
		Outputs: slices.Sorted(maps.Keys(x.found)), Processes: x.procs, Got: slices.Sorted(maps.Keys(x.got)),
		Parents: map[string][]string{}, Reaped: map[string][]bool{}, Prints: map[string][]string{}, witness: sure.found,
	}
	for path, set := range x.parents {
		o.Parents[path] = slices.Sorted(maps.Keys(set))
	}
	for letter, set := range x.prints {
		o.Prints[letter] = slices.Sorted(maps.Keys(set))
	}
	for path, set := range x.reaped {
		for _, b := range []bool{false, true} {
			if set[b] {
				o.Reaped[path] = append(o.Reaped[path], b)
			}
		}
	}
	return o, nil
}

func newExplorer(body []stmt, most int) *explorer {
	return &explorer{
		code: compile(body), most: most, seen: map[string]bool{}, found: map[string][]Step{},
		parents: map[string]map[string]bool{}, reaped: map[string]map[bool]bool{}, got: map[int]bool{}, prints: map[string]map[string]bool{},
	}
}

// first is the state before the first visible step.
func (x *explorer) first() *world {
	w := &world{procs: []proc{{path: "0", parent: -1, x: 1}}}
	x.settle(&w.procs[0])
	return w
}

// settle runs what no other process can see.
func (x *explorer) settle(p *proc) {
	for {
		switch c := x.code[p.pc]; c.kind {
		case kJump:
			p.pc = c.target
		case kPrintf:
			p.buf += c.text
			p.pc++
		case kAddX:
			p.x += c.n
			p.pc++
		default:
			return
		}
	}
}

// visit follows every step that is possible in a state.
func (x *explorer) visit(w *world, way []Step) error {
	key := w.key()
	if x.seen[key] {
		return nil
	}
	x.seen[key] = true
	if len(x.seen) > maxStates {
		return errMany
	}
	stuck, living := true, false
	for i := range w.procs {
		if w.procs[i].ended {
			continue
		}
		living = true
		nexts, err := x.steps(w, i)
		if err != nil {
			return err
		}
		for _, next := range nexts {
			stuck = false
			step := Step{Path: w.procs[i].path, Ends: next.procs[i].ended}
			longer := way
			if x.sure {
				longer = append(slices.Clip(way), step)
			}
			if err := x.visit(next, longer); err != nil {
				return err
			}
		}
	}
	switch {
	case living && stuck && !x.sure:
		return errHangs
	case !living:
		return x.end(w, way)
	}
	return nil
}

// end notes what is true when all processes have ended.
func (x *explorer) end(w *world, way []Step) error {
	if _, known := x.found[w.out]; !known {
		x.found[w.out] = way
	}
	if len(x.found) > x.most {
		return errMany
	}
	x.procs = len(w.procs)
	for _, p := range w.procs {
		note(x.reaped, p.path, p.reaped)
	}
	return nil
}

func note[K, V comparable](sets map[K]map[V]bool, k K, v V) {
	if sets[k] == nil {
		sets[k] = map[V]bool{}
	}
	sets[k][v] = true
}

// steps are the states that process i can lead to by its next step: none
// if it is blocked, several if the kernel has a choice.
func (x *explorer) steps(w *world, i int) ([]*world, error) {
	c := x.code[w.procs[i].pc]
	if c.kind == kWait {
		return x.waits(w, i)
	}
	if c.kind == kHear && w.bytes == 0 {
		return nil, nil
	}
	next := w.clone()
	p := &next.procs[i]
	switch c.kind {
	case kWrite:
		x.write(next, p, c.text)
	case kWriteX:
		x.write(next, p, strconv.Itoa(p.x))
	case kWriteStatus:
		x.write(next, p, strconv.Itoa(p.got))
	case kTell:
		next.bytes++
	case kHear:
		next.bytes--
	case kFork:
		p.kids++
		child := *p
		child.path = fmt.Sprintf("%s.%d", p.path, p.kids)
		child.parent, child.kids, child.pc = i, 0, c.target
		x.settle(&child)
		next.procs = append(next.procs, child)
		p = &next.procs[i]
	case kExit, kQuit, kExec:
		x.leave(next, i, c)
		return []*world{next}, nil
	}
	p.pc++
	x.settle(p)
	return []*world{next}, nil
}

// write writes at once.
func (x *explorer) write(w *world, p *proc, text string) {
	w.out += text
	note(x.prints, text, p.path)
}

// leave is a step of exit, _exit or exec: what they write, or the end.
func (x *explorer) leave(w *world, i int, c op) {
	p := &w.procs[i]
	text := p.buf
	switch c.kind {
	case kQuit:
		text = ""
	case kExec:
		text = c.text
	}
	if text != "" && !p.flush {
		for _, letter := range text {
			note(x.prints, string(letter), p.path)
		}
		w.out += text
		p.flush = true
		return
	}
	p.ended, p.status = true, c.n
	parent := ""
	if p.parent >= 0 {
		parent = w.procs[p.parent].path
	}
	note(x.parents, p.path, parent)
	for k := range w.procs {
		if w.procs[k].parent == i {
			w.procs[k].parent = -1
		}
	}
}

// waits are the states after a wait: one for each child that it may
// return.
func (x *explorer) waits(w *world, i int) (nexts []*world, err error) {
	var zombies []int
	children := 0
	for k, p := range w.procs {
		if p.parent != i || p.reaped {
			continue
		}
		children++
		if p.ended {
			zombies = append(zombies, k)
		}
	}
	if children == 0 {
		return nil, errNoChild
	}
	if x.sure && len(zombies) > 1 {
		return nil, nil
	}
	for _, k := range zombies {
		next := w.clone()
		next.procs[k].reaped = true
		p := &next.procs[i]
		p.got = next.procs[k].status
		if x.code[p.pc+1].kind == kWriteStatus {
			x.got[p.got] = true
		}
		p.pc++
		x.settle(p)
		nexts = append(nexts, next)
	}
	return nexts, nil
}
