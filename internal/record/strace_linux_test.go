//go:build 386 || amd64 || arm64

package record

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"apue/internal/sampling"
	"apue/internal/trace"
)

// summary is what both witnesses must agree on. Failed and empty waits
// differ from run to run.
type summary struct {
	Forks, Execs int
	// Signals are those delivered, but for SIGCHLD, of which two that meet
	// become one, and SIGURG, by which Go's runtime preempts its threads.
	Exits, Reaps, Signals []string
}

// TestAgainstStrace compares recordings with what strace saw: of our own C
// programs that are hard to trace, and of a few that nobody here wrote. With
// CH8_TEST_ALL=1 it does so for all of those.
func TestAgainstStrace(t *testing.T) {
	if _, err := exec.LookPath("strace"); err != nil {
		t.Skip("no second witness: install strace")
	}
	// Before what the user has put there: wrappers, for one.
	t.Setenv("PATH", "/usr/bin:/bin:/usr/sbin:/sbin:"+os.Getenv("PATH"))
	for _, name := range []string{"threadfork", "spawn", "kills", "subreaper"} {
		t.Run(name, func(t *testing.T) { compareWithStrace(t, []string{cProgram(t, name)}) })
	}
	for _, f := range foreign {
		t.Run(f.name, func(t *testing.T) {
			needNativeShell(t)
			if !f.always && !sampling.All() {
				t.Skip("CH8_TEST_ALL=1 compares it")
			}
			if _, err := exec.LookPath(f.args[0]); err != nil {
				if os.Getenv("CI") != "" && !slices.Contains(mayLack, f.from) {
					t.Fatalf("package %s is not installed, and mayLack does not excuse it", f.from)
				}
				t.Skipf("not installed: package %s", f.from)
			}
			compareWithStrace(t, f.args)
		})
	}
}

// compareWithStrace runs a program under strace, and under the recorder
// with the filter and without it, each time in a new folder.
func compareWithStrace(t *testing.T, args []string) {
	t.Helper()
	newFolder(t)
	want := straced(t, args)
	for _, noSeccomp := range []bool{false, true} {
		newFolder(t)
		r := runProgram(t, Options{noSeccomp: noSeccomp}, args...)
		equal(t, strconv.Quote(args[0]), summarise(r), want)
		if t.Failed() {
			t.Fatal("\n" + text(r.Recording))
		}
	}
}

