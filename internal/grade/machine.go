package grade

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"apue/internal/build"
	"apue/internal/procfs"
	"apue/internal/sandbox"
)

// What has to be free before an exercise is begun, and after it.
const (
	minSpace  = 64 << 10  // bytes of the temporary folder
	minInodes = 20        // of its file system, where that counts them
	minMemory = 128 << 20 // bytes of memory
)

// noSpace reports whether an error is one of a full machine.
func noSpace(err error) bool {
	for _, full := range []error{syscall.ENOSPC, syscall.EDQUOT, syscall.ENOMEM, syscall.EMFILE, syscall.ENFILE, syscall.EAGAIN} {
		if errors.Is(err, full) {
			return true
		}
	}
	return false
}

// checkMachine returns a *machineFault if the machine has too little left.
func (g *grader) checkMachine() error {
	var fs unix.Statfs_t
	if unix.Statfs(g.tmp, &fs) == nil {
		if free := uint64(fs.Bsize) * fs.Bavail; free < minSpace {
			return &machineFault{fmt.Sprintf("the temporary folder has only %d kB left", free>>10)}
		}
		if fs.Files > 0 && fs.Ffree < minInodes {
			return &machineFault{fmt.Sprintf("the temporary folder can have only %d more files", fs.Ffree)}
		}
	}
	if free, ok := availableMemory(); ok && free < minMemory {
		return &machineFault{fmt.Sprintf("the machine has only %d MB of memory left", free>>20)}
	}
	return nil
}

// availableMemory is what the kernel could give to new programs, in bytes.
func availableMemory() (bytes uint64, ok bool) {
	b, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return 0, false
	}
	kib, err := strconv.ParseUint(strings.TrimSuffix(procfs.Line(string(b), "MemAvailable"), " kB"), 10, 64)
	return kib << 10, err == nil
}

// The names of a call's temporary folder and of the lock in it.
const (
	tempPattern = "ch8-grade-"
	lockName    = "lock"
)

// tempFolder makes the temporary folder of a call, closed to other users,
// and removes those that killed calls have left: their locks are free.
func tempFolder() (dir string, done func(), err error) {
	removeLeft()
	for {
		// Its removal is arranged before it is there: this process can be
		// killed at any instant.
		dir := newName()
		remove, err := sandbox.RemoveAtEnd(dir)
		if err != nil {
			// The next call removes it.
			remove = func() { build.Remove(dir) }
		}
		unlock, err := lockedFolder(dir)
		if err == nil {
			return dir, func() {
				remove()
				unlock()
			}, nil
		}
		remove()
		if !errors.Is(err, errTaken) {
			return "", nil, fmt.Errorf("a temporary folder cannot be made: %w; set TMPDIR to a folder that is writable", err)
		}
	}
}

// removeLeft removes the temporary folders that killed calls have left.
func removeLeft() {
	old, _ := filepath.Glob(filepath.Join(os.TempDir(), tempPattern+"*"))
	for _, dir := range old {
		_, noLock := os.Stat(filepath.Join(dir, lockName))
		if info, err := os.Stat(dir); err != nil || noLock != nil && time.Since(info.ModTime()) < time.Minute {
			continue // it is just being made
		}
		if unlock, err := tryLock(filepath.Join(dir, lockName)); err == nil {
			build.Remove(dir)
			unlock()
		}
	}
}

// newName returns the name of a temporary folder that there is not yet.
func newName() string {
	return filepath.Join(os.TempDir(), tempPattern+strconv.FormatUint(rand.Uint64(), 36))
}

// errTaken is the error for a folder that another call has removed while it
// was made.
var errTaken = errors.New("another call has removed it")

// lockedFolder makes a temporary folder, and in it a file that it locks.
// Another call may take the folder for one that a killed call has left, as
// long as the file is there and not locked: then it has to be made anew.
func lockedFolder(dir string) (unlock func(), err error) {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, err
	}
	lock := filepath.Join(dir, lockName)
	unlock, err = tryLock(lock)
	switch _, gone := os.Stat(lock); {
	case err == nil && gone == nil:
		return unlock, nil
	case err == nil:
		unlock()
		return nil, errTaken
	case errors.Is(err, unix.EWOULDBLOCK), errors.Is(err, unix.ENOENT):
		return nil, errTaken
	}
	return nil, err
}

// tryLock locks a file, which is made if there is none. The lock ends with
// this process. unlock says so to the kernel: a child that is about to
// execute a program still has the open file description, and closing our
// descriptor would leave the lock to the child for that moment.
func tryLock(path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		f.Close()
		return nil, err
	}
	return func() {
		unix.Flock(int(f.Fd()), unix.LOCK_UN)
		f.Close()
	}, nil
}

// openOut makes the folder of the results and locks it.
func openOut(out string) (unlock func(), err error) {
	for _, dir := range []string{out, filepath.Join(out, "state"), filepath.Join(out, "reports")} {
		if err := os.MkdirAll(dir, 0o777); err != nil {
			return nil, fmt.Errorf("%w: give another folder for the results with -o", err)
		}
	}
	unlock, err = tryLock(filepath.Join(out, "state", lockName))
	if errors.Is(err, unix.EWOULDBLOCK) {
		return nil, fmt.Errorf("another ch8 grade writes to %s: wait until it has ended, or give another folder with -o", out)
	}
	if err == nil {
		removeBegun(out)
	}
	return unlock, err
}
