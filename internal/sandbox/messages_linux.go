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

// The protocols between the roles; the package comment has a picture.
// Descriptors 3 and up of the keeper are fixed: 3 the socket to Run, 4 and
// 5 the program's standard output and error, 6 the recording, 7 the socket
// by which the next run sends these. The init, the adopter and the launcher
// are forked children and share them.
const (
	controlFD fd = 3 + iota
	stdoutFD
	stderrFD
	recordingFD
	ordersFD
	// inheritedFD is, in a keeper of one run, the first of the descriptors
	// that the caller itself was given beside 0, 1 and 2.
	inheritedFD = ordersFD
)

// order is what Run asks of the keeper.
type order struct {
	Path     raw // of the program, absolute
	Args     []raw
	Env      []raw
	Dir      raw  // the working directory
	Base     raw  // a folder to remove after the run; "" if there is none
	Own      bool // Dir is fresh: it belongs to the program's user
	Stdout   Stdout
	Timeout  time.Duration
	Limits   Limits
	Isolate  bool
	Attached bool
	First    bool // end the run after the program
	// Inherited are the numbers that an attached program has for the
	// descriptors from inheritedFD on.
	Inherited []int
	Ignored   uint64 // signals to ignore; bit n−1 is signal n
	Mounts    []Mount
	Visible   []visible
	Input     raw
	Mark      uint64
	Trace     *record.Options // without Dir, and without functions and writers

	// For tests: what the machine is to lack (a user id for each run,
	// RLIMIT_NPROC, a pid_max of the namespace, cgroups, limits of System V IPC).
	NoUID, NoNproc, NoPidMax, NoCgroup, NoIPC bool
	// patience is how long after the deadline Run waits for the report;
	// it is not sent.
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
	Isolated    bool
	OutOfMemory bool
	MachineFull bool
	Late        time.Duration
	Waited      time.Duration
	Work        int // the keeper's descriptor of the fresh working directory; 0: none
	Rusage      Rusage
	Again       bool // the keeper takes another order
}

// Reasons for which a keeper ends a run.
const (
	endedTime      = "time"
	endedOutput    = "output"
	endedRecording = "recording"
	endedCaller    = "caller"
	endedFirst     = "first"
)

// The bytes that Run sends to the keeper while the program runs.
const (
	byteOutput = 'o' // the program writes too much
	byteCaller = 'c' // the context has ended
)

// message is what the init, the adopter and the launcher send to the
// keeper: one of these fields is set.
type message struct {
	Work    bool     // a descriptor of the working directory comes with it
	Adopter int      // the adopter's pid in the namespace
	Ready   bool     // the launcher waits for its release
	Status  *uint32  // the program's wait status
	Failure *failure // an error
}

// failure is an error on its way to Run.
type failure struct {
	Refusal *Refusal
	Exec    syscall.Errno // of the execve of Path
	Path    raw
	Text    string // any other
}

func newFailure(err error) *failure {
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

// failureError carries a failure through the keeper unchanged.
type failureError struct{ failure }

func (e *failureError) Error() string { return e.failure.err().Error() }

// raw is a string of any bytes, as a path or an argument can be: JSON
// would replace bytes that are not UTF-8.
type raw string

// MarshalText quotes the string.
func (s raw) MarshalText() ([]byte, error) {
	return strconv.AppendQuoteToASCII(nil, string(s)), nil
}

// UnmarshalText is the reverse of MarshalText.
func (s *raw) UnmarshalText(quoted []byte) error {
	text, err := strconv.Unquote(string(quoted))
	*s = raw(text)
	return err
}

// convert converts strings to raw ones, and back.
func convert[To, From ~string](from []From) []To {
	to := make([]To, len(from))
	for i, s := range from {
		to[i] = To(s)
	}
	return to
}

// writeMessage writes v with its length before it, so that the reader
// takes not one byte more.
func writeMessage(w io.Writer, v any) error {
	b, err := json.Marshal(v)
	if err == nil {
		_, err = w.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(b))), b...))
	}
	return err
}

