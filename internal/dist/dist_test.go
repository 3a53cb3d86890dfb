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
)

// mostBytes bounds a binary of make dist.
const mostBytes = 30 << 20

// TestDist builds the binary for this machine in two folders, and tries
// the first commands of README in an empty one: as an ordinary user
// where it can, with an empty home folder and without Go.
func TestDist(t *testing.T) {
	if os.Getenv("CH8_TEST_ALL") == "" {
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
	for _, c := range firstCommands {
		u.try(t, c)
	}
}

// A command is a line of README with what has to come of it.
type command struct {
	line   string
	status int
	want   string // a part of the output
}

var firstCommands = []command{
	{"./ch8 version", 0, "needs neither Go"},
	{"./ch8 list", 0, "doublefork/doublefork"},
	{"./ch8 run fork/glob", 0, "glob = 7, var = 89"},
	{"./ch8 run fork/glob --source", 0, "proc.Fork()"},
	{"./ch8 run fork/glob --source --lang c", 0, "fork()"},
	{"./ch8 task fork/glob", 0, "global variable"},
	{"./ch8 new fork/glob --lang c", 0, "fork-glob"},
	{"./ch8 check fork/glob -- fork-glob", 1, "next: ch8 hint"},
	{"./ch8 hint fork/glob", 0, "1."},
	{"./ch8 progress", 0, "fork/glob"},
	{"./ch8 check fork/glob", 0, "5 passed"},
	{"./ch8 races fork/race -n 5", 0, "5 runs"},
	{"./ch8 trace -o run.jsonl -- sh -c 'sleep 0 & wait'", 0, ""},
	{"./ch8 draw run.jsonl", 0, "P0"},
	{"mkdir -p all/ann/fork-glob && cp fork-glob/* all/ann/fork-glob && ./ch8 grade -o results all", 0, ""},
	{"cat results/grades.csv", 0, "ann"},
	{"./ch8 check fork/glob -- ./nothing.go", 2, ""},
}

// A user is the one who runs the commands.
type user struct {
	dir, home string
	id        int // 0: the user of the test
}

func (u user) try(t *testing.T, c command) {
	t.Helper()
	cmd := exec.Command("sh", "-c", c.line)
	cmd.Dir = u.dir
	cmd.Env = []string{"HOME=" + u.home, "PATH=/usr/bin:/bin", "TERM=dumb"}
	if u.id != 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(u.id), Gid: uint32(u.id)}}
	}
	said, err := cmd.CombinedOutput()
	if got := cmd.ProcessState.ExitCode(); got != c.status || !strings.Contains(string(said), c.want) {
		t.Errorf("%s: exit status %d (%v), want %d, and %q in the output:\n%s", c.line, got, err, c.status, c.want, said)
	}
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
