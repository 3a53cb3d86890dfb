// Go, with a buffer and a list of handlers of its own; the children
// are this program once more.
//
// remark: does not tell whether exit called the function
package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"syscall"
)

var (
	out      = bufio.NewWriter(os.Stdout)
	handlers []func()
)

func exit(status int) {
	for _, h := range handlers {
		h()
	}
	out.Flush()
	os.Exit(status)
}

func println(s string) {
	fmt.Fprintln(out, s)
	if info, err := os.Stdout.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
		out.Flush()
	}
}

func main() {
	if len(os.Args) == 1 {
		for _, end := range []string{"exit", "_exit"} {
			cmd := exec.Command("/proc/self/exe", end)
			cmd.Stdout = os.Stdout
			if err := cmd.Run(); err != nil {
				os.Exit(1)
			}
		}
		return
	}
	handlers = append(handlers, func() { println("goodbye") })
	println("hello")
	if os.Args[1] == "exit" {
		exit(0)
	}
	syscall.Exit(0)
}
