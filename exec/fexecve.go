//go:build linux

package main

import (
	"fmt"
	"os"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

// Fexecve executes a file that was opened before.
//
// The book: fexecve takes a descriptor. So a program can check the
// file, and is sure that it then executes the same file.
//
// Linux today: it is the system call execveat (3.19) with an empty
// pathname and AT_EMPTY_PATH. A descriptor from O_PATH is enough.
// An interpreter file is handed to its interpreter as /dev/fd/N:
// if N has close-on-exec, it is closed by then, and the error is
// ENOENT.
//
// To see it:
//
//	go run ./exec fexecve

func fexecve() {
	folder, remove := newFolder()
	defer remove()
	proc.Check(os.Chdir(folder))
	program, err := os.ReadFile(self())
	proc.Check(err)
	writeFile("prog", string(program), 0o755)
	fd := openFile("prog", unix.O_RDONLY|unix.O_CLOEXEC)
	writeFile("new", "#!/bin/sh\necho \"  the new file\"\n", 0o755)
	proc.Check(os.Rename("new", "prog"))

	fmt.Println("the name has another file now")
	fmt.Println("fexecve of the descriptor:")
	old := []string{"echoarg", "the old file"}
	tryExec(func() error { return proc.Fexecve(fd, old, nil) })
	fmt.Println("execve of the name:")
	tryExec(func() error {
		return proc.Execve("prog", []string{"prog"}, os.Environ())
	})

	fmt.Println("a descriptor from O_PATH:")
	fd = openFile(self(), unix.O_PATH|unix.O_CLOEXEC)
	argv := []string{"echoarg", "a path only"}
	tryExec(func() error { return proc.Fexecve(fd, argv, nil) })

	writeFile("script", "#!/bin/sh\necho \"  $0\"\n", 0o755)
	for _, flag := range []int{unix.O_CLOEXEC, 0} {
		with := "with"
		if flag == 0 {
			with = "without"
		}
		fmt.Printf("a script, %s close-on-exec:\n", with)
		fd := openFile("script", unix.O_RDONLY|flag)
		tryExec(func() error {
			proc.Check(unix.Dup3(fd, 50, flag))
			return proc.Fexecve(50, []string{"script"},
				os.Environ())
		})
	}
}

// openFile opens a file, and ends the program if it cannot.
func openFile(name string, flags int) int {
	fd, err := unix.Open(name, flags, 0)
	proc.Check(err)
	return fd
}

// tryExec calls an exec in a child, and prints its error.
func tryExec(call func() error) {
	inChild(func() {
		fmt.Printf("  %s\n", name(call()))
		proc.Exit(126)
	})
}
