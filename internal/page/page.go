// Package page shows a recording in a browser: one file that loads
// nothing else.
package page

import (
	"bytes"
	"fmt"
	"html"
	"io"

	"apue/internal/lab"
	"apue/internal/timeline"
	"apue/internal/trace"
)

// Options say what a page shows beside the recording.
type Options struct {
	Title      string          // instead of the command
	Experiment *lab.Experiment // what was recorded, nil for another program
	// Read returns the text of a source file that the recording names
	// and does not carry. It may be nil.
	Read func(file string) ([]byte, error)
}

// Write writes the page of a recording.
func Write(w io.Writer, rec *trace.Recording, o Options) error {
	m := timeline.New(rec, nil)
	var svg bytes.Buffer
	if err := m.SVG(&svg, timeline.Options{Title: o.Title}); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>%s</title>\n%s\n</html>\n", html.EscapeString(m.Command), svg.String())
	return err
}
