//go:build linux

package main

import (
	"encoding/binary"
	"fmt"
	"os"
	"strings"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

// The accounting records of the experiment account.

// A record is struct acct_v3 of linux/acct.h.
type record struct {
	Flag, Version                     byte
	TTY                               uint16
	ExitCode, UID, GID, Pid, PPid     uint32
	Begin                             uint32
	Elapsed                           float32
	User, System, Mem, IO, RW         uint16
	MinorFaults, MajorFaults, Swapped uint16
	Comm                              [16]byte
}

// String is the line for a record: the name, pids, wait status and
// flags.
func (r record) String() string {
	flags := ""
	for i, name := range []string{"AFORK", "ASU", "", "ACORE",
		"AXSIG"} {
		if r.Flag>>i&1 != 0 && name != "" {
			flags += " " + name
		}
	}
	comm, _, _ := strings.Cut(string(r.Comm[:]), "\x00")
	return fmt.Sprintf("%s: pid %d, parent %d, version %d, %s%s",
		comm, r.Pid, r.PPid, r.Version&15,
		proc.WaitStatus(r.ExitCode).Short(), flags)
}

// records are all that the kernel has written.
func records(fd int) (all []record) {
	b := make([]byte, 64*100)
	n, err := unix.Pread(fd, b, 0)
	proc.Check(err)
	for at := 0; at+64 <= n; at += 64 {
		var r record
		binary.Decode(b[at:], binary.NativeEndian, &r)
		all = append(all, r)
	}
	return all
}

// rename gives the calling child, which has one thread, the name
// that the records show.
func rename(comm string) {
	proc.Check(os.WriteFile("/proc/self/comm", []byte(comm), 0))
}
