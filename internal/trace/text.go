package trace

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"apue/internal/locale"
	"apue/internal/show"
)

// textWidth bounds a line of Text.
const textWidth = 100

// Text is an event as one line of at most 100 columns: seconds since
// the start, the process, what happened.
func Text(e *Event) string {
	s := fmt.Sprintf("%11.6f  %-8s  %s", float64(e.Time)/1e9, show.Line(e.Process), show.Line(what(e)+unknown(e)))
	end := byThread(e)
	if e.Source != nil {
		end += "  " + show.Clip(show.Line(shortPath(e.Source.File)), textWidth/3) + ":" + strconv.Itoa(e.Source.Line)
	}
	return show.Clip(s, textWidth-show.Width(end)) + end
}

// byThread names the thread that an event is of, if it is not the first one
// of its process.
func byThread(e *Event) string {
	switch {
	case e.Tid == 0 || e.Kind == KindVforkDone: // that one says it itself
		return ""
	case e.Kind == KindSignal || e.Kind == KindBlocked:
		return "  in thread " + strconv.Itoa(e.Tid)
	}
	return "  by thread " + strconv.Itoa(e.Tid)
}

// unknown names what the recorder could not find out.
func unknown(e *Event) string {
	if len(e.Unknown) == 0 {
		return ""
	}
	return "  (not known: " + strings.Join(slices.Sorted(maps.Keys(e.Unknown)), ", ") + ")"
}

func shortPath(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }

// failed is ": ECHILD" if the call failed.
func failed(e *Event) string {
	if e.Errno == "" {
		return ""
	}
	return ": " + e.Errno
}

// noted is what the recorder has to say about a call.
func noted(e *Event) string {
	if e.Note == "" {
		return ""
	}
	return " (" + e.Note + ")"
}

// who names a process: by its birth path if it is one of the tree.
func who(name string, pid int) string {
	switch {
	case name == "" && pid == 0:
		return "?"
	case name == "":
		return "pid " + strconv.Itoa(pid)
	case pid == 0:
		return name
	}
	return name + " (" + strconv.Itoa(pid) + ")"
}

func exitText(e *Event) string {
	s := StatusText(e.Status)
	if e.ExitArg != nil {
		s += fmt.Sprintf("  %s(%d)", e.Call, *e.ExitArg)
	}
	if crash := e.CrashText(); crash != "" {
		s += "  " + crash
	}
	return s
}

func signalText(e *Event) string {
	s := "gets " + SignalName(e.Signal)
	if crash := e.CrashText(); crash != "" {
		s += " " + crash
	} else if name := SiCodeName(e.Signal, e.SiCode); name != "" {
		s += " " + name
	}
	if e.Sender != 0 || e.SenderProcess != "" {
		s += " from " + who(e.SenderProcess, e.Sender)
	}
	return s
}

// what says what happened.
func what(e *Event) string {
	switch e.Kind {
	case KindFork, KindVfork, KindClone:
		if e.Errno != "" {
			return e.Call + "(" + cloneText(e.Flags) + ")" + failed(e)
		}
		s := fmt.Sprintf("%s → %s", e.Kind, who(e.ChildProcess, e.ChildNSpid))
		if e.Call != "" && e.Call != string(e.Kind) {
			s += "  " + e.Call + "(" + cloneText(e.Flags) + ")"
		}
		if e.SameVM != nil && *e.SameVM {
			s += "  same memory"
		}
		return s
	case KindVforkDone:
		s := "vfork done: runs again"
		if e.Tid != 0 {
			s = "vfork done: thread " + strconv.Itoa(e.Tid) + " runs again"
		}
		if e.ParentState != "" {
			s += ", was in state " + e.ParentState
		}
		if n := len(e.Words); n > 0 {
			s += fmt.Sprintf(", %d words changed", n)
		}
		return s
	case KindExec:
		return execText(e)
	case KindExit:
		return exitText(e)
	case KindWait:
		return waitText(e)
	case KindSignal:
		return signalText(e)
	case KindStop:
		return "stopped by " + SignalName(e.Signal)
	case KindContinue:
		return "continued"
	case KindReparented:
		s := "adopted by " + adopter(e) + " from " + who(e.OldParentProcess, e.OldParent)
		if e.Inferred {
			s += " (" + NotSeen + ")"
		}
		return s
	case KindKill:
		return fmt.Sprintf("%s %s to %s", e.Call, SignalName(e.Signal), target(e)) + failed(e)
	case KindWrite:
		s := fmt.Sprintf("%s to %s: ", e.Call, descriptor(e))
		if e.Errno != "" {
			return s + e.Errno + noted(e)
		}
		s += fmt.Sprintf("%d bytes", e.Result)
		if e.Unknown["data"] == "" {
			s += " " + show.Clip(strconv.Quote(string(e.Data)), 48)
		}
		return s
	case KindCreds, KindPriority, KindTimer, KindTimes, KindAcct:
		return resourceText(e)
	case KindRead, KindSleep, KindPoll, KindPause, KindAccept, KindLock, KindBlocked:
		return blockText(e)
	case KindSnapshot:
		return fmt.Sprintf("/proc of %d processes read", len(e.Snapshot))
	case KindNote:
		return "note: " + e.Note
	case KindEnd:
		s := "end: the first process " + StatusText(e.Status)
		if e.Timeout {
			s += ", out of time"
		}
		if e.Leftovers > 0 {
			s += fmt.Sprintf(", %d killed", e.Leftovers)
		}
		return s
	}
	return callText(e)
}

