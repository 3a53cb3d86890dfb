package sandbox

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// fresh are the folders that everybody may write to; a stranger's
// program gets empty ones of its own, in memory.
var fresh = []string{"/tmp", "/var/tmp", "/dev/shm"}

// freshOptions bound each of them.
const freshOptions = "mode=1777,size=64m,nr_inodes=4096"

// A need is a folder that the program has to find where it was.
type need struct {
	path string
	fd   int      // of the folder, from before
	only []string // these files of it, not the whole
	work bool     // writable
}

// build makes the mount namespace of an isolated run: its own
// /proc, everything read-only, fresh temporary folders, and in
// them, and in folders that the program's user could not pass, the
// working directory and the program at their places.
func (l *launch) build() error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return l.iso.refused("mount namespace", err)
	}
	needs, err := l.needs()
	if err != nil {
		return err
	}
	defer func() {
		for _, n := range needs {
			unix.Close(n.fd)
		}
	}()
	if err := unix.Mount("proc", "/proc", "proc", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, ""); err != nil {
		return l.iso.refused("mount /proc", err)
	}
	readonly := unix.MountAttr{Attr_set: unix.MOUNT_ATTR_RDONLY}
	err = unix.MountSetattr(unix.AT_FDCWD, "/", unix.AT_RECURSIVE, &readonly)
	if err == nil {
		err = unix.MountSetattr(unix.AT_FDCWD, "/proc", 0, &unix.MountAttr{Attr_clr: unix.MOUNT_ATTR_RDONLY})
	}
	if err != nil && err != unix.ENOSYS {
		return l.iso.refused("read-only file system", err)
	}
	unix.Umask(0)
	defer unix.Umask(0o022)
	for _, dir := range fresh {
		if info, err := os.Lstat(dir); err != nil || !info.IsDir() {
			continue
		}
		if err := cover(dir, freshOptions); err != nil {
			return l.iso.refused("mount "+dir, err)
		}
	}
	for i := range needs {
		if err := l.restore(&needs[i]); err != nil {
			return fmt.Errorf("%s cannot be made reachable for the program: %w", needs[i].path, err)
		}
	}
	return nil
}

