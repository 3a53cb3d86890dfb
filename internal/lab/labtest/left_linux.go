package labtest

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

// Machine is what an experiment could change for good: nice values, mounts,
// set-id files, the loginuid. Whether process accounting is on no call
// tells. Main looks before the first test of a package and after the last.
type Machine struct {
	Nice, NiceOfInit int
	Mounted          bool   // a file system of the suite's
	SetID            string // set-id files where the suite makes its own
	Loginuid         string
}

// LookAtMachine reads it.
func LookAtMachine() (m Machine) {
	m.Nice, _ = proc.Getpriority(unix.PRIO_PROCESS, 0)
	m.NiceOfInit, _ = proc.Getpriority(unix.PRIO_PROCESS, 1)
	mounts, _ := os.ReadFile("/proc/self/mountinfo")
	m.Mounted = bytes.Contains(mounts, []byte(" tmpfs apue "))
	for _, dir := range []string{"/mnt", "/media", "/srv", "/opt", os.TempDir()} {
		names, _ := filepath.Glob(dir + "/*")
		for _, name := range names {
			if info, err := os.Lstat(name); err == nil && info.Mode()&(fs.ModeSetuid|fs.ModeSetgid) != 0 && !info.IsDir() {
				m.SetID += name + " "
			}
		}
	}
	loginuid, _ := os.ReadFile("/proc/self/loginuid")
	m.Loginuid = string(loginuid)
	return m
}
