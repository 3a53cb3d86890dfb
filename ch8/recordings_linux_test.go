package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"apue/internal/lab"
	"apue/internal/lab/labtest"
	"apue/internal/record"
	"apue/internal/sampling"
	"apue/internal/sandbox"
	"apue/internal/timeline"
	"apue/internal/trace"
	"apue/internal/trace/canonical"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

var runs = flag.Int("runs", 1, "how often the pictures are compared")

func updating() bool { return flag.Lookup("update").Value.String() == "true" }

// first holds a recording of each exercise's own program, by its id: two
// tests look at it.
var (
	firstMu sync.Mutex
	first   = map[string]*trace.Recording{}
)

func recorded(t *testing.T, x *lab.Experiment) *trace.Recording {
	t.Helper()
	firstMu.Lock()
	defer firstMu.Unlock()
	if first[x.ID()] == nil {
		first[x.ID()] = recordedAnew(t, x)
	}
	return first[x.ID()]
}

// programToRecord is our own program of an experiment: the one in C where
// that is the experiment.
func programToRecord(t *testing.T, x *lab.Experiment) []string {
	if x.CMain {
		return []string{labtest.C(t, filepath.Join("..", x.Dir, "c", x.Name+".c"))}
	}
	return []string{labtest.Go(t, "../"+x.Dir), x.Name}
}

// shortened keeps what a reader looks at: a copy of a program, or an
// argument of 128 KiB, would be most of a recording.
func shortened(b []byte) []byte {
	const most = 512
	if len(b) > most {
		return b[:most]
	}
	return b
}

