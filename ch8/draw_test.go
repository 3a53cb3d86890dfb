package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestFormatOf: what the name of a picture says of its format.
func TestFormatOf(t *testing.T) {
	for name, want := range map[string]string{
		"run.html": "html", "run.htm": "html", "run.svg": "svg", "RUN.SVG": "svg", "a.b/run.txt": "text", "run.jsonl": "", "run": "", "svg": "", "run.svg/x": "",
	} {
		if got := formatOf(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

// TestDrawSteps: a loop or a search is one row, unless all steps are asked
// for, or some by their numbers.
func TestDrawSteps(t *testing.T) {
	const folded = "A row for several steps stands for a loop or a search in PATH"
	run := "recordings/exec-path.jsonl"
	for _, c := range []struct {
		args  string
		folds bool
	}{
		{"draw", true}, {"draw --all", false}, {"draw --from 1", false}, {"draw --to 99", false},
	} {
		out, errs, err := typed("", append(strings.Fields(c.args), run)...)
		if err != nil || strings.Contains(out, folded) != c.folds {
			t.Errorf("ch8 %s: %v; a row stands for several steps: %v, want %v\n%s%s", c.args, err, !c.folds, c.folds, out, errs)
		}
	}
	if _, errs, _ := typed("", "draw", "--from", "999", run); !strings.Contains(errs, "--from 999: there are only ") {
		t.Errorf("there is no step 999, and draw says %q", errs)
	}
}

// TestDrawLocale: a text has lines of boxes where the locale has them: of
// LC_ALL, LC_CTYPE and LANG the first one that is set counts.
func TestDrawLocale(t *testing.T) {
	for _, c := range []struct {
		all, ctype, lang string
		boxes            bool
	}{
		{"", "", "de_DE.UTF-8", true},
		{"", "", "C.utf8", true},
		{"C", "en_US.UTF-8", "en_US.UTF-8", false},
		{"", "C", "en_US.UTF-8", false},
		{"en_US.UTF-8", "C", "C", true},
		{"", "", "", false},
	} {
		t.Setenv("LC_ALL", c.all)
		t.Setenv("LC_CTYPE", c.ctype)
		t.Setenv("LANG", c.lang)
		out, errs, err := typed("", "draw", "recordings/fork-glob.jsonl")
		if err != nil || strings.Contains(out, "┃") != c.boxes {
			t.Errorf("%+v: %v\n%s%s", c, err, out, errs)
		}
	}
}

// TestSourceFile: a recording may name any file. One that has no end, or
// has no place on a page, is not read.
func TestSourceFile(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, size int64) string {
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, nil, 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(name, size); err != nil { // no block of the disk is used
			t.Fatal(err)
		}
		return name
	}
	for name, read := range map[string]bool{
		write("small.c", 10): true, write("large.c", maxSource): true, write("larger.c", maxSource+1): false, write("empty.c", 0): false,
		"/proc/version": false, "/dev/zero": false, dir: false, filepath.Join(dir, "none.c"): false,
	} {
		if _, err := sourceFile(name); (err == nil) != read {
			t.Errorf("%s: %v; it is to be read: %v", name, err, read)
		}
	}
}
