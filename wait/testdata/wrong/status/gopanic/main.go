// In Go a division by zero is a panic, and a panic exits with 2.
//
// fails: three-deaths
package main

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"
)

var zero int

func main() {
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case "exit":
			os.Exit(7)
		case "abort":
			syscall.Kill(os.Getpid(), syscall.SIGABRT)
			time.Sleep(time.Minute) // not select: "all asleep" and SIGABRT block each other
		case "divide":
			fmt.Println(1 / zero)
		}
	}
	for _, how := range []string{"exit", "abort", "divide"} {
		cmd := exec.Command("/proc/self/exe", how)
		cmd.Run()
		w := cmd.ProcessState.Sys().(syscall.WaitStatus)
		if w.Exited() {
			fmt.Printf("normal termination, exit status = %d\n", w.ExitStatus())
		} else {
			fmt.Printf("abnormal termination, signal number = %d\n", w.Signal())
		}
	}
}
