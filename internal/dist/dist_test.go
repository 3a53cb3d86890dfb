//go:build linux

package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"apue/internal/sampling"
)

// mostBytes bounds a binary of make dist.
const mostBytes = 30 << 20

// TestDist builds the binary for this machine in two folders, and tries
// the first commands of README in an empty one: as an ordinary user
// where it can, with an empty home folder and without Go.
func TestDist(t *testing.T) {
	if !sampling.All() {
		t.Skip("it builds ch8 twice: make test-all runs it")
	}
	system := "linux-" + runtime.GOARCH
	first, second := binary(t, system), binary(t, system)
	if !bytes.Equal(first, second) {
		t.Errorf("built in two folders, ch8-%s has %d and %d bytes that are not the same", system, len(first), len(second))
	}
	if len(first) > mostBytes {
		t.Errorf("ch8-%s has %d bytes, more than %d", system, len(first), mostBytes)
	}
	dir := t.TempDir()
	os.Chmod(filepath.Dir(dir), 0o755)
	if err := os.WriteFile(filepath.Join(dir, "ch8"), first, 0o755); err != nil {
		t.Fatal(err)
	}
	home := filepath.Join(dir, "home")
	if err := os.Mkdir(home, 0o755); err != nil {
		t.Fatal(err)
	}
	u := user{dir: dir, home: home}
	if os.Getuid() == 0 {
		u.id = 54321
		for _, d := range []string{dir, home} {
			if err := os.Chown(d, u.id, u.id); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, from := range map[string]string{
		"mine.c": "fork/testdata/right/glob/signals.c",
		"df.c":   "doublefork/testdata/right/doublefork/pidfd.c",
		"glob.c": "fork/c/glob.c",
	} {
		b, err := os.ReadFile("../../" + from)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	u.sh(t, prepare)
	commands := readmeCommands(t)
	if len(commands) < 12 {
		t.Errorf("README has %d commands, want at least 12: is its form another one?", len(commands))
	}
	for _, line := range commands {
		u.try(t, line)
	}
}

// prepare makes what README assumes: programs of one's own, and a
// folder of submissions.
const prepare = `cc -o a.out df.c
mkdir -p submissions/ann/fork-glob && cp mine.c submissions/ann/fork-glob
ch8 run fork/glob --source --lang c | cmp - glob.c`

// readmeCommands returns the commands of README's part "Where to begin"
// that begin with ch8.
func readmeCommands(t *testing.T) (lines []string) {
	t.Helper()
	b, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, part, _ := strings.Cut(string(b), "\n## Where to begin\n")
	part, _, _ = strings.Cut(part, "\n## ")
	for line := range strings.Lines(part) {
		if command, ok := strings.CutPrefix(line, "    ch8 "); ok {
			command, _, _ = strings.Cut(command, "  ")
			lines = append(lines, "ch8 "+strings.TrimSpace(command))
		}
	}
	return lines
}

// outcomes are the commands of README that do not end with exit status
// 0 in the test, and those whose output is looked at.
var outcomes = map[string]struct {
	status int
	want   string
}{
	"ch8 check fork/glob -- fork-glob": {1, "next: ch8 hint"}, // the starter does nothing yet
	"ch8 check fork/glob -- mine.c":    {0, "5 passed"},
	"ch8 check doublefork -- ./a.out":  {0, "passed"},
	"ch8 task fork/glob":               {0, "global variable"},
	"ch8 walk doublefork":              {0, "Enter next  b back"},
	"ch8 grade -o results submissions": {0, ""},
	"ch8 progress":                     {0, "fork/glob"},
}

// standsFor replaces what README leaves to the reader, and ends what
// runs until it is stopped.
func standsFor(line string) string {
	line = strings.Replace(line, "CMD ARGS…", "sh -c 'sleep 0 & wait'", 1)
	if strings.HasPrefix(line, "ch8 watch") || strings.HasPrefix(line, "ch8 serve") {
		return "timeout -s INT 3 " + line + "; test $? -eq 124 -o $? -eq 130"
	}
	return line
}

// A user is the one who runs the commands.
type user struct {
	dir, home string
	id        int // 0: the user of the test
}

// try runs a command of README and compares with outcomes.
func (u user) try(t *testing.T, line string) {
	t.Helper()
	said, status := u.run(standsFor(line))
	if want := outcomes[line]; status != want.status || !strings.Contains(said, want.want) {
		t.Errorf("%s: exit status %d, want %d, and %q in the output:\n%s", line, status, want.status, want.want, said)
	}
}

// sh runs a script that has to succeed.
func (u user) sh(t *testing.T, script string) {
	t.Helper()
	if said, status := u.run("set -e\n" + script); status != 0 {
		t.Fatalf("exit status %d: %s\n%s", status, script, said)
	}
}

// run runs a script without input, with an empty home folder and
// without Go.
func (u user) run(script string) (said string, status int) {
	cmd := exec.Command("sh", "-c", script)
	cmd.Dir = u.dir
	cmd.Env = []string{"HOME=" + u.home, "PATH=" + u.dir + ":/usr/bin:/bin", "TERM=dumb"}
	if u.id != 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(u.id), Gid: uint32(u.id)}}
	}
	b, _ := cmd.CombinedOutput()
	return string(b), cmd.ProcessState.ExitCode()
}

// binary builds ch8 for a system in a copy of the module, and returns
// its bytes.
func binary(t *testing.T, system string) []byte {
	t.Helper()
	dir := t.TempDir()
	if err := copyModule("../..", dir); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "run", "./internal/dist", "-only", system)
	cmd.Dir = dir
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	b, err := os.ReadFile(filepath.Join(dir, "dist", "ch8-"+system))
	if err != nil {
		t.Fatal(err)
	}
	sums, err := os.ReadFile(filepath.Join(dir, "dist", "SHA256SUMS"))
	if err != nil || !strings.Contains(string(sums), "  ch8-"+system+"\n") {
		t.Errorf("SHA256SUMS does not name ch8-%s: %v\n%s", system, err, sums)
	}
	return b
}

// copyModule copies what go build reads of the module.
func copyModule(from, to string) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name := d.Name(); name == ".git" || name == "dist" && rel == "dist" || name == "testdata" && strings.Count(rel, "/") < 2 {
				return fs.SkipDir
			}
			return os.MkdirAll(filepath.Join(to, rel), 0o755)
		}
		if !d.Type().IsRegular() {
			return fmt.Errorf("%s is not a regular file", path)
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, rel), b, 0o644)
	})
}
