//go:build linux

package main

import (
	"flag"
	"fmt"
	"os"
	"strings"

	"apue/ch8/proc"

	"golang.org/x/sys/unix"
)

// Resets shows what an exec does not keep.
//
// The book: signals that are caught are set to their default. The
// saved ids are copied from the effective ones.
//
// Linux today: the same, and all that is in memory is gone:
// mappings, attached segments, locked pages, exit handlers and
// buffers. POSIX timers are deleted. A table of descriptors that
// was shared by CLONE_FILES becomes the process's own.
//
// To see it:
//
//	go run ./exec resets
//	go run ./exec resets --root   what only root can change

var (
	resetsFlags = flag.NewFlagSet("resets", flag.ContinueOnError)
	resetsRoot  = resetsFlags.Bool("root", false,
		"show the attributes that only root can change")
)

func resets() {
	fmt.Printf("%-26s%-24s%s\n", "attribute", "before the exec",
		"after it")
	if *resetsRoot {
		savedIDs()
		return
	}
	for _, row := range []struct {
		name string
		set  func() error
		get  func(string) string
	}{
		{"caught signal", func() error {
			return proc.Catch(unix.SIGUSR1, 0)
		}, lineOf("SigCgt")},
		{"mapping", mapShared, hasText("/memfd:shared")},
		{"attached segment", attach, hasText("/SYSV")},
		{"locked memory", lockMemory, lineOf("VmLck")},
		{"POSIX timer", func() error {
			_, err := proc.Timer(unix.SIGUSR1, 1e12)
			return err
		}, hasText("ClockID:")},
		{"name", func() error { return nil },
			func(text string) string {
				_, rest, _ := strings.Cut(text, "Name:")
				return strings.Fields(rest + " ?")[0]
			}},
	} {
		printReset(row.name, row.set, row.get)
	}
	handlersAreLost()
	inChild(sharedTable)
}

// printReset makes the child of a row. The child reads its own
// files of /proc before the exec; cat prints them after it.
func printReset(title string, set func() error,
	get func(string) string) {
	var p [2]int
	proc.Check(unix.Pipe2(p[:], unix.O_CLOEXEC))
	pid := childThat(func() {
		proc.Check(set())
		argv := []string{"cat"}
		for _, file := range []string{"status", "maps", "timers"} {
			path := "/proc/self/" + file
			b, _ := os.ReadFile(path)
			proc.Write(p[1], b)
			argv = append(argv, path)
		}
		proc.Write(p[1], []byte{0})
		proc.Check(unix.Dup3(p[1], 1, 0))
		failed(proc.Execvp("cat", argv))
	})
	unix.Close(p[1])
	before, after, _ := strings.Cut(readPipe(p[0]), "\x00")
	reap(pid)
	unix.Close(p[0])
	fmt.Printf("%-26s%-24s%s\n", title, get(before), get(after))
}

// lineOf is the value of a line of /proc/PID/status.
func lineOf(line string) func(string) string {
	return func(text string) string {
		_, rest, _ := strings.Cut(text, "\n"+line+":")
		value, _, _ := strings.Cut(rest, "\n")
		return strings.TrimSpace(value)
	}
}

// hasText says whether the text has the words.
func hasText(words string) func(string) string {
	return func(text string) string {
		if strings.Contains(text, words) {
			return "is there"
		}
		return "is gone"
	}
}

func mapShared() error {
	fd, err := unix.MemfdCreate("shared", unix.MFD_CLOEXEC)
	if err != nil {
		return err
	}
	if err := unix.Ftruncate(fd, 4096); err != nil {
		return err
	}
	_, err = unix.Mmap(fd, 0, 4096, unix.PROT_READ, unix.MAP_SHARED)
	return err
}

func attach() error {
	id, err := unix.SysvShmGet(unix.IPC_PRIVATE, 4096, 0o600)
	if err != nil {
		return err
	}
	defer unix.SysvShmCtl(id, unix.IPC_RMID, nil)
	_, err = unix.SysvShmAttach(id, 0, 0)
	return err
}

// lockMemory locks a page.
func lockMemory() error {
	mem, err := unix.Mmap(-1, 0, os.Getpagesize(), unix.PROT_READ|
		unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	if err != nil {
		return err
	}
	return unix.Mlock(mem)
}
