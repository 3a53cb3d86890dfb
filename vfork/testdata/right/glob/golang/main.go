// In Go, with the variables in a struct and no stream.
package main

import (
	"fmt"
	"os"

	"apue/ch8/proc"
)

var globals = struct{ before, glob, after int32 }{1, 6, 2}

func main() {
	locals := []int{88}
	child := func() {
		globals.glob++
		locals[0]++
	}
	pid, err := proc.Vfork(child) // it ends with _exit(0)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	defer proc.Waitpid(pid, nil, 0)
	fmt.Printf("pid = %d, glob = %d, var = %d\n", os.Getpid(), globals.glob, locals[0])
}