// readMessage reads what writeMessage wrote.
func readMessage(r io.Reader, v any) error {
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

// A fd is a descriptor that is read and written by blocking calls without
// Go's poller, which a forked child does not have.
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

func closeAll(fds ...fd) {
	for _, d := range fds {
		d.close()
	}
}

// The first byte of a message that is not JSON, which begins with a brace.
const (
	messageWork    = 'w'
	messageAdopter = 'a'
	messageReady   = 'r'
	messageStatus  = 's'
)

// encode is the message as bytes: JSON is for failures only, because its
// tables are made anew in each forked child.
func (m message) encode() []byte {
	kind, n := byte(0), uint32(0)
	switch {
	case m.Work:
		kind = messageWork
	case m.Adopter != 0:
		kind, n = messageAdopter, uint32(m.Adopter)
	case m.Ready:
		kind = messageReady
	case m.Status != nil:
		kind, n = messageStatus, *m.Status
	default:
		b, _ := json.Marshal(m)
		return b
	}
	return binary.NativeEndian.AppendUint32([]byte{kind}, n)
}

// decode is the reverse of encode.
func (m *message) decode(b []byte) error {
	if len(b) != 5 {
		return json.Unmarshal(b, m)
	}
	n := binary.NativeEndian.Uint32(b[1:])
	switch b[0] {
	case messageWork:
		m.Work = true
	case messageAdopter:
		m.Adopter = int(n)
	case messageReady:
		m.Ready = true
	case messageStatus:
		m.Status = &n
	default:
		return fmt.Errorf("an unknown message %q", b[0])
	}
	return nil
}

// sendMsg sends a message to the keeper, with a descriptor if there is
// one to pass.
func (d fd) sendMsg(m message, pass ...int) {
	var rights []byte
	if len(pass) > 0 {
		rights = unix.UnixRights(pass...)
	}
	unix.Sendmsg(int(d), m.encode(), rights, nil, unix.MSG_NOSIGNAL)
}

// sendFailure sends an error to the keeper.
func (d fd) sendFailure(err error) { d.sendMsg(message{Failure: newFailure(err)}) }

// received is where recvMsg has its messages, one at a time: new memory for
// each would soon make the heap of a keeper large, and its forks slow.
var received [64 << 10]byte

// recvMsg receives one message with its sender's pid, as this process
// sees it, and the passed descriptor (0 if there is none). At the end of
// the connection the error is io.EOF.
func (d fd) recvMsg() (m message, sender, passed int, err error) {
	b, oob := received[:], make([]byte, 128)
	n, oobn := 0, 0
	for {
		n, oobn, _, _, err = unix.Recvmsg(int(d), b, oob, unix.MSG_CMSG_CLOEXEC)
		if err != unix.EINTR {
			break
		}
	}
	if err != nil {
		return m, 0, 0, err
	}
	if n == 0 {
		return m, 0, 0, io.EOF
	}
	all, _ := unix.ParseSocketControlMessage(oob[:oobn])
	for i := range all {
		if c, err := unix.ParseUnixCredentials(&all[i]); err == nil {
			sender = int(c.Pid)
		}
		if fds, err := unix.ParseUnixRights(&all[i]); err == nil && len(fds) == 1 {
			passed = fds[0]
		}
	}
	return m, sender, passed, m.decode(b[:n])
}

// credSocketpair returns a connection for sendMsg and recvMsg. It keeps
// the borders between messages, and the kernel adds the sender's pid.
func credSocketpair() (theirs, mine fd, err error) {
	theirs, mine, err = socketpair(unix.SOCK_SEQPACKET)
	if err == nil {
		err = os.NewSyscallError("SO_PASSCRED", unix.SetsockoptInt(int(mine), unix.SOL_SOCKET, unix.SO_PASSCRED, 1))
	}
	return theirs, mine, err
}

// socketpair returns two connected unix sockets, closed at exec.
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
