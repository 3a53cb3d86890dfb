package grade

import (
	"apue/ch8/apue"

	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"apue/ch8/proc"
	"apue/internal/build"
	"apue/internal/sandbox"
)

// A notBuilt error is what a compiler said of a submission.
type notBuilt struct{ said string }

func (e *notBuilt) Error() string { return e.said }

// A lacking error is what this machine lacks: no student is to
// blame, and there is nothing to grade before it is mended.
type lacking struct{ what string }

func (e *lacking) Error() string { return e.what }

// tools are what we build with, and where they come from.
var tools = map[string]string{
	"cc":   "cc is not installed: install a C compiler (Debian's packages gcc and libc6-dev)",
	"make": "make is not installed: install make",
	"go":   "go is not installed: install Go 1.26",
}

// ofTheMachine tells such errors from those about one submission.
func ofTheMachine(err error) bool {
	var l *lacking
	var refusal *sandbox.Refusal
	return errors.As(err, &l) || errors.As(err, &refusal)
}

// compile builds what is in dir, a copy of an exercise's folder, and
// returns the program and the compiler's first warning. The error
// is a notBuilt one if the submission is to blame.
func compile(ctx context.Context, dir string, limit time.Duration) (program string, warning string, err error) {
	find := func(look func(string) (string, error)) error {
		path, err := look(dir)
		if err != nil {
			return &notBuilt{err.Error()}
		}
		program = path
		return nil
	}
	how, c, err := build.Look(dir)
	if err != nil {
		return "", "", err
	}
	switch how {
	case build.ByMake:
		var said string
		if said, err = isolated(ctx, dir, limit, "make", "-s"); err == nil {
			warning = warns(said)
			err = find(build.AfterMake)
		}
	case build.ByGo:
		program = filepath.Join(dir, "a.out")
		err = goBuild(ctx, dir, limit, program)
	case build.ByCC:
		program = filepath.Join(dir, "a.out")
		options := []string{"-Wall"}
		if apue.Needed(dir, c...) {
			header, err := apue.Write(filepath.Join(dir, "apue.h.d"))
			if err != nil {
				return "", "", err
			}
			options = append(options, header...)
		}
		var said string
		if said, err = isolated(ctx, dir, limit, build.CC("a.out", c, options...)...); err == nil {
			if warning = warns(said); warning == "" {
				warning = firstLine(said)
			}
		}
	default:
		err = find(build.Executable)
	}
	if err == nil {
		err = interpreted(program)
	}
	return program, warning, err
}

// warns returns the first line in which a compiler warned: what else
// a Makefile prints is no warning.
func warns(said string) string {
	for line := range strings.Lines(said) {
		if strings.Contains(line, "warning: ") {
			return strings.TrimSpace(line)
		}
	}
	return ""
}

// isolated runs a command of the build as a stranger's program, and
// returns what it said on standard error.
func isolated(ctx context.Context, dir string, limit time.Duration, args ...string) (said string, err error) {
	res, err := sandbox.Run(ctx, sandbox.Command{Args: args, Dir: dir, Timeout: limit, Isolate: true})
	var notFound *sandbox.NotFound
	if errors.As(err, &notFound) {
		return "", &lacking{tools[args[0]]}
	}
	var notExecutable *sandbox.NotExecutable
	if errors.As(err, &notExecutable) {
		return "", &lacking{err.Error()}
	}
	if err != nil {
		return "", err
	}
	clean := func(b ...[]byte) string {
		return strings.TrimSpace(strings.ReplaceAll(string(bytes.Join(b, nil)), dir+"/", ""))
	}
	switch status := proc.WaitStatus(res.Status); {
	case res.TimedOut:
		return "", &notBuilt{fmt.Sprintf("%s had not finished after %v", args[0], limit)}
	case !status.Exited() || status.ExitStatus() != 0:
		said := clean(res.Stdout, res.Stderr)
		if said == "" {
			said = fmt.Sprintf("%s: %v", args[0], status)
		}
		if args[0] == "make" {
			if line := notRunByMake(said); line != "" {
				return "", fmt.Errorf("make could not run a program (%s): it is not installed here, or the Makefile has a wrong name", line)
			}
		}
		return "", &notBuilt{said}
	}
	return clean(res.Stderr), nil
}

