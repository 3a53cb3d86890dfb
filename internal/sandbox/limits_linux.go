package sandbox

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// limits are the resource limits below which the suite's own programs, or
// the compiler, cannot do their work.
var limits = []struct {
	resource int
	least    uint64
	what     string
	option   string // of the shell's ulimit
}{
	{unix.RLIMIT_NOFILE, 64, "open files", "-n"},
	{unix.RLIMIT_SIGPENDING, 64, "pending signals", "-i"},
	{unix.RLIMIT_FSIZE, 64 << 20, "the size of a file", "-f"},
}

// LowLimit returns a resource limit of this process that is so low that
// programs fail because of it, as a sentence, and the remedy; "" if there is
// none.
func LowLimit() (reason, remedy string) {
	for _, l := range limits {
		var now unix.Rlimit
		if unix.Getrlimit(l.resource, &now) != nil || now.Cur >= l.least {
			continue
		}
		return fmt.Sprintf("the limit on %s (ulimit %s) is only %d", l.what, l.option, now.Cur),
			fmt.Sprintf("raise the limit in this shell, or start a new shell: ulimit %s unlimited, or the most that ulimit -H %s shows", l.option, l.option)
	}
	return "", ""
}
