package labtest

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

// LookAtMachine reads what the machine has now.
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
