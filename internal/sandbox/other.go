//go:build !linux

package sandbox

import (
	"context"
	"runtime"
)

// Run runs a command; on this system it refuses.
func Run(context.Context, Command) (*Result, error) { return nil, CanIsolate() }

// CanIsolate returns nil if a stranger's program can be run here,
// and otherwise a *Refusal.
func CanIsolate() error {
	return &Refusal{
		Reason: "the sandbox needs a Linux kernel, this is " + runtime.GOOS,
		Remedy: "use a Linux machine, a virtual machine or a container",
	}
}

// CanOpenPty is for the checks, which record nothing here.
func CanOpenPty() error { return CanIsolate() }

// LowLimit returns no limit: nothing runs here.
func LowLimit() (reason, remedy string) { return "", "" }

// MemorySum returns nil if the memory of a run can be bounded here.
func MemorySum() error { return CanIsolate() }

// Probe says what the box keeps from a program; on this system it refuses.
func Probe(context.Context) ([]ProbeRow, error) { return nil, CanIsolate() }

// Reuse has the keepers of runs used again; on this system there are none.
func Reuse(ctx context.Context) (context.Context, func()) { return ctx, func() {} }

// RemoveAtEnd has a folder removed; on this system it refuses.
func RemoveAtEnd(string) (remove func(), err error) { return nil, CanIsolate() }

// CalmMonitor is for a process that waits for a run.
func CalmMonitor() {}
