package page

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"apue/internal/build"
	"apue/internal/lab"
	"apue/internal/locale"
	"apue/internal/sandbox"
	"apue/internal/show"
	"apue/internal/trace"
)

// run is a recording that the server keeps, and what its page shows
// beside it.
type run struct {
	recording *trace.Recording
	options   Options
	name      string // of the file that a download makes
}

// languages are those that the page can write, and what a file in them
// is called.
var languages = []struct{ Name, Label, Ext string }{
	{"c", "C", ".c"}, {"go", "Go", ".go"}, {"python", "Python", ".py"}, {"sh", "shell", ".sh"},
}

// what is run: a text of the learner, the file that the page follows,
// our own program or its twin in C.
type request struct {
	ID       string `json:"id"`
	What     string `json:"what"` // "text", "file", "ours", "twin"
	Language string `json:"language"`
	Text     string `json:"text"`
	Stdout   string `json:"stdout"` // "pipe", "file", "pty"
	Claim    string `json:"claim"`
}

// message is a line of a compiler.
type message struct {
	Line int    `json:"line"` // 0 if it names none
	Text string `json:"text"`
}

// experimentOf returns the experiment that a request names.
func (s *server) experimentOf(id string) *lab.Experiment {
	for _, x := range s.Experiments {
		if x.ID() == id {
			return x
		}
	}
	return nil
}

// A refused request is one that this lab's own page does not make.
type refused struct {
	status int // of HTTP
	text   string
}

func (r *refused) Error() string { return r.text }

// inTurn answers a request when it is its turn.
func (s *server) inTurn(ctx context.Context, in *request, do func(context.Context, *request, *lab.Experiment) (map[string]any, error)) (map[string]any, error) {
	x := s.experimentOf(in.ID)
	if x == nil {
		return nil, &refused{404, "there is no such experiment"}
	}
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	out, err := do(ctx, in, x)
	if no := (*refused)(nil); err != nil && !errors.As(err, &no) {
		return s.failed(err), nil
	}
	return out, err
}

// machineLimits are those of a run in a browser tab: what a processor
// records in a moment takes an emulated one minutes.
var machineLimits = sandbox.Limits{Processes: 64, Events: 4_000, Recording: 4 << 20}

// run runs a program in the sandbox and shows its recording.
func (s *server) run(ctx context.Context, in *request, x *lab.Experiment) (map[string]any, error) {
	stdout, ok := map[string]sandbox.Stdout{"pipe": sandbox.Pipe, "": sandbox.Pipe, "file": sandbox.File, "pty": sandbox.Pty}[in.Stdout]
	if !ok {
		return nil, &refused{400, "standard output is pipe, file or pty"}
	}
	if s.CannotRecord != nil {
		return s.replay(x, in)
	}
	p, err := s.prepare(ctx, in, x)
	if err != nil {
		return nil, err
	}
	defer p.remove()
	p.command.Stdout, p.command.Timeout = stdout, s.Limit
	if s.Machine {
		p.command.Limits = machineLimits
	}
	// A program can name any file as its source: only its own text is read.
	p.command.Trace = x.Shown()
	p.command.Trace.Source = p.read
	start := time.Now()
	res, err := sandbox.Run(ctx, p.command)
	if err != nil {
		return nil, err
	}
	out := map[string]any{
		"took": time.Since(start).Milliseconds(), "timedOut": res.TimedOut, "flood": show.Line(res.Flood), "isolated": res.Isolated,
	}
	s.show(out, &run{res.Recording, Options{Title: p.title, Experiment: x.Theirs(in.What == "text" || in.What == "file"), Read: p.read}, p.name})
	return out, nil
}

// replay answers with the recording that comes with the suite, where
// nothing can be recorded.
func (s *server) replay(x *lab.Experiment, in *request) (map[string]any, error) {
	if in.What != "ours" {
		return nil, fmt.Errorf("nothing can be recorded here: %w", s.CannotRecord)
	}
	rec, err := s.Replay(x)
	if err != nil {
		return nil, err
	}
	out := map[string]any{"replayed": true}
	s.show(out, &run{rec, Options{Title: locale.Sprintf("%s (a recording that comes with the suite)", x.ID()), Experiment: x, Read: s.ourText}, fileName(x, "recording")})
	return out, nil
}

