package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"apue/internal/trace"
)

// TestSourcesStay: a recording is shown with the lines that ran, whatever
// became of the file, and the picture says when the file was edited.
func TestSourcesStay(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a.c")
	edit := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	edit("fork();\n")
	exit := &trace.Event{Pid: 1, Process: "P0", Kind: trace.KindExit, Source: &trace.Source{File: file, Line: 1}}
	rec := &trace.Recording{Header: trace.Header{Kind: trace.KindHeader, Schema: trace.Schema, Command: []string{"a"}}}
	var sources trace.SourceReader
	rec.Add(sources.Before(exit))
	rec.Add(exit)

	const note = "a.c was edited after this run: the lines shown are those that ran"
	shown := func() (code string, noted bool) {
		m := modelOf(rec, nil)
		return m.Steps[0].Code, slices.Contains(m.Notes, note)
	}
	if code, noted := shown(); code != "fork();" || noted {
		t.Errorf("before the edit: %q, edited: %v", code, noted)
	}
	edit("exit(7);\n")
	if code, noted := shown(); code != "fork();" || !noted {
		t.Errorf("after the edit: %q, edited: %v", code, noted)
	}
	os.Remove(file)
	if code, noted := shown(); code != "fork();" || noted {
		t.Errorf("without the file: %q, edited: %v", code, noted)
	}
	// A recording that does not have the text shows the file as it is.
	rec.Sources = nil
	edit("exit(7);\n")
	if code, _ := shown(); code != "exit(7);" {
		t.Errorf("without sources: %q", code)
	}
}
