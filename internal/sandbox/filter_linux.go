//go:build 386 || amd64 || arm64

package sandbox

import (
	"fmt"
	"runtime"
	"sync"

	"golang.org/x/sys/unix"

	"apue/internal/record"
)

// refusedCalls are the system calls that a stranger's program has no use
// for and that would let it act unseen by the recorder, reach what the
// namespaces do not cover, or use up what is the whole machine's.
var refusedCalls = map[uint32]unix.Errno{
	// Reads, writes and waits that are no system calls.
	unix.SYS_IO_URING_SETUP: unix.ENOSYS,
	unix.SYS_IO_SETUP:       unix.ENOSYS, // also counted for the whole machine
	// Keys belong to a user, not to a namespace.
	unix.SYS_KEYCTL:      unix.EPERM,
	unix.SYS_ADD_KEY:     unix.EPERM,
	unix.SYS_REQUEST_KEY: unix.EPERM,
	// New namespaces are a way to new privilege in them.
	unix.SYS_SETNS:   unix.EPERM,
	unix.SYS_UNSHARE: unix.EPERM,
	// Interfaces of the kernel that programs of a course do not need.
	unix.SYS_BPF:             unix.EPERM,
	unix.SYS_PERF_EVENT_OPEN: unix.EPERM,
	unix.SYS_USERFAULTFD:     unix.EPERM,
	unix.SYS_FANOTIFY_INIT:   unix.EPERM,
	// The kernel's log is the whole machine's.
	unix.SYS_SYSLOG: unix.EPERM,
	// These would make the machine write to its disks. The files of the
	// program are in memory, so that they succeed and do nothing.
	unix.SYS_SYNC:   0,
	unix.SYS_SYNCFS: 0,
}

// mostIPC bounds a call of System V IPC where lowerIPC could not lower the
// limits of all calls together: the semaphores of a set, of which there can
// be 32,000, and the bytes of a segment of shared memory, of which there can
// be 4,096. Nothing bounds a message queue.
var mostIPC = map[uint32]uint32{unix.SYS_SEMGET: 16, unix.SYS_SHMGET: 64 << 10}

// The flags of clone that are refused: a child that its tracer does not
// get to see, and one in new namespaces. Those of clone3 are in memory,
// where a filter cannot see them: the recorder looks at them, and where a
// run is not recorded there is no clone3, and C libraries call clone.
const refusedFlags = unix.CLONE_UNTRACED | unix.CLONE_NEWCGROUP | unix.CLONE_NEWIPC | unix.CLONE_NEWNET |
	unix.CLONE_NEWNS | unix.CLONE_NEWPID | unix.CLONE_NEWUSER | unix.CLONE_NEWUTS

// families are the kinds of sockets that there are: the others, among
// them AF_VSOCK, are not divided by network namespaces.
// Of AF_NETLINK there is the protocol that asks for network devices only:
// by others the kernel tells what happens to the whole machine.
var families = []uint32{unix.AF_UNIX, unix.AF_INET, unix.AF_INET6}

// boxFilter returns the seccomp program that refuses them. Calls of
// another architecture's ABI (of a 32-bit program, or x32) have other
// numbers, and are refused whatever they do.
func boxFilter(recorded, ipc bool) []unix.SockFilter {
	const offNr, offArch, offArg0, offArg1, offArg2 = 0, 4, 16, 24, 32 // the low half of an argument
	load := func(off uint32) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: off}
	}
	jump := func(op uint16, k uint32, yes, no uint8) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_JMP | op | unix.BPF_K, Jt: yes, Jf: no, K: k}
	}
	ret := func(k uint32) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: k}
	}
	allow := ret(unix.SECCOMP_RET_ALLOW)
	refuse := func(e unix.Errno) unix.SockFilter { return ret(unix.SECCOMP_RET_ERRNO | uint32(e)) }

	const x32 = 0x4000_0000 // __X32_SYSCALL_BIT; there are no such numbers elsewhere
	prog := []unix.SockFilter{
		load(offArch), jump(unix.BPF_JEQ, record.NativeArch, 1, 0), refuse(unix.ENOSYS),
		load(offNr), jump(unix.BPF_JGE, x32, 0, 1), refuse(unix.ENOSYS),
	}
	for nr, errno := range refusedCalls {
		prog = append(prog, jump(unix.BPF_JEQ, nr, 0, 1), refuse(errno))
	}
	if !ipc {
		prog = append(prog, jump(unix.BPF_JEQ, unix.SYS_MSGGET, 0, 1), refuse(unix.ENOSYS))
		if runtime.GOARCH == "386" {
			prog = append(prog, jump(unix.BPF_JEQ, 117, 0, 1), refuse(unix.ENOSYS)) // ipc(2) is all calls in one
		}
		for nr, most := range mostIPC {
			prog = append(prog, jump(unix.BPF_JEQ, nr, 0, 7),
				load(offArg1+4), jump(unix.BPF_JEQ, 0, 1, 0), refuse(unix.EINVAL),
				load(offArg1), jump(unix.BPF_JGT, most, 0, 1), refuse(unix.EINVAL), allow)
		}
	}
	if !recorded {
		prog = append(prog, jump(unix.BPF_JEQ, unix.SYS_CLONE3, 0, 1), refuse(unix.ENOSYS))
	}
	prog = append(prog,
		jump(unix.BPF_JEQ, unix.SYS_CLONE, 0, 4),
		load(offArg0), jump(unix.BPF_JSET, refusedFlags, 0, 1), refuse(unix.EPERM), allow,
		jump(unix.BPF_JEQ, unix.SYS_SECCOMP, 0, 4),
		load(offArg1), jump(unix.BPF_JSET, unix.SECCOMP_FILTER_FLAG_NEW_LISTENER, 0, 1), refuse(unix.EPERM), allow,
		// The kernel, too, gives less than was asked for, without an error.
		jump(unix.BPF_JEQ, unix.SYS_SETSOCKOPT, 0, 7),
		load(offArg1), jump(unix.BPF_JEQ, unix.SOL_SOCKET, 0, 4), load(offArg2),
		jump(unix.BPF_JEQ, unix.SO_SNDBUF, 1, 0), jump(unix.BPF_JEQ, unix.SO_RCVBUF, 0, 1), refuse(0), allow,
		jump(unix.BPF_JEQ, unix.SYS_SOCKET, 1, 0), allow,
		load(offArg0), jump(unix.BPF_JEQ, unix.AF_NETLINK, 0, 4),
		load(offArg2), jump(unix.BPF_JEQ, unix.NETLINK_ROUTE, 1, 0), refuse(unix.EPROTONOSUPPORT), allow,
	)
	for i, family := range families {
		prog = append(prog, jump(unix.BPF_JEQ, family, uint8(len(families)-i), 0))
	}
	return append(prog, refuse(unix.EAFNOSUPPORT), allow)
}

// boxFilters are the programs of boxFilter, by its arguments.
var boxFilters = sync.OnceValue(func() map[[2]bool][]unix.SockFilter {
	all := map[[2]bool][]unix.SockFilter{}
	for _, recorded := range []bool{false, true} {
		for _, ipc := range []bool{false, true} {
			all[[2]bool{recorded, ipc}] = boxFilter(recorded, ipc)
		}
	}
	return all
})

// refuseCalls installs the filter for this process and its descendants,
// which cannot gain privilege any more.
func refuseCalls(recorded, ipc bool) error {
	prog := boxFilters()[[2]bool{recorded, ipc}]
	if err := record.InstallFilter(prog); err != nil {
		return fmt.Errorf("seccomp filter of the box: %w", err)
	}
	return nil
}
