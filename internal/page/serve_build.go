package page

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"apue/ch8/apue"
	"apue/internal/build"
	"apue/internal/lab"
	"apue/internal/locale"
	"apue/internal/sandbox"
	"apue/internal/show"
)

// built is a text as a program: the one that was built from it before, or
// a new one.
func (s *server) built(ctx context.Context, ext, text string, x *lab.Experiment, title string) (*prepared, error) {
	key := strings.Join([]string{x.ID(), ext, title, text}, "\x00")
	if p := s.builds.take(key); p != nil {
		return p, nil
	}
	p, err := s.builtNow(ctx, ext, text, x, title)
	if err != nil {
		return nil, err
	}
	return s.builds.keep(key, p), nil
}

// builtNow writes a text to a file of a new folder and builds it.
func (s *server) builtNow(ctx context.Context, ext, text string, x *lab.Experiment, title string) (*prepared, error) {
	b := new(build.Builder)
	dir, err := os.MkdirTemp("", "ch8-lab-")
	if err != nil {
		b.Close()
		return nil, err
	}
	file := filepath.Join(dir, x.Name+ext)
	p := &prepared{
		title: x.ID() + ": " + title, name: fileName(x, "yours"),
		remove: func() { b.Close(); os.RemoveAll(dir) },
		read: func(name string) ([]byte, error) {
			if filepath.Base(name) == x.Name+ext { // compiled in the box, where its folder is another one
				return []byte(text), nil
			}
			return nil, fs.ErrNotExist
		},
	}
	if ext == ".c" {
		s.headers(dir, x)
	}
	args := []string{file}
	err = os.WriteFile(file, []byte(text), 0o644)
	switch {
	case err != nil:
	case ext == ".c" && s.Machine: // it has no file that is worth hiding
		args, err = b.Theirs(args)
	case ext == ".c":
		args, err = s.compiled(ctx, b, dir, x.Name)
	case ext == ".go":
		args, err = s.compiledGo(ctx, b, dir)
	case ext == ".py", ext == ".sh":
		p.command.Input = dir
		args = []string{map[string]string{".py": "python3", ".sh": "sh"}[ext], x.Name + ext}
	default:
		err = fmt.Errorf("the lab runs .c, .go, .py and .sh, not %s", show.Line(ext))
	}
	if err != nil {
		p.remove()
		return nil, err
	}
	p.takes(args, s.Disposable)
	return p, nil
}

// compiled compiles a C file in the sandbox, because a C program can
// include each file that its compiler can read. It returns the command
// that runs the program.
func (s *server) compiled(ctx context.Context, b *build.Builder, dir, name string) ([]string, error) {
	var options []string
	if apue.Needed(dir, name+".c") {
		var err error
		if options, err = s.apueOptions(dir); err != nil {
			return nil, err
		}
	}
	args, err := s.inBox(ctx, b, dir, name, sandbox.Command{
		Args: build.CC(name, []string{name + ".c"}, options...), Limits: sandbox.Limits{OpenFiles: 256},
	})
	var notFound *sandbox.NotFound
	if errors.As(err, &notFound) {
		err = errors.New(locale.T("cc is not installed: install a C compiler (Debian's packages gcc and libc6-dev)"))
	}
	return args, err
}

// library is the object file of apue.h's functions. It is compiled once,
// because compiling it takes as long as compiling a program that calls them.
type library struct {
	once   sync.Once
	object []byte // nil if it could not be compiled
}

// of returns the object file, and compiles it if that was not done yet.
func (l *library) of(s *server) []byte {
	l.once.Do(func() { l.object, _ = s.compiledLibrary() })
	return l.object
}

// apueObject is the name of the object file.
const apueObject = "apue.o"

// compiledLibrary compiles the functions of apue.h as a part of a program
// would be.
func (s *server) compiledLibrary() ([]byte, error) {
	b := new(build.Builder)
	defer b.Close()
	dir, err := b.Dir()
	if err != nil {
		return nil, err
	}
	options, err := s.apueSource(dir)
	if err != nil {
		return nil, err
	}
	args, err := s.inBox(s.ctx, b, dir, apueObject, sandbox.Command{Args: build.CC(apueObject, nil, append(options, "-c")...)})
	if err != nil {
		return nil, err
	}
	return os.ReadFile(args[0])
}

// apueSource writes apue.h and its functions into a folder, and returns
// the compiler's options in the box, where that folder is the working
// directory.
func (s *server) apueSource(dir string) ([]string, error) {
	options, err := apue.Write(filepath.Join(dir, "apue"))
	for i, option := range options {
		options[i] = strings.ReplaceAll(option, dir+"/", "")
	}
	return options, err
}

// apueOptions does the same with the functions compiled already. If they
// could not be, the compiler says so about this program.
func (s *server) apueOptions(dir string) ([]string, error) {
	options, err := s.apueSource(dir)
	object := s.library.of(s)
	if err != nil || object == nil {
		return options, err
	}
	options[1] = filepath.Join("apue", apueObject)
	return options, os.WriteFile(filepath.Join(dir, options[1]), object, 0o644)
}

// compiledGo compiles a Go file in the sandbox. It returns the command that
// runs the program.
func (s *server) compiledGo(ctx context.Context, b *build.Builder, dir string) ([]string, error) {
	c, program, err := s.GoCommand(ctx, dir)
	if err != nil {
		return nil, err
	}
	return s.inBox(ctx, b, dir, program, c)
}

// inBox runs a compiler in the sandbox, in a copy of a folder, and returns
// the command that runs the program.
func (s *server) inBox(ctx context.Context, b *build.Builder, dir, program string, c sandbox.Command) ([]string, error) {
	out, err := b.Dir()
	if err != nil {
		return nil, err
	}
	c.Input, c.Collect = dir, out
	c.Isolate, c.Disposable, c.FirstOnly, c.Timeout = true, s.Disposable, true, time.Minute
	res, err := sandbox.Run(ctx, c)
	switch {
	case err != nil:
		return nil, err
	case res.TimedOut:
		return nil, errors.New(locale.T("the compiler had not finished after a minute"))
	case res.Status != 0:
		return nil, &build.Error{Output: slices.Concat(res.Stdout, res.Stderr)}
	}
	return []string{filepath.Join(out, program)}, nil
}

// headers puts the headers of the folder's C programs beside a C text,
// which may be a copy of one of them.
func (s *server) headers(dir string, x *lab.Experiment) {
	names, _ := fs.Glob(s.Files, x.Dir+"/c/*.h")
	for _, name := range names {
		if b, err := fs.ReadFile(s.Files, name); err == nil {
			os.WriteFile(filepath.Join(dir, filepath.Base(name)), b, 0o644)
		}
	}
}
