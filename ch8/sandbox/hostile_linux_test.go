package sandbox

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"apue/ch8/trace"
)

// short is the deadline of programs that do not end.
const short = 400 * time.Millisecond

// A hostile program, and what must come of it. The functions may
// be nil.
type hostile struct {
	mode   string
	limits Limits
	c      Command
	golang bool   // there is one in Go too
	only   string // "isolated"; "plain", and then not recorded either
	check  func(t *testing.T, r *Result, isolated, traced bool)
	fails  func(isolated bool) string // a part of the error wanted
}

func exited(want int) func(*testing.T, *Result, bool, bool) {
	return func(t *testing.T, r *Result, _, _ bool) {
		t.Helper()
		if r.Status != uint32(want)<<8 || r.TimedOut || len(r.Leftovers) > 0 {
			t.Errorf("got %s, want exit status %d", sum(r), want)
		}
	}
}

// timedOut wants one process to be alive in the end, in the state.
func timedOut(status uint32, first bool, state string) func(*testing.T, *Result, bool, bool) {
	return func(t *testing.T, r *Result, isolated, _ bool) {
		t.Helper()
		if !r.TimedOut || r.Status != status || len(r.Leftovers) != 1 {
			t.Fatalf("got %s, want a timeout with one process left", sum(r))
		}
		l := r.Leftovers[0]
		if l.First != first || !strings.Contains(state, l.State) {
			t.Errorf("left is %+v, want state %s, first %v", l, state, first)
		}
		if isolated == (l.Pid == l.NSpid) || l.Comm == "" || len(l.Cmdline) == 0 {
			t.Errorf("left is described as %+v", l)
		}
	}
}

func sum(r *Result) string {
	return fmt.Sprintf("status %#x, timeout %v, flood %v, %d left %+v, stdout %.60q, stderr %.200q",
		r.Status, r.TimedOut, r.Flooded, len(r.Leftovers), r.Leftovers, r.Stdout, r.Stderr)
}

const killed = uint32(unix.SIGKILL)

var hostiles = []hostile{
	{mode: "forever", golang: true, check: timedOut(killed, true, "S")},
	{mode: "ignore", golang: true, check: timedOut(killed, true, "S")},
	{mode: "spin", limits: Limits{CPU: 1}, only: "plain", c: Command{Timeout: time.Minute}, check: func(t *testing.T, r *Result, _, traced bool) {
		if r.Status != killed || r.TimedOut {
			t.Errorf("got %s, want the end by RLIMIT_CPU", sum(r))
		}
	}},
	{mode: "zombie", check: timedOut(killed, true, "S")},
	{mode: "stop", check: timedOut(killed, true, "Tt")},
	{mode: "daemon", golang: true, check: func(t *testing.T, r *Result, i, tr bool) {
		timedOut(0, false, "S")(t, r, i, tr)
		if string(r.Stdout) != "parent\n" {
			t.Errorf("stdout is %q", r.Stdout)
		}
	}},
	{mode: "orphan", check: func(t *testing.T, r *Result, i, tr bool) {
		exited(0)(t, r, i, tr)
		if string(r.Stdout) != fmt.Sprintln(r.Adopter) || i != (r.Adopter == 1) || r.AdopterComm != "lab" {
			t.Errorf("it was adopted by %q, the result says %d (%s)", r.Stdout, r.Adopter, r.AdopterComm)
		}
	}},
	{mode: "closeall", check: exited(7)},
	{mode: "termparent", check: exited(0)},
	{mode: "killgroup", check: func(t *testing.T, r *Result, _, _ bool) {
		if r.Status != killed || r.TimedOut {
			t.Errorf("got %s, want death by SIGKILL", sum(r))
		}
	}},
	{mode: "traceme", check: func(t *testing.T, r *Result, i, traced bool) {
		if traced {
			exited(6)(t, r, i, traced)
		} else {
			timedOut(killed, true, "t")(t, r, i, traced)
		}
	}},
	{mode: "spew", golang: true, c: Command{Output: 1000, Timeout: time.Minute}, check: func(t *testing.T, r *Result, _, _ bool) {
		if !r.Flooded || r.TimedOut || !r.Truncated || len(r.Stdout) != 1000 || r.Status != killed {
			t.Errorf("got %s, want it ended for its output", sum(r))
		}
	}},
	{mode: "hog", limits: Limits{AddressSpace: 64 << 20}, c: Command{Timeout: time.Minute}, check: func(t *testing.T, r *Result, i, tr bool) {
		exited(4)(t, r, i, tr)
		if n, err := strconv.Atoi(strings.TrimSpace(string(r.Stdout))); err != nil || n < 8 || n > 64 {
			t.Errorf("it got %q MiB of 64", r.Stdout)
		}
	}},
	{mode: "bigfile", limits: Limits{FileSize: 1 << 20}, c: Command{Timeout: time.Minute, Output: 5000}, check: func(t *testing.T, r *Result, _, _ bool) {
		if r.Status&0x7f != uint32(unix.SIGXFSZ) || len(r.Files["big"]) != 5000 {
			t.Errorf("got %s, want SIGXFSZ; file of %d bytes", sum(r), len(r.Files["big"]))
		}
	}},
	{mode: "killparent", fails: func(isolated bool) string {
		if isolated {
			return ""
		}
		return "was killed"
	}, check: func(t *testing.T, r *Result, _, _ bool) {
		if !r.TimedOut || len(r.Leftovers) != 2 {
			t.Errorf("got %s, want a timeout, since an init cannot be killed from within", sum(r))
		}
	}},
	{mode: "stopparent", fails: func(isolated bool) string {
		if isolated {
			return ""
		}
		return "did not answer in time"
	}, check: timedOut(killed, true, "S")},
	{mode: "killall", golang: true, only: "isolated", check: func(t *testing.T, r *Result, i, tr bool) {
		exited(0)(t, r, i, tr)
		if string(r.Stdout) != "killed\n" {
			t.Errorf("stdout is %q", r.Stdout)
		}
	}},
	{mode: "bomb", golang: true, only: "isolated", limits: Limits{Processes: 40},
		c: Command{Timeout: 3 * short}, check: checkBomb(40)},
}

