//go:build linux

package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"apue/internal/lab/labtest"

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
			if status != 2 {
				t.Errorf("%s, second group %t: exit status %d, want 2: the rest takes privilege", name, second, status)
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
