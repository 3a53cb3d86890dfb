//go:build !machine

package page

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/json"
	"html/template"
	"io"
	"strings"
	"sync"

	"apue/internal/trace"
)

//go:embed page.html
var pageHTML string

//go:embed page.css
var pageCSS string

//go:embed js
var scripts embed.FS

// pageJS is the script of the page: its parts in the order in which
// they need each other.
var pageJS = sync.OnceValue(func() string { return joined("state", "lanes", "panes", "diagram", "sheet", "keys") })

// joined is one script of several parts, in a function of its own.
func joined(parts ...string) string {
	var b strings.Builder
	b.WriteString("\"use strict\";\n(() => {\n")
	for _, p := range parts {
		text, err := scripts.ReadFile("js/" + p + ".js")
		if err != nil {
			panic(err) // a part that is not embedded
		}
		b.Write(text)
	}
	b.WriteString("})();\n")
	return b.String()
}

// Write writes the page of a recording: one HTML file.
func Write(w io.Writer, rec *trace.Recording, o Options) error {
	c := newContent(rec, o)
	c.Words = words(pageJS())
	data, err := json.Marshal(c)
	if err != nil {
		return err
	}
	return pageTemplate().Execute(w, map[string]any{
		"Title":       c.Title,
		"Policy":      policy(pageCSS, pageJS()),
		"Style":       template.CSS(pageCSS),
		"Script":      template.JS(pageJS()),
		"Data":        template.JS(data),
		"Description": c.description(),
	})
}

var pageTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("page").Funcs(functions).Parse(pageHTML))
})

// policy is the security policy of a page with an inline style and an
// inline script, which may do nothing but that.
func policy(style, script string) string {
	return "default-src 'none'; style-src '" + digest(style) + "'; script-src '" + digest(script) +
		"'; img-src data:; base-uri 'none'; form-action 'none'"
}

// digest is the source expression of a security policy for an inline
// style or script.
func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// description says in some sentences what the page is about, for search
// and for a reader without scripts.
func (c *content) description() string {
	var b bytes.Buffer
	for _, s := range c.Steps[:min(len(c.Steps), 5)] {
		b.WriteString(s.Text + ". ")
	}
	return strings.TrimSpace(b.String())
}
