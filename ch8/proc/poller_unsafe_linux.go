package proc

import (
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The runtime waits for pipes, sockets and terminals with one epoll
// instance, and wakes itself with one eventfd. Both are open file
// descriptions, which a fork shares: a child that closed a pipe of
// package os would take its parent's registration out, because the
// kernel knows it by the description and the descriptor's number, and
// the parent would never be woken again. So a child gets its own.

// isPollDescriptor reports whether fd is the runtime's epoll instance
// or its eventfd. Before the runtime has made them it says so of −1,
// the value that stands for "none yet".
//
//go:linkname isPollDescriptor internal/poll.runtime_isPollServerDescriptor
func isPollDescriptor(fd uintptr) bool

// poller holds the numbers of the runtime's two descriptors. They
// never change once the runtime has made them. known is set when they
// are proved.
var poller struct {
	known       bool
	epoll, wake int
}

// maxDescriptor bounds the search for the two; they are made early in
// a program's life and so have low numbers.
const maxDescriptor = 1 << 16

// findPoller finds the two descriptors, without making the runtime
// create them, and proves what they are: the kernel says EEXIST when
// an eventfd is to be added to the epoll instance that has it
// already, and otherwise EINVAL or EPERM, and changes nothing. It is
// called with the goroutine pinned, and so nobody can create them
// meanwhile: there is one processor.
func findPoller() {
	if poller.known || isPollDescriptor(^uintptr(0)) {
		return
	}
	var found [2]int
	n := 0
	for fd := 0; fd < maxDescriptor && n < len(found); fd++ {
		if isPollDescriptor(uintptr(fd)) {
			found[n] = fd
			n++
		}
	}
	if n < len(found) {
		return
	}
	for _, pair := range [][2]int{found, {found[1], found[0]}} {
		if registered(pair[0], pair[1]) {
			poller.known, poller.epoll, poller.wake = true, pair[0], pair[1]
		}
	}
}

// registered reports whether fd is registered with the epoll instance
// epoll. It asks by adding it, with no event to wait for.
func registered(epoll, fd int) bool {
	event := unix.EpollEvent{Fd: int32(fd)}
	_, _, errno := syscall.RawSyscall6(unix.SYS_EPOLL_CTL, uintptr(epoll), unix.EPOLL_CTL_ADD,
		uintptr(fd), uintptr(unsafe.Pointer(&event)), 0, 0)
	if errno == 0 { // neither of them is the runtime's pair
		syscall.RawSyscall6(unix.SYS_EPOLL_CTL, uintptr(epoll), unix.EPOLL_CTL_DEL,
			uintptr(fd), uintptr(unsafe.Pointer(&event)), 0, 0)
	}
	return errno == unix.EEXIST
}

// ownPoller gives a new child an epoll instance and an eventfd of its
// own, under the same numbers.
func ownPoller() {
	if !poller.known {
		return
	}
	replace(poller.epoll, unix.SYS_EPOLL_CREATE1, unix.EPOLL_CLOEXEC, 0)
	replace(poller.wake, unix.SYS_EVENTFD2, 0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
}

// replace closes fd, makes a new descriptor by the system call trap
// and gives it the number fd. Where it cannot be made the number
// stays closed, and the runtime's calls that name it fail with EBADF,
// which it takes for a file that cannot be polled.
func replace(fd int, trap, a1, a2 uintptr) {
	syscall.RawSyscall(unix.SYS_CLOSE, uintptr(fd), 0, 0)
	r, _, errno := syscall.RawSyscall(trap, a1, a2, 0)
	if errno != 0 || int(r) == fd {
		return
	}
	syscall.RawSyscall(unix.SYS_DUP3, r, uintptr(fd), unix.O_CLOEXEC)
	syscall.RawSyscall(unix.SYS_CLOSE, r, 0, 0)
}
