package sandbox

import (
	"io/fs"
	"os"
	"path/filepath"
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
