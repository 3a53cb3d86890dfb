// Go: os.Create is the one open; the file's descriptor goes with the
// fork.
package main

import (
	"fmt"
	"os"

	"apue/ch8/proc"
)

func main() {
	f, err := os.Create("go.txt")
	proc.Check(err)
	pid, err := proc.Fork()
	proc.Check(err)
	if pid == 0 {
		fmt.Fprintf(f, "child %d\n", os.Getpid())
		proc.Exit(0)
	}
	proc.Waitpid(pid, nil, 0)
	fmt.Fprintf(f, "parent %d\n", os.Getpid())
}
