package quiz

import (
	"slices"
	"testing"
)

// FuzzNew: a seed and a level give a program with at least one possible
// output, the same one each time, and questions whose right answer is
// one of the options; a level that does not exist is refused.
func FuzzNew(f *testing.F) {
	for level := range Levels + 2 {
		f.Add(uint64(1), level)
		f.Add(^uint64(0), level)
	}
	f.Add(uint64(7), -1)
	f.Fuzz(func(t *testing.T, seed uint64, level int) {
		p, err := New(seed, level)
		if exists := level >= 1 && level <= Levels; (err == nil) != exists {
			t.Fatalf("level %d: the error is %v", level, err)
		}
		if err != nil {
			return
		}
		if again, err := New(seed, level); err != nil || again.C() != p.C() || again.Go() != p.Go() {
			t.Errorf("seed %d, level %d: not the same program again: %v", seed, level, err)
		}
		if o := p.Explore(); len(o.Outputs) == 0 || o.Processes < 2 || !slices.IsSorted(o.Outputs) {
			t.Errorf("seed %d, level %d: %d outputs of %d processes", seed, level, len(o.Outputs), o.Processes)
		}
		for _, q := range p.Questions() {
			if options := slices.Compact(slices.Sorted(slices.Values(q.Options))); !slices.Contains(options, q.Right) || len(options) != len(q.Options) {
				t.Errorf("seed %d, level %d: %s: right is %q of %q", seed, level, q.Ask, q.Right, q.Options)
			}
		}
	})
}
