//go:build 386 || amd64 || arm64

package record

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"apue/internal/build"
	"apue/internal/trace"
)

// TestUndumpable: what a recorder without privileges cannot read of a
// process is absent from the recording, and the recording says why.
func TestUndumpable(t *testing.T) {
	dir, err := os.MkdirTemp("/tmp", "record")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	recorder, closed, secret := filepath.Join(dir, "record"), filepath.Join(dir, "closed"), filepath.Join(dir, "undumpable")
	if out, err := build.Go("testdata/record", recorder); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, exe := range []string{closed, secret} {
		if out, err := build.C("cc", "testdata/undumpable.c", exe, nativeFlags("-g")...); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	// Its user may execute this one, and not read it.
	if err := os.Chmod(closed, 0o111); err != nil {
		t.Fatal(err)
	}
	const nobody = 65534
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	for exe, stack := range map[string]bool{secret: true, closed: false} {
		file := exe + ".jsonl"
		cmd := exec.Command(recorder, file, exe)
		if os.Geteuid() == 0 {
			cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
		}
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		rec, err := trace.ReadRecording(f)
		if err != nil {
			t.Fatal(err)
		}
		r := run{Recording: rec}
		refused := func(reason string) bool { return strings.HasPrefix(reason, "the memory of the process cannot be read") }
		first, second, write := r.one(t, "P0", trace.KindExec), r.one(t, "P0.1", trace.KindExec), r.one(t, "P0", trace.KindWrite)
		if known := first.Program.Stack != nil; known != stack || refused(first.Unknown["program"]) == stack || first.Path != exe {
			t.Errorf("%s: first exec: path %q, stack %v, unknown %q", exe, first.Path, known, first.Unknown)
		}
		if second.Path != "" || second.Argv != nil || !refused(second.Unknown["path"]) || !refused(second.Unknown["argv"]) {
			t.Errorf("%s: second exec: path %q, argv %q, unknown %q", exe, second.Path, second.Argv, second.Unknown)
		}
		if len(write.Data) > 0 || !refused(write.Unknown["data"]) {
			t.Errorf("%s: write: %q, unknown %q", exe, write.Data, write.Unknown)
		}
		why := map[bool]string{true: "the memory of the process cannot be read", false: "the program's file cannot be read: permission denied"}[stack]
		equal(t, "no_source", write.NoSource, why)
	}
}