// checkBomb wants no more than limit processes and threads.
func checkBomb(limit int) func(*testing.T, *Result, bool, bool) {
	return func(t *testing.T, r *Result, _, _ bool) {
		t.Helper()
		n, err := strconv.Atoi(strings.TrimSpace(string(r.Stdout)))
		if err != nil || n < 1 || n >= limit || !r.TimedOut || len(r.Leftovers) > limit {
			t.Errorf("got %s, want fewer than %d processes", sum(r), limit)
		}
	}
}

// TestHostile runs each program plain and isolated, recorded and
// not: it must not outlive the run, nor harm it.
func TestHostile(t *testing.T) {
	for _, h := range hostiles {
		for _, lang := range []string{"c", "go"} {
			for _, isolated := range []bool{false, true} {
				for _, traced := range []bool{false, true} {
					if lang == "go" && (!h.golang || traced) || h.only == "isolated" && !isolated || h.only == "plain" && (isolated || traced) {
						continue
					}
					name := fmt.Sprintf("%s/%s/isolated=%v/traced=%v", h.mode, lang, isolated, traced)
					t.Run(name, func(t *testing.T) {
						t.Parallel()
						h.run(t, lang, isolated, traced)
					})
				}
			}
		}
	}
}

func (h hostile) run(t *testing.T, lang string, isolated, traced bool) {
	if isolated {
		mustIsolate(t)
	}
	cookie := newCookie()
	c := h.c
	if lang == "c" {
		c.Args = program(t, h.mode, cookie, namespace())
	} else {
		c.Args = programGo(h.mode, cookie, namespace())
	}
	if c.Timeout == 0 {
		c.Timeout = short
	}
	if traced {
		c.Trace = &trace.Options{}
		if c.Timeout < time.Second {
			c.Timeout *= 2
		}
	}
	c.Isolate, c.Limits = isolated, h.limits
	r, err := c.start(context.Background(), order{patience: time.Second})
	noneLeft(t, cookie)
	want := ""
	if h.fails != nil {
		want = h.fails(isolated)
	}
	switch {
	case want != "":
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v, want %q", err, want)
		}
	case err != nil:
		t.Error(err)
	case h.check != nil:
		h.check(t, r, isolated, traced)
	}
}

// The dangerous programs of these tests check where they are.
func TestGuard(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		program(t, "bomb", newCookie(), namespace()),
		program(t, "bomb", newCookie()),
		programGo("bomb", newCookie(), namespace()),
		programGo("bomb", newCookie()),
	} {
		r, err := Run(context.Background(), Command{Args: args})
		if err != nil {
			t.Fatal(err)
		}
		exited(3)(t, r, false, false)
	}
}
