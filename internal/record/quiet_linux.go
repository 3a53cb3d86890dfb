//go:build 386 || amd64 || arm64

package record

import (
	"sync"

	"golang.org/x/sys/unix"

	"apue/internal/procfs"
)

// quiet counts the recordings that need it.
var quiet struct {
	sync.Mutex
	users int
	added bool
}

// quieten keeps the kernel from sending this process a SIGCHLD for each
// stop of a tracee, which the Go runtime would handle, several
// microseconds each. Children that end are announced as before.
func quieten() (restore func()) {
	quiet.Lock()
	defer quiet.Unlock()
	if quiet.users++; quiet.users == 1 {
		quiet.added = setNoCldStop(true)
	}
	return func() {
		quiet.Lock()
		defer quiet.Unlock()
		if quiet.users--; quiet.users == 0 && quiet.added {
			setNoCldStop(false)
		}
	}
}

// setNoCldStop sets or clears SA_NOCLDSTOP in the disposition of
// SIGCHLD and says whether that changed it.
func setNoCldStop(on bool) bool {
	var sa procfs.Sigaction
	if procfs.RtSigaction(unix.SIGCHLD, nil, &sa) != 0 {
		return false
	}
	was := sa.Flags&procfs.SA_NOCLDSTOP != 0
	if sa.Flags &^= procfs.SA_NOCLDSTOP; on {
		sa.Flags |= procfs.SA_NOCLDSTOP
	}
	return procfs.RtSigaction(unix.SIGCHLD, &sa, nil) == 0 && was != on
}
