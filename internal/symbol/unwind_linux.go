//go:build 386 || amd64 || arm64

package symbol

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"strings"

	"golang.org/x/sys/unix"

	"apue/internal/procfs"
)

// A Thread is a stopped thread of a process, whose stack can be
// walked.
type Thread interface {
	// Tid is its number in the /proc of the caller.
	Tid() int
	// ReadMemory copies the process's memory at addr into b and
	// returns how many bytes it got: fewer where the next page is not
	// mapped.
	ReadMemory(addr uint64, b []byte) int
	// Registers reads its registers. It fails for a thread whose
	// program is of another architecture than this one. Many calls
	// are made by a function whose frame needs none but the stack
	// pointer, so it is called only when another one is needed.
	Registers(*unix.PtraceRegs) error
}

// Files are the executable files and libraries that have been looked
// at. The zero value knows none. It is not safe for use by several
// goroutines at once.
type Files struct {
	images map[imageKey]*image
	stack  [4096]byte // a piece of a program's, to walk up
}

// A Program is what a process executes, and where it has its files
// mapped, until its next exec. A child inherits it by fork.
type Program struct {
	exe  *image
	name string    // the executable's
	maps []mapping // executable ones
}

// A mapping is a file in memory; its image is looked for once.
type mapping struct {
	procfs.Map
	img *image
}

// Program looks at what a process executes: pid is the process's, or
// the tid of one of its threads where its first one has ended.
func (f *Files) Program(pid int) *Program {
	exe := procfs.Path(pid, "exe")
	return &Program{exe: f.imageAt(exe), name: procfs.Readlink(exe)}
}

// IsGo says whether the program was built by the Go toolchain.
func (p *Program) IsGo() bool { return p.exe.isGo }

// Machine is the architecture of the program's file, 0 if that
// cannot be read.
func (p *Program) Machine() elf.Machine { return p.exe.machine }

// maxDepth bounds how many functions up the stack are looked at.
const maxDepth = 64

// Place finds the line of program p that made the call, or caused the
// fault, that the stopped thread t is in: the first function up the
// stack that is neither a library's without lines nor one of the Go
// runtime. The thread is at point at. Without a place it returns the reason.
func (f *Files) Place(p *Program, t Thread, at Point) (*Place, string) {
	if p.exe.noLines != "" {
		return nil, p.exe.noLines
	}
	u := &unwinder{t: t, program: p, frame: frame{pc: at.PC}, buf: f.stack[:]}
	u.set(dwarfSP, at.SP)
	for depth := range maxDepth {
		m, img, addr, ok := u.locate(f, depth == 0)
		if !ok && depth == 0 && u.jumped() {
			continue
		}
		if !ok {
			break
		}
		s := img.spotAt(addr)
		switch {
		case s.place != nil:
			return s.place, ""
		case s.unknown:
			return nil, "the program's line table does not tell this line"
		}
		if s.fun.g != nil {
			if !u.stepGo(s.fun, addr, depth == 0) {
				break
			}
			continue
		}
		if !u.stepC(m, img, addr) {
			break
		}
	}
	switch {
	case u.noRegisters:
		return nil, "the registers of the thread cannot be read"
	case u.refused:
		return nil, "the memory of the process cannot be read"
	}
	return nil, NotOurCode
}

// An unwinder walks up a stopped thread's stack.
type unwinder struct {
	t       Thread
	program *Program
	frame

	// noRegisters says that the thread's registers cannot be read.
	noRegisters bool
	// refused says that the process does not let itself be looked at.
	refused bool
	// outermost says that the last step found no caller, because there is
	// none.
	outermost bool

	buf   []byte
	stack []byte // a piece of the stack's memory, in buf
	from  uint64
}

// A frame is what is known of the registers in one function's frame.
type frame struct {
	pc    uint64
	regs  [dwarfRegisters]uint64
	known [dwarfRegisters]bool // those that regs has
}

// frameOf is a frame of which all registers are known.
func frameOf(pc uint64, regs [dwarfRegisters]uint64) frame {
	f := frame{pc: pc, regs: regs}
	for i := range f.known {
		f.known[i] = true
	}
	return f
}

func (f *frame) set(i int, v uint64) { f.regs[i], f.known[i] = v, true }

// register is the value of a register in the frame. Those that no frame
// below has saved are the thread's.
func (u *unwinder) register(i int) (uint64, bool) {
	if !u.known[i] {
		var regs unix.PtraceRegs
		if u.t.Registers(&regs) != nil {
			u.noRegisters = true
			return 0, false
		}
		for j, v := range dwarfOf(&regs) {
			if !u.known[j] {
				u.set(j, v)
			}
		}
	}
	return u.regs[i], true
}

// module finds the file that the program counter is in.
func (u *unwinder) module() *mapping {
	for attempt := range 2 {
		for i := range u.program.maps {
			if m := &u.program.maps[i]; u.pc >= m.Start && u.pc < m.End {
				return m
			}
		}
		if attempt == 0 { // not looked at yet, or loaded since
			u.program.maps = nil
			maps := procfs.ReadMaps(u.t.Tid())
			u.refused = maps == nil
			for _, m := range maps {
				if m.Executable() && (strings.HasPrefix(m.Name, "/") || m.Name == vdso) {
					u.program.maps = append(u.program.maps, mapping{Map: m})
				}
			}
		}
	}
	return nil
}

