// Os/exec makes the children, and the shell ends them: right here,
// because nothing asks for a fork.
package main

import (
	"fmt"
	"os/exec"
	"syscall"
)

func main() {
	for _, line := range []string{"exit 7", "kill -ABRT $$", "kill -FPE $$"} {
		cmd := exec.Command("sh", "-c", line)
		cmd.Run()
		w := cmd.ProcessState.Sys().(syscall.WaitStatus)
		switch {
		case w.Exited():
			fmt.Printf("normal termination, exit status = %d\n", w.ExitStatus())
		case w.CoreDump():
			fmt.Printf("abnormal termination, signal number = %d (core file generated)\n", w.Signal())
		default:
			fmt.Printf("abnormal termination, signal number = %d\n", w.Signal())
		}
	}
}
