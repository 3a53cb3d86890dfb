package stdio

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"apue/ch8/proc"
)

// exiting is set for the copy of this test that calls Exit.
const exiting = "APUE_STDIO_EXIT"

func TestMain(m *testing.M) {
	if os.Getenv(exiting) != "" {
		Atexit(func() { Printf("first registered\n") })
		Atexit(func() {
			Printf("second registered\n")
			Atexit(func() { Printf("registered by a handler\n") })
		})
		twice := func() { Printf("registered twice\n") }
		Atexit(twice)
		Atexit(twice)
		Printf("main\n")
		Exit(256 + 7)
	}
	os.Exit(m.Run())
}

// pair is a stream and the other end of what it writes to.
func pair(t *testing.T, terminal bool) (*Stream, int) {
	t.Helper()
	var fds [2]int
	if !terminal {
		if err := unix.Pipe2(fds[:], unix.O_CLOEXEC|unix.O_NONBLOCK); err != nil {
			t.Fatal(err)
		}
	} else {
		const flags = unix.O_RDWR | unix.O_NOCTTY | unix.O_CLOEXEC
		ptmx, err := unix.Open("/dev/ptmx", flags|unix.O_NONBLOCK, 0)
		if err != nil {
			t.Skip("no pseudo-terminals here: ", err)
		}
		if err := unix.IoctlSetPointerInt(ptmx, unix.TIOCSPTLCK, 0); err != nil {
			t.Fatal(err)
		}
		slave, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(ptmx), unix.TIOCGPTPEER, flags)
		if errno != 0 {
			t.Fatal(errno)
		}
		fds = [2]int{ptmx, int(slave)}
	}
	t.Cleanup(func() { unix.Close(fds[0]); unix.Close(fds[1]) })
	return &Stream{fd: fds[1]}, fds[0]
}

// arrived is what can be read now. A terminal hands over what was written a
// part at a time; the read that finds nothing has waited for the last part.
func arrived(fd int) string {
	var all []byte
	b := make([]byte, 2*size)
	for {
		n, _ := unix.Read(fd, b)
		if n <= 0 {
			return strings.ReplaceAll(string(all), "\r", "")
		}
		all = append(all, b[:n]...)
	}
}

// step writes and looks at what comes out, and at what stays.
func step(t *testing.T, s *Stream, other int, text, out string, left int) {
	t.Helper()
	if n, err := s.Write([]byte(text)); n != len(text) || err != nil {
		t.Errorf("Write(%.20q) = %d, %v", text, n, err)
	}
	if got := arrived(other); got != out || s.Buffered() != left {
		t.Errorf("after Write(%.20q) %.20q arrived and %d bytes are left, want %.20q and %d",
			text, got, s.Buffered(), out, left)
	}
}

func TestPipeIsFullyBuffered(t *testing.T) {
	s, other := pair(t, false)
	step(t, s, other, "a line\n", "", 7)
	step(t, s, other, "another\n", "", 15)
	full := strings.Repeat("x", size-15)
	step(t, s, other, full+"y", "a line\nanother\n"+full, 1)
	if err := s.Flush(); err != nil || arrived(other) != "y" || s.Buffered() != 0 {
		t.Errorf("Flush: %v, %d bytes left", err, s.Buffered())
	}
}

func TestTerminalIsLineBuffered(t *testing.T) {
	s, other := pair(t, true)
	step(t, s, other, "no newline", "", 10)
	step(t, s, other, ", one\nand more", "no newline, one\n", 8)
	step(t, s, other, "\n", "and more\n", 0)
}

func TestErrorStays(t *testing.T) {
	s, other := pair(t, false)
	unix.Close(other)
	proc.Check(proc.Signal(unix.SIGPIPE, proc.Ignore))
	if _, err := s.Write(bytes.Repeat([]byte("x"), size+1)); !errors.Is(err, unix.EPIPE) {
		t.Errorf("Write to a pipe without a reader: %v, want EPIPE", err)
	}
	if _, err := s.Write([]byte("y")); !errors.Is(err, unix.EPIPE) {
		t.Errorf("the Write after it: %v, want EPIPE", err)
	}
}

func TestExit(t *testing.T) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), exiting+"=1")
	out, err := cmd.Output()
	var end *exec.ExitError
	if !errors.As(err, &end) || end.ExitCode() != 7 {
		t.Errorf("ended with %v, want exit status 7, the low 8 bits", err)
	}
	want := "main\nregistered twice\nregistered twice\nsecond registered\nregistered by a handler\nfirst registered\n"
	if string(out) != want {
		t.Errorf("printed\n%swant\n%s", out, want)
	}
}
