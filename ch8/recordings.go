package main

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"apue/internal/build"
	"apue/internal/lab"
	"apue/internal/timeline"
	"apue/internal/trace"
)

// recordings are runs of the exercises, and of all experiments of exec,
// setuid and system, with their sources, for machines
// that cannot record. The test of this package writes them with -update
// and says when they are stale.
//
//go:embed recordings
var recordings embed.FS

// kept is the recording of an experiment that comes with ch8.
func kept(x *lab.Experiment) (*trace.Recording, error) {
	b, err := recordings.ReadFile("recordings/" + recordingName(x))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("no recording of %s comes with ch8, only of the exercises (those with a star in ch8 list) and of exec, setuid and system", x.ID())
	}
	if err != nil {
		return nil, err
	}
	return trace.ReadRecording(bytes.NewReader(b))
}

func recordingName(x *lab.Experiment) string { return x.Dir + "-" + x.Name + ".jsonl" }

// sourcesOf returns what reads a source file of a recording: its text as
// the recording holds it, or as the file is now if the recording does not
// have it.
func sourcesOf(rec *trace.Recording) func(file string) ([]byte, error) {
	return func(file string) ([]byte, error) {
		if kept := rec.Source(file); kept != nil {
			return []byte(kept.Text), nil
		}
		return readSource(file)
	}
}

// readSource reads a source file as it is now: where its name says, or
// in the suite's folder.
func readSource(file string) ([]byte, error) {
	b, err := sourceFile(file)
	if err == nil || filepath.IsAbs(file) {
		return b, err
	}
	root, err := build.Module()
	if err != nil {
		return nil, err
	}
	return sourceFile(filepath.Join(root, file))
}

// editedSources names the source files that are not any more what the
// recording holds.
func editedSources(rec *trace.Recording) (names []string) {
	for i := range rec.Sources {
		f := &rec.Sources[i]
		if b, err := readSource(f.Name); err == nil && f.Text != "" && !f.Same(b) {
			names = append(names, f.Name)
		}
	}
	return names
}

// modelOf is the picture of a recording, the processes named by
// their roles in the experiment.
func modelOf(rec *trace.Recording, x *lab.Experiment) *timeline.Model {
	roles := map[string]string{}
	if x != nil {
		for _, part := range x.Observe(rec).Cast() {
			roles[part.Name] = part.Role
		}
	}
	m := timeline.New(rec, roles)
	m.ReadSource(sourcesOf(rec))
	for _, file := range editedSources(rec) {
		m.Notes = append(m.Notes, filepath.Base(file)+" was edited after this run: the lines shown are those that ran")
	}
	return m
}

// foldedOf is the picture of a recording with one row for the turns of a
// loop, or for a search in PATH. The step of each moment of the experiment
// has a row of its own.
func foldedOf(m *timeline.Model, rec *trace.Recording, x *lab.Experiment) *timeline.Model {
	var kept []int
	if x != nil {
		for _, moment := range x.MomentsIn(x.Observe(rec)) {
			kept = append(kept, moment.Index)
		}
	}
	return m.Folded(rec, kept)
}
