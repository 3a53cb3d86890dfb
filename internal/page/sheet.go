//go:build !machine

package page

import (
	"errors"
	"html/template"
	"io"
	"io/fs"
	"strings"

	"apue/internal/lab"
	"apue/internal/locale"

	"github.com/gomarkdown/markdown"
	"github.com/gomarkdown/markdown/ast"
	"github.com/gomarkdown/markdown/html"
	"github.com/gomarkdown/markdown/parser"
)

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
	return section(string(b), x.Name), nil
}

// section is sheetOf of a sheet's text.
func section(sheet, name string) template.HTML {
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
	return document(strings.Join(lines, ""))
}

// document is a text as HTML. HTML that stands in it is left out, and so are
// pictures and links to files of the suite.
func document(text string) template.HTML {
	doc := parser.NewCommonMarkWithExtensions(parser.Tables).Parse([]byte(text))
	return template.HTML(markdown.Render(doc, html.NewRenderer(html.RendererOptions{
		Flags: html.SkipHTML | html.SkipImages, RenderNodeHook: webLinks,
	})))
}

// webLinks renders the words of a link alone if it leads to a file of the
// suite.
func webLinks(_ io.Writer, n ast.Node, _ bool) (ast.WalkStatus, bool) {
	link, ok := n.(*ast.Link)
	if !ok {
		return ast.GoToNext, false
	}
	to := string(link.Destination)
	return ast.GoToNext, !strings.HasPrefix(to, "https://") && !strings.HasPrefix(to, "http://")
}
