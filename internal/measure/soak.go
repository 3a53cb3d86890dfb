//go:build linux

package main

import (
	"bufio"
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

// A place is somewhere the checks are run, again and again.
type place struct {
	name, what string
	runs       int
	wrap       []string // stands before the command; nil: nothing does
	user       bool     // as an unprivileged user
	prepare    func(*soaker) (undo func() error, err error)
}

// inShell has a shell change something and execute the command.
func inShell(script string) []string {
	return []string{"sh", "-c", script + ` exec "$@"`, "sh"}
}

var places = []place{
	{name: "cpu", what: "a busy loop a processor", runs: 25, prepare: busyLoops},
	{name: "memory", what: "a memory cgroup of 256 MiB", runs: 25, prepare: smallMemory},
	{name: "forks", what: "30 processes that fork fifty times a second", runs: 25, prepare: forkers},
	{name: "user", what: "an unprivileged user, in folders that it cannot write to", runs: 20, user: true},
	{name: "pidns", what: "`unshare -Urpf --mount-proc`", runs: 20,
		wrap: []string{"unshare", "-Urpf", "--mount-proc"}},
	{name: "sigchld", what: "SIGCHLD ignored", runs: 20, wrap: inShell(`trap "" CHLD;`)},
	{name: "subreaper", what: "a subreaper that is not ours", runs: 20, wrap: []string{"/proc/self/exe", "subreaper"}},
	{name: "stdin", what: "standard input closed", runs: 20, wrap: inShell(`exec <&-;`)},
	{name: "readonly", what: "a folder that is mounted read-only", runs: 20,
		wrap: append([]string{"unshare", "-m"}, inShell(`mount --bind . . && mount -o remount,ro,bind . . && cd "$PWD" || exit;`)...)},
	{name: "noterm", what: "TERM unset", runs: 20, wrap: []string{"env", "-u", "TERM"}},
	{name: "idle", what: "nothing beside them", runs: 25},
}

var folders = []string{"fork", "vfork", "exit", "wait", "doublefork", "exec", "setuid", "system"}

// A soaker runs test programs and looks after what they leave.
type soaker struct {
	tmp    string
	tests  string // the folder of the test programs
	cgroup string // to join, or ""
	load   map[int]bool
}

// soak runs all checks in all places and writes docs/soak.md.
func soak(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("soak", flag.ExitOnError)
	n := flags.Int("n", 0, "run the checks so many `times` in each place; 0: 25 times under load, 20 times elsewhere")
	only := flags.String("only", "", "only these `places`, separated by commas, and docs/soak.md stays as it is")
	second := flags.String("second", "newest", "the `toolchain` (go1.27.4) that builds the tests for five runs more in each place; none: no second one")
	flags.Parse(args) // it exits
	if flags.NArg() > 0 {
		return usageError{fmt.Errorf("%s: soak takes flags only: say -only %[1]s", flags.Arg(0))}
	}
	if err := known(*only); err != nil {
		return err
	}
	if err := inSuite(); err != nil {
		return err
	}
	// What outlives its parent becomes ours, and is seen.
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return err
	}
	tmp, err := os.MkdirTemp("", "soak-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	os.Chmod(tmp, 0o755) // for the unprivileged user
	s := &soaker{tmp: tmp, load: map[int]bool{}}
	versions := toolchains(ctx)
	switch *second {
	case "newest":
	case "none":
		versions = versions[:1]
	default:
		versions = []string{versions[0], *second}
	}
	if _, err := output(ctx, "go", "build", "-o", filepath.Join(tmp, "ch8"), "./ch8"); err != nil {
		return err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "# Soak\n\nMade by `make soak`: %s\n\n", machine())
	b.WriteString("Every claim on every program of ours and its C twin, again and again.\n" +
		"A changed verdict is one that was not the same in all runs.\n\n" +
		"| place | runs | verdicts | changed | failed | cannot check | left running | minutes |\n|---|--:|--:|--:|--:|--:|--:|--:|\n")
	rows, ok, err := s.table(ctx, versions, *only, *n)
	if err != nil {
		return err
	}
	b.WriteString(rows)
	bad := !ok
	if *only == "" || slices.Contains(strings.Split(*only, ","), fileCounts) {
		b.WriteString("\n## Open files\n\n")
		for _, f := range []func(context.Context) (string, bool, error){s.watching, s.grading} {
			text, ok, err := f(ctx)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err != nil {
				text, ok = "not looked at: "+oneLine(err), false
			}
			bad = bad || !ok
			fmt.Fprintln(os.Stderr, text)
			b.WriteString("- " + text + "\n")
		}
	}
	if *only == "" {
		if err := os.WriteFile(filepath.Join("docs", "soak.md"), []byte(b.String()), 0o644); err != nil {
			return err
		}
	}
	if bad {
		return fmt.Errorf("a verdict changed or failed, or something was left or did not run: see above")
	}
	return nil
}

// table runs the checks in all places, or in those of only, with each
// toolchain.
func (s *soaker) table(ctx context.Context, versions []string, only string, n int) (rows string, ok bool, err error) {
	ok = true
	for i, version := range versions {
		if err := s.build(ctx, version); err != nil {
			return "", false, err
		}
		for _, p := range places {
			if only != "" && !slices.Contains(strings.Split(only, ","), p.name) {
				continue
			}
			if i > 0 {
				p.runs = 5
				p.what += ", " + version
			}
			if n > 0 {
				p.runs = n
			}
			row, good := s.soakIn(ctx, p)
			if ctx.Err() != nil {
				return "", false, fmt.Errorf("%s: %w", p.name, ctx.Err())
			}
			ok = ok && good
			fmt.Fprintln(os.Stderr, row)
			rows += row + "\n"
		}
	}
	return rows, ok, nil
}

// build makes the test programs of all folders with a toolchain.
func (s *soaker) build(ctx context.Context, toolchain string) error {
	s.tests = filepath.Join(s.tmp, toolchain)
	for _, dir := range folders {
		_, err := output(ctx, "env", "GOTOOLCHAIN="+toolchain, "go", "test", "-c", "-o", filepath.Join(s.tests, dir+".test"), "./"+dir)
		if err != nil {
			return err
		}
	}
	return nil
}

// fileCounts names, beside the places, what looks at open files.
const fileCounts = "files"

// known refuses a list of places with one in it that there is not.
func known(only string) error {
	if only == "" {
		return nil
	}
	var names []string
	for _, p := range places {
		names = append(names, p.name)
	}
	names = append(names, fileCounts)
	for name := range strings.SplitSeq(only, ",") {
		if !slices.Contains(names, name) {
			return usageError{fmt.Errorf("-only %s: there is no place %q: take some of %s", only, name, strings.Join(names, ","))}
		}
	}
	return nil
}

// oneLine is an error as a cell of a table.
func oneLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return strings.ReplaceAll(line, "|", "/")
}

