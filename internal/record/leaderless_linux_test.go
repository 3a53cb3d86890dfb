//go:build 386 || amd64 || arm64

package record

import (
	"strconv"
	"strings"
	"testing"

	"apue/internal/trace"
)

// TestLeaderless: once a process's first thread has ended /proc/PID
// shows neither its memory nor its files; its other threads' do.
func TestLeaderless(t *testing.T) {
	r := runProgram(t, Options{Files: true, Snapshots: true}, cProgram(t, "leaderless", "-g"))
	line := marks(t, "testdata/leaderless.c")
	at := func(mark string) string { return "leaderless.c:" + strconv.Itoa(line[mark]) + " second" }
	got := places(r)
	for key, mark := range map[string]string{
		"alone": "write", string(trace.KindFork): "fork", string(trace.KindWait): "wait", string(trace.KindExit): "exit",
	} {
		equal(t, key, got[key], at(mark))
	}
	written := r.find("P0", trace.KindWrite)
	if len(written) != 1 || written[0].Path == "" || written[0].OFD == 0 {
		t.Errorf("the file written to is not known: %+v", written)
	}
	fork := r.one(t, "P0", trace.KindFork)
	if fork.SameVM == nil || *fork.SameVM {
		t.Errorf("same address space: %v", fork.SameVM)
	}
	end := r.one(t, "P0", trace.KindExit)
	equal(t, "status", end.Status, uint32(7<<8))
	shots := r.find("P0", trace.KindSnapshot)
	if len(shots) == 0 {
		t.Fatal("no snapshot")
	}
	files := shots[0].Snapshot[0].Files
	if !strings.Contains(files["stat"], ") Z ") || files["fd/1"] == "" || files["cmdline"] == "" {
		t.Errorf("of a process without its first thread: stat %q, fd/1 %q, cmdline %q",
			files["stat"], files["fd/1"], files["cmdline"])
	}
}

// TestVforkExec: when another thread executes a program the one that is in
// vfork is gone, and no state of the parent belongs to its child's end.
func TestVforkExec(t *testing.T) {
	needNativeShell(t)
	r := runProgram(t, Options{}, cProgram(t, "vforkexec"))
	end := r.one(t, "P0.1", trace.KindExit)
	equal(t, "child", []any{end.Status, end.ParentState}, []any{uint32(0x400), ""})
	equal(t, "status", r.one(t, "P0", trace.KindExit).Status, uint32(0))
	equal(t, "the parent runs again", len(r.find("P0", trace.KindVforkDone)), 0)
	if e := r.find("P0", trace.KindExec)[1]; e.ByTid == 0 {
		t.Errorf("executed by its first thread: %+v", e)
	}
}
