package symbol

import (
	"debug/elf"

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

func pcOf(r *unix.PtraceRegs) uint64 { return r.Pc }
