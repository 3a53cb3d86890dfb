package build

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// Remove removes a folder, also if a program has taken away the
// permissions of folders in it.
func Remove(dir string) {
	if os.RemoveAll(dir) == nil {
		return
	}
	filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if d != nil && d.IsDir() {
			os.Chmod(path, 0o700) // WalkDir reads the folder after this call
		}
		return nil
	})
	os.RemoveAll(dir)
}

// WriteProgram is os.WriteFile for a file that is executed soon after.
// If another thread of this process forks in the meantime, its child has
// the file open for writing until its exec, and execve of the file fails
// with ETXTBSY.
func WriteProgram(path string, text []byte, mode fs.FileMode) error {
	return CopyProgram(path, bytes.NewReader(text), mode)
}

// CopyProgram is WriteProgram for a text that is read from r.
func CopyProgram(path string, r io.Reader, mode fs.FileMode) error {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, mode)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, r)
	return errors.Join(err, f.Close())
}
