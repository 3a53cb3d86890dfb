// Other commands are run before and after the four.
package main

import (
	"fmt"
	"os/exec"
	"syscall"
)

func main() {
	exec.Command("mkdir", "-p", "work").Run()
	exec.Command("sh", "-c", "date > log; rm log").Run()
	for _, c := range []string{"exit 0", "nosuchcommand", "exit 44", "kill -9 $$"} {
		cmd := exec.Command("/bin/sh", "-c", c)
		cmd.Args[0] = "sh"
		cmd.Run()
		w := cmd.ProcessState.Sys().(syscall.WaitStatus)
		if w.Exited() {
			fmt.Println("normal termination, exit status =", w.ExitStatus())
		} else {
			fmt.Println("abnormal termination, signal number =", int(w.Signal()))
		}
	}
	exec.Command("rmdir", "work").Run()
}
