//go:build linux

package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"apue/internal/lab"
	"apue/internal/lab/labtest"
	"apue/internal/sandbox"
	"apue/setuid/checks"

	"golang.org/x/sys/unix"
)

// TestSecondGroup runs setid as a user without privilege who is in a second
// group, and as one who is in one group only: not recorded, because an
// unprivileged recorder makes the kernel ignore the bit.
func TestSecondGroup(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		labtest.Cannot(t, "setuid/setid/group", "this user cannot become another one", "run it as root")
	}
	for name, program := range map[string][]string{
		"go": {labtest.Go(t, "."), "setid"},
		"c":  {labtest.C(t, filepath.Join("c", "setid.c"))},
	} {
		for _, second := range []bool{true, false} {
			groups, want := []uint32{idA}, []string{
				"a plain file: group real A, effective A, saved A",
				"a set-group-ID file takes a second group: this user is in one group only",
			}
			if second {
				groups = append(groups, idB)
				want = []string{
					"a plain file: group real A, effective A, saved A",
					"set-group-ID, held: Uid 7000001 7000001 7000001 7000001, Gid 7000001 7000002 7000002 7000002, Groups 7000001 7000002",
					"set-group-ID: user real A, effective A, saved A",
					"set-group-ID: group real A, effective B, saved B",
					"no_new_privs: group real A, effective A, saved A",
				}
			}
			out, status := asUser(t, groups, program...)
			for _, line := range want {
				if !strings.Contains("\n"+out, "\n"+line+"\n") {
					t.Errorf("%s, second group %t: %q is missing from\n%s", name, second, line, out)
				}
			}
			judged(t, name, out, second)
			if status != 2 {
				t.Errorf("%s, second group %t: exit status %d, want 2: the rest takes privilege", name, second, status)
			}
		}
	}
}

// judged judges the claims by what this user's run printed, and sees each of
// them fail by another output.
func judged(t *testing.T, name, out string, second bool) {
	t.Helper()
	check := func(claim, out string) lab.Status {
		b := &lab.Bench{Experiment: checks.Setid, Program: lab.Program{Args: []string{name}, Ours: true}, Seen: func(lab.Run) (*lab.Observation, error) {
			return &lab.Observation{Result: &sandbox.Result{Status: 2 << 8, Stdout: []byte(out), Stderr: []byte("it takes CAP_SYS_ADMIN")}}, nil
		}}
		rep, err := b.Check(context.Background(), claim)
		if err != nil {
			t.Fatal(err)
		}
		return rep.Results[0].Status
	}
	for claim, wrong := range map[string][2]string{
		"without":   {"a plain file, held: Uid 7000001 7000001", "a plain file, held: Uid 7000001 7000002"},
		"group":     {"set-group-ID: group real A, effective B", "set-group-ID: group real A, effective A"},
		"real":      {"Gid 7000001 7000002 7000002 7000002, Groups 7000001 7000002", "Gid 7000001 7000002 7000002 7000002, Groups 7000001"},
		"effective": {},
	} {
		want := lab.Pass
		if !second || wrong[0] == "" {
			want = lab.CannotCheck
		}
		if got := check(claim, out); got != want {
			t.Errorf("%s, second group %t: %s is %s, want %s", name, second, claim, got, want)
		}
		if want == lab.Pass {
			if got := check(claim, strings.Replace(out, wrong[0], wrong[1], 1)); got != lab.Fail {
				t.Errorf("%s: %s is %s with %q", name, claim, got, wrong[1])
			}
		}
	}
}

// asUser runs the program as user A of these groups.
func asUser(t *testing.T, groups []uint32, args ...string) (out string, status int) {
	t.Helper()
	dir := t.TempDir()
	var fs unix.Statfs_t
	if err := unix.Statfs(dir, &fs); err != nil {
		t.Fatal(err)
	}
	if fs.Flags&unix.ST_NOSUID != 0 {
		t.Skip("the folder for temporary files is mounted with nosuid")
	}
	if err := os.Chmod(dir, 0o1777); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir, cmd.Env = dir, []string{"TMPDIR=" + dir}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: idA, Gid: idA, Groups: groups}}
	b, err := cmd.Output()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		labtest.Cannot(t, "setuid/setid/group", err.Error(), "run it as root, outside of a container")
	}
	return string(b), cmd.ProcessState.ExitCode()
}
