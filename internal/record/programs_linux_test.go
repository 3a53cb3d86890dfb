//go:build 386 || amd64 || arm64

package record

import (
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"apue/internal/trace"
)

// TestExecFacts: what the new program has is recorded beside what the
// caller passed.
func TestExecFacts(t *testing.T) {
	needNativeShell(t) // of which cat and true are of the same kind
	r := runProgram(t, Options{Environ: true}, cProgram(t, "programs"))

	script := r.one(t, "P0.1", trace.KindExec)
	if !strings.HasSuffix(script.Path, "/script") || !strings.HasSuffix(script.Program.Exe, "/cat") {
		t.Errorf("path %s, executed %s", script.Path, script.Program.Exe)
	}
	equal(t, "caller's arguments", script.Argv, []string{"called", "x"})
	equal(t, "the interpreter's", script.Program.Cmdline, []string{"/bin/cat", "-n", script.Path, "x"})
	equal(t, "execfn", script.Program.Execfn, script.Path)
	equal(t, "comm", script.Program.Comm, "script")

	thread := r.one(t, "P0.2", trace.KindExec)
	equal(t, "arguments, where both have the same", thread.Program.Cmdline, nil)
	equal(t, "environment", thread.Program.Env, []string{"ONE=1", "TWO=22"})
	equal(t, "sizes", []int{thread.Program.ArgsBytes, thread.Program.EnvBytes, thread.Program.EnvCount}, []int{10, 13, 2})
	equal(t, "threads ended", thread.Program.ThreadsEnded, 1)
	if thread.ByTid == 0 || thread.ByTid == thread.Pid {
		t.Errorf("executed by thread %d of process %d", thread.ByTid, thread.Pid)
	}
	if thread.Before != nil || thread.After == nil || thread.After.UID[0] != os.Getuid() {
		t.Errorf("ids before %v and after %v: an ordinary exec changes none", thread.Before, thread.After)
	}

	failed := r.one(t, "P0.3", trace.KindExec)
	equal(t, "error", failed.Errno, "ENOENT")
	equal(t, "sizes", []int{failed.Argc, failed.ArgsBytes, failed.EnvBytes}, []int{2, 10, 13})
	if failed.Program != nil {
		t.Errorf("a failed exec made the program %+v", failed.Program)
	}
	equal(t, "without the option", runProgram(t, Options{}, cProgram(t, "programs")).one(t, "P0.2", trace.KindExec).Program.Env, nil)
}

// TestResources: timers, priorities, times, and what waits say of them.
func TestResources(t *testing.T) {
	r := runProgram(t, Options{}, cProgram(t, "programs"))
	timers := r.find("P0.4", trace.KindTimer)
	if runtime.GOARCH == "amd64" {
		if len(timers) != 3 {
			t.Fatalf("%d timers\n%s", len(timers), text(r.Recording))
		}
		equal(t, "alarm", timers[0].Duration, 100*int64(time.Second))
		if old := timers[1].Old; old <= 0 || old > 100*int64(time.Second) {
			t.Errorf("alarm(0) returned %d ns of 100 s", old)
		}
	}
	last := timers[len(timers)-1]
	equal(t, "setitimer", []int64{last.Duration, last.Interval}, []int64{60*int64(time.Second) + 500_000, 3 * int64(time.Second)})
	p := r.one(t, "P0.4", trace.KindPriority)
	equal(t, "priority", []any{p.Call, p.Target, p.TargetProcess, p.Value, *p.Nice}, []any{"setpriority", 0, "P0.4", 5, 5})
	times := r.find("P0.4", trace.KindTimes)
	if len(times) != 2 || len(times[0].Numbers) != 4 || len(times[1].Numbers) != 2 || times[1].Which != -1 {
		t.Errorf("times: %+v", times)
	}
	for _, w := range r.find("P0", trace.KindWait) {
		if w.Rusage == nil || w.Rusage.MaxRSS == 0 || w.Rusage.Minflt == 0 {
			t.Errorf("a wait that asked for it has no resource usage: %+v", w)
		}
	}
}

