package grade

import (
	"apue/ch8/apue"

	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"apue/ch8/proc"
	"apue/internal/build"
	"apue/internal/sandbox"
)

// A notBuilt error is what a compiler said of a submission.
type notBuilt struct{ said string }

func (e *notBuilt) Error() string { return e.said }

// tools are what submissions are built with, and where they come from.
var tools = map[string]string{
	"cc":   "cc is not installed: install a C compiler (Debian's packages gcc and libc6-dev)",
	"make": "make is not installed: install make",
	"go":   "go is not installed: install Go 1.26",
}

// Limits of a build: compilers and linkers need more than the programs of
// the exercises, and the go command more than they.
var (
	buildLimits = sandbox.Limits{OpenFiles: 256, FileSize: sandbox.DefaultFileSize}
	goLimits    = sandbox.Limits{OpenFiles: 1024, Disk: 1 << 30, Files: 50_000, Memory: 3 << 30, FileSize: 256 << 20}
)

// building makes the program of one exercise.
type building struct {
	g      *grader
	source string // the copy of the submission's folder
	out    string // where the build's files go
	e      *Exercise
}

// compile builds the submission in the box and returns the program. The
// error is *notBuilt if the submission is to blame.
func (b *building) compile(ctx context.Context) (program string, err error) {
	how, c, err := build.Look(b.source)
	if err != nil {
		return "", err
	}
	if err := os.Mkdir(b.out, 0o755); err != nil {
		return "", err
	}
	switch how {
	case build.ByMake:
		var said string
		if said, err = b.run(ctx, sandbox.Command{Args: []string{"make", "-s"}, Limits: buildLimits}); err == nil {
			b.warn(warning(said))
			program, err = found(build.AfterMake(b.out))
		}
	case build.ByGo:
		err = b.goBuild(ctx)
		program = filepath.Join(b.out, "a.out")
	case build.ByCC:
		options := []string{"-Wall"}
		if apue.Needed(b.source, c...) {
			// A listing of the book builds as it stands.
			header, err := apue.Write(filepath.Join(b.source, "apue.h.d"))
			if err != nil {
				return "", err
			}
			for _, option := range header { // in the box the folder is another one
				options = append(options, strings.Replace(option, b.source+"/", "", 1))
			}
		}
		var said string
		if said, err = b.run(ctx, sandbox.Command{Args: build.CC("a.out", c, options...), Limits: buildLimits}); err == nil {
			b.warn(cmp.Or(warning(said), firstLine(said)))
		}
		program = filepath.Join(b.out, "a.out")
	default:
		program, err = found(build.Executable(b.source))
		if err == nil && !isScript(program) {
			b.e.human("there is no source: an executable file was submitted")
		}
		if err != nil && slices.ContainsFunc(namesIn(b.source), func(n string) bool { return slices.Contains([]string{".cpp", ".cc", ".cxx"}, filepath.Ext(n)) }) {
			err = &notBuilt{"there are C++ files and no Makefile: submit C, or a Makefile that builds the program"}
			b.e.human("it is in C++ without a Makefile")
		}
	}
	if err == nil {
		err = interpreted(program)
	}
	return program, err
}

// found turns the error of a search into one of the submission.
func found(program string, err error) (string, error) {
	if err != nil {
		return "", &notBuilt{err.Error()}
	}
	return program, nil
}

