package page

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"apue/internal/build"
	"apue/internal/lab"
	"apue/internal/locale"
	"apue/internal/record"
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

// accept reads a request, waits for its turn, and returns what it names.
// end gives the turn back. A nil experiment means that the request was
// answered.
func (s *server) accept(w http.ResponseWriter, r *http.Request) (in *request, x *lab.Experiment, end func()) {
	in = new(request)
	if !read(w, r, in) {
		return nil, nil, nil
	}
	if x = s.experimentOf(in.ID); x == nil {
		http.Error(w, "there is no such experiment", http.StatusNotFound)
		return nil, nil, nil
	}
	select {
	case s.slots <- struct{}{}:
		return in, x, func() { <-s.slots }
	case <-r.Context().Done():
		return nil, nil, nil
	}
}

// run runs a program in the sandbox and answers with the address of its
// page.
func (s *server) run(w http.ResponseWriter, r *http.Request) {
	in, x, end := s.accept(w, r)
	if x == nil {
		return
	}
	defer end()
	stdout, ok := map[string]sandbox.Stdout{"pipe": sandbox.Pipe, "": sandbox.Pipe, "file": sandbox.File, "pty": sandbox.Pty}[in.Stdout]
	if !ok {
		http.Error(w, "standard output is pipe, file or pty", http.StatusBadRequest)
		return
	}
	if s.CannotRecord != nil {
		s.replay(w, x, in)
		return
	}
	p, err := s.prepare(r.Context(), in, x)
	if err != nil {
		s.failed(w, err)
		return
	}
	defer p.remove()
	p.command.Stdout, p.command.Timeout = stdout, s.Limit
	// A program can name any file as its source: only its own text is read.
	p.command.Trace = &record.Options{Files: true, Source: p.read}
	start := time.Now()
	res, err := sandbox.Run(r.Context(), p.command)
	if err != nil {
		s.failed(w, err)
		return
	}
	n := s.keep(&run{res.Recording, Options{Title: p.title, Experiment: x, Read: p.read}, p.name})
	answer(w, map[string]any{
		"page": "/runs/" + strconv.Itoa(n), "took": time.Since(start).Milliseconds(),
		"timedOut": res.TimedOut, "flood": show.Line(res.Flood), "isolated": res.Isolated,
	})
}

