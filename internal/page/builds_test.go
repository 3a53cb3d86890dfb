package page

import (
	"fmt"
	"testing"
)

// TestBuilds: a program is built once and removed once: when it is not
// among the last ones any more, or the lab is closed, and no run needs it.
func TestBuilds(t *testing.T) {
	var b builds
	removed := map[string]int{}
	keep := func(key string) *prepared {
		return b.keep(key, &prepared{title: key, remove: func() { removed[key]++ }})
	}
	first := keep("first")
	again := b.take("first")
	if again == nil || again.title != "first" || again == first {
		t.Fatalf("the second time it is %+v", again)
	}
	again.remove()
	again.remove() // what was given back counts once
	if b.take("other") != nil {
		t.Error("a program is known that was never built")
	}
	for i := range keptBuilds {
		keep(fmt.Sprint(i)).remove()
	}
	if b.take("first") != nil || removed["first"] != 0 {
		t.Errorf("the oldest one is kept, or was removed %d times while a run needs it", removed["first"])
	}
	if first.remove(); removed["first"] != 1 {
		t.Errorf("after its last run it was removed %d times, want once", removed["first"])
	}
	b.take("0").remove() // used again, it is the last one to go
	keep("more").remove()
	if removed["0"] != 0 || removed["1"] != 1 {
		t.Errorf("removed: %v, want 1 and not 0", removed)
	}
	last := b.take("2")
	b.close()
	if removed["2"] != 0 || removed["3"] != 1 {
		t.Errorf("removed when the lab closes: %v, want 3 and not yet 2", removed)
	}
	last.remove()
	keep("late").remove()
	for _, key := range []string{"2", "late"} {
		if removed[key] != 1 {
			t.Errorf("%s was removed %d times, want once", key, removed[key])
		}
	}
}
