//go:build amd64 || arm64

package trace

import (
	"fmt"
	"os"
)

// seizeError explains why a process could not be seized.
func seizeError(pid int, err error) error {
	if tracer := statusInt(pid, "TracerPid"); tracer > 0 {
		return fmt.Errorf("trace: process %d is already traced by process %d (%s): end that tracer first", pid, tracer, commOf(tracer))
	}
	return fmt.Errorf("trace: ptrace seize of process %d: %w", pid, err)
}

// Probe says why this machine cannot record, nil if it can.
func Probe() error {
	if tracer := statusInt(os.Getpid(), "TracerPid"); tracer > 0 {
		return fmt.Errorf("this process is traced by process %d (%s), and a process has one tracer", tracer, commOf(tracer))
	}
	return nil
}
