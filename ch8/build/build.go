// Package build makes programs out of what it is pointed at: the
// suite's own experiments, and a learner's source file, folder or
// executable. Everything is made in a temporary folder; the folder
// it was made from is left as it was.
package build

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"apue/ch8/lab"
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
func (b *Builder) Close() { os.RemoveAll(b.dir) }

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
		if err := compile(root, "go", "build", "-buildvcs=false", "-o", path, "./"+x.Dir); err != nil {
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

// Folder builds what is in a folder: by its Makefile, a Go
// package, C sources, or an executable that is there already.
func (b *Builder) Folder(dir string) (string, error) {
	switch {
	case exists(dir, "Makefile"), exists(dir, "makefile"):
		return b.make(dir)
	case len(glob(dir, "*.go")) > 0:
		return b.goProgram(dir, ".")
	}
	if c := glob(dir, "*.c"); len(c) > 0 {
		return b.c(dir, c...)
	}
	return Executable(dir)
}

func (b *Builder) c(dir string, files ...string) (string, error) {
	out := b.out(strings.TrimSuffix(files[0], ".c"))
	return out, compile(dir, append([]string{"cc", "-g", "-pthread", "-o", out}, files...)...)
}

func (b *Builder) goProgram(dir, what string) (string, error) {
	out := b.out("program")
	return out, compile(dir, "go", "build", "-buildvcs=false", "-o", out, what)
}

// make builds in a copy, so that a submission is left as it was.
func (b *Builder) make(dir string) (string, error) {
	work := b.out("make")
	if err := os.CopyFS(work, os.DirFS(dir)); err != nil {
		return "", err
	}
	if err := compile(work, "make", "-s"); err != nil {
		return "", err
	}
	return Executable(work)
}

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
		return "", fmt.Errorf("%s: there is nothing to build or run here: it needs a Makefile, C or Go files, or an executable", dir)
	case 1:
		return filepath.Abs(filepath.Join(dir, found[0]))
	}
	return "", fmt.Errorf("%s: which of %s is the program? call it run", dir, strings.Join(found, ", "))
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

func exists(dir, name string) bool {
	_, err := os.Stat(filepath.Join(dir, name))
	return err == nil
}

// glob lists the names in a folder that match, tests left out.
func glob(dir, pattern string) []string {
	paths, _ := filepath.Glob(filepath.Join(dir, pattern))
	var names []string
	for _, p := range paths {
		if !strings.HasSuffix(p, "_test.go") {
			names = append(names, filepath.Base(p))
		}
	}
	return names
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

// compile runs a compiler in a folder.
func compile(dir string, args ...string) error {
	if _, err := exec.LookPath(args[0]); err != nil {
		return fmt.Errorf("%s is not installed, and it is needed to build %s: install it, or build the program yourself and give the executable", args[0], dir)
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		return &Error{args[0], out, err}
	}
	return nil
}
