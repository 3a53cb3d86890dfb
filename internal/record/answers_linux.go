//go:build 386 || amd64 || arm64

package record

import (
	"cmp"
	"maps"
	"slices"

	"golang.org/x/sys/unix"

	"apue/internal/procfs"
	"apue/internal/trace"
)

// A wait need not give the kernel a place for its answer: the status or the
// siginfo is NULL. Then the kernel's state at the call's return decides what
// it returned: a child that was reaped is gone, and of the others the call
// returned the first one that had something to tell (do_wait in the kernel
// goes through the children in the order in which the parent got them).

// A change is something that a child has to tell its parent.
type change struct {
	kid    *process
	status uint32
	since  int64 // when it happened, or was seen to have
}

// changes returns what the children that a wait asked for have to tell
// now, in the kernel's order.
func (r *recorder) changes(kids []*process, options int) (found []change) {
	for _, kid := range kids {
		before := kid.dead
		if !before {
			r.drain(kid)
		}
		switch {
		case kid.dead && !before:
			// The parent could not see its end before this report of it.
		case kid.dead:
			if options&unix.WEXITED != 0 && !reaped(kid) {
				found = append(found, change{kid, kid.status, kid.diedAt})
			}
		case kid.stopped && kid.stopToTell && options&unix.WSTOPPED != 0:
			found = append(found, change{kid, kid.stopStatus, kid.stoppedAt})
		case !kid.stopped && kid.continueToTell && options&unix.WCONTINUED != 0:
			found = append(found, change{kid, statusContinued, kid.continuedAt})
		}
	}
	return found
}

// statusContinued is the status word of a child that SIGCONT continued.
const statusContinued = 0xffff

// unseen returns the changes that may have happened and are not reported
// yet: the kernel tells the parent before it tells the recorder.
func unseen(kids []*process, options int) (found []change) {
	for _, kid := range kids {
		switch {
		case kid.dead:
		case kid.stopped && options&unix.WCONTINUED != 0:
			found = append(found, change{kid: kid, status: statusContinued})
		case !kid.stopped && options&unix.WSTOPPED != 0:
			found = append(found, change{kid: kid, status: uint32(unix.SIGSTOP)<<8 | 0x7f})
		}
	}
	return found
}

// answered fills in what a wait returned that stored nothing. hang says
// that the call returned because there was something to tell.
func (r *recorder) answered(t *thread, e *trace.Event, kids []*process, options int, hang bool) {
	var which []change
	sure := hang
	if options&unix.WEXITED != 0 && options&unix.WNOWAIT == 0 {
		for _, kid := range kids {
			if kid.dead && reaped(kid) {
				which = append(which, change{kid: kid, status: kid.status})
				sure = true
			}
		}
	}
	if which == nil {
		which = r.changes(kids, options&^reapedOnly(options))
		which, sure = atEntry(which, e.Entered, t.proc.threads > 1, sure)
	}
	if which == nil && hang {
		which = unseen(kids, options)
	}
	if len(which) == 1 && sure {
		kid := which[0].kid
		e.Result, e.Status = int64(kid.seenFrom(t.proc)), which[0].status
		r.waited(t, e, kid)
		return
	}
	for _, c := range which {
		e.OneOf = append(e.OneOf, c.kid.name)
		if c.kid.dead && options&unix.WNOWAIT == 0 {
			c.kid.oneOf = true
		}
	}
	if len(which) > 0 && !sure {
		e.Note = "or none: the call stored no answer"
	}
}

// reapedOnly takes WEXITED away where a zombie that is still there cannot
// be the answer, because the call would have reaped it.
func reapedOnly(options int) int {
	if options&unix.WNOWAIT != 0 {
		return 0
	}
	return unix.WEXITED
}

// atEntry picks the changes of which a wait, entered then, returned one. If
// some were there already, the first of these was found, unless one in front
// of it came before the kernel looked. Of children of several threads the
// kernel's order is not known.
func atEntry(all []change, entered int64, threads, sure bool) ([]change, bool) {
	first := slices.IndexFunc(all, func(c change) bool { return c.since <= entered })
	if first < 0 {
		return all, sure
	}
	if threads {
		return all, true
	}
	return all[:first+1], true
}

// asked are the children that a wait asks for, in the order in which the
// kernel looks at them.
func (r *recorder) asked(t *thread, c *call, idtype, id, options int) (kids []*process) {
	p := t.proc
	for _, kid := range slices.SortedFunc(maps.Values(p.kids), func(a, b *process) int { return cmp.Compare(a.joined, b.joined) }) {
		// eligible_child of the kernel.
		if options&unix.WALL == 0 && (kid.exitSignal != int(unix.SIGCHLD)) != (uint32(options)&unix.WCLONE != 0) {
			continue
		}
		yes := true
		switch idtype {
		case unix.P_PID:
			yes = kid.seenFrom(p) == id
		case unix.P_PIDFD:
			yes = kid == c.child
		case unix.P_PGID:
			group, known := kid.group(p)
			if id == 0 {
				id, _ = p.group(p)
			}
			yes = !known || group == id // one that is gone may have been in it
		}
		if yes {
			kids = append(kids, kid)
		}
	}
	return kids
}

// group is a process's group as q sees it; known is false when the process
// is gone.
func (p *process) group(q *process) (group int, known bool) {
	if len(q.pids) > 1 {
		groups := procfs.ReadStatus(p.pid).Ints("NSpgid")
		return q.names(groups), groups != nil
	}
	s, ok := procfs.ReadStat(p.pid)
	return s.Number(statGroup), ok
}

// statGroup is the field of /proc/PID/stat with the process group.
const statGroup = 5

// told is what a wait4 without a place for the status returned of a child:
// it is gone if it was reaped.
func (r *recorder) told(child *process, options int) uint32 {
	if options&(unix.WUNTRACED|unix.WCONTINUED) == 0 || child.dead && reaped(child) {
		return child.status
	}
	found := r.changes([]*process{child}, options&(unix.WSTOPPED|unix.WCONTINUED))
	if found == nil {
		found = unseen([]*process{child}, options)
	}
	if found == nil {
		return child.status
	}
	return found[0].status
}
