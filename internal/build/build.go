// Package build makes programs from sources: the suite's own experiments,
// a learner's source file or folder, and the programs that tests run.
//
// A Builder writes to a temporary folder of its own; the folder with the
// sources stays as it is. Our own programs, and those of tests, are also
// kept in a cache, because linking them takes longer than running them.
//
// Build commands are bounded in time and output, but they are not
// isolated: a Makefile runs with the rights of the user who called, and a
// C file can include every file that this user can read. Package grade
// builds the folders of strangers in the sandbox.
package build

import (
	"apue/ch8/apue"
	"apue/internal/show"

	"bytes"
	"context"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// A Builder makes programs in a temporary folder of its own, which is made
// with the first of them. The zero Builder has made none; Close removes all.
type Builder struct {
	dir string
	n   int
}

// Close removes everything that was built.
func (b *Builder) Close() {
	if b.dir != "" {
		Remove(b.dir)
	}
}

// folder returns the Builder's folder.
func (b *Builder) folder() (string, error) {
	if b.dir != "" {
		return b.dir, nil
	}
	var err error
	if b.dir, err = os.MkdirTemp("", "ch8-"); err != nil {
		return "", err
	}
	// A stranger's program runs as another user.
	return b.dir, os.Chmod(b.dir, 0o755)
}

// Dir returns a new folder of the Builder's.
func (b *Builder) Dir() (string, error) {
	all, err := b.folder()
	if err != nil {
		return "", err
	}
	b.n++
	dir := filepath.Join(all, "build"+strconv.Itoa(b.n))
	return dir, os.Mkdir(dir, 0o755)
}

// out returns the path for a new program, in a folder of its own: the
// program's name is what processes and messages show.
func (b *Builder) out(name string) (string, error) {
	dir, err := b.Dir()
	return filepath.Join(dir, name), err
}

// Module returns the folder of this suite's source: the working
// directory, or the first folder above it that has the suite's go.mod.
func Module() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		b, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err == nil && bytes.HasPrefix(b, []byte("module "+ModulePath()+"\n")) {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("our own programs are built from the suite's source: change to its folder, the one with Makefile and go.mod; check, trace, walk, draw and races also take a program of yours")
		}
		dir = parent
	}
}

// ModulePath is the path of this suite's module. An owner may have
// given it another one.
func ModulePath() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Path != "" {
		return info.Main.Path
	}
	return "apue"
}

// Ours builds the suite's own program in the folder dir ("fork") of the
// module, and returns its path.
func (b *Builder) Ours(dir string) (path string, err error) {
	all, err := b.folder()
	if err != nil {
		return "", err
	}
	path = filepath.Join(all, dir)
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	if ok, err := carried(dir, path); ok || err != nil {
		return path, err
	}
	root, err := Module()
	if err != nil {
		return "", err
	}
	err = goKept(filepath.Join(root, dir), path, []string{NoDWARF}, moduleState, func(args []string) error {
		return compile(root, dir, nil, slices.Concat([]string{"go"}, args, []string{"./" + dir})...)
	})
	return path, err
}

// Theirs returns the command that runs the learner's program in args: if
// args[0] is a folder or a source file, it is built first.
func (b *Builder) Theirs(args []string) (command []string, err error) {
	command = slices.Clone(args)
	if !strings.Contains(args[0], "/") || filepath.IsAbs(args[0]) {
		// args[0] may be an interpreter. Its script is named relative to
		// this folder, and the program will run in another one.
		for i, arg := range args[1:] {
			if info, err := os.Stat(arg); err == nil && info.Mode().IsRegular() {
				if command[i+1], err = filepath.Abs(arg); err != nil {
					return command, err
				}
			}
		}
	}
	info, err := os.Stat(args[0])
	switch {
	case err != nil:
		return command, nil // it is looked up in PATH when it is run
	case info.IsDir():
		command[0], err = b.Folder(args[0])
	case strings.HasSuffix(args[0], ".c"):
		command[0], err = b.c(filepath.Dir(args[0]), filepath.Base(args[0]))
	case strings.HasSuffix(args[0], ".go"):
		command[0], err = b.goProgram(filepath.Dir(args[0]), filepath.Base(args[0]))
	}
	return command, err
}

// How says how a folder's program is made.
type How int

// The ways to make a program. If several are possible, the first one in
// this list counts: a folder with a Makefile and C files is built by make.
const (
	ByMake How = iota
	ByGo
	ByCC
	Ready // nothing is to be built: the folder has an executable, or nothing
)

// Look finds out how the program in a folder is made, and from which C
// files if it is made by cc.
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

// isTest reports whether a Go file is not a part of the program.
func isTest(name string) bool { return strings.HasSuffix(name, "_test.go") }

// Folder builds the program in a folder, and returns its path.
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

// CC returns the command that compiles C files with these options. A file
// whose name would be an option for cc has its folder named.
func CC(out string, files []string, options ...string) []string {
	command := slices.Concat([]string{"cc", "-g", "-pthread", "-o", out}, options)
	for _, f := range files {
		if strings.HasPrefix(f, "-") || strings.HasPrefix(f, "@") {
			f = "./" + f
		}
		command = append(command, f)
	}
	return command
}

func (b *Builder) c(dir string, files ...string) (string, error) {
	out, err := b.out(strings.TrimSuffix(files[0], ".c"))
	if err != nil {
		return "", err
	}
	var options []string
	if apue.Needed(dir, files...) {
		if options, err = apue.Write(filepath.Join(b.dir, "apue")); err != nil {
			return "", err
		}
	}
	return out, compile(dir, dir, nil, CC(out, files, options...)...)
}

