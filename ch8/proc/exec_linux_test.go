package proc

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// In each of seven children one of the functions executes a shell
// that says what it was given.
var seven = register("seven", func() {
	Check(os.Setenv("A", "inherited"))
	Check(os.Setenv("PATH", "/nowhere:/bin:/usr/bin"))
	const script = `printf '%s %s %s\n' "$0" "$1" "$A"`
	envp := []string{"A=own"}
	argv := []string{"sh", "-c", script, "name", "an arg"}
	for _, exec := range []func() error{
		func() error { return Execl("/bin/sh", "sh", "-c", script, "execl", "an arg") },
		func() error { return Execv("/bin/sh", argv) },
		func() error { return Execle("/bin/sh", envp, "sh", "-c", script, "execle", "an arg") },
		func() error { return Execve("/bin/sh", argv, envp) },
		func() error { return Execlp("sh", "sh", "-c", script, "execlp", "an arg") },
		func() error { return Execvp("sh", argv) },
		func() error {
			fd, err := unix.Open("/bin/sh", unix.O_PATH|unix.O_CLOEXEC, 0)
			Check(err)
			return Fexecve(fd, argv, envp)
		},
	} {
		inChild(func() {
			fmt.Println(exec())
			Exit(127)
		})
	}
})

func TestSevenExecs(t *testing.T) {
	ok := "normal termination, exit status = 0\n"
	prints(t, seven, "execl an arg inherited\n"+ok+
		"name an arg inherited\n"+ok+
		"execle an arg own\n"+ok+
		"name an arg own\n"+ok+
		"execlp an arg inherited\n"+ok+
		"name an arg inherited\n"+ok+
		"name an arg own\n"+ok)
}

// Execvp in a folder where a/prog cannot be executed, b/prog is text
// for the shell, d/prog is a folder and prog is text too.
var searches = register("searches", func() {
	dir, err := os.MkdirTemp("", "execvp-")
	Check(err)
	defer os.RemoveAll(dir)
	Check(os.Chdir(dir))
	for name, mode := range map[string]os.FileMode{"a/prog": 0o644, "b/prog": 0o755, "prog": 0o755} {
		Check(os.MkdirAll(filepath.Dir(name), 0o755))
		Check(os.WriteFile(name, []byte("echo \"$0 $1\"\n"), mode))
	}
	Check(os.MkdirAll("d/prog", 0o755))
	for _, path := range []string{"a:b", ":b", "b:", "a::b", "", "a", "d", "nothing", "d:nothing"} {
		Check(os.Setenv("PATH", path))
		inChild(func() {
			err := Execvp("prog", []string{"ignored", path})
			fmt.Printf("%q: %v\n", path, err)
			Exit(127)
		})
	}
	inChild(func() {
		fmt.Println(Execv("b/prog", []string{"prog"}))
		Exit(127)
	})
	Check(os.Setenv("PATH", "b"))
	inChild(func() {
		fmt.Println(Execvp("a/prog", []string{"prog"}))
		fmt.Println(Execvp("", []string{"prog"}))
		fmt.Println(errors.Is(Execvp(strings.Repeat("x", 256), nil), unix.ENAMETOOLONG))
		Check(os.Unsetenv("PATH"))
		fmt.Println(Execvp("prog", []string{"prog"}))
		Exit(127)
	})
})

func TestExecvpSearch(t *testing.T) {
	ok, failed := "normal termination, exit status = 0\n", "normal termination, exit status = 127\n"
	denied, none := "execvp: permission denied\n", "execvp: no such file or directory\n"
	prints(t, searches, "b/prog a:b\n"+ok+
		"prog :b\n"+ok+
		"b/prog b:\n"+ok+
		"prog a::b\n"+ok+
		"prog \n"+ok+
		`"a": `+denied+failed+
		`"d": `+denied+failed+
		`"nothing": `+none+failed+
		`"d:nothing": `+denied+failed+
		"execv: exec format error\n"+failed+
		denied+none+"true\n"+none+failed)
}