// show puts into an answer where the page of a run is. The machine of a
// browser tab sends what the page shows at once.
func (s *server) show(out map[string]any, r *run) {
	if s.Machine {
		out["content"] = newContent(r.recording, r.options)
	} else {
		out["page"] = "/runs/" + strconv.Itoa(s.keep(r))
	}
}

// keep stores a run and returns its number.
func (s *server) keep(r *run) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last++
	s.runs[s.last] = r
	delete(s.runs, s.last-keptRuns)
	return s.last
}

func fileName(x *lab.Experiment, what string) string {
	return x.Dir + "-" + x.Name + "-" + what + ".html"
}

// prepared is a program that can be run.
type prepared struct {
	command sandbox.Command
	program lab.Program
	title   string
	name    string
	read    func(file string) ([]byte, error) // the program's text
	remove  func()
}

// prepare builds what a request names. It writes only to folders of its
// own.
func (s *server) prepare(ctx context.Context, in *request, x *lab.Experiment) (*prepared, error) {
	what := in.What
	if what == "ours" && s.Machine {
		what = "twin"
	}
	switch what {
	case "ours":
		path, err := s.Program(x)
		if err != nil { // without the suite's source, or Go, there is the twin
			if twin, no := s.twin(ctx, x); no == nil {
				return twin, nil
			}
			return nil, err
		}
		p := &prepared{title: x.ID(), name: fileName(x, "ours"), read: s.ourText, remove: func() {}}
		p.takes([]string{path, x.Name}, s.Disposable)
		p.command.Args = append(p.command.Args, x.MomentArgs...) // a check takes none
		return p, nil
	case "twin":
		return s.twin(ctx, x)
	case "file":
		if s.Follow == "" {
			return nil, errors.New("no file is followed: ch8 serve FILE does that")
		}
		text, err := os.ReadFile(s.Follow)
		if err != nil {
			return nil, err
		}
		return s.built(ctx, filepath.Ext(s.Follow), string(text), x, filepath.Base(s.Follow))
	case "text":
		for _, l := range languages {
			if l.Name == in.Language {
				return s.built(ctx, l.Ext, in.Text, x, locale.T("yours"))
			}
		}
		return nil, errors.New("the languages are C, Go, Python and shell")
	}
	return nil, errors.New("what is run is text, file, ours or twin")
}

// twin builds the experiment's twin in C.
func (s *server) twin(ctx context.Context, x *lab.Experiment) (*prepared, error) {
	text, err := fs.ReadFile(s.Files, x.Dir+"/c/"+x.Name+".c")
	if err != nil {
		return nil, fmt.Errorf("%s has no twin in C", x.ID())
	}
	p, err := s.built(ctx, ".c", string(text), x, "in C")
	if err == nil {
		p.title = locale.Sprintf("%s in C", x.ID())
	}
	return p, err
}

// takes sets the command. A program of the lab is treated as a
// stranger's, also when it is ours.
func (p *prepared) takes(args []string, disposable bool) {
	p.command.Args, p.command.Isolate, p.command.Disposable = args, true, disposable
	p.program = lab.Program{Args: args, Name: p.title, Isolate: true, Disposable: disposable, Source: p.read}
}

// ourText is the text of a file of the suite, as the recorder names it:
// "fork/glob.go", or that at the end of a path.
func (s *server) ourText(file string) ([]byte, error) {
	parts := strings.Split(filepath.ToSlash(file), "/")
	for n := min(3, len(parts)); n >= 2; n-- {
		if b, err := fs.ReadFile(s.Files, strings.Join(parts[len(parts)-n:], "/")); err == nil {
			return b, nil
		}
	}
	return nil, fs.ErrNotExist
}

// compilerLine is a message of a C or Go compiler about a line.
var compilerLine = show.Pattern(`^(?:\./)?[^\s:]+\.(?:c|go|h):(\d+):(?:\d+:)? ?(.*)$`)

// failed is the answer for an error: that of a compiler line by line.
func (s *server) failed(err error) map[string]any {
	var b *build.Error
	if errors.As(err, &b) {
		return map[string]any{"error": locale.T("The program does not compile."), "messages": messages(b.Message())}
	}
	if s.ctx.Err() != nil || errors.Is(err, context.Canceled) {
		err = errors.New("the lab is being closed")
	}
	return map[string]any{"error": show.Text(err.Error())}
}

