package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"apue/internal/lab"
	"apue/internal/sampling"
	"apue/internal/suite"
)

var update = flag.Bool("update", false, "write docs/browser-verdicts.md")

// verdictsFile has a row for each exercise.
const verdictsFile = "../../docs/browser-verdicts.md"

// explained are the programs whose verdict in the browser is not the
// native one, by their path, and why.
var explained = map[string]string{
	"vfork/testdata/right/glob/threads.c":       "tcc has no `<stdatomic.h>`",
	"vfork/testdata/wrong/glob/decoy.c":         noNames,
	"exit/testdata/right/stdio/destructor.c":    "tcc leaves `__attribute__((destructor))` out",
	"exit/testdata/wrong/stdio/byhand.c":        noFrames,
	"exit/testdata/wrong/stdio/direct.c":        noFrames,
	"exit/testdata/wrong/stdio/flushed.c":       noFrames,
	"exit/testdata/wrong/stdio/flushedfirst.c":  noFrames,
	"exit/testdata/wrong/stdio/quick.c":         noFrames,
	"exit/testdata/wrong/stdio/nolinesbyhand.c": noFrames,
	"exec/testdata/wrong/redirect/by-shell.c":   "the machine's shell is busybox, which executes a last command without a fork: the output is in the file",
	"system/testdata/wrong/nice/noaffinity.c":   oneProcessor,
	"system/testdata/wrong/nice/pinslate.c":     oneProcessor,
}

const oneProcessor = "the machine has one processor, so that both processes are on it without being bound to it"

// tcc gives a program less to be read than gcc does.
const (
	noNames  = "tcc writes no DWARF, so that the names of variables are not known"
	noFrames = "tcc writes no call frame information, so that it is not known in which function the program was"
)

// timed are claims that are not compared: they judge how much of the processor
// a process got, by the clock of a machine whose processor is emulated.
var timed = map[string][]string{"system/nice": {"together", "less"}}

// A program is one of testdata/right or testdata/wrong, in C.
type program struct {
	path  string   // from the suite's folder
	right bool     // it passes all claims
	fails []string // the claims that it fails natively, as the tests of its folder make sure
	may   []string // those of them that it may pass, because it races
}

// hasNative reports whether a verdict, the claims that failed, is a native one.
func (p *program) hasNative(failed []string) bool {
	for _, name := range failed {
		if !slices.Contains(p.fails, name) {
			return false
		}
	}
	for _, name := range p.fails {
		if !slices.Contains(failed, name) && !slices.Contains(p.may, name) {
			return false
		}
	}
	return true
}

// programs are those of an exercise.
func programs(t *testing.T, x *lab.Experiment) (all []program) {
	t.Helper()
	for _, kind := range []string{"right", "wrong"} {
		files, err := filepath.Glob("../../" + x.Dir + "/testdata/" + kind + "/" + x.Name + "/*.c")
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			p := program{path: strings.TrimPrefix(file, "../../"), right: kind == "right"}
			fails, ok := sampling.Said(source(t, p.path), "fails")
			if !ok && !p.right {
				t.Fatalf("%s does not say what it fails", p.path)
			}
			may, _ := sampling.Said(source(t, p.path), "may pass")
			p.fails, p.may = lab.Sorted(strings.Fields(fails)), strings.Fields(may)
			all = append(all, p)
		}
	}
	return all
}

// An inNode is a machine in node, with the state that the page begins with.
type inNode struct {
	t       *testing.T
	answers *bufio.Scanner
	ask     func(line []byte)
}

func start(t *testing.T, dir string) *inNode {
	t.Helper()
	v86 := os.Getenv("CH8_V86")
	if v86 == "" {
		v86 = filepath.Join(dir, "..", "browser-work", "node_modules", "v86")
	}
	cmd := exec.CommandContext(t.Context(), "node", "ask.mjs", v86, filepath.Join(dir, "state.zst"))
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		cmd.Wait()
	})
	answers := bufio.NewScanner(out)
	answers.Buffer(nil, 16<<20)
	return &inNode{t, answers, func(line []byte) { in.Write(append(line, '\n')) }}
}

