package sandbox

import (
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// kernelMemory are attempts to fill memory that the kernel keeps for a
// program and that is no part of its address space.
var kernelMemory = []attempt{
	{"kernel's memory", "make 1,000 message queues", false, func(*bait) (bool, string) {
		return makesIPC(1000, unix.SYS_MSGGET, unix.IPC_PRIVATE, unix.IPC_CREAT|0o600, 0)
	}},
	{"kernel's memory", "make 1,000 sets of semaphores", false, func(*bait) (bool, string) {
		return makesIPC(1000, unix.SYS_SEMGET, unix.IPC_PRIVATE, 100, unix.IPC_CREAT|0o600)
	}},
	{"kernel's memory", "make 128 segments of 1 MiB of shared memory", false, func(*bait) (bool, string) {
		return makesIPC(128, unix.SYS_SHMGET, unix.IPC_PRIVATE, 1<<20, unix.IPC_CREAT|0o600)
	}},
	{"kernel's memory", "make a pipe of 2 MiB", false, func(*bait) (bool, string) {
		var p [2]int
		if err := unix.Pipe2(p[:], unix.O_CLOEXEC); err != nil {
			return outcome(err)
		}
		defer unix.Close(p[0])
		defer unix.Close(p[1])
		_, err := unix.FcntlInt(uintptr(p[0]), unix.F_SETPIPE_SZ, 2<<20)
		return outcome(err)
	}},
	{"kernel's memory", "have 4 MiB in a socket that nobody reads", false, func(*bait) (bool, string) {
		pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
		if err != nil {
			return outcome(err)
		}
		defer unix.Close(pair[1])
		return fills(pair[0], pair[0])
	}},
	{"kernel's memory", "have 4 MiB in a connection that nobody reads", false, fillsConnection},
	{"kernel's memory", "have 1,000 descriptors in messages", false, sendsDescriptors},
	{"kernel's memory", "lock 4 MiB in memory", false, func(*bait) (bool, string) {
		b, err := unix.Mmap(-1, 0, 4<<20, unix.PROT_READ, unix.MAP_ANON|unix.MAP_PRIVATE)
		if err != nil {
			return outcome(err)
		}
		defer unix.Munmap(b)
		return outcome(unix.Mlock(b))
	}},
	{"kernel's memory", "make 100 instances of inotify", false, func(*bait) (bool, string) {
		for n := range 100 {
			d, err := unix.InotifyInit1(unix.IN_CLOEXEC)
			if err != nil {
				_, said := outcome(err)
				return false, fmt.Sprintf("%s after %d", said, n)
			}
			defer unix.Close(d)
		}
		return outcome(nil)
	}},
}

// makesIPC makes a call so often that makes an object of System V IPC, and
// removes what it has made.
func makesIPC(often int, nr uintptr, args ...uintptr) (bool, string) {
	remove := map[uintptr]uintptr{unix.SYS_MSGGET: unix.SYS_MSGCTL, unix.SYS_SEMGET: unix.SYS_SEMCTL, unix.SYS_SHMGET: unix.SYS_SHMCTL}[nr]
	for n := range often {
		id, _, errno := unix.RawSyscall(nr, args[0], args[1], args[2])
		if errno != 0 {
			return false, fmt.Sprintf("%s after %d", errno, n)
		}
		if remove == unix.SYS_SEMCTL {
			defer unix.RawSyscall(remove, id, 0, unix.IPC_RMID)
		} else {
			defer unix.RawSyscall(remove, id, unix.IPC_RMID, 0)
		}
	}
	return outcome(nil)
}

// fills asks for the largest buffers, and writes until there is no room. It
// closes the descriptor that it writes to.
func fills(to, reader int) (bool, string) {
	defer unix.Close(to)
	unix.SetsockoptInt(to, unix.SOL_SOCKET, unix.SO_SNDBUF, 1<<30)
	unix.SetsockoptInt(reader, unix.SOL_SOCKET, unix.SO_RCVBUF, 1<<30)
	block, sum := make([]byte, 64<<10), 0
	for again := 0; again < 3; {
		n, err := unix.Write(to, block)
		if err == nil {
			sum += n
			continue
		}
		again++ // the other side may be about to take more
		time.Sleep(10 * time.Millisecond)
	}
	return sum >= 4<<20, fmt.Sprintf("%d KiB", sum>>10)
}

func fillsConnection(*bait) (bool, string) {
	l, port, err := listensOnLoopback()
	if err != nil {
		return outcome(err)
	}
	defer l.close()
	from, err := stream(loopback(port), unix.Connect)
	if err != nil {
		return outcome(err)
	}
	to, _, err := unix.Accept4(int(l), unix.SOCK_CLOEXEC)
	if err != nil {
		from.close()
		return outcome(err)
	}
	defer unix.Close(to)
	unix.SetNonblock(int(from), true)
	return fills(int(from), to)
}

// sendsDescriptors sends sockets in messages that nobody receives.
func sendsDescriptors(*bait) (bool, string) {
	for n := 0; n < 1000; {
		pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
		if err != nil {
			return outcome(err)
		}
		defer unix.Close(pair[0])
		defer unix.Close(pair[1])
		for range 10 { // so many messages wait for a reader
			err := unix.Sendmsg(pair[0], []byte{0}, unix.UnixRights(pair[0], pair[1]), nil, 0)
			if err == unix.EAGAIN {
				break
			}
			if err != nil {
				_, said := outcome(err)
				return false, fmt.Sprintf("%s after %d", said, n)
			}
			n += 2
		}
	}
	return outcome(nil)
}
