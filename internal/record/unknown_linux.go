//go:build 386 || amd64 || arm64

package record

import (
	"fmt"

	"golang.org/x/sys/unix"

	"apue/internal/trace"
)

// What the recorder cannot find out is absent from an event, and the
// event says why: an empty path would be a statement.

// memoryRefused says why the memory of a thread cannot be read, "" if it
// can. A process is not dumpable after prctl(PR_SET_DUMPABLE), after the
// exec of a file that its user cannot read, and after a change of its ids:
// then only a privileged recorder may look.
func memoryRefused(tid int) string {
	switch err := memoryError(tid); err {
	case nil, unix.ESRCH:
		return ""
	case unix.EPERM, unix.EACCES:
		return "the memory of the process cannot be read: it is not dumpable, and the recorder is not privileged"
	default:
		return fmt.Sprintf("the memory of the process cannot be read: %v", err)
	}
}

// explain says that a key of an event is absent for a reason.
func explain(e *trace.Event, key, reason string) {
	if e.Unknown == nil {
		e.Unknown = map[string]string{}
	}
	e.Unknown[key] = reason
}

// explainExec says why an exec does not tell what it executed: before is
// the reason at the call, after the one in the new program.
func explainExec(e *trace.Event, before, after string) {
	if before != "" {
		if e.Path == "" {
			explain(e, "path", before)
		}
		if e.Argv == nil {
			explain(e, "argv", before)
		}
	}
	if after != "" && e.Program != nil && e.Program.Stack == nil {
		explain(e, "program", after)
	}
}

// explainAbsent says why an event that is about to be recorded does not
// tell the path that a call was given, or the bytes that it moved.
func explainAbsent(e *trace.Event) {
	key := ""
	switch e.Kind {
	case trace.KindWrite, trace.KindRead:
		// Of a file that is read the bytes are not kept.
		if e.Result > 0 && len(e.Data) == 0 && (e.Kind == trace.KindWrite || e.Path == "") {
			key = "data"
		}
	case trace.KindOpen, trace.KindChroot, trace.KindAcct:
		if e.Path == "" {
			key = "path"
		}
	}
	if key == "" {
		return
	}
	reason := memoryRefused(e.Pid)
	if reason == "" && key == "data" {
		reason = "the bytes did not pass through the memory of the process"
	}
	if reason != "" {
		explain(e, key, reason)
	}
}
