//go:build !machine

package page

import (
	"bytes"
	"context"
	"fmt"
	"html/template"

	"apue/internal/locale"
)

// The marks in MachineRun where the page of a run has its title, its
// description and its content.
const (
	markTitle       = "ch8-title"
	markDescription = "ch8-description"
	markContent     = "ch8-content"
)

// machineRun is the page of a run with marks for what is different in
// each.
func machineRun() (string, error) {
	var b bytes.Buffer
	err := pageTemplate().Execute(&b, map[string]any{
		"Title": markTitle, "Policy": policy(pageCSS, pageJS()), "Style": template.CSS(pageCSS), "Script": template.JS(pageJS()),
		"Data": template.JS(markContent), "Description": markDescription,
	})
	return b.String(), err
}

// Answers are what the page of the machine asks for and the machine need
// not say, by the path of the request: the state, the experiments, the
// hints by "/api/hint/" and the id of their claim, and "/run", the page of
// a run without its content. Their values are ready for JSON.
func (l *Lab) Answers() (map[string]any, error) {
	s := l.server(context.Background())
	html, err := machineRun()
	if err != nil {
		return nil, err
	}
	all := map[string]any{"/api/state": s.first(), "/run": html}
	for _, x := range l.Experiments {
		all["/api/experiment/"+x.ID()] = s.shown(x)
		for _, c := range x.Asked() {
			hints := []string{}
			for _, h := range c.Hints {
				hints = append(hints, locale.T(h))
			}
			all["/api/hint/"+x.ID()+"/"+c.Name] = hints
		}
	}
	return all, nil
}

// MachinePage is the page of the lab whose machine runs in the browser:
// it loads the scripts by their names, and nothing from anywhere else.
// The pictures of runs are shown from the page's own memory.
func MachinePage(scripts ...string) ([]byte, error) {
	style, script := labText("lab.css"), labText("lab.js")
	var b bytes.Buffer
	err := shellTemplate().Execute(&b, map[string]any{
		"Style": template.CSS(style), "Script": template.JS(script), "Scripts": scripts,
		// A picture inherits this policy: its own script is named here too.
		// The emulator has a worker that wakes it.
		"Policy": fmt.Sprintf("default-src 'none'; style-src 'unsafe-inline'; script-src 'self' 'wasm-unsafe-eval' '%s' '%s'; connect-src 'self'; frame-src blob:; worker-src blob:; img-src data:; base-uri 'none'; form-action 'none'",
			digest(script), digest(pageJS())),
	})
	return b.Bytes(), err
}
