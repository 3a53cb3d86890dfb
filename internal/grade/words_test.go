package grade

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
)

// TestWords compares the words of every program of the suite with what the
// regular expression finds that says what a word is.
func TestWords(t *testing.T) {
	word := regexp.MustCompile(`"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|[A-Za-z_]\w*|\d\w*|[^\s\w]`)
	texts := []string{`"a\"b" 'c' "open`, "\"a\\\nb\" x", `'`, `"\`, "é\xff\v_1 2b\r\f", ""}
	files, err := filepath.Glob("../../*/c/*.[ch]")
	if err != nil || len(files) < 50 {
		t.Fatal(len(files), err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, string(b), string(b[len(b)/2:]))
	}
	for _, text := range texts {
		if got, want := wordsIn(text), word.FindAllString(text, -1); !slices.Equal(got, want) {
			t.Errorf("%.60q: %d words %.200q, want %d %.200q", text, len(got), got, len(want), want)
		}
	}
}
