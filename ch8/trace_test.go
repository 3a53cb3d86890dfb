package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestTraceFacts: what a recording says of itself stands below its events,
// as it stands below its picture, and not between JSON lines.
func TestTraceFacts(t *testing.T) {
	b, err := recordings.ReadFile("recordings/vfork-glob.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	b = bytes.Replace(b, []byte(`"seccomp":true`), []byte(`"seccomp":true,"missing":["no kcmp"]`), 1)
	file := filepath.Join(t.TempDir(), "run.jsonl")
	if err := os.WriteFile(file, b, 0o666); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args string
		says bool
	}{{"trace", true}, {"draw", true}, {"trace --draw", true}, {"trace --json", false}} {
		var out bytes.Buffer
		root := command()
		root.SetOut(&out)
		root.SetArgs(append(strings.Fields(c.args), file))
		if err := root.Execute(); err != nil {
			t.Fatalf("%s: %v", c.args, err)
		}
		for _, fact := range []string{"Changed by recording: a signal other than SIGKILL", "Not recorded: no kcmp"} {
			if strings.Contains(out.String(), "\n"+fact) != c.says {
				t.Errorf("ch8 %s says %q: %v, want %v\n%s", c.args, fact, !c.says, c.says, out.String())
			}
		}
	}
}
