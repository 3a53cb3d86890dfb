package trace

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// sameAsJSON parses the line, and wants of what it could read what
// encoding/json reads.
func sameAsJSON(t *testing.T, line []byte) (could bool) {
	t.Helper()
	var got, want Event
	if !got.parse(line) {
		return false
	}
	if err := json.Unmarshal(line, &want); err != nil {
		t.Fatalf("encoding/json: %v\n%s", err, line)
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("%s\n%s", line, cmp.Diff(want, got))
	}
	return true
}

// TestParse reads the shipped recordings, and the samples with each of
// their bytes replaced or left out: what is parsed is what encoding/json
// reads.
func TestParse(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../ch8/recordings/*.jsonl")
	if err != nil || len(files) == 0 {
		t.Fatal("no recordings", err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range bytes.Split(bytes.TrimSpace(b), []byte("\n"))[1:] {
			if !sameAsJSON(t, line) && !bytes.Contains(line, []byte(`"words"`)) {
				t.Errorf("%s:%d is left to encoding/json: %s", file, i+2, line)
			}
		}
	}
	parsed := 0
	for i := range samples().Events {
		line := samples().Events[i].AppendJSON(nil)
		sameAsJSON(t, line)
		for at := range line {
			for _, c := range `"\0-.e},` + "\x80" {
				changed := bytes.Clone(line)
				changed[at] = byte(c)
				if sameAsJSON(t, changed) {
					parsed++
				}
			}
			sameAsJSON(t, append(bytes.Clone(line[:at]), line[at+1:]...))
		}
	}
	if parsed == 0 {
		t.Error("nothing that was changed could be parsed")
	}
}

// TestParseRest: what AppendJSON does not write is left alone, or read
// as encoding/json does.
func TestParseRest(t *testing.T) {
	for _, c := range []struct {
		line  string
		could bool
	}{
		{`{"kind":"note"}`, true},
		{`{"kind":"note","note":"a\n\t\u0000\u001b\u003c\"\\\/"}`, true},
		{`{"time":-999999999999999999,"kind":"note"}`, true},
		{`{"kind":"exit","status":4294967295}`, true},
		{`{"kind":"exit","pid":-0}`, true},
		{`{"kind":"a","kind":"b","exit_arg":1,"exit_arg":2,"data":"YQ==","data":"Yg=="}`, true},

		{`{"kind":"exit","status":4294967296}`, false},
		{`{"kind":"exit","status":-1}`, false},
		{`{"kind":"exit","status":-0}`, false},
		{`{"kind":"exit","pid":--1}`, false},
		{`{"kind":"exit","status":01}`, false},
		{`{"kind":"exit","status":1.0}`, false},
		{`{"kind":"exit","status":1e1}`, false},
		{`{"kind":"exit","status":-}`, false},
		{`{"kind":"exit","status":null}`, false},
		{`{"time":9223372036854775807,"kind":"note"}`, false},
		{`{"kind":"note","Note":"other case"}`, false},
		{`{"kind":"note","unknown":1}`, false},
		{`{"kind":"note","note":"\u007F\u001B"}`, true},
		{`{"kind":"note","note":"\u0080"}`, false},
		{`{"kind":"note","note":"\u+041"}`, false},
		{`{"kind":"note","note":"\u0_41"}`, false},
		{`{"kind":"note","note":"\u004"}`, false},
		{`{"kind":"note","note":"\u00e9"}`, false},
		{`{"kind":"note","note":"\ud83d\ude00"}`, false},
		{`{"kind":"note","note":"é"}`, false},
		{`{"kind":"note","note":"\x"}`, false},
		{`{"kind":"note","note":"` + "\x01" + `"}`, false},
		{`{"kind":"note","note":"open`, false},
		{`{"kind":"note","note":"open\`, false},
		{`{"kind":"write","data":"Y"}`, false},
		{`{"kind":"exec","argv":[]}`, false},
		{`{"kind":"exec","argv":["a"],"argv":["b"]}`, false},
		{`{"kind":"a","source":{"file":"f"},"source":{"line":1}}`, false},
		{`{"kind":"a","snapshot":[{"pid":1,"files":{"a":"b"},"files":{"c":"d"}}]}`, false},
		{`{"kind":"note"} `, false},
		{`{"kind":"note",}`, false},
		{`{}`, false},
		{``, false},
	} {
		if could := sameAsJSON(t, []byte(c.line)); could != c.could {
			t.Errorf("parsed: %v, want %v: %s", could, c.could, strings.ToValidUTF8(c.line, "?"))
		}
	}
}

func BenchmarkParse(b *testing.B) {
	file, err := os.ReadFile("../../ch8/recordings/doublefork-doublefork.jsonl")
	if err != nil {
		b.Fatal(err)
	}
	lines := bytes.Split(bytes.TrimSpace(file), []byte("\n"))[1:]
	b.Run("parse", func(b *testing.B) {
		for b.Loop() {
			for _, line := range lines {
				var e Event
				e.parse(line)
			}
		}
	})
	b.Run("encoding/json", func(b *testing.B) {
		for b.Loop() {
			for _, line := range lines {
				var e Event
				json.Unmarshal(line, &e)
			}
		}
	})
}