// A tally counts the results of one claim on one program.
type tally struct{ pass, fail, skip int }

var resultLine = regexp.MustCompile(`^\s*--- (PASS|FAIL|SKIP): TestChecks/(\S+/\S+/\S+) `)

// soakIn runs the checks in one place. The row also says what did not
// run.
func (s *soaker) soakIn(ctx context.Context, p place) (row string, ok bool) {
	start := time.Now()
	results := map[string]*tally{}
	left := 0
	var trouble []string
	if p.prepare != nil {
		undo, err := p.prepare(s)
		if err != nil {
			return fmt.Sprintf("| %s (not run: %s) | 0 | 0 | 0 | 0 | 0 | 0 | 0 |", p.what, oneLine(err)), false
		}
		defer func() {
			if err := undo(); err != nil {
				fmt.Fprintf(os.Stderr, "%s: %v\n", p.name, err)
				ok = false
			}
		}()
	}
	for _, dir := range folders {
		checked, failing := false, false
		out, err := s.test(ctx, p, dir)
		for line := range strings.Lines(string(out)) {
			if m := resultLine.FindStringSubmatch(line); m != nil {
				t := results[dir+"/"+m[2]]
				if t == nil {
					t = &tally{}
					results[dir+"/"+m[2]] = t
				}
				*map[string]*int{"PASS": &t.pass, "FAIL": &t.fail, "SKIP": &t.skip}[m[1]]++
				checked, failing = true, failing || m[1] == "FAIL"
			}
		}
		if err != nil {
			fmt.Fprintf(os.Stderr, "%s, %s: %v\n%s\n", p.name, dir, err, failures(out))
		}
		switch {
		case err != nil && !failing:
			trouble = append(trouble, dir+": "+oneLine(err))
		case !checked:
			trouble = append(trouble, dir+": nothing was checked")
		}
		for _, line := range s.strays() {
			fmt.Fprintf(os.Stderr, "%s, %s: left running: %s\n", p.name, dir, line)
			left++
		}
	}
	var verdicts, changed, failed, skipped int
	for _, name := range slices.Sorted(maps.Keys(results)) {
		t := results[name]
		verdicts += t.pass + t.fail + t.skip
		if t.pass+t.fail+t.skip != p.runs || t.pass != p.runs && t.fail != p.runs && t.skip != p.runs {
			changed++
			fmt.Fprintf(os.Stderr, "%s: %s passed %d times, failed %d, could not be checked %d\n", p.name, name, t.pass, t.fail, t.skip)
		}
		if t.fail > 0 {
			failed++
		}
		if t.skip > 0 {
			skipped++
		}
	}
	what := p.what
	if len(trouble) > 0 {
		what += " (" + strings.Join(trouble, "; ") + ")"
	}
	return fmt.Sprintf("| %s | %d | %d | %d | %d | %d | %d | %.0f |", what, p.runs, verdicts, changed, failed, skipped, left,
		time.Since(start).Minutes()), changed+failed+left+len(trouble) == 0
}

