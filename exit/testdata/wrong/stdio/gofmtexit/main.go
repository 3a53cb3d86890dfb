// Go's fmt has no buffer and os.Exit runs no handler: deferred
// functions are none.
//
// fails: handler-ran _exit-loses was-buffered
package main

import (
	"fmt"
	"os"
	"os/exec"
)

func main() {
	if len(os.Args) == 1 {
		for _, who := range []string{"first", "second"} {
			cmd := exec.Command(os.Args[0], who)
			cmd.Stdout = os.Stdout
			cmd.Run()
		}
		return
	}
	defer fmt.Println("the handler of the", os.Args[1], "child")
	fmt.Println("the line of the", os.Args[1], "child")
	os.Exit(0)
}