// NoDWARF makes go build leave out the debug information, which is half
// of the linker's work. The recorder finds source lines in the table that
// Go prints its stack traces from.
const NoDWARF = "-ldflags=-w"

// goProgram builds a Go file, or the package in a folder, without cgo.
func (b *Builder) goProgram(dir, what string) (string, error) {
	if strings.HasPrefix(what, "-") {
		return "", fmt.Errorf("%s: go takes no file whose name begins with a hyphen: give it another name", show.Line(what))
	}
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
	out, err := b.out("program")
	if err != nil {
		return "", err
	}
	return out, compile(dir, dir, []string{"CGO_ENABLED=0"}, "go", "build", "-buildvcs=false", NoDWARF, "-o", out, what)
}

// OnlyGo returns the imports of a Go file. It returns an error for a file
// with which the go command would do more than compile Go: an assembly
// file can include every readable file, an object file is linked without
// a look at it, and cgo runs a C compiler.
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

// make builds in a copy of the folder, which stays as it was.
func (b *Builder) make(dir string) (string, error) {
	work, err := b.out("make")
	if err != nil {
		return "", err
	}
	if err := os.CopyFS(work, os.DirFS(dir)); err != nil {
		return "", err
	}
	if err := compile(work, dir, nil, "make", "-s"); err != nil {
		return "", err
	}
	return AfterMake(work)
}

// AfterMake finds the program that make has built in a folder.
func AfterMake(dir string) (string, error) {
	path, err := Executable(dir)
	if errors.Is(err, errNothing) {
		err = errors.New("make succeeded, but there is no executable: the first target of the Makefile has to build the program in this folder")
	}
	return path, err
}

var errNothing = errors.New("there is nothing to build or run here: it needs a Makefile, C or Go files, or an executable")

// A NotExecutable error says that a folder has a script, and that the
// script's mode does not allow to execute it.
type NotExecutable struct{ Name string }

func (e *NotExecutable) Error() string {
	name := show.Line(e.Name)
	return fmt.Sprintf("%s is a script that nobody may execute: chmod +x %s", name, name)
}

// Is reports whether target is the error of a folder without a program.
func (e *NotExecutable) Is(target error) bool { return target == errNothing }

// Executable finds the one program in a folder: "run", or the only
// executable file.
func Executable(dir string) (string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", err
	}
	var found []string
	var script *NotExecutable
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() || source(e.Name()) {
			continue
		}
		if info.Mode()&0o111 == 0 {
			if script == nil && isScript(filepath.Join(dir, e.Name())) {
				script = &NotExecutable{e.Name()}
			}
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
		if script != nil {
			return "", script
		}
		return "", errNothing
	case 1:
		return filepath.Abs(filepath.Join(dir, found[0]))
	}
	return "", fmt.Errorf("which of %s is the program? call it run", strings.Join(found, ", "))
}

// isScript reports whether a file begins with the name of an interpreter.
func isScript(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	var b [2]byte
	_, err = io.ReadFull(f, b[:])
	return err == nil && string(b[:]) == "#!"
}

// source reports whether a file is not a program whatever its mode says:
// on some file systems every file is executable.
func source(name string) bool {
	switch filepath.Ext(name) {
	case ".c", ".h", ".cc", ".cpp", ".cxx", ".go", ".o", ".md", ".txt", ".mod", ".sum":
		return true
	}
	return strings.HasPrefix(strings.ToLower(name), "makefile")
}

// An Error says that a compiler refused its input.
type Error struct {
	Command string
	Output  []byte
	Err     error
}

func (e *Error) Error() string {
	return fmt.Sprintf("%s failed:\n%s", e.Command, bytes.TrimRight(e.Message(), "\n"))
}

var (
	// startUp is in the linker's message about what the C library's start-up
	// code calls: main is not there. The message around it is translated.
	startUp = show.Pattern(`(?s)crt1\.o.*\bmain\b|\bmain\b.*crt1\.o`)

	// ofLinker begins each line that the linker writes if nothing else is missing.
	ofLinker = show.Pattern(`(?m)^(?:.*crt1\.o.*|\(\.text\S*\):.*\bmain\b.*|collect2:.*)\n?`)
)

// Message is what the compiler said. Where main is missing, one sentence
// stands instead of the linker's lines about what no learner wrote.
func (e *Error) Message() []byte {
	if bytes.Contains(e.Output, []byte("function main is undeclared in the main package")) {
		return []byte("there is no function main: if the program has several files, give its folder\n")
	}
	if !startUp().Match(e.Output) {
		return e.Output
	}
	rest := ofLinker().ReplaceAll(e.Output, nil)
	return append([]byte("there is no function main, with which a C program begins\n"), rest...)
}

// limit is the time limit of a build. A minute would be enough for a
// compiler, but Go compiles its library the first time.
const limit = 5 * time.Minute

// compile runs a compiler in dir for the sources in the folder from,
// which messages name.
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

// Run runs a command of a build in a folder, with env added to the
// environment, and returns the beginning of its output. The command leads
// a process group of its own, which is killed when the command has ended
// or its time is over: what a Makefile starts ends with make.
func Run(ctx context.Context, dir string, limit time.Duration, env []string, args ...string) ([]byte, error) {
	timed, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	cmd := exec.CommandContext(timed, args[0], args[1:]...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	// A background process that still holds the output open is killed
	// after this time.
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
