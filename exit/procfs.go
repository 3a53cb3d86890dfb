//go:build linux

package main

import (
	"fmt"
	"os"
	"strings"
)

// procFile is what is in /proc/PID/NAME, "" if it can not be read.
func procFile(pid int, name string) string {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", pid, name))
	if err != nil {
		return ""
	}
	return string(b)
}

// statField is a field of /proc/PID/stat, counted from 1 as
// proc(5) does; "" if the process is gone. The name in field 2 may
// hold anything: the others are counted after the last ")".
func statField(pid, n int) string {
	s := procFile(pid, "stat")
	f := strings.Fields(s[strings.LastIndex(s, ")")+1:])
	if n-3 >= len(f) {
		return ""
	}
	return f[n-3]
}
