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
