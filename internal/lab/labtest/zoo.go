package labtest

import (
	"context"
	"debug/elf"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"apue/internal/lab"
	"apue/internal/sampling"
	"apue/internal/sandbox"
	"apue/internal/show"

	"github.com/rogpeppe/go-internal/diff"
)

// A wrong program is a file of testdata/wrong/NAME (C), or a
// folder there (Go), where NAME is an experiment. Its first lines
// say, in a comment,
//
//	fails: CLAIM [CLAIM …]
//	flags: -O2        (C: for the compiler)
//	limit: 1.5s       (the time it gets: little for one that does not end,
//	                  much for one that computes, on a busy machine)
//	races             (its message differs from run to run: no golden)
//	may pass: CLAIM   (one of those that it fails, which it passes by luck)
//
// and NAME/PROGRAM.golden beside it is the message that a learner
// gets. A right program, in testdata/right/NAME, passes all
// claims; what is to be remarked of it all the same it says too:
//
//	remark: P0 sleeps 2s

// Wrong checks that every wrong program fails exactly the claims
// it says, with the golden message, and that every claim of an
// exercise is failed by at least one of them. (Claims about our own
// program only are left to Doctored.)
func Wrong(t *testing.T, all lab.Registry) {
	wrongs := sampleWrong(t, all)
	begun := begin(t, wrongs)
	t.Parallel()
	for _, x := range all {
		if !x.Exercise {
			continue
		}
		tested := wrongs[x]
		t.Run(x.Name, func(t *testing.T) {
			t.Parallel()
			caught := map[string]bool{}
			for _, z := range zoo(t, "wrong", x.Name) {
				for _, c := range z.fails(t) {
					caught[c] = true
				}
			}
			for _, z := range tested {
				want := z.fails(t)
				t.Run(z.name+z.level, func(t *testing.T) {
					t.Parallel()
					check := begun[z.path+z.level]
					if check == nil {
						check = z.check(context.Background(), t, x)
					}
					wrong(t, x, z, want, check)
				})
			}
			for _, c := range x.Claims {
				if !caught[c.Name] && !c.Ours {
					t.Errorf("no wrong program fails %s/%s", x.ID(), c.Name)
				}
			}
		})
	}
}

// begin begins with the programs that do not end: what takes time and no
// processor is not to wait for its turn.
func begin(t *testing.T, wrongs map[*lab.Experiment][]animal) map[string]checked {
	begun := map[string]checked{}
	ctx, cancel := context.WithCancel(context.Background())
	for x, zoo := range wrongs {
		if !have("cc") {
			continue
		}
		for _, z := range zoo {
			if key := z.path + z.level; z.limit(t) > 0 {
				begun[key] = sync.OnceValues(z.check(ctx, t, x))
				go begun[key]()
			}
		}
	}
	t.Cleanup(func() {
		cancel() // where only other tests were asked for
		for _, c := range begun {
			c()
		}
	})
	return begun
}

// checked returns the report of a check, when there is one.
type checked func() (*lab.Report, error)

// check makes the program, and returns its check.
func (z animal) check(ctx context.Context, t *testing.T, x *lab.Experiment) checked {
	b := &lab.Bench{Experiment: x, Program: z.program(t), Timeout: z.limit(t)}
	return func() (*lab.Report, error) { return b.Check(ctx, "") }
}

func wrong(t *testing.T, x *lab.Experiment, z animal, want []string, check checked) {
	rep, err := check()
	if err != nil {
		t.Fatal(err)
	}
	var failed []string
	for _, r := range rep.Results {
		switch r.Status {
		case lab.Fail, lab.Timeout, lab.NotJudged:
			failed = append(failed, r.Claim.Name)
		case lab.CannotCheck:
			Cannot(t, x.ClaimID(r.Claim), r.Reason, r.Remedy)
		}
	}
	want = slices.DeleteFunc(slices.Clone(want), func(c string) bool {
		return slices.Contains(z.mayPass(t), c) && !slices.Contains(failed, c)
	})
	if want, failed := lab.Sorted(want), lab.Sorted(failed); !slices.Equal(want, failed) {
		t.Errorf("it fails %q, want %q:\n%s", failed, want, Message(rep, lab.Style{Verbose: true}))
		return
	}
	if z.races(t) || z.level != "" {
		return
	}
	if !rep.Program.Isolate {
		t.Log("no golden message: ", canIsolate())
		return
	}
	if IsRaised(x) {
		t.Log("no golden message: it names the nice value that this test has, which is not 0")
		return
	}
	golden := filepath.Join("testdata", "wrong", x.Name, z.name+".golden")
	if n, ok := pidLike(rep, golden); ok && !*update {
		t.Logf("no golden message: a process has the pid %s, which is another number in it", n)
		return
	}
	Golden(t, golden, Message(rep, lab.Style{Stable: true}))
}