// execText says what an exec executed; if the new program got other
// arguments than the caller passed, as an interpreter does, both.
func execText(e *Event) string {
	s := "exec"
	if e.Path != "" || e.Unknown["path"] == "" {
		s += " " + e.Path
	}
	if e.Argv != nil {
		s += " " + quoteAll(e.Argv)
	}
	if p := e.Program; p != nil && p.Cmdline != nil {
		s += " as " + quoteAll(p.Cmdline)
	}
	if e.ByTid != 0 {
		s += "  by thread " + strconv.Itoa(e.ByTid)
	}
	if e.Before != nil && e.After != nil {
		s += "  " + idsText(e.Before, e.After)
	}
	return s + failed(e)
}

// idsText says which ids changed: real, effective and saved.
func idsText(before, after *IDs) string {
	var said []string
	one := func(name string, a, b [4]int) {
		if a != b {
			said = append(said, fmt.Sprintf("%s %d/%d/%d → %d/%d/%d", name, a[0], a[1], a[2], b[0], b[1], b[2]))
		}
	}
	one("uid", before.UID, after.UID)
	one("gid", before.GID, after.GID)
	if !slices.Equal(before.Groups, after.Groups) {
		said = append(said, fmt.Sprintf("groups %v → %v", before.Groups, after.Groups))
	}
	if said == nil {
		return "ids unchanged"
	}
	return strings.Join(said, ", ")
}

// numbersText writes arguments as a call has them.
func numbersText(list []int64) string {
	var said []string
	for _, n := range list {
		said = append(said, strconv.FormatInt(n, 10))
	}
	return strings.Join(said, ", ")
}

// prctlNames are the operations of prctl whose events have their number
// (linux/prctl.h).
var prctlNames = map[int64]string{8: "PR_SET_KEEPCAPS", 28: "PR_SET_SECUREBITS", 38: "PR_SET_NO_NEW_PRIVS"}

// credsText writes the arguments of a call that changes ids, or what an exec
// may give.
func credsText(e *Event) string {
	s := numbersText(e.Args)
	if e.Call != "prctl" || len(e.Args) == 0 || prctlNames[e.Args[0]] == "" {
		return s
	}
	return prctlNames[e.Args[0]] + strings.TrimPrefix(s, strconv.FormatInt(e.Args[0], 10))
}

// duration writes nanoseconds.
func duration(ns int64) string { return time.Duration(ns).String() }

// resourceText says what the calls on ids, priorities, timers, times and
// accounting did.
func resourceText(e *Event) string {
	s := e.Call
	switch e.Kind {
	case KindCreds:
		s += "(" + credsText(e) + ")"
		if e.Errno == "" && e.Before != nil && e.After != nil {
			s += "  " + idsText(e.Before, e.After)
		}
	case KindPriority:
		s += fmt.Sprintf(" of %s to %d", target(e), e.Value)
		if e.Nice != nil && e.Errno == "" {
			s += fmt.Sprintf(", nice value %d", *e.Nice)
		}
	case KindTimer:
		s += " " + duration(e.Duration)
		if e.Interval != 0 {
			s += " every " + duration(e.Interval)
		}
		if e.Old != 0 {
			s += ", " + duration(e.Old) + " were left"
		}
	case KindTimes:
		s += " = " + numbersText(e.Numbers)
	case KindAcct:
		if e.Path == "" {
			s += " off"
		} else {
			s += " to " + e.Path
		}
	}
	return s + failed(e)
}

