//go:build !linux

package main

import "apue/ch8/proc"

func main() { proc.NeedsLinux() }
