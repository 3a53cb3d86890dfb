//go:build 386 || amd64 || arm64

package record

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"apue/internal/build"
	"apue/internal/trace"
)

type launchSpec struct {
	Path      string
	Args      []string
	Options   Options
	NoSeccomp bool
}

func init() {
	roles = append(roles, playLauncher, playProgram, playTester)
	if os.Getenv("TRACE_TEST_LAUNCH") != "" {
		runtime.LockOSThread() // the launcher executes on the main thread
	}
}

// playTester keeps what go test was started with open, by an editor or
// a profiler, from the programs that are recorded.
func playTester() bool {
	unix.CloseRange(3, 1<<31-1, unix.CLOSE_RANGE_CLOEXEC)
	return false
}

func playLauncher() bool {
	spec := os.Getenv("TRACE_TEST_LAUNCH")
	if spec == "" {
		return false
	}
	os.Unsetenv("TRACE_TEST_LAUNCH")
	var l launchSpec
	err := json.Unmarshal([]byte(spec), &l)
	if err == nil {
		l.Options.noSeccomp = l.NoSeccomp
		err = l.launch(3)
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(127)
	return true
}

// launch makes this process the program, when a byte can be read from a
// descriptor. At its end nobody wants the program any more.
func (l *launchSpec) launch(ready int) error {
	if n, _ := unix.Read(ready, make([]byte, 1)); n != 1 {
		os.Exit(125)
	}
	unix.Close(ready)
	if err := Filter(l.Options); err != nil {
		return err
	}
	return &os.PathError{Op: "exec", Path: l.Path, Err: unix.Exec(l.Path, l.Args, os.Environ())}
}

func playProgram() bool {
	name := os.Getenv("TRACE_TEST_PROGRAM")
	if name == "" {
		return false
	}
	goPrograms[name]()
	return true
}

// goPrograms are programs of this test binary, by name.
var goPrograms = map[string]func(){}

// A run is a recorded run of a program.
type run struct {
	*trace.Recording
	out string
}

// reapOrphans collects what a run without the recorder left to this
// process, its subreaper.
func reapOrphans() {
	for {
		if _, err := unix.Wait4(-1, nil, 0, nil); err != nil && err != unix.EINTR {
			return
		}
	}
}

// runProgram runs a program under the recorder, the test process being
// its subreaper, and fails the test if that takes too long.
func runProgram(t testing.TB, o Options, args ...string) run {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	r, out, err := recordArgs(ctx, o, nil, args...)
	if err != nil {
		t.Fatalf("record %q: %v\n%s", args, err, out)
	}
	end := r.Events[len(r.Events)-1]
	if end.Kind != trace.KindEnd || end.Timeout {
		t.Fatalf("record %q: hangs\n%s\n%s", args, text(r), out)
	}
	return run{r, out}
}

var beSubreaper = sync.OnceValue(func() error {
	return unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
})

func recordArgs(ctx context.Context, o Options, env []string, args ...string) (*trace.Recording, string, error) {
	if err := beSubreaper(); err != nil {
		return nil, "", err
	}
	path, err := exec.LookPath(args[0])
	if err != nil {
		return nil, "", err
	}
	spec, err := json.Marshal(launchSpec{path, args, o, o.noSeccomp})
	if err != nil {
		return nil, "", err
	}
	outR, outW, err := os.Pipe()
	if err != nil {
		return nil, "", err
	}
	var out bytes.Buffer
	read := make(chan struct{})
	go func() { defer close(read); io.Copy(&out, outR); outR.Close() }()

	start := func() (Launched, error) {
		defer outW.Close()
		r, w, err := os.Pipe()
		if err != nil {
			return Launched{}, err
		}
		null, err := os.Open(os.DevNull)
		if err != nil {
			return Launched{}, err
		}
		defer null.Close()
		defer r.Close()
		p, err := os.StartProcess("/proc/self/exe", []string{"launcher"}, &os.ProcAttr{
			Env:   append(append(os.Environ(), env...), "TRACE_TEST_LAUNCH="+string(spec)),
			Files: []*os.File{null, outW, outW, r},
			Sys:   &unix.SysProcAttr{Setpgid: true},
		})
		if err != nil {
			return Launched{}, err
		}
		return Launched{Pid: p.Pid, Release: func() error {
			_, err := w.Write([]byte{1})
			w.Close()
			p.Release()
			return err
		}}, nil
	}
	rec, err := Run(ctx, args, start, o)
	outW.Close()
	<-read
	if rec != nil && o.Sink == nil {
		if found := trace.Check(rec); found != nil {
			err = fmt.Errorf("%w\n%s", errors.Join(append(found, err)...), text(rec))
		}
	}
	return rec, out.String(), err
}

// program is a Go program of the test binary.
func goProgram(t testing.TB, o Options, name string) run {
	t.Helper()
	t.Setenv("TRACE_TEST_PROGRAM", name)
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return runProgram(t, o, exe)
}

var compiled sync.Map

// compiledInto is the folder of all of them.
var compiledInto = sync.OnceValues(func() (string, error) { return os.MkdirTemp("", "record-test-") })

func init() {
	atEnd = append(atEnd, func() {
		if dir, err := compiledInto(); err == nil {
			os.RemoveAll(dir)
		}
	})
}

// nativeFlags are flags for the C compiler, and what makes its programs of
// this architecture: on 386 it may be one for 64 bits.
func nativeFlags(flags ...string) []string {
	if runtime.GOARCH == "386" {
		flags = append(flags, "-m32")
	}
	return flags
}

// cProgram is testdata/NAME.c, compiled once for the whole test run.
func cProgram(t testing.TB, name string, flags ...string) string {
	t.Helper()
	cc, err := exec.LookPath("cc")
	if err != nil {
		t.Skip("no C compiler: install gcc")
	}
	key := name + strings.Join(flags, " ")
	once, _ := compiled.LoadOrStore(key, sync.OnceValues(func() (string, error) {
		top, err := compiledInto()
		if err != nil {
			return "", err
		}
		dir, err := os.MkdirTemp(top, "")
		if err != nil {
			return "", err
		}
		exe := filepath.Join(dir, name)
		args := append(nativeFlags("-O0", "-Wall", "-pthread"), flags...)
		if out, err := build.C(cc, filepath.Join("testdata", name+".c"), exe, args...); err != nil {
			return string(out), err
		}
		return exe, nil
	}))
	exe, err := once.(func() (string, error))()
	if err != nil {
		t.Fatalf("cc %s: %v\n%s", name, err, exe)
	}
	return exe
}
