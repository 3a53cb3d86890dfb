// In Go a child of os/exec is this program again, which then tries.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
)

func main() {
	if len(os.Args) > 1 {
		try(os.Args[1:])
	}
	report("./nothing")
	report("/bin/sleep", "0.5")
}

// try is the child: descriptor 3 is the write end of the pipe.
func try(args []string) {
	syscall.CloseOnExec(3)
	err := syscall.Exec(args[0], args, os.Environ())
	syscall.Write(3, []byte{byte(err.(syscall.Errno))})
	os.Exit(127)
}

func report(args ...string) {
	r, w, err := os.Pipe()
	if err != nil {
		panic(err)
	}
	cmd := exec.Command("/proc/self/exe", args...)
	cmd.ExtraFiles = []*os.File{w}
	if err := cmd.Start(); err != nil {
		panic(err)
	}
	w.Close()
	errno := make([]byte, 1)
	if n, _ := r.Read(errno); n > 0 {
		fmt.Println("exec failed: errno =", errno[0])
	} else {
		fmt.Println("exec worked")
	}
	cmd.Wait()
}
