// In Go: the child sleeps with a raw nanosleep.
package main

import (
	"fmt"
	"time"

	"apue/ch8/proc"
)

func main() {
	line := []byte("from the child\n")
	_, err := proc.Vfork(func() {
		proc.Write(1, line)
		for range 30 {
			proc.Sleep(10 * time.Millisecond)
		}
		proc.Exit(0)
	})
	fmt.Println("from the parent", err)
	proc.Wait(nil)
}
