package quiz

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	"apue/internal/locale"
)

// A Question has one right answer among its options. It is in the
// reader's language, see package locale.
type Question struct {
	Ask     string
	Options []string // no two the same
	Right   string   // one of them
	Why     string

	ordered bool // the options stay in their order
}

// perProgram is how many questions are asked of one program.
const perProgram = 3

// Questions are those that are asked of the program, at most three.
func (p *Program) Questions() []Question {
	r := rand.New(rand.NewPCG(p.Seed, uint64(p.Level)<<32|1))
	a := &asker{p.orders, r}
	all := slices.Concat(a.possible(), a.processes(), a.promised(), a.statuses(), a.adopted(), a.outputs())
	// The output is always asked for; of the rest chance decides.
	rest := all[1:]
	r.Shuffle(len(rest), func(i, j int) { rest[i], rest[j] = rest[j], rest[i] })
	all = all[:min(len(all), perProgram)]
	for i := range all {
		o := all[i].Options
		if all[i].ordered {
			continue
		}
		r.Shuffle(len(o), func(i, j int) { o[i], o[j] = o[j], o[i] })
	}
	return all
}

// asker makes the questions of a program.
type asker struct {
	o *Orders
	r *rand.Rand
}

// possible asks for an output that can appear, or for one that cannot.
func (a *asker) possible() []Question {
	some := slices.Clone(a.o.Outputs)
	a.r.Shuffle(len(some), func(i, j int) { some[i], some[j] = some[j], some[i] })
	if len(some) >= 3 && a.r.IntN(3) == 0 {
		wrong := a.impossible(1)[0]
		return []Question{{
			Ask:     locale.T("Which of these outputs can it never print?"),
			Options: append(some[:3:3], wrong), Right: wrong,
			Why: locale.Sprintf("No order in which the kernel may run the processes prints %s. All possible outputs: %s.", wrong, strings.Join(a.o.Outputs, " ")),
		}}
	}
	return []Question{{
		Ask:     locale.T("Which of these outputs can it print?"),
		Options: append(a.impossible(3), some[0]), Right: some[0],
		Why: locale.Sprintf("All possible outputs: %s.", strings.Join(a.o.Outputs, " ")),
	}}
}

// impossible makes n outputs that look possible and are not.
func (a *asker) impossible(n int) (wrong []string) {
	base := a.o.Outputs[a.r.IntN(len(a.o.Outputs))]
	add := func(s string) {
		if s != "" && !slices.Contains(a.o.Outputs, s) && !slices.Contains(wrong, s) {
			wrong = append(wrong, s)
		}
	}
	for range 40 {
		letters := []rune(base)
		a.r.Shuffle(len(letters), func(i, j int) { letters[i], letters[j] = letters[j], letters[i] })
		if add(string(letters)); len(wrong) == n {
			return wrong
		}
	}
	// Every order is possible: a letter is missing, or comes twice.
	for length := 1; len(wrong) < n; length++ {
		for i := range base {
			add(base[:i] + base[i+1:])
			add(base[:i] + strings.Repeat(base[i:i+1], length) + base[i:])
		}
	}
	return wrong[:n]
}

func (a *asker) processes() []Question {
	n := a.o.Processes
	return []Question{a.numbered(locale.T("How many processes are there, the first one included?"), n, 2,
		locale.Sprintf("Each fork that is executed adds one, whichever process executes it: %d forks.", n-1))}
}

func (a *asker) outputs() []Question {
	n := len(a.o.Outputs)
	return []Question{a.numbered(locale.T("How many different outputs can it print?"), n, 1,
		locale.Sprintf("They are: %s.", strings.Join(a.o.Outputs, " ")))}
}

// numbered offers a number and its neighbours from least on, in their
// order: the right one may be any of them.
func (a *asker) numbered(ask string, right, least int, why string) Question {
	q := Question{Ask: ask, Right: fmt.Sprint(right), Why: why, ordered: true}
	for n := max(right-a.r.IntN(4), least); len(q.Options) < 4; n++ {
		q.Options = append(q.Options, fmt.Sprint(n))
	}
	return q
}