// test runs one folder's checks as often as the place wants.
func (s *soaker) test(ctx context.Context, p place, dir string) ([]byte, error) {
	args := slices.Concat(p.wrap, []string{filepath.Join(s.tests, dir+".test"),
		"-test.run", "^TestChecks$", "-test.v", "-test.count", strconv.Itoa(p.runs), "-test.timeout", "0"})
	if s.cgroup != "" {
		args = slices.Concat(inShell("echo $$ > "+s.cgroup+"/cgroup.procs || exit;"), args)
	}
	cmd := command(ctx, args...)
	cmd.Dir = dir
	cmd.Env = os.Environ()
	if p.user {
		const uid = 61_234
		home := filepath.Join(s.tmp, "home")
		if err := os.MkdirAll(home, 0o755); err != nil {
			return nil, err
		}
		if err := os.Chown(home, uid, uid); err != nil {
			return nil, err
		}
		modules, err := s.modules(ctx)
		if err != nil {
			return nil, err
		}
		cmd.Env = append(cmd.Env, "HOME="+home, "TMPDIR="+home, "GOCACHE="+home+"/cache", "GOMODCACHE="+modules)
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uid, Gid: uid}
	}
	return cmd.CombinedOutput()
}

// modules copies the module cache to where any user may read it.
func (s *soaker) modules(ctx context.Context) (string, error) {
	dir := filepath.Join(s.tmp, "modules")
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	cache, err := output(ctx, "go", "env", "GOMODCACHE")
	if err != nil {
		return "", err
	}
	_, err = output(ctx, "env", "GOMODCACHE="+dir, "GOFLAGS=-modcacherw", "GOSUMDB=off",
		"GOPROXY=file://"+strings.TrimSpace(cache)+"/cache/download", "go", "mod", "download")
	return dir, err
}

