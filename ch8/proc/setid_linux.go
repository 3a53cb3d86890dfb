package proc

import (
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// A SetIDFolder is an empty file system in memory that only the
// calling process and its children see. It is the only place in which
// this suite makes set-user-ID and set-group-ID files, and it is gone
// when the last of these processes has ended.
type SetIDFolder struct{ path string }

// mountPoints are folders that exist on every Linux system and that
// every user may search.
var mountPoints = []string{"/mnt", "/media", "/srv", "/opt"}

// NewSetIDFolder gives the calling process a mount namespace of its
// own and mounts the folder there. It is for a child of Fork: in a
// process with several threads the namespace would be one thread's. The
// error wraps EPERM where the caller lacks CAP_SYS_ADMIN.
func NewSetIDFolder() (*SetIDFolder, error) {
	if err := unix.Unshare(unix.CLONE_NEWNS); err != nil {
		return nil, os.NewSyscallError("unshare", err)
	}
	// Otherwise the mount would show in the namespace it was copied
	// from.
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return nil, os.NewSyscallError("mount", err)
	}
	for _, path := range mountPoints {
		if info, err := os.Stat(path); err != nil || !info.IsDir() {
			continue
		}
		if err := unix.Mount("apue", path, "tmpfs", unix.MS_NODEV, "mode=755,size=64m"); err != nil {
			return nil, os.NewSyscallError("mount", err)
		}
		return &SetIDFolder{path}, nil
	}
	return nil, fmt.Errorf("none of the folders %v is there to mount at: %w", mountPoints, unix.ENOENT)
}

// Path is the path of the file with that name in the folder.
func (f *SetIDFolder) Path(name string) string { return filepath.Join(f.path, name) }

// Install copies the file at source to name in the folder, owned by
// uid and gid, with mode, which may have the bits unix.S_ISUID and
// unix.S_ISGID. It refuses a set-id file of root's, user or group,
// whatever it is wanted for.
func (f *SetIDFolder) Install(source, name string, uid, gid int, mode uint32) error {
	if mode&unix.S_ISUID != 0 && uid <= 0 || mode&unix.S_ISGID != 0 && gid <= 0 {
		return fmt.Errorf("%s: a set-id file of root's is never made: %w", name, unix.EINVAL)
	}
	if filepath.Base(name) != name {
		return fmt.Errorf("%s: the file lies in the folder itself: %w", name, unix.EINVAL)
	}
	b, err := os.ReadFile(source)
	if err != nil {
		return err
	}
	path := f.Path(name)
	if err := os.WriteFile(path, b, 0o600); err != nil {
		return err
	}
	// In this order, because a chown clears the bits.
	if err := os.Chown(path, uid, gid); err != nil {
		return err
	}
	return os.NewSyscallError("chmod", unix.Chmod(path, mode))
}