// pidLike is a number in a golden message that is the pid of a process of
// this run: in its message it would be masked, whatever it stands for.
func pidLike(rep *lab.Report, golden string) (string, bool) {
	pids := map[string]bool{}
	for _, r := range rep.Results {
		if r.On == nil {
			continue
		}
		pids[fmt.Sprint(r.On.Adopter)] = true
		for _, p := range r.On.Processes() {
			pids[fmt.Sprint(lab.Pid(p))] = true
		}
	}
	text, _ := os.ReadFile(golden)
	for _, n := range number.FindAllString(string(text), -1) {
		if n = strings.TrimSpace(n); pids[n] {
			return n, true
		}
	}
	return "", false
}

// Right checks that every right program, in whatever style, passes
// all claims.
func Right(t *testing.T, all lab.Registry) {
	rights := sampleRight(t, all)
	t.Parallel()
	for _, x := range all {
		if !x.Exercise {
			continue
		}
		t.Run(x.Name, func(t *testing.T) {
			t.Parallel()
			for _, z := range rights[x] {
				t.Run(z.name+z.level, func(t *testing.T) {
					t.Parallel()
					rep := claims(t, &lab.Bench{Experiment: x, Program: z.program(t), Timeout: z.limit(t)})
					if words, ok := z.said(t, "remark"); ok && !remarked(rep, words) {
						t.Errorf("there is no remark %q", words)
					}
				})
			}
		})
	}
}

// remarked reports whether a remark of a claim has the words in it.
func remarked(rep *lab.Report, words string) bool {
	for _, r := range rep.Results {
		for _, remark := range r.Remarks {
			if strings.Contains(remark, words) {
				return true
			}
		}
	}
	return false
}

// An animal is one program of the zoo.
type animal struct {
	name  string // of the file without .c, or of the folder
	path  string
	level string // "-O2" for a C program that is compiled so, else ""
}

// optimised are the programs and, for each C program, the same one
// optimised.
func optimised(zoo []animal) (all []animal) {
	for _, z := range zoo {
		all = append(all, z)
		if strings.HasSuffix(z.path, ".c") {
			z.level = "-O2"
			all = append(all, z)
		}
	}
	return all
}

// sampleWrong returns the wrong programs that are tested of each exercise.
// In the sample are the first one of an exercise, of every third exercise
// the first ones that together fail each claim, the folder's first one in
// each language, and none that takes its whole time.
func sampleWrong(t *testing.T, all lab.Registry) map[*lab.Experiment][]animal {
	languages := map[string]bool{}
	exercises := 0
	return sampleZoo(t, "wrong", all, func(z animal, seen map[string]bool) bool {
		if z.limit(t) > 0 {
			return false
		}
		if len(seen) == 0 {
			exercises++
		}
		news := len(seen) == 0 || !languages[filepath.Ext(z.path)]
		for _, c := range z.fails(t) {
			news = news || !seen[c] && sampling.Has(exercises-1, 3)
		}
		if news {
			languages[filepath.Ext(z.path)] = true
			for _, c := range z.fails(t) {
				seen[c] = true
			}
		}
		return news
	})
}

// sampleRight returns the right programs that are tested of each exercise.
// In the sample is the folder's first one in each language.
func sampleRight(t *testing.T, all lab.Registry) map[*lab.Experiment][]animal {
	languages := map[string]bool{}
	return sampleZoo(t, "right", all, func(z animal, _ map[string]bool) bool {
		ext := filepath.Ext(z.path)
		news := !languages[ext]
		languages[ext] = true
		return news
	})
}

// sampleZoo returns all programs of each exercise, or those for which in
// returns true. The second argument of in is a set that is empty at the
// first program of an exercise.
func sampleZoo(t *testing.T, kind string, all lab.Registry, in func(animal, map[string]bool) bool) map[*lab.Experiment][]animal {
	tested := map[*lab.Experiment][]animal{}
	for _, x := range all {
		if !x.Exercise {
			continue
		}
		zoo, seen := zoo(t, kind, x.Name), map[string]bool{}
		switch {
		case *update:
			tested[x] = zoo
		case sampling.All():
			tested[x] = optimised(zoo)
		default:
			tested[x] = slices.DeleteFunc(zoo, func(z animal) bool { return !in(z, seen) })
		}
	}
	return tested
}

