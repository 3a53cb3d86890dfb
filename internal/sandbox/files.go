package sandbox

import (
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// Remove removes a folder of ours, also when a program has taken the
// permissions from folders in it.
func Remove(dir string) {
	if os.RemoveAll(dir) == nil {
		return
	}
	filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if d != nil && d.IsDir() {
			os.Chmod(path, 0o700) // it is read after this
		}
		return nil
	})
	os.RemoveAll(dir)
}

// WriteProgram is os.WriteFile for a file that is soon to be executed.
// Elsewhere in this process another program may be being started: its
// process would have the file open for writing until its exec, and execve
// fails with ETXTBSY as long as anybody has.
func WriteProgram(path string, text []byte, mode fs.FileMode) error {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	return os.WriteFile(path, text, mode)
}
