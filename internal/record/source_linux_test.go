//go:build 386 || amd64 || arm64

package record

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"apue/internal/build"
	"apue/internal/symbol"
	"apue/internal/trace"
)

// marks are the lines of a source file that end in "mark: NAME".
func marks(t *testing.T, file string) map[string]int {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	m := map[string]int{}
	mark := regexp.MustCompile(`mark: (\w+)`)
	for i, line := range strings.Split(string(b), "\n") {
		if name := mark.FindStringSubmatch(line); name != nil {
			m[name[1]] = i + 1
		}
	}
	return m
}

// place is "file:line function" of an event.
func place(e *trace.Event) string {
	if e.Source == nil {
		return e.NoSource
	}
	return fmt.Sprintf("%s:%d %s", filepath.Base(e.Source.File), e.Source.Line, e.Source.Func)
}

// places are those of the writes of P0, by what they wrote, and of
// its other calls by kind.
func places(r run) map[string]string {
	m := map[string]string{}
	for i := range r.Events {
		e := &r.Events[i]
		switch key := strings.TrimSpace(string(e.Data)); {
		case e.Kind == trace.KindSignal || e.Kind == trace.KindEnd:
		case key != "":
			m[key] = place(e)
		case e.Process != "P0":
			m[e.Process+" "+string(e.Kind)] = place(e)
		default:
			m[string(e.Kind)] = place(e)
		}
	}
	return m
}

func TestSourceC(t *testing.T) {
	line := marks(t, "testdata/lines.c")
	at := func(mark, function string) string {
		return "lines.c:" + strconv.Itoa(line[mark]) + " " + function
	}
	want := map[string]string{
		"exec":      "", // of the launcher
		"number 7":  at("printf", "main"),
		"callback":  at("callback", "compare"),
		"deep":      at("deep", "deep"),
		"kill":      at("raise", "main"),
		"handler":   at("handler", "handler"),
		"fork":      at("fork", "main"),
		"P0.1 exit": at("fault", "main"),
		"wait":      at("wait", "main"),
		"exit":      at("exit", "main"),
	}
	builds := []string{"-g", "-g -O2", "-g -static"}
	if os.Getenv("TRACE_REPEAT") != "" {
		builds = append(builds, "-g -no-pie", "-g -O1 -fomit-frame-pointer -gdwarf-4")
	}
	for _, flags := range builds {
		t.Run(flags, func(t *testing.T) {
			r := runProgram(t, Options{}, cProgram(t, "lines", strings.Fields(flags)...))
			equal(t, "places", places(r), want)
		})
	}
	r := runProgram(t, Options{}, cProgram(t, "lines"))
	equal(t, "without -g", place(r.one(t, "P0", trace.KindFork)), symbol.NoDebugInfo)
	equal(t, "file", func() string {
		r := runProgram(t, Options{}, cProgram(t, "lines", "-g"))
		return r.one(t, "P0", trace.KindFork).Source.File
	}(), mustAbs("testdata/lines.c"))
}

func TestSourceGo(t *testing.T) {
	if longSize == 4 {
		t.Skip("the lines of Go programs of 32 bits are not told")
	}
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("no Go tool in PATH")
	}
	line := marks(t, "testdata/lines/main.go")
	at := func(mark, function string) string {
		return "main.go:" + strconv.Itoa(line[mark]) + " " + function
	}
	want := map[string]string{
		"exec":      "",
		"print":     at("fmt", "main.main"),
		"inlined":   at("inlined", "main.inlined"),
		"deep":      at("deep", "main.deep"),
		"umask":     at("unix", "main.main"),
		"kill":      at("kill", "main.main"),
		"goroutine": at("goroutine", "main.main.func2"),
		"exit":      at("exit", "main.main"),
	}
	builds := [][]string{nil, {"-ldflags=-s -w"}}
	if os.Getenv("TRACE_REPEAT") != "" {
		builds = append(builds, []string{"-trimpath"}, []string{"-buildmode=pie"})
	}
	for _, flags := range builds {
		t.Run(strings.Join(flags, " "), func(t *testing.T) {
			exe := filepath.Join(t.TempDir(), "lines")
			if out, err := build.Go("testdata/lines", exe, flags...); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			equal(t, "places", places(runProgram(t, Options{}, exe)), want)
		})
	}
}