func namesIn(dir string) (names []string) {
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// isScript reports whether a program is a text that an interpreter reads.
func isScript(path string) bool {
	text := beginning(path, mostCompared)
	return strings.HasPrefix(text, "#!") && strings.IndexByte(text, 0) < 0
}

// warn asks a human to look at a warning, if there is one.
func (b *building) warn(line string) {
	if line != "" {
		b.e.human("the compiler warned: %s", b.g.masked(line))
	}
}

// warning returns the first line in which a compiler warned: other lines
// are a Makefile's own.
func warning(said string) string {
	for line := range strings.Lines(said) {
		if strings.Contains(line, "warning: ") {
			return strings.TrimSpace(line)
		}
	}
	return ""
}

// run runs a command of the build in the box, in a copy of the submission,
// and returns what it said on standard error.
func (b *building) run(ctx context.Context, c sandbox.Command) (said string, err error) {
	c.Input, c.Collect = b.source, b.out
	c.Isolate, c.Disposable, c.FirstOnly, c.Timeout = true, b.g.o.Disposable, true, b.g.o.BuildTime
	tool := c.Args[0]
	res, err := sandbox.Run(ctx, c)
	var notFound *sandbox.NotFound
	if errors.As(err, &notFound) {
		return "", &toolMissing{tools[tool]}
	}
	var notExecutable *sandbox.NotExecutable
	if errors.As(err, &notExecutable) {
		return "", &toolMissing{err.Error()}
	}
	if err != nil {
		return "", err
	}
	if len(res.Leftovers) > 0 && !res.TimedOut {
		b.e.human("the build left a process running, which was killed: %s", res.Leftovers[0].Comm)
	}
	output := b.g.masked(strings.TrimSpace(string(res.Stdout) + string(res.Stderr)))
	status := proc.WaitStatus(res.Status)
	switch {
	case res.MachineFull, status.Signaled() && !res.TimedOut && !res.OutOfMemory && !res.Flooded:
		return "", &machineFault{fmt.Sprintf("%s was killed while it built the program (%v)", tool, status)}
	case res.TimedOut && res.Late > res.Elapsed/10:
		return "", &machineFault{fmt.Sprintf("%s had not finished after %v, and the machine was too busy", tool, c.Timeout)}
	case res.TimedOut:
		return "", &notBuilt{fmt.Sprintf("%s had not finished after %v", tool, c.Timeout)}
	case res.OutOfMemory:
		return "", &notBuilt{fmt.Sprintf("%s needed more memory than a build gets", tool)}
	case !status.Exited() || status.ExitStatus() != 0:
		if output == "" {
			output = fmt.Sprintf("%s: %v", tool, status)
		}
		if line := notRun(output); line != "" && tool == "make" {
			return "", fmt.Errorf("make could not run a program (%s): it is not installed here, or the Makefile has a wrong name", line)
		}
		return "", &notBuilt{output}
	}
	return b.g.masked(strings.TrimSpace(string(res.Stderr))), nil
}

// notRun returns the line above the one in which make says that a command
// ended with 127, which is how a shell, and make itself, say that there is
// no such program, or with 126: it cannot be run.
func notRun(said string) string {
	above := ""
	for line := range strings.Lines(said) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "make") && strings.Contains(line, ": *** ") &&
			(strings.HasSuffix(line, " Error 126") || strings.HasSuffix(line, " Error 127")) {
			return cmp.Or(above, line)
		}
		above = line
	}
	return ""
}

// interpreted returns an error if a script's interpreter is named by way of
// env(1) and not here: only env would notice. Whose fault it is nobody can
// tell.
func interpreted(program string) error {
	f, err := os.Open(program)
	if err != nil {
		return nil // the run says why
	}
	defer f.Close()
	head := make([]byte, 256) // BINPRM_BUF_SIZE of the kernel
	n, _ := f.Read(head)
	line, _, _ := strings.Cut(string(head[:n]), "\n")
	line, script := strings.CutPrefix(line, "#!")
	words := strings.Fields(line)
	if !script || len(words) < 2 || filepath.Base(words[0]) != "env" {
		return nil
	}
	for _, w := range words[1:] {
		if strings.HasPrefix(w, "-") || strings.Contains(w, "=") {
			continue
		}
		if _, err := exec.LookPath(w); errors.Is(err, exec.ErrNotFound) || errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("its interpreter %s is not here: install it, or correct the first line of %s", w, filepath.Base(program))
		}
		return nil
	}
	return nil
}