// zoo lists the programs in testdata/KIND/NAME.
func zoo(t *testing.T, kind, name string) []animal {
	dir := filepath.Join("testdata", kind, name)
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all []animal
	for _, e := range entries {
		switch filepath.Ext(e.Name()) {
		case ".golden":
			continue
		default:
			base := strings.TrimSuffix(e.Name(), ".c")
			all = append(all, animal{name: base, path: filepath.Join(dir, e.Name())})
		}
	}
	return all
}

// said is what the program says of itself.
func (z animal) said(t *testing.T, key string) (value string, ok bool) {
	return sampling.Said(z.source(t), key)
}

func (z animal) source(t *testing.T) string {
	path := z.path
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path = filepath.Join(path, "main.go")
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// fails are the claims that the program says it fails.
func (z animal) fails(t *testing.T) []string {
	claims, ok := z.said(t, "fails")
	if !ok {
		t.Fatalf("%s does not say which claims it fails", z.path)
	}
	return strings.Fields(claims)
}

// mayPass are the claims that the program fails, and may pass by luck.
func (z animal) mayPass(t *testing.T) []string {
	said, ok := z.said(t, "may pass")
	if !ok {
		return nil
	}
	claims := strings.Fields(said)
	for _, c := range claims {
		if !slices.Contains(z.fails(t), c) {
			t.Fatalf("%s may pass %s, and does not say that it fails it", z.path, c)
		}
	}
	if !z.races(t) {
		t.Fatalf("%s may pass %s, and does not say that it races", z.path, said)
	}
	return claims
}

// races reports whether the program says that it races.
func (z animal) races(t *testing.T) bool {
	_, ok := z.said(t, "races")
	return ok
}

// limit is the time that the program says it gets; 0 if it says nothing.
func (z animal) limit(t *testing.T) time.Duration {
	said, ok := z.said(t, "limit")
	if !ok {
		return 0
	}
	d, err := time.ParseDuration(said)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// canIsolate is asked once.
var canIsolate = sync.OnceValue(sandbox.CanIsolate)

// program builds the animal and has it run as a learner's is.
func (z animal) program(t *testing.T) lab.Program {
	p := z.build(t)
	p.Isolate = canIsolate() == nil
	return p
}

// build makes C with the flags it asks for, a Go package, or takes an
// executable script as it is.
func (z animal) build(t *testing.T) lab.Program {
	switch {
	case strings.HasSuffix(z.path, ".c"):
		said, _ := z.said(t, "flags")
		flags := strings.Fields(said)
		if z.level != "" {
			// Optimising finds more to warn of.
			flags = append([]string{z.level, "-Wno-error"}, flags...)
		}
		return lab.Program{Args: []string{C(t, z.path, flags...)}, Name: "./" + z.name}
	case filepath.Ext(z.path) != "":
		return script(t, z)
	}
	return lab.Program{Args: []string{Go(t, z.path)}, Name: "./" + z.name}
}

// python is the first python3 of PATH that is no script: a wrapper
// that chooses a version runs some twenty programs of its own.
var python = sync.OnceValue(func() string {
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		path, err := exec.LookPath(filepath.Join(dir, "python3"))
		if err != nil {
			continue
		}
		if f, err := elf.Open(path); err == nil {
			f.Close()
			return path
		}
	}
	return "python3"
})

// script runs an executable file by what its first line names.
func script(t *testing.T, z animal) lab.Program {
	first, _, _ := strings.Cut(z.source(t), "\n")
	line, ok := strings.CutPrefix(first, "#!")
	if !ok {
		t.Fatalf("%s has no #! line", z.path)
	}
	args := strings.Fields(line)
	if args[0] == "/usr/bin/env" {
		args = args[1:]
	}
	if !have(args[0]) {
		Cannot(t, args[0], "there is no "+args[0]+" on this machine", "install it, and this program is checked too")
	}
	if args[0] == "python3" {
		args[0] = python()
	}
	path, err := filepath.Abs(z.path)
	if err != nil {
		t.Fatal(err)
	}
	return lab.Program{Args: append(args, path), Name: "./" + filepath.Base(z.path)}
}

// Golden compares text with a golden file, or rewrites it. No line
// of a message is wider than a report may be.
func Golden(t *testing.T, file, got string) {
	t.Helper()
	for l := range strings.Lines(got) {
		if n := show.Width(strings.TrimRight(l, "\n")); n > lab.Width {
			t.Errorf("%d columns, %d are allowed: %s", n, lab.Width, l)
		}
	}
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v; go test -update writes it", err)
	}
	if d := diff.Diff(file, want, "this run", []byte(got)); d != nil {
		t.Errorf("go test -update rewrites it:\n%s", d)
	}
}