// newFolder makes a folder that holds a Makefile and two small files, and
// goes there.
func newFolder(t *testing.T) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, content := range map[string]string{
		"Makefile": makefile, "empty.c": "int main(void) { return 0; }\n", "pool.py": pool,
	} {
		if err := os.WriteFile(name, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("HOME", t.TempDir()) // nobody's start-up files
}

func summarise(r run) summary {
	var s summary
	for i := range r.Events {
		switch e := &r.Events[i]; e.Kind {
		case trace.KindFork, trace.KindVfork, trace.KindClone:
			s.Forks++
		case trace.KindExec:
			if e.Errno == "" {
				s.Execs++
			}
		case trace.KindExit:
			s.Exits = append(s.Exits, deathText(e.Status))
		case trace.KindSignal:
			if name := trace.SignalName(e.Signal); !uncounted[name] {
				s.Signals = append(s.Signals, name)
			}
		case trace.KindWait:
			if e.Reaps() {
				s.Reaps = append(s.Reaps, deathText(e.Status))
			}
		}
	}
	s.sort()
	return s
}

func (s *summary) sort() {
	slices.Sort(s.Exits)
	slices.Sort(s.Reaps)
	slices.Sort(s.Signals)
}

// uncounted are signals whose number differs from run to run.
var uncounted = map[string]bool{"SIGCHLD": true, "SIGURG": true}

func deathText(status uint32) string {
	s := trace.StatusText(status)
	s, _, _ = strings.Cut(s, " (")
	s, _, _ = strings.Cut(s, ",") // cores are written or not
	return s
}

var (
	straceBirth  = regexp.MustCompile(`^(fork|vfork|clone|clone3)\((.*)\) += (\d+)$`)
	straceExec   = regexp.MustCompile(`^execve(at)?\(.*\) += 0$`)
	straceGot    = regexp.MustCompile(`^--- (SIG[\w+]+) \{`)
	straceExited = regexp.MustCompile(`^\+\+\+ exited with (\d+) \+\+\+$`)
	straceKilled = regexp.MustCompile(`^\+\+\+ killed by (SIG[\w+]+)`)
	straceWait4  = regexp.MustCompile(`^wait4\(.*\) += [1-9]`)
	straceWaitID = regexp.MustCompile(`^waitid\(.*\bWEXITED\b.*\) += 0$`)
	straceSignal = regexp.MustCompile(`\bSIGRT_\d+\b`)
	waitedExit   = regexp.MustCompile(`WEXITSTATUS\(s\) == (\d+)|CLD_EXITED.*si_status=(\d+)`)
	waitedSignal = regexp.MustCompile(`WTERMSIG\(s\) == (SIG[\w+]+)|CLD_(?:KILLED|DUMPED).*si_status=(SIG[\w+]+)`)
)

// straced runs a command under strace, a file for each thread, and
// reads those.
func straced(t *testing.T, args []string) summary {
	t.Helper()
	if err := beSubreaper(); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cmd := exec.Command("strace", append([]string{
		"-ff", "-o", dir + "/t", "-e", "trace=fork,vfork,clone,clone3,execve,execveat,wait4,waitid", "--",
	}, args...)...)
	cmd.Run() // the command's own status is not the matter here
	reapOrphans()
	files, err := filepath.Glob(dir + "/t.*")
	if err != nil || len(files) == 0 {
		t.Skip("strace cannot trace here")
	}
	var s summary
	threads := map[string]bool{}
	deaths := map[string]string{}
	var unknown []string
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		tid := strings.TrimPrefix(filepath.Ext(name), ".")
		for line := range strings.Lines(string(b)) {
			line = strings.TrimSpace(straceSignal.ReplaceAllStringFunc(line, func(name string) string {
				n, _ := strconv.Atoi(name[len("SIGRT_"):]) // counts from 32
				return trace.SignalName(32 + n)
			}))
			switch {
			case straceBirth.MatchString(line):
				m := straceBirth.FindStringSubmatch(line)
				if strings.Contains(m[2], "CLONE_THREAD") {
					threads[m[3]] = true
				} else {
					s.Forks++
				}
			case straceExec.MatchString(line), strings.HasPrefix(line, "+++ superseded by execve"):
				s.Execs++
			case straceGot.MatchString(line):
				if name := straceGot.FindStringSubmatch(line)[1]; !uncounted[name] {
					s.Signals = append(s.Signals, name)
				}
			case straceExited.MatchString(line):
				n, _ := strconv.Atoi(straceExited.FindStringSubmatch(line)[1])
				deaths[tid] = "exited " + strconv.Itoa(n)
			case straceKilled.MatchString(line):
				deaths[tid] = "killed by " + straceKilled.FindStringSubmatch(line)[1]
			case straceWait4.MatchString(line), straceWaitID.MatchString(line):
				if strings.Contains(line, "WNOWAIT") || strings.Contains(line, "WIFSTOPPED") || strings.Contains(line, "WIFCONTINUED") {
					break
				}
				if m := waitedExit.FindStringSubmatch(line); m != nil {
					s.Reaps = append(s.Reaps, "exited "+m[1]+m[2])
				} else if m := waitedSignal.FindStringSubmatch(line); m != nil {
					s.Reaps = append(s.Reaps, "killed by "+m[1]+m[2])
				} else {
					unknown = append(unknown, line)
				}
			}
		}
	}
	for tid, how := range deaths {
		if !threads[tid] {
			s.Exits = append(s.Exits, how)
		}
	}
	// Waits without a status: the child is named by the pid.
	for _, line := range unknown {
		fields := strings.Fields(line)
		if how, ok := deaths[fields[len(fields)-1]]; ok {
			s.Reaps = append(s.Reaps, how)
			continue
		}
		t.Logf("a wait that tells no child: %s", line)
	}
	s.sort()
	return s
}
