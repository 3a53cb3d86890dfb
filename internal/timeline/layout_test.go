package timeline

import "testing"

// TestArrange checks that no two processes stand in one column at the
// same time, but in the one for those that found no place.
func TestArrange(t *testing.T) {
	models := map[string]*Model{
		"forty": New(manyChildren(39), nil), "workers": New(manyEvents(300), nil),
		"double fork": New(doubleFork(), nil), "never reaped": New(neverReaped(), nil), "hostile": New(hostile(), nil),
	}
	// A recording that breaks off: nobody ends.
	rec := manyChildren(39)
	rec.Events = rec.Events[:50]
	models["broken off"] = New(rec, nil)
	for name, m := range models {
		for limit := 1; limit <= 60; limit++ {
			lay := m.arrange(limit)
			if lay.n > max(limit, 3) {
				t.Errorf("%s: %d columns where %d are allowed", name, lay.n, limit)
			}
			inside := 0
			for i := range m.Lanes {
				if !m.Lanes[i].Outside {
					inside++
				}
			}
			if len(m.Lanes) <= limit && lay.folded >= 0 {
				t.Errorf("%s: folded although %d columns are enough", name, limit)
			}
			placed := 0
			for c, lanes := range lay.lanes {
				placed += len(lanes)
				if c == lay.folded {
					continue
				}
				free := -1 // the step after which the column is free
				for _, i := range lanes {
					l := &m.Lanes[i]
					if lay.column[i] != c {
						t.Fatalf("%s: lane %s stands in two columns", name, l.Name)
					}
					if l.Outside {
						continue
					}
					if l.Born <= free {
						t.Errorf("%s, %d columns: %s is born in step %d in a column that is free after %d", name, limit, l.Name, l.Born, free)
					}
					free = len(m.Steps)
					if k := len(l.Spans) - 1; k >= 0 && l.Spans[k].State == Gone {
						free = l.Spans[k].From
					}
				}
			}
			if placed != len(m.Lanes) {
				t.Errorf("%s: %d of %d lanes have a place", name, placed, len(m.Lanes))
			}
		}
	}
	// Four workers at a time, one after the other, need five columns
	// and no fold.
	if lay := models["workers"].arrange(15); lay.folded >= 0 || lay.n != 5 {
		t.Errorf("workers: %d columns, folded %d", lay.n, lay.folded)
	}
}
