package trace

import (
	"slices"
	"strings"
	"testing"
)

// TestKeys: each key of the table is a field of Event, and each field is a
// key of some kind.
func TestKeys(t *testing.T) {
	used := map[string]bool{}
	mark := func(keys, kind string) {
		for key := range strings.FieldsSeq(keys) {
			key = strings.TrimSuffix(key, "*")
			used[key] = true
			if !slices.ContainsFunc(eventFields(), func(f field) bool { return f.key == key }) {
				t.Errorf("%s of %s is no field", key, kind)
			}
		}
	}
	mark(EveryKey, "every event")
	for _, k := range Kinds {
		mark(k.Keys, string(k.Kind))
	}
	for _, f := range eventFields() {
		if !used[f.key] {
			t.Errorf("no kind has the key %s", f.key)
		}
	}
}
