//go:build linux

package main

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"apue/ch8/proc"
	"apue/internal/lab/labtest"

	"golang.org/x/sys/unix"
)

// TestNothingIsLeft: the experiments that mount, make set-id files, turn
// accounting on or change nice values leave nothing of it behind. The
// programs may lack the privilege, and then change nothing at all.
func TestNothingIsLeft(t *testing.T) {
	before := machine(t)
	for _, name := range []string{"hole", "account", "login", "priority"} {
		if out, err := exec.Command(labtest.Go(t, "."), name).CombinedOutput(); err != nil {
			if e, ok := err.(*exec.ExitError); !ok || e.ExitCode() != 2 {
				t.Errorf("%s: %v\n%s", name, err, out)
			}
		}
	}
	if after := machine(t); before != after {
		t.Errorf("before %+v, after %+v", before, after)
	}
}

// state is what an experiment could change for good.
type state struct {
	nice, niceOfInit int
	mounted          bool   // something of the suite's
	setID            string // a set-id file where the suite makes its own
	loginuid         string
}

func machine(t *testing.T) (s state) {
	var err error
	if s.nice, err = proc.Getpriority(unix.PRIO_PROCESS, 0); err != nil {
		t.Fatal(err)
	}
	s.niceOfInit, _ = proc.Getpriority(unix.PRIO_PROCESS, 1)
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		t.Fatal(err)
	}
	s.mounted = bytes.Contains(mounts, []byte(" tmpfs apue "))
	for _, dir := range []string{"/mnt", "/media", "/srv", "/opt", os.TempDir()} {
		names, _ := filepath.Glob(dir + "/*")
		for _, name := range names {
			if info, err := os.Lstat(name); err == nil && info.Mode()&(fs.ModeSetuid|fs.ModeSetgid) != 0 && !info.IsDir() {
				s.setID += name + " "
			}
		}
	}
	b, _ := os.ReadFile("/proc/self/loginuid")
	s.loginuid = string(b)
	return s
}