// A gopher knows, once for each call, what Go submissions are built with.
type gopher struct {
	once sync.Once
	err  error

	root, goroot, cache, modcache string
	mod, sum                      string          // files for the suite's module
	mounts                        []sandbox.Mount // what the box shows of the suite and the modules
	requires                      string          // of the module of a submission
}

// goEnv has the go command fetch nothing, run no other compiler and
// toolchain, and take no profile.
var goEnv = []string{"CGO_ENABLED=0", "GOPROXY=off", "GOTOOLCHAIN=local", "GOWORK=off", "GOENV=off", "GOTELEMETRY=off",
	"GOSUMDB=off", "GOFLAGS=-buildvcs=false -mod=mod -pgo=off"}

// goPackages are compiled before the first submission is, so that its box
// finds them in the cache.
var goPackages = []string{"fmt", "os", "os/exec", "os/signal", "bufio", "bytes", "strings", "strconv", "errors", "io", "flag", "log",
	"sync", "syscall", "time", "sort", "slices", "runtime", "math/rand"}

// prepare looks at Go and the suite's source, if that is here.
func (p *gopher) prepare(ctx context.Context, tmp string) error {
	p.once.Do(func() { p.err = p.look(ctx, tmp) })
	return p.err
}

func (p *gopher) look(ctx context.Context, tmp string) error {
	if _, err := exec.LookPath("go"); err != nil {
		return &toolMissing{tools["go"]}
	}
	query := func(dir string, args ...string) (string, error) {
		out, err := build.Run(ctx, dir, 5*time.Minute, goEnv, append([]string{"go"}, args...)...)
		if err != nil {
			err = &toolMissing{fmt.Sprintf("Go cannot build even what no student wrote (%s): it has to be Go 1.26 or newer, "+
				"and go mod download fetches this suite's modules", oneLine(string(out)+" "+err.Error()))}
		}
		return strings.TrimSpace(string(out)), err
	}
	env, err := query(tmp, "env", "GOROOT", "GOCACHE", "GOMODCACHE")
	if err != nil {
		return err
	}
	values := strings.Split(env, "\n")
	if len(values) != 3 {
		return &toolMissing{"go env does not name GOROOT, GOCACHE and GOMODCACHE"}
	}
	p.goroot, p.cache, p.modcache = values[0], values[1], values[2]
	p.mounts = []sandbox.Mount{{From: p.cache, To: "/gocache", Overlay: true}}
	if !strings.HasPrefix(p.goroot, "/usr/") {
		p.mounts = append(p.mounts, sandbox.Mount{From: p.goroot, To: p.goroot})
	}
	packages := goPackages
	if p.root, err = build.Module(); err != nil {
		p.root = ""
		_, err = query(tmp, append([]string{"build"}, packages...)...)
		return err
	}
	// The suite's packages that submissions import, with all that these
	// need: no more of it is shown.
	packages = append(slices.Clip(packages), build.ModulePath()+"/ch8/proc", build.ModulePath()+"/ch8/stdio")
	list, err := query(p.root, append([]string{"list", "-deps", "-f",
		"{{if not .Standard}}{{.ImportPath}}\t{{.Dir}}\t{{.Module.Path}}\t{{.Module.Version}}\t{{.Module.Dir}}{{end}}"}, packages...)...)
	if err != nil {
		return err
	}
	if err := p.show(tmp, list); err != nil {
		return err
	}
	_, err = query(p.root, append([]string{"build"}, packages...)...)
	return err
}

