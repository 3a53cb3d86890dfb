// A child by os/exec in Go: another program, another memory.
// fails: vforked shared by-the-child underscore-exit as-asked
package main

import (
	"fmt"
	"os"
	"os/exec"
)

var glob = 6

func main() {
	local := 88
	if len(os.Args) > 1 {
		glob++
		local++
		os.Exit(0)
	}
	if err := exec.Command("/proc/self/exe", "child").Run(); err != nil {
		fmt.Println(err)
	}
	fmt.Printf("pid = %d, glob = %d, var = %d\n", os.Getpid(), glob+1, local+1)
}
