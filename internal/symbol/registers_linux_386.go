package symbol

import (
	"debug/elf"

	"golang.org/x/sys/unix"
)

const (
	nativeMachine = elf.EM_386
	wordSize      = 4
)

// DWARF numbers of the registers (System V ABI, Intel386 supplement):
// eax ecx edx ebx esp ebp esi edi, the return address.
const (
	dwarfRegisters = 9
	dwarfSP        = 4
	dwarfFrame     = 5
	linkRegister   = -1
	addressMask    = 1<<32 - 1
)

func dwarfOf(r *unix.PtraceRegs) [dwarfRegisters]uint64 {
	var regs [dwarfRegisters]uint64
	for i, v := range [...]int32{r.Eax, r.Ecx, r.Edx, r.Ebx, r.Esp, r.Ebp, r.Esi, r.Edi, r.Eip} {
		regs[i] = uint64(uint32(v))
	}
	return regs
}

func pcOf(r *unix.PtraceRegs) uint64 { return uint64(uint32(r.Eip)) }
