package checks

import (
	"fmt"
	"strings"

	"apue/internal/lab"
	"apue/internal/sandbox"
)

// What a user without privilege sees of setid: a set-group-ID file of a
// second group. This run is not recorded, because an unprivileged recorder
// makes the kernel ignore the bit. The program's parent copies the lines of
// /proc/PID/status while the program is held at a pipe.

// A held program is what /proc said of it: the real, effective, saved and
// file system ids.
type held struct {
	uid, gid [4]int
	groups   string
}

// heldProgram reads the line about the program; ok is false if there is
// none.
func heldProgram(o *lab.Observation, what string) (h held, ok bool) {
	for _, line := range o.Lines() {
		rest, found := strings.CutPrefix(line, what+", held: ")
		if !found {
			continue
		}
		ids, groups, _ := strings.Cut(rest, ", Groups")
		n, _ := fmt.Sscanf(ids, "Uid %d %d %d %d, Gid %d %d %d %d",
			&h.uid[0], &h.uid[1], &h.uid[2], &h.uid[3], &h.gid[0], &h.gid[1], &h.gid[2], &h.gid[3])
		h.groups = strings.TrimSpace(groups)
		return h, n == 8
	}
	return h, false
}

// withoutPrivilege judges by the unrecorded run of a user without
// privilege where the recorded run lacks privilege. The judge gets a plain
// program and a set-group-ID one of a group that is not the caller's.
func withoutPrivilege(recorded func(*lab.Bench) lab.Verdict, judge func(o *lab.Observation, second int, plain, raised held) lab.Verdict) func(*lab.Bench) lab.Verdict {
	return func(b *lab.Bench) lab.Verdict {
		v := recorded(b)
		if v.Status != lab.CannotCheck {
			return v
		}
		o := b.Run(lab.Run{Stdout: sandbox.Pipe, Untraced: true})
		second := 0
		for _, line := range o.Lines() {
			if why, ok := strings.CutPrefix(line, "a set-group-ID file "); ok {
				v.Reason += "; without it, a set-group-ID file " + why
				v.Remedy = "run it as root, outside of user namespaces, or as a user who is in a second group"
				return v
			}
			fmt.Sscanf(line, "the second group: %d", &second)
		}
		if second == 0 {
			return v
		}
		plain, ok := heldProgram(o, "a plain file")
		raised, also := heldProgram(o, "set-group-ID")
		if !ok || !also {
			return o.Fail("the program printed "+lab.Quote(o.Lines()), "what /proc says of both programs is missing")
		}
		return judge(o, second, plain, raised)
	}
}

// setidGroupHeld judges the group ids of the set-group-ID program.
func setidGroupHeld(o *lab.Observation, second int, plain, raised held) lab.Verdict {
	want := [4]int{plain.gid[0], second, second, second}
	switch {
	case raised.gid != want:
		return o.Fail(fmt.Sprintf("the line Gid of /proc/PID/status has %d", raised.gid), fmt.Sprintf("it should be %d: the bit gives the file's group %d", want, second))
	case raised.uid != plain.uid:
		return o.Fail(fmt.Sprintf("the line Uid of /proc/PID/status has %d", raised.uid), fmt.Sprintf("it should be %d: the bit changes the group ids only", plain.uid))
	}
	return saysItself(o, "set-group-ID", raised, fmt.Sprintf("a set-group-ID file of group %d, not recorded: /proc/PID/status has Gid %d, and Uid as before", second, raised.gid))
}

// setidRealHeld judges its real ids and its other groups.
func setidRealHeld(o *lab.Observation, _ int, plain, raised held) lab.Verdict {
	if raised.uid[0] != plain.uid[0] || raised.gid[0] != plain.gid[0] || raised.groups != plain.groups {
		return o.Fail(fmt.Sprintf("real user %d, real group %d, groups %q", raised.uid[0], raised.gid[0], raised.groups),
			fmt.Sprintf("the caller had %d, %d and the groups %q: an exec leaves all of them", plain.uid[0], plain.gid[0], plain.groups))
	}
	return saysItself(o, "set-group-ID", raised, fmt.Sprintf("the set-group-ID program, not recorded, has real user %d, real group %d and groups %s, as the plain one", raised.uid[0], raised.gid[0], raised.groups))
}

// setidPlainHeld judges the plain program.
func setidPlainHeld(o *lab.Observation, _ int, plain, _ held) lab.Verdict {
	for line, id := range map[string][4]int{"Uid": plain.uid, "Gid": plain.gid} {
		if id != [4]int{id[0], id[0], id[0], id[0]} {
			return o.Fail(fmt.Sprintf("the line %s of /proc/PID/status has %d", line, id), "a plain file changes no effective id")
		}
	}
	return saysItself(o, "a plain file", plain, fmt.Sprintf("the plain program, not recorded, has Uid %d and Gid %d", plain.uid, plain.gid))
}

// saysItself compares what the program printed of itself with what /proc
// said of it.
func saysItself(o *lab.Observation, what string, h held, observed string) lab.Verdict {
	for _, l := range []claimed{
		{what + ": user", "Uid", ids(h.uid[:3]), ""},
		{what + ": group", "Gid", ids(h.gid[:3]), ""},
	} {
		found := false
		for _, line := range o.Lines() {
			found = found || line == l.words+" "+l.want.String()
		}
		if !found {
			return o.Fail("the program printed "+lab.Quote(o.Lines()), fmt.Sprintf("one line should be %q: that is what /proc says", l.words+" "+l.want.String()))
		}
	}
	return o.Passed("%s", observed)
}
