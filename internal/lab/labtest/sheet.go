package labtest

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"apue/ch8/proc"
	"apue/internal/lab"
	"apue/internal/sampling"
	"apue/internal/sandbox"

	"github.com/rogpeppe/go-internal/diff"
	"golang.org/x/sys/unix"
)

// command is the first line of a transcript in a lab sheet.
var command = regexp.MustCompile(`^[$#] go run \./(\w+) (\w+)([^|]*?)(\| cat)?$`)

// Sheet runs every transcript of README.md in the test's folder
//
//	```console
//	$ go run ./fork glob | cat
//	…
//	```
//
// and compares what is printed, the pids replaced by the roles of
// the processes. Without "| cat" the program runs on a terminal.
// With the prompt "#" it needs root. Where the program says that it
// cannot do it here (exit status 2, or a line that says "cannot be
// tried") the transcript is not compared.
// Transcripts of other commands are left alone. Each experiment
// has a section with a transcript. Every third transcript is in the
// sample, and none of a costly experiment.
func Sheet(t *testing.T, all lab.Registry) {
	t.Parallel()
	shown := Transcripts(t, "README.md", all, func(x *lab.Experiment) lab.Program { return Reference(t, x) })
	for _, x := range all {
		if !shown[x.Name] {
			t.Errorf("README.md has no transcript of %s", x.ID())
		}
	}
}

// Transcripts does the same for any file, with the programs that
// build returns, and returns the names of the experiments shown.
func Transcripts(t *testing.T, file string, all lab.Registry, build func(*lab.Experiment) lab.Program) map[string]bool {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	sheet := string(b)
	shown := map[string]bool{}
	n := 0
	parts := strings.Split(sheet, "```")
	for i := 1; i < len(parts); i += 2 {
		lang, body, _ := strings.Cut(parts[i], "\n")
		first, _, _ := strings.Cut(body, "\n")
		m := command.FindStringSubmatch(first)
		if lang != "console" || m == nil {
			continue
		}
		found, _ := all.Find(m[1] + "/" + m[2])
		if len(found) != 1 {
			t.Errorf("%s: there is no such experiment", first)
			continue
		}
		x := found[0]
		shown[x.Name] = true
		if n++; !*update && (!sampling.Has(n-1, 3) || !sampling.All() && slices.Contains(costly, x.ID())) {
			continue
		}
		t.Run(first[len("$ go run ./"):], func(t *testing.T) {
			got := first + "\n" + transcript(t, x, build(x), strings.Fields(m[3]), m[4] != "", body)
			if *update {
				parts[i] = lang + "\n" + got
			} else if d := diff.Diff("sheet", []byte(body), "run", []byte(got)); d != nil {
				t.Errorf("go test -run Sheet -update rewrites the sheet:\n%s", d)
			}
		})
	}
	if *update {
		if err := os.WriteFile(file, []byte(strings.Join(parts, "```")), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return shown
}

// transcript runs the experiment and returns its output with roles
// instead of pids. Where a pid happens to be a number that the sheet
// shows, a status or a count, it is run again, with other pids.
func transcript(t *testing.T, x *lab.Experiment, p lab.Program, args []string, pipe bool, sheet string) string {
	run := lab.Recorded(sandbox.Pty)
	if pipe {
		run = lab.Recorded(sandbox.Pipe)
	}
	run.Args = args
	// Where the sheet names no process it need not be known which
	// there were.
	run.Untraced = !*update && !namesOne(sheet)
	for again := 0; ; again++ {
		run.Nth = again
		o, err := once(x, p)(run)
		var refusal *sandbox.Refusal
		if errors.As(err, &refusal) {
			Cannot(t, x.ID()+"/sheet", err.Error(), "")
		}
		if err != nil {
			t.Fatal(err)
		}
		if proc.WaitStatus(o.Status).ExitStatus() == 2 && len(o.Stderr) > 0 {
			Cannot(t, x.ID()+"/sheet", string(o.Stderr), "")
		}
		if strings.Contains(string(o.Stdout), ": cannot be tried: ") {
			Cannot(t, x.ID()+"/sheet", string(o.Stdout), "")
		}
		var names map[string]string
		if !run.Untraced {
			names = pidNames(o)
		}
		if again < 20 && slices.ContainsFunc(number.FindAllString(sheet, -1), func(n string) bool {
			return names[strings.TrimRight(n, " ")] != ""
		}) {
			continue
		}
		return roles(names, strings.ReplaceAll(string(o.Stdout), "\r\n", "\n"))
	}
}

// namesOne reports whether a transcript names a process, or may: it
// has a word in capitals that is no signal and no error.
func namesOne(sheet string) bool {
	return slices.ContainsFunc(capitals.FindAllString(sheet, -1), func(w string) bool {
		return unix.SignalNum(w) == 0 && !strings.HasPrefix(w, "E")
	})
}

var capitals = regexp.MustCompile(`\b[A-Z]{2}[A-Z-]+\b`)

// pidNames are the roles of a run's processes in capitals, by pid:
// PARENT, CHILD, ADOPTER. Those of one or two digits, of a new pid
// namespace, are left as they are.
func pidNames(o *lab.Observation) map[string]string {
	names := map[string]string{}
	for _, part := range o.Cast() {
		names[part.Name] = part.Role
	}
	by := map[string]string{fmt.Sprint(o.Adopter): "ADOPTER"}
	for _, p := range o.Processes() {
		name := names[p.Name]
		if name == "" {
			name = p.Name
		}
		by[fmt.Sprint(lab.Pid(p))] = strings.ToUpper(strings.ReplaceAll(name, " ", "-"))
	}
	maps.DeleteFunc(by, func(pid, _ string) bool { return len(pid) <= 2 })
	return by
}

// number is one in a transcript, with the blanks that align what
// follows it in a table.
var number = regexp.MustCompile(`\b(?:0x[0-9a-f]+|\d+)\b( {2,})?`)

// roles replaces pids by roles.
func roles(by map[string]string, out string) string {
	out = userID.ReplaceAllStringFunc(out, func(m string) string {
		kind, _, _ := strings.Cut(m, " ")
		return kind + " " + strings.ToUpper(kind)
	})
	// In a table what follows stays where it was.
	return number.ReplaceAllStringFunc(out, func(m string) string {
		n := strings.TrimRight(m, " ")
		r, ok := by[n]
		switch {
		case !ok:
			return m
		case n == m:
			return r
		}
		return fmt.Sprintf("%-*s", max(len(m), len(r)+1), r)
	})
}

// userID is who runs the test: uid 0, gid 1000.
var userID = regexp.MustCompile(`\b[ug]id \d+`)

// have reports whether the command is installed.
func have(name string) bool {
	_, err := exec.LookPath(name)
	return err == nil
}

// Menu lists the experiments as the folder's program does, and
// checks that both tables agree.
func Menu(t *testing.T, all lab.Registry) {
	t.Parallel()
	out, err := exec.Command(Go(t, "."), "list").Output()
	if err != nil {
		t.Fatal(err)
	}
	var menu, registry []string
	for _, l := range lab.Lines(out) {
		menu = append(menu, strings.Fields(l)[0])
	}
	for _, x := range all {
		registry = append(registry, x.Name)
	}
	if !slices.Equal(menu, registry) {
		t.Errorf("the program lists %v, the checks have %v", menu, registry)
	}
}
