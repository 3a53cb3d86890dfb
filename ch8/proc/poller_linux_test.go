package proc

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// parked starts a goroutine that calls f, which waits by way of the
// poller, and returns when it waits: there is one processor, which
// goes on here only when the goroutine has parked. The channel gets
// what f returns.
func parked(f func() error) chan error {
	done := make(chan error, 1)
	go func() { done <- f() }()
	for range 10 {
		runtime.Gosched()
	}
	return done
}

// A child closes its copy of what the parent reads from by way of the
// runtime's poller; the parent must be woken all the same. Without an
// epoll instance of its own the child takes the parent's registration
// out, and the parent would wait for ever.
var closedPipe = register("closedPipe", func() {
	r, w, err := os.Pipe()
	Check(err)
	gate := newGate()
	pid, err := Fork()
	Check(err)
	if pid == 0 {
		r.Close()
		gate.wait()
		w.Write([]byte("hello"))
		Exit(0)
	}
	w.Close()
	b := make([]byte, 5)
	done := parked(func() error { _, err := r.Read(b); return err })
	gate.open()
	err = <-done
	fmt.Printf("%q %v\n", b, err)
	Waitpid(pid, nil, 0)
})

func TestParentsPipeWakesAfterChildsClose(t *testing.T) { prints(t, closedPipe, "\"hello\" <nil>\n") }

// A listening socket, without package net: with it this test would be
// linked with the C library.
var closedListener = register("closedListener", func() {
	const flags = unix.SOCK_STREAM | unix.SOCK_CLOEXEC
	fd, err := unix.Socket(unix.AF_INET, flags|unix.SOCK_NONBLOCK, 0)
	Check(err)
	Check(unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}))
	Check(unix.Listen(fd, 1))
	at, err := unix.Getsockname(fd)
	Check(err)
	l := os.NewFile(uintptr(fd), "listener")
	inChild(func() { l.Close() })
	conn, err := l.SyscallConn()
	Check(err)
	done := parked(func() error {
		return conn.Read(func(fd uintptr) bool {
			_, _, err := unix.Accept(int(fd))
			return err == nil // otherwise wait until it can be read
		})
	})
	client, err := unix.Socket(unix.AF_INET, flags, 0)
	Check(err)
	Check(unix.Connect(client, at))
	fmt.Println(<-done)
})

func TestParentsListenerWakesAfterChildsClose(t *testing.T) {
	prints(t, closedListener, "normal termination, exit status = 0\n<nil>\n")
}

// The same of an eventfd, a timer and a pseudo-terminal that package
// os has opened: whatever can be polled goes through the one instance.
var closedOthers = register("closedOthers", func() {
	event, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	Check(err)
	timer, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_CLOEXEC|unix.TFD_NONBLOCK)
	Check(err)
	for name, fd := range map[string]int{"eventfd": event, "timerfd": timer} {
		f := os.NewFile(uintptr(fd), name)
		inChild(func() { f.Close() })
		done := parked(func() error { _, err := f.Read(make([]byte, 8)); return err })
		if name == "eventfd" {
			unix.Write(event, []byte{1, 0, 0, 0, 0, 0, 0, 0})
		} else {
			Check(unix.TimerfdSettime(timer, 0, &unix.ItimerSpec{Value: unix.Timespec{Nsec: 1e6}}, nil))
		}
		fmt.Println(<-done)
	}
})

func TestParentsOthersWakeAfterChildsClose(t *testing.T) {
	prints(t, closedOthers, strings.Repeat("normal termination, exit status = 0\n<nil>\n", 2))
}

// The runtime's two descriptors are found, and a child's are new; an
// epoll instance of the program's own, with a lower number, stays the
// one that parent and child share.
var pollers = register("pollers", func() {
	inChild(func() {})
	fmt.Println("before there is one:", poller.known)
	own, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	Check(err)
	ownEvent, err := unix.Eventfd(0, unix.EFD_CLOEXEC)
	Check(err)
	r, _, err := os.Pipe() // now the runtime has made its own
	Check(err)
	inChild(func() {
		Check(unix.EpollCtl(own, unix.EPOLL_CTL_ADD, ownEvent, &unix.EpollEvent{}))
		fmt.Println("child's:", kind(poller.epoll), kind(poller.wake), registered(poller.epoll, poller.wake))
		_, _, err := os.Pipe()
		fmt.Println("child's pipe:", err, r.Close())
	})
	fmt.Println("parent's:", kind(poller.epoll), kind(poller.wake), registered(poller.epoll, poller.wake))
	fmt.Println("the program's own:", own < poller.epoll && ownEvent < poller.epoll, registered(own, ownEvent))
})

func kind(fd int) string {
	link, _ := os.Readlink(fmt.Sprintf("/proc/self/fd/%d", fd))
	return strings.TrimPrefix(link, "anon_inode:")
}

func TestPollerIsFoundAndReplaced(t *testing.T) {
	prints(t, pollers, "normal termination, exit status = 0\n"+
		"before there is one: false\n"+
		"child's: [eventpoll] [eventfd] false\n"+
		"child's pipe: <nil> <nil>\n"+
		"normal termination, exit status = 0\n"+
		"parent's: [eventpoll] [eventfd] true\n"+
		"the program's own: true true\n")
}

// A full descriptor table is no obstacle.
var fullTable = register("fullTable", func() {
	r, w, err := os.Pipe()
	Check(err)
	Check(unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: 32, Max: 32}))
	for {
		if _, err := unix.Dup(0); err != nil {
			break
		}
	}
	inChild(func() { r.Close() })
	done := parked(func() error { _, err := r.Read(make([]byte, 1)); return err })
	w.Write([]byte("x"))
	fmt.Println(<-done)
})

func TestPollerWithFullDescriptorTable(t *testing.T) {
	prints(t, fullTable, "normal termination, exit status = 0\n<nil>\n")
}

// A gate is a pipe that a forked child can wait at.
type gate [2]int

func newGate() gate {
	var g gate
	Check(unix.Pipe2(g[:], unix.O_CLOEXEC))
	return g
}

func (g gate) wait() {
	unix.Close(g[1])
	unix.Read(g[0], make([]byte, 1))
}

func (g gate) open() { unix.Close(g[1]) }

// A program that has no poller gets none: a fork opens no
// descriptor.
var descriptors = register("descriptors", func() {
	before, err := unix.Dup(0)
	Check(err)
	unix.Close(before)
	inChild(func() {
		after, _ := unix.Dup(0)
		fmt.Println(after == before)
	})
	after, _ := unix.Dup(0)
	fmt.Println(after == before)
})

func TestForkOpensNothing(t *testing.T) {
	prints(t, descriptors, "true\nnormal termination, exit status = 0\ntrue\n")
}