// vdso is the name of the library that the kernel maps into each process.
// On 386 all system calls are made in there (vdso(7)).
const vdso = "[vdso]"

// maxVDSO bounds how much of it is read, in bytes: it has two pages.
const maxVDSO = 64 << 10

// kernelImage reads the library that is in no file: it has call frame
// information and no lines.
func (u *unwinder) kernelImage(m *mapping) *image {
	img := &image{asked: true}
	b := make([]byte, min(m.End-m.Start, maxVDSO))
	file := bytes.NewReader(b[:u.t.ReadMemory(m.Start, b)])
	img.read(file)
	if f := readELF(file); f != nil {
		img.cfi = newCFI(f)
	}
	return img
}

// path leads to the file of a mapping.
func (u *unwinder) path(m *mapping) string {
	if m.Name == u.program.name { // it may be gone from there
		return procfs.Path(u.t.Tid(), "exe")
	}
	return procfs.Path(u.t.Tid(), "root"+m.Name)
}

// word reads a word of the stack.
func (u *unwinder) word(addr uint64) (uint64, bool) {
	// addr may be any number: addr+wordSize may be small again.
	if len(u.stack) < wordSize || addr < u.from || addr-u.from > uint64(len(u.stack)-wordSize) {
		n := 0
		if u.stack != nil { // often the first word is enough
			n = u.t.ReadMemory(addr, u.buf)
		}
		if n < wordSize { // the last page may end sooner
			n = u.t.ReadMemory(addr, u.buf[:wordSize])
		}
		u.stack, u.from = u.buf[:n], addr
		if n < wordSize {
			u.refused = u.t.ReadMemory(u.regs[dwarfSP], u.buf[:wordSize]) < wordSize
			return 0, false
		}
	}
	b := u.stack[addr-u.from:]
	if wordSize == 4 {
		return uint64(binary.LittleEndian.Uint32(b)), true
	}
	return binary.LittleEndian.Uint64(b), true
}

// jumped goes to the caller of a function that is not there, as of a null
// pointer to a function: the call has stored where it is to return to, and
// nothing was done since. The instruction in front of that place proves
// it. A return to a damaged address has no such call.
func (u *unwinder) jumped() bool {
	sp, ok := u.regs[dwarfSP], false
	var pc uint64
	if linkRegister >= 0 {
		pc, ok = u.register(max(linkRegister, 0))
		pc &= addressMask
	} else {
		pc, ok = u.word(sp)
		sp += wordSize
	}
	var code [longestCall]byte
	if !ok || pc < longestCall || u.t.ReadMemory(pc-longestCall, code[:]) != longestCall || !endsInCall(code[:]) {
		return false
	}
	u.pc = pc
	u.set(dwarfSP, sp)
	return true
}

// stepGo goes to the caller of a Go function by the frame sizes of the
// line table.
func (u *unwinder) stepGo(f goFunc, addr uint64, innermost bool) bool {
	size, ok := f.frameSize(addr)
	if !ok {
		return false
	}
	sp := u.regs[dwarfSP]
	if linkRegister >= 0 {
		// The return address is at the bottom of the frame, or still
		// in the link register.
		if size == 0 {
			if !innermost {
				return false
			}
			u.pc, ok = u.register(max(linkRegister, 0))
			return ok && u.pc != 0
		}
		u.pc, ok = u.word(sp)
		u.set(dwarfSP, sp+size)
		return ok && u.pc != 0
	}
	u.pc, ok = u.word(sp + size)
	u.set(dwarfSP, sp+size+wordSize)
	return ok && u.pc != 0
}

// stepC goes to the caller of a function of a file that the compiler wrote
// no Go table for.
func (u *unwinder) stepC(m *mapping, img *image, addr uint64) bool {
	if !img.asked {
		img.readFrames(u.path(m))
	}
	return img.cfi != nil && u.stepCFI(img.cfi, addr)
}

// stepCFI goes to the caller by call frame information.
func (u *unwinder) stepCFI(cfi *cfiTable, addr uint64) bool {
	rs := cfi.find(addr)
	if rs == nil || rs.cfa.reg >= dwarfRegisters {
		return false
	}
	base, ok := u.register(rs.cfa.reg)
	if !ok {
		return false
	}
	cfa := base + uint64(rs.cfa.offset)
	switch rs.cfa.kind {
	case ruleValue:
	case ruleStored:
		if cfa, ok = u.word(cfa & addressMask); !ok {
			return false
		}
	default:
		return false
	}
	next := u.frame
	for i, rule := range rs.regs {
		switch rule.kind {
		case ruleOffset:
			v, ok := u.word(cfa + uint64(rule.offset))
			if !ok {
				return false
			}
			next.set(i, v)
		case ruleSavedAt:
			at, ok := u.register(rule.reg)
			if !ok {
				return false
			}
			v, ok := u.word((at + uint64(rule.offset)) & addressMask)
			if !ok {
				return false
			}
			next.set(i, v)
		case ruleValue:
			next.set(i, cfa+uint64(rule.offset))
		case ruleRegister:
			if rule.reg >= dwarfRegisters {
				continue
			}
			v, ok := u.register(rule.reg)
			if !ok {
				return false
			}
			next.set(i, v)
		case ruleUndefined:
			next.set(i, 0)
		}
	}
	next.set(dwarfSP, cfa)
	u.frame = next
	ra, ok := u.register(rs.ra)
	u.pc = ra & addressMask
	u.outermost = ok && u.pc == 0
	return u.pc != 0
}