// The errors of Fexecve, and that a script needs a descriptor that
// stays open.
var fexecves = register("fexecves", func() {
	dir, err := os.MkdirTemp("", "fexecve-")
	Check(err)
	defer os.RemoveAll(dir)
	script := filepath.Join(dir, "script")
	Check(os.WriteFile(script, []byte("#!/bin/sh\necho \"$0\"\n"), 0o755))
	fmt.Println(Fexecve(1000, nil, nil))
	fmt.Println(Fexecve(1, []string{"a\x00"}, nil))
	for _, flag := range []int{unix.O_CLOEXEC, 0} {
		inChild(func() {
			fd, err := unix.Open(script, unix.O_RDONLY|flag, 0)
			Check(err)
			Check(unix.Dup3(fd, 50, flag))
			fmt.Println(Fexecve(50, []string{"script"}, nil))
			Exit(127)
		})
	}
})

func TestFexecve(t *testing.T) {
	prints(t, fexecves, "fexecve: bad file descriptor\nfexecve: invalid argument\n"+
		"fexecve: no such file or directory\nnormal termination, exit status = 127\n"+
		"/dev/fd/50\nnormal termination, exit status = 0\n")
}

// The bare calls change a forked child, and the library's end it.
var bareIDs = register("bareIDs", func() {
	const a, b, c = 7_000_011, 7_000_012, 7_000_013
	inChild(func() {
		if Setgroups([]int{a, b}) != nil || Setresgid(a, b, c) != nil {
			Exit(77)
		}
		Check(Setresuid(a, b, c))
		status, err := os.ReadFile("/proc/self/status")
		Check(err)
		for line := range strings.Lines(string(status)) {
			if strings.HasPrefix(line, "Uid:") || strings.HasPrefix(line, "Gid:") || strings.HasPrefix(line, "Groups:") {
				fmt.Println(strings.Fields(line))
			}
		}
		fmt.Println(Setuid(0), Setgid(0))
		fmt.Println(Seteuid(c), unix.Geteuid(), Setegid(c), unix.Getegid())
		fmt.Println(Setreuid(c, a), unix.Getuid(), unix.Geteuid(), Setregid(Keep, a), unix.Getegid())
		fmt.Println(errors.Is(Setresuid(0, Keep, Keep), unix.EPERM), errors.Is(Setresgid(0, Keep, Keep), unix.EPERM),
			errors.Is(Setgroups(nil), unix.EPERM), errors.Is(Seteuid(Keep), unix.EINVAL), errors.Is(Setegid(Keep), unix.EINVAL))
	})
	inChild(func() { unix.Setuid(a) })
})

// raceDetector says whether this test was built with -race.
func raceDetector() bool {
	info, ok := debug.ReadBuildInfo()
	return ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}

func TestBareIDs(t *testing.T) {
	r := run(t, bareIDs)
	if strings.Contains(r.out, "= 77") {
		t.Skip("needs to change its user ids: run as root")
	}
	want := "[Uid: 7000011 7000012 7000013 7000012]\n[Gid: 7000011 7000012 7000013 7000012]\n[Groups: 7000011 7000012]\n" +
		"setuid: operation not permitted setgid: operation not permitted\n" +
		"<nil> 7000013 <nil> 7000013\n" +
		"<nil> 7000013 7000011 <nil> 7000011\n" +
		"true true true true true\n" +
		"normal termination, exit status = 0\n"
	library, why := exited2, "holding locks"
	if raceDetector() {
		// It needs the C library, whose setuid Go calls then.
		library, why = "normal termination, exit status = 0\n", ""
	}
	if want += library; r.out != want || !strings.Contains(r.errout, why) {
		t.Errorf("%v: printed %q, want %q\n%s", r.err, r.out, want, r.errout)
	}
}

