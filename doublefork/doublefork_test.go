//go:build linux

package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"apue/doublefork/checks"
	"apue/internal/lab/labtest"

	"golang.org/x/sys/unix"
)

func TestMain(m *testing.M) { labtest.Main(m) }

func TestMenu(t *testing.T)      { labtest.Menu(t, checks.All) }
func TestChecks(t *testing.T)    { labtest.Checks(t, checks.All) }
func TestIsolated(t *testing.T)  { labtest.Isolated(t, checks.All) }
func TestWrong(t *testing.T)     { labtest.Wrong(t, checks.All) }
func TestRight(t *testing.T)     { labtest.Right(t, checks.All) }
func TestSheet(t *testing.T)     { labtest.Sheet(t, checks.All) }
func TestTasks(t *testing.T)     { labtest.Tasks(t, checks.All) }
func TestQuestions(t *testing.T) { labtest.Questions(t, checks.All) }
func TestProgram(t *testing.T)   { labtest.Program(t, checks.All) }

func read(t *testing.T, name string) string {
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// Where the kernel has no close_range.
func TestCloseEach(t *testing.T) {
	fd, err := unix.FcntlInt(0, unix.F_DUPFD_CLOEXEC, 900)
	if err != nil {
		t.Fatal(err)
	}
	if err := closeEach(900); err != nil {
		t.Fatal(err)
	}
	if _, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err != unix.EBADF {
		t.Errorf("descriptor %d is still there: %v", fd, err)
	}
}

// TestRefused gives the program what it cannot do: each time one
// sentence and the exit status 2.
func TestRefused(t *testing.T) {
	t.Parallel()
	program := labtest.Go(t, ".")
	for _, c := range []struct{ args, says string }{
		{"nozombies -jobs 65537", "from 0 to 65536"},
		{"daemon -serve", "use --start"},
		{"background -shell true", "does not print $!"},
	} {
		cmd := exec.Command(program, strings.Fields(c.args)...)
		out, err := cmd.CombinedOutput()
		if cmd.ProcessState.ExitCode() != 2 || !strings.Contains(string(out), c.says) || strings.Count(string(out), "\n") != 1 {
			t.Errorf("%s: %v, %q", c.args, err, out)
		}
	}
}

// A relative folder is one of who starts the daemon, not of the
// daemon, which works in /.
func TestRelativeFolder(t *testing.T) {
	t.Parallel()
	program := labtest.Go(t, ".")
	in := t.TempDir()
	for _, do := range []string{"-start", "-stop"} {
		cmd := exec.Command(program, "daemon", do, "-dir", "d", "-for", "10s")
		cmd.Dir = in
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v: %s", do, err, out)
		}
	}
}
