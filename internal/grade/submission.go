package grade

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"apue/internal/build"
	"apue/internal/lab"
	"apue/internal/show"
)

// A submission is one student's folder.
type submission struct {
	student string
	dir     string
}

// folder is what an exercise's folder is called in a submission.
func folder(x *lab.Experiment) string { return x.Dir + "-" + x.Name }

// find returns the submissions that the arguments name: folders of
// exercises, or folders of such folders. Their students' names are
// the folders' and have to differ.
func find(args []string, o Options) ([]submission, error) {
	if o.One && len(args) != 1 {
		return nil, fmt.Errorf("a course platform has one submission, and these are %d: give its folder", len(args))
	}
	xs := o.Exercises
	results, _ := os.Stat(o.Out) // nil the first time
	var all []submission
	for _, arg := range args {
		abs, err := filepath.Abs(arg)
		if err != nil {
			return nil, err
		}
		entries, err := os.ReadDir(abs)
		if err != nil {
			return nil, fmt.Errorf("%s can not be read as a submission: %w", arg, err)
		}
		if o.One || isSubmission(abs, xs) {
			all = append(all, submission{filepath.Base(abs), abs})
			continue
		}
		n := len(all)
		for _, e := range entries {
			if e.IsDir() && !strings.HasPrefix(e.Name(), ".") {
				if info, err := e.Info(); err == nil && os.SameFile(info, results) {
					continue // of an earlier call
				}
				all = append(all, submission{e.Name(), filepath.Join(abs, e.Name())})
			}
		}
		if len(all) == n {
			return nil, fmt.Errorf("%s holds no submission: a submission is a folder with folders like %s in it", arg, folder(xs[0]))
		}
	}
	slices.SortStableFunc(all, func(a, b submission) int { return strings.Compare(a.student, b.student) })
	for i := 1; i < len(all); i++ {
		if all[i].student == all[i-1].student {
			return nil, fmt.Errorf("two submissions are called %s: %s and %s", show.Text(all[i].student), show.Text(all[i-1].dir), show.Text(all[i].dir))
		}
	}
	return all, nil
}

func isSubmission(dir string, xs lab.Registry) bool {
	for _, x := range xs {
		if info, err := os.Stat(filepath.Join(dir, folder(x))); err == nil && info.IsDir() {
			return true
		}
	}
	return false
}

// The bounds of what is taken of one exercise's folder.
const (
	maxFiles = 200
	maxBytes = 16 << 20
)

// copyTree copies the regular files of an exercise's folder to one
// that every user may write to, and returns a digest of their
// names, modes and bytes. Links are left out: they may point
// anywhere.
func copyTree(from, to string) (digest string, err error) {
	h := sha256.New()
	files, size := 0, int64(0)
	err = filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, rel)
		if d.IsDir() {
			return os.MkdirAll(target, 0o777)
		}
		if !d.Type().IsRegular() {
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if files, size = files+1, size+info.Size(); files > maxFiles || size > maxBytes {
			return fmt.Errorf("more than %d files or %d MiB", maxFiles, maxBytes>>20)
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		mode := fs.FileMode(0o644)
		if info.Mode()&0o111 != 0 {
			mode = 0o755
		}
		fmt.Fprintf(h, "%q %o %d\n", rel, mode, len(b))
		h.Write(b)
		return build.WriteProgram(target, b, mode)
	})
	if err != nil {
		return "", err
	}
	// The umask may have taken the others' rights.
	err = filepath.WalkDir(to, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			err = os.Chmod(path, 0o777)
		}
		return err
	})
	return hex.EncodeToString(h.Sum(nil)), err
}
