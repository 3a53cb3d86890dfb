//go:build 386 || amd64 || arm64

package record

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"apue/internal/sampling"
	"apue/internal/trace"
)

// attacks are the programs of testdata/attack.c, and the status that
// each says it ends with.
var attacks = []struct {
	args   []string
	status uint32
	check  func(*testing.T, run)
}{
	{[]string{"traceme"}, 10, nil},
	{[]string{"seize"}, 7, checkSeven},
	{[]string{"errno"}, 11, nil},
	{[]string{"trace"}, 12, checkSeven},
	{[]string{"kill"}, 17, func(t *testing.T, r run) {
		equal(t, "signal", r.one(t, "P0.1", trace.KindExit).Status&0x7f, uint32(31))
	}},
	{[]string{"deaf"}, 7, checkSeven},
	{[]string{"rename"}, 7, func(t *testing.T, r run) {
		execs := r.find("P0", trace.KindExec)
		equal(t, "path", execs[len(execs)-1].Path, "./a\n\x1b[2J")
	}},
	{[]string{"undumpable"}, 7, checkSeven},
	{[]string{"poor"}, 13, nil},
	{[]string{"threads"}, 14, nil},
	{[]string{"thread exec"}, 7, func(t *testing.T, r run) {
		execs := r.find("P0", trace.KindExec)
		equal(t, "arguments", execs[len(execs)-1].Argv, []string{"attack", "seven"})
	}},
	{[]string{"vfork"}, 15, func(t *testing.T, r run) {
		equal(t, "the vfork's child", r.one(t, r.one(t, "P0", trace.KindVfork).ChildProcess, trace.KindExit).Status, uint32(9))
	}},
	{[]string{"vast"}, 18, nil},
	{[]string{"fickle"}, 20, func(t *testing.T, r run) {
		made := 0
		for _, e := range r.find("P0", trace.KindClone) {
			if e.Child != 0 {
				made++
			}
		}
		equal(t, "processes made", fmt.Sprintln(made), r.out)
	}},
	{[]string{"odd"}, 19, func(t *testing.T, r run) {
		equal(t, "processes", len(r.Processes()), 2)
		checkSeven(t, r)
	}},
	{[]string{"massacre", "42"}, 16, nil},
}

// checkSeven: the only child ended with 7, and its parent was told so.
func checkSeven(t *testing.T, r run) {
	equal(t, "child's status", r.one(t, "P0.1", trace.KindExit).Status, uint32(7<<8))
	equal(t, "statuses", r.statuses("P0"), []uint32{7 << 8})
}

// TestAttacks records programs that attack the recorder, with the filter
// and without it: the recording is right, and there is one.
func TestAttacks(t *testing.T) {
	for i, a := range attacks {
		t.Run(strings.Join(a.args, " "), func(t *testing.T) {
			args := append([]string{cProgram(t, "attack")}, a.args...)
			if len(a.args) > 1 && os.Getenv("TRACE_REPEAT") != "" {
				args[2] = "700"
			}
			for _, noSeccomp := range []bool{false, true} {
				if noSeccomp != (i%2 == 1) && !sampling.All() {
					continue
				}
				t.Chdir(t.TempDir())
				ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
				rec, out, err := recordArgs(ctx, Options{noSeccomp: noSeccomp, Files: true, Words: []int32{6}}, nil, args...)
				cancel()
				if err != nil {
					t.Fatalf("-no-seccomp=%v: %v\n%s", noSeccomp, err, out)
				}
				r := run{rec, out}
				if end := rec.Events[len(rec.Events)-1]; end.Kind != trace.KindEnd || end.Timeout {
					t.Fatalf("-no-seccomp=%v: hangs\n%s", noSeccomp, text(rec))
				}
				equal(t, "status", r.one(t, "P0", trace.KindExit).Status, a.status<<8)
				if a.check != nil {
					a.check(t, r)
				}
				for i := range rec.Events {
					if s := trace.Text(&rec.Events[i]); active(s) {
						t.Errorf("a terminal would act on %q", s)
					}
				}
				if t.Failed() {
					s := text(rec)
					t.Fatalf("-no-seccomp=%v\n%s", noSeccomp, s[:min(len(s), 8000)])
				}
			}
		})
	}
}

// active says that a terminal would act on a part of s, not show it.
func active(s string) bool {
	return !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool {
		return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
	})
}
