// Package labtest runs the checks of a folder in go test: on the
// folder's own program, on the C twins, on wrong programs and on
// doctored observations; and the lab sheet's transcripts.
//
// A folder's test file has
//
//	func TestMain(m *testing.M) { labtest.Main(m) }
//	func TestChecks(t *testing.T) { labtest.Checks(t, checks.All) }
//	func TestIsolated(t *testing.T) { labtest.Isolated(t, checks.All) }
//	func TestWrong(t *testing.T) { labtest.Wrong(t, checks.All) }
//	func TestRight(t *testing.T) { labtest.Right(t, checks.All) }
//	func TestSheet(t *testing.T) { labtest.Sheet(t, checks.All) }
//	func TestTasks(t *testing.T) { labtest.Tasks(t, checks.All) }
//	func TestQuestions(t *testing.T) { labtest.Questions(t, checks.All) }
//	func TestProgram(t *testing.T) { labtest.Program(t, checks.All) }
//
// and, for experiments that are not exercises, calls of Doctored.
// Golden files are rewritten with -update.
package labtest

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"apue/internal/build"
	"apue/internal/lab"
	"apue/internal/sampling"
	"apue/internal/sandbox"
)

var update = flag.Bool("update", false, "rewrite golden files and transcripts")

// tmp is where this test's programs are built.
var tmp string

