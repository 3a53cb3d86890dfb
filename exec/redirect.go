//go:build linux

package main

import (
	"os"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

// Redirect does between the fork and the exec what a shell does
// for "command > out.txt".
//
// The book, section 8.3: that fork and exec are separate leaves a
// place between the two, in which the child can change attributes
// of its own: redirect its output, change its user id, change how
// signals are handled. The parent does not change.
//
// Linux today: the same. posix_spawn, and os/exec in Go, offer a
// list of such actions instead. An attribute that is not in the
// list cannot be changed; with fork any code can run there.
//
// To see it:
//
//	go run ./exec redirect; cat out.txt

func redirect() {
	status := inChild(func() {
		fd, err := unix.Open("out.txt",
			unix.O_WRONLY|unix.O_CREAT|unix.O_TRUNC, 0o644)
		if err != nil {
			err = &os.PathError{Op: "open", Path: "out.txt",
				Err: err}
		}
		proc.Check(err)
		proc.Check(unix.Dup3(fd, 1, 0))
		unix.Close(fd)

		proc.Check(proc.Signal(unix.SIGINT, proc.Ignore))
		// Only root can take another user id.
		if proc.Setresuid(7000001, 7000001, 7000001) != nil {
			_, err := proc.Nice(5)
			proc.Check(err)
		}
		failed(proc.Execl("/bin/sh", "sh", "-c",
			`echo "child $$: this line is in out.txt"`))
	})
	say("parent", "%v", status)
}
