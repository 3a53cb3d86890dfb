package sandbox

import (
	"math"
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

// TestLastLeft: the last file is said to be missing, too.
func TestLastLeft(t *testing.T) {
	for most, left := range map[int64]bool{10: true, math.MaxInt64: false} {
		from := t.TempDir()
		if err := os.WriteFile(filepath.Join(from, "long"), make([]byte, 100), 0o600); err != nil {
			t.Fatal(err)
		}
		root, err := os.OpenRoot(from)
		if err != nil {
			t.Fatal(err)
		}
		defer root.Close()
		res := &Result{}
		k := &taker{r: &caller{Command: Command{Collect: t.TempDir()}}, res: res, most: most}
		if err := k.folder(root, "", 0); err != nil || res.FilesLeft != left {
			t.Errorf("at most %d bytes: %v, and FilesLeft is %v", most, err, res.FilesLeft)
		}
	}
}

// TestInterpreter: the name ends at a blank or a tab, and only a carriage
// return that is a part of it is told.
func TestInterpreter(t *testing.T) {
	path := filepath.Join(t.TempDir(), "script")
	for line, want := range map[string]string{
		"#! /no/such\t-x": "/no/such", "#!/no/such -x\r": "/no/such", "#!/no/such\r": "/no/such (with a carriage return after it)",
	} {
		if err := os.WriteFile(path, []byte(line+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
		if got := interpreter(path); got != want {
			t.Errorf("%q: %q, want %q", line, got, want)
		}
	}
}
