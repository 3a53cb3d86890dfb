//go:build !machine

package page

import (
	"bytes"
	"errors"
	"html/template"
	"io/fs"
	"strings"
	"sync"

	"apue/internal/lab"
	"apue/internal/locale"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"
)

// markdown turns a lab sheet into HTML. Markup that stands in a sheet is
// left out. It is made when it is wanted, as the templates are: most calls
// of ch8 make no page, and would begin later.
var markdown = sync.OnceValue(func() goldmark.Markdown {
	return goldmark.New(goldmark.WithExtensions(extension.Table))
})

// sheetOf returns the section of a lab sheet that is about an
// experiment, as HTML: from its heading "## NAME: …" to the next one (in Chinese "## NAME：…").
// Pictures are left out, because the page of the recording stands beside
// the text, and so are links to files that are not there.
func sheetOf(files fs.FS, x *lab.Experiment) (template.HTML, error) {
	b, err := fs.ReadFile(files, x.Dir+"/"+locale.Sheet())
	if errors.Is(err, fs.ErrNotExist) {
		b, err = fs.ReadFile(files, x.Dir+"/README.md")
	}
	if err != nil {
		return "", err
	}
	return section(string(b), x.Name)
}

// section is sheetOf of a sheet's text.
func section(sheet, name string) (template.HTML, error) {
	var lines []string
	inside, code := false, false
	for line := range strings.Lines(sheet) {
		if strings.HasPrefix(line, "```") {
			code = !code
		}
		if heading, ok := strings.CutPrefix(line, "## "); ok && !code {
			first, _, _ := strings.Cut(strings.ReplaceAll(strings.TrimSpace(heading), "：", ":"), ":")
			inside = first == name
		}
		if inside {
			lines = append(lines, line)
		}
	}
	return document([]byte(strings.Join(lines, "")))
}

// document is a text as HTML, without pictures and without links to
// files of the suite.
func document(source []byte) (template.HTML, error) {
	doc := markdown().Parser().Parse(text.NewReader(source))
	standAlone(doc)
	var out bytes.Buffer
	err := markdown().Renderer().Render(&out, source, doc)
	return template.HTML(out.String()), err
}

// standAlone takes pictures out of a document, and replaces links to
// files of the suite by their words.
func standAlone(doc ast.Node) {
	var gone []ast.Node
	ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Image:
			gone = append(gone, n)
		case *ast.Link:
			if to := string(n.Destination); !strings.HasPrefix(to, "https://") && !strings.HasPrefix(to, "http://") {
				gone = append(gone, n)
			}
		}
		return ast.WalkContinue, nil
	})
	for _, n := range gone {
		parent := n.Parent()
		if _, link := n.(*ast.Link); link {
			for c := n.FirstChild(); c != nil; c = n.FirstChild() {
				parent.InsertBefore(parent, n, c)
			}
		}
		parent.RemoveChild(parent, n)
	}
}
