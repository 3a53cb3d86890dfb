//go:build !linux || !(386 || amd64 || arm64)

package record

import (
	"context"
	"errors"
	"runtime"

	"apue/internal/trace"
)

var errSystem = errors.New("recording needs a Linux kernel on amd64, arm64 or 386, and this is " +
	runtime.GOOS + "/" + runtime.GOARCH + ": use a virtual machine or a container there")

// Run is not possible on this system.
func Run(context.Context, []string, Start, Options) (*trace.Recording, error) { return nil, errSystem }

// Filter installs the seccomp filter of a recording; on this system
// it refuses.
func Filter(Options) error { return errSystem }

// Probe says that this system cannot record.
func Probe() error { return errSystem }
