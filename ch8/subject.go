package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"

	"apue"

	"apue/internal/build"
	"apue/internal/lab"
	"apue/internal/record"
	"apue/internal/sandbox"
	"apue/internal/show"
	"apue/internal/trace"

	"github.com/spf13/cobra"
)

// A subject is what a verb looks at: one of our experiments, somebody's
// program, or a recording.
type subject struct {
	experiment *lab.Experiment // whose roles and moments count; nil if not known
	program    []string        // a learner's command; nil for our own program
	args       []string        // arguments for our own program
	recording  string          // the name of a file; "" if there is something to run
}

// takes is the paragraph of the help on what a verb can look at.
const takes = `It takes an experiment's id, a C or Go file, a folder with a program, an
executable, a recording, or a command after --. Where a word is both an
id and a folder it is the id: ./fork is the folder. "ID -- CMD" is your
program with the roles of the experiment ID; "ID -- --OPTION" is our
program with an option. Your program runs in this folder.`

// subjectOf finds what the arguments of a verb name.
func subjectOf(c *cobra.Command, args []string) (*subject, error) {
	words, cmd := args, []string(nil)
	if n := c.ArgsLenAtDash(); n >= 0 {
		words, cmd = args[:n], args[n:]
		if len(cmd) == 0 {
			return nil, errors.New("there is nothing after --: give a program")
		}
	}
	switch {
	case len(words) == 0 && cmd == nil:
		what := "an id, a program or a recording"
		if c.Name() == "races" {
			what = "an id or a program" // a recording is one run
		}
		return nil, fmt.Errorf("%s needs %s, for example:\n%s", c.CommandPath(), what, c.Example)
	case len(words) == 0:
		return &subject{experiment: experimentOf(cmd[0]), program: cmd}, nil
	case len(words) > 1 && isID(words[0]) && isID(words[1]):
		return nil, fmt.Errorf("%s takes one id at a time: %s %s, and then %s", c.CommandPath(), c.CommandPath(), words[0], words[1])
	case len(words) > 1:
		return nil, fmt.Errorf("%s takes one id, file or folder; the arguments of a program come after --: %s -- %s", c.CommandPath(), c.CommandPath(), show.Shell(words))
	}
	word := words[0]
	if found, _ := all.Find(word); len(found) > 0 && !isPath(word) {
		s := &subject{experiment: found[0]}
		if cmd != nil && strings.HasPrefix(cmd[0], "-") {
			s.args = cmd
		} else {
			s.program, s.experiment = cmd, found[0].Theirs(cmd != nil)
		}
		return s, nil
	}
	if cmd != nil {
		return nil, fmt.Errorf("%s is not an id: before -- stands the id of an experiment, after it a command", show.Line(word))
	}
	info, err := os.Stat(word)
	switch {
	case errors.Is(err, fs.ErrPermission):
		return nil, err
	case err != nil:
		return nil, notThere(word)
	case info.IsDir(), info.Mode().IsRegular() && isProgram(word, info):
		return &subject{experiment: experimentOf(word), program: []string{lab.AsPath(word)}}, nil
	}
	return &subject{recording: word}, nil
}

// isID reports whether a word is the id of an experiment or a claim.
func isID(word string) bool {
	found, _ := all.Find(word)
	return len(found) > 0 && !isPath(word)
}

// isPath reports whether a word can only be a file's name.
func isPath(word string) bool {
	return strings.HasPrefix(word, "./") || strings.HasPrefix(word, "../") || filepath.IsAbs(word)
}

// isProgram reports whether a regular file is a program, or the source
// of one, and not a recording.
func isProgram(name string, info os.FileInfo) bool {
	switch filepath.Ext(name) {
	case ".jsonl", ".json":
		return false
	}
	return isSource(name) || info.Mode()&0o111 != 0
}

// isSource reports whether a name is that of a file with source text.
func isSource(name string) bool {
	switch filepath.Ext(name) {
	case ".c", ".go", ".py", ".sh", ".pl", ".cpp", ".cc", ".rs":
		return true
	}
	return false
}

// noSource says that there is no such file with source text.
func noSource(name string) error {
	return fmt.Errorf("the file %s does not exist: give its path as seen from this folder", show.Line(name))
}

// experimentOf is the exercise that a file or folder is named after, as
// ch8 new does it: fork-glob, or a file in a folder of that name.
func experimentOf(path string) *lab.Experiment {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil
	}
	base := filepath.Base(abs)
	for _, name := range []string{strings.TrimSuffix(base, filepath.Ext(base)), filepath.Base(filepath.Dir(abs))} {
		for _, x := range all {
			if x.Exercise && name == folderName(x) {
				return x
			}
		}
	}
	return nil
}

// folderName is what the folder of an exercise is called in a
// submission.
func folderName(x *lab.Experiment) string { return x.Dir + "-" + x.Name }

// notThere says that a word names nothing, and what to do.
func notThere(word string) error {
	if isPath(word) || filepath.Ext(word) != "" {
		return fmt.Errorf("the file %s does not exist: give its path as seen from this folder, and build it first if it is a program", show.Line(word))
	}
	if _, err := exec.LookPath(word); err == nil {
		return fmt.Errorf("there is no id and no file %q: to run the program of that name, write -- before it: -- %s", word, show.Shell([]string{word}))
	}
	return fmt.Errorf("there is no id and no file %q%s", word, meant(word))
}

