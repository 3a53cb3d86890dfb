package proc

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"
)

// A helper is a small program: the test binary started again with
// the helper's name in the environment. Each fork is made in one,
// for Fork leaves the process with one processor and must not find
// the test's own goroutines.
var helpers = map[string]func(){}

// used are the helpers that some test ran.
var used sync.Map

const helperEnv = "APUE_PROC_HELPER"

func TestMain(m *testing.M) {
	if name := os.Getenv(helperEnv); name != "" {
		h := helpers[name]
		if h == nil {
			fmt.Fprintf(os.Stderr, "no helper %q\n", name)
			os.Exit(3)
		}
		h()
		os.Exit(0)
	}
	code := m.Run()
	if code == 0 && !filtered() {
		for name := range helpers {
			if _, ok := used.Load(name); !ok {
				fmt.Fprintf(os.Stderr, "helper %q was used by no test\n", name)
				code = 1
			}
		}
	}
	os.Exit(code)
}

// filtered reports whether go test was told to run a part.
func filtered() bool {
	for _, a := range os.Args {
		if bytes.HasPrefix([]byte(a), []byte("-test.run")) || bytes.HasPrefix([]byte(a), []byte("-test.skip")) || a == "-test.bench=." || bytes.HasPrefix([]byte(a), []byte("-test.fuzz")) {
			return true
		}
	}
	return false
}

// register names a helper; it returns the name.
func register(name string, body func()) string {
	helpers[name] = body
	return name
}

// ran is what became of a helper.
type ran struct {
	out, errout string
	err         error
}

// run starts a helper and waits for it, beside those of other tests, two
// minutes at most: what hangs, hangs for ever, and on an emulated
// processor a helper may need half a minute.
func run(t *testing.T, name string) ran {
	t.Helper()
	t.Parallel()
	used.Store(name, true)
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0])
	cmd.Env = append(os.Environ(), helperEnv+"="+name)
	var out, errout bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errout
	cmd.WaitDelay = time.Second
	err := cmd.Run()
	if ctx.Err() != nil {
		t.Fatalf("%s hung; so far it printed %q and %q", name, out.String(), errout.String())
	}
	return ran{out.String(), errout.String(), err}
}

// prints runs a helper that has to end well and print want.
func prints(t *testing.T, name, want string) {
	t.Helper()
	r := run(t, name)
	if r.err != nil || r.out != want {
		t.Errorf("%s: %v, printed %q, want %q\n%s", name, r.err, r.out, want, r.errout)
	}
}

// inChild forks, has the child do body and prints how it ended.
func inChild(body func()) {
	pid, err := Fork()
	Check(err)
	if pid == 0 {
		body()
		Exit(0)
	}
	var status WaitStatus
	_, err = Waitpid(pid, &status, 0)
	Check(err)
	fmt.Println(status)
}
