package main

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"apue/internal/sampling"
	"apue/internal/trace"
)

// typed types a command line and returns what it prints; in is its
// input.
func typed(in string, args ...string) (stdout, stderr string, err error) {
	var out, errs bytes.Buffer
	err = execute(strings.NewReader(in), &out, &errs, args)
	if err != nil {
		errs.WriteString(err.Error())
	}
	return out.String(), errs.String(), err
}

// active says where s has what a terminal would act on, not show; ""
// for nowhere.
func active(s string) string {
	i := strings.IndexFunc(s, func(r rune) bool {
		if r < unicode.MaxASCII {
			return r < ' ' && r != '\n'
		}
		return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
	})
	if i < 0 {
		return ""
	}
	return fmt.Sprintf("%q", s[max(i-20, 0):min(i+20, len(s))])
}

// views are the ways to look at a recording.
var views = []struct {
	in   string
	args []string
}{
	{"", []string{"trace"}},
	{"", []string{"draw", "--format", "text"}},
	{"", []string{"draw", "--format", "svg"}},
	{"", []string{"draw", "--format", "html"}},
	{"n\nn\ng 9999999999999999999\nb\np\nq\n", []string{"walk"}},
}

const forgedHeader = `{"kind":"header","schema":1,"command":["a"],"start":"x"}` + "\n"

// forged are recordings that no recorder has made, in a few lines or in
// many of one pattern.
func forged() map[string]string {
	const evil = `\u001b[2J\u009b2J\u202e\u0007\r\n\u2028`
	many := func(n int, line func(i int) string) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(line(i) + "\n")
		}
		return b.String()
	}
	kinds := []trace.Kind{
		trace.KindFork, trace.KindVfork, trace.KindClone, trace.KindVforkDone, trace.KindExec, trace.KindExit,
		trace.KindWait, trace.KindSignal, trace.KindStop, trace.KindContinue, trace.KindReparented, trace.KindSetsid,
		trace.KindSetpgid, trace.KindKill, trace.KindChdir, trace.KindChroot, trace.KindUmask, trace.KindSubreaper,
		trace.KindOpen, trace.KindClose, trace.KindDup, trace.KindPipe, trace.KindSeek, trace.KindTruncate,
		trace.KindFcntl, trace.KindWrite, trace.KindSnapshot, trace.KindNote, trace.KindEnd, "x" + evil,
	}
	return map[string]string{
		"cyclic parents": `{"time":1,"pid":1,"process":"P0","kind":"fork","child":2,"child_process":"P0.1"}
{"time":2,"pid":2,"process":"P0.1","kind":"fork","child":1,"child_process":"P0"}
{"time":3,"pid":2,"process":"P0.1","kind":"fork","child":2,"child_process":"P0.1"}
{"time":4,"pid":1,"process":"P0","kind":"reparented","old_parent_process":"P0.1","new_parent_process":"P0"}
{"time":5,"pid":1,"process":"P0","kind":"exit","status":0}
{"time":6,"pid":2,"process":"P0.1","kind":"wait","result":1,"result_process":"P0"}`,
		"negative times": `{"time":-9223372036854775808,"pid":1,"process":"P0","kind":"fork","child":2,"child_process":"P0.1"}
{"time":9223372036854775807,"pid":2,"process":"P0.1","kind":"exit","status":0}
{"time":-5,"pid":1,"process":"P0","kind":"wait","entered":-9223372036854775808,"result":2,"result_process":"P0.1"}`,
		"absurd pids": `{"time":1,"pid":-9223372036854775808,"nspid":9223372036854775807,"process":"P0","kind":"kill","target":-9223372036854775808,"signal":-1}
{"time":2,"pid":0,"tid":-1,"process":"P0","kind":"wait","wait_pid":-9223372036854775808,"idtype":99,"id":-1,"options":-1,"result":9223372036854775807,"status":4294967295}
{"time":3,"pid":0,"process":"P0","kind":"signal","signal":-9223372036854775808,"si_code":9223372036854775807,"sender":-1}`,
		"one name for all": many(50, func(i int) string {
			return fmt.Sprintf(`{"time":%d,"pid":%d,"process":"P0","kind":"fork","child":%d,"child_process":"P0.1"}`, i, i, i)
		}),
		"escapes": many(len(kinds), func(i int) string {
			return strings.ReplaceAll(fmt.Sprintf(`{"time":%d,"pid":1,"process":"P0E","kind":"%s","call":"E","errno":"%s","child_process":"P0.E",`+
				`"parent_state":"E","path":"E","argv":["E"],"result_process":"E","sender_process":"E","target_process":"E","target":9,"signal":15,`+
				`"old_parent_process":"E","new_parent_process":"%s","new_parent_comm":"E","words":[{"map":"E","after":1}],"data":"G1sySg==",`+
				`"result":4,"note":"E","no_source":"E","source":{"file":"/E.c","line":1,"func":"E"},"snapshot":[{"process":"E","files":{"E":"E"}}]}`,
				i, kinds[i], []string{"", "E"}[i&1], []string{"", "E"}[i>>1&1]), "E", evil)
		}),
		"sources without an end": `{"time":1,"pid":1,"process":"P0","kind":"write","source":{"file":"/dev/zero","line":1}}
{"time":3,"pid":1,"process":"P0","kind":"write","source":{"file":"/proc/kmsg","line":-1}}
{"time":4,"pid":1,"process":"P0","kind":"write","source":{"file":".","line":9223372036854775807}}`,
		"waits of many threads": many(8000, func(i int) string {
			return fmt.Sprintf(`{"time":%d,"pid":1,"tid":%d,"process":"P0","kind":"wait","call":"wait4","entered":1000000000000,"result":0}`, i, i)
		}),
		"many strangers": many(2000, func(i int) string {
			return fmt.Sprintf(`{"time":%d,"pid":1,"process":"P0","kind":"signal","signal":15,"sender":%d}`, i, i+2)
		}),
		"many processes": many(3000, func(i int) string {
			return fmt.Sprintf(`{"time":%d,"pid":1,"process":"P0","kind":"fork","child":%d,"child_process":"P0.%d"}`, i, i, i)
		}),
		"many ends": many(3000, func(int) string { return `{"kind":"end"}` }),
	}
}

