// os/exec starts a program, which is no fork: the children share
// their parent's memory until they execute.
//
// fails: two-forks
package main

import (
	"fmt"
	"os"
	"os/exec"
	"time"
)

func main() {
	if len(os.Args) == 1 {
		first := exec.Command("/proc/self/exe", "first")
		first.Stdout = os.Stdout
		if err := first.Run(); err != nil {
			fmt.Println(err)
		}
		return
	}
	if os.Args[1] == "first" {
		second := exec.Command("/proc/self/exe", "second", fmt.Sprint(os.Getpid()))
		second.Stdout = os.Stdout
		if err := second.Start(); err != nil {
			fmt.Println(err)
		}
		return
	}
	for fmt.Sprint(os.Getppid()) == os.Args[2] {
		time.Sleep(time.Millisecond)
	}
	time.Sleep(100 * time.Millisecond)
	fmt.Println("second child, parent pid =", os.Getppid())
}
