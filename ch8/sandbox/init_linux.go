package sandbox

import (
	"bytes"
	"encoding/gob"
	"errors"
	"fmt"
	"os"
	"runtime/debug"

	"golang.org/x/sys/unix"
)

// initShim is pid 1 of an isolated run: it makes the file system
// safe, starts the launcher, and adopts and reaps until no process
// is left.
func initShim() {
	const keeper = fd(3)
	closeOnExec()
	setComm()
	armour()
	// With its keeper the whole namespace is to die. Before this
	// call the end of the connection says so.
	unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0, 0, 0)
	var w refuge
	if receive(&packet{from: keeper}, &w) != nil {
		return
	}
	if err := w.build(); err != nil {
		tell(keeper, failed(err))
		return
	}
	// Pids of four digits are told from counts and statuses; where
	// the kernel will not, they stay small.
	os.WriteFile("/proc/sys/kernel/ns_last_pid", []byte("1000"), 0)
	pid, err := startLauncher(w.Pty, 6, 4, 1, 5)
	if err != nil {
		tell(keeper, failed(err))
		return
	}
	for _, f := range []fd{4, 5, 6} {
		f.close()
	}
	// The program's output is the program's alone.
	unix.Dup3(0, 1, 0)
	// From here on one thread has to do: where the namespace's
	// pid_max is the count, a fork bomb leaves none for another.
	debug.SetGCPercent(-1)
	var ws unix.WaitStatus
	for {
		child, err := unix.Wait4(-1, &ws, unix.WALL, nil)
		switch {
		case err == unix.EINTR:
		case err != nil: // ECHILD
			return
		case child == pid && !ws.Stopped():
			fmt.Fprintf(keeper, "s%d", uint32(ws))
		}
	}
}

// packet makes one message of a SOCK_SEQPACKET socket readable bit
// by bit.
type packet struct {
	from fd
	rest []byte
}

func (p *packet) Read(b []byte) (int, error) {
	if p.rest == nil {
		p.rest = make([]byte, 64<<10)
		n, err := p.from.Read(p.rest)
		if err != nil {
			return 0, err
		}
		p.rest = p.rest[:n]
	}
	n := copy(b, p.rest)
	p.rest = p.rest[n:]
	if n == 0 {
		return 0, errors.New("message too short")
	}
	return n, nil
}

// tell sends a failure to the keeper.
func tell(keeper fd, f *failure) {
	b := bytes.NewBufferString("f")
	if gob.NewEncoder(b).Encode(f) == nil {
		keeper.Write(b.Bytes())
	}
}
