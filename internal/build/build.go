// Package build makes programs out of what it is pointed at: the
// suite's own experiments, and a learner's source file, folder or
// executable. Everything is made in a temporary folder, and of our own
// programs one is kept for the next time; the folder it was made from
// is left as it was.
//
// What builds is not isolated, only bounded in time and output: a
// Makefile runs here as whoever called, and a C file includes what
// they may read. A stranger's folder is for package grade.
package build

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"apue/internal/build/kept"
	"apue/internal/lab"
	"apue/internal/sandbox"
)

// A Builder makes programs in a temporary folder of its own.
type Builder struct {
	dir string
	n   int
}

// New returns a Builder; Close removes its folder.
func New() (*Builder, error) {
	dir, err := os.MkdirTemp("", "ch8-")
	if err != nil {
		return nil, err
	}
	// A stranger's program runs as another user.
	return &Builder{dir: dir}, os.Chmod(dir, 0o755)
}

// Close removes what was built.
func (b *Builder) Close() { sandbox.Remove(b.dir) }

// out is the path of a new program.
func (b *Builder) out(name string) string {
	b.n++
	return filepath.Join(b.dir, fmt.Sprintf("%d-%s", b.n, name))
}

// Module is the folder of this suite's source, at or above the
// working directory.
func Module() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		b, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err == nil && bytes.HasPrefix(b, []byte("module apue\n")) {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("our own programs are built from the suite's source: change to its folder, the one with Makefile and go.mod, or give a program after --")
		}
		dir = parent
	}
}

// Ours builds the suite's own program of an experiment.
func (b *Builder) Ours(x *lab.Experiment) (lab.Program, error) {
	root, err := Module()
	if err != nil {
		return lab.Program{}, err
	}
	path := filepath.Join(b.dir, x.Dir)
	if _, err := os.Stat(path); err != nil {
		err := kept.GoBy(filepath.Join(root, x.Dir), path, []string{NoDWARF}, func(args []string) error {
			return compile(root, x.Dir, nil, slices.Concat([]string{"go"}, args, []string{"./" + x.Dir})...)
		})
		if err != nil {
			return lab.Program{}, err
		}
	}
	return lab.Program{Args: []string{path, x.Name}, Name: x.Dir + " " + x.Name, Ours: true}, nil
}

// Theirs makes a program of a command: an executable as it is; a
// folder or a source file is built first.
func (b *Builder) Theirs(args []string) (lab.Program, error) {
	p := lab.Program{Args: slices.Clone(args), Name: strings.Join(args, " "), Isolate: true}
	if !strings.Contains(args[0], "/") || filepath.IsAbs(args[0]) {
		// Perhaps an interpreter: its script is named from here, and
		// will run in a folder of its own.
		for i, arg := range args[1:] {
			if info, err := os.Stat(arg); err == nil && info.Mode().IsRegular() {
				if p.Args[i+1], err = filepath.Abs(arg); err != nil {
					return p, err
				}
			}
		}
	}
	info, err := os.Stat(args[0])
	switch {
	case err != nil:
		return p, nil // looked up in PATH, or refused when it is run
	case info.IsDir():
		p.Args[0], err = b.Folder(args[0])
	case strings.HasSuffix(args[0], ".c"):
		p.Args[0], err = b.c(filepath.Dir(args[0]), filepath.Base(args[0]))
	case strings.HasSuffix(args[0], ".go"):
		p.Args[0], err = b.goProgram(filepath.Dir(args[0]), filepath.Base(args[0]))
	}
	return p, err
}

// How says how a folder's program is made.
type How int

// The ways, each before those that follow it: a folder with a Makefile
// and C files is made by make.
const (
	ByMake How = iota
	ByGo
	ByCC
	Ready // an executable is there, or nothing
)

// Look finds out how the program in a folder is made, and of which C
// files, if it is.
func Look(dir string) (how How, c []string, err error) {
	entries, err := os.ReadDir(dir)
	how = Ready
	for _, e := range entries {
		switch name := e.Name(); {
		case name == "Makefile", name == "makefile":
			how = ByMake
		case strings.HasSuffix(name, ".go") && !isTest(name):
			how = min(how, ByGo)
		case strings.HasSuffix(name, ".c"):
			how = min(how, ByCC)
			c = append(c, name)
		}
	}
	if how != ByCC {
		c = nil
	}
	return how, c, err
}

// isTest says of a Go file that it is no part of the program.
func isTest(name string) bool { return strings.HasSuffix(name, "_test.go") }

// Folder builds what is in a folder.
func (b *Builder) Folder(dir string) (string, error) {
	how, c, err := Look(dir)
	if err != nil {
		return "", err
	}
	switch how {
	case ByMake:
		return b.make(dir)
	case ByGo:
		return b.goProgram(dir, ".")
	case ByCC:
		return b.c(dir, c...)
	}
	path, err := Executable(dir)
	if err != nil {
		return "", fmt.Errorf("%s: %w", dir, err)
	}
	return path, nil
}

// CC is the command that compiles C files, with more options.
func CC(out string, files []string, options ...string) []string {
	return slices.Concat([]string{"cc", "-g", "-pthread", "-o", out}, options, files)
}

func (b *Builder) c(dir string, files ...string) (string, error) {
	out := b.out(strings.TrimSuffix(files[0], ".c"))
	return out, compile(dir, dir, nil, CC(out, files)...)
}

// NoDWARF has go build leave out what a debugger needs, half of the
// linker's work: where a call was made the recorder knows from the table
// by which Go prints its stack traces.
const NoDWARF = "-ldflags=-w"