// descriptor names a descriptor with what it leads to.
func descriptor(e *Event) string {
	s := strconv.Itoa(e.Fd)
	if e.Object != "" {
		s += " (" + e.Object + ")"
	}
	return s
}

// blockText says what a call that may wait waited for.
func blockText(e *Event) string {
	s := e.Call
	switch {
	case e.Kind == KindBlocked && e.Call == "":
		return "is running when it is killed"
	case e.Kind == KindBlocked:
		s = "is in " + s
	}
	switch {
	case e.Kind == KindRead:
		s += " from " + descriptor(e) + ": "
		switch {
		case e.Errno != "":
			return s + e.Errno + noted(e)
		case e.Result == 0:
			return s + "end of file"
		case len(e.Data) == 0:
			return s + fmt.Sprintf("%d bytes", e.Result)
		}
		return s + fmt.Sprintf("%d bytes %s", e.Result, show.Clip(strconv.Quote(string(e.Data)), 48))
	case e.Object != "":
		s += " of " + descriptor(e)
		if e.Kind == KindLock && e.Value != 0 {
			s += " " + bitNames(uint64(e.Value), lockBits)
		}
	case e.Duration > 0:
		s += " " + duration(e.Duration)
	case e.WaitPid != 0:
		s += fmt.Sprintf("(%d)", e.WaitPid)
	}
	if e.Holders != nil {
		s += ", whose other end is open in " + strings.Join(e.Holders, ", ")
	}
	if e.Kind == KindPause && e.Result > 0 {
		s += " = " + SignalName(int(e.Result))
	}
	return s + failed(e) + noted(e)
}

// callText says what the calls on processes and descriptors did.
func callText(e *Event) string {
	s := string(e.Kind)
	if e.Call != "" {
		s = e.Call
	}
	switch e.Kind {
	case KindSetpgid:
		s += fmt.Sprintf("(%s, %d)", target(e), e.Pgid)
	case KindChdir, KindChroot:
		s += " " + e.Path
	case KindUmask:
		s += fmt.Sprintf(" %04o", e.Mask)
	case KindSubreaper:
		s = fmt.Sprintf("prctl PR_SET_CHILD_SUBREAPER %d", e.Value)
	case KindGetppid:
		s += fmt.Sprintf(" = %d", e.Result)
	case KindOpen:
		name := e.Path
		if name == "" {
			name = e.Object
		}
		s += fmt.Sprintf(" %s %s", name, openText(e.Flags))
		if e.Errno == "" {
			s += fmt.Sprintf(" = %d", e.Fd)
		}
	case KindClose:
		s += fmt.Sprintf(" %d", e.Fd)
		if e.Call == "close_range" {
			s += fmt.Sprintf("–%d", e.NewFd)
		}
	case KindDup:
		s += fmt.Sprintf(" %d", e.Fd)
		if e.NewFd >= 0 {
			s += fmt.Sprintf(" → %d", e.NewFd)
		}
	case KindPipe:
		s += fmt.Sprintf(" read %d, write %d", e.Fd, e.NewFd)
	case KindSeek:
		s += fmt.Sprintf(" %d to %d %s", e.Fd, e.Offset,
			[...]string{"SEEK_SET", "SEEK_CUR", "SEEK_END", "SEEK_DATA", "SEEK_HOLE", "?"}[min(uint(e.Whence), 5)])
		if e.Errno == "" {
			s += fmt.Sprintf(" = %d", e.Result)
		}
	case KindTruncate:
		if e.Path != "" {
			s += " " + e.Path
		} else {
			s += fmt.Sprintf(" %d", e.Fd)
		}
		s += fmt.Sprintf(" to %d bytes", e.Offset)
	case KindFcntl:
		s += fcntlText(e)
	}
	return s + failed(e)
}

