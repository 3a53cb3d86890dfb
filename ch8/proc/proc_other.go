//go:build !linux

package proc

import (
	"fmt"
	"os"
)

// NeedsLinux is the main function of every experiment where there
// is no Linux kernel: it says so and ends with exit status 2.
func NeedsLinux() {
	fmt.Fprintln(os.Stderr, "this experiment watches a Linux kernel: run it in a Linux "+
		"virtual machine or container, or step through a recording of one: go run ./ch8 walk fork/glob")
	os.Exit(2)
}