// goProgram builds a file, or a folder's package, as package grade
// does: without cgo.
func (b *Builder) goProgram(dir, what string) (string, error) {
	files := []string{what}
	if what == "." {
		entries, err := os.ReadDir(dir)
		if err != nil {
			return "", err
		}
		files = nil
		for _, e := range entries {
			if !isTest(e.Name()) {
				files = append(files, e.Name())
			}
		}
	}
	for _, f := range files {
		if _, err := OnlyGo(filepath.Join(dir, f)); err != nil {
			return "", err
		}
	}
	out := b.out("program")
	return out, compile(dir, dir, []string{"CGO_ENABLED=0"}, "go", "build", "-buildvcs=false", NoDWARF, "-o", out, what)
}

// OnlyGo returns what a Go file imports, and an error if the go
// command would do more with a file than compile Go: an assembly
// file includes any file that can be read, an object is linked as it
// is, and cgo runs a C compiler.
func OnlyGo(path string) (imports []string, err error) {
	name := filepath.Base(path)
	switch filepath.Ext(name) {
	case ".s", ".S", ".sx", ".syso", ".swig", ".swigcxx":
		return nil, fmt.Errorf("%s: a Go program is built from Go files alone: remove it, or write a Makefile", name)
	case ".go":
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return nil, nil // the compiler says it better
		}
		for _, i := range f.Imports {
			what, err := strconv.Unquote(i.Path.Value)
			if err == nil && what == "C" {
				return nil, fmt.Errorf("%s imports \"C\": a Go program is built without cgo: write that part in Go, or the program in C", name)
			}
			imports = append(imports, what)
		}
	}
	return imports, nil
}

// make builds in a copy, so that a submission is left as it was.
func (b *Builder) make(dir string) (string, error) {
	work := b.out("make")
	if err := os.CopyFS(work, os.DirFS(dir)); err != nil {
		return "", err
	}
	if err := compile(work, dir, nil, "make", "-s"); err != nil {
		return "", err
	}
	return AfterMake(work)
}

// AfterMake finds the program that make has left in a folder.
func AfterMake(dir string) (string, error) {
	path, err := Executable(dir)
	if errors.Is(err, errNothing) {
		err = errors.New("make ended well and left no executable: the first target of the Makefile has to build the program in this folder")
	}
	return path, err
}

var errNothing = errors.New("there is nothing to build or run here: it needs a Makefile, C or Go files, or an executable")

// Executable finds the one program in a folder: "run", or the only
// executable file.
func Executable(dir string) (string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", err
	}
	var found []string
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() || info.Mode()&0o111 == 0 || source(e.Name()) {
			continue
		}
		if e.Name() == "run" {
			found = []string{"run"}
			break
		}
		found = append(found, e.Name())
	}
	switch len(found) {
	case 0:
		return "", errNothing
	case 1:
		return filepath.Abs(filepath.Join(dir, found[0]))
	}
	return "", fmt.Errorf("which of %s is the program? call it run", strings.Join(found, ", "))
}

// source reports whether the file is no program whatever its mode
// says: some file systems make everything executable.
func source(name string) bool {
	switch filepath.Ext(name) {
	case ".c", ".h", ".go", ".o", ".md", ".txt", ".mod", ".sum":
		return true
	}
	return strings.HasPrefix(strings.ToLower(name), "makefile")
}

// An Error is what a compiler said.
type Error struct {
	Command string
	Output  []byte
	Err     error
}

func (e *Error) Error() string {
	return fmt.Sprintf("%s failed:\n%s", e.Command, bytes.TrimRight(e.Output, "\n"))
}

// limit is what a compiler gets. A minute would be enough for it,
// but Go compiles its library the first time.
const limit = 5 * time.Minute

// compile runs a compiler in dir, for what is in the folder called
// from.
func compile(dir, from string, env []string, args ...string) error {
	if _, err := exec.LookPath(args[0]); err != nil {
		return fmt.Errorf("%s is not installed, and it is needed to build %s: install it, or build the program yourself and give the executable", args[0], from)
	}
	// The terminal sends its signals to our process group only.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	out, err := Run(ctx, dir, limit, env, args...)
	if dir != from {
		out = bytes.ReplaceAll(out, []byte(dir+"/"), nil)
	}
	var status *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("%s was interrupted", args[0])
	case errors.As(err, &status):
		return &Error{args[0], out, err}
	}
	return err
}

// Run runs a command of a build in a folder, with more environment,
// and returns the beginning of what it says. It leads a process
// group of its own, which is killed if it has not finished when the
// time is over, and also when it has: what a Makefile starts ends
// with make.
func Run(ctx context.Context, dir string, limit time.Duration, env []string, args ...string) ([]byte, error) {
	timed, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	cmd := exec.CommandContext(timed, args[0], args[1:]...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	// What it leaves in the background has its output open, and is
	// killed only then.
	cmd.WaitDelay = time.Second
	var out beginning
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	if cmd.Process != nil {
		syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	}
	switch {
	case err == nil, errors.Is(err, exec.ErrWaitDelay):
		return out.bytes(), nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case timed.Err() != nil:
		return nil, fmt.Errorf("%s had not finished after %v and was killed", args[0], limit)
	}
	return out.bytes(), err
}

// beginning keeps the first bytes that are written to it.
type beginning struct {
	kept []byte
	more int
}

func (b *beginning) Write(p []byte) (int, error) {
	n := min(len(p), 64<<10-len(b.kept))
	b.kept = append(b.kept, p[:n]...)
	b.more += len(p) - n
	return len(p), nil
}

func (b *beginning) bytes() []byte {
	if b.more == 0 {
		return b.kept
	}
	return fmt.Appendf(b.kept, "\n… and %d bytes more\n", b.more)
}
