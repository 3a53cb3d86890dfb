package grade

import (
	"path/filepath"
	"strconv"
	"testing"

	"apue/internal/procfs"

	"golang.org/x/sys/unix"
)

// TestUnlock: the lock ends at unlock, although a copy of the descriptor
// is still open, as in a child that has not executed its program yet.
func TestUnlock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	unlock, err := tryLock(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tryLock(path); err != unix.EWOULDBLOCK {
		t.Errorf("locked twice: %v", err)
	}
	child := -1
	for _, fd := range procfs.Fds(unix.Getpid()) {
		if procfs.Readlink(procfs.Path(unix.Getpid(), "fd/"+strconv.Itoa(fd))) == path {
			child, err = unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 0)
		}
	}
	if child < 0 || err != nil {
		t.Fatalf("no copy of the descriptor: %v", err)
	}
	defer unix.Close(child)
	unlock()
	again, err := tryLock(path)
	if err != nil {
		t.Fatalf("after unlock: %v", err)
	}
	again()
}
