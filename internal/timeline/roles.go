package timeline

import (
	"fmt"
	"slices"
	"strings"

	"apue/internal/locale"
	"apue/internal/trace"
)

// A title is what a process is called in pictures and sentences: a
// role ("first child"), or the name of the program that it executed
// ("wc"), which takes no article in a sentence.
type title struct {
	text    string
	program bool
}

// ordinals name the children of a process that has several.
var ordinals = [...]string{
	locale.Key("first child"), locale.Key("second child"), locale.Key("third child"), locale.Key("fourth child"), locale.Key("fifth child"),
	locale.Key("sixth child"), locale.Key("seventh child"), locale.Key("eighth child"), locale.Key("ninth child"), locale.Key("tenth child"),
}

// maxTitle is the length of a title in columns.
const maxTitle = 32

// titles returns what each process of a recording is called, by its
// birth path. A role from the caller goes before what the recording
// tells: the program that a process executed, or its place in the
// family. No two processes have the same title.
func titles(rec *trace.Recording, roles map[string]string) map[string]title {
	all := rec.Processes()
	generation := map[*trace.Process]int{}
	size := map[int]int{} // processes of a generation
	children := map[*trace.Process][]*trace.Process{}
	family := map[*trace.Process]bool{}
	for _, p := range all {
		// A child made with CLONE_PARENT is a sibling of its maker.
		if parent := rec.ParentAt(p, p.Born); parent != nil {
			generation[p] = generation[parent] + 1
			children[parent] = append(children[parent], p)
			if p.Exec == nil {
				family[parent] = true
			}
		}
		size[generation[p]]++
	}
	first := locale.T("parent")
	for _, given := range roles {
		if given == "parent" {
			first = locale.T("original") // and another process is the parent
		}
	}
	names := map[string]title{}
	for _, p := range all {
		t := title{text: oneLine(role(strings.TrimPrefix(roles[p.Name], "the ")), maxTitle)}
		switch program := programOf(rec, p); {
		case t.text != "":
		case p.Parent == nil && family[p]:
			t.text = first
		case p.Exec != nil && program != "":
			t = title{program, true}
		case p.Parent == nil && program != "":
			t = title{program, true}
		default:
			siblings := children[rec.ParentAt(p, p.Born)]
			t.text = place(p, generation[p], size[generation[p]], slices.Index(siblings, p))
		}
		names[p.Name] = t
	}
	distinct(all, names)
	return names
}

// role is a role in the reader's language: "child 7" is made of a word
// and a number.
func role(english string) string {
	if number, ok := strings.CutPrefix(english, "child "); ok {
		return locale.Sprintf("child %s", number)
	}
	return locale.T(english)
}

// programOf is the base name of the program that a process executed
// last; of the first process that of the command.
func programOf(rec *trace.Recording, p *trace.Process) string {
	name := ""
	if p.Exec != nil {
		name = program(p.Exec.Argv, p.Exec.Path)
	} else if p.Parent == nil {
		name = program(rec.Header.Command, "")
	}
	return oneLine(name, maxTitle)
}

// place names a process by its place in the family: it is of a generation
// of some size, and has so many elder siblings.
func place(p *trace.Process, generation, size, elder int) string {
	switch {
	case p.Parent == nil:
		return locale.T("process")
	case generation == 0:
		return locale.T("sibling") // of the first process, by CLONE_PARENT
	case size == 1 && generation == 1:
		return locale.T("child")
	case size == 1 && generation == 2:
		return locale.T("grandchild")
	case size == 1:
		return locale.Sprintf("generation %d", generation)
	case generation == 1 && size <= len(ordinals):
		return locale.T(ordinals[elder])
	}
	return locale.Sprintf("child %s", oneLine(strings.TrimPrefix(p.Name, "P0."), maxTitle))
}

// distinct numbers processes that would have the same title.
func distinct(all []*trace.Process, names map[string]title) {
	count, next := map[string]int{}, map[string]int{}
	for _, p := range all {
		count[names[p.Name].text]++
	}
	for _, p := range all {
		t := names[p.Name]
		if same := t.text; count[same] > 1 {
			for { // another process may be "child 8" by its place
				next[same]++
				t.text = fmt.Sprintf("%s %d", same, next[same])
				if count[t.text] == 0 {
					break
				}
			}
			names[p.Name] = t
		}
	}
}

// inSentence is the title as the subject or object of a sentence.
func (t title) inSentence() string {
	if last := len(t.text) - 1; t.program || last >= 0 && t.text[last] >= '0' && t.text[last] <= '9' {
		return t.text
	}
	return locale.Sprintf("the %s", t.text)
}
