//go:build linux

package main

import (
	"bytes"
	"fmt"
	"os"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

// answer is the service: it greets the client, then sends back what
// it reads in capitals, until the client closes the connection.
func answer(conn int) error {
	// A read fails if the client sends nothing for a minute.
	minute := unix.Timeval{Sec: 60}
	unix.SetsockoptTimeval(conn, unix.SOL_SOCKET,
		unix.SO_RCVTIMEO, &minute)
	out := []byte(fmt.Sprintf("process %d is yours\n", os.Getpid()))
	in := make([]byte, 4096)
	for {
		for len(out) > 0 {
			n, err := proc.Write(conn, out)
			if err != nil {
				return err
			}
			out = out[n:]
		}
		n, err := proc.Read(conn, in)
		if n <= 0 {
			return err
		}
		out = bytes.ToUpper(in[:n])
	}
}

// client waits until all clients are greeted, sends a line, and
// expects it back in capitals.
func client(addr unix.Sockaddr, allGreeted pipe) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	proc.Check(err)
	proc.Check(unix.Connect(fd, addr))
	line := make([]byte, 256)
	n, err := proc.Read(fd, line)
	proc.Check(err)
	if !bytes.HasPrefix(line[:n], []byte("process ")) {
		proc.Exit(1)
	}
	allGreeted.onlyWaits()
	proc.Read(allGreeted[0], line) // end of file
	_, err = proc.Write(fd, []byte("hello\n"))
	proc.Check(err)
	n, err = proc.Read(fd, line)
	proc.Check(err)
	if string(line[:n]) != "HELLO\n" {
		proc.Exit(1)
	}
}
