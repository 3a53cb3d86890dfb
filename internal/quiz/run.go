package quiz

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"apue/internal/build"
	"apue/internal/sandbox"
)

// A Built program can be run.
type Built struct {
	p      *Program
	dir    string
	path   string
	forced string // the program with gates; "" until it is needed
}

// limit bounds one run: the programs need some milliseconds.
const limit = 30 * time.Second

// Build compiles the program in a folder, in C ("c") or in Go ("go"): Go
// needs the source of this suite.
func (p *Program) Build(ctx context.Context, dir, language string) (*Built, error) {
	b := &Built{p: p, dir: dir, path: filepath.Join(dir, "quiz")}
	if language == "go" {
		root, err := build.Module()
		if err != nil {
			return nil, err
		}
		return b, compiled(ctx, root, filepath.Join(dir, "quiz.go"), p.Go(), "go", "build", "-o", b.path)
	}
	return b, compiled(ctx, dir, filepath.Join(dir, "quiz.c"), p.C(), "cc", "-g", "-o", b.path)
}

// compiled writes a source file and compiles it.
func compiled(ctx context.Context, dir, file, text string, command ...string) error {
	if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
		return err
	}
	if _, err := exec.LookPath(command[0]); err != nil {
		return fmt.Errorf("%s is not installed, and it compiles the programs of the quiz: install it", command[0])
	}
	said, err := build.Run(ctx, dir, 5*time.Minute, nil, append(command, file)...)
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", command[0], err, said)
	}
	return nil
}

// Run runs the program once, with a pipe as its standard output, and
// returns what it printed.
func (b *Built) Run(ctx context.Context) (string, error) {
	res, err := sandbox.Run(ctx, sandbox.Command{Args: []string{b.path}, Timeout: limit})
	if err != nil {
		return "", err
	}
	if res.TimedOut {
		return "", errors.New("the program did not end in time")
	}
	return string(res.Stdout), nil
}

// CanForce reports whether Force can make the program print this output:
// up to level Forcible it can make every one of Orders.Outputs.
func (b *Built) CanForce(output string) bool {
	_, ok := b.p.orders.witness[output]
	return ok
}

// Force makes the kernel run the processes in an order that leads to the
// output, and returns what the program printed. It compiles the program
// in C a second time, with a gate before each step that others can see.
func (b *Built) Force(ctx context.Context, output string) (string, error) {
	way, ok := b.p.orders.witness[output]
	if !ok {
		return "", fmt.Errorf("no order forces the output %s", output)
	}
	if b.forced == "" {
		path := filepath.Join(b.dir, "forced")
		if err := compiled(ctx, b.dir, path+".c", b.p.forced(), "cc", "-o", path); err != nil {
			return "", err
		}
		b.forced = path
	}
	return force(ctx, b.forced, way)
}

// force runs a program with gates along a way.
func force(ctx context.Context, path string, way []Step) (string, error) {
	dir, err := os.MkdirTemp("", "quiz-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	gates := map[string]*os.File{}
	for _, s := range way {
		if gates[s.Path] != nil {
			continue
		}
		name := filepath.Join(dir, s.Path)
		if err := syscall.Mkfifo(name, 0o600); err != nil {
			return "", err
		}
		f, err := os.OpenFile(name, os.O_RDWR, 0)
		if err != nil {
			return "", err
		}
		defer f.Close()
		gates[s.Path] = f
	}
	done, says, err := os.Pipe()
	if err != nil {
		return "", err
	}
	defer done.Close()
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	out, err := os.CreateTemp(dir, "out")
	if err != nil {
		return "", err
	}
	defer out.Close()
	cmd := exec.CommandContext(ctx, path)
	cmd.Env = append(os.Environ(), "GATES="+dir)
	cmd.Stdout, cmd.ExtraFiles = out, []*os.File{says}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	err = cmd.Start()
	says.Close()
	if err != nil {
		return "", err
	}
	defer reapGroup(cmd.Process.Pid)
	// At the deadline the first process is killed, and this ends the
	// wait for the others.
	stop := context.AfterFunc(ctx, func() { done.SetReadDeadline(time.Now()) })
	defer stop()
	err = open(gates, done, way)
	cmd.Wait()
	if err == nil {
		// The last process to end closes the pipe.
		_, err = done.Read(make([]byte, 1))
	}
	if err = ended(ctx, err); err != nil {
		return "", err
	}
	text, err := os.ReadFile(out.Name())
	return string(text), err
}

// reapGroup waits for the orphans of a forced program where this process
// adopts them: after a sandbox.Run it is a child subreaper.
func reapGroup(group int) {
	for {
		_, err := syscall.Wait4(-group, nil, 0, nil)
		if err != nil && err != syscall.EINTR {
			return
		}
	}
}

// open opens the gates along a way, each when the step before was made.
func open(gates map[string]*os.File, done *os.File, way []Step) error {
	var b [1]byte
	for _, s := range way {
		if _, err := gates[s.Path].Write([]byte{'!'}); err != nil {
			return err
		}
		if s.Ends {
			continue
		}
		if _, err := done.Read(b[:]); err != nil {
			return fmt.Errorf("process %s did not make its step: %w", s.Path, err)
		}
	}
	return nil
}

// ended is the error of a forced run: the end of the pipe is none.
func ended(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("the forced program did not end: %w", ctx.Err())
	case errors.Is(err, os.ErrDeadlineExceeded):
		return errors.New("the forced program did not end in time")
	case err != nil && !errors.Is(err, io.EOF):
		return err
	}
	return nil
}
