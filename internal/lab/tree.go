package lab

import (
	"fmt"
	"strings"

	"apue/ch8/proc"
	"apue/internal/show"
	"apue/internal/trace"
)

// tree draws the process tree of a recorded run, one line a
// process, with pids as the program sees them, how each ended and
// who reaped it; a line that is too long goes on below. rename
// changes each text before it is broken into lines.
func tree(o *Observation, rename func(string) string) []string {
	var lines []string
	var draw func(p *trace.Process, first, rest string)
	draw = func(p *trace.Process, first, rest string) {
		text := fmt.Sprintf("%s %d (%s)", show.Line(o.Role(p)), Pid(p), fate(o, p))
		for i, l := range show.Wrap(rename(text), Width-12-len([]rune(rest))) {
			lead := rest
			if i == 0 {
				lead = first
			}
			lines = append(lines, lead+l)
		}
		for i, c := range p.Children {
			if i < len(p.Children)-1 {
				draw(c, rest+"├ ", rest+"│ ")
			} else {
				draw(c, rest+"└ ", rest+"  ")
			}
		}
	}
	all := o.Processes()
	if len(all) == 0 {
		return nil
	}
	draw(all[0], "", "")
	if left := len(lines) - treeRows; left > 1 {
		lines = append(lines[:treeRows], fmt.Sprintf("… and %d more lines: %d processes in all", left, len(all)))
	}
	return lines
}

// treeRows is how many lines of a tree are printed: with a screen of 24
// lines the rest of the message is to be seen too.
const treeRows = 20

// fate says how the process ended and what became of it.
func fate(o *Observation, p *trace.Process) string {
	var s []string
	if p.Birth != nil && p.Birth.Kind == trace.KindVfork && inParentsMemory(p) {
		s = append(s, "vforked")
	}
	for _, l := range o.Leftovers {
		if l.Pid == p.Pid {
			// What became of it then was the sandbox's doing.
			if o.Stopped(p, forever) {
				return strings.Join(append(s, "stopped, then killed"), ", ")
			}
			return strings.Join(append(s, "still running, then killed"), ", ")
		}
	}
	if p.Exit == nil {
		return strings.Join(append(s, "not seen to end"), ", ")
	}
	s = append(s, Ended(p.Exit.Status))
	zombie := ""
	for _, e := range p.Reparented {
		if e.Time < p.Died {
			s = append(s, "adopted by "+adopter(o, e))
		} else {
			zombie = "zombie, then adopted by " + adopter(o, e)
		}
	}
	switch {
	case p.Reaper != nil:
		if ms := float64(p.Reaped-p.Died) / 1e6; ms >= 50 {
			s = append(s, fmt.Sprintf("zombie %.2f s", ms/1e3))
		}
		s = append(s, "reaped by "+show.Line(o.Role(p.Reaper)))
	case zombie != "":
		s = append(s, zombie)
	case o.ParentAt(p, p.Died) != nil && p.Exit.Discarded:
		s = append(s, "no zombie: "+o.NoZombie(p))
	case o.ParentAt(p, p.Died) != nil:
		s = append(s, "never reaped")
	}
	return strings.Join(s, ", ")
}

// adopter names the new parent of an adoption, and says if it was not seen.
func adopter(o *Observation, e *trace.Event) string {
	s := newParent(o, e)
	if e.Inferred {
		s += " (" + trace.NotSeen + ")"
	}
	return s
}

func newParent(o *Observation, e *trace.Event) string {
	if e.NewParentProcess != "" {
		if p := o.Process(e.NewParentProcess); p != nil {
			return show.Line(o.Role(p))
		}
	}
	if e.Unknown["new_parent"] != "" {
		return "a process that is not known"
	}
	n := e.NewParent
	if e.NewParentNSpid != 0 {
		n = e.NewParentNSpid
	}
	return fmt.Sprintf("%d (%s)", n, show.Line(e.NewParentComm))
}

// Ended says a termination status in the words of
// proc.WaitStatus.Short: exited 7, killed by SIGKILL (9).
func Ended(status uint32) string { return proc.WaitStatus(status).Short() }
