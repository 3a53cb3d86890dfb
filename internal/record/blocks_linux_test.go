//go:build 386 || amd64 || arm64

package record

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"apue/internal/procfs"
	"apue/internal/trace"
)

// A stuck context ends when every process of a program has come to where
// it stays.
type stuck struct {
	context.Context
	done chan struct{}
}

func (s stuck) Done() <-chan struct{} { return s.done }

func (s stuck) Err() error {
	select {
	case <-s.done:
		return context.DeadlineExceeded
	default:
		return nil
	}
}

// TestBlocked: when the time is over each process says what it was in,
// and what could have ended the wait.
func TestBlocked(t *testing.T) {
	path := cProgram(t, "blocked", "-g")
	t.Chdir(t.TempDir())
	ctx := stuck{context.Background(), make(chan struct{})}
	r := &trace.Recording{}
	o := Options{Begin: func(h *trace.Header) error { r.Header = *h; return nil }}
	o.Sink = func(e *trace.Event) error {
		r.Events = append(r.Events, *e)
		if e.Kind == trace.KindExec {
			pid := e.Pid // the event is the recorder's again after this call
			go func() {
				defer close(ctx.done)
				for !allStuck(pid) {
					time.Sleep(time.Millisecond)
				}
			}()
		}
		return nil
	}
	if _, out, err := recordArgs(ctx, o, nil, path); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	got := map[string]string{}
	for _, e := range r.Events {
		if e.Kind != trace.KindBlocked {
			continue
		}
		if got[e.Process] != "" {
			t.Errorf("%s is told twice", e.Process)
		}
		got[e.Process] = strings.TrimSpace(fmt.Sprintf("%s %s %v %s", e.Call, time.Duration(e.Duration), e.Holders, e.Object))
		if e.Source == nil || !strings.HasSuffix(e.Source.File, "blocked.c") {
			t.Errorf("%s has no place: %s", e.Process, e.NoSource)
		}
	}
	poll := "ppoll"
	if strings.HasPrefix(got["P0.3"], "poll ") {
		poll = "poll"
	}
	pause := "ppoll"
	if strings.HasPrefix(got["P0.4"], "pause ") {
		pause = "pause"
	}
	// The writing end of the pipe is open in the parent and in every child.
	all := "[P0 P0.1 P0.2 P0.3 P0.4 P0.5 P0.6 P0.7]"
	lock := got["P0.5"]
	if !strings.HasPrefix(lock, "flock 0s [] /") || !strings.HasSuffix(lock, "/lock") {
		t.Errorf("P0.5 waits in %q, want flock of the file", lock)
	}
	delete(got, "P0.5")
	equal(t, "where each was", got, map[string]string{
		"P0": "wait4 0s []", "P0.1": "read 0s " + all + " pipe 1", "P0.2": "clock_nanosleep 1m40s []",
		"P0.3": poll + " 1m40s []", "P0.4": pause + " 0s []", "P0.6": "futex 0s []", "P0.7": "0s []",
	})
	if t.Failed() {
		t.Log(text(r))
	}
}

// TestSleepAndRead: calls that waited and returned say since when, and of
// what.
func TestSleepAndRead(t *testing.T) {
	needNativeShell(t)
	r := runProgram(t, Options{}, "sh", "-c", "{ sleep 0.05; echo hello; } | cat; read x </dev/null")
	var reads []string
	for _, e := range r.Events {
		if e.Kind == trace.KindRead && e.Object != "" {
			name, _, _ := strings.Cut(e.Object, " ")
			reads = append(reads, fmt.Sprintf("%s %q", name, e.Data))
			if e.Entered > e.Time {
				t.Errorf("entered at %d, returned at %d", e.Entered, e.Time)
			}
		}
	}
	want := []string{`pipe "hello\n"`, `pipe ""`, `/dev/null ""`}
	if strings.Join(reads, ", ") != strings.Join(want, ", ") {
		t.Errorf("reads %q, want %q\n%s", reads, want, text(r.Recording))
	}
}

// allStuck says whether the program has seven children, six of them in
// the calls that they stay in and one in its loop.
func allStuck(pid int) bool {
	children := strings.Fields(procfs.ReadAll(procfs.Path(pid, "task/"+itoa(pid)+"/children")))
	if len(children) != 7 {
		return false
	}
	waiting := 0
	for _, child := range append(children, itoa(pid)) {
		sample := procfs.ReadAll("/proc/" + child + "/task/" + child + "/syscall")
		pid, _ := strconv.Atoi(child)
		s, ok := procfs.ReadStat(pid)
		if ok && s.State() == 'S' && sample != "running\n" && sample != "" {
			waiting++
		}
	}
	return waiting == 7
}

// TestOddCalls: who sent a child's own exit signal, what a pidfd names whose
// process was reaped, and what is done to a lock.
func TestOddCalls(t *testing.T) {
	r := runProgram(t, Options{}, cProgram(t, "odd"))
	var sent *trace.Event
	for _, e := range r.find("P0", trace.KindSignal) {
		if e.Signal == int(unix.SIGUSR2) {
			sent = e
		}
	}
	if sent == nil || sent.SenderProcess != "P0.1" || trace.SiCodeName(sent.Signal, sent.SiCode) != "CLD_EXITED" {
		t.Errorf("the signal of the end of P0.1: %+v", sent)
	}
	kill := r.one(t, "P0", trace.KindKill)
	if kill.Fd == 0 || kill.Target != 0 || !strings.Contains(kill.Unknown["target"], "reaped") ||
		!strings.Contains(trace.Text(kill), "to pidfd ") {
		t.Errorf("a signal to a reaped child: %+v", kill)
	}
	var locks []string
	for i := range r.Events {
		if e := &r.Events[i]; e.Kind == trace.KindLock {
			_, text, _ := strings.Cut(trace.Text(e), ") ")
			locks = append(locks, e.Process+" "+e.Call+" "+text)
		}
	}
	equal(t, "locks", locks, []string{
		"P0 flock LOCK_SH", "P0 flock LOCK_UN", "P0 fcntl LOCK_EX", "P0.3 fcntl LOCK_EX|LOCK_NB: EAGAIN", "P0 fcntl LOCK_UN|LOCK_NB",
	})
}
