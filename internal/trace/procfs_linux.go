//go:build amd64 || arm64

package trace

import (
	"bytes"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// readProc reads a small file of /proc; nil when it is gone.
func readProc(path string, buf []byte) []byte {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil
	}
	defer unix.Close(fd)
	n := 0
	for n < len(buf) {
		m, err := unix.Read(fd, buf[n:])
		if m <= 0 || err != nil {
			break
		}
		n += m
	}
	return buf[:n]
}

func procPath(pid int, name string) string {
	return "/proc/" + strconv.Itoa(pid) + "/" + name
}

// statOf returns the state letter and the parent's pid from
// /proc/PID/stat. The command's name may hold spaces and
// parentheses: the fields are counted after the last ')'.
func statOf(path string) (state byte, ppid int, ok bool) {
	var buf [512]byte
	return parseStat(readProc(path, buf[:]))
}

func parseStat(b []byte) (state byte, ppid int, ok bool) {
	i := bytes.LastIndexByte(b, ')')
	if i < 0 {
		return 0, 0, false
	}
	f := bytes.Fields(b[i+1:])
	if len(f) < 2 {
		return 0, 0, false
	}
	ppid, err := strconv.Atoi(string(f[1]))
	return f[0][0], ppid, err == nil
}

// statusField returns a line of /proc/PID/status, its name cut off.
func statusField(pid int, name string) string {
	var buf [4096]byte
	path := procPath(pid, "status")
	b := readProc(path, buf[:])
	if len(b) == len(buf) { // a process may be in 65536 groups
		b, _ = os.ReadFile(path)
	}
	return field(string(b), name)
}

// statusInt is a numeric field of /proc/PID/status, -1 when it is
// not there.
func statusInt(pid int, name string) int {
	n, err := strconv.Atoi(statusField(pid, name))
	if err != nil {
		return -1
	}
	return n
}

// nsPids are the pids of a process in its nested pid namespaces,
// from that of our /proc inwards; nil when it is gone.
func nsPids(pid int) []int { return numbers(statusField(pid, "NSpid")) }

// numbers are those of a list, nil if it is none.
func numbers(list string) []int {
	var pids []int
	for _, f := range strings.Fields(list) {
		n, err := strconv.Atoi(f)
		if err != nil {
			return nil
		}
		pids = append(pids, n)
	}
	return pids
}

// commOf is the name in /proc/PID/comm.
func commOf(pid int) string {
	var buf [64]byte
	return strings.TrimSuffix(string(readProc(procPath(pid, "comm"), buf[:])), "\n")
}

// pidOfPidfd is the process that a pidfd of process pid refers to,
// as its /proc/PID/fdinfo tells it: the pid in our namespace.
func pidOfPidfd(pid, fd int) int {
	n, _ := strconv.Atoi(fdinfo(pid, fd, "Pid"))
	return n
}

// fdinfo is a line of /proc/PID/fdinfo/FD.
func fdinfo(pid, fd int, name string) string {
	var buf [512]byte
	return field(string(readProc(procPath(pid, "fdinfo/"+strconv.Itoa(fd)), buf[:])), name)
}

// filePos is the "pos:" line of a descriptor's fdinfo.
func filePos(pid, fd int) (int64, bool) {
	n, err := strconv.ParseInt(fdinfo(pid, fd, "pos"), 10, 64)
	return n, err == nil
}

// readLink is readlink(2) of a file of /proc.
func readLink(path string) string {
	var buf [4096]byte
	n, err := unix.Readlink(path, buf[:])
	if err != nil {
		return ""
	}
	return string(buf[:n])
}