// recordedAnew records our own program of an exercise, with the
// sources named from the suite's folder.
func recordedAnew(t *testing.T, x *lab.Experiment) *trace.Recording {
	t.Helper()
	if x.ID() == "exit/zombie" && os.Geteuid() != 0 {
		t.Skip("recorded as root: nobody else may look for a zombie's descriptors")
	}
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	res, err := sandbox.Run(context.Background(), sandbox.Command{
		Args:  programToRecord(t, x),
		Env:   []string{"PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8", "TERM=dumb"},
		Trace: &record.Options{Files: true},
	})
	var refusal *sandbox.Refusal
	if errors.As(err, &refusal) {
		t.Skip("cannot check: ", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	rec := res.Recording
	dir := rec.Header.Dir
	folders := regexp.MustCompile(regexp.QuoteMeta(dir) + `|apue-exec-\d+`)
	named := func(s string) string {
		return folders.ReplaceAllStringFunc(s, func(folder string) string {
			if folder == dir {
				return "/tmp/work"
			}
			return "apue-exec-1"
		})
	}
	rec.Header.Command = []string{x.Dir, x.Name}
	rec.Header.Dir = ""
	// None of these programs is set-uid: to be without privileges
	// changes nothing.
	rec.Header.Missing = slices.DeleteFunc(rec.Header.Missing, func(what string) bool {
		return strings.HasPrefix(what, "set-uid programs")
	})
	if len(rec.Header.Missing) > 0 {
		t.Skip("this machine does not record it all: ", strings.Join(rec.Header.Missing, "; "))
	}
	for i := range rec.Sources {
		rec.Sources[i].Name = strings.TrimPrefix(rec.Sources[i].Name, root+"/")
	}
	forgetRestarts(rec)
	grown := map[int]int64{} // what the names of folders change in a file's length
	for i := range rec.Events {
		e := &rec.Events[i]
		if e.Source != nil {
			e.Source.File = strings.TrimPrefix(e.Source.File, root+"/")
		}
		// The folders have other names in each run.
		data := []byte(named(string(e.Data)))
		if e.FilePos > 0 {
			grown[e.OFD] += int64(len(data) - len(e.Data))
			e.FilePos += grown[e.OFD]
		}
		e.Path, e.Data = named(e.Path), data
		if !x.Exercise {
			e.Data = shortened(e.Data)
		}
		for i, arg := range e.Argv {
			e.Argv[i] = named(string(shortened([]byte(arg))))
		}
		if e.Kind == trace.KindExec && e.Process == "P0" {
			e.Path, e.Argv = x.Dir, rec.Header.Command
		}
	}
	return rec
}

// forgetRestarts makes a recording the same whenever the stop of a process
// came: before it has closed the pipe's other end or entered its read, or
// after that, when the kernel enters the read anew. A close moves before
// the stop, and a read is as short as if it had not blocked.
func forgetRestarts(rec *trace.Recording) {
	stopped := map[string]int{} // index of the signal that stops the process
	for i := 0; i < len(rec.Events); i++ {
		e := rec.Events[i]
		at, ok := stopped[e.Process]
		switch {
		case e.Kind == trace.KindSignal && e.Signal == int(unix.SIGSTOP) && !ok:
			stopped[e.Process] = i
		case e.Kind == trace.KindRead && ok:
			rec.Events[i].Entered = e.Time
		case e.Kind == trace.KindClose && ok:
			e.Time = rec.Events[at].Time
			rec.Events = slices.Insert(slices.Delete(rec.Events, i, i+1), at, e)
			for process, j := range stopped {
				if j >= at {
					stopped[process]++
				}
			}
		}
	}
}

// comes reports whether a recording of the experiment comes with ch8.
// Those of experiments that are not exercises show what differs from run
// to run, as the processor times do: only their sources are compared.
func comes(x *lab.Experiment) bool {
	return x.Exercise || slices.Contains([]string{"exec", "setuid", "system"}, x.Dir)
}

// inSample reports whether the experiment is one of every three exercises,
// and one of which a run of this user is as a run of root.
func inSample(x *lab.Experiment) bool {
	if os.Geteuid() != 0 && changesIDs(x) {
		return false
	}
	exercises := slices.DeleteFunc(slices.Clone(all), func(x *lab.Experiment) bool { return !x.Exercise })
	return sampling.Has(slices.Index(exercises, x), 3)
}

// changesIDs reports whether the program of the experiment takes another user
// id, which it does only where it may.
func changesIDs(x *lab.Experiment) bool {
	rec, err := kept(x)
	return err == nil && slices.ContainsFunc(rec.Events, func(e trace.Event) bool { return e.Kind == trace.KindCreds })
}

// isRun reports whether a run now is compared with the recording of an
// experiment. With a nice value of its own, system/nice begins in another way.
func isRun(x *lab.Experiment) bool {
	return x.Exercise && inSample(x) && !labtest.IsRaised(x)
}

// TestRecordings: the recordings that come with ch8 are of the
// programs as they are, and so are the sources. Runs of every third
// exercise are in the sample.
func TestRecordings(t *testing.T) {
	t.Parallel()
	for _, x := range all {
		if !comes(x) {
			continue
		}
		t.Run(x.ID(), func(t *testing.T) {
			if updating() {
				var b bytes.Buffer
				if err := recorded(t, x).Write(&b); err != nil {
					t.Fatal(err)
				}
				write(t, filepath.Join("recordings", recordingName(x)), b.Bytes())
				return
			}
			old, err := kept(x)
			if err != nil {
				t.Fatal(err)
			}
			upToDate(t, old)
			if !isRun(x) {
				return
			}
			rec := recorded(t, x)
			if diff := cmp.Diff(drawn(t, old, x), drawn(t, rec, x)); diff != "" {
				t.Errorf("-kept +now (go test ./ch8 -run Recordings -update records again):\n%s", diff)
			}
		})
	}
}

// upToDate checks that the sources of a recording are those of now.
func upToDate(t *testing.T, rec *trace.Recording) {
	t.Helper()
	for _, f := range rec.Sources {
		if filepath.IsAbs(f.Name) {
			continue // a script that the program made
		}
		if b, err := os.ReadFile(filepath.Join("..", f.Name)); err != nil || !f.Same(b) {
			t.Errorf("the text of %s is stale: go test ./ch8 -run Recordings -update", f.Name)
		}
	}
	if len(rec.Sources) == 0 {
		t.Error("the recording holds no sources")
	}
}

func write(t *testing.T, name string, b []byte) {
	t.Helper()
	if err := os.WriteFile(name, b, 0o644); err != nil {
		t.Fatal(err)
	}
}

// processorTime is a number of system/times that depends on how busy the
// machine was: it is 20 or a little more.
var processorTime = regexp.MustCompile(`\bwaited = \d+`)

// steady is a recording without what differs from run to run.
func steady(rec *trace.Recording) *trace.Recording {
	rec = canonical.Of(rec)
	for i := range rec.Events {
		if e := &rec.Events[i]; e.Kind == trace.KindWrite {
			e.Data = processorTime.ReplaceAll(e.Data, []byte("waited = 21"))
		}
	}
	return rec
}

// drawn is the terminal picture of a recording without what
// differs from run to run.
func drawn(t *testing.T, rec *trace.Recording, x *lab.Experiment) string {
	t.Helper()
	var b strings.Builder
	if err := modelOf(steady(rec), x).Text(&b, timeline.Options{NoTimes: true}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// pictured is what is drawn in the nth comparison.
func pictured(t *testing.T, x *lab.Experiment, n int) *trace.Recording {
	if !isRun(x) && !updating() {
		rec, err := kept(x)
		if err != nil {
			t.Fatal(err)
		}
		return rec
	}
	if n > 0 {
		return recordedAnew(t, x)
	}
	return recorded(t, x)
}

// nouns are those that a role has one of.
var nouns = []string{
	"accountant", "boss", "caller", "child", "client", "counter", "daemon", "grandchild", "job", "leader", "member", "middle", "original", "parent", "process", "program", "pruids", "script",
	"server", "session", "shell", "sibling", "sleep", "starter", "stray", "supervisor", "tsys", "watchdog", "worker",
}

// nounsOnly looks at the roles in "The ROLE forks the first child": a role
// like "for a while" makes no sentence.
func nounsOnly(t *testing.T, c lab.Cast) {
	t.Helper()
	for _, p := range c {
		noun := func(word string) bool { return slices.Contains(nouns, strings.Trim(word, ",")) }
		if !slices.ContainsFunc(strings.Fields(p.Role), noun) {
			t.Errorf("a process has the role %q, which has no noun (a new one is added to nouns)", p.Role)
		}
	}
}

// TestPictures: the terminal picture and the SVG of each exercise,
// in docs/pictures, are those of a run now; those of other experiments are
// of the recording that comes with ch8. -runs 60 compares so
// many runs. Runs of every third exercise are in the sample.
func TestPictures(t *testing.T) {
	t.Parallel()
	for _, x := range all {
		if !comes(x) {
			continue
		}
		t.Run(x.ID(), func(t *testing.T) {
			base := filepath.Join("..", "docs", "pictures", x.Dir+"-"+x.Name)
			for n := range *runs {
				rec := pictured(t, x, n)
				nounsOnly(t, x.Observe(rec).Cast())
				labtest.Golden(t, base+".txt", drawn(t, rec, x))
				var b bytes.Buffer
				if err := modelOf(steady(rec), x).SVG(&b, timeline.Options{NoTimes: true}); err != nil {
					t.Fatal(err)
				}
				if updating() {
					write(t, base+".svg", b.Bytes())
				} else if old, err := os.ReadFile(base + ".svg"); err != nil || !bytes.Equal(old, b.Bytes()) {
					t.Errorf("%s.svg is stale (%v): make pictures", base, err)
				}
				if t.Failed() {
					return
				}
			}
		})
	}
}
