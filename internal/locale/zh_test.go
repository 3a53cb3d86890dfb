package locale_test

import (
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"apue/internal/locale/po"
)

var update = flag.Bool("update", false, "rewrite zh.po and the Chinese sheets as far as a program can")

const file = "zh.po"

// how says what a translator does.
const how = `Write the translation in internal/locale/zh.po, then type: go test ./internal/locale
(go test ./internal/locale -update puts new sentences into that file, without a translation,
and marks those whose English has changed as fuzzy: mend them, and remove the mark.)`

func read(t *testing.T) []po.Entry {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	entries, err := po.Parse(string(b))
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return entries
}

// TestMessages compares the translations with all English sentences.
func TestMessages(t *testing.T) {
	want := english(t)
	if *update {
		if err := os.WriteFile(file, []byte(format(merge(read(t), want))), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have := map[string]po.Entry{}
	for _, e := range read(t) {
		if _, twice := have[e.ID]; twice {
			t.Errorf("%s has %q twice", file, e.ID)
		}
		have[e.ID] = e
	}
	delete(have, "") // the head of the file
	bad := false
	for _, m := range want {
		e, ok := have[m.english]
		delete(have, m.english)
		bad = bad || !ok || e.Fuzzy || e.Str == ""
		switch {
		case !ok || e.Str == "" && !e.Fuzzy:
			t.Errorf("no translation (%s): %q", m.place, m.english)
		case e.Fuzzy:
			t.Errorf("out of date (%s): the English was %q, and is %q", m.place, e.Old, m.english)
		case !slices.Equal(verbs(m.english), verbs(e.Str)):
			t.Errorf("%q has not the same verbs as its translation %q: a translation takes the same values, perhaps in another order (%%[2]s)", m.english, e.Str)
		}
	}
	for id, e := range have {
		t.Errorf("a translation of what is not a sentence of the suite any more (%s): %q", e.Place, id)
		bad = true
	}
	if bad {
		t.Log(how)
	}
}

// merge brings the entries into the order of the sentences. A new
// sentence takes the translation of the one that stood in its place
// before, marked as fuzzy; of several in one file that cannot be told,
// and it has none.
func merge(entries []po.Entry, want []message) []po.Entry {
	byID, gone := map[string]po.Entry{}, map[string]po.Entry{}
	wanted := map[string]bool{"": true}
	for _, m := range want {
		wanted[m.english] = true
	}
	var merged []po.Entry
	for _, e := range entries {
		switch {
		case e.ID == "":
			merged = append(merged, e)
		case wanted[e.ID]:
			byID[e.ID] = e
		case !strings.HasSuffix(e.Place, ".go"):
			gone[e.Place] = e
		}
	}
	for _, m := range want {
		e, ok := byID[m.english]
		if old, was := gone[m.place]; !ok && was {
			e = po.Entry{Fuzzy: true, Old: old.ID, Str: old.Str}
			if old.Fuzzy {
				e.Old = old.Old
			}
			e.Fuzzy = e.Str != ""
		}
		e.ID, e.Place = m.english, m.place
		merged = append(merged, e)
	}
	return merged
}
