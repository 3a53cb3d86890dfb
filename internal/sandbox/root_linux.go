package sandbox

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// systemFolders are those that every program needs: they are bound
// read-only, and a link among them is made again.
var systemFolders = []string{"/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"}

// etcFiles are what compilers, dynamic loaders and name lookups read.
var etcFiles = []string{
	"/etc/alternatives", "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/localtime",
	"/etc/nsswitch.conf", "/etc/protocols", "/etc/services", "/etc/host.conf", "/etc/gai.conf",
}

var devices = []string{"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty"}

// visible is a folder outside of systemFolders that the program has to
// find at its place, read-only.
type visible struct {
	Dir   raw
	Names []raw // the files that it needs
	Only  bool  // the others are not shown
}

// A root is the new root folder while it is made.
type root struct {
	at      string // where it is mounted
	scratch string // what can be written, mounted for a while below at
	l       *launch
}

// makeRoot makes the root of an isolated run in its new mount namespace
// and enters it. It returns a descriptor of the fresh working directory,
// −1 if that is the caller's.
func (l *launch) makeRoot() (work int, err error) {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return -1, l.iso.refusal("mount namespace", err)
	}
	unix.Umask(0o022)
	// A folder that there is on every machine, and that is not needed
	// until the new root has its own. So no run leaves a folder behind.
	const at = "/proc"
	r := &root{at: at, scratch: at + "/.scratch", l: l}
	if err := mountTmpfs(r.at, "mode=0755,size=160m,nr_inodes=8192"); err != nil {
		return -1, l.iso.refusal("mount root", err)
	}
	for _, step := range []func() error{r.writable, r.system, r.etc, r.dev, r.program, r.mounts} {
		if err := step(); err != nil {
			return -1, err
		}
	}
	if err := os.MkdirAll(r.at+"/proc", 0o555); err != nil {
		return -1, err
	}
	if err := unix.Mount("proc", r.at+"/proc", "proc", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, ""); err != nil {
		return -1, l.iso.refusal("mount /proc", err)
	}
	if err := r.enter(); err != nil {
		return -1, err
	}
	if err := l.settle(); err != nil {
		return -1, err
	}
	for _, path := range []string{"/proc", "/"} {
		if err := setReadOnly(path, 0); err != nil {
			return -1, l.iso.refusal("read-only file system", err)
		}
	}
	if !l.Own {
		return -1, nil
	}
	return unix.Open(l.Dir, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
}

// enter makes the new root the root of this process and its descendants.
func (r *root) enter() error {
	// The bind mounts of its parts stay.
	if err := unix.Unmount(r.scratch, unix.MNT_DETACH); err != nil {
		return fmt.Errorf("umount: %w", err)
	}
	os.Remove(r.scratch)
	if err := unix.Chdir(r.at); err != nil {
		return err
	}
	err := unix.PivotRoot(".", ".")
	if err == nil {
		// The old root is mounted over the new one.
		err = unix.Unmount(".", unix.MNT_DETACH)
	} else if err == unix.EINVAL && unix.Mount(".", "/", "", unix.MS_MOVE, "") == nil {
		err = unix.Chroot(".") // the old root is the kernel's first one
	}
	if err == nil {
		err = unix.Chdir("/")
	}
	if err != nil {
		return r.l.iso.refusal("pivot_root", err)
	}
	return nil
}

