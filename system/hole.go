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

// Hole runs a program by way of system from a set-user-ID program
// (Fig. 8.24, 8.25).
//
// The book: never call system from a set-user-ID program: the
// command gets the effective user id of the file's owner. Fork and
// exec, with the ids set back in between, are the way to do it.
//
// Linux today: the kernel keeps the effective id over an exec,
// as the book says. The shell closes the hole: dash, bash, mksh and
// busybox's ash set the effective id back to the real one when the
// two differ, unless they are started with -p (zsh does not). The
// hole is still there where no shell is in between: execlp executes
// a program of the same name in a folder that the caller put into
// PATH.
//
// The set-user-ID file belongs to an unused id, never to root, and
// lies in a folder that only these processes see.
//
// To see it, as root:
//
//	go run ./system hole

var (
	holeFlags = flag.NewFlagSet("hole", 0)
	inside    = holeFlags.String("inside", "",
		"for the set-user-ID program itself: what it does")
)

// The caller's real id, and the owner of the set-user-ID file.
const (
	userID  = unused
	ownerID = unused + 1
)

func hole() {
	if *inside != "" {
		insideHole(*inside)
		return
	}
	pid := child(func() {
		folder, err := proc.NewSetIDFolder()
		needs(err, "CAP_SYS_ADMIN")
		self := "/proc/self/exe"
		needs(folder.Install(self, "tsys", ownerID, ownerID,
			unix.S_ISUID|0o755), "CAP_CHOWN and CAP_FSETID")
		needs(folder.Install(self, "pruids", 0, 0, 0o755), "")
		if !becomeUnused(userID) {
			proc.Cannot("it takes CAP_SETUID: run it as root")
		}
		path := "PATH=" + folder.Path("") + ":/usr/bin:/bin"
		say("the caller: %s", ids())
		for _, how := range []string{"fork and exec", "system",
			"sh -p", "execlp", "mended execlp"} {
			reap(child(func() {
				proc.Check(proc.Execle(folder.Path("tsys"),
					[]string{path}, "tsys", "hole", "-inside",
					how))
			}))
		}
	})
	stdio.Exit(reap(pid).ExitStatus())
}

// needs ends the program if it has not the right to go on.
func needs(err error, capability string) {
	if err != nil {
		proc.Cannot("it takes %s to make a set-user-ID file (%s): "+
			"run it as root", capability, result(err))
	}
}

// insideHole is the set-user-ID program, and pruids.
func insideHole(how string) {
	if filepath.Base(os.Args[0]) == "pruids" {
		say("%s: %s", how, ids())
		stdio.Exit(0)
	}
	args := []string{"hole", "-inside", how}
	command := "pruids hole -inside '" + how + "'"
	reap(child(func() {
		switch how {
		case "fork and exec", "execlp":
			proc.Check(proc.Execvp("pruids",
				append([]string{"pruids"}, args...)))
		case "system":
			proc.Check(proc.Execl("/bin/sh", "sh", "-c", command))
		case "sh -p":
			proc.Check(proc.Execl("/bin/sh", "sh", "-p", "-c",
				command))
		case "mended execlp":
			proc.Check(proc.Setresuid(proc.Keep, userID, userID))
			proc.Check(proc.Execvp("pruids",
				append([]string{"pruids"}, args...)))
		}
	}))
	stdio.Exit(0)
}
