package sampling

import (
	"os"
	"path/filepath"
)

// OpenTemp returns a folder for temporary files that every user can enter
// and write to, for tests that run as several users: that of TMPDIR if it
// is one, else another; "" if there is none. Root's TMPDIR may be closed to
// others.
func OpenTemp() string {
	for _, dir := range []string{os.TempDir(), "/tmp", "/var/tmp"} {
		if isOpen(dir) {
			return dir
		}
	}
	return ""
}

// isOpen reports whether every user can write to a folder, and search those
// that it is in.
func isOpen(dir string) bool {
	dir, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return false
	}
	for need := os.FileMode(0o003); ; need = 0o001 {
		info, err := os.Stat(dir)
		if err != nil || info.Mode().Perm()&need != need {
			return false
		}
		if dir == filepath.Dir(dir) {
			return true
		}
		dir = filepath.Dir(dir)
	}
}