// promised asks whether one letter always comes before another.
func (a *asker) promised() []Question {
	var once []string
	for _, letter := range slices.Sorted(maps.Keys(a.o.Prints)) {
		if letter >= "A" && letter <= "Z" && !slices.ContainsFunc(a.o.Outputs, func(o string) bool { return strings.Count(o, letter) != 1 }) {
			once = append(once, letter)
		}
	}
	if len(once) < 2 {
		return nil
	}
	a.r.Shuffle(len(once), func(i, j int) { once[i], once[j] = once[j], once[i] })
	x, y := once[0], once[1]
	before := 0
	for _, o := range a.o.Outputs {
		if strings.Index(o, x) < strings.Index(o, y) {
			before++
		}
	}
	q := Question{
		Ask:     locale.Sprintf("Which order of %s and %s is promised?", x, y),
		Options: []string{locale.Sprintf("%s before %s", x, y), locale.Sprintf("%s before %s", y, x), locale.T("neither")},
	}
	switch before {
	case len(a.o.Outputs):
		q.Right, q.Why = q.Options[0], locale.Sprintf("In every possible output %s stands before %s: something makes one wait for the other.", x, y)
	case 0:
		q.Right, q.Why = q.Options[1], locale.Sprintf("In every possible output %s stands before %s: something makes one wait for the other.", y, x)
	default:
		q.Right, q.Why = q.Options[2], locale.Sprintf("%s stands first in %d of the %d possible outputs: nothing makes one wait for the other.", x, before, len(a.o.Outputs))
	}
	return []Question{q}
}

// statuses asks what a wait can report, where one is printed.
func (a *asker) statuses() []Question {
	if len(a.o.Got) == 0 {
		return nil
	}
	set := func(n []int) string {
		var s []string
		for _, v := range n {
			s = append(s, fmt.Sprint(v))
		}
		return strings.Join(s, locale.T(" or "))
	}
	right := set(a.o.Got)
	q := Question{
		Ask:   locale.T("Which exit statuses can the program print?"),
		Right: right, Options: []string{right},
		Why: locale.Sprintf("A wait returns any child that has ended, and its exit status is the argument of exit or _exit, 0 where main returns or a program that was executed ends well: %s.", right),
	}
	for _, other := range [][]int{{0}, {a.o.Got[0] + 1}, {a.o.Got[0] << 8}, {0, a.o.Got[len(a.o.Got)-1] + 1}, {1, 7}} {
		if s := set(other); !slices.Contains(q.Options, s) && len(q.Options) < 4 {
			q.Options = append(q.Options, s)
		}
	}
	a.r.Shuffle(len(q.Options), func(i, j int) { q.Options[i], q.Options[j] = q.Options[j], q.Options[i] })
	return []Question{q}
}

// adopted asks which process is the parent of a child when it ends.
func (a *asker) adopted() []Question {
	var all []Question
	for _, letter := range slices.Sorted(maps.Keys(a.o.Prints)) {
		by := a.o.Prints[letter]
		if letter < "A" || letter > "Z" || len(by) != 1 || by[0] == "0" {
			continue
		}
		parents := a.o.Parents[by[0]]
		made, outside := locale.T("the process that made it"), locale.T("a process outside of the program")
		either := locale.T("one of the two: it depends on the order")
		q := Question{
			Ask:     locale.Sprintf("A child writes %s. Which process is its parent when it ends?", letter),
			Options: []string{made, outside, either}, ordered: true,
		}
		switch {
		case len(parents) > 1:
			q.Right, q.Why = either, locale.T("If the process that made it ends first, the kernel gives the child to an adopter: init, or the nearest child subreaper. No wait decides which of the two ends first.")
		case parents[0] == "":
			q.Right, q.Why = outside, locale.T("The process that made it has always ended before, and the kernel has given the child to an adopter: init, or the nearest child subreaper.")
		default:
			q.Right, q.Why = made, locale.T("The process that made it cannot end before: it waits for the child, or for something that comes after the child's end.")
		}
		all = append(all, q)
	}
	if len(all) > 1 {
		i := a.r.IntN(len(all))
		all = all[i : i+1]
	}
	return all
}