// failures are the lines of a test's output that matter.
func failures(out []byte) string {
	var b strings.Builder
	for line := range strings.Lines(string(out)) {
		if !strings.Contains(line, "--- PASS") && !strings.Contains(line, "--- SKIP") && !strings.Contains(line, "cannot check:") && !strings.HasPrefix(line, "=== ") {
			b.WriteString(line)
		}
	}
	text := b.String()
	return text[:min(len(text), 2000)]
}

// strays ends the children that we have got and did not make, and says
// what they were. Theirs are ours after that, so it looks until there
// are none.
func (s *soaker) strays() (found []string) {
	told := map[int]bool{}
	for {
		pids := s.adopted()
		if len(pids) == 0 {
			return found
		}
		for _, pid := range pids {
			if !told[pid] {
				told[pid] = true
				line, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
				comm, _ := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
				found = append(found, fmt.Sprintf("%d (%s) %q", pid, bytes.TrimSpace(comm), line))
			}
			unix.Kill(pid, unix.SIGKILL)
		}
		for _, pid := range pids {
			// Not yet, where a tracer that is to be killed holds it.
			if got, _ := unix.Wait4(pid, nil, unix.WNOHANG, nil); got == pid {
				delete(told, pid)
			}
		}
		time.Sleep(time.Millisecond)
	}
}

// adopted are the children that we have and did not make.
func (s *soaker) adopted() (pids []int) {
	lists, _ := filepath.Glob("/proc/self/task/*/children")
	for _, list := range lists {
		b, _ := os.ReadFile(list)
		for field := range strings.FieldsSeq(string(b)) {
			if pid, err := strconv.Atoi(field); err == nil && !s.load[pid] {
				pids = append(pids, pid)
			}
		}
	}
	return pids
}

// beside starts a number of processes of ours in a role.
func (s *soaker) beside(n int, role string) (undo func() error, err error) {
	var all []*exec.Cmd
	undo = func() error {
		for _, cmd := range all {
			cmd.Process.Kill()
			cmd.Wait()
			delete(s.load, cmd.Process.Pid)
		}
		s.strays() // their children, which nobody waited for
		return nil
	}
	for range n {
		cmd := exec.Command("/proc/self/exe", role)
		if err := cmd.Start(); err != nil {
			undo()
			return nil, err
		}
		s.load[cmd.Process.Pid] = true
		all = append(all, cmd)
	}
	return undo, nil
}

func busyLoops(s *soaker) (func() error, error) {
	return s.beside(runtime.NumCPU(), "spin")
}

func forkers(s *soaker) (func() error, error) {
	return s.beside(30, "fork")
}

// smallMemory makes a cgroup, of version 2 or 1.
func smallMemory(s *soaker) (func() error, error) {
	for _, at := range [][2]string{{"/sys/fs/cgroup", "memory.max"}, {"/sys/fs/cgroup/memory", "memory.limit_in_bytes"}} {
		dir := filepath.Join(at[0], "ch8-soak-"+strconv.Itoa(os.Getpid()))
		if os.Mkdir(dir, 0o755) != nil {
			continue
		}
		// Only the kernel makes the file: where /sys/fs/cgroup holds
		// the hierarchies of version 1, it is an ordinary folder.
		limit, err := os.OpenFile(filepath.Join(dir, at[1]), os.O_WRONLY, 0)
		if err == nil {
			_, err = limit.WriteString(strconv.Itoa(256 << 20))
			limit.Close()
		}
		if err != nil {
			os.Remove(dir)
			continue
		}
		s.cgroup = dir
		return func() error {
			s.cgroup = ""
			return os.Remove(dir)
		}, nil
	}
	return nil, fmt.Errorf("no memory cgroup could be made: run it as root where /sys/fs/cgroup is writable, or leave this out with -only")
}

