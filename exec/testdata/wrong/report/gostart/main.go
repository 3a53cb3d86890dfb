// Leaves it to os/exec, whose child has such a pipe; but it ends with another
// status where the exec fails.
//
// fails: failed
package main

import (
	"errors"
	"fmt"
	"os/exec"
	"syscall"
)

func main() {
	for _, args := range [][]string{{"./nothing"}, {"/bin/sleep", "0.5"}} {
		cmd := exec.Command(args[0], args[1:]...)
		err := cmd.Start()
		var errno syscall.Errno
		if errors.As(err, &errno) {
			fmt.Printf("exec failed: errno = %d\n", int(errno))
			continue
		}
		fmt.Println("exec worked")
		cmd.Wait()
	}
}