// check has a program checked, and returns the claims that it fails, and
// what was said where there is no verdict.
func (m *inNode) check(x *lab.Experiment, p program) (failed []string, other string) {
	m.t.Helper()
	request, err := json.Marshal([]any{"/api/check", map[string]string{"id": x.ID(), "what": "text", "language": "c", "text": source(m.t, p.path)}})
	if err != nil {
		m.t.Fatal(err)
	}
	m.ask(request)
	if !m.answers.Scan() {
		m.t.Fatalf("%s: the machine has ended: %v", p.path, m.answers.Err())
	}
	var out struct {
		Took   int
		Answer *struct {
			Error    string
			Messages []struct{ Text string }
			Results  []struct {
				Name, Reason string
				Status       lab.Status
			}
		}
	}
	if err := json.Unmarshal(m.answers.Bytes(), &out); err != nil {
		m.t.Fatalf("%s: %v", p.path, err)
	}
	m.t.Logf("%s: %d ms", p.path, out.Took)
	if out.Answer == nil {
		return nil, "no answer"
	}
	other = out.Answer.Error
	if len(out.Answer.Messages) > 0 {
		other += " " + out.Answer.Messages[0].Text
	}
	for _, r := range out.Answer.Results {
		switch r.Status {
		case lab.Fail, lab.Timeout, lab.NotJudged:
			failed = append(failed, r.Name)
		case lab.CannotCheck:
			other += r.Name + " cannot be checked: " + r.Reason
		}
	}
	return lab.Sorted(failed), other
}

// TestVerdicts: the machine gives each right and wrong program of each
// exercise the native verdict, or it is explained why not.
func TestVerdicts(t *testing.T) {
	dir := made(t)
	rows := readRows(t)
	for _, x := range suite.All {
		if !x.Exercise {
			continue
		}
		all := programs(t, x)
		t.Run(x.ID(), func(t *testing.T) {
			if len(all) == 0 {
				t.Skip("it has no programs in C")
			}
			m := start(t, dir)
			same, differ := map[bool]int{}, []string{}
			total := map[bool]int{}
			isTimed := func(claim string) bool { return slices.Contains(timed[x.ID()], claim) }
			if left := timed[x.ID()]; left != nil {
				differ = append(differ, "not compared: `"+strings.Join(left, "`, `")+"`, which judge how much of the processor a process got")
			}
			for _, p := range all {
				failed, other := m.check(x, p)
				failed, p.fails = slices.DeleteFunc(failed, isTimed), slices.DeleteFunc(p.fails, isTimed)
				total[p.right]++
				if p.hasNative(failed) && other == "" {
					same[p.right]++
					if why := explained[p.path]; why != "" {
						t.Errorf("%s has the native verdict, and it is explained why it has not: %s", p.path, why)
					}
					continue
				}
				why := explained[p.path]
				if why == "" {
					t.Errorf("%s fails %q in the browser, natively %q; %s", p.path, failed, p.fails, other)
				}
				differ = append(differ, fmt.Sprintf("`%s`: %s", filepath.Base(p.path), why))
			}
			row := fmt.Sprintf("| %s | %d of %d | %d of %d | %s |", x.ID(), same[true], total[true], same[false], total[false], strings.Join(differ, "; "))
			if *update && !t.Failed() {
				rows[x.ID()] = row
				writeRows(t, rows) // one run after another may make them
			}
		})
	}
}

const verdictsHead = `# The verdicts in the browser

Made by ` + "`make test-browser`" + ` with the machine of docs/browser.md. The tests of
each folder make sure that the right programs pass natively, and that each
wrong program fails exactly the claims that it names. The columns say how
many of these programs, those in C, got the same verdict in the machine.

| exercise | right | wrong | what differs |
|---|---|---|---|
`

// readRows reads the table; what is not tested now stays as it was.
func readRows(t *testing.T) map[string]string {
	t.Helper()
	rows := map[string]string{}
	b, err := os.ReadFile(verdictsFile)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		if cells := strings.Split(line, "|"); len(cells) == 6 && strings.Contains(cells[1], "/") {
			rows[strings.TrimSpace(cells[1])] = strings.TrimSpace(line)
		}
	}
	return rows
}

func writeRows(t *testing.T, rows map[string]string) {
	t.Helper()
	text := verdictsHead
	for _, x := range suite.All {
		if row := rows[x.ID()]; row != "" && x.Exercise {
			text += row + "\n"
		}
	}
	if err := os.WriteFile(verdictsFile, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
