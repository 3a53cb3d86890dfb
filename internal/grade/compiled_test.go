package grade

import (
	"context"
	"os"
	"path/filepath"
	"testing"
)

// TestCompiledOnce has a folder built whose program is known: no compiler
// runs, the warning is the same, and the program can be executed though a
// file of its name was submitted.
func TestCompiledOnce(t *testing.T) {
	dir := t.TempDir()
	source, out := filepath.Join(dir, "source"), filepath.Join(dir, "out")
	for name, text := range map[string]string{"main.c": "int main(void) { return 0; }\n", "a.out": "not a program"} {
		os.MkdirAll(source, 0o755)
		if err := os.WriteFile(filepath.Join(source, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	g := &grader{isolated: true}
	g.compiled.known = map[string]compilation{"d": {[]byte("program"), "a warning"}}
	b := &building{g: g, source: source, digest: "d", out: out, e: &Exercise{}}
	said, err := b.cc(context.Background(), []string{"false"})
	if said != "a warning" || err != nil {
		t.Errorf("cc: %q, %v", said, err)
	}
	program := filepath.Join(out, "a.out")
	text, _ := os.ReadFile(program)
	info, err := os.Stat(program)
	if err != nil || string(text) != "program" || info.Mode().Perm() != 0o755 {
		t.Errorf("a.out has %q, %v, %v", text, info, err)
	}
	if _, err := os.Stat(filepath.Join(out, "main.c")); err != nil {
		t.Error(err)
	}
}
