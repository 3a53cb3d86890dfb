//go:build linux

package main

import (
	"flag"
	"os"
	"path/filepath"

	"apue/ch8/proc"
	"apue/ch8/stdio"

	"golang.org/x/sys/unix"
)

// Setid executes a set-user-ID program, and says which ids it gets
// (Fig. 8.18, the columns of exec).
//
// The book: if the set-user-ID bit of a file is on, an exec sets
// the effective user id to the file's owner. The saved
// set-user-ID is a copy of the effective id, made after that. The
// real id stays.
//
// Linux today: the same. The bit has no effect if the process or an
// ancestor has set no_new_privs, on a file system mounted with
// nosuid, on a script, and for a process that shares its working
// directory with another one by CLONE_FS. The new program is told
// (AT_SECURE), and its files in /proc belong to root.
//
// The file belongs to an unused id, never to root, and lies in a
// folder that only these processes see. Without privilege there is
// a set-group-ID file: setid_group.go.
//
// To see it, as root:
//
//	go run ./setuid setid

var (
	setidFlags = flag.NewFlagSet("setid", 0)
	inside     = setidFlags.String("inside", "",
		"for the program that is executed: what to print first")
)

func setid() {
	if *inside != "" {
		waitIfHeld()
		report(*inside)
		stdio.Exit(0)
	}
	child(func() {
		folder, err := proc.NewSetIDFolder()
		withoutPrivilege(err)
		needs(err, "CAP_SYS_ADMIN to mount a folder for the file")
		install(folder)
		child(func() { noSuid(folder) })
		becomeA()
		say("the caller: user %s", users())
		say("the caller: group %s", groups())
		run := func(what, file string) {
			child(func() { execute(folder.Path(file), what) })
		}
		run("a plain file", "plain")
		run("set-user-ID", "user")
		run("set-group-ID", "group")
		run("script", "script")
		child(func() {
			noNewPrivs()
			execute(folder.Path("user"), "no_new_privs")
		})
		shared(folder)
	})
	stdio.Exit(0)
}

// install makes the files: copies of this program, a script, and a
// file that only user B can read.
func install(folder *proc.SetIDFolder) {
	script := folder.Path("text")
	proc.Check(os.WriteFile(script, []byte("#!/bin/sh\nexec "+
		folder.Path("plain")+" \"$@\"\n"), 0o600))
	for _, f := range []struct {
		source, name string
		mode         uint32
	}{
		{"/proc/self/exe", "plain", 0o755},
		{"/proc/self/exe", "user", unix.S_ISUID | 0o755},
		{"/proc/self/exe", "group", unix.S_ISGID | 0o755},
		{script, "script", unix.S_ISUID | unix.S_ISGID | 0o755},
		{script, "secret", 0o600},
	} {
		needs(folder.Install(f.source, f.name, idB, idB, f.mode),
			"CAP_CHOWN and CAP_FSETID")
	}
}

// becomeA gives the calling child the ids A for good.
func becomeA() {
	needs(proc.Setgroups([]int{idC}), "CAP_SETGID")
	needs(proc.Setresgid(idA, idA, idA), "CAP_SETGID")
	needs(proc.Setresuid(idA, idA, idA), "CAP_SETUID")
}

// execute replaces the calling child by the program, which prints
// its ids.
func execute(path, what string) {
	proc.Check(proc.Execv(path, []string{"setid", "setid",
		"-inside", what}))
}

// report is what the executed program prints.
func report(what string) {
	say("%s: user %s", what, users())
	say("%s: group %s", what, groups())
	if what != "set-user-ID" {
		return
	}
	self, err := os.Executable()
	proc.Check(err)
	secret := filepath.Join(filepath.Dir(self), "secret")
	fd, err := unix.Open(secret, unix.O_RDONLY, 0)
	unix.Close(fd)
	say("%s: access of B's file: %s, open: %s", what,
		result(unix.Access(secret, unix.R_OK)), result(err))
	dumpable, _ := unix.PrctlRetInt(unix.PR_GET_DUMPABLE,
		0, 0, 0, 0)
	say("%s: AT_SECURE %d, dumpable %d", what, secure(), dumpable)
}

// noSuid executes the program from a file system on which set-id
// bits have no effect.
func noSuid(folder *proc.SetIDFolder) {
	proc.Check(unix.Unshare(unix.CLONE_NEWNS))
	proc.Check(unix.Mount("", folder.Path(""), "",
		unix.MS_REMOUNT|unix.MS_BIND|unix.MS_NOSUID, ""))
	becomeA()
	execute(folder.Path("user"), "nosuid")
}

// shared executes the program in a process that shares its working
// directory with its parent.
func shared(folder *proc.SetIDFolder) {
	pid, err := proc.Clone(unix.CLONE_FS)
	proc.Check(err)
	if pid == 0 {
		execute(folder.Path("user"), "CLONE_FS")
	}
	_, err = proc.Waitpid(pid, nil, 0)
	proc.Check(err)
}