// TestForged looks at forged recordings in every way: there is a picture
// soon, and a terminal acts on nothing in it. Every third recording is in
// the sample.
func TestForged(t *testing.T) {
	t.Parallel()
	recordings := forged()
	for _, name := range sampling.Every(3, slices.Sorted(maps.Keys(recordings))) {
		events := recordings[name]
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "forged.jsonl")
			if err := os.WriteFile(file, []byte(forgedHeader+events), 0o666); err != nil {
				t.Fatal(err)
			}
			for _, v := range views {
				start := time.Now()
				out, errs, err := typed(v.in, append(v.args, file)...)
				if err != nil || out == "" {
					t.Errorf("%v: %s", v.args, errs)
				}
				// An SVG or HTML file is no terminal's, and the page's
				// own script has tabs.
				if s := active(strings.ReplaceAll(out, "\t", "")); s != "" {
					t.Errorf("%v prints %s", v.args, s)
				}
				// What grows with the square takes minutes.
				if took := time.Since(start); took > 3*time.Minute {
					t.Errorf("%v took %v", v.args, took)
				}
			}
		})
	}
}

// TestCutRecording looks at a recording that is cut off after each of
// its lines, and in the middle of each.
func TestCutRecording(t *testing.T) {
	whole, err := os.ReadFile(filepath.Join("recordings", "doublefork-doublefork.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	lines := bytes.SplitAfter(bytes.TrimSuffix(whole, []byte("\n")), []byte("\n"))
	var before []byte
	for n, line := range lines {
		if !sampling.Has(n, 3) {
			before = append(before, line...)
			continue
		}
		middle := append(bytes.Clone(before), line[:len(line)/2]...)
		if err := os.WriteFile("cut.jsonl", middle, 0o666); err != nil {
			t.Fatal(err)
		}
		before = append(before, line...)
		if err := os.WriteFile("whole.jsonl", before, 0o666); err != nil {
			t.Fatal(err)
		}
		for _, v := range views {
			if out, errs, err := typed(v.in, append(v.args, "whole.jsonl")...); err != nil || out == "" && n > 0 {
				t.Errorf("%v of %d lines: %s", v.args, n+1, errs)
			}
			want := fmt.Sprintf("cut.jsonl: line %d: the recording is cut off here", n+1)
			if n == 0 {
				want = "cut.jsonl is not a recording: line 1 is not the header of a recording"
			}
			out, errs, err := typed(v.in, append(v.args, "cut.jsonl")...)
			if err == nil || !strings.Contains(errs, want) {
				t.Errorf("%v of %d lines and a half: error %q, want %q", v.args, n, errs, want)
			}
			// What is before the cut is printed.
			if got := strings.Count(out, "\n"); v.args[0] == "trace" && got != max(n-1, 0) {
				t.Errorf("%d lines are printed, want %d", got, max(n-1, 0))
			}
		}
	}
}

// TestNoRecording: a file that is not a recording is refused, however
// large it is.
func TestNoRecording(t *testing.T) {
	t.Chdir(t.TempDir())
	f, err := os.Create("sparse") // 100 MB in one line
	if err == nil {
		err = f.Truncate(100e6)
	}
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
	for file, want := range map[string]string{
		"sparse": "line 1 is not the header of a recording", "missing": `no id and no file "missing"`, ".": "there is nothing to build or run here",
	} {
		for _, v := range views[:4] {
			_, errs, err := typed("", append(v.args, file)...)
			if err == nil || !strings.Contains(errs, want) {
				t.Errorf("%v %s: error %q, want %q", v.args, file, errs, want)
			}
		}
	}
}

// TestProgressFile: the file is there to be edited, and may say
// anything.
func TestProgressFile(t *testing.T) {
	t.Chdir(t.TempDir())
	for said, want := range map[string]int{
		"hint fork/glob/copied -7\nclaim x\n": 1, "hint fork/glob/copied 9223372036854775807": 3,
		"claim fork/glob/copied \x1b[2J 1 2\nhint fork/glob/copied 1": 2, "\x00": 1,
		"claim x pass 1 " + strings.Repeat("x", 100_000) + "\nhint fork/glob/copied 1": 2,
	} {
		if err := os.WriteFile(progressFile, []byte(said), 0o666); err != nil {
			t.Fatal(err)
		}
		out, errs, err := typed("", "progress")
		if err != nil || active(out) != "" {
			t.Errorf("%q: progress: %s %s", said, errs, active(out))
		}
		out, errs, err = typed("", "hint", "fork/glob/copied")
		if err != nil || !strings.Contains(out, fmt.Sprintf("\n  %d. ", want)) {
			t.Errorf("%q: hint: %s\n%s", said, errs, out)
		}
	}
}

// FuzzCommandLine types anything after the verbs that start no program
// and write no file but the one that keeps a learner's progress.
func FuzzCommandLine(f *testing.F) {
	f.Chdir(f.TempDir())
	verbs := []string{"list", "task", "hint", "help", "draw", "progress", "chek"}
	for i, args := range []string{
		"", "fork/glob", "doublefork\ndoublefork", "fork/glob", "x", "-h", "--json\nfork",
		"fork/glob/copied\n-x", "--\n--", "--format=classroom50", "/", "fork//", "\x1b[2J", "wait/status/\xff",
	} {
		f.Add(uint8(i), args)
	}
	f.Fuzz(func(t *testing.T, verb uint8, line string) {
		v := verbs[int(verb)%len(verbs)]
		args := strings.Split(line, "\n")
		if v == "draw" {
			args = []string{"--format", args[0], "missing"}
		}
		_, errs, err := typed("", append([]string{v}, args...)...)
		var status exit
		if errors.As(err, &status) && status != 2 {
			t.Errorf("%s %q: exit status %d", v, args, status)
		}
		if err != nil && strings.TrimSpace(errs) == "" {
			t.Errorf("%s %q fails and does not say why", v, args)
		}
	})
}

// FuzzFind resolves ids: what is found is called so, and what is not is
// said in words that no terminal acts on.
func FuzzFind(f *testing.F) {
	for _, id := range []string{"", "/", "fork", "fork/glob", "fork/glob/copied", "fork/glob/copied/x", "glob", "\xff/", "//", "fork/"} {
		f.Add(id)
	}
	f.Fuzz(func(t *testing.T, id string) {
		if len(id) > 1000 {
			return
		}
		found, claim, err := find(id)
		if err != nil {
			if active(err.Error()) != "" {
				t.Errorf("%q: %v", id, err)
			}
			return
		}
		id = strings.Trim(id, "/") // as a shell completes a folder's name
		for _, x := range found {
			if claim == "" && id != x.Dir && id != x.Name && id != x.ID() || claim != "" && id != x.ID()+"/"+claim {
				t.Errorf("%q finds %s, claim %q", id, x.ID(), claim)
			}
		}
	})
}
