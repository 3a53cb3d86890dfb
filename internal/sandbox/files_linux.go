package sandbox

import (
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"

	"apue/internal/build"
)

// The bounds of what is taken of the working directory after a run. A
// program can fill it with folders in each other, whose paths have no
// bound, and with long files that need no space: full of holes, or one file
// under many names.
const (
	mostFiles = 1000
	mostDeep  = 12 // folders in each other; 12 names of 255 bytes make a path
)

// taker takes the files that a run has left in its working directory.
type taker struct {
	r     *caller
	res   *Result
	most  int64 // bytes that are taken
	files int
	bytes int64
}

// takeFiles collects the files of the fresh working directory: those of
// an isolated run by the keeper's descriptor work, because the folder is
// in a file system that only the run has seen.
func (r *caller) takeFiles(res *Result, work int) error {
	if !r.o.Own {
		return nil
	}
	dir := string(r.o.Dir)
	if r.Isolate {
		dir = fmt.Sprintf("/proc/%d/fd/%d", r.keeper.Pid, work)
	}
	os.Chmod(dir, 0o700) // the program may have closed its own folder
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fmt.Errorf("sandbox: %w", err)
	}
	defer root.Close()
	res.Files = map[string][]byte{}
	t := &taker{r: r, res: res, most: 4 * r.Output}
	if r.Collect != "" {
		// More than the disk of the run can hold is not all there.
		if t.most = orDefault(r.Limits.Disk, DefaultDisk); t.most < 0 {
			t.most = math.MaxInt64
		}
	}
	if err := t.folder(root, "", 0); err != nil {
		return fmt.Errorf("sandbox: the files of the run cannot be kept: %w", err)
	}
	return nil
}

// folder takes the files of a folder, which is at this place in the working
// directory, and of those in it.
func (t *taker) folder(root *os.Root, place string, depth int) error {
	entries, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return nil // closed also to us
	}
	for _, e := range entries {
		if t.full() {
			t.res.FilesLeft = true
			return nil
		}
		name := e.Name()
		switch {
		case e.IsDir() && depth == mostDeep:
			t.res.FilesLeft = true
		case e.IsDir():
			root.Chmod(name, 0o700)
			below, err := root.OpenRoot(name)
			if err != nil {
				continue
			}
			err = t.folder(below, filepath.Join(place, name), depth+1)
			below.Close()
			if err != nil {
				return err
			}
		case e.Type().IsRegular():
			if err := t.file(root, e, filepath.Join(place, name)); err != nil {
				return err
			}
		}
	}
	return nil
}

// full reports whether no more is taken.
func (t *taker) full() bool { return t.files >= mostFiles || t.bytes > t.most }

// file takes a regular file of the folder root.
func (t *taker) file(root *os.Root, e fs.DirEntry, place string) error {
	info, err := e.Info()
	if err != nil {
		return nil
	}
	// Not if the file has a name elsewhere, and so an owner.
	if info.Mode()&0o400 == 0 && info.Sys().(*syscall.Stat_t).Nlink == 1 {
		root.Chmod(e.Name(), info.Mode().Perm()|0o400)
	}
	f, err := root.OpenFile(e.Name(), os.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil
	}
	defer f.Close()
	t.files++
	if t.r.Collect != "" {
		if t.bytes += info.Size(); t.bytes > t.most {
			t.res.FilesLeft = true
			return nil
		}
		return collect(f, filepath.Join(t.r.Collect, place), info.Mode())
	}
	t.res.Files[place], _ = readAtMost(f, t.r.Output)
	t.bytes += int64(len(t.res.Files[place]))
	return nil
}

// collect copies a file of the run to a folder outside.
func collect(f *os.File, to string, mode fs.FileMode) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	perm := os.FileMode(0o644)
	if mode&0o111 != 0 {
		perm = 0o755
	}
	return build.CopyProgram(to, f, perm)
}
