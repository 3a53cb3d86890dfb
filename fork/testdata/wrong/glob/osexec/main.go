// Runs itself again with os/exec: a new program, no copy.
//
// fails: forked copied direct-once buffered-twice as-asked
package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
)

var glob = 6

func main() {
	local := 88
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	if os.Getenv("CHILD") != "" {
		glob++
		local++
	} else {
		os.Stdout.WriteString("a write to stdout\n")
		fmt.Fprintf(out, "before fork\n")
		cmd := exec.Command("/proc/self/exe")
		cmd.Env = append(os.Environ(), "CHILD=1")
		cmd.Stdout = os.Stdout
		cmd.Run()
	}
	fmt.Fprintf(out, "pid = %d, glob = %d, var = %d\n", os.Getpid(), glob, local)
}