// fcntlText says which flags were set, of one descriptor or of a range.
func fcntlText(e *Event) string {
	s := " " + descriptor(e)
	if e.NewFd > e.Fd {
		s = fmt.Sprintf(" %d–%d", e.Fd, e.NewFd)
	}
	switch {
	case e.Command != 2: // F_SETFD
		return s + " F_SETFL " + openText(uint64(uint32(e.Value)))
	case e.Value&1 != 0:
		return s + " F_SETFD FD_CLOEXEC"
	}
	return s + " F_SETFD 0"
}

// waitText says what a wait asked for and what it got.
func waitText(e *Event) string {
	options := ""
	if e.Options != 0 {
		options = ", " + WaitOptions(e.Options)
	}
	s := fmt.Sprintf("%s(%d%s)", e.Call, e.WaitPid, options)
	if e.Call == "waitid" {
		idtype := strconv.Itoa(e.IDType)
		if e.IDType >= 0 && e.IDType < len(idTypeNames) {
			idtype = idTypeNames[e.IDType]
		}
		s = fmt.Sprintf("%s(%s %d%s)", e.Call, idtype, e.ID, options)
	}
	switch {
	case e.Errno != "" && e.ResultProcess != "":
		return s + failed(e) + ", and has reaped " + e.ResultProcess
	case e.Errno != "":
		return s + failed(e) + noted(e)
	case e.OneOf != nil:
		return s + " = one of " + strings.Join(e.OneOf, ", ") + noted(e)
	case e.Result == 0:
		return s + " = 0: none yet"
	}
	return s + " = " + who(e.ResultProcess, int(e.Result)) + " " + StatusText(e.Status)
}

// NotSeen is said of an adopter that is inferred, see [Event.Inferred].
var NotSeen = locale.Key("inferred, not seen")

// noGroup is the number of which kill and wait look up no group, because
// there is no positive number that is its opposite: they fail with ESRCH.
const noGroup = math.MinInt32

// AsksGroup says that the call of a kill event names a group, or every
// process, and not one process: kill does so by a number that is not
// positive, and no other call does.
func (e *Event) AsksGroup() bool {
	return e.Kind == KindKill && e.Call == "kill" && e.Target <= 0 && e.Target != noGroup
}

// WaitGroup is the group that a wait asks for by its number, 0 if it asks for
// none, or for the caller's own.
func (e *Event) WaitGroup() int {
	switch {
	case e.Call == "waitid" && e.IDType == pPGID:
		return e.ID
	case e.Call != "waitid" && e.WaitPid < -1 && e.WaitPid != noGroup:
		return -e.WaitPid
	}
	return 0
}

const pPGID = 2 // P_PGID of waitid

// What setpriority's number can name beside a process.
const (
	prioPgrp = 1
	prioUser = 2
)

// target is whom a kill or setpgid names.
func target(e *Event) string {
	switch {
	case e.Kind == KindPriority && e.Which == prioPgrp && e.Target == 0:
		return "its own group"
	case e.Kind == KindPriority && e.Which == prioPgrp:
		return "group " + strconv.Itoa(e.Target)
	case e.Kind == KindPriority && e.Which == prioUser && e.Target == 0:
		return "its own user"
	case e.Kind == KindPriority && e.Which == prioUser:
		return "user " + strconv.Itoa(e.Target)
	case e.TargetProcess != "":
		return e.TargetProcess
	case e.Target == 0 && e.Unknown["target"] != "":
		return "pidfd " + strconv.Itoa(e.Fd)
	case e.Target == 0 && (e.Kind == KindSetpgid || e.Kind == KindPriority):
		return "itself"
	case !e.AsksGroup():
		return "pid " + strconv.Itoa(e.Target)
	case e.Target == 0:
		return "its own group"
	case e.Target == -1:
		return "everybody"
	}
	return "group " + strconv.Itoa(-e.Target)
}

func adopter(e *Event) string {
	if e.NewParentProcess != "" || e.NewParentComm == "" {
		return who(e.NewParentProcess, e.NewParent)
	}
	return who(e.NewParentComm, e.NewParent)
}

func quoteAll(argv []string) string {
	q := make([]string, len(argv))
	for i, a := range argv {
		q[i] = strconv.Quote(a)
	}
	return "[" + strings.Join(q, " ") + "]"
}