// Main is the TestMain of a folder of experiments.
func Main(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	var err error
	tmp, err = os.MkdirTemp("", "apue-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(tmp)
	flag.Parse()
	onlyProgram()
	// Most of the programs wait for something most of the time.
	if f := flag.Lookup("test.parallel"); f.Value.String() == f.DefValue {
		f.Value.Set(strconv.Itoa(4 * runtime.GOMAXPROCS(0)))
	}
	// A stranger's program runs as another user.
	os.Chmod(tmp, 0o755)
	// Recordings come and go; the programs need the processors.
	debug.SetGCPercent(400)
	before := LookAtMachine()
	status := m.Run()
	if after := LookAtMachine(); before != after {
		fmt.Fprintf(os.Stderr, "the tests left something behind: before %+v, after %+v\n", before, after)
		return 1
	}
	return status
}

// Compiled is a program built once for all tests of a package.
type compiled struct {
	once sync.Once
	path string
	out  []byte
	err  error
}

var (
	builtMu sync.Mutex
	built   = map[string]*compiled{}
)

// buildOnce builds a program at the first call with a key, and returns its
// path at every call.
func buildOnce(key string, compile func(out string) ([]byte, error)) (string, []byte, error) {
	builtMu.Lock()
	c := built[key]
	if c == nil {
		c = &compiled{path: filepath.Join(tmp, strings.NewReplacer("/", "-", " ", "").Replace(key))}
		built[key] = c
	}
	builtMu.Unlock()
	c.once.Do(func() { c.out, c.err = compile(c.path) })
	return c.path, c.out, c.err
}

// Go builds the Go program in dir, as seen from the test, and
// returns its path.
func Go(t testing.TB, dir string) string {
	t.Helper()
	path, said, err := buildOnce("go "+dir, func(out string) ([]byte, error) { return build.Go(dir, out) })
	if err != nil {
		t.Fatalf("go build %s: %v\n%s", dir, err, said)
	}
	return path
}

// C compiles a C program with the warnings that the twins have to
// be free of and returns its path. The test is skipped where
// there is no C compiler.
func C(t testing.TB, source string, flags ...string) string {
	t.Helper()
	cc, err := exec.LookPath("cc")
	if err != nil {
		Cannot(t, "cc", "there is no C compiler", "install gcc or clang, and this program is checked too")
	}
	path, said, err := buildOnce("c "+source+strings.Join(flags, ""), func(out string) ([]byte, error) {
		return build.C(cc, source, out, append([]string{"-Wall", "-Wextra", "-Werror", "-g", "-pthread"}, flags...)...)
	})
	if err != nil {
		t.Fatalf("cc %s: %v\n%s", source, err, said)
	}
	return path
}

// Reference is the folder's own program, run for an experiment.
// Where the experiment is in C and there is no C compiler the test
// is skipped.
func Reference(t testing.TB, x *lab.Experiment) lab.Program {
	if x.CMain && !have("cc") {
		Cannot(t, "cc", "there is no C compiler", "install gcc or clang, and this experiment is checked too")
	}
	return lab.Program{Args: []string{Go(t, "."), x.Name}, Name: x.Dir + " " + x.Name, Ours: true}
}

// Twin is the experiment's program in C.
func Twin(t testing.TB, x *lab.Experiment) lab.Program {
	return lab.Program{Args: []string{C(t, filepath.Join("c", x.Name+".c"))}, Name: "./" + x.Name, Ours: true}
}

// costly are the experiments that together need more processor time than
// all others, most of them because they make the kernel count it. Every
// third of them is in the sample, with its program in Go; of each three
// here it is the cheapest.
var costly = []string{
	"exec/cloexec", "exec/keeps", "exec/limits",
	"fork/interleave", "fork/race", "fork/differ",
	"fork/limit", "system/autogroup", "system/nice",
	"wait/rusage", "wait/supervise", "system/times",
	"fork/ids", "doublefork/nozombies", "fork/inherit",
	"doublefork/daemon", "exec/resets",
}

// inSample skips the test if the experiment is a costly one that is not in
// the sample.
func inSample(t *testing.T, x *lab.Experiment) {
	t.Helper()
	if i := slices.Index(costly, x.ID()); i >= 0 && !sampling.Has(i, 3) {
		t.Skip(x.ID() + " is tested by make test-all")
	}
}

// Checks judges every claim of every experiment on the folder's
// program, and on its C twin. The twins of every sixth experiment are in
// the sample, except for the costly ones.
func Checks(t *testing.T, all lab.Registry) {
	t.Parallel()
	for i, x := range all {
		t.Run(x.Name, func(t *testing.T) {
			t.Parallel()
			inSample(t, x)
			ours := func(p lab.Program) *lab.Bench {
				return &lab.Bench{Experiment: x, Program: p, Seen: once(x, p)}
			}
			t.Run("go", func(t *testing.T) { claims(t, ours(Reference(t, x))) })
			if sampling.Has(i, 6) && (sampling.All() || !slices.Contains(costly, x.ID())) {
				t.Run("c", func(t *testing.T) { claims(t, ours(Twin(t, x))) })
			}
		})
	}
}

// Isolated judges the folder's own programs as ch8 grade judges a
// learner's: in the box, with its limits. It takes the exercises in
// sample, or all of them if everything is to be tested.
func Isolated(t *testing.T, all lab.Registry, sample ...string) {
	t.Parallel()
	if err := sandbox.CanIsolate(); err != nil {
		Cannot(t, "isolate", err.Error(), "run the tests where namespaces can be made")
	}
	for _, x := range all {
		if x.Exercise && (sampling.All() || slices.Contains(sample, x.Name)) {
			p := Reference(t, x)
			p.Ours, p.Isolate = false, true
			t.Run(x.Name, func(t *testing.T) { claims(t, &lab.Bench{Experiment: x, Program: p}) })
		}
	}
}

// claims makes a subtest of each claim.
func claims(t *testing.T, b *lab.Bench) *lab.Report {
	rep, err := b.Check(context.Background(), "")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rep.Results {
		t.Run(r.Claim.Name, func(t *testing.T) { mapResult(t, rep, r) })
	}
	if len(rep.Leftovers) > 0 {
		t.Errorf("left running: %s", lab.Names(rep.Leftovers))
	}
	return rep
}

// mapResult says in the words of go test what the result is.
func mapResult(t *testing.T, rep *lab.Report, r lab.Result) {
	t.Helper()
	switch r.Status {
	case lab.Pass:
	case lab.CannotCheck:
		Cannot(t, rep.Experiment.ClaimID(r.Claim), r.Reason, r.Remedy)
	default:
		one := *rep
		one.Results = []lab.Result{r}
		t.Errorf("\n%s", Message(&one, lab.Style{}))
	}
}

// Message is the report as text.
func Message(rep *lab.Report, s lab.Style) string {
	var b strings.Builder
	if err := rep.Write(&b, s); err != nil {
		return err.Error()
	}
	return b.String()
}

// Doctored checks that the claim fails, and would be reported,
// when an observation of the folder's own program is changed by
// doctor.
func Doctored(t *testing.T, x *lab.Experiment, claim string, doctor func(*lab.Observation)) {
	t.Helper()
	doctoredOn(t, x, Reference(t, x), claim, doctor)
}

// DoctoredTwin does the same with the C twin.
func DoctoredTwin(t *testing.T, x *lab.Experiment, claim string, doctor func(*lab.Observation)) {
	t.Helper()
	doctoredOn(t, x, Twin(t, x), claim, doctor)
}

// Judged returns the verdict on a changed observation of our own program.
func Judged(t *testing.T, x *lab.Experiment, claim string, doctor func(*lab.Observation)) lab.Result {
	t.Helper()
	return judged(t, x, Reference(t, x), claim, doctor)
}

func judged(t *testing.T, x *lab.Experiment, p lab.Program, claim string, doctor func(*lab.Observation)) lab.Result {
	t.Helper()
	b := &lab.Bench{Experiment: x, Program: p, Doctor: doctor, Seen: once(x, p)}
	rep, err := b.Check(context.Background(), claim)
	if err != nil {
		t.Fatal(err)
	}
	return rep.Results[0]
}

func doctoredOn(t *testing.T, x *lab.Experiment, p lab.Program, claim string, doctor func(*lab.Observation)) {
	t.Helper()
	c := x.Claim(claim)
	if c == nil {
		t.Fatalf("%s has no claim %q", x.ID(), claim)
	}
	inSample(t, x)
	switch r := judged(t, x, p, claim, doctor); r.Status {
	case lab.Fail, lab.Timeout:
		if r.Observed == "" || r.Means == "" {
			t.Errorf("%s/%s failed without saying what was observed and what it means", x.ID(), claim)
		}
	case lab.CannotCheck:
		Cannot(t, x.ClaimID(c), r.Reason, r.Remedy)
	default:
		t.Errorf("%s/%s did not notice: %s", x.ID(), claim, r.Observed)
	}
}
