package sandbox

import (
	"fmt"
	"io"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// output is the program's standard output as Run sees it: what arrives at
// a pump, a file in memory, or nothing if it is inherited.
type output struct {
	pump *pump
	file *os.File
	max  int64
}

// openStdout makes the program's standard output, and returns the end that
// is the program's.
func (r *caller) openStdout() (*os.File, error) {
	r.stdout.max = r.Output
	switch r.Stdout {
	case Pipe:
		from, to, err := r.pipe("stdout")
		if err != nil {
			return nil, err
		}
		r.stdout.pump = newPump(from, r.Output, r.send(byteOutput))
		return to, nil
	case Pty:
		master, slave, err := openPty()
		if err != nil {
			return nil, noPty(err)
		}
		r.stdout.pump = newPump(r.keep(master), r.Output, r.send(byteOutput))
		return r.keep(slave), nil
	case File:
		n, err := unix.MemfdCreate("stdout", unix.MFD_CLOEXEC)
		if err != nil {
			return nil, fmt.Errorf("sandbox: memfd_create: %w", err)
		}
		again, err := unix.FcntlInt(uintptr(n), unix.F_DUPFD_CLOEXEC, 0)
		if err != nil {
			unix.Close(n)
			return nil, fmt.Errorf("sandbox: dup: %w", err)
		}
		r.stdout.file = r.keep(os.NewFile(uintptr(n), "stdout"))
		return r.keep(os.NewFile(uintptr(again), "stdout")), nil
	case Inherited:
		return os.Stdout, nil
	}
	return nil, fmt.Errorf("sandbox: %v is not a kind of standard output", r.Stdout)
}

// begin starts to read.
func (o *output) begin() {
	if o.pump != nil {
		go o.pump.run()
	}
}

// finish returns the beginning of the output, and whether there was more,
// when no process of the run is left.
func (o *output) finish() ([]byte, bool) {
	switch {
	case o.pump != nil:
		return o.pump.finish()
	case o.file != nil:
		return readAtMost(io.NewSectionReader(o.file, 0, o.max+1), o.max)
	}
	return nil, false
}

// CanOpenPty returns nil if a pseudo-terminal can be opened here, and
// otherwise a *Refusal.
func CanOpenPty() error {
	master, slave, err := openPty()
	if err != nil {
		return noPty(err)
	}
	master.Close()
	slave.Close()
	return nil
}

func noPty(err error) error {
	return &Refusal{"a pseudo-terminal cannot be opened: " + err.Error(), "mount devpts at /dev/pts, with /dev/ptmx"}
}

// openPty opens a pseudo-terminal of 24 lines and 80 columns. The master
// is polled.
func openPty() (master, slave *os.File, err error) {
	const flags = unix.O_RDWR | unix.O_NOCTTY | unix.O_CLOEXEC
	m, err := unix.Open("/dev/ptmx", flags|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, nil, err
	}
	master = os.NewFile(uintptr(m), "/dev/ptmx")
	if err = unix.IoctlSetPointerInt(m, unix.TIOCSPTLCK, 0); err == nil {
		// Not by its name: /dev/pts may be another devpts. With O_CLOEXEC
		// here fdinfo would show the flag for each copy, set or not.
		syscall.ForkLock.RLock()
		s, _, errno := syscall.Syscall(unix.SYS_IOCTL, uintptr(m), unix.TIOCGPTPEER, flags&^unix.O_CLOEXEC)
		if errno == 0 {
			syscall.CloseOnExec(int(s))
		}
		syscall.ForkLock.RUnlock()
		if errno != 0 {
			err = errno
		} else {
			slave = os.NewFile(s, "pty")
			err = unix.IoctlSetWinsize(int(s), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: 80})
		}
	}
	if err != nil {
		master.Close()
		return nil, nil, err
	}
	return master, slave, nil
}

// A pump reads what the program writes and keeps the beginning.
type pump struct {
	f     *os.File
	max   int64 // bytes that are kept
	total int64
	buf   []byte
	flood func()
	done  chan struct{}
}

func newPump(f *os.File, max int64, flood func()) *pump {
	return &pump{f: f, max: max, flood: flood, done: make(chan struct{})}
}

// floodSize is the number of bytes at which a run is ended.
func (p *pump) floodSize() int64 { return max(16*p.max, 1<<20) }

func (p *pump) take(b []byte) {
	before := p.total
	p.total += int64(len(b))
	if room := p.max - int64(len(p.buf)); room > 0 {
		p.buf = append(p.buf, b[:min(int64(len(b)), room)]...)
	}
	if before < p.floodSize() && p.total >= p.floodSize() {
		p.flood()
	}
}

func (p *pump) run() {
	defer close(p.done)
	b := make([]byte, 32<<10)
	for {
		n, err := p.f.Read(b)
		p.take(b[:n])
		if err != nil {
			return
		}
	}
}

// finish is called when no process of the run is left. It takes what is
// still in the pipe, and does not wait for its end: a descriptor may have
// been passed to a process outside.
func (p *pump) finish() ([]byte, bool) {
	p.f.SetReadDeadline(time.Unix(1, 0))
	<-p.done
	p.f.SetReadDeadline(time.Time{})
	if raw, err := p.f.SyscallConn(); err == nil {
		b := make([]byte, 32<<10)
		raw.Read(func(fd uintptr) bool {
			for p.total < 2*p.floodSize() {
				n, err := unix.Read(int(fd), b)
				if err == unix.EINTR {
					continue
				}
				if err != nil || n == 0 {
					break
				}
				p.take(b[:n])
			}
			return true
		})
	}
	return p.buf, p.total > p.max
}

// readAtMost reads max bytes, and says whether there are more.
func readAtMost(r io.Reader, max int64) ([]byte, bool) {
	b, _ := io.ReadAll(io.LimitReader(r, max+1))
	if int64(len(b)) > max {
		return b[:max], true
	}
	return b, false
}
