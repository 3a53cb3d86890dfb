// Go with the runtime's own hooks: ch8/proc and a bufio.Writer that
// is flushed by hand.
package main

import (
	"bufio"
	"fmt"
	"os"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

var glob = 6

func main() {
	local := 88
	out := bufio.NewWriter(os.Stdout)
	print := func(format string, args ...any) {
		fmt.Fprintf(out, format, args...)
		if proc.Isatty(1) {
			out.Flush()
		}
	}

	unix.Write(1, []byte("unbuffered\n"))
	print("buffered\n")
	pid, err := proc.Fork()
	proc.Check(err)
	if pid == 0 {
		glob++
		local++
	}
	print("pid = %d, glob = %d, var = %d\n", unix.Getpid(), glob, local)
	out.Flush()
	if pid > 0 {
		proc.Wait(nil)
	}
	proc.Exit(0)
}