// cover mounts an empty folder in memory over dir.
func cover(dir, options string) error {
	return unix.Mount("tmpfs", dir, "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, options)
}

// needs lists the folders that the program depends on, two for one that
// is a symbolic link; and those of its arguments that would be hidden
// from it: a script is an argument of its interpreter.
func (l *launch) needs() ([]need, error) {
	files := map[string][]string{}
	var order []string
	file := func(path string) {
		dir := filepath.Dir(path)
		if files[dir] == nil {
			order = append(order, dir)
		}
		files[dir] = append(files[dir], filepath.Base(path))
	}
	for i, path := range append([]string{l.Path}, l.Args[min(1, len(l.Args)):]...) {
		real, err := filepath.EvalSymlinks(path)
		if i > 0 && (err != nil || !filepath.IsAbs(path) || !l.hidden(path, real)) {
			continue
		}
		file(path)
		if err == nil && real != path {
			file(real)
		}
	}
	var needs []need
	add := func(n need) error {
		fd, err := unix.Open(n.path, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
		if err != nil {
			return &os.PathError{Op: "open", Path: n.path, Err: err}
		}
		n.fd = fd
		needs = append(needs, n)
		return nil
	}
	for _, dir := range order {
		if err := add(need{path: dir, only: files[dir]}); err != nil {
			return nil, err
		}
	}
	return needs, add(need{path: l.Dir, work: true})
}

// hidden says of a regular file, by its name and by that without links,
// that the program could not use it.
func (l *launch) hidden(path, real string) bool {
	if info, err := os.Stat(real); err != nil || !info.Mode().IsRegular() {
		return false
	}
	for _, dir := range fresh {
		if strings.HasPrefix(path, dir+"/") || strings.HasPrefix(real, dir+"/") {
			return true
		}
	}
	return !l.iso.userNS && (topmostClosed(path) != "" || topmostClosed(real) != "" || !usable(real))
}

// restore puts a folder back at its place if it is covered, and
// opens the way to it for a stranger.
func (l *launch) restore(n *need) error {
	source := fmt.Sprintf("/proc/self/fd/%d", n.fd)
	// What of the folder itself the stranger may not use is bound
	// piece by piece.
	pieces := !n.work && !l.iso.userNS && !passable(source, 0o001)
	for _, name := range n.only {
		pieces = pieces || !l.iso.userNS && !usable(source+"/"+name)
	}
	if !l.iso.userNS {
		if closed := topmostClosed(n.path); closed != "" {
			if err := cover(closed, "mode=0755,size=64m"); err != nil {
				return err
			}
		}
		if pieces {
			if err := os.MkdirAll(n.path, 0o755); err != nil {
				return err
			}
			if err := cover(n.path, "mode=0755,size=1g"); err != nil {
				return err
			}
			return pieceByPiece(n, source)
		}
	}
	for _, dir := range fresh {
		if n.path == dir && !n.work {
			return theseOnly(n, source)
		}
	}
	if !n.work && sameFile(source, n.path) {
		return nil
	}
	if err := os.MkdirAll(n.path, 0o755); err != nil {
		return err
	}
	if err := unix.Mount(source, n.path, "", unix.MS_BIND|unix.MS_REC, ""); err != nil {
		return err
	}
	if !n.work {
		return nil
	}
	err := unix.MountSetattr(unix.AT_FDCWD, n.path, 0, &unix.MountAttr{Attr_clr: unix.MOUNT_ATTR_RDONLY})
	if err == unix.ENOSYS {
		return nil
	}
	return err
}

// passable looks at the permissions of those who are neither owner
// nor group.
func passable(path string, bits os.FileMode) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().Perm()&bits == bits
}

// usable says whether they can execute what can be executed, and read
// what can not.
func usable(path string) bool {
	info, err := os.Stat(path)
	if err != nil {
		return false
	}
	if info.Mode()&0o111 != 0 {
		return info.Mode()&0o001 != 0
	}
	return info.Mode()&0o004 != 0
}

// topmostClosed returns the first folder on the way to path, path
// itself not included, that a stranger may not search.
func topmostClosed(path string) string {
	dir := "/"
	for _, part := range strings.Split(filepath.Dir(path), "/") {
		dir = filepath.Join(dir, part)
		if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
			return ""
		}
		if dir != "/" && !passable(dir, 0o001) {
			return dir
		}
	}
	return ""
}

func sameFile(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}

// pieceByPiece fills a covered folder with what was in it.
func pieceByPiece(n *need, source string) error {
	entries, err := os.ReadDir(source)
	if err != nil {
		return err
	}
	if len(entries) > 1000 {
		return theseOnly(n, source)
	}
	for _, e := range entries {
		if err := piece(source+"/"+e.Name(), filepath.Join(n.path, e.Name()), slices.Contains(n.only, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

// theseOnly puts the needed files alone into a covered folder.
func theseOnly(n *need, source string) error {
	for _, name := range n.only {
		if err := piece(source+"/"+name, filepath.Join(n.path, name), true); err != nil {
			return err
		}
	}
	return nil
}

// piece makes from appear as to: a link is made again, a file that
// only its owner may execute is copied, and one that was named and only
// its owner may read, anything else is bound.
func piece(from, to string, named bool) error {
	info, err := os.Lstat(from)
	if err != nil {
		return nil // gone meanwhile
	}
	mode := info.Mode()
	switch {
	case mode&os.ModeSymlink != 0:
		target, err := os.Readlink(from)
		if err != nil {
			return err
		}
		return os.Symlink(target, to)
	case mode.IsRegular() && (mode&0o111 != 0 && mode&0o005 != 0o005 || named && mode&0o004 == 0):
		b, err := os.ReadFile(from)
		if err != nil {
			return err
		}
		return os.WriteFile(to, b, 0o755)
	case mode.IsDir():
		err = os.Mkdir(to, 0o755)
	case mode.IsRegular():
		err = os.WriteFile(to, nil, 0o644)
	default:
		return nil
	}
	if err != nil {
		return err
	}
	return unix.Mount(from, to, "", unix.MS_BIND|unix.MS_REC, "")
}
