package grade

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"apue/ch8/build"
	"apue/ch8/proc"
	"apue/ch8/sandbox"
)

// A notBuilt error is what a compiler said of a submission.
type notBuilt struct{ said string }

func (e *notBuilt) Error() string { return e.said }

// compile builds what is in dir, a copy of an exercise's folder, and
// returns the program and the compiler's warnings.
func compile(ctx context.Context, dir string, limit time.Duration) (program string, warnings string, err error) {
	var sources []string
	goFiles, makefile := false, false
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", "", err
	}
	for _, e := range entries {
		switch name := e.Name(); {
		case strings.HasSuffix(name, ".c"):
			sources = append(sources, name)
		case strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go"):
			goFiles = true
		case name == "Makefile", name == "makefile":
			makefile = true
		}
	}
	switch {
	case makefile:
		warnings, err = isolated(ctx, dir, limit, "make", "-s")
		if err == nil {
			program, err = build.Executable(dir)
		}
	case goFiles:
		program = filepath.Join(dir, "a.out")
		err = goBuild(ctx, dir, limit, program)
	case len(sources) > 0:
		program = filepath.Join(dir, "a.out")
		args := append([]string{"cc", "-g", "-Wall", "-pthread", "-o", "a.out"}, sources...)
		warnings, err = isolated(ctx, dir, limit, args...)
	default:
		program, err = build.Executable(dir)
	}
	var failed *notBuilt
	if err != nil && !errors.As(err, &failed) {
		var refusal *sandbox.Refusal
		if errors.As(err, &refusal) || ctx.Err() != nil {
			return "", "", err
		}
		err = &notBuilt{err.Error()}
	}
	return program, warnings, err
}

// isolated runs a command of the build as a stranger's program.
func isolated(ctx context.Context, dir string, limit time.Duration, args ...string) (said string, err error) {
	res, err := sandbox.Run(ctx, sandbox.Command{Args: args, Dir: dir, Timeout: limit, Isolate: true})
	if err != nil {
		return "", err
	}
	said = strings.TrimSpace(string(res.Stdout) + string(res.Stderr))
	said = strings.ReplaceAll(said, dir+"/", "")
	switch status := proc.WaitStatus(res.Status); {
	case res.TimedOut:
		return "", &notBuilt{fmt.Sprintf("%s had not finished after %v", args[0], limit)}
	case !status.Exited() || status.ExitStatus() != 0:
		if said == "" {
			said = fmt.Sprintf("%s: %v", args[0], status)
		}
		return "", &notBuilt{said}
	}
	return said, nil
}

// goBuild builds a Go package. One that imports this suite's fork
// is given the suite's source, if we have it.
func goBuild(ctx context.Context, dir string, limit time.Duration, out string) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if err := goModule(ctx, dir); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, "go", "build", "-mod=mod", "-o", out, ".")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-buildvcs=false", "GOPROXY=off", "GOTOOLCHAIN=local", "GOWORK=off")
	said, err := cmd.CombinedOutput()
	if err != nil {
		said = bytes.TrimSpace(bytes.ReplaceAll(said, []byte(dir+"/"), nil))
		if len(said) == 0 {
			said = []byte(err.Error())
		}
		return &notBuilt{string(said)}
	}
	return os.Chmod(out, 0o755)
}

// goModule makes the folder a module: the student's own go.mod may
// name other places, or run another toolchain.
func goModule(ctx context.Context, dir string) error {
	mod := "module submission\n\ngo 1.26\n"
	if root, err := build.Module(); err == nil {
		suite, err := os.ReadFile(filepath.Join(root, "go.mod"))
		if err != nil {
			return err
		}
		_, requires, _ := bytes.Cut(suite, []byte("\ngo 1.26\n"))
		mod += fmt.Sprintf("require apue v0.0.0\nreplace apue => %s\n%s", root, requires)
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
