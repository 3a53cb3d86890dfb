package sandbox

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"apue/internal/build"
	"apue/internal/procfs"
)

// fillOrder looks up the program, makes the folder and says everything
// that the keeper has to know.
func (c *Command) fillOrder(o *order) error {
	path := os.Getenv("PATH")
	for _, e := range c.Env {
		if v, ok := strings.CutPrefix(e, "PATH="); ok {
			path = v
		}
	}
	program, err := look(c.Args[0], path, c.Isolate)
	if err != nil {
		return err
	}
	if o.Args == nil {
		o.Args = convert[raw](c.Args)
	}
	o.Path = raw(program)
	o.Stdout, o.Timeout, o.Limits, o.Isolate, o.Attached = c.Stdout, c.Timeout, c.Limits, c.Isolate, c.Attached
	o.Mark, o.First = markFor(), c.FirstOnly
	if err := c.folders(o); err != nil {
		return err
	}
	if c.Isolate {
		o.Mounts = c.Mounts
		o.Visible = findVisible(program, c.Args[1:], os.TempDir())
	}
	if c.Attached {
		o.Ignored = procfs.ReadStatus(os.Getpid()).Signals("SigIgn")
	}
	o.Env = convert[raw](c.Env)
	if c.Env == nil {
		o.Env = convert[raw](cleanEnv(path, string(o.Dir)))
	}
	if c.Trace != nil {
		t := *c.Trace
		t.Begin, t.Sink, t.Lines, t.Source, t.Killed = nil, nil, nil, nil, nil
		t.Dir, t.Stdout = "", c.Stdout.String()
		o.Trace = &t
	}
	return nil
}

// cleanEnv is the environment of a program that is given none.
func cleanEnv(path, dir string) []string {
	term := os.Getenv("TERM")
	if term == "" {
		term = "dumb"
	}
	if path == "" {
		path = defaultPath
	}
	return []string{"PATH=" + path, "HOME=" + dir, "TMPDIR=" + dir, "LANG=C.UTF-8", "TERM=" + term}
}

// folders names the working directory, and makes one if it has to be on
// this machine's disk: that of an isolated run is in memory.
func (c *Command) folders(o *order) error {
	if c.Dir != "" {
		dir, err := filepath.Abs(c.Dir)
		if err != nil {
			return fmt.Errorf("sandbox: %w; name the working directory by an absolute path", err)
		}
		if real, err := filepath.EvalSymlinks(dir); err == nil && c.Isolate {
			dir = real
		} else if c.Isolate {
			return fmt.Errorf("sandbox: the working directory cannot be entered: %w", err)
		}
		o.Dir = raw(dir)
	} else if c.Isolate {
		// A name that this machine does not have hides nothing.
		o.Dir, o.Own, o.Input = "/box", true, raw(c.Input)
		for exists(string(o.Dir)) {
			o.Dir += "-"
		}
	}
	if o.Dir != "" {
		return nil
	}
	base, err := os.MkdirTemp("", "ch8-")
	if err != nil {
		return &Refusal{"a temporary folder cannot be made: " + err.Error(), "set TMPDIR to a folder that is writable"}
	}
	o.Base, o.Own = raw(base), true
	dir := filepath.Join(base, "work")
	if err := os.Mkdir(dir, 0o755); err != nil {
		build.Remove(base)
		return fmt.Errorf("sandbox: %w", err)
	}
	// A program that asks for its directory is told the name without
	// symbolic links: it must be the same one.
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	o.Dir = raw(dir)
	if c.Input != "" {
		if err := copyFiles(c.Input, dir, 0, 0); err != nil {
			build.Remove(base)
			return fmt.Errorf("sandbox: the input cannot be copied: %w", err)
		}
	}
	return nil
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// findVisible lists the folders that the program needs besides those of
// the system: its own, twice if it is named by a link, and those of its
// arguments, because a script is an argument of its interpreter.
func findVisible(program string, args []string, temp string) (all []visible) {
	add := func(path string) {
		dir, name := filepath.Dir(path), raw(filepath.Base(path))
		if inSystem(dir) {
			return
		}
		i := slices.IndexFunc(all, func(v visible) bool { return string(v.Dir) == dir })
		if i < 0 {
			all = append(all, visible{Dir: raw(dir)})
			i = len(all) - 1
		}
		// Of a folder that is shared with others only the file is shown.
		home, _ := os.UserHomeDir()
		shared := []string{temp, home, "/tmp", "/var/tmp", "/dev/shm"}
		all[i].Only = filepath.Dir(dir) == "/" || slices.Contains(shared, dir)
		all[i].Names = append(all[i].Names, name)
	}
	for i, path := range append([]string{program}, args...) {
		if !filepath.IsAbs(path) {
			continue
		}
		real, err := filepath.EvalSymlinks(path)
		if info, statErr := os.Stat(path); i > 0 && (err != nil || statErr != nil || !info.Mode().IsRegular()) {
			continue
		}
		add(path)
		if err == nil && real != path {
			add(real)
		}
	}
	return all
}

// inSystem reports whether a folder is, or is below, one that every box
// has.
func inSystem(dir string) bool {
	return slices.ContainsFunc(append([]string{"/proc", "/dev", "/etc"}, systemFolders...), func(s string) bool { return dir == s || strings.HasPrefix(dir, s+"/") })
}

// defaultPath is searched when PATH is not set, as execvp(3) does without
// the working directory.
const defaultPath = "/usr/local/bin:/usr/bin:/bin"

// look finds a program as execvp(3) does, but in the working directory
// only if PATH names it absolutely. For a stranger a program of the system
// comes before one of the same name elsewhere, whose library would not be
// visible.
func look(name, path string, stranger bool) (string, error) {
	if strings.Contains(name, "/") {
		return lookPath(name)
	}
	if path == "" {
		path = defaultPath
	}
	var found, elsewhere string
	for _, dir := range filepath.SplitList(path) {
		if !filepath.IsAbs(dir) {
			continue
		}
		full := filepath.Join(dir, name)
		if info, err := os.Stat(full); err != nil || info.IsDir() {
			continue
		}
		switch {
		case unix.Access(full, unix.X_OK) != nil:
			found = full
		case stranger && !inSystem(dir):
			if elsewhere == "" {
				elsewhere = full
			}
		default:
			return full, nil
		}
	}
	if elsewhere != "" {
		return elsewhere, nil
	}
	if found != "" {
		return "", why(found, syscall.EACCES)
	}
	hint := "it is not in PATH"
	if _, err := os.Stat(name); err == nil {
		hint += "; for the one in this folder write ./" + name
	} else {
		hint += ": install it, or name it with its folder"
	}
	return "", &NotFound{Path: name, Hint: hint}
}

// lookPath finds a program that is named with its folder.
func lookPath(name string) (string, error) {
	// /proc/self is another process for the launcher.
	if strings.HasPrefix(name, "/proc/self/") {
		if link, err := os.Readlink(name); err == nil {
			name = link
		}
	}
	full, err := filepath.Abs(name)
	if err != nil {
		return "", fmt.Errorf("sandbox: %w; name the program by an absolute path", err)
	}
	info, err := os.Stat(full)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return "", &NotFound{Path: name, Hint: "is it built, and is this its name?"}
	case err != nil:
		return "", why(full, err)
	case info.IsDir(), info.Mode()&0o111 == 0:
		return "", why(full, syscall.EACCES)
	}
	return full, nil
}