// TestCreds: ids before and after each call, whether it succeeded or not.
func TestCreds(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root changes its ids")
	}
	r := runProgram(t, Options{}, cProgram(t, "programs"))
	creds := r.find("P0.5", trace.KindCreds)
	if len(creds) != 3 {
		t.Fatalf("%d calls\n%s", len(creds), text(r.Recording))
	}
	equal(t, "setgid", creds[0].After.GID, [4]int{100, 100, 100, 100})
	equal(t, "setuid", []any{creds[1].Before.UID, creds[1].After.UID}, []any{[4]int{}, [4]int{1000, 1000, 1000, 1000}})
	equal(t, "arguments", creds[1].Args, []int64{1000})
	equal(t, "refused", []any{creds[2].Errno, creds[2].After.UID}, []any{"EPERM", [4]int{1000, 1000, 1000, 1000}})
	equal(t, "thread", creds[0].Tid, creds[0].Pid)
}

// TestSnapshotMoments: an exec, one that fails, and a birth each have
// their snapshots.
func TestSnapshotMoments(t *testing.T) {
	r := runProgram(t, Options{SnapshotExec: true, SnapshotBirth: true}, cProgram(t, "programs"))
	at := map[string]int{}
	for _, e := range r.Events {
		if e.Kind != trace.KindSnapshot {
			continue
		}
		at[e.Process+" "+e.At]++
		if e.Process != "P0.2" || e.At != "exec" {
			continue
		}
		for _, s := range e.Snapshot {
			if s.Process != "P0.2" {
				continue
			}
			equal(t, "environment", s.Files["environ"], "ONE=1\x00TWO=22\x00")
			if !strings.Contains(s.Files["auxv"], "\n23 0\n") {
				t.Errorf("auxv has no AT_SECURE of 0: %q", s.Files["auxv"])
			}
			for _, name := range []string{"schedstat", "limits", "status", "cgroup", "task/" + itoa(s.Pid) + "/status"} {
				if s.Files[name] == "" {
					t.Errorf("no %s", name)
				}
			}
		}
	}
	for _, moment := range []string{"P0 exec", "P0 birth", "P0.1 exec-entry", "P0.1 exec", "P0.3 exec-entry", "P0.3 exec-failed"} {
		if at[moment] == 0 {
			t.Errorf("no snapshot at %s: %v", moment, at)
		}
	}
	equal(t, "of a failed exec", at["P0.3 exec"], 0)
}

// TestIgnoredSetID: a set-user-ID bit that has no effect is told. The
// file is on a file system that only the recorded program has.
func TestIgnoredSetID(t *testing.T) {
	needNativeShell(t)
	if os.Getuid() != 0 {
		t.Skip("only root mounts a file system")
	}
	dir := t.TempDir()
	const script = `mount -t tmpfs -o $2 none $1 && cp /bin/true $1/t && chown 65534 $1/t && chmod 4755 $1/t && exec $1/t`
	run := func(options string) run {
		return runProgram(t, Options{}, "unshare", "-m", "sh", "-c", script, "sh", dir, options)
	}
	r := run("nosuid")
	notes := slices.DeleteFunc(r.find("P0", trace.KindNote), func(e *trace.Event) bool { return e.Call == "unshare" })
	if len(notes) != 1 || !strings.Contains(notes[0].Note, "set-user-ID") || !strings.Contains(notes[0].Note, "nosuid") {
		t.Errorf("notes %+v\n%s", notes, text(r.Recording))
	}
	execs := r.find("P0", trace.KindExec)
	equal(t, "header", r.Header.SetID, setIDs(os.Getpid()))
	if said := strings.Join(r.Header.Changed, "; "); !strings.Contains(said, "vfork") || !strings.Contains(said, "SIGCONT") {
		t.Errorf("the header does not say what recording changes: %q", said)
	}
	if r.Header.SetID != "kept" {
		return
	}
	equal(t, "ids of the ignored one", execs[len(execs)-1].Before, nil)
	r = run("suid")
	execs = r.find("P0", trace.KindExec)
	last := execs[len(execs)-1]
	if last.Before == nil || last.Before.UID[1] != 0 || last.After.UID[1] != 65534 || !last.Program.Secure {
		t.Errorf("set-user-ID program: before %+v, after %+v, secure %v", last.Before, last.After, last.Program.Secure)
	}
}
