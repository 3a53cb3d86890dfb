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

// A restorer is code that calls sigreturn. real says that the kernel saved
// the registers in a struct rt_sigframe, as for handlers with SA_SIGINFO.
type restorer struct {
	code string
	real bool
}

// sigreturnCode is mov $173, %eax; int $0x80, and pop %eax; mov $119, %eax;
// int $0x80.
var sigreturnCode = []restorer{
	{"\xb8\xad\x00\x00\x00\xcd\x80", true},
	{"\x58\xb8\x77\x00\x00\x00\xcd\x80", false},
}

// savedRegisters reads them from what the stack pointer is at: the signal's
// number and a struct sigcontext, or the number, two addresses, and behind
// the second one a struct ucontext that holds it. In a sigcontext four
// segment registers are followed by edi, esi, ebp, esp, ebx, edx, ecx, eax,
// trap number, error code, eip.
func (u *unwinder) savedRegisters(real bool) (regs [dwarfRegisters]uint64, pc uint64, ok bool) {
	at := u.regs[dwarfSP] + 4
	if real {
		if at, ok = u.word(at + 4); !ok {
			return regs, 0, false
		}
		at += 20
	}
	at += 16
	for i, number := range [...]int{7, 6, 5, dwarfSP, 3, 2, 1, 0} {
		if regs[number], ok = u.word(at + uint64(4*i)); !ok {
			return regs, 0, false
		}
	}
	pc, ok = u.word(at + 40)
	return regs, pc, ok
}
