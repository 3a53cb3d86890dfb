//go:build linux

package main

import (
	"bufio"
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
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
	"apue/internal/suite"

	"golang.org/x/sys/unix"
)

// A place is somewhere the checks are run, again and again.
type place struct {
	name, what string
	wrap       []string // stands before the command; nil: nothing does
	user       bool     // as an unprivileged user
	prepare    func(*soaker) (undo func() error, err error)
}

// inShell has a shell change something and execute the command.
func inShell(script string) []string {
	return []string{"sh", "-c", script + ` exec "$@"`, "sh"}
}

var places = []place{
	{name: "cpu", what: "a busy loop a processor", prepare: busyLoops},
	// A test program keeps all that it saw; ch8 itself needs less.
	{name: "memory", what: "a memory cgroup of 256 MiB", prepare: smallMemory, wrap: []string{"env", "GOMEMLIMIT=128MiB"}},
	{name: "forks", what: "30 processes that fork fifty times a second", prepare: forkers},
	{name: "user", what: "an unprivileged user, in folders that it cannot write to", user: true},
	{name: "pidns", what: "`unshare -Urpf --mount-proc`", wrap: []string{"unshare", "-Urpf", "--mount-proc"}},
	{name: "sigchld", what: "SIGCHLD ignored", wrap: inShell(`trap "" CHLD;`)},
	{name: "subreaper", what: "a subreaper that is not ours", wrap: []string{"/proc/self/exe", "subreaper"}},
	{name: "stdin", what: "standard input closed", wrap: inShell(`exec <&-;`)},
	{name: "readonly", what: "a folder that is mounted read-only",
		wrap: append([]string{"unshare", "-m"}, inShell(`mount --bind . . && mount -o remount,ro,bind . . && cd "$PWD" || exit;`)...)},
	{name: "noterm", what: "TERM unset", wrap: []string{"env", "-u", "TERM"}},
	{name: "idle", what: "nothing beside them"},
}

// A soaker runs test programs and looks after what they leave.
type soaker struct {
	tmp    string
	tests  string // the folder of the test programs
	cgroup string // to join, or ""
	load   map[int]bool
	bad    bool // a row is not what it has to be
}

// soak runs all checks in all places and writes docs/soak.md.
func soak(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("soak", flag.ExitOnError)
	n := flags.Int("n", 0, "run the checks so many `times` in each place; 0: 25 times, and 5 times with the second toolchain")
	only := flags.String("only", "", "only these `places`, separated by commas; the other rows of docs/soak.md are kept")
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
	var doc soaked
	if *only != "" {
		old, err := os.ReadFile(soakPage)
		if err != nil {
			return err
		}
		doc.read(string(old))
	}
	err = s.table(ctx, &doc, versions, *only, *n)
	if err == nil && (*only == "" || slices.Contains(strings.Split(*only, ","), fileCounts)) {
		err = s.files(ctx, &doc)
	}
	if written := os.WriteFile(soakPage, []byte(doc.page()), 0o644); err == nil {
		err = written
	}
	if err == nil && s.bad {
		err = fmt.Errorf("a verdict changed or failed, or something was left or did not run: see docs/soak.md")
	}
	return err
}

// table runs the checks in all places, or in those of only, with each
// toolchain.
func (s *soaker) table(ctx context.Context, doc *soaked, versions []string, only string, n int) error {
	for i, version := range versions {
		runs := 25
		if i > 0 {
			runs = 5
		}
		if n > 0 {
			runs = n
		}
		if err := s.build(ctx, version); err != nil {
			return err
		}
		for _, p := range places {
			if only != "" && !slices.Contains(strings.Split(only, ","), p.name) {
				continue
			}
			row := s.soakIn(ctx, p, version, runs)
			if ctx.Err() != nil {
				return fmt.Errorf("%s: %w", p.name, ctx.Err())
			}
			fmt.Fprintln(os.Stderr, row)
			doc.put(row)
		}
	}
	return nil
}

// files counts open files of what runs for long.
func (s *soaker) files(ctx context.Context, doc *soaked) error {
	doc.files = nil
	for _, f := range []func(context.Context) (string, bool, error){s.watching, s.grading} {
		text, ok, err := f(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			text, ok = "not looked at: "+oneLine(err), false
		}
		s.bad = s.bad || !ok
		fmt.Fprintln(os.Stderr, text)
		doc.files = append(doc.files, "- "+text)
	}
	return nil
}

// build makes the test programs of all folders with a toolchain.
func (s *soaker) build(ctx context.Context, toolchain string) error {
	s.tests = filepath.Join(s.tmp, toolchain)
	for _, dir := range suite.Folders() {
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

// soakIn runs the checks in one place.
func (s *soaker) soakIn(ctx context.Context, p place, version string, runs int) (r row) {
	r = row{place: p.what, version: version, date: time.Now().Format(time.DateOnly), runs: runs}
	before := look()
	if p.prepare != nil {
		undo, err := p.prepare(s)
		if err != nil {
			r.runs = 0
			r.note("not run: %s", oneLine(err))
			s.bad = true
			return r
		}
		defer func() {
			if err := undo(); err != nil {
				r.note("%s", oneLine(err))
				s.bad = true
			}
			// The load is ours too, now that it has ended.
			r.others, _ = before.others(look())
		}()
	}
	results := map[string]*tally{}
	for n := 0; n < runs && ctx.Err() == nil; n++ {
		for _, dir := range suite.Folders() {
			s.inFolder(ctx, p, dir, &r, results)
		}
	}
	s.bad = r.count(results) || s.bad
	r.minutes = time.Since(before.looked).Minutes()
	r.others, _ = before.others(look())
	return r
}

// inFolder runs one folder's checks in a place once, adds up their results,
// and notes what did not run and what was left.
func (s *soaker) inFolder(ctx context.Context, p place, dir string, r *row, results map[string]*tally) {
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
		r.note("%s: %s", dir, oneLine(err))
		s.bad = true
	case !checked:
		r.note("%s: nothing was checked", dir)
		s.bad = true
	}
	for _, line := range s.strays() {
		r.note("%s: left running: %s", dir, line)
		r.left++
		s.bad = true
	}
}

// test runs one folder's checks once. Another run takes another process: a
// test program looks at each run of a program as often as it is asked for.
func (s *soaker) test(ctx context.Context, p place, dir string) ([]byte, error) {
	args := slices.Concat(p.wrap, []string{filepath.Join(s.tests, dir+".test"),
		"-test.run", "^TestChecks$", "-test.v", "-test.timeout", "0"})
	if s.cgroup != "" {
		args = slices.Concat(inShell("echo $$ > "+s.cgroup+"/cgroup.procs || exit;"), args)
	}
	cmd := command(ctx, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CH8_TEST_ALL=1") // every claim, not a sample
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
