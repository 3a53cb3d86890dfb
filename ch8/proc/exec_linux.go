package proc

import (
	"os"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// The seven functions exec of section 8.10. The kernel has two system
// calls, execve and execveat; the other five functions differ in how
// they take the arguments (l: a list, v: a vector), in the
// environment (e: the caller names it; otherwise it is os.Environ()
// of that moment) and in who finds the file (p: the function searches
// PATH). None of them returns if it succeeds.
//
// All of them but Fexecve hand on the soft RLIMIT_NOFILE with which
// this program was started: the Go runtime raises its own.

// Execl executes the program at path with the arguments arg0, which
// is the new program's own name, and args. See exec(3).
func Execl(path, arg0 string, args ...string) error {
	return execve("execl", path, vector(arg0, args), os.Environ())
}

// Execv executes the program at path with the arguments argv. See
// exec(3).
func Execv(path string, argv []string) error {
	return execve("execv", path, argv, os.Environ())
}

// Execle executes the program at path with the environment envp and
// the arguments arg0 and args. In C the environment is the last
// argument, after a null pointer; a Go function can have no
// parameter after a variable number of them. See exec(3).
func Execle(path string, envp []string, arg0 string, args ...string) error {
	return execve("execle", path, vector(arg0, args), envp)
}

// Execve is the system call that the other functions make: it
// replaces the program in the calling process by the one at path.
// The error wraps ENOENT, EACCES, ENOEXEC, E2BIG …; after an error
// the caller goes on as before. See execve(2).
func Execve(path string, argv, envp []string) error {
	return execve("execve", path, argv, envp)
}

// Execlp executes the program that it finds as Execvp does, with the
// arguments arg0 and args. See exec(3).
func Execlp(file, arg0 string, args ...string) error {
	return execvp("execlp", file, vector(arg0, args))
}

// Execvp executes the program file with the arguments argv. A name
// without a slash is tried in each folder of the environment's PATH,
// from left to right; an empty folder name means the working
// directory, and without PATH the folders are /bin and /usr/bin. A
// file that the kernel does not take for a program (ENOEXEC) is given
// to /bin/sh. The error wraps EACCES if a file was found that cannot
// be executed and no other, otherwise what the kernel said last.
// It tries each name by executing it, as the GNU C library does.
// See exec(3).
func Execvp(file string, argv []string) error {
	return execvp("execvp", file, argv)
}

// Fexecve executes the program that is open as the descriptor fd,
// with the system call execveat and the flag AT_EMPTY_PATH. Unlike
// the other functions it hands on the soft RLIMIT_NOFILE of the
// caller. The error wraps EBADF, EACCES, ENOEXEC …, and ENOENT where
// fd is a script and has close-on-exec. See fexecve(3) and
// execveat(2).
func Fexecve(fd int, argv, envp []string) error {
	im, err := NewImage("", argv, envp)
	if err != nil {
		return os.NewSyscallError("fexecve", err)
	}
	runtimeBeforeExec()
	errno := im.execveat(fd, unix.AT_EMPTY_PATH)
	runtimeAfterExec()
	return os.NewSyscallError("fexecve", errno)
}

func vector(arg0 string, args []string) []string {
	return append([]string{arg0}, args...)
}

func execve(name, path string, argv, envp []string) error {
	return os.NewSyscallError(name, syscall.Exec(path, argv, envp))
}

// pathUnset is where execvp looks when there is no PATH; the GNU C
// library does the same (confstr(_CS_PATH)).
const pathUnset = "/bin:/usr/bin"

func execvp(name, file string, argv []string) error {
	envp := os.Environ()
	if file == "" {
		return os.NewSyscallError(name, unix.ENOENT)
	}
	if strings.Contains(file, "/") {
		return os.NewSyscallError(name, execOrShell(file, argv, envp))
	}
	path, set := os.LookupEnv("PATH")
	if !set {
		path = pathUnset
	}
	var last error
	denied := false
	for prefix := range strings.SplitSeq(path, ":") {
		candidate := file
		if prefix != "" {
			candidate = prefix + "/" + file
		}
		last = execOrShell(candidate, argv, envp)
		switch last {
		case unix.EACCES:
			denied = true // remembered, unless a later one can be executed
		case unix.ENOENT, unix.ENOTDIR, unix.ESTALE, unix.ENODEV, unix.ETIMEDOUT:
		default:
			return os.NewSyscallError(name, last)
		}
	}
	if denied {
		last = unix.EACCES
	}
	return os.NewSyscallError(name, last)
}

// execOrShell executes the file, or gives it to the shell if it is
// text without an interpreter's name.
func execOrShell(path string, argv, envp []string) error {
	err := syscall.Exec(path, argv, envp)
	if err != unix.ENOEXEC {
		return err
	}
	shell := []string{"/bin/sh", path}
	if len(argv) > 1 {
		shell = append(shell, argv[1:]...)
	}
	return syscall.Exec("/bin/sh", shell, envp)
}