// notRunByMake returns the line above the one in which make says
// that a command ended with 127, which is how a shell, and make
// itself, say that there is none, or with 126: it can not be run.
// That is said also where PATH has a folder that is closed to a
// stranger.
func notRunByMake(said string) string {
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

// interpreted returns an error if a script's interpreter is named
// by way of env(1) and not here: only env would notice. Whose fault
// it is can not be told.
func interpreted(program string) error {
	f, err := os.Open(program)
	if err != nil {
		return nil // who runs it says why
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

// goEnv has the go command fetch nothing and run no other compiler.
var goEnv = []string{"CGO_ENABLED=0", "GOFLAGS=-buildvcs=false", "GOPROXY=off", "GOTOOLCHAIN=local", "GOWORK=off"}

// goBuild builds a Go package. One that imports this suite's fork
// is given the suite's source, if we have it. The go command is not
// isolated: it needs its cache, and the modules of whoever grades.
func goBuild(ctx context.Context, dir string, limit time.Duration, out string) error {
	if _, err := exec.LookPath("go"); err != nil {
		return &lacking{tools["go"]}
	}
	suite, err := onlyGo(dir)
	if err != nil {
		return err
	}
	root, err := build.Module()
	if err != nil && suite {
		return &lacking{"it imports this suite's packages: grade Go submissions in the suite's folder, the one with Makefile and go.mod"}
	}
	if err := goModule(root, dir); err != nil {
		return err
	}
	said, err := build.Run(ctx, dir, limit, goEnv, "go", "build", "-mod=mod", build.NoDWARF, "-o", out, ".")
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		// Without the submission: where that fails too it is Go
		// itself, or the modules, that are not here.
		probe := []string{"go", "build", "-mod=mod", "errors"}
		if root != "" {
			probe = append(probe[:3], "apue/ch8/proc", "apue/ch8/stdio")
		}
		if said, err := build.Run(ctx, dir, limit, goEnv, probe...); err != nil && ctx.Err() == nil {
			return &lacking{fmt.Sprintf("Go can not build even what no student wrote (%s): it has to be Go 1.26 or newer, and go mod download fetches this suite's modules", oneLine(string(said)+" "+err.Error()))}
		}
		said = bytes.TrimSpace(bytes.ReplaceAll(said, []byte(dir+"/"), nil))
		if len(said) == 0 {
			said = []byte(err.Error())
		}
		return &notBuilt{string(said)}
	}
	if _, err := os.Stat(out); err != nil {
		return &notBuilt{"it is no package main"}
	}
	return os.Chmod(out, 0o755)
}

// onlyGo refuses what the go command would not only compile, and
// says whether the suite's packages are imported.
func onlyGo(dir string) (suite bool, err error) {
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		imports, err := build.OnlyGo(path)
		if err != nil {
			return &notBuilt{err.Error()}
		}
		for _, i := range imports {
			suite = suite || strings.HasPrefix(i, "apue/")
		}
		return nil
	})
	return suite, err
}

// goModule makes the folder a module: the student's own go.mod may
// name other places, or run another toolchain. root is the suite's
// folder, if it is known.
func goModule(root, dir string) error {
	mod := "module submission\n\ngo 1.26\n"
	if root != "" {
		suite, err := os.ReadFile(filepath.Join(root, "go.mod"))
		if err != nil {
			return err
		}
		_, requires, _ := bytes.Cut(suite, []byte("\ngo 1.26\n"))
		mod += fmt.Sprintf("require apue v0.0.0\nreplace apue => %q\n%s", root, requires)
		sum, err := os.ReadFile(filepath.Join(root, "go.sum"))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, "go.sum"), sum, 0o644); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(dir, "go.mod"), []byte(mod), 0o644)
}
