package grade

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"unicode"

	"apue/internal/build"
	"apue/internal/lab"
	"apue/internal/show"
)

// Name is the name of a folder, any bytes but '/' and 0.
type Name string

// MarshalText quotes the name, because JSON would replace bytes that are
// not UTF-8.
func (n Name) MarshalText() ([]byte, error) { return strconv.AppendQuoteToASCII(nil, string(n)), nil }

// UnmarshalText is the reverse of MarshalText.
func (n *Name) UnmarshalText(quoted []byte) error {
	text, err := strconv.Unquote(string(quoted))
	*n = Name(text)
	return err
}

// A submission is one student's folder.
type submission struct {
	student Name
	dir     string
}

// An entry of a folder of submissions is not a submission, because of why.
type entry struct {
	name Name
	why  string
}

// folder is what an exercise's folder is called in a submission.
func folder(x *lab.Experiment) string { return x.Dir + "-" + x.Name }

// find returns the submissions that the arguments name: folders of
// exercises, or folders of such folders; and the entries of the latter
// that are not submissions. The students' names are the folders' and have
// to differ.
func find(args []string, o Options) (all []submission, others []entry, err error) {
	if o.One && len(args) != 1 {
		return nil, nil, fmt.Errorf("a course platform has one submission, and these are %d: give its folder", len(args))
	}
	results, _ := os.Stat(o.Out) // nil the first time
	for _, arg := range args {
		abs, err := filepath.Abs(arg)
		if err != nil {
			return nil, nil, err
		}
		entries, err := os.ReadDir(abs)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil, nil, fmt.Errorf("the folder %s does not exist: give a folder of submissions, or one submission", show.Line(arg))
		case errors.Is(err, syscall.ENOTDIR):
			return nil, nil, fmt.Errorf("%s is a file: a submission is a folder with folders like %s in it", show.Line(arg), folder(o.Exercises[0]))
		case err != nil:
			return nil, nil, fmt.Errorf("%s cannot be read as a submission: %s", show.Line(arg), show.Line(err.Error()))
		case isResults(abs): // to grade it would remove the reports in it
			return nil, nil, fmt.Errorf("%s holds the results of an earlier call: give the folder of submissions", show.Line(arg))
		}
		if o.One || isSubmission(abs, o.Exercises) {
			all = append(all, submission{Name(filepath.Base(abs)), abs})
			continue
		}
		n := len(all)
		for _, e := range entries {
			if info, err := e.Info(); err == nil && results != nil && os.SameFile(info, results) {
				continue // the results of an earlier call
			}
			if why := notSubmission(abs, e); why != "" {
				others = append(others, entry{Name(e.Name()), why})
			} else {
				all = append(all, submission{Name(e.Name()), filepath.Join(abs, e.Name())})
			}
		}
		if len(all) == n {
			return nil, nil, fmt.Errorf("%s holds no submission: a submission is a folder with folders like %s in it", show.Line(arg), folder(o.Exercises[0]))
		}
	}
	slices.SortStableFunc(all, func(a, b submission) int { return strings.Compare(string(a.student), string(b.student)) })
	slices.SortStableFunc(others, func(a, b entry) int { return strings.Compare(string(a.name), string(b.name)) })
	for i := 1; i < len(all); i++ {
		if all[i].student == all[i-1].student {
			return nil, nil, fmt.Errorf("two submissions are called %s: %s and %s", show.Line(string(all[i].student)), show.Line(all[i-1].dir), show.Line(all[i].dir))
		}
	}
	return all, others, nil
}

// notSubmission says what an entry of a folder is that is not taken for a
// submission; "" if it is one.
func notSubmission(dir string, e fs.DirEntry) string {
	name := e.Name()
	switch {
	case strings.HasPrefix(name, "."):
		return "hidden: its name begins with a dot"
	case e.Type()&fs.ModeSymlink != 0:
		return "a link, which is not followed"
	case e.IsDir():
		return ""
	}
	if kind := archive(name); kind != "" {
		return fmt.Sprintf("a %s file: unpack it into a folder with the student's name", kind)
	}
	if e.Type().IsRegular() {
		return "a file: a submission is a folder"
	}
	return "a special file"
}

// archive is the kind of archive that a file's name tells, such as "zip";
// "" if it tells none.
func archive(name string) string {
	switch ext := strings.ToLower(filepath.Ext(name)); ext {
	case ".zip", ".gz", ".tgz", ".xz", ".bz2", ".7z", ".rar", ".tar":
		return ext[1:]
	}
	return ""
}

// isResults reports whether a folder was the -o folder of a call.
func isResults(dir string) bool {
	lock, err := os.Lstat(filepath.Join(dir, "state", lockName))
	return err == nil && lock.Mode().IsRegular()
}

func isSubmission(dir string, xs lab.Registry) bool {
	return slices.ContainsFunc(xs, func(x *lab.Experiment) bool {
		info, err := os.Stat(filepath.Join(dir, folder(x)))
		return err == nil && info.IsDir()
	})
}

