package sandbox

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"apue/internal/record"
)

// What Run and the keeper say to each other. Descriptors 3 and up are
// the keeper's by number: 3 the socket to Run, 4 and 5 the program's
// standard output and error, 6 the recording. The init, the adopter and
// the launcher are forked children, and have what their parents have.

// order is what Run asks of the keeper.
type order struct {
	Path    raw // of the program, absolute
	Args    []raw
	Env     []raw
	Dir     raw  // the working directory
	Base    raw  // the folder to remove if Run is gone; may be ""
	Own     bool // Dir is ours: give it to the program's user
	Stdout  Stdout
	Timeout time.Duration
	Limits  Limits
	Isolate bool
	Mark    uint64
	Trace   *record.Options // without Dir, Begin, Sink and Killed

	// For tests, what this machine is to lack: a user id of the
	// program's own, RLIMIT_NPROC, a pid_max of the namespace.
	NoUID, NoNproc, NoPidMax bool
	// patience is how long after the deadline Run waits for the
	// report; it is not sent.
	patience time.Duration
}

// report is the keeper's answer.
type report struct {
	Failure     *failure
	Status      uint32
	Ended       string // why the keeper ended the run: one of the constants below
	Elapsed     time.Duration
	Leftovers   []Leftover
	Adopter     int
	AdopterComm string
	Isolated    bool
	Rusage      Rusage
}

// Why a keeper ended a run.
const (
	endedTime   = "time"
	endedOutput = "output"
	endedCaller = "caller"
)

// What Run says to a keeper at work, a byte each.
const (
	sayOutput = 'o' // the program writes too much
	sayCaller = 'c' // the context has ended
)

// launch is what the launcher, and the init before it, have to do.
type launch struct {
	Path   string
	Args   []string
	Env    []string
	Dir    string
	Pty    bool
	Limits []limit
	Trace  *record.Options

	Isolated  bool
	iso       isolation
	Processes uint64 // 0: not counted
	NoNproc   bool
	NoPidMax  bool
}

// limit is one resource limit.
type limit struct {
	Resource   int
	Soft, Hard uint64
}

// failure is an error on its way to Run.
type failure struct {
	Refusal *Refusal
	Exec    syscall.Errno // of the execve of Path
	Path    raw
	Text    string // any other
}

func failed(err error) *failure {
	if err == nil {
		return nil
	}
	var carried *failureError
	if errors.As(err, &carried) {
		return &carried.failure
	}
	var refusal *Refusal
	if errors.As(err, &refusal) {
		return &failure{Refusal: refusal}
	}
	return &failure{Text: err.Error()}
}

func (f *failure) err() error {
	switch {
	case f == nil:
		return nil
	case f.Refusal != nil:
		return f.Refusal
	case f.Exec != 0:
		return why(string(f.Path), f.Exec)
	}
	return errors.New("sandbox: " + f.Text)
}

// raw is a string of any bytes, as a path or an argument may be: JSON
// would mend what is not UTF-8.
type raw string

// MarshalText quotes the string.
func (s raw) MarshalText() ([]byte, error) {
	return strconv.AppendQuoteToASCII(nil, string(s)), nil
}

// UnmarshalText is its reverse.
func (s *raw) UnmarshalText(quoted []byte) error {
	text, err := strconv.Unquote(string(quoted))
	*s = raw(text)
	return err
}

// as converts strings to such, and back.
func as[To, From ~string](from []From) []To {
	to := make([]To, len(from))
	for i, s := range from {
		to[i] = To(s)
	}
	return to
}

// send writes v with its length before it, so that the reader
// takes no byte more.
func send(w io.Writer, v any) error {
	b, err := json.Marshal(v)
	if err == nil {
		_, err = w.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(b))), b...))
	}
	return err
}

// receive reads what send wrote.
func receive(r io.Reader, v any) error {
	var size [4]byte
	if _, err := io.ReadFull(r, size[:]); err != nil {
		return err
	}
	n := binary.BigEndian.Uint32(size[:])
	if n > 1<<28 {
		return fmt.Errorf("a message of %d bytes", n)
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(r, b); err != nil {
		return err
	}
	return json.Unmarshal(b, v)
}

// A fd is a descriptor that is read and written by blocking
// calls, without Go's poller: the roles are small processes that
// have nothing else to do.
type fd int

func (d fd) Read(b []byte) (int, error) {
	for {
		n, err := unix.Read(int(d), b)
		switch {
		case err == unix.EINTR:
		case err != nil:
			return 0, err
		case n == 0:
			return 0, io.EOF
		default:
			return n, nil
		}
	}
}

func (d fd) Write(b []byte) (int, error) {
	done := 0
	for done < len(b) {
		n, err := unix.Write(int(d), b[done:])
		switch {
		case err == unix.EINTR:
		case err != nil:
			return done, err
		default:
			done += n
		}
	}
	return done, nil
}

func (d fd) close() { unix.Close(int(d)) }

// socketpair returns two connected unix sockets, closed at exec.
// Messages of a unix.SOCK_SEQPACKET pair keep their borders, and
// its readers see the end when the other side is closed.
func socketpair(kind int) (a, b fd, err error) {
	p, err := unix.Socketpair(unix.AF_UNIX, kind|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, -1, fmt.Errorf("socketpair: %w", err)
	}
	return fd(p[0]), fd(p[1]), nil
}

// pipe returns the two ends of a pipe, closed at exec.
func pipe() (r, w fd, err error) {
	var p [2]int
	if err := unix.Pipe2(p[:], unix.O_CLOEXEC); err != nil {
		return -1, -1, fmt.Errorf("pipe: %w", err)
	}
	return fd(p[0]), fd(p[1]), nil
}

// self is the program that runs, whatever became of its file.
const self = "/proc/self/exe"

// checkProc makes sure that /proc shows this process's world.
func checkProc() error {
	if link, err := os.Readlink("/proc/self"); err != nil || link != fmt.Sprint(os.Getpid()) {
		reason := "/proc is not mounted"
		if err == nil {
			reason = "/proc belongs to another pid namespace"
		}
		return &Refusal{reason, "mount it: mount -t proc proc /proc (unshare has --mount-proc)"}
	}
	return nil
}
