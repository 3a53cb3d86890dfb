package labtest

import (
	"flag"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"apue/internal/build"
	"apue/internal/lab"
)

var (
	exercise = flag.String("exercise", "", "check the program of a learner for this exercise: fork/glob")
	program  = flag.String("program", "", "the learner's program: a file, a folder or an executable; a relative path counts from the module's root")
)

// onlyProgram has the test binary check the learner's program, if one is
// given, and nothing else.
func onlyProgram() {
	if *exercise != "" || *program != "" {
		flag.Set("test.run", "^TestProgram$")
	}
}

// Program checks the program of a learner as ch8 check does:
//
//	go test -count=1 ./fork -args -exercise fork/glob -program mine.c
//
// Each claim is a subtest, with its points as an attribute. Without these
// flags it looks at nothing.
func Program(t *testing.T, all lab.Registry) {
	if *exercise == "" && *program == "" {
		t.Skip("no program is given: go test -count=1 ./fork -args -exercise fork/glob -program mine.c")
	}
	found, claim := all.Find(*exercise)
	if len(found) != 1 || !found[0].Exercise {
		t.Fatal(noExercise(*exercise, all))
	}
	if *program == "" {
		t.Fatal("-program is missing: give the file, the folder or the executable to check")
	}
	path := *program
	if !filepath.IsAbs(path) {
		root, err := build.Module()
		if err != nil {
			t.Fatal(err)
		}
		path = filepath.Join(root, path)
	}
	b := new(build.Builder)
	defer b.Close()
	if err := lab.Advice([]string{path}); err != nil {
		t.Fatal(err)
	}
	args, err := b.Theirs([]string{path})
	if err != nil {
		t.Fatal(err)
	}
	if err := canIsolate(); err != nil {
		Cannot(t, *exercise, err.Error(), "ch8 check --plain runs a program that you trust without isolating it")
	}
	bench := &lab.Bench{Experiment: found[0], Program: lab.Program{Args: args, Name: *program, Isolate: true}}
	rep, err := bench.Check(t.Context(), claim)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rep.Results {
		t.Run(r.Claim.Name, func(t *testing.T) {
			t.Attr("points", strconv.Itoa(r.Claim.Points))
			mapResult(t, rep, r)
		})
	}
	if len(rep.Leftovers) > 0 {
		t.Errorf("left running: %s", lab.Names(rep.Leftovers))
	}
}

// noExercise says which exercises this folder has, instead of the one that
// was named.
func noExercise(name string, all lab.Registry) string {
	var ids []string
	for _, x := range all {
		if x.Exercise {
			ids = append(ids, x.ID())
		}
	}
	has := "the exercises of this folder are: " + strings.Join(ids, ", ")
	switch dir, _, ok := strings.Cut(name, "/"); {
	case name == "":
		return "-exercise is missing; " + has
	case len(all) > 0 && ok && dir != all[0].Dir:
		return fmt.Sprintf("-exercise %s is not in this folder: test the folder ./%s; %s", name, dir, has)
	default:
		return fmt.Sprintf("-exercise %s: there is no such exercise; %s", name, has)
	}
}
