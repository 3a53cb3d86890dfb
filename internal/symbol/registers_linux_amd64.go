package symbol

import (
	"debug/elf"

	"golang.org/x/sys/unix"
)

const (
	nativeMachine = elf.EM_X86_64
	wordSize      = 8
)

// DWARF numbers of the registers (System V ABI, amd64 supplement):
// rax rdx rcx rbx rsi rdi rbp rsp r8–r15, the return address.
const (
	dwarfRegisters = 17
	dwarfSP        = 7
	linkRegister   = -1
	addressMask    = ^uint64(0)
)

func dwarfOf(r *unix.PtraceRegs) [dwarfRegisters]uint64 {
	return [...]uint64{
		r.Rax, r.Rdx, r.Rcx, r.Rbx, r.Rsi, r.Rdi, r.Rbp, r.Rsp,
		r.R8, r.R9, r.R10, r.R11, r.R12, r.R13, r.R14, r.R15, r.Rip,
	}
}

func pcOf(r *unix.PtraceRegs) uint64 { return r.Rip }

// A restorer is code that calls sigreturn. real says that the kernel saved
// the registers in a struct rt_sigframe; on 386 there is an older form.
type restorer struct {
	code string
	real bool
}

// sigreturnCode is mov $15, %rax; syscall.
var sigreturnCode = []restorer{{"\x48\xc7\xc0\x0f\x00\x00\x00\x0f\x05", true}}

// savedRegisters reads them from the struct ucontext that the stack pointer
// is at: after its flags, link and stack are r8 to r15, rdi, rsi, rbp, rbx,
// rdx, rax, rcx, rsp, rip (struct sigcontext_64 of the kernel).
func (u *unwinder) savedRegisters(bool) (regs [dwarfRegisters]uint64, pc uint64, ok bool) {
	const context = 40
	at := u.regs[dwarfSP] + context
	for i, number := range [...]int{8, 9, 10, 11, 12, 13, 14, 15, 5, 4, 6, 3, 1, 0, 2, dwarfSP, 16} {
		if regs[number], ok = u.word(at + uint64(8*i)); !ok {
			return regs, 0, false
		}
	}
	return regs, regs[16], true
}
