//go:build linux

package main

import (
	"os"
	"strings"

	"apue/ch8/proc"
	"apue/ch8/stdio"

	"golang.org/x/sys/unix"
)

// Drop gives privileges up, for a while and for good (§8.11, the
// example of at).
//
// The book: a set-user-ID program runs with its privileges only
// where it needs them. seteuid to the real id gives them up for a
// while, seteuid to the saved set-user-ID takes them back. Before
// it executes another program, it gives them up for good.
//
// Linux today: setuid gives them up for good only if the effective
// id is 0. In a set-user-ID program of another user it leaves the
// saved set-user-ID, and seteuid takes the privilege back;
// setresuid sets all three. Group ids first: once the user id has
// changed, nothing can change the groups. With the effective id 0
// the effective capabilities go, and come back; the permitted ones
// go when none of the three ids is 0 any more.
//
// To see it, as root:
//
//	go run ./setuid drop

func drop() {
	dir := secretOfB()
	proc.Check(os.Chdir(dir)) // whose parents B may not search
	const secret = "secret"
	child(func() {
		inSetUserIDProgram()
		say("at the start: user %s, open: %s", users(),
			opens(secret))
		proc.Check(proc.Seteuid(idA))
		say("for a while: user %s, open: %s", users(),
			opens(secret))
		proc.Check(proc.Seteuid(idB))
		say("taken back: user %s, open: %s", users(),
			opens(secret))
		proc.Check(proc.Setuid(idA))
		say("setuid(A): user %s", users())
		say("then seteuid(B): %s", result(proc.Seteuid(idB)))
	})
	child(func() {
		inSetUserIDProgram()
		proc.Check(proc.Setresuid(idA, idA, idA))
		say("setresuid(A, A, A): user %s", users())
		say("then seteuid(B): %s", result(proc.Seteuid(idB)))
	})
	child(wrongOrder)
	child(rightOrder)
	child(capabilities)
	proc.Check(os.RemoveAll(dir))
	stdio.Exit(0)
}

// secretOfB makes a file that only user B can read.
func secretOfB() string {
	dir, err := os.MkdirTemp("", "drop-")
	proc.Check(err)
	proc.Check(os.Chmod(dir, 0o755))
	proc.Check(os.WriteFile(dir+"/secret", nil, 0o600))
	if err := os.Chown(dir+"/secret", idB, idB); err != nil {
		os.RemoveAll(dir)
		needs(err, "CAP_CHOWN")
	}
	return dir
}

// inSetUserIDProgram gives the child the ids that a set-user-ID
// program of user B has, executed by user A.
func inSetUserIDProgram() {
	needs(proc.Setresgid(idA, idA, idA), "CAP_SETGID")
	needs(proc.Setresuid(idA, idB, idB), "CAP_SETUID")
}

// opens says whether the file can be opened.
func opens(path string) string {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	unix.Close(fd)
	return result(err)
}

// wrongOrder changes the user ids first.
func wrongOrder() {
	needs(proc.Setgroups([]int{idC}), "CAP_SETGID")
	needs(proc.Setresuid(idA, idA, idA), "CAP_SETUID")
	say("user first: setgroups: %s, setresgid: %s",
		result(proc.Setgroups(nil)),
		result(proc.Setresgid(idA, idA, idA)))
	say("user first: group %s", groups())
}

// rightOrder changes groups, group ids and user ids, in this order,
// and looks at each.
func rightOrder() {
	needs(proc.Setgroups(nil), "CAP_SETGID")
	needs(proc.Setresgid(idA, idA, idA), "CAP_SETGID")
	needs(proc.Setresuid(idA, idA, idA), "CAP_SETUID")
	g, err := unix.Getgroups()
	proc.Check(err)
	say("groups first: group %s, %d other groups", groups(), len(g))
	say("groups first: user %s", users())
}

// capabilities looks at what a privileged process has of them.
func capabilities() {
	look := func(what string) {
		say("%s: effective %s, permitted %s", what,
			some("CapEff"), some("CapPrm"))
	}
	look("user 0, 0, 0")
	needs(proc.Seteuid(idA), "CAP_SETUID")
	look("seteuid(A)")
	proc.Check(proc.Seteuid(root))
	look("seteuid(0)")
	proc.Check(proc.Setresuid(idA, idA, root))
	look("setresuid(A, A, 0)")
	proc.Check(proc.Setresuid(idA, idA, idA))
	look("setresuid(A, A, A)")
}

// some says whether a set of capabilities is empty.
func some(name string) string {
	set := statusLine("/proc/self/status", name)
	if strings.Trim(set, "0") == "" {
		return "none"
	}
	return "some"
}
