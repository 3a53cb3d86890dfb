// Package checks says what the kernel must have done when an
// experiment of the folder setuid has run: one file for each, beside
// its program in Go and its twin in C.
//
// The programs print which ids they have as A, B, C and 0. After each
// line the recorder reads /proc/PID/status, and a claim compares its
// lines Uid and Gid with what is claimed.
package checks

import (
	"fmt"
	"strings"

	"apue/ch8/proc"
	"apue/internal/lab"
	"apue/internal/trace"
)

// All are the experiments of the folder, in the order of its menu.
var All = lab.Registry{Setid, Rules, Drop, Threads}

// The ids that the programs use.
const (
	idA = 7000001 + iota
	idB
	idC
)

// ids are the real, the effective and the saved id.
type ids [3]int

func (i ids) String() string {
	return fmt.Sprintf("real %s, effective %s, saved %s", letter(i[0]), letter(i[1]), letter(i[2]))
}

// letter is the name of an id in what the programs print.
func letter(id int) string {
	if id >= idA && id <= idC {
		return string(rune('A' + id - idA))
	}
	return fmt.Sprint(id)
}

// run makes the run, or says why this machine cannot do it.
func run(b *lab.Bench) (o *lab.Observation, cannot *lab.Verdict) {
	o = b.Run(lab.Watched())
	if proc.WaitStatus(o.Status).ExitStatus() == 2 {
		reason, _, _ := strings.Cut(strings.TrimSpace(string(o.Stderr)), "\n")
		v := lab.Cannot(reason, "run it as root, outside of user namespaces")
		return o, &v
	}
	if o.Recording != nil && o.Recording.Header.SetID != "kept" {
		v := lab.CannotLook()
		return o, &v
	}
	return o, nil
}

// claimed is one line of a program, and the ids that its process must
// have when it has printed it: by the line Uid or Gid of
// /proc/PID/status.
type claimed struct {
	words string // the beginning of the line
	file  string // "Uid" or "Gid"
	want  ids
	says  string // the end of the line; "" for in words what is wanted
}

// judge makes the run and compares each line with /proc.
func judge(means string, lines ...claimed) func(*lab.Bench) lab.Verdict {
	return func(b *lab.Bench) lab.Verdict {
		o, cannot := run(b)
		if cannot != nil {
			return *cannot
		}
		for _, l := range lines {
			if v := l.compare(o, means); v != nil {
				return *v
			}
		}
		last := lines[len(lines)-1]
		return o.Passed("%d lines agree with /proc/PID/status, the last one: %s: %s", len(lines), last.words, last.want)
	}
}

// compare returns the failure of one line, or nil.
func (l claimed) compare(o *lab.Observation, means string) *lab.Verdict {
	found := o.Printed(l.words)
	if len(found) == 0 {
		v := o.Fail(fmt.Sprintf("no line begins with %q", l.words), "the program did not get as far as this line, and nothing can be compared")
		return &v
	}
	p := found[0]
	got, fs, ok := idsOf(p.Of(p.By), l.file)
	switch {
	case !ok:
		v := o.Fail(fmt.Sprintf("/proc was not read when %q had been printed", p.Text), "nothing can be compared")
		return &v
	case got != l.want:
		v := o.Fail(fmt.Sprintf("%s: the line %s of /proc/PID/status has %s", l.words, l.file, got), fmt.Sprintf("it should be %s: %s", l.want, means))
		return &v
	case fs != got[1]:
		v := o.Fail(fmt.Sprintf("%s: the file system id is %s, and the effective id %s", l.words, letter(fs), letter(got[1])), "the file system id follows the effective id")
		return &v
	}
	says := l.says
	if says == "" {
		says = l.want.String()
	}
	if !strings.HasSuffix(p.Text, says) {
		v := o.Fail(fmt.Sprintf("the program printed %q", p.Text), fmt.Sprintf("the kernel has %s for it", got))
		return &v
	}
	return nil
}

// idsOf reads the line Uid or Gid of /proc/PID/status; fs is the file
// system id.
func idsOf(f trace.ProcFiles, line string) (id ids, fs int, ok bool) {
	n, err := fmt.Sscan(f.Status(line), &id[0], &id[1], &id[2], &fs)
	return id, fs, err == nil && n == 4
}

// claim is a row of a table of claims.
func claim(name, says, why string, hints [3]string, judge func(*lab.Bench) lab.Verdict) lab.Claim {
	return lab.Claim{Name: name, Says: says, Why: why, Points: 1, Hints: hints, Judge: judge}
}

// printedBy is the event in which a line that begins with the words was
// written, for a moment; nil if there is none.
func printedBy(words string) func(*lab.Observation) *trace.Event {
	return func(o *lab.Observation) *trace.Event {
		if found := o.Printed(words); len(found) > 0 {
			return found[0].Write
		}
		return nil
	}
}

// called is the first successful or failed creds call of this name
// whose process had the effective id before it.
func called(call string, effective int, failed bool) func(*lab.Observation) *trace.Event {
	return func(o *lab.Observation) *trace.Event {
		for _, e := range o.Events(trace.KindCreds) {
			if e.Call == call && e.Before != nil && e.Before.UID[1] == effective && (e.Errno != "") == failed {
				return e
			}
		}
		return nil
	}
}

// numbered is the cast of a program whose children have numbers only.
func numbered(o *lab.Observation) lab.Cast {
	original := o.Processes()[0]
	return lab.Cast{}.With("original", original).Numbered(original.Children)
}
