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
	"slices"
	"strings"
	"sync"

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
	digest string // of its files
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
		program = filepath.Join(b.out, GoProgram)
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
		if said, err = b.cc(ctx, build.CC("a.out", c, options...)); err == nil {
			b.warn(cmp.Or(warning(said), firstLine(said)))
		}
		program = filepath.Join(b.out, "a.out")
	default:
		program, err = build.Executable(b.source)
		var text *build.NotExecutable
		if errors.As(err, &text) {
			b.e.human("%v", err) // a zip file may have lost the mode
		}
		program, err = found(program, err)
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
	var opens *opener
	if tool != "go" { // it compiles no other files than those of the folder
		opens = b.g.watchOpens(&c)
	}
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
	if len(res.Leftovers) > 0 && !res.TimedOut && !res.Flooded {
		b.e.human("the build left a process running, which was killed: %s", res.Leftovers[0].Comm)
	}
	opens.tell(b.e, "the build")
	output := b.g.masked(strings.TrimSpace(string(res.Stdout) + string(res.Stderr)))
	status := proc.WaitStatus(res.Status)
	switch {
	case res.MachineFull, status.Signaled() && !res.TimedOut && !res.OutOfMemory && !res.Flooded:
		return "", &machineFault{fmt.Sprintf("%s was killed while it built the program (%v)", tool, status)}
	case res.TimedOut && b.g.wasBusy(res):
		return "", &machineFault{fmt.Sprintf("%s had not finished after %v, and the machine was too busy", tool, c.Timeout)}
	case res.TimedOut:
		return "", &notBuilt{fmt.Sprintf("%s had not finished after %v", tool, c.Timeout)}
	case res.Flooded:
		return "", &notBuilt{fmt.Sprintf("%s was ended because it said too much: %s", tool, output)}
	case res.OutOfMemory:
		return "", &notBuilt{fmt.Sprintf("%s needed more memory than a build gets", tool)}
	case !status.Exited() || status.ExitStatus() != 0:
		if output == "" {
			output = fmt.Sprintf("%s: %v", tool, status)
		}
		if line := notRun(output); line != "" && tool == "make" {
			return "", fmt.Errorf("make could not run a program (%s): it is not installed here, or the Makefile has a wrong name", line)
		}
		said := (&build.Error{Output: []byte(output)}).Message() // of a missing main in one sentence
		return "", &notBuilt{strings.TrimSpace(string(said))}
	case res.FilesLeft:
		return "", &notBuilt{tool + " made too many files, or too long ones, or folders that are too deep"}
	}
	return b.g.masked(strings.TrimSpace(string(res.Stderr))), nil
}

// compiled keeps what the C compiler made of folders, by their digests: one
// that holds the same files, as the unchanged starter of a course, has the
// same program. It stays in memory, because a full disk is the machine's
// fault, and is small.
type compiled struct {
	mu    sync.Mutex
	known map[string]compilation
	size  int
}

type compilation struct {
	program []byte
	said    string
}

// mostCompiled is how many bytes of programs are kept.
const mostCompiled = 8 << 20

// cc compiles the folder, unless its program is known. A build after which
// somebody has to look at more than a warning is done each time.
func (b *building) cc(ctx context.Context, args []string) (said string, err error) {
	known := &b.g.compiled
	known.mu.Lock()
	c, ok := known.known[b.digest]
	known.mu.Unlock()
	program := filepath.Join(b.out, "a.out")
	if ok {
		if _, err := copyTree(b.source, b.out); err != nil {
			return "", err
		}
		os.Remove(program) // one that was submitted, and cannot be executed
		return c.said, build.CopyProgram(program, bytes.NewReader(c.program), 0o755)
	}
	asked := len(b.e.Human)
	if said, err = b.run(ctx, sandbox.Command{Args: args, Limits: buildLimits}); err != nil || !b.g.isolated || len(b.e.Human) > asked {
		return said, err
	}
	text, err := os.ReadFile(program)
	if err != nil {
		return said, nil // the run says that there is none
	}
	known.mu.Lock()
	defer known.mu.Unlock()
	if known.size += len(text); known.known == nil || known.size > mostCompiled {
		known.known, known.size = map[string]compilation{}, len(text)
	}
	known.known[b.digest] = compilation{text, said}
	return said, nil
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

// goBuild builds a Go package in the box.
func (b *building) goBuild(ctx context.Context) error {
	c, err := b.g.gopher.Command(ctx, b.source, b.g.tmp, b.g.isolated)
	if err != nil {
		return err
	}
	if _, err := b.run(ctx, c); err != nil {
		return err
	}
	program := filepath.Join(b.out, GoProgram)
	if _, err := os.Stat(program); err != nil {
		return &notBuilt{"it is not a package main"}
	}
	return os.Chmod(program, 0o755)
}
