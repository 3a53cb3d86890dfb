//go:build linux

package main

import (
	"flag"
	"os"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

// Offset shows what Figure 8.2 draws.
//
// The book: after a fork the descriptors of parent and child refer
// to the same file table entries. An entry has one offset: so the
// two do not overwrite each other's output, and a process that
// moves the offset moves it for both.
//
// Linux today: the same. The entry is called an open file
// description; kcmp(2) says whether two descriptors share one.
//
// To see it:
//
//	go run ./fork offset           writes offset.txt here
//	go run ./fork offset --seek    the child moves the offset

var (
	offsetFlags = flag.NewFlagSet("offset", flag.ContinueOnError)
	offsetSeek  = offsetFlags.Bool("seek", false,
		"the child moves the offset, the parent finds it moved")
)

func offset() {
	const name = "offset.txt"
	fd, err := unix.Open(name,
		unix.O_WRONLY|unix.O_CREAT|unix.O_TRUNC, 0o644)
	if err != nil {
		err = &os.PathError{Op: "open", Path: name, Err: err}
	}
	proc.Check(err)
	writeLine("parent", fd, "parent, before the fork\n")

	pid, err := proc.Fork()
	proc.Check(err)
	if pid == 0 {
		writeLine("child", fd, "child\n")
		if *offsetSeek {
			_, err := unix.Seek(fd, 100000000, unix.SEEK_SET)
			proc.Check(err)
			say("child", "moved it to 100000000")
		}
		proc.Exit(0)
	}
	reap(pid)
	if *offsetSeek {
		say("parent", "finds it at %d", offsetOf(fd))
		return
	}
	writeLine("parent", fd, "parent, after the child\n")
}

// writeLine writes a line, and says what the offset was before and
// is after it.
func writeLine(role string, fd int, text string) {
	before := offsetOf(fd)
	_, err := proc.Write(fd, []byte(text))
	proc.Check(err)
	say(role, "the offset was %d, is %d", before, offsetOf(fd))
}

// offsetOf asks for the offset. This does not move it.
func offsetOf(fd int) int64 {
	at, err := unix.Seek(fd, 0, unix.SEEK_CUR)
	proc.Check(err)
	return at
}
