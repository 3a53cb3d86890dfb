//go:build linux

package main

import (
	"fmt"
	"os"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

// The parts of echoall about the seven functions and the empty
// list of arguments.

// seven calls each function in a child of its own. The environment
// has one string, which setenv changes after the start: the four
// functions without an environment hand on the new value.
func seven() {
	folder, remove := newFolder()
	defer remove()
	proc.Check(os.Mkdir(folder+"/bin", 0o700))
	linkSelf(folder+"/bin", "echo")
	proc.Check(os.Chdir(folder))
	const path = "bin/echo"
	os.Clearenv()
	os.Setenv("PATH", "bin")
	os.Setenv("WHOSE", "the caller's environ")

	own := []string{"WHOSE=a list of its own"}
	argv := []string{"echoall"}
	calls := []struct {
		name string
		call func() error
	}{
		{"execl", func() error {
			return proc.Execl(path, "echoall")
		}},
		{"execv", func() error { return proc.Execv(path, argv) }},
		{"execle", func() error {
			return proc.Execle(path, own, "echoall")
		}},
		{"execve", func() error {
			return proc.Execve(path, argv, own)
		}},
		{"execlp", func() error {
			return proc.Execlp("echo", "echoall")
		}},
		{"execvp", func() error {
			return proc.Execvp("echo", argv)
		}},
		{"fexecve", func() error {
			fd, err := unix.Open(path, unix.O_RDONLY|
				unix.O_CLOEXEC, 0)
			proc.Check(err)
			return proc.Fexecve(fd, argv, own)
		}},
	}
	for _, c := range calls {
		fmt.Printf("%s:\n", c.name)
		inChild(func() { failed(c.call()) })
	}
}

// withoutArguments executes this program with an empty list of
// arguments and an empty environment.
func withoutArguments() {
	status := inChild(func() {
		failed(proc.Execve(self(), nil, nil))
	})
	say("parent", "%v", status)
}
