//go:build 386 || amd64 || arm64

package record

import "golang.org/x/sys/unix"

// A condition on a system call's arguments, checked by the filter
// itself: what it excludes runs at full speed.
type condition struct {
	arg    int
	values []uint32 // traced when the argument's low half is one of these …
	below  uint32   // … or, if not 0, smaller than this
	except bool     // traced when it is none of values
}

// foreignCalls are numbers of calls of a 32-bit program, on x86 and on Arm:
// fork, write, waitpid (or none), kill, wait4, clone, vfork. A 64-bit program
// on x86 can make them too, by int $0x80.
var foreignCalls = []uint32{2, 4, 7, 37, 114, 120, 190}

// x32Bit is in the numbers of calls of the x32 ABI, which a 64-bit program
// on x86 can make (__X32_SYSCALL_BIT).
const x32Bit = 0x4000_0000

// filter makes the seccomp program: SECCOMP_RET_TRACE for the calls
// of o, everything else is allowed. Calls of another architecture's
// ABI (a 32-bit program) have other numbers: some of them are stopped at,
// to say that they are made.
func filter(o *Options) []unix.SockFilter {
	const (
		offNr   = 0
		offArch = 4
		offArgs = 16
	)
	load := func(off uint32) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: off}
	}
	jump := func(op uint16, k uint32, yes, no uint8) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_JMP | op | unix.BPF_K, Jt: yes, Jf: no, K: k}
	}
	allow := unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW}
	trace := unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_TRACE}

	prog := append(make([]unix.SockFilter, 0, 256),
		load(offArch),
		jump(unix.BPF_JEQ, nativeArch, uint8(len(foreignCalls)+3), 0),
		load(offNr),
	)
	for i, nr := range foreignCalls {
		prog = append(prog, jump(unix.BPF_JEQ, nr, uint8(len(foreignCalls)-i), 0))
	}
	prog = append(prog, allow, trace, load(offNr), jump(unix.BPF_JGE, x32Bit, 0, 1), trace)
	// Those that are traced whatever their arguments are jump to the
	// end, once it is known where that is. The kernel translates the
	// program, and tries each call on it, at every recording.
	calls := callTable(o)
	always := len(prog)
	for nr, s := range calls {
		if s != nil && s.when == nil {
			prog = append(prog, jump(unix.BPF_JEQ, uint32(nr), 0, 0))
		}
	}
	others := len(prog)
	for nr, s := range calls {
		if s == nil || s.when == nil {
			continue
		}
		c, at := s.when, len(prog)
		hit, miss := trace, allow
		if c.except {
			hit, miss = allow, trace
		}
		prog = append(prog, jump(unix.BPF_JEQ, uint32(nr), 0, 0), load(offArgs+8*uint32(c.arg)))
		for _, v := range c.values {
			prog = append(prog, jump(unix.BPF_JEQ, v, 0, 1), hit)
		}
		if c.below != 0 {
			prog = append(prog, jump(unix.BPF_JGE, c.below, 1, 0), hit)
		}
		prog = append(prog, miss)
		prog[at].Jf = uint8(len(prog) - at - 1) // to the next call
	}
	prog = append(prog, allow, trace)
	for i := always; i < others; i++ {
		prog[i].Jt = uint8(len(prog) - 1 - i - 1)
	}
	return prog
}