// messages takes a compiler's output apart.
func messages(output []byte) []message {
	var all []message
	for line := range strings.Lines(string(output)) {
		line = strings.TrimRight(line, "\n")
		if m := compilerLine().FindStringSubmatch(line); m != nil {
			n, _ := strconv.Atoi(m[1])
			all = append(all, message{n, show.Line(m[2])})
		} else if strings.TrimSpace(line) != "" {
			all = append(all, message{0, show.Text(line)})
		}
		if len(all) == 200 {
			break
		}
	}
	return all
}

// result is the verdict on a claim.
type result struct {
	Name     string     `json:"name"`
	Says     string     `json:"says"`
	Status   lab.Status `json:"status"`
	Observed string     `json:"observed,omitempty"`
	Means    string     `json:"means,omitempty"`
	Reason   string     `json:"reason,omitempty"`
	After    string     `json:"after,omitempty"`
	Remarks  []string   `json:"remarks,omitempty"`
	Ref      string     `json:"ref"`
	Line     int        `json:"line,omitempty"` // of the program that the verdict names
}

// check judges a program, and answers with a verdict on each claim and
// the page of the run that decided.
func (s *server) check(ctx context.Context, in *request, x *lab.Experiment) (map[string]any, error) {
	if s.CannotRecord != nil {
		return nil, fmt.Errorf("nothing can be checked here: %w", s.CannotRecord)
	}
	if !x.Exercise && in.What != "ours" && in.What != "twin" {
		return nil, fmt.Errorf("%s is an experiment to run and read, not an exercise", x.ID())
	}
	p, err := s.prepare(ctx, in, x)
	if err != nil {
		return nil, err
	}
	defer p.remove()
	p.program.Ours = in.What == "ours" || in.What == "twin"
	bench := lab.Bench{Experiment: x, Program: p.program, Timeout: s.Limit}
	rep, err := bench.Check(ctx, in.Claim)
	if err != nil {
		return nil, err
	}
	if !p.program.Ours {
		s.Note(rep) // progress that cannot be kept is not worth an error here
	}
	return s.report(x, p, rep), nil
}

// namedLine is a line of the program in a verdict.
var namedLine = show.Pattern(`[\w-]+\.(?:c|go|py|sh):(\d+)`)

func (s *server) report(x *lab.Experiment, p *prepared, rep *lab.Report) map[string]any {
	var results []result
	var decided *lab.Observation
	for _, r := range rep.Results {
		out := result{
			Name: r.Claim.Name, Says: locale.T(r.Claim.Says), Status: r.Status, Ref: locale.Ref(x.ClaimRef(r.Claim)), After: r.After,
			Observed: show.Text(r.Observed), Means: show.Text(r.Means), Reason: show.Text(r.Reason),
		}
		for _, remark := range r.Remarks {
			out.Remarks = append(out.Remarks, show.Text(remark))
		}
		if m := namedLine().FindStringSubmatch(r.Observed + " " + r.Means); m != nil {
			out.Line, _ = strconv.Atoi(m[1])
		}
		if bad := r.Status == lab.Fail || r.Status == lab.Timeout; r.On != nil && r.On.Recording != nil && (decided == nil || bad && !slices.ContainsFunc(results, func(r result) bool { return r.Status == lab.Fail || r.Status == lab.Timeout })) {
			decided = r.On
		}
		results = append(results, out)
	}
	out := map[string]any{"results": results}
	if decided != nil {
		s.show(out, &run{decided.Recording, Options{Title: p.title, Experiment: x, Read: p.read}, p.name})
	}
	return out
}

// watch looks for changes of the followed file: by reading it again and
// again, because not every file system tells of them.
func (s *server) watch() {
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	last, _ := os.ReadFile(s.Follow)
	for {
		select {
		case <-s.ctx.Done():
			return
		case <-tick.C:
		}
		b, err := os.ReadFile(s.Follow)
		if err != nil || len(b) > maxBody || bytes.Equal(b, last) {
			continue
		}
		last = b
		s.mu.Lock()
		close(s.changed)
		s.changed = make(chan struct{})
		s.mu.Unlock()
	}
}
