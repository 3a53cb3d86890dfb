package procfs

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Path is the path of a file of a process: /proc/PID/NAME.
func Path(pid int, name string) string { return "/proc/" + strconv.Itoa(pid) + "/" + name }

// Read reads a file of /proc into buf and returns the part that it
// filled; nil if the file cannot be read. A longer file is cut.
func Read(path string, buf []byte) []byte {
	fd, err := open(path, unix.O_RDONLY)
	if err != nil {
		return nil
	}
	defer unix.Close(fd)
	n := 0
	for n < len(buf) {
		m, err := unix.Read(fd, buf[n:])
		if err == unix.EINTR {
			continue
		}
		if m <= 0 || err != nil {
			break
		}
		n += m
	}
	return buf[:n]
}

// ReadAll reads a whole file of /proc; "" if it cannot be read.
func ReadAll(path string) string {
	// One read gives at most what fits, and a file may change between
	// two opens. So the buffer grows, and the file is opened anew.
	for size := 4096; ; size *= 4 {
		if b := Read(path, make([]byte, size)); len(b) < size {
			return string(b)
		}
	}
}

func open(path string, flags int) (fd int, err error) {
	for {
		fd, err = unix.Open(path, flags|unix.O_CLOEXEC, 0)
		if err != unix.EINTR {
			return fd, err
		}
	}
}

// ReadStat reads /proc/PID/stat; ok is false if the process is gone.
func ReadStat(pid int) (s Stat, ok bool) {
	var buf [1024]byte
	return ParseStat(string(Read(Path(pid, "stat"), buf[:])))
}

// ReadThreadStat reads /proc/PID/task/TID/stat; ok is false if the
// thread is gone.
func ReadThreadStat(pid, tid int) (s Stat, ok bool) {
	var buf [1024]byte
	return ParseStat(string(Read(Path(pid, "task/"+strconv.Itoa(tid)+"/stat"), buf[:])))
}

// ReadStatus reads /proc/PID/status; "" if the process is gone.
func ReadStatus(pid int) Status { return Status(ReadAll(Path(pid, "status"))) }

// ReadFdinfo reads /proc/PID/fdinfo/FD; "" if it is not open.
func ReadFdinfo(pid, fd int) Fdinfo {
	var buf [1024]byte
	return Fdinfo(Read(Path(pid, "fdinfo/"+strconv.Itoa(fd)), buf[:]))
}

// ReadMaps reads /proc/PID/maps. It returns nil if the process is gone
// or the kernel refuses a look at its memory.
func ReadMaps(pid int) []Map { return ParseMaps(ReadAll(Path(pid, "maps"))) }

// ReadComm reads /proc/PID/comm, the name of the program.
func ReadComm(pid int) string {
	var buf [64]byte
	return strings.TrimSuffix(string(Read(Path(pid, "comm"), buf[:])), "\n")
}

// Readlink returns what a link of /proc leads to; "" if that cannot be
// told.
func Readlink(path string) string {
	var buf [unix.PathMax]byte
	n, err := unix.Readlink(path, buf[:])
	if err != nil {
		return ""
	}
	return string(buf[:n])
}

// Pids returns the ids of all processes that /proc shows, in no order.
func Pids() []int { return numbersIn("/proc") }

// Threads returns the ids of a process's threads, in no order.
func Threads(pid int) []int { return numbersIn(Path(pid, "task")) }

// Fds returns a process's open descriptors in ascending order.
func Fds(pid int) []int {
	list := numbersIn(Path(pid, "fd"))
	slices.Sort(list)
	return list
}

// numbersIn returns the numbers among the names in a folder.
func numbersIn(folder string) []int {
	fd, err := open(folder, unix.O_RDONLY|unix.O_DIRECTORY)
	if err != nil {
		return nil
	}
	defer unix.Close(fd)
	var list []int
	buf := make([]byte, 8192)
	var names []string
	for {
		n, err := unix.ReadDirent(fd, buf)
		if err == unix.EINTR {
			continue
		}
		if n <= 0 || err != nil {
			return list
		}
		_, _, names = unix.ParseDirent(buf[:n], -1, names[:0])
		for _, name := range names {
			if v, err := strconv.Atoi(name); err == nil {
				list = append(list, v)
			}
		}
	}
}

// Write writes a text to a file of /proc with one write(2): the kernel
// takes such a text whole or not at all.
func Write(path, text string) error {
	fd, err := open(path, unix.O_WRONLY|unix.O_TRUNC)
	if err != nil {
		return &os.PathError{Op: "open", Path: path, Err: err}
	}
	defer unix.Close(fd)
	if _, err := unix.Write(fd, []byte(text)); err != nil {
		return &os.PathError{Op: "write", Path: path, Err: err}
	}
	return nil
}

// KernelAtLeast compares with the version of the running kernel.
func KernelAtLeast(major, minor int) bool {
	var u unix.Utsname
	if unix.Uname(&u) != nil {
		return false
	}
	var a, b int
	fmt.Sscanf(unix.ByteSliceToString(u.Release[:]), "%d.%d", &a, &b)
	return a > major || a == major && b >= minor
}
