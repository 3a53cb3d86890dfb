//go:build linux

package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

// whyChdir tries to unmount a file system while the working
// directory is in it. It does so in a mount namespace of its own.
func whyChdir() {
	dir, err := os.MkdirTemp("", "apue-mount-")
	proc.Check(err)
	defer os.Remove(dir)
	if os.Getuid() == 0 {
		err = unix.Unshare(unix.CLONE_NEWNS)
	} else {
		err = unshareAsRoot()
	}
	if err == nil { // other namespaces do not see what is mounted
		private := uintptr(unix.MS_REC | unix.MS_PRIVATE)
		err = unix.Mount("", "/", "", private, "")
	}
	if err == nil {
		err = unix.Mount("apue", dir, "tmpfs", 0, "")
	}
	if err != nil {
		os.Remove(dir)
		proc.Cannot("it cannot mount a file system (%v): run it "+
			"as root, or where user namespaces are allowed", err)
	}
	marker := filepath.Join(dir, "mounted")
	proc.Check(os.WriteFile(marker, nil, 0o600))
	umount := func(where string) {
		err := unix.Unmount(dir, 0)
		sayf("in %s: umount: %s, its file is %s\n",
			where, outcome(err), there(dir, "mounted"))
	}
	proc.Check(unix.Chdir(dir))
	umount("the file system")
	proc.Check(unix.Chdir("/"))
	umount("/")
}

// unshareAsRoot makes a mount namespace and a user namespace, in
// which the user and the group of the caller are 0.
func unshareAsRoot() error {
	uid, gid := os.Getuid(), os.Getgid()
	err := unix.Unshare(unix.CLONE_NEWNS | unix.CLONE_NEWUSER)
	for _, f := range [][2]string{
		{"setgroups", "deny"},
		{"uid_map", fmt.Sprintf("0 %d 1", uid)},
		{"gid_map", fmt.Sprintf("0 %d 1", gid)},
	} {
		if err == nil {
			err = os.WriteFile("/proc/self/"+f[0], []byte(f[1]), 0)
		}
	}
	return err
}

func outcome(err error) string {
	switch {
	case err == nil:
		return "done"
	case errors.Is(err, unix.EBUSY):
		return "EBUSY"
	}
	return err.Error()
}

// whyUmask creates two files with mode 0666 under two masks, and
// lets stat(1) print their modes.
func whyUmask() {
	stat, err := exec.LookPath("stat")
	proc.Check(err)
	dir, err := os.MkdirTemp("", "apue-umask-")
	proc.Check(err)
	defer os.RemoveAll(dir)
	proc.Check(unix.Chdir(dir))
	args := []string{"stat", "-c", "%a %n"}
	for _, mask := range []int{0o022, 0} {
		unix.Umask(mask)
		name := fmt.Sprintf("under-umask-%03o", mask)
		const flags = unix.O_WRONLY | unix.O_CREAT |
			unix.O_EXCL | unix.O_CLOEXEC
		fd, err := unix.Open(name, flags, 0o666)
		proc.Check(err)
		unix.Close(fd)
		args = append(args, name)
	}
	pid, err := proc.Fork()
	proc.Check(err)
	if pid == 0 {
		proc.Check(proc.Execve(stat, args, os.Environ()))
	}
	_, err = proc.Waitpid(pid, nil, 0)
	proc.Check(err)
}
