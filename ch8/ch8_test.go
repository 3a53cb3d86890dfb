package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"apue/internal/lab"
	"apue/internal/lab/labtest"
	"apue/internal/sampling"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == "ch8" {
		main()
	}
	os.Setenv("LC_ALL", "C") // the expected texts are English
	labtest.Main(m)
}

// installed returns the path of this program under the name ch8, by which
// TestMain takes it for the command.
func installed(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ch8 := filepath.Join(t.TempDir(), "ch8")
	if err := os.Symlink(self, ch8); err != nil {
		t.Fatal(err)
	}
	return ch8
}

// TestScripts types what a newcomer types: testdata/*.txtar. Every third
// script is in the sample.
func TestScripts(t *testing.T) {
	t.Parallel()
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	bin := filepath.Dir(installed(t))
	gocache, err := exec.Command("go", "env", "GOCACHE", "GOMODCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	caches := strings.Fields(string(gocache))
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	scripts, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Files:               sampling.Every(3, scripts),
		RequireExplicitExec: true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("PATH", bin+string(filepath.ListSeparator)+os.Getenv("PATH"))
			e.Setenv("ROOT", root)
			e.Setenv("GOCACHE", caches[0])
			e.Setenv("GOMODCACHE", caches[1])
			e.Setenv("XDG_CACHE_HOME", cache)
			e.Setenv("HOME", filepath.Join(e.WorkDir, "home")) // Go counts there what it does
			// A stranger's program runs as another user.
			for dir := e.WorkDir; len(dir) > len(os.TempDir()); dir = filepath.Dir(dir) {
				os.Chmod(dir, 0o755)
			}
			return nil
		},
		Condition: func(cond string) (bool, error) {
			_, err := exec.LookPath(cond)
			return err == nil, nil
		},
	})
}

// TestNoPty: where there are no pseudo-terminals doctor says so, our
// program ends with one sentence and status 2, and its claims are
// not failures.
func TestNoPty(t *testing.T) {
	t.Parallel()
	if err := exec.Command("unshare", "-Urm", "mount", "-t", "tmpfs", "none", "/dev/pts").Run(); err != nil {
		t.Skipf("unshare -Urm: %v", err)
	}
	ch8 := installed(t)
	for _, c := range []struct {
		args, want string
		status     int
	}{
		{"doctor", "LOOK terminals", 0},
		{"check doublefork/background", "8 claims: 8 could not be checked", 2},
		{"run doublefork/background", "mount devpts at /dev/pts", 2},
	} {
		cmd := exec.Command("unshare", append([]string{"-Urm", "sh", "-c", `mount -t tmpfs none /dev/pts && exec "$@"`, "sh", ch8}, strings.Fields(c.args)...)...)
		cmd.Dir = ".."
		out, _ := cmd.CombinedOutput()
		if cmd.ProcessState.ExitCode() != c.status || !strings.Contains(string(out), c.want) {
			t.Errorf("ch8 %s: status %d, want %d and %q:\n%s", c.args, cmd.ProcessState.ExitCode(), c.status, c.want, out)
		}
	}
}

// TestNoIsolation: where a stranger's program cannot be isolated, check
// names --plain, and --plain works.
func TestNoIsolation(t *testing.T) {
	t.Parallel()
	const none = "echo 0 > /proc/sys/user/max_pid_namespaces"
	if err := exec.Command("unshare", "-Ur", "sh", "-c", none).Run(); err != nil {
		t.Skipf("unshare -Ur: %v", err)
	}
	ch8 := installed(t)
	for args, want := range map[string]string{
		"check --no-progress fork/glob -- true":         "ch8 check --plain runs it",
		"check --no-progress --plain fork/glob -- true": "ch8 hint fork/glob/forked",
	} {
		cmd := exec.Command("unshare", append([]string{"-Ur", "sh", "-c", none + ` && exec "$@"`, "sh", ch8}, strings.Fields(args)...)...)
		if out, _ := cmd.CombinedOutput(); !strings.Contains(string(out), "next: ") || !strings.Contains(string(out), want) {
			t.Errorf("ch8 %s: want %q:\n%s", args, want, out)
		}
	}
}

// TestReadme runs the transcripts of the top README.
func TestReadme(t *testing.T) {
	t.Parallel()
	labtest.Transcripts(t, "../README.md", all, func(x *lab.Experiment) lab.Program {
		return lab.Program{Args: []string{labtest.Go(t, "../"+x.Dir), x.Name}}
	})
}

// TestVerbsHaveExamples: every verb's help has one.
func TestVerbsHaveExamples(t *testing.T) {
	for _, c := range command().Commands() {
		if c.Name() == "help" || c.Name() == "completion" {
			continue
		}
		if c.Example == "" || c.Short == "" {
			t.Errorf("ch8 %s has no example", c.Name())
		}
	}
}

// TestHelpIsNarrow: a terminal of 80 columns breaks no line.
func TestHelpIsNarrow(t *testing.T) {
	root := command()
	for _, c := range append(root.Commands(), root) {
		help := c.Long + "\n" + c.UsageString()
		if c.HasParent() {
			help += "\n  0123456789  " + c.Short // as in the root's list
		}
		for _, l := range strings.Split(help, "\n") {
			if n := len([]rune(l)); n > 80 {
				t.Errorf("ch8 help %s: %d columns: %s", c.Name(), n, l)
			}
		}
	}
}

// TestClaims looks over the table of all experiments.
func TestClaims(t *testing.T) {
	seen := map[string]bool{}
	for _, x := range all {
		if seen[x.ID()] {
			t.Errorf("%s is there twice", x.ID())
		}
		seen[x.ID()] = true
		if x.Title == "" || x.Ref == "" || len(x.Claims) == 0 {
			t.Errorf("%s lacks a title, a reference or claims", x.ID())
		}
		if x.Exercise != (x.Task != "") {
			t.Errorf("%s: an exercise has a task, and nothing else has", x.ID())
		}
		names := map[string]bool{}
		for _, c := range x.Claims {
			id := x.ID() + "/" + c.Name
			if names[c.Name] {
				t.Errorf("%s is there twice", id)
			}
			names[c.Name] = true
			if c.Says == "" || c.Judge == nil || c.Ours == (c.Points > 0) {
				t.Errorf("%s lacks a sentence, a judge or points", id)
			}
			for i, h := range c.Hints {
				if h == "" && !c.Ours {
					t.Errorf("%s lacks hint %d", id, i+1)
				}
			}
			for _, n := range c.Needs {
				if !names[n] {
					t.Errorf("%s needs %q, which is no claim before it", id, n)
				}
			}
		}
	}
}

func TestNearest(t *testing.T) {
	for _, c := range [][2]string{
		{"fork/glbo", "fork/glob"},
		{"doublefrok", "doublefork"},
		{"wait/status/colected", "wait/status/collected"},
	} {
		if got := nearest(c[0]); got[0] != c[1] {
			t.Errorf("nearest(%q) = %v, want %s first", c[0], got, c[1])
		}
	}
}
