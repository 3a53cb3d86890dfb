//go:build 386 || amd64 || arm64

package record

import (
	"testing"

	"golang.org/x/sys/unix"
)

// TestFilter runs the seccomp program as the kernel would, for every call
// with arguments on both sides of each condition.
func TestFilter(t *testing.T) {
	for _, o := range []Options{{}, {Files: true}, {Tamper: &Tamper{}}, {Files: true, Tamper: &Tamper{}}} {
		prog, calls := filter(&o), callTable(&o)
		if len(prog) > 255 {
			t.Errorf("%+v: %d instructions: a jump reaches 255", o, len(prog))
		}
		for nr := range 600 {
			var spec *callSpec
			if nr < len(calls) {
				spec = calls[nr]
			}
			values := []uint32{0, 1, 2, 3, 1 << 31}
			if spec != nil && spec.when != nil {
				values = append(append(values, spec.when.values...), spec.when.below-1, spec.when.below)
			}
			for _, v := range values {
				c := &call{}
				for i := range c.args {
					c.args[i] = uint64(v)
				}
				want := spec != nil && spec.when.holds(c)
				if got := interpret(t, prog, nr, v) == unix.SECCOMP_RET_TRACE; got != want {
					t.Errorf("%+v: call %d with %#x: traced is %v", o, nr, v, got)
				}
			}
		}
	}
}

// interpret runs the program for a call whose arguments are all v.
func interpret(t *testing.T, prog []unix.SockFilter, nr int, v uint32) uint32 {
	var a uint32
	for at := 0; ; {
		in := prog[at]
		at++
		yes := false
		switch in.Code {
		case unix.BPF_LD | unix.BPF_W | unix.BPF_ABS:
			a = map[uint32]uint32{0: uint32(nr), 4: nativeArch}[in.K]
			if in.K >= 16 {
				a = v
			}
			continue
		case unix.BPF_RET | unix.BPF_K:
			return in.K
		case unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K:
			yes = a == in.K
		case unix.BPF_JMP | unix.BPF_JGE | unix.BPF_K:
			yes = a >= in.K
		default:
			t.Fatalf("code %#x", in.Code)
		}
		if yes {
			at += int(in.Jt)
		} else {
			at += int(in.Jf)
		}
	}
}