// besides are what the program does when it is its own load.
var besides = map[string]func(args []string) error{
	"spin": func([]string) error {
		for dieWithParent(); ; {
		}
	},
	"fork": func([]string) error {
		for dieWithParent(); ; {
			pid, err := proc.Fork()
			if err != nil {
				proc.Sleep(time.Millisecond)
				continue
			}
			if pid == 0 {
				proc.Exit(0)
			}
			proc.Waitpid(pid, nil, 0)
			proc.Sleep(20 * time.Millisecond)
		}
	},
	"subreaper": func(args []string) error {
		if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
			return err
		}
		cmd := exec.Command(args[0], args[1:]...)
		cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
		return cmd.Run()
	},
}

func dieWithParent() {
	runtime.LockOSThread()
	unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0, 0, 0)
}

// watching has ch8 watch check a program fifty times, and compares its
// open files then with those after the second time.
func (s *soaker) watching(ctx context.Context) (string, bool, error) {
	mine := filepath.Join(s.tmp, "mine.c")
	source, err := os.ReadFile("fork/c/glob.c")
	if err != nil {
		return "", false, err
	}
	if err := os.WriteFile(mine, source, 0o644); err != nil {
		return "", false, err
	}
	cmd := command(ctx, filepath.Join(s.tmp, "ch8"), "watch", "--no-progress", "--every", "20ms", "fork/glob", "--", mine)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", false, err
	}
	if err := cmd.Start(); err != nil {
		return "", false, err
	}
	defer func() {
		cmd.Process.Signal(unix.SIGINT)
		io.Copy(io.Discard, out)
		cmd.Wait()
	}()
	const times = 50
	first, last, done := 0, 0, 0
	for lines := bufio.NewScanner(out); done < times && lines.Scan(); {
		if !strings.Contains(lines.Text(), " claims: ") {
			continue
		}
		done++
		last = settled(cmd.Process.Pid)
		if done == 2 {
			first = last
		}
		source = append(source, "/* again */\n"...)
		// At once: half a file would be checked too.
		if err := os.WriteFile(mine+".new", source, 0o644); err != nil {
			return "", false, err
		}
		if err := os.Rename(mine+".new", mine); err != nil {
			return "", false, err
		}
	}
	return fmt.Sprintf("`ch8 watch`: %d files open after the second check, %d after %d", first, last, done),
		first == last && done == times, nil
}

// settled is how many files a process has open, once that no longer
// changes.
func settled(pid int) int {
	before := -1
	for same := 0; same < 20; same++ {
		now := openFiles(pid)
		if now != before {
			same = 0
		}
		before = now
		time.Sleep(20 * time.Millisecond)
	}
	return before
}

func openFiles(pid int) int {
	entries, _ := os.ReadDir("/proc/" + strconv.Itoa(pid) + "/fd")
	return len(entries)
}

// grading grades sixty submissions, and compares the most files that
// were open in the first third of the time with the last third's.
func (s *soaker) grading(ctx context.Context) (string, bool, error) {
	dir := filepath.Join(s.tmp, "submissions")
	for i := range 60 {
		if err := submit(dir, i, []string{"fork/glob"}, nil); err != nil {
			return "", false, err
		}
	}
	cmd := command(ctx, filepath.Join(s.tmp, "ch8"), "grade", "-o", filepath.Join(s.tmp, "results"), dir)
	if err := cmd.Start(); err != nil {
		return "", false, err
	}
	over := make(chan error, 1)
	go func() { over <- cmd.Wait() }()
	var counts []int
	for tick := time.Tick(10 * time.Millisecond); ; {
		select {
		case err := <-over:
			if err != nil || len(counts) < 30 {
				return "", false, fmt.Errorf("ch8 grade: %v", err)
			}
			third := len(counts) / 3
			first, last := slices.Max(counts[:third]), slices.Max(counts[len(counts)-third:])
			return fmt.Sprintf("`ch8 grade`, 60 submissions: at most %d files open in the first third of the time, %d in the last", first, last),
				last <= first+8, nil
		case <-tick:
			counts = append(counts, openFiles(cmd.Process.Pid))
		}
	}
}