// missing says what is there where an exercise's folder should be, and
// whether somebody should look: meant names something that the student may
// have meant.
func missing(s submission, x *lab.Experiment, asked lab.Registry) (text string, meant bool) {
	want := folder(x)
	if info, err := os.Lstat(filepath.Join(s.dir, want)); err == nil {
		if info.Mode()&fs.ModeSymlink != 0 {
			return want + " is a link, and links are not followed: submit the folder itself", true
		}
		return want + " is a file: it has to be a folder with the source in it", true
	}
	none := "there is no folder " + want + " in the submission"
	near := nearMiss(s.dir, x, asked)
	switch kind := archive(near); {
	case kind != "":
		return fmt.Sprintf("%s; %s is a %s file: unpack it", none, show.Line(near), kind), true
	case near != "":
		return fmt.Sprintf("%s; %s was probably meant", none, show.Line(near)), true
	}
	return none, false
}

// nearMiss looks, two levels deep, for a folder, a source file or an archive
// whose name is that of the exercise but for case, signs and ending. A file
// in the folder of another exercise is that exercise's. In a submission
// without the folder of any exercise each archive counts.
func nearMiss(dir string, x *lab.Experiment, asked lab.Registry) (found string) {
	looked, empty, other := 0, !isSubmission(dir, asked), ""
	filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(dir, path)
		if looked++; looked > 2000 {
			return fs.SkipAll
		}
		if err != nil || rel == "." {
			return nil
		}
		plain := letters(strings.TrimSuffix(strings.TrimSuffix(d.Name(), filepath.Ext(d.Name())), ".tar"))
		isName := plain == letters(folder(x)) || plain == letters(x.Name) || plain == letters(x.Name+x.Dir)
		packed := !d.IsDir() && archive(rel) != ""
		if isName && (d.IsDir() || packed || slices.Contains(sourceExtensions, filepath.Ext(d.Name()))) {
			found = rel
			return fs.SkipAll
		}
		if packed && empty {
			other = cmp.Or(other, rel)
		}
		if d.IsDir() && slices.ContainsFunc(asked, func(y *lab.Experiment) bool { return d.Name() == folder(y) }) {
			return fs.SkipDir
		}
		if d.IsDir() && strings.Count(rel, string(filepath.Separator)) >= 2 {
			return fs.SkipDir
		}
		return nil
	})
	return cmp.Or(found, other)
}

// letters are the letters and digits of a name in lower case.
func letters(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
}

// The bounds of what is taken of one exercise's folder.
const (
	maxFiles = 200 // and as many folders
	maxBytes = 16 << 20
)

// An unusable error says why a folder of a submission cannot be taken.
type unusable struct{ why string }

func (e *unusable) Error() string { return e.why }

var tooDeep = &unusable{"there are too many folders in each other"}

// copyTree copies the regular files of an exercise's folder and returns a
// digest of their names, modes and bytes. Links are left out: they can
// point anywhere. An error is *unusable if it is the submission's.
func copyTree(from, to string) (digest string, err error) {
	h := sha256.New()
	files, folders, size := 0, 0, int64(0)
	err = filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		rel, e := filepath.Rel(from, path)
		if e != nil {
			return e
		}
		if errors.Is(err, syscall.ENAMETOOLONG) {
			return tooDeep
		}
		if err != nil {
			return &unusable{fmt.Sprintf("%s cannot be read: %v", show.Line(rel), reason(err))}
		}
		target := filepath.Join(to, rel)
		if d.IsDir() {
			if folders++; folders > maxFiles {
				return &unusable{fmt.Sprintf("there are more than %d folders", maxFiles)}
			}
			err := os.MkdirAll(target, 0o755)
			if errors.Is(err, syscall.ENAMETOOLONG) {
				return tooDeep
			}
			return err
		}
		if !d.Type().IsRegular() {
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return &unusable{fmt.Sprintf("%s cannot be read: %v", show.Line(rel), reason(err))}
		}
		if files++; files > maxFiles {
			return &unusable{fmt.Sprintf("there are more than %d files", maxFiles)}
		}
		if size += info.Size(); size > maxBytes {
			return &unusable{fmt.Sprintf("the files have more than %d MiB", maxBytes>>20)}
		}
		f, err := os.Open(path)
		if err != nil {
			return &unusable{fmt.Sprintf("%s cannot be read: %v", show.Line(rel), reason(err))}
		}
		defer f.Close()
		mode := fs.FileMode(0o644)
		if info.Mode()&0o111 != 0 {
			mode = 0o755
		}
		fmt.Fprintf(h, "%q %o %d\n", rel, mode, info.Size())
		return build.CopyProgram(target, io.TeeReader(io.LimitReader(f, info.Size()), h), mode)
	})
	return hex.EncodeToString(h.Sum(nil)), err
}

// reason is an error without the path in it.
func reason(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}
