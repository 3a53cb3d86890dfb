package trace

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// keysText is the table of kinds as the package's documentation has it.
func keysText() string {
	var b strings.Builder
	line := func(prefix, text string) {
		width := 72 - len(prefix)
		for len(text) > width {
			cut := strings.LastIndexByte(text[:width+1], ' ')
			b.WriteString("//\t" + prefix + text[:cut] + "\n")
			text = text[cut+1:]
		}
		b.WriteString("//\t" + prefix + text + "\n")
	}
	line("", "every event: "+everyKey)
	for _, k := range kinds {
		line("", string(k.kind)+": "+k.says)
		line("    ", k.keys)
	}
	return b.String()
}

// TestKeysInDocumentation: the package's documentation has the table of
// kinds and keys. With -update the table is written there.
func TestKeysInDocumentation(t *testing.T) {
	b, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	const from, to = "// The keys of each kind:\n//\n", "//\n// An event of a call carries"
	doc := string(b)
	start, end := strings.Index(doc, from)+len(from), strings.Index(doc, to)
	if start < len(from) || end < start {
		t.Fatal("doc.go has no place for the table")
	}
	if *update {
		doc = doc[:start] + keysText() + doc[end:]
		if err := os.WriteFile("doc.go", []byte(doc), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	if doc[start:end] != keysText() {
		t.Error("doc.go lists other keys than keys.go: go test ./internal/trace -run Keys -update writes them")
	}
}

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
	mark(everyKey, "every event")
	for _, k := range kinds {
		mark(k.keys, string(k.kind))
	}
	for _, f := range eventFields() {
		if !used[f.key] {
			t.Errorf("no kind has the key %s", f.key)
		}
	}
}