var niceValues = register("niceValues", func() {
	first, err := Getpriority(unix.PRIO_PROCESS, 0)
	Check(err)
	inChild(func() {
		Check(unix.Setrlimit(unix.RLIMIT_NICE, &unix.Rlimit{}))
		now, err := Nice(3)
		fmt.Println(now == min(first+3, NZERO-1), err)
		now, err = Nice(100)
		fmt.Println(now, err)
		Check(Setpriority(unix.PRIO_PROCESS, 0, 19))
		now, err = Getpriority(unix.PRIO_PROCESS, os.Getpid())
		fmt.Println(now, err)
		fmt.Println(errors.Is(Setpriority(7, 0, 19), unix.EINVAL))
		if Setresuid(7_000_011, 7_000_011, 7_000_011) == nil {
			_, err = Nice(-1)
			fmt.Println(err)
			fmt.Println(Setpriority(unix.PRIO_PROCESS, 0, 5))
		} else {
			fmt.Println("nice: operation not permitted\nsetpriority: permission denied")
		}
	})
	after, err := Getpriority(unix.PRIO_PROCESS, 0)
	fmt.Println(after-first, err)
})

func TestNice(t *testing.T) {
	prints(t, niceValues, "true <nil>\n19 <nil>\n19 <nil>\ntrue\n"+
		"nice: operation not permitted\nsetpriority: permission denied\n"+
		"normal termination, exit status = 0\n0 <nil>\n")
}

// An action that was saved can be set again.
var actions = register("actions", func() {
	inChild(func() {
		ignore := Action(Ignore)
		var old SignalAction
		Check(Sigaction(unix.SIGTERM, &ignore, &old))
		Raise(unix.SIGTERM) // ignored
		Check(Sigaction(unix.SIGTERM, &old, &ignore))
		fmt.Println(old.raw.Handler == uintptr(Default), ignore.raw.Handler == uintptr(Ignore))
		fmt.Println(Sigaction(unix.SIGKILL, &ignore, nil))
		Raise(unix.SIGTERM)
	})
})

func TestSigaction(t *testing.T) {
	prints(t, actions, "true true\nsigaction: invalid argument\nabnormal termination, signal number = 15\n")
}

// What acct says, with and without the privilege, of names that
// change nothing: accounting is the whole machine's.
func TestAcctErrors(t *testing.T) {
	err := Acct("/nonexistent/file")
	switch {
	case errors.Is(err, unix.EPERM), errors.Is(err, unix.ENOSYS), errors.Is(err, unix.ENOENT):
	default:
		t.Errorf("acct of a file that does not exist: %v", err)
	}
	if err := Acct("a\x00b"); !errors.Is(err, unix.EINVAL) {
		t.Errorf("acct of a name with a NUL byte: %v, want EINVAL", err)
	}
}

// The folder for set-id files is seen by the caller only, and takes no
// file of root's.
var setIDFolder = register("setIDFolder", func() {
	var path string
	inChild(func() {
		f, err := NewSetIDFolder()
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			Exit(77)
		}
		for _, c := range []struct {
			name     string
			uid, gid int
			mode     uint32
		}{{"ok", 7_000_001, 7_000_002, 0o6755}, {"root", 0, 7_000_002, 0o4755}, {"rootgroup", 7_000_001, 0, 0o2755},
			{"plain", 0, 0, 0o755}, {"../out", 7_000_001, 7_000_002, 0o755}} {
			err := f.Install("/bin/true", c.name, c.uid, c.gid, c.mode)
			var st unix.Stat_t
			unix.Stat(f.Path(c.name), &st)
			fmt.Printf("%s: %t %#o\n", c.name, err == nil, st.Mode&0o7777)
		}
	})
	for _, path = range mountPoints {
		_, err := os.Stat(filepath.Join(path, "ok"))
		fmt.Print(err == nil, " ")
	}
	fmt.Println()
})

func TestSetIDFolder(t *testing.T) {
	r := run(t, setIDFolder)
	if strings.Contains(r.out, "= 77") {
		t.Skip("needs CAP_SYS_ADMIN: run as root; ", r.errout)
	}
	if want := "ok: true 06755\nroot: false 0\nrootgroup: false 0\nplain: true 0755\n../out: false 0\n" +
		"normal termination, exit status = 0\nfalse false false false \n"; r.out != want {
		t.Errorf("printed %q, want %q\n%s", r.out, want, r.errout)
	}
}
