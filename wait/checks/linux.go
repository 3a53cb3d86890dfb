package checks

// The numbers of wait(2) on Linux. The checks compile, and read
// recordings, on other systems too, whose numbers differ.
const (
	wnohang    = 0x1
	wuntraced  = 0x2
	wexited    = 0x4
	wcontinued = 0x8
	wnowait    = 0x01000000
	wnothread  = 0x20000000
	wall       = 0x40000000
	wclone     = 0x80000000

	pAll, pPid, pPgid, pPidfd = 0, 1, 2, 3

	sigchld = 17
	sigstop = 19

	cldExited    = 1
	cldKilled    = 2
	cldDumped    = 3
	cldStopped   = 5
	cldContinued = 6
)
