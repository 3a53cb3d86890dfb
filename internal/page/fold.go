package page

import (
	"apue/internal/timeline"
	"apue/internal/trace"
)

// fold is a run of steps that one row stands for until it is opened.
type fold struct {
	First int    `json:"f"` // index of the first step
	Last  int    `json:"l"`
	Text  string `json:"t"`
}

// fold finds the steps that carry nothing for the reader. A step with a
// moment is in none.
func (c *content) fold(rec *trace.Recording, m *timeline.Model) {
	for _, f := range m.Folds(rec, func(step int) bool { return c.Steps[step].Moment != "" }) {
		c.Folds = append(c.Folds, fold{f.First, f.Last, f.Text})
	}
}
