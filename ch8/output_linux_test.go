package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// printing are command lines of each verb that prints something, in an
// empty folder with a recording and a submission.
var printing = map[string]string{
	"list": "list", "task": "task fork/glob", "hint": "hint fork/glob", "progress": "progress", "version": "version",
	"new": "new fork/glob --dir made", "check": "check --plain --no-progress fork/glob -- true", "watch": "watch --plain fork/glob run.sh",
	"trace": "trace run.jsonl", "draw": "draw run.jsonl", "walk": "walk run.jsonl", "predict": "predict --replay fork/glob --worksheet",
	"quiz": "quiz --worksheet", "races": "races -n 1 -- true", "doctor": "doctor", "help": "help", "completion": "completion bash",
	"grade": "grade --runs 1 -o results --exercises fork/glob submissions",
	"run":   "", // prints nothing itself: the program has the output
	// They end only when they are told to.
	"serve": "", "site": "",
}

// TestFullDisk: in every verb an output that cannot be written is said
// to be so, and the exit status is 2.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	ch8 := installed(t)
	dir := t.TempDir()
	rec, err := recordings.ReadFile("recordings/fork-glob.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "submissions", "ann", "fork-glob"), 0o777); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"run.jsonl": string(rec), "run.sh": "#!/bin/sh\n", "submissions/ann/fork-glob/run": "#!/bin/sh\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	for _, verb := range command().Commands() {
		line, known := printing[verb.Name()]
		if !known {
			t.Errorf("printing has no command line of the verb %s", verb.Name())
		}
		if line == "" {
			continue
		}
		t.Run(verb.Name(), func(t *testing.T) {
			t.Parallel()
			full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
			if err != nil {
				t.Skip(err)
			}
			defer full.Close()
			var said strings.Builder
			cmd := exec.Command(ch8, strings.Fields(line)...)
			cmd.Dir, cmd.Stdout, cmd.Stderr = dir, full, &said
			cmd.Run()
			if cmd.ProcessState.ExitCode() != 2 || !strings.Contains(said.String(), "the output could not be written") {
				t.Errorf("ch8 %s >/dev/full: exit status %d, and it says %q", line, cmd.ProcessState.ExitCode(), said.String())
			}
		})
	}
}
