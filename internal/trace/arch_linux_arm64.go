package trace

import (
	"debug/elf"

	"golang.org/x/sys/unix"
)

const (
	nativeMachine = elf.EM_AARCH64
	nativeArch    = unix.AUDIT_ARCH_AARCH64
)

// cloneNames are the calls that make processes.
var cloneNames = map[int]string{
	unix.SYS_CLONE:  "clone",
	unix.SYS_CLONE3: "clone3",
}

// registersOfCall are the number and the first two arguments of the
// call that a thread is in.
func registersOfCall(regs *unix.PtraceRegs) (nr int, arg0, arg1 uint64) {
	return int(int64(regs.Regs[8])), regs.Regs[0], regs.Regs[1]
}

// addArchCalls adds the calls that newer architectures lack: none.
func addArchCalls(func(int, callSpec), *Options) {}

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