// replay answers with the recording that comes with the suite, where
// nothing can be recorded.
func (s *server) replay(w http.ResponseWriter, x *lab.Experiment, in *request) {
	if in.What != "ours" {
		s.failed(w, fmt.Errorf("nothing can be recorded here: %w", s.CannotRecord))
		return
	}
	rec, err := s.Replay(x)
	if err != nil {
		s.failed(w, err)
		return
	}
	n := s.keep(&run{rec, Options{Title: locale.Sprintf("%s (a recording that comes with the suite)", x.ID()), Experiment: x, Read: s.ourText}, fileName(x, "recording")})
	answer(w, map[string]any{"page": "/runs/" + strconv.Itoa(n), "replayed": true})
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

// page sends the page of a run, or with ?download as a file.
func (s *server) page(w http.ResponseWriter, r *http.Request) {
	n, err := strconv.Atoi(r.PathValue("number"))
	s.mu.Lock()
	kept := s.runs[n]
	s.mu.Unlock()
	if err != nil || kept == nil {
		http.Error(w, "this run is not kept any more: run it again", http.StatusNotFound)
		return
	}
	var b bytes.Buffer
	if err := Write(&b, kept.recording, kept.options); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "frame-ancestors 'self'")
	if r.URL.Query().Has("download") {
		w.Header().Set("Content-Disposition", `attachment; filename="`+kept.name+`"`)
	}
	w.Write(b.Bytes())
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
		if err != nil {
			return nil, err
		}
		p := &prepared{title: x.ID(), name: fileName(x, "ours"), read: s.ourText, remove: func() {}}
		p.takes([]string{path, x.Name}, s.Disposable)
		p.command.Args = append(p.command.Args, x.MomentArgs...) // a check takes none
		return p, nil
	case "twin":
		text, err := fs.ReadFile(s.Files, x.Dir+"/c/"+x.Name+".c")
		if err != nil {
			return nil, fmt.Errorf("%s has no twin in C", x.ID())
		}
		p, err := s.built(ctx, ".c", string(text), x, "in C")
		if err == nil {
			p.title = locale.Sprintf("%s in C", x.ID())
		}
		return p, err
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
var compilerLine = regexp.MustCompile(`^(?:\./)?[^\s:]+\.(?:c|go|h):(\d+):(?:\d+:)? ?(.*)$`)

// failed answers with an error: of a compiler line by line.
func (s *server) failed(w http.ResponseWriter, err error) {
	var b *build.Error
	if errors.As(err, &b) {
		answer(w, map[string]any{"error": locale.T("The program does not compile."), "messages": messages(b.Output)})
		return
	}
	if s.ctx.Err() != nil || errors.Is(err, context.Canceled) {
		err = errors.New("the lab is being closed")
	}
	answer(w, map[string]any{"error": show.Text(err.Error())})
}

// messages takes a compiler's output apart.
func messages(output []byte) []message {
	var all []message
	for line := range strings.Lines(string(output)) {
		line = strings.TrimRight(line, "\n")
		if m := compilerLine.FindStringSubmatch(line); m != nil {
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

// state answers with what the page shows before anything is run.
func (s *server) state(w http.ResponseWriter, _ *http.Request) { answer(w, s.first()) }

func (s *server) first() map[string]any {
	passed, err := s.Passed()
	if err != nil {
		passed = map[string]bool{}
	}
	type entry struct {
		ID       string `json:"id"`
		Folder   string `json:"folder"`
		Name     string `json:"name"`
		Title    string `json:"title"`
		Ref      string `json:"ref"`
		Exercise bool   `json:"exercise"`
		Claims   int    `json:"claims"`
		Passed   int    `json:"passed"`
	}
	var all []entry
	for _, x := range s.Experiments {
		e := entry{ID: x.ID(), Folder: x.Dir, Name: x.Name, Title: locale.T(x.Title), Ref: locale.Ref(x.Ref), Exercise: x.Exercise}
		if x.Exercise {
			for _, c := range x.Asked() {
				e.Claims++
				if passed[x.ClaimID(c)] {
					e.Passed++
				}
			}
		}
		all = append(all, e)
	}
	known := languages
	if s.Machine {
		known = known[:1]
	}
	out := map[string]any{"words": words(labText("lab.js")), "experiments": all, "start": s.start().ID(), "languages": known}
	if s.Machine {
		out["machine"] = true
	}
	if s.CannotRecord != nil {
		out["cannot"] = show.Line(s.CannotRecord.Error())
	}
	if s.Disposable {
		out["disposable"] = true
	}
	if s.Follow != "" {
		out["follow"] = show.Line(filepath.Base(s.Follow))
	}
	return out
}

// start is the experiment that is shown first.
func (s *server) start() *lab.Experiment {
	if s.Start != nil {
		return s.Start
	}
	for _, x := range s.Experiments {
		if x.Exercise {
			return x
		}
	}
	return s.Experiments[0]
}

// experiment answers with what the page shows of an experiment.
func (s *server) experiment(w http.ResponseWriter, r *http.Request) {
	x := s.experimentOf(r.PathValue("folder") + "/" + r.PathValue("name"))
	if x == nil {
		http.Error(w, "there is no such experiment", http.StatusNotFound)
		return
	}
	s.opened()
	answer(w, s.shown(x))
}

func (s *server) shown(x *lab.Experiment) map[string]any {
	sheet, err := sheetOf(s.Files, x)
	if err != nil {
		sheet = template.HTML("<p>" + locale.T("This experiment has no lab sheet.") + "</p>")
	}
	type claim struct {
		Name  string `json:"name"`
		Says  string `json:"says"`
		Hints int    `json:"hints"`
	}
	out := map[string]any{"id": x.ID(), "title": locale.T(x.Title), "ref": locale.Ref(x.Ref), "sheet": sheet, "exercise": x.Exercise}
	if x.Exercise {
		out["task"] = strings.TrimSpace(locale.T(x.Task))
		var claims []claim
		for _, c := range x.Asked() {
			claims = append(claims, claim{c.Name, locale.T(c.Says), len(c.Hints)})
		}
		out["claims"] = claims
	}
	starters := map[string]string{}
	for _, l := range languages {
		starters[l.Name] = s.Starter(l.Name)
	}
	out["starters"] = starters
	if twin, err := fs.ReadFile(s.Files, x.Dir+"/c/"+x.Name+".c"); err == nil {
		out["twin"] = string(twin)
	}
	if s.Follow != "" {
		if b, err := os.ReadFile(s.Follow); err == nil && len(b) < maxBody {
			out["file"] = string(b)
		}
	}
	return out
}

// hint sends the first n hints of a claim.
func (s *server) hint(w http.ResponseWriter, r *http.Request) {
	var in struct {
		ID    string `json:"id"`
		Claim string `json:"claim"`
		N     int    `json:"n"`
	}
	if !read(w, r, &in) {
		return
	}
	x := s.experimentOf(in.ID)
	if x == nil || x.Claim(in.Claim) == nil {
		http.Error(w, "there is no such claim", http.StatusNotFound)
		return
	}
	c := x.Claim(in.Claim)
	n := max(0, min(in.N, len(c.Hints)))
	hints := []string{}
	for _, h := range c.Hints[:n] {
		hints = append(hints, locale.T(h))
	}
	answer(w, map[string]any{"hints": hints, "of": len(c.Hints)})
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
func (s *server) check(w http.ResponseWriter, r *http.Request) {
	in, x, end := s.accept(w, r)
	if x == nil {
		return
	}
	defer end()
	if s.CannotRecord != nil {
		s.failed(w, fmt.Errorf("nothing can be checked here: %w", s.CannotRecord))
		return
	}
	if !x.Exercise && in.What != "ours" && in.What != "twin" {
		s.failed(w, fmt.Errorf("%s is an experiment to run and read, not an exercise", x.ID()))
		return
	}
	p, err := s.prepare(r.Context(), in, x)
	if err != nil {
		s.failed(w, err)
		return
	}
	defer p.remove()
	p.program.Ours = in.What == "ours" || in.What == "twin"
	bench := lab.Bench{Experiment: x, Program: p.program, Timeout: s.Limit}
	rep, err := bench.Check(r.Context(), in.Claim)
	if err != nil {
		s.failed(w, err)
		return
	}
	if !p.program.Ours {
		s.Note(rep) // progress that cannot be kept is not worth an error here
	}
	s.report(w, x, p, rep)
}

// namedLine is a line of the program in a verdict.
var namedLine = regexp.MustCompile(`[\w-]+\.(?:c|go|py|sh):(\d+)`)

func (s *server) report(w http.ResponseWriter, x *lab.Experiment, p *prepared, rep *lab.Report) {
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
		if m := namedLine.FindStringSubmatch(r.Observed + " " + r.Means); m != nil {
			out.Line, _ = strconv.Atoi(m[1])
		}
		if bad := r.Status == lab.Fail || r.Status == lab.Timeout; r.On != nil && r.On.Recording != nil && (decided == nil || bad && !slices.ContainsFunc(results, func(r result) bool { return r.Status == lab.Fail || r.Status == lab.Timeout })) {
			decided = r.On
		}
		results = append(results, out)
	}
	out := map[string]any{"results": results}
	if decided != nil {
		n := s.keep(&run{decided.Recording, Options{Title: p.title, Experiment: x, Read: p.read}, p.name})
		out["page"] = "/runs/" + strconv.Itoa(n)
	}
	answer(w, out)
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
