package build

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// folder makes a folder of files.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestHyphen: a file whose name looks like an option is compiled, or it is
// said that it cannot be.
func TestHyphen(t *testing.T) {
	dir := folder(t, map[string]string{"-x.go": "package main\n\nfunc main() {}\n", "-x.c": "int main(void) { return 0; }\n"})
	b := &Builder{}
	defer b.Close()
	if _, err := b.Theirs([]string{filepath.Join(dir, "-x.go")}); err == nil || !strings.Contains(err.Error(), "give it another name") {
		t.Errorf("-x.go: %v", err)
	}
	if _, err := exec.LookPath("cc"); err != nil {
		t.Skip("no C compiler")
	}
	if _, err := b.Theirs([]string{filepath.Join(dir, "-x.c")}); err != nil {
		t.Errorf("-x.c: %v", err)
	}
}

// TestRunEnds: when the time is over, what the command has started is
// killed with it.
func TestRunEnds(t *testing.T) {
	dir := t.TempDir()
	var b []byte
	for limit := time.Second / 2; len(b) == 0; limit *= 4 { // a busy machine takes its time
		start := time.Now()
		_, err := Run(t.Context(), dir, limit, nil, "sh", "-c", "sleep 60 & echo $! >pid; wait")
		if err == nil || !strings.Contains(err.Error(), "sh had not finished after "+limit.String()) || time.Since(start) > limit+20*time.Second {
			t.Fatalf("%v after %v", err, time.Since(start))
		}
		if b, err = os.ReadFile(filepath.Join(dir, "pid")); err != nil && limit > 30*time.Second {
			t.Fatal(err)
		}
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil {
		t.Fatal(err)
	}
	gone(t, pid)
}

// gone waits until a process has ended; nobody may have reaped it.
func gone(t *testing.T, pid int) {
	t.Helper()
	for range 500 {
		stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
		if syscall.Kill(pid, 0) == syscall.ESRCH || err == nil && bytes.Contains(stat, []byte(") Z ")) {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Errorf("%d lives on", pid)
	syscall.Kill(pid, syscall.SIGKILL)
}

// TestRunBounds: the beginning of the output is kept, and what holds
// it open is not waited for.
func TestRunBounds(t *testing.T) {
	out, err := Run(t.Context(), t.TempDir(), time.Minute, nil, "sh", "-c", "sleep 1000 & echo $!; head -c 1000000 /dev/zero")
	if err != nil || len(out) > 70<<10 || !bytes.Contains(out, []byte("bytes more")) {
		t.Errorf("%d bytes, %v", len(out), err)
	}
	line, _, _ := bytes.Cut(out, []byte("\n"))
	pid, err := strconv.Atoi(string(line))
	if err != nil || pid < 2 {
		t.Fatalf("%q is no pid: %v", line, err)
	}
	gone(t, pid) // what it left is not waited for, and not left
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Run(ctx, t.TempDir(), time.Minute, nil, "sleep", "60"); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// TestFolder: what a learner is told of a folder names it and no
// temporary one.
func TestFolder(t *testing.T) {
	if _, err := exec.LookPath("make"); err != nil {
		t.Skip("no make: install it")
	}
	b := new(Builder)
	defer b.Close()
	for _, c := range []struct {
		name, want string
		files      map[string]string
	}{
		{"none", "make succeeded, but there is no executable", map[string]string{"Makefile": "all:\n\t@echo done\n"}},
		{"failed", "make failed:\nnot this way\n", map[string]string{"Makefile": "all:\n\t@echo $$PWD/not this way; exit 1\n"}},
		{"nothing", "nothing to build or run here", map[string]string{"notes": ""}},
		{"mode", "run is a script that nobody may execute: chmod +x run", map[string]string{"run": "#!/bin/sh\n"}},
		{"helper", "make succeeded, but there is no executable", map[string]string{"Makefile": "all:\n", "try": "#!/bin/sh\n"}},
		{"assembly", "x.s: a Go program is built from Go files alone", map[string]string{"main.go": "package main\n", "x.s": ""}},
		{"cgo", "without cgo", map[string]string{"main.go": "package main\n\nimport \"C\"\n\nfunc main() {}\n"}},
	} {
		_, err := b.Folder(folder(t, c.files))
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), b.dir) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

// TestNoMain: a program without main is told so in a sentence, and
// anything else that the linker misses stays.
func TestNoMain(t *testing.T) {
	if _, err := exec.LookPath("cc"); err != nil {
		t.Skip("no C compiler: install cc")
	}
	b := new(Builder)
	defer b.Close()
	for name, c := range map[string]struct{ text, want, not string }{
		"go":     {"package main\n\nfunc helper() {}\n", "no function main", "undeclared"},
		"helper": {"int helper(void) { return 1; }\n", "no function main", "crt1.o"},
		"more":   {"int other(void);\nint helper(void) { return other(); }\n", "other", "crt1.o"},
		"main":   {"int other(void);\nint main(void) { return other(); }\n", "other", "no function main"},
	} {
		files := map[string]string{name + ".c": c.text}
		if name == "go" {
			files = map[string]string{"main.go": c.text, "go.mod": "module x\n\ngo 1.26\n"}
		}
		_, err := b.Folder(folder(t, files))
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), c.not) {
			t.Errorf("%s: %v, want %q and not %q", name, err, c.want, c.not)
		}
	}
}

// TestLook: a Makefile comes before Go, and Go before C; tests are not
// a program; and a folder may have any name.
func TestLook(t *testing.T) {
	for _, test := range []struct {
		files []string
		how   How
		c     int
	}{
		{[]string{"Makefile", "a.go", "a.c"}, ByMake, 0},
		{[]string{"makefile"}, ByMake, 0},
		{[]string{"a.go", "a_test.go", "a.c"}, ByGo, 0},
		{[]string{"a_test.go", "b.c", "a.c", "a.h"}, ByCC, 2},
		{[]string{"a_test.go", "run"}, Ready, 0},
		{nil, Ready, 0},
	} {
		dir := filepath.Join(t.TempDir(), "[a]*?")
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		for _, name := range test.files {
			if err := os.WriteFile(filepath.Join(dir, name), nil, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if how, c, err := Look(dir); err != nil || how != test.how || len(c) != test.c {
			t.Errorf("%q: %v, %q, %v", test.files, how, c, err)
		}
	}
}

// TestKept: a program is linked once, and again when a file of its module
// has changed; and where there is no cache it is made all the same.
func TestKept(t *testing.T) {
	dir := folder(t, map[string]string{"go.mod": "module m\n", "m.go": "package main\n"})
	cache, out := t.TempDir(), filepath.Join(t.TempDir(), "m")
	t.Setenv("XDG_CACHE_HOME", cache)
	links := 0
	ask := func(want string) {
		t.Helper()
		err := goKept(dir, out, nil, moduleState, func(args []string) error {
			links++
			return os.WriteFile(args[slices.Index(args, "-o")+1], fmt.Append(nil, links), 0o755)
		})
		if got, _ := os.ReadFile(out); err != nil || string(got) != want {
			t.Errorf("it is program %s (%v), want %s", got, err, want)
		}
	}
	write := func(name string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte("package main //\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	ask("1")
	ask("1")
	write(".ch8-progress")
	ask("1")
	write("m.go")
	ask("2")
	t.Setenv("GOFLAGS", "-v")
	ask("3")
	ask("3")
	t.Setenv("XDG_CACHE_HOME", "/dev/null")
	ask("4")
	ask("5")
	failed := errors.New("it does not compile")
	t.Setenv("XDG_CACHE_HOME", cache)
	t.Setenv("GOFLAGS", "")
	if err := goKept(dir, out, nil, moduleState, func([]string) error { return failed }); err != failed {
		t.Errorf("error %v", err)
	}
	ask("6")
}
