package timeline

import "strings"

// A layout puts lanes into columns.
type layout struct {
	column []int   // of each lane
	n      int     // columns in all
	lanes  [][]int // of each column

	// outside are the lanes of what is not recorded.
	outside []int

	// folded is the column in which all lanes stand that found no
	// place of their own, -1 where each has one.
	folded int
}

// arrange gives the lanes at most limit columns. While there are
// enough, each lane has its own, in the order of the lanes. With
// fewer, a lane takes over the column of one that is gone. When
// even that is not enough the rest share the last column.
func (m *Model) arrange(limit int) layout {
	limit = max(limit, 3)
	lanes := m.wholeLanes()
	lay := layout{column: make([]int, len(lanes)), folded: -1}
	for i := range lanes {
		if lanes[i].Outside {
			lay.outside = append(lay.outside, i)
		}
	}
	if len(lanes) <= limit {
		for i := range lanes {
			lay.column[i] = i
			lay.lanes = append(lay.lanes, []int{i})
		}
		lay.n = len(lanes)
		return lay
	}
	var inside []int
	for i := range lanes {
		if !lanes[i].Outside {
			inside = append(inside, i)
		}
	}
	// All that is outside shares a column.
	room := limit - min(1, len(lay.outside))
	// In the order of birth, which is that of the steps.
	order := make([]int, len(inside))
	copy(order, inside)
	sortBy(order, func(i int) int { return lanes[i].Born })

	var free []int // the step at which a column becomes free, by column; -1 never
	for _, i := range order {
		l := &lanes[i]
		ends := -1
		if k := len(l.Spans) - 1; k >= 0 && l.Spans[k].State == Gone {
			ends = l.Spans[k].From
		}
		col := -1
		for c, at := range free {
			if at >= 0 && at < l.Born {
				col = c
				break
			}
		}
		if col < 0 && len(free) < room {
			col = len(free)
			free = append(free, -1)
			lay.lanes = append(lay.lanes, nil)
		}
		if col < 0 {
			lay.column[i] = -1
			lay.folded = room - 1
			continue
		}
		free[col] = ends
		lay.column[i] = col
		lay.lanes[col] = append(lay.lanes[col], i)
	}
	for _, i := range inside {
		if lay.column[i] < 0 {
			lay.column[i] = lay.folded
			lay.lanes[lay.folded] = append(lay.lanes[lay.folded], i)
		}
	}
	lay.n = len(lay.lanes)
	if len(lay.outside) > 0 {
		for _, i := range lay.outside {
			lay.column[i] = lay.n
		}
		lay.lanes = append(lay.lanes, lay.outside)
		lay.n++
	}
	return lay
}

// marked says whether a letter stands for the step on its own lane:
// always, but where the arrow of a fork does.
func (lay *layout) marked(s *Step) bool {
	if s.Lane < 0 {
		return false
	}
	if s.Mark != ForkMark {
		return true
	}
	for _, a := range s.Arrows {
		if lay.column[a.From] != lay.column[a.To] {
			return false
		}
	}
	return true
}

// title is the name that stands above a column once the first n
// steps have happened.
func (lay *layout) title(m *Model, col, n int) string {
	name, more, word := "", 0, ""
	for _, i := range lay.lanes[col] {
		title := m.Lanes[i].Title
		switch {
		case m.Lanes[i].Born >= n:
			continue
		case name == "":
			name, word = title, numbered(title)
		default:
			more++
			if numbered(title) != word {
				word = ""
			}
		}
	}
	switch {
	case more == 0:
		return name
	case col == lay.folded:
		return "+" + itoa(more+1)
	case word != "":
		return word + "N"
	}
	return name + "…"
}

// numbered is a title that ends in a number without the number, "child "
// of "child 7", and "" for another title.
func numbered(title string) string {
	word := strings.TrimRight(title, "0123456789.")
	if len(word) == len(title) || !strings.HasSuffix(word, " ") {
		return ""
	}
	return word
}

// sweep replays the states of all columns, row by row.
type sweep struct {
	m       *Model
	lay     *layout
	next    []int // index of the next span of each lane
	states  []State
	tallies [][Gone + 1]int // of the lanes of each column
	cols    []State
	changes map[int][]int // lanes with a span that begins at a step
}

func newSweep(m *Model, lay *layout) *sweep {
	s := &sweep{
		m: m, lay: lay,
		next:    make([]int, len(m.Lanes)),
		states:  make([]State, len(m.Lanes)),
		tallies: make([][Gone + 1]int, lay.n),
		cols:    make([]State, lay.n),
		changes: map[int][]int{},
	}
	for i := range m.Lanes {
		s.tallies[lay.column[i]][Unborn]++
		for _, sp := range m.Lanes[i].Spans {
			s.changes[sp.From] = append(s.changes[sp.From], i)
		}
	}
	return s
}

// step brings the states to those just after step i, which has to
// be called for every i in turn, and returns those of the columns.
// The slice is good until the next call.
func (s *sweep) step(i int) []State {
	for _, l := range s.changes[i] {
		lane := &s.m.Lanes[l]
		col := s.lay.column[l]
		s.tallies[col][s.states[l]]--
		s.states[l] = lane.Spans[s.next[l]].State
		s.next[l]++
		s.tallies[col][s.states[l]]++
		s.cols[col] = Unborn
		for _, st := range []State{Running, Stopped, Suspended, Sleeping, Blocked, Waiting, Zombie, Gone} {
			if s.tallies[col][st] > 0 {
				s.cols[col] = st
				break
			}
		}
	}
	return s.cols
}
