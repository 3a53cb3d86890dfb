//go:build linux

package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"

	"apue/ch8/proc"
	"apue/ch8/stdio"

	"golang.org/x/sys/unix"
)

// why shows what one step of the recipe is for, each time in a
// child: the step can not be undone.
func why(step string) {
	show := map[string]func(){
		"setsid": whySetsid, "fork": whyFork,
		"chdir": whyChdir, "umask": whyUmask,
	}[step]
	if show == nil {
		fmt.Fprintln(os.Stderr, "daemon -why: one of setsid, fork, chdir, umask")
		os.Exit(2)
	}
	pid, err := proc.Fork()
	proc.Check(err)
	if pid == 0 {
		show()
		stdio.Exit(0)
	}
	var status proc.WaitStatus
	_, err = proc.Waitpid(pid, &status, 0)
	proc.Check(err)
	os.Exit(status.ExitStatus())
}

// whySetsid shows that setuid, which older notes name here, makes
// no session.
func whySetsid() {
	ids := func() [2]int {
		s, err := unix.Getsid(0)
		proc.Check(err)
		return [2]int{s, syscall.Getpgrp()}
	}
	before := ids()
	uid := os.Getuid()
	if uid == 0 {
		uid = 65534
	}
	// The system call: unix.Setuid tells the runtime's threads,
	// and a forked child has none.
	_, _, errno := unix.RawSyscall(unix.SYS_SETUID, uintptr(uid), 0, 0)
	if errno != 0 {
		proc.Check(errno)
	}
	sayf("after setuid: session and group as before: %t\n", ids() == before)
	_, err := unix.Setsid()
	proc.Check(err)
	pid := os.Getpid()
	sayf("after setsid: session and group are its own: %t\n", ids() == [2]int{pid, pid})
}

// whyFork opens a terminal in a session leader, and in a process
// of such a session that does not lead it.
func whyFork() {
	opens := func(role string) {
		_, terminal := openPty()
		_, err := unix.Open(terminal, unix.O_RDWR|unix.O_CLOEXEC, 0)
		proc.Check(err)
		controlling := "none"
		if tty, err := unix.Open("/dev/tty", unix.O_RDWR, 0); err == nil {
			controlling = "that one"
			unix.Close(tty)
		}
		sayf("%s opens a terminal, its controlling terminal is %s\n", role, controlling)
	}
	pid, err := proc.Fork()
	proc.Check(err)
	if pid == 0 {
		_, err := unix.Setsid()
		proc.Check(err)
		opens("a session leader")
		proc.Exit(0)
	}
	_, err = proc.Waitpid(pid, nil, 0)
	proc.Check(err)

	_, err = unix.Setsid()
	proc.Check(err)
	pid, err = proc.Fork()
	proc.Check(err)
	if pid == 0 {
		opens("its child")
		proc.Exit(0)
	}
	_, err = proc.Waitpid(pid, nil, 0)
	proc.Check(err)
}

// whyChdir keeps a file system busy with a working directory, in
// a mount namespace of its own.
func whyChdir() {
	dir, err := os.MkdirTemp("", "apue-mount-")
	proc.Check(err)
	defer os.Remove(dir)
	ns := unix.CLONE_NEWNS
	if os.Getuid() != 0 {
		ns |= unix.CLONE_NEWUSER
	}
	err = unix.Unshare(ns)
	if err == nil {
		err = unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, "")
	}
	if err == nil {
		err = unix.Mount("apue", dir, "tmpfs", 0, "")
	}
	if err != nil {
		os.Remove(dir)
		fmt.Fprintf(os.Stderr, "no file system can be mounted here (%v): "+
			"run it as root, or where user namespaces are allowed\n", err)
		proc.Exit(2)
	}
	marker := filepath.Join(dir, "mounted")
	proc.Check(os.WriteFile(marker, nil, 0o600))
	umount := func(where string) {
		err := unix.Unmount(dir, 0)
		sayf("in %s: umount: %s, its file is %s\n", where, outcome(err), there(dir, "mounted"))
	}
	proc.Check(unix.Chdir(dir))
	umount("the file system")
	proc.Check(unix.Chdir("/"))
	umount("/")
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

// whyUmask creates two files with mode 0666. Who says what came
// of it is stat(1).
func whyUmask() {
	stat, err := exec.LookPath("stat")
	proc.Check(err)
	args := []string{"stat", "-c", "%a %n"}
	for _, mask := range []int{0o022, 0} {
		unix.Umask(mask)
		name := fmt.Sprintf("under-umask-%03o", mask)
		fd, err := unix.Open(name, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL|unix.O_CLOEXEC, 0o666)
		proc.Check(err)
		unix.Close(fd)
		args = append(args, name)
	}
	pid, err := proc.Fork()
	proc.Check(err)
	if pid == 0 {
		proc.Check(proc.Exec(stat, args, os.Environ()))
	}
	_, err = proc.Waitpid(pid, nil, 0)
	proc.Check(err)
	for _, name := range args[3:] {
		os.Remove(name)
	}
}
