package symbol

import (
	"debug/elf"
	"encoding/binary"

	"golang.org/x/sys/unix"
)

const (
	nativeMachine = elf.EM_AARCH64
	wordSize      = 8
)

// DWARF numbers of the registers (DWARF for the Arm 64-bit
// architecture): x0–x30, sp. The return address may carry a signature
// in its high bits.
const (
	dwarfRegisters = 32
	dwarfSP        = 31
	linkRegister   = 30
	addressMask    = 1<<48 - 1
)

func dwarfOf(r *unix.PtraceRegs) (regs [dwarfRegisters]uint64) {
	copy(regs[:], r.Regs[:])
	regs[dwarfSP] = r.Sp
	return regs
}

// longestCall is the size of the instruction that calls a function by its
// address.
const longestCall = 4

// endsInCall says whether code is blr.
func endsInCall(code []byte) bool {
	return binary.LittleEndian.Uint32(code)&0xfffffc1f == 0xd63f0000
}

func pcOf(r *unix.PtraceRegs) uint64 { return r.Pc }

// A restorer is code that calls sigreturn. real says that the kernel saved
// the registers in a struct rt_sigframe; on 386 there is an older form.
type restorer struct {
	code string
	real bool
}

// sigreturnCode is mov x8, #139; svc #0.
var sigreturnCode = []restorer{{"\x68\x11\x80\xd2\x01\x00\x00\xd4", true}}

// savedRegisters reads them from the struct rt_sigframe that the stack
// pointer is at: siginfo, then struct ucontext with its mask padded to 128
// bytes, then the fault's address, x0 to x30, sp and pc (struct sigcontext
// of the kernel, aligned to 16).
func (u *unwinder) savedRegisters(bool) (regs [dwarfRegisters]uint64, pc uint64, ok bool) {
	const context = 128 + 176 + 8
	at := u.regs[dwarfSP] + context
	for i := range regs {
		if regs[i], ok = u.word(at + uint64(8*i)); !ok {
			return regs, 0, false
		}
	}
	pc, ok = u.word(at + 8*dwarfRegisters)
	return regs, pc, ok
}
