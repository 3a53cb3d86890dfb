package proc

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
)

// RunC becomes the C program of that name and source, with args:
// for an experiment that Go's runtime cannot do honestly. It
// compiles the program in a temporary folder, which is gone again
// when the program starts, and does not return. Where this fails,
// it says so in one sentence and ends with exit status 2.
func RunC(name string, source []byte, args ...string) {
	cc, err := exec.LookPath("cc")
	if err != nil {
		usage("%s is an experiment in C, and there is no C compiler here: "+
			"install gcc or clang, then run it again", name)
	}
	f, err := compile(cc, name, source)
	if err != nil {
		usage("%s is an experiment in C, and cannot be compiled here: %v", name, err)
	}
	// The kernel opens the program before it closes what is to be
	// closed on exec.
	path := fmt.Sprintf("/proc/self/fd/%d", f.Fd())
	err = Execve(path, append([]string{name}, args...), os.Environ())
	runtime.KeepAlive(f)
	usage("%s cannot be executed where it was compiled: %v: "+
		"set TMPDIR to a folder of a file system that allows it", name, err)
}

// compile returns the program as an open file that has no name any
// more.
func compile(cc, name string, source []byte) (*os.File, error) {
	dir, err := os.MkdirTemp("", "apue-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	if err := os.WriteFile(filepath.Join(dir, name+".c"), source, 0o600); err != nil {
		return nil, err
	}
	cmd := exec.Command(cc, "-Wall", "-Wextra", "-Werror", "-g", "-pthread", "-o", name, name+".c")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%w: %s", err, out)
	}
	return os.Open(filepath.Join(dir, name))
}