// show makes the list of what the box shows of the suite and of modules,
// and the suite's go.mod in the box, which requires only those.
func (p *gopher) show(tmp, list string) error {
	require := map[string]string{}
	for line := range strings.Lines(list) {
		f := strings.Split(strings.TrimSpace(line), "\t")
		if len(f) != 5 {
			continue
		}
		if f[2] == build.ModulePath() {
			p.mounts = append(p.mounts, sandbox.Mount{From: f[1], To: f[1]})
		} else if require[f[2]] == "" {
			require[f[2]] = f[3]
			download := filepath.Join(p.modcache, "cache", "download", filepath.FromSlash(f[2]))
			p.mounts = append(p.mounts, sandbox.Mount{From: f[4], To: f[4]}, sandbox.Mount{From: download, To: download})
		}
	}
	for path, version := range require {
		p.requires += fmt.Sprintf("require %s %s\n", path, version)
	}
	sum, err := os.ReadFile(filepath.Join(p.root, "go.sum"))
	if err != nil {
		return err
	}
	p.mod, p.sum = filepath.Join(tmp, "suite.mod"), filepath.Join(tmp, "suite.sum")
	if err := os.WriteFile(p.mod, []byte("module "+build.ModulePath()+"\n\ngo 1.26\n\n"+p.requires), 0o644); err != nil {
		return err
	}
	if err := os.WriteFile(p.sum, sum, 0o644); err != nil {
		return err
	}
	p.mounts = append(p.mounts, sandbox.Mount{From: p.mod, To: filepath.Join(p.root, "go.mod")},
		sandbox.Mount{From: p.sum, To: filepath.Join(p.root, "go.sum")})
	return nil
}

// goBuild builds a Go package in the box. A package that imports this
// suite's fork gets the suite's source, if that is here.
func (b *building) goBuild(ctx context.Context) error {
	suite, err := onlyGo(b.source)
	if err != nil {
		return err
	}
	p := &b.g.gopher
	if err := p.prepare(ctx, b.g.tmp); err != nil {
		return err
	}
	if suite && p.root == "" {
		return &machineFault{"it imports this suite's packages: grade Go submissions in the suite's folder, the one with Makefile and go.mod"}
	}
	// The student's own go.mod may name other places.
	mod := "module submission\n\ngo 1.26\n"
	if p.root != "" {
		mod += fmt.Sprintf("require %[1]s v0.0.0\nreplace %[1]s => %[2]q\n%[3]s", build.ModulePath(), p.root, p.requires)
		sum, err := os.ReadFile(p.sum)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(b.source, "go.sum"), sum, 0o644); err != nil {
			return err
		}
	}
	if err := os.WriteFile(filepath.Join(b.source, "go.mod"), []byte(mod), 0o644); err != nil {
		return err
	}
	c := sandbox.Command{
		Args: []string{"go", "build", build.NoDWARF, "-o", "a.out", "."}, Mounts: p.mounts, Limits: goLimits,
		Env: slices.Concat(goEnv, []string{"PATH=" + filepath.Join(p.goroot, "bin") + ":/usr/bin:/bin", "HOME=/tmp", "GOTMPDIR=/tmp",
			"GOCACHE=/gocache", "GOMODCACHE=" + p.modcache}),
	}
	if !b.g.isolated {
		c.Env = append(c.Env, "GOCACHE="+p.cache)
	}
	if _, err := b.run(ctx, c); err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(b.out, "a.out")); err != nil {
		return &notBuilt{"it is not a package main"}
	}
	return os.Chmod(filepath.Join(b.out, "a.out"), 0o755)
}

// mostGo is how long a Go file of a submission can be, in bytes.
const mostGo = 1 << 20

// onlyGo refuses what the go command would not only compile, and says
// whether the suite's packages are imported.
func onlyGo(dir string) (suite bool, err error) {
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if info, err := d.Info(); err != nil || filepath.Ext(path) == ".go" && info.Size() > mostGo {
			return &notBuilt{fmt.Sprintf("%s: a Go file has at most %d MiB", d.Name(), mostGo>>20)}
		}
		imports, err := build.OnlyGo(path)
		if err != nil {
			return &notBuilt{err.Error()}
		}
		for _, i := range imports {
			suite = suite || strings.HasPrefix(i, build.ModulePath()+"/")
		}
		return nil
	})
	return suite, err
}