func mountTmpfs(at, options string) error {
	return unix.Mount("tmpfs", at, "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, options)
}

// setReadOnly makes a mount read-only, without set-user-ID and devices;
// with unix.AT_RECURSIVE also the mounts below it.
func setReadOnly(path string, flags uint) error {
	attr := unix.MountAttr{Attr_set: unix.MOUNT_ATTR_RDONLY | unix.MOUNT_ATTR_NOSUID | unix.MOUNT_ATTR_NODEV}
	return unix.MountSetattr(unix.AT_FDCWD, path, flags, &attr)
}

// bind mounts a folder or file of the machine, read-only, at a place in
// the new root.
func (r *root) bind(from, to string) error {
	info, err := os.Stat(from)
	if err != nil {
		return err
	}
	to = r.at + to
	if info.IsDir() {
		err = os.MkdirAll(to, 0o755)
	} else if err = os.MkdirAll(filepath.Dir(to), 0o755); err == nil {
		err = writeNew(to, "")
	}
	if err != nil {
		return err
	}
	if err := unix.Mount(from, to, "", unix.MS_BIND|unix.MS_REC, ""); err != nil {
		return &os.PathError{Op: "bind", Path: from, Err: err}
	}
	if err := setReadOnly(to, unix.AT_RECURSIVE); err != nil {
		return r.l.iso.refusal("read-only file system", err)
	}
	return nil
}

// file makes a file of the new root.
func (r *root) file(path, text string) error { return writeNew(r.at+path, text) }

// writeNew makes a file. Unlike os.WriteFile it needs nothing of the runtime
// that a forked child would have to make first.
func writeNew(path, text string) error {
	d, err := unix.Open(path, unix.O_WRONLY|unix.O_CREAT|unix.O_TRUNC|unix.O_CLOEXEC, 0o644)
	if err != nil {
		return &os.PathError{Op: "open", Path: path, Err: err}
	}
	defer unix.Close(d)
	_, err = fd(d).Write([]byte(text))
	return err
}

// etcTexts are the short ones among etcFiles: a copy costs less than a mount.
var etcTexts = sync.OnceValue(func() map[string]string {
	texts := map[string]string{}
	for _, path := range etcFiles {
		const most = 32 << 10
		info, err := os.Lstat(path)
		if err != nil || !info.Mode().IsRegular() || info.Mode()&0o004 == 0 || info.Size() > most {
			continue
		}
		if text, err := os.ReadFile(path); err == nil {
			texts[path] = string(text)
		}
	}
	return texts
})

// same shows a path of the machine at its place: a link as a link. One
// that does not exist is left out.
func (r *root) same(path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil && info.Mode()&os.ModeSymlink != 0 {
		target, err := os.Readlink(path)
		if err != nil {
			return err
		}
		return os.Symlink(target, r.at+path)
	}
	return r.bind(path, path)
}

// writable makes the file system in memory for all that the program can
// write: the working directory, /tmp and /dev/shm.
func (r *root) writable() error {
	size, files := orDefault(r.l.Disk, DefaultDisk), orDefault(int64(r.l.Files), DefaultFiles)
	if err := os.Mkdir(r.scratch, 0o755); err != nil {
		return err
	}
	options := fmt.Sprintf("mode=0755,size=%d,nr_inodes=%d", max(size, 0), max(files, 0)) // 0: no limit
	if err := mountTmpfs(r.scratch, options); err != nil {
		return r.l.iso.refusal("mount work", err)
	}
	for _, d := range []struct {
		name, at string
		mode     os.FileMode
	}{
		{"tmp", "/tmp", os.ModeSticky | 0o777}, {"tmp", "/var/tmp", os.ModeSticky | 0o777},
		{"shm", "/dev/shm", os.ModeSticky | 0o777}, {"work", r.l.Dir, 0o755},
	} {
		from, to := filepath.Join(r.scratch, d.name), r.at+d.at
		if d.name == "work" && !r.l.Own {
			from = r.l.Dir // the caller's
		} else {
			os.Mkdir(from, 0o755)
			if err := os.Chmod(from, d.mode); err != nil {
				return err
			}
		}
		if err := os.MkdirAll(to, 0o755); err != nil {
			return err
		}
		if err := unix.Mount(from, to, "", unix.MS_BIND|unix.MS_REC, ""); err != nil {
			return &os.PathError{Op: "bind", Path: d.at, Err: err}
		}
	}
	if !r.l.Own {
		return nil
	}
	work := filepath.Join(r.scratch, "work")
	if r.l.Input != "" {
		if err := copyFiles(r.l.Input, work, r.l.iso.uid, r.l.iso.gid); err != nil {
			return fmt.Errorf("the input cannot be copied: %w", err)
		}
	}
	return r.l.own(work)
}

// own gives a fresh folder to the program's user.
func (l *launch) own(path string) error {
	if l.iso.userNS {
		return nil // it is that user's already
	}
	return os.Chown(path, l.iso.uid, l.iso.gid)
}

func (r *root) system() error {
	for _, path := range systemFolders {
		if err := r.same(path); err != nil {
			return err
		}
	}
	return nil
}

func (r *root) etc() error {
	if err := os.Mkdir(r.at+"/etc", 0o755); err != nil {
		return err
	}
	for _, path := range etcFiles {
		show := r.same
		if text, ok := etcTexts()[path]; ok {
			show = func(path string) error { return r.file(path, text) }
		}
		if err := show(path); err != nil {
			return err
		}
	}
	uid, gid := r.l.iso.uid, r.l.iso.gid
	if r.l.iso.userNS {
		uid, gid = inside(r.l.uid), inside(r.l.gid)
	}
	for name, text := range map[string]string{
		"passwd": fmt.Sprintf("root:x:0:0:root:/:/bin/sh\nuser:x:%d:%d:user:%s:/bin/sh\n", uid, gid, r.l.Dir),
		"group":  fmt.Sprintf("root:x:0:\nuser:x:%d:\n", gid),
		"hosts":  "127.0.0.1 localhost\n::1 localhost\n",
	} {
		if err := r.file("/etc/"+name, text); err != nil {
			return err
		}
	}
	return nil
}

func (r *root) dev() error {
	for _, path := range devices {
		if _, err := os.Stat(path); err != nil {
			continue
		}
		if err := r.file(path, ""); err != nil {
			return err
		}
		if err := unix.Mount(path, r.at+path, "", unix.MS_BIND, ""); err != nil {
			return &os.PathError{Op: "bind", Path: path, Err: err}
		}
	}
	for _, link := range [][2]string{
		{"pts/ptmx", "ptmx"}, {"/proc/self/fd", "fd"},
		{"/proc/self/fd/0", "stdin"}, {"/proc/self/fd/1", "stdout"}, {"/proc/self/fd/2", "stderr"},
	} {
		if err := os.Symlink(link[0], r.at+"/dev/"+link[1]); err != nil {
			return err
		}
	}
	if err := os.Mkdir(r.at+"/dev/pts", 0o755); err != nil {
		return err
	}
	err := unix.Mount("devpts", r.at+"/dev/pts", "devpts", unix.MS_NOSUID|unix.MS_NOEXEC,
		"newinstance,ptmxmode=0666,mode=0620,max=64")
	if err != nil {
		return r.l.iso.refusal("mount /dev/pts", err)
	}
	return nil
}

// program shows the folders of the program. Where its user could not read
// or execute the files, they are copied.
func (r *root) program() error {
	for _, v := range r.l.Visible {
		dir, names := string(v.Dir), convert[string](v.Names)
		var err error
		switch {
		case !r.l.iso.userNS && !open(dir, names, v.Only):
			if err = os.MkdirAll(r.at+dir, 0o755); err == nil {
				if !v.Only {
					names = nil
				}
				err = copyFiles(dir, r.at+dir, 0, 0, names...)
			}
		case v.Only:
			err = r.bindFiles(dir, names)
		default:
			err = r.bind(dir, dir)
		}
		if err != nil {
			return fmt.Errorf("%s cannot be made visible to the program: %w", dir, err)
		}
	}
	return nil
}

// bindFiles shows these files of a folder alone.
func (r *root) bindFiles(dir string, names []string) error {
	for _, name := range names {
		if err := r.same(filepath.Join(dir, name)); err != nil {
			// The folder of a link is not made by it.
			if err = os.MkdirAll(r.at+dir, 0o755); err == nil {
				err = r.same(filepath.Join(dir, name))
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// mounts shows what the caller wants to be visible.
func (r *root) mounts() error {
	for i, m := range r.l.Mounts {
		if !m.Overlay {
			if err := r.bind(m.From, m.To); err != nil {
				return err
			}
			continue
		}
		upper, work := fmt.Sprintf("%s/upper%d", r.scratch, i), fmt.Sprintf("%s/work%d", r.scratch, i)
		for _, dir := range []string{upper, work, r.at + m.To} {
			if err := os.MkdirAll(dir, 0o755); err != nil {
				return err
			}
		}
		// The user of the program has to write to folders that are
		// another's: a folder of the upper layer decides.
		entries, err := os.ReadDir(m.From)
		if err != nil {
			return err
		}
		for _, e := range entries {
			if e.IsDir() {
				os.Mkdir(filepath.Join(upper, e.Name()), 0o755)
				r.l.own(filepath.Join(upper, e.Name()))
			}
		}
		if err := r.l.own(upper); err != nil {
			return err
		}
		options := fmt.Sprintf("lowerdir=%s,upperdir=%s,workdir=%s", escaped(m.From), escaped(upper), escaped(work))
		if r.l.iso.userNS {
			options += ",userxattr"
		}
		if err := unix.Mount("overlay", r.at+m.To, "overlay", unix.MS_NOSUID|unix.MS_NODEV, options); err != nil {
			if err := unix.Mount(upper, r.at+m.To, "", unix.MS_BIND, ""); err != nil {
				return &os.PathError{Op: "bind", Path: m.To, Err: err}
			}
		}
	}
	return nil
}

// escaped is a path as an option of overlayfs.
func escaped(path string) string {
	return strings.NewReplacer(`\`, `\\`, ",", `\,`, ":", `\:`).Replace(path)
}

// open reports whether other users than the owner can use these files of
// a folder, and, unless only they are needed, list and search the folder.
func open(dir string, names []string, only bool) bool {
	allows := func(path string, bits os.FileMode) bool {
		info, err := os.Stat(path)
		return err == nil && info.Mode().Perm()&bits == bits
	}
	if !only && !allows(dir, 0o005) {
		return false
	}
	for _, name := range names {
		path := filepath.Join(dir, name)
		info, err := os.Stat(path)
		if err != nil {
			continue
		}
		// A script is read by its interpreter.
		bits := os.FileMode(0o004)
		if info.Mode()&0o111 != 0 {
			bits = 0o005
		}
		if !allows(path, bits) {
			return false
		}
	}
	return true
}

// The most that copyFiles copies of a folder.
const (
	mostCopied      = 1000
	mostCopiedBytes = 128 << 20
)

// copyFiles copies the folders, links and regular files of a folder, or
// only those named. The copies belong to uid; others can read them, and
// execute those that their owner can. Of a folder with too much in it the
// beginning is copied.
func copyFiles(from, to string, uid, gid int, only ...string) error {
	count, size := 0, int64(0)
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == from {
			return nil // gone meanwhile, or closed also to us
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if len(only) > 0 && !slices.Contains(only, rel) {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return nil
		}
		if count++; count > mostCopied {
			return fs.SkipAll
		}
		target := filepath.Join(to, rel)
		switch {
		case d.IsDir():
			err = os.Mkdir(target, 0o755)
		case d.Type()&fs.ModeSymlink != 0:
			link, e := os.Readlink(path)
			if e != nil {
				return nil
			}
			return os.Symlink(link, target)
		case d.Type().IsRegular():
			if size += info.Size(); size > mostCopiedBytes {
				return fs.SkipAll
			}
			b, e := os.ReadFile(path)
			if e != nil {
				return nil
			}
			mode := os.FileMode(0o644)
			if info.Mode()&0o100 != 0 {
				mode = 0o755
			}
			err = os.WriteFile(target, b, mode)
		default:
			return nil
		}
		if err == nil && uid != 0 {
			err = os.Chown(target, uid, gid)
		}
		return err
	})
}
