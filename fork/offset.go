//go:build linux

package main

import (
	"flag"
	"fmt"
	"os"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

// Offset shows what Figure 8.2 draws.
//
// The book: after a fork the descriptors of both processes refer
// to the same open files. Such a file has one offset, so that two
// processes that write to it, one after the other, do not
// overwrite each other; and who moves it moves it for both.
//
// Linux today: the same. The table entry is called an open file
// description; kcmp(2) tells whether two descriptors share one.
//
// To see it:
//
//	go run ./fork offset          the file: offset.txt
//	go run ./fork offset -seek    the child moves the offset

var (
	offsetFlags = flag.NewFlagSet("offset", flag.ContinueOnError)
	offsetSeek  = offsetFlags.Bool("seek", false,
		"the child moves the offset, and the parent asks for it")
)

func offset() {
	const name = "offset.txt"
	fd, err := unix.Open(name,
		unix.O_WRONLY|unix.O_CREAT|unix.O_TRUNC, 0o644)
	if err != nil {
		err = &os.PathError{Op: "open", Path: name, Err: err}
	}
	proc.Check(err)
	line("parent", fd, "parent, before the fork\n")

	pid, err := proc.Fork()
	proc.Check(err)
	if pid == 0 {
		line("child", fd, "child\n")
		if *offsetSeek {
			_, err := unix.Seek(fd, 100000000, unix.SEEK_SET)
			proc.Check(err)
			fmt.Printf("child %d: moved it to 100000000\n",
				os.Getpid())
		}
		proc.Exit(0)
	}
	_, err = proc.Waitpid(pid, nil, 0)
	proc.Check(err)
	if *offsetSeek {
		fmt.Printf("parent %d: finds it at %d\n",
			os.Getpid(), tell(fd))
		return
	}
	line("parent", fd, "parent, after the child\n")
}

// line writes a line and says where the offset was and is.
func line(who string, fd int, text string) {
	from := tell(fd)
	_, err := proc.Write(fd, []byte(text))
	proc.Check(err)
	fmt.Printf("%s %d: the offset was %d, is %d\n",
		who, os.Getpid(), from, tell(fd))
}

// tell asks for the offset, which does not move it.
func tell(fd int) int64 {
	at, err := unix.Seek(fd, 0, unix.SEEK_CUR)
	proc.Check(err)
	return at
}
