//go:build !machine

package page

import (
	"bytes"
	"html/template"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"apue/internal/lab"
	"apue/internal/locale"
	"apue/internal/show"
)

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
