package build

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Programs are kept beside Go's build cache, in $XDG_CACHE_HOME/apue-ch8
// or ~/.cache/apue-ch8. A C program is found again by everything it was
// made of, a Go program by its folder. The go command itself knows whether
// a program is up to date, but needs longer to find that out than most
// programs run: it is asked only when a file of the module has changed.

// cacheFor is how long a program stays in the cache: a C program after its
// last use, a Go program after it was built.
const cacheFor = 14 * 24 * time.Hour

// cacheFile returns the path in the cache of the program that the parts
// describe, or "" if this user can have no cache.
func cacheFile(parts ...any) string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	dir = filepath.Join(dir, "apue-ch8")
	if os.MkdirAll(dir, 0o755) != nil {
		return ""
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%q", parts))
	return filepath.Join(dir, hex.EncodeToString(sum[:16]))
}

// Go builds the package in dir with these flags of go build, and returns
// the output of the go command. It is for tests: it looks for changes of
// the module only at the first call.
func Go(dir, out string, flags ...string) (said []byte, err error) {
	err = goKept(dir, out, flags, moduleStateOnce, func(args []string) (err error) {
		cmd := exec.Command("go", append(args, ".")...)
		cmd.Dir = dir
		said, err = cmd.CombinedOutput()
		return err
	})
	return said, err
}

// goKept copies the kept program of the package in dir to out. It first
// calls run, with the arguments of the go command, if the state of the
// module differs from that at the last build.
func goKept(dir, out string, flags []string, stateOf func(string) string, run func(args []string) error) error {
	link := func(out string) error {
		return run(slices.Concat([]string{"build", "-buildvcs=false", "-o", out}, flags))
	}
	kept := ""
	if path, err := filepath.Abs(dir); err == nil {
		kept = cacheFile("go", path, flags)
	}
	if kept == "" {
		return link(out)
	}
	// Another process may build the same program at the same time.
	lock, err := os.OpenFile(kept+".lock", os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return link(out)
	}
	defer lock.Close()
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX); err != nil {
		return link(out)
	}
	// A child that is about to execute a program still has the descriptor:
	// to close ours would not end the lock.
	defer unix.Flock(int(lock.Fd()), unix.LOCK_UN)
	state := stateOf(moduleRoot(dir))
	was, err := os.ReadFile(kept + ".state")
	if err == nil && state != "" && string(was) == state && copyProgram(kept, out) == nil {
		return nil
	}
	os.Remove(kept + ".state")
	if err := link(kept); err != nil {
		return err
	}
	if state != "" {
		os.WriteFile(kept+".state", []byte(state), 0o644) // or go build is asked again
	}
	forget(filepath.Dir(kept))
	return copyProgram(kept, out)
}

// moduleRoot returns the folder of the module that dir is in, or "".
func moduleRoot(dir string) string {
	root, err := filepath.Abs(dir)
	if err != nil {
		return ""
	}
	for stamp(filepath.Join(root, "go.mod")) == "" {
		up := filepath.Dir(root)
		if up == root {
			return ""
		}
		root = up
	}
	return root
}

// moduleStates maps the folder of a module to a func() string that
// returns the first result of moduleState.
var moduleStates sync.Map

func moduleStateOnce(root string) string {
	state, _ := moduleStates.LoadOrStore(root, sync.OnceValue(func() string { return moduleState(root) }))
	return state.(func() string)()
}

// moduleState returns a digest of everything that a program of the module
// in root depends on: Go and its settings, and the name, size and time of
// every file of the module whose name does not begin with a dot. It
// returns "" if a file cannot be read.
func moduleState(root string) string {
	if root == "" {
		return ""
	}
	state := sha256.New()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case path != root && strings.HasPrefix(d.Name(), "."):
			// Git's files, or a learner's progress: not a part of a program.
			if d.IsDir() {
				return fs.SkipDir
			}
		case !d.IsDir():
			io.WriteString(state, stamp(path))
		}
		return nil
	})
	if err != nil {
		return ""
	}
	fmt.Fprintln(state, runtime.Version())
	for _, name := range []string{"go", "cc"} {
		if path, err := exec.LookPath(name); err == nil {
			io.WriteString(state, stamp(path))
		}
	}
	if config, err := os.UserConfigDir(); err == nil {
		io.WriteString(state, stamp(filepath.Join(config, "go", "env")))
	}
	for _, v := range os.Environ() {
		if strings.HasPrefix(v, "GO") || strings.HasPrefix(v, "CGO_") || strings.HasPrefix(v, "CC=") {
			fmt.Fprintf(state, "%q\n", v)
		}
	}
	return hex.EncodeToString(state.Sum(nil))
}

// stamp returns the name, size and time of a file, or "" if there is no
// such file.
func stamp(path string) string {
	info, err := os.Stat(path)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("%q %d %d\n", path, info.Size(), info.ModTime().UnixNano())
}

// C compiles a C file with the compiler cc and these flags, and returns
// the output of the compiler. A program that was compiled before from the
// same source, with the same compiler and flags, is copied instead.
func C(cc, source, out string, flags ...string) ([]byte, error) {
	kept := ""
	if made, err := madeOf(cc, source, flags); err == nil {
		kept = cacheFile("c", made)
	}
	if kept != "" && copyProgram(kept, out) == nil {
		now := time.Now()
		os.Chtimes(kept, now, now)
		return nil, nil
	}
	said, err := exec.Command(cc, append([]string{"-o", out, source}, flags...)...).CombinedOutput()
	if err == nil && kept != "" {
		copyProgram(out, kept) // or it is compiled again
		forget(filepath.Dir(kept))
	}
	return said, err
}

// madeOf lists everything that a C program depends on: the compiler and
// the C library, by the times of their files, the flags, the source with
// its path (it is in the debug information) and the headers beside it.
func madeOf(cc, source string, flags []string) (made []string, err error) {
	made = append(made, flags...)
	for _, file := range []string{cc, "/usr/include/stdio.h"} {
		made = append(made, stamp(file))
	}
	headers, err := filepath.Glob(filepath.Join(filepath.Dir(source), "*.h"))
	if err != nil {
		return nil, err
	}
	for _, file := range append(headers, source) {
		path, err := filepath.Abs(file)
		if err != nil {
			return nil, err
		}
		b, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		made = append(made, path, string(b))
	}
	return made, nil
}

// copyProgram copies a program whole or not at all.
func copyProgram(from, to string) error {
	// See WriteProgram.
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.CreateTemp(filepath.Dir(to), "new-")
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	if err == nil {
		err = out.Chmod(0o755)
	}
	if e := out.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(out.Name(), to)
	}
	if err != nil {
		os.Remove(out.Name())
	}
	return err
}

// forget removes programs that were not used for a long time.
func forget(dir string) {
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".lock") {
			continue // another process may hold it
		}
		if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > cacheFor {
			os.Remove(filepath.Join(dir, e.Name()))
		}
	}
}
