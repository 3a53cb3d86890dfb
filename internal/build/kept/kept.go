// Package kept makes programs that are made again and again, and keeps
// them: the experiments', and those that tests run.
//
// The zoos have some three hundred programs in C, which a compiler
// makes anew each time, and Go keeps what it has compiled but not what
// it has linked. So programs are kept beside Go's build cache, in
// $XDG_CACHE_HOME/apue-ch8 or ~/.cache/apue-ch8: those in C by what
// they were made of, those in Go by their folder. Go build sees by itself
// whether one is still up to date, but takes longer for it than most of
// them run: it is asked only when a file of the module has changed.
package kept

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

// cacheFor is how long a program is kept that nobody has asked for.
const cacheFor = 14 * 24 * time.Hour

// cacheFile is a path in the cache for what the parts say; "" where
// there can be no cache.
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

// Go makes the program of the package in dir, as go build does with
// these flags, and returns what go said. It is for tests: a module is
// taken to stay as it was at the first call.
func Go(dir, out string, flags ...string) (said []byte, err error) {
	err = goBy(dir, out, flags, moduleStateOnce, func(args []string) (err error) {
		cmd := exec.Command("go", append(args, ".")...)
		cmd.Dir = dir
		said, err = cmd.CombinedOutput()
		return err
	})
	return said, err
}

// GoBy is Go for a module that may change, where run runs the go command
// with these arguments and the package.
func GoBy(dir, out string, flags []string, run func(args []string) error) error {
	return goBy(dir, out, flags, moduleState, run)
}

func goBy(dir, out string, flags []string, stateOf func(string) string, run func(args []string) error) error {
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
	// Another one may want the same program at the same time.
	lock, err := os.OpenFile(kept+".lock", os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return link(out)
	}
	defer lock.Close()
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX); err != nil {
		return link(out)
	}
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

// moduleRoot is the module's folder, or "".
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

// moduleStates are what moduleState said first.
var moduleStates sync.Map // of func() string, by the module's folder

func moduleStateOnce(root string) string {
	state, _ := moduleStates.LoadOrStore(root, sync.OnceValue(func() string { return moduleState(root) }))
	return state.(func() string)()
}

// moduleState is what a program of the module in root depends on: Go and
// its settings, and the name, size and time of every file of the module
// whose name has no dot in front. "" where that cannot be said.
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
			// Git's, or what a learner has achieved: no program's part.
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

// stamp is a file as it is now: its name, size and time; "" if there is
// none.
func stamp(path string) string {
	info, err := os.Stat(path)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("%q %d %d\n", path, info.Size(), info.ModTime().UnixNano())
}

// C makes the program of a source file in C, with the compiler cc and
// these flags, and returns what the compiler said.
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

// madeOf is all that a program in C depends on: the compiler and the C
// library, by the times of their files, the flags, the source with its
// path, which is in the debug information, and the headers beside it.
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
	// As sandbox.WriteProgram does.
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

// forget removes what nobody has asked for.
func forget(dir string) {
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".lock") {
			continue // perhaps held
		}
		if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > cacheFor {
			os.Remove(filepath.Join(dir, e.Name()))
		}
	}
}
