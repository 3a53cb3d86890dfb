package sandbox

import (
	"os"
	"path/filepath"
	"testing"
)

// TestFilled: a working directory that is full of folders in each other, or
// of names of one long file, is taken in part. To walk through all of it
// would take minutes, and to copy it more space than there is.
func TestFilled(t *testing.T) {
	t.Parallel()
	mustIsolate(t)
	r, err := Run(t.Context(), Command{Args: programGo("deep", newCookie()), Isolate: true})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Files) != mostDeep+1 || !r.FilesLeft {
		t.Errorf("%d files of folders in each other, and FilesLeft is %v; want %d files", len(r.Files), r.FilesLeft, mostDeep+1)
	}
	to := t.TempDir()
	r, err = Run(t.Context(), Command{Args: programGo("links", newCookie()), Isolate: true, Collect: to, Limits: Limits{Disk: 8 << 20}})
	if err != nil {
		t.Fatal(err)
	}
	size := int64(0)
	names, _ := filepath.Glob(filepath.Join(to, "*"))
	for _, name := range names {
		if info, err := os.Stat(name); err == nil {
			size += info.Size()
		}
	}
	if size == 0 || size > 8<<20 || !r.FilesLeft || len(r.Files) > 0 {
		t.Errorf("wait status %#x: %d files with %d bytes were copied, and FilesLeft is %v: %s", r.Status, len(names), size, r.FilesLeft, r.Stderr)
	}
}