// name is how messages call the subject.
func (s *subject) name() string {
	switch {
	case s.recording != "":
		return s.recording
	case s.program != nil:
		return show.Shell(s.program)
	}
	return s.experiment.ID()
}

// build makes the program of a subject that is none of a recording.
func (s *subject) build(ctx context.Context, b *build.Builder) (lab.Program, error) {
	switch {
	case s.program != nil:
		return theirs(ctx, b, s.program)
	case len(s.args) == 0:
		return toRecord(ctx, b, s.experiment)
	}
	p, err := ours(ctx, b, s.experiment)
	p.Args = append(p.Args, s.args...)
	return p, err
}

// buildNow is build for a verb that takes signals in another way when the
// program runs: it is interruptible if there is anything to compile.
func (s *subject) buildNow(b *build.Builder) (lab.Program, error) {
	ctx := context.Background()
	if s.program == nil || isSource(s.program[0]) || isFolder(s.program[0]) {
		var stop context.CancelFunc
		ctx, stop = interruptible()
		defer stop()
	}
	return s.build(ctx, b)
}

func isFolder(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}

// toRecord builds the program of an experiment that a recording shows:
// where the C program is the experiment, that one, because our Go program
// would compile it first, and a recording would show the compiler.
func toRecord(ctx context.Context, b *build.Builder, x *lab.Experiment) (lab.Program, error) {
	if _, err := exec.LookPath("cc"); !x.CMain || err != nil {
		return ours(ctx, b, x)
	}
	text, err := apue.Files.ReadFile(path.Join(x.Dir, "c", x.Name+".c"))
	if err != nil {
		return lab.Program{}, err
	}
	dir, err := b.Dir()
	if err != nil {
		return lab.Program{}, err
	}
	file := filepath.Join(dir, x.Name+".c")
	if err := os.WriteFile(file, text, 0o644); err != nil {
		return lab.Program{}, err
	}
	p, err := theirs(ctx, b, []string{file})
	p.Name, p.Ours = x.Dir+" "+x.Name, true
	return p, err
}

// theirs builds a learner's program.
func theirs(ctx context.Context, b *build.Builder, cmd []string) (lab.Program, error) {
	if isSource(cmd[0]) && !exists(cmd[0]) {
		return lab.Program{}, noSource(cmd[0])
	}
	if err := lab.Advice(cmd); err != nil {
		return lab.Program{}, err
	}
	args, err := b.Theirs(cmd)
	return lab.Program{Args: args, Name: show.Shell(cmd)}, cmp.Or(ctx.Err(), err)
}

// record returns the recording of a subject: read from the file, or made
// now, an experiment's with the arguments for its moments if no others
// are given. Where nothing can be recorded, or with replay, an
// experiment's is the one that comes with ch8.
func (s *subject) record(replay bool) (*trace.Recording, error) {
	if s.recording != "" {
		return readRecording(s.recording)
	}
	if err := record.Probe(); replay || err != nil {
		if s.program != nil {
			return nil, cmp.Or(err, errors.New("--replay is for an experiment's id: no recording of another program comes with ch8"))
		}
		return kept(s.experiment)
	}
	ctx, stop := interruptible()
	defer stop()
	b := new(build.Builder)
	defer b.Close()
	return s.recordNow(ctx, b)
}

// recordNow builds and records the program of a subject.
func (s *subject) recordNow(ctx context.Context, b *build.Builder) (*trace.Recording, error) {
	p, err := s.build(ctx, b)
	if err != nil {
		return nil, err
	}
	cmd, err := s.recorded(p)
	if err != nil {
		return nil, err
	}
	res, err := sandbox.Run(ctx, cmd)
	if err != nil {
		return nil, err
	}
	return res.Recording, nil
}

// recorded is the command of a run that is recorded: of our program with
// the arguments for its moments if no others are given, and with the words
// of which the experiment tells.
func (s *subject) recorded(p lab.Program) (sandbox.Command, error) {
	args := p.Args
	if s.program == nil && len(s.args) == 0 {
		args = append(args, s.experiment.MomentArgs...)
	}
	cmd, err := s.command(args)
	cmd.Trace = s.experiment.Shown()
	return cmd, err
}

// recordSaying is record for a verb that prints nothing until it is done:
// after a second it says on w what it does.
func (s *subject) recordSaying(w io.Writer, replay bool) (*trace.Recording, error) {
	busy := showBusy(w, "building and recording "+s.name())
	defer busy.end()
	rec, err := s.record(replay)
	if err != nil {
		return nil, err
	}
	return rec.InOrder(), nil
}

// command is how a subject is run: somebody's program in the current
// folder and environment, as trace runs it, ours in a folder of its own.
func (s *subject) command(args []string) (cmd sandbox.Command, err error) {
	cmd.Args = args
	if s.program == nil {
		cmd.Timeout = lab.OursTimeout
		return cmd, nil
	}
	cmd.Env = os.Environ()
	cmd.Dir, err = os.Getwd()
	return cmd, err
}
