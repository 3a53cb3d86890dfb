//go:build !machine

package page

import (
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"apue/internal/lab"
	"apue/internal/locale"
	"apue/internal/show"
	"apue/internal/trace"
)

//go:embed site.html
var siteHTML string

//go:embed site.css
var siteCSS string

var siteTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("site").Funcs(functions).Parse(siteHTML))
})

// A Site is what a static server needs to show all experiments.
type Site struct {
	Experiments lab.Registry
	Files       fs.FS // the suite's texts: FOLDER/README.md
	// Record returns the recording of an experiment.
	Record func(*lab.Experiment) (*trace.Recording, error)
	// Read returns the text of a source file that a recording names.
	Read func(file string) ([]byte, error)
	// Say is told of each experiment before it is recorded, and of each
	// one that has no page, with the reason. It may be nil.
	Say func(x *lab.Experiment, err error)
}

// siteEntry is an experiment in the index.
type siteEntry struct {
	ID, Title, Ref, File string // File is "" where there is no page
	Why                  string // why there is none
	Exercise             bool
}

type siteSection struct {
	Name    string
	Entries []siteEntry
}

// Write writes the site into a folder, which is made if it is not there:
// index.html, for each experiment FOLDER-NAME.html, which has the lab
// sheet's text beside the page of its recording, and that page in
// pages/; and chapter.html, the summary. An experiment that cannot be
// recorded is in the index with the reason; Write fails if that is so of
// all.
func (s *Site) Write(dir string) error {
	if err := os.MkdirAll(filepath.Join(dir, "pages"), 0o777); err != nil {
		return err
	}
	var sections []siteSection
	made := 0
	for _, x := range s.Experiments {
		if n := len(sections); n == 0 || sections[n-1].Name != x.Dir {
			sections = append(sections, siteSection{Name: x.Dir})
		}
		if s.Say != nil {
			s.Say(x, nil)
		}
		entry := siteEntry{ID: x.ID(), Title: locale.T(x.Title), Ref: locale.Ref(x.Ref), Exercise: x.Exercise}
		rec, err := s.Record(x)
		if err == nil {
			entry.File = x.Dir + "-" + x.Name + ".html"
			if err := s.experiment(dir, x, rec, entry.File); err != nil {
				return err
			}
			made++
		} else {
			entry.Why = err.Error()
			if s.Say != nil {
				s.Say(x, err)
			}
		}
		sections[len(sections)-1].Entries = append(sections[len(sections)-1].Entries, entry)
	}
	if made == 0 {
		return errors.New("no experiment could be recorded here")
	}
	chapter, err := s.chapter(dir, sections)
	if err != nil {
		return err
	}
	return writeFile(filepath.Join(dir, "index.html"), func(w io.Writer) error {
		return s.page(w, locale.T("The experiments of chapter 8"), map[string]any{"Sections": sections, "Chapter": chapter})
	})
}

// chapterFile is the text of the site's last page: which experiment
// shows which sentence of the chapter.
const chapterFile = "docs/chapter.md"

// chapter writes that page, with a link wherever it names an experiment
// that has one. It returns the page's name, "" if there is no text.
func (s *Site) chapter(dir string, sections []siteSection) (string, error) {
	text, err := fs.ReadFile(s.Files, chapterFile)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	files := map[string]string{}
	for _, section := range sections {
		for _, entry := range section.Entries {
			files[entry.ID] = entry.File
		}
	}
	html := template.HTML(named().ReplaceAllStringFunc(string(document(string(text))), func(code string) string {
		id := named().FindStringSubmatch(code)
		if file := files[id[1]]; file != "" {
			return `<a href="` + file + `">` + code + `</a>`
		}
		return code
	}))
	const name = "chapter.html"
	return name, writeFile(filepath.Join(dir, name), func(w io.Writer) error {
		return s.page(w, locale.T("Chapter 8, section by section"), map[string]any{"Sheet": html})
	})
}

// named is the id of an experiment or a claim in a text; the first group
// is the experiment's.
var named = show.Pattern(`<code>([a-z]+/[a-z]+)(?:/[\w-]+)?</code>`)

// experiment writes the two files of an experiment.
func (s *Site) experiment(dir string, x *lab.Experiment, rec *trace.Recording, file string) error {
	err := writeFile(filepath.Join(dir, "pages", file), func(w io.Writer) error {
		return Write(w, rec, Options{Experiment: x, Read: s.Read})
	})
	if err != nil {
		return err
	}
	sheet, err := sheetOf(s.Files, x)
	if err != nil {
		return err
	}
	return writeFile(filepath.Join(dir, file), func(w io.Writer) error {
		return s.page(w, x.ID()+": "+locale.T(x.Title), map[string]any{"Sheet": sheet, "Page": "pages/" + file, "Ref": x.Ref})
	})
}

func (s *Site) page(w io.Writer, title string, data map[string]any) error {
	data["Title"] = title
	data["Style"] = template.CSS(siteCSS)
	data["Policy"] = fmt.Sprintf("default-src 'none'; style-src '%s'; frame-src 'self'; img-src data:; base-uri 'none'; form-action 'none'", digest(siteCSS))
	return siteTemplate().Execute(w, data)
}

// writeFile writes a file, and reports the error of closing it too.
func writeFile(name string, write func(io.Writer) error) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}
