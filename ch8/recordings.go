package main

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"apue/internal/build"
	"apue/internal/lab"
	"apue/internal/timeline"
	"apue/internal/trace"
)

// recordings are runs of the exercises, for machines that can not
// record, and the sources that they name. The test of this package
// writes them with -update and says when they are stale.
//
//go:embed recordings
var recordings embed.FS

// kept is the recording of an exercise that comes with ch8.
func kept(x *lab.Experiment) (*trace.Recording, error) {
	b, err := recordings.ReadFile("recordings/" + recordingName(x))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("no recording of %s comes with ch8, only of the exercises (those with a star in ch8 list)", x.ID())
	}
	if err != nil {
		return nil, err
	}
	return trace.ReadRecording(bytes.NewReader(b))
}

func recordingName(x *lab.Experiment) string { return x.Dir + "-" + x.Name + ".jsonl" }

// readSource finds a file that a recording names: where it says, in
// the suite's folder, or among what comes with ch8.
func readSource(file string) ([]byte, error) {
	if b, err := sourceFile(file); err == nil {
		return b, nil
	}
	if root, err := build.Module(); err == nil {
		if b, err := sourceFile(filepath.Join(root, file)); err == nil {
			return b, nil
		}
	}
	return recordings.ReadFile("recordings/" + strings.ReplaceAll(file, "/", "-") + ".txt")
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
	m.ReadSource(readSource)
	return m
}
