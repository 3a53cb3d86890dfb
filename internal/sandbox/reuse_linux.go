package sandbox

import (
	"context"
	"os"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// reuse holds the keepers that wait for another run.
type reuse struct {
	mu     sync.Mutex
	idle   []waiting
	closed bool
}

// waiting is a keeper that waits for an order.
type waiting struct {
	keeper *os.Process
	orders *os.File
}

type reuseKey struct{}

// Reuse returns a context in which isolated runs use the keepers of
// earlier runs again, because starting one takes as long as many programs
// run. Only the keeper is the same: each run has namespaces, a root and
// processes of its own. The function ends the keepers.
func Reuse(ctx context.Context) (context.Context, func()) {
	u := &reuse{}
	return context.WithValue(ctx, reuseKey{}, u), u.end
}

// end ends the keepers that wait, and those that hold a run after it.
func (u *reuse) end() {
	u.mu.Lock()
	idle := u.idle
	u.idle, u.closed = nil, true
	u.mu.Unlock()
	for _, w := range idle {
		w.orders.Close()
	}
	for _, w := range idle {
		reapKeeper(w.keeper)
	}
}

// take gives a run to a keeper, to a new one if no other waits.
func (u *reuse) take(r *caller) error {
	for {
		w, fresh, err := u.next()
		if err != nil {
			return err
		}
		if err = sendDescriptors(w.orders, r.files[2:]); err == nil {
			r.keeper, r.orders = w.keeper, w.orders
			return nil
		}
		w.end() // it was killed while it waited
		if fresh {
			return err
		}
	}
}

// next returns a keeper that waits.
func (u *reuse) next() (w waiting, fresh bool, err error) {
	u.mu.Lock()
	n := len(u.idle)
	if n > 0 {
		w, u.idle = u.idle[n-1], u.idle[:n-1]
	}
	u.mu.Unlock()
	if n > 0 {
		return w, false, nil
	}
	w, err = newWaiting()
	return w, true, err
}

// put has the keeper of a run wait for another one, if it can.
func (u *reuse) put(r *caller, again bool) {
	w := waiting{r.keeper, r.orders}
	u.mu.Lock()
	if again = again && !u.closed; again {
		u.idle = append(u.idle, w)
	}
	u.mu.Unlock()
	if !again {
		w.end()
	}
}

func (w waiting) end() {
	w.orders.Close()
	reapKeeper(w.keeper)
}

// newWaiting starts a keeper of many runs. The descriptors of a run are
// /dev/null until the first one comes.
func newWaiting() (waiting, error) {
	mine, theirs, err := socketpair(unix.SOCK_SEQPACKET)
	if err != nil {
		return waiting{}, err
	}
	orders, other := os.NewFile(uintptr(mine), "orders"), os.NewFile(uintptr(theirs), "orders")
	defer other.Close()
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		orders.Close()
		return waiting{}, err
	}
	defer null.Close()
	p, err := startRole(roleKeepers, []*os.File{null, null, null, null, null, null, null, other}, true)
	if err != nil {
		orders.Close()
		return waiting{}, err
	}
	return waiting{p, orders}, nil
}

// startRole starts this program in a role.
func startRole(role string, files []*os.File, session bool) (*os.Process, error) {
	return os.StartProcess(self, []string{strangersComm}, &os.ProcAttr{
		Dir:   "/",
		Env:   []string{"GOMAXPROCS=1", roleVariable + "=" + role},
		Files: files,
		Sys:   &syscall.SysProcAttr{Setsid: session},
	})
}

// sendDescriptors sends a keeper the descriptors of a run: 2, where it
// writes what it has to say itself, and those of the protocol.
func sendDescriptors(orders *os.File, files []*os.File) error {
	var fds []int
	for _, f := range files {
		fds = append(fds, int(f.Fd()))
	}
	return unix.Sendmsg(int(orders.Fd()), []byte{0}, unix.UnixRights(fds...), nil, unix.MSG_NOSIGNAL)
}

// takeDescriptors waits for the descriptors of a run and gives them their
// numbers.
func takeDescriptors() error {
	b, oob := make([]byte, 1), make([]byte, 128)
	n, oobn := 0, 0
	var err error
	for {
		if n, oobn, _, _, err = unix.Recvmsg(int(ordersFD), b, oob, unix.MSG_CMSG_CLOEXEC); err != unix.EINTR {
			break
		}
	}
	if err != nil {
		return err
	}
	if n == 0 {
		return os.ErrClosed
	}
	all, err := unix.ParseSocketControlMessage(oob[:oobn])
	if err != nil || len(all) != 1 {
		return unix.EBADMSG
	}
	fds, err := unix.ParseUnixRights(&all[0])
	if err != nil {
		return err
	}
	// They may have come with the numbers that others of them are to have.
	for i, d := range fds {
		high, err := unix.FcntlInt(uintptr(d), unix.F_DUPFD_CLOEXEC, int(ordersFD)+1)
		if err != nil {
			return err
		}
		unix.Close(d)
		fds[i] = high
	}
	for i, d := range fds {
		if err := unix.Dup3(d, 2+i, unix.O_CLOEXEC); err != nil {
			return err
		}
		unix.Close(d)
	}
	return nil
}
