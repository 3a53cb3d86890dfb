// Calls the function that is to be the handler itself, and then Exit.
//
// fails: handler-ran
package main

import (
	"apue/ch8/proc"
	"apue/ch8/stdio"
)

func bye() { stdio.Println("handler") }

func child(exit func(int), line string) {
	pid, err := proc.Fork()
	proc.Check(err)
	if pid == 0 {
		stdio.Println(line)
		if line == "one" {
			bye()
		} else {
			stdio.Atexit(bye)
		}
		exit(0)
	}
	var s proc.WaitStatus
	proc.Wait(&s)
}

func main() {
	child(stdio.Exit, "one")
	child(proc.Exit, "two")
}
