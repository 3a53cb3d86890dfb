// Lines makes calls whose source lines the test knows by their marks.
package main

import (
	"fmt"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

func main() {
	fmt.Println("print") // mark: fmt
	inlined()
	func() {
		deep(50)
	}()
	unix.Umask(0o77)                  // mark: unix
	syscall.Kill(syscall.Getpid(), 0) // mark: kill
	done := make(chan bool)
	go func() {
		os.Stdout.WriteString("goroutine\n") // mark: goroutine
		close(done)
	}()
	<-done
	os.Exit(3) // mark: exit
}

// inlined is small enough to become part of main.
func inlined() {
	os.Stdout.Write([]byte("inlined\n")) // mark: inlined
}

//go:noinline
func deep(n int) {
	var room [100]byte
	if n == 0 {
		os.Stdout.WriteString("deep\n") // mark: deep
		return
	}
	deep(n - 1)
	room[n] = 1
}
