//go:build linux

package main

import (
	"flag"
	"fmt"

	"apue/ch8/proc"
	"apue/ch8/stdio"

	"golang.org/x/sys/unix"
)

// Rules tries who may change which user id (Fig. 8.18, 8.19).
//
// The book: setuid by a superuser process sets all three ids.
// Another process can set its effective id, to the real id or to
// the saved set-user-ID. seteuid sets the effective id only, for a
// superuser process too. setreuid lets any process swap its real
// and its effective id. The same holds for group ids.
//
// Linux today: privilege is CAP_SETUID, which a process has in
// general while its effective id is 0; for group ids the privilege
// goes with the effective user id as well, and effective group 0
// gives none. A plain process can change its real id, to its
// effective one. setresuid sets each of the three to any of the
// three.
//
// Each call is made in a child that has the ids it starts with.
// The ids A, B and C belong to no account.
//
// To see it, as root:
//
//	go run ./setuid rules
//	go run ./setuid rules --all    16,896 combinations

var (
	rulesFlags = flag.NewFlagSet("rules", 0)
	allRules   = rulesFlags.Bool("all", false,
		"every call, from every start, with every argument")
)

const root, keep = 0, proc.Keep

// A rule is a call by a process with the ids from.
type rule struct {
	from [3]int // real, effective, saved
	call string
	args []int
}

// shown are the rows of Figure 8.18, and some that explain them.
var shown = []rule{
	{[3]int{root, root, root}, "setuid", []int{idA}},
	{[3]int{idA, idB, idB}, "setuid", []int{idA}},
	{[3]int{idA, idA, idB}, "setuid", []int{idB}},
	{[3]int{idA, idB, idB}, "setuid", []int{idC}},
	{[3]int{idA, idB, idC}, "setuid", []int{idB}},
	{[3]int{root, root, root}, "seteuid", []int{idA}},
	{[3]int{idA, idB, idB}, "seteuid", []int{idA}},
	{[3]int{idA, idB, idB}, "seteuid", []int{idC}},
	{[3]int{idA, idB, idB}, "setreuid", []int{idB, idA}},
	{[3]int{idA, idB, idB}, "setreuid", []int{idB, keep}},
	{[3]int{idA, idB, idC}, "setreuid", []int{keep, idA}},
	{[3]int{idA, idB, idB}, "setreuid", []int{idC, keep}},
	{[3]int{idA, idB, idC}, "setresuid", []int{idC, idA, idB}},
	{[3]int{idA, idA, idA}, "setresuid", []int{keep, root, keep}},
}

func rules() {
	if *allRules {
		everyRule()
		stdio.Exit(0)
	}
	for _, r := range shown {
		child(func() {
			r.start()
			err := r.make()
			say("%s: %s: %s", r, result(err), triple(uids()))
		})
	}
	child(func() {
		needs(proc.Setuid(idA), "CAP_SETUID")
		say("setuid(A) by root, then setuid(0): %s: %s",
			result(proc.Setuid(root)), triple(uids()))
	})
	child(func() {
		needs(proc.Setresgid(idA, root, root), "CAP_SETGID")
		needs(proc.Setresuid(idA, idA, idA), "CAP_SETUID")
		say("group: A, 0, 0, user A: setgid(C): %s: %s",
			result(proc.Setgid(idC)), triple(gids()))
	})
	child(func() {
		needs(proc.Setgroups([]int{idC}), "CAP_SETGID")
		needs(proc.Setgid(idA), "CAP_SETGID")
		g, err := unix.Getgroups()
		proc.Check(err)
		say("group: setgid(A) by root: %s, groups %s",
			triple(gids()), letter(g[0]))
	})
	stdio.Exit(0)
}

// start gives the calling child the ids that the rule starts with.
func (r rule) start() {
	needs(proc.Setresuid(r.from[0], r.from[1], r.from[2]),
		"CAP_SETUID")
}

// make makes the call.
func (r rule) make() error {
	a := r.args
	switch r.call {
	case "setuid":
		return proc.Setuid(a[0])
	case "seteuid":
		return proc.Seteuid(a[0])
	case "setreuid":
		return proc.Setreuid(a[0], a[1])
	}
	return proc.Setresuid(a[0], a[1], a[2])
}

func (r rule) String() string {
	args := ""
	for i, a := range r.args {
		if i > 0 {
			args += ", "
		}
		args += letter(a)
	}
	return fmt.Sprintf("%s: %s(%s)", triple(r.from), r.call, args)
}
