//go:build linux

package main

import (
	"fmt"
	"strings"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

// saidLimit prints what getconf says, a program that calls sysconf
// in C.
func saidLimit(stack int) {
	read, write := newPipe()
	pid := childThat(func() {
		proc.Check(unix.Dup3(write, 1, 0))
		failed(proc.Execlp("getconf", "getconf", "ARG_MAX"))
	})
	unix.Close(write)
	said := strings.TrimSpace(readPipe(read))
	unix.Close(read)
	if reap(pid) != 0 {
		said = "not known, there is no getconf"
	}
	fmt.Printf("stack %5d KiB: sysconf(_SC_ARG_MAX) is %s\n",
		stack>>10, said)
}
