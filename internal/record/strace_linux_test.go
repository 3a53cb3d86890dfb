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

	"apue/internal/trace"
)

// foreign are programs that nobody here wrote. Each runs in an empty
// directory that holds a Makefile.
var foreign = [][]string{
	{"sh", "-c", "echo a b c | tr ' ' '\n' | sort -r | head -n 2"},
	{"sh", "-c", "sleep 0.1 & wait; exit 3"},
	{"sh", "-c", "sh -c 'kill -9 $$' & wait $!; sh -c 'kill -TERM $$'; exit 2"},
	{"bash", "-c", "diff <(echo 1) <(echo 2); x=$(exit 5); echo $?; set -m; sleep 0.01 & wait"},
	{"make", "-j3", "-s"},
	{"xargs", "-a", "Makefile", "-P", "3", "-n", "4", "sh", "-c", "exit 1"},
	{"find", ".", "-name", "Makefile", "-exec", "test", "-d", "{}", ";"},
	// It ends as its child did. (With a short time it may be over before
	// the child has executed anything.)
	{"timeout", "10", "sh", "-c", "kill -TERM $$"},
	{"setsid", "--fork", "--wait", "sh", "-c", "exit 7"},
	{"tar", "czf", "out.tgz", "Makefile"},
	{"awk", `BEGIN { print system("exit 3"); "echo hi" | getline x; close("echo hi"); print x }`},
	{"perl", "-e", `if (!($p = fork)) { exec "sh", "-c", "kill -SEGV \$\$" } waitpid $p, 0; print $?; print system("exit 2")`},
	{"python3", "-c", "import multiprocessing as m\nif __name__ == '__main__':\n p = m.get_context('fork').Pool(3); print(p.map(abs, range(-5, 5))); p.close(); p.join()"},
	{"python3", "-c", "import subprocess as s; print(s.call(['sh', '-c', 'exit 6'])); print(s.run(['/nowhere/at/all'], shell=True).returncode)"},
	{"cc", "-o", "empty", "empty.c"},
	// With --exec it would look for another sleep on the machine. It
	// closes every descriptor that it could have.
	{"sh", "-c", "ulimit -n 64; exec start-stop-daemon --start --background --pidfile none.pid --startas /bin/sleep -- 0.05"},
	{"env", "-i", "sh", "-c", ": | : ; /bin/false"},
	{"go", "version"},
}

const makefile = `
all: a b c d e
a b c: ; @sleep 0.01; echo $@
d e: ; @/bin/echo $@ | cat
`

// summary is what both witnesses must agree on. Failed and empty waits
// differ from run to run.
type summary struct {
	Forks, Execs int
	Exits, Reaps []string
}

// TestAgainstStrace compares recordings with what strace saw.
func TestAgainstStrace(t *testing.T) {
	if _, err := exec.LookPath("strace"); err != nil {
		t.Skip("no second witness: install strace")
	}
	// Before what the user has put there: wrappers, for one.
	t.Setenv("PATH", "/usr/bin:/bin:"+os.Getenv("PATH"))
	commands := slices.Clone(foreign)
	for _, name := range []string{"threadfork", "spawn", "kills", "subreaper"} {
		commands = append(commands, []string{cProgram(t, name)})
	}
	for _, args := range commands {
		t.Run(filepath.Base(args[0]), func(t *testing.T) {
			if _, err := exec.LookPath(args[0]); err != nil {
				t.Skipf("not installed: %v", err)
			}
			t.Chdir(t.TempDir())
			for name, content := range map[string]string{"Makefile": makefile, "empty.c": "int main(void) { return 0; }\n"} {
				if err := os.WriteFile(name, []byte(content), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			want := straced(t, args)
			for i := range 2 {
				noSeccomp := i == 1
				r := runProgram(t, Options{noSeccomp: noSeccomp}, args...)
				equal(t, strconv.Quote(args[0]), summarise(r), want)
				if t.Failed() {
					t.Fatal("\n" + text(r.Recording))
				}
			}
		})
	}
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
		case trace.KindWait:
			if e.Reaps() {
				s.Reaps = append(s.Reaps, deathText(e.Status))
			}
		}
	}
	slices.Sort(s.Exits)
	slices.Sort(s.Reaps)
	return s
}

func deathText(status uint32) string {
	s := trace.StatusText(status)
	s, _, _ = strings.Cut(s, " (")
	s, _, _ = strings.Cut(s, ",") // cores are written or not
	return s
}

var (
	straceBirth  = regexp.MustCompile(`^(fork|vfork|clone|clone3)\((.*)\) += (\d+)$`)
	straceExec   = regexp.MustCompile(`^execve(at)?\(.*\) += 0$`)
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
	slices.Sort(s.Exits)
	slices.Sort(s.Reaps)
	return s
}
