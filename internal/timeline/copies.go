package timeline

import (
	"strconv"
	"strings"

	"apue/internal/locale"
	"apue/internal/procfs"
)

// copied notes how much of a forked child's memory has been copied by
// the time of a snapshot: what proc_pid_smaps(5) calls Private_Dirty.
// It says so of a child whose parent still lives, and that has not
// called exec: of any other process Private_Dirty counts what nobody
// else maps.
func (b *builder) copied(i int) {
	e := &b.rec.Events[i]
	lane, ok := b.lane[e.Process]
	if !ok {
		return
	}
	l := &b.lives[lane]
	if made := b.m.Lanes[lane].Parent; !l.forked || made < 0 || b.lives[made].dead {
		return
	}
	for k := range e.Snapshot {
		smaps := e.Snapshot[k].Files["smaps"]
		if e.Snapshot[k].Process != e.Process || smaps == "" {
			continue
		}
		if kB := privateDirty(smaps); kB != l.copies {
			l.copies, l.unsaid = kB, true
		}
	}
	// It was taken right after a write, or before an end.
	if n := len(b.m.Steps); l.unsaid && n > 0 && b.m.Steps[n-1].Lane == lane && b.m.Steps[n-1].Last == i-1 {
		b.sayCopies(&b.m.Steps[n-1])
	}
}

func (b *builder) sayCopies(s *Step) {
	l := &b.lives[s.Lane]
	l.unsaid = false
	s.Evidence = append(s.Evidence, locale.Sprintf("pages copied so far: %d kB", l.copies))
}

// privateDirty adds up the Private_Dirty lines of smaps, in kB.
func privateDirty(smaps string) int {
	sum := 0
	for line := range strings.Lines(smaps) {
		if n, err := strconv.Atoi(strings.TrimSuffix(procfs.Line(line, "Private_Dirty"), " kB")); err == nil && n > 0 {
			sum += n
		}
	}
	return sum
}
