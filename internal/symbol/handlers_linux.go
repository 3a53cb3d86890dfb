//go:build 386 || amd64 || arm64

package symbol

import "golang.org/x/sys/unix"

// A Point is where a thread is, or was when a signal came: its program
// counter and its stack pointer.
type Point struct{ PC, SP uint64 }

// PointOf is the point of a thread that has these registers.
func PointOf(regs *unix.PtraceRegs) Point {
	return Point{pcOf(regs), dwarfOf(regs)[dwarfSP]}
}

// Handlers walks up the stack of a stopped thread of p through the signal
// handlers that it is in, and returns where each of them interrupted it, the
// latest first. complete is false where the walk ended before the outermost
// function, because the program does not say how to go on: there may be more.
func (f *Files) Handlers(p *Program, t Thread) (points []Point, complete bool) {
	var regs unix.PtraceRegs
	if t.Registers(&regs) != nil {
		return nil, false
	}
	u := &unwinder{t: t, program: p, frame: frameOf(pcOf(&regs), dwarfOf(&regs)), buf: f.stack[:]}
	fresh := true // the program counter is no return address
	for range maxHandlerDepth {
		if regs, pc, ok := u.interrupted(); ok {
			u.frame, fresh = frameOf(pc, regs), true
			points = append(points, Point{u.pc, u.regs[dwarfSP]})
			continue
		}
		m, img, addr, ok := u.locate(f, fresh)
		if !ok {
			return points, false
		}
		if s := img.spotAt(addr); s.fun.g != nil {
			ok = u.stepGo(s.fun, addr, fresh)
		} else {
			ok = u.stepC(m, img, addr)
		}
		if !ok {
			return points, u.outermost
		}
		fresh = false
	}
	return points, false
}

// maxHandlerDepth bounds how many functions up the stack the handlers are
// looked for.
const maxHandlerDepth = 1000

// interrupted recognises the code that a signal handler returns to, by its
// instructions as debuggers do, and reads the registers that the kernel
// saved when the signal came.
func (u *unwinder) interrupted() (regs [dwarfRegisters]uint64, pc uint64, ok bool) {
	var code [16]byte
	if u.t.ReadMemory(u.pc, code[:]) < len(sigreturnCode[0].code) {
		return regs, 0, false
	}
	for _, s := range sigreturnCode {
		if string(code[:len(s.code)]) == s.code {
			return u.savedRegisters(s.real)
		}
	}
	return regs, 0, false
}

// locate finds the file that the program counter is in, and its address
// there. A return address belongs to the instruction before it.
func (u *unwinder) locate(f *Files, innermost bool) (m *mapping, img *image, addr uint64, ok bool) {
	if m = u.module(); m == nil {
		return nil, nil, 0, false
	}
	if m.img == nil && m.Name == vdso {
		m.img = u.kernelImage(m)
	} else if m.img == nil {
		m.img = f.imageAt(u.path(m))
	}
	at := u.pc
	if !innermost {
		at--
	}
	addr, ok = m.img.address(m.Map, at)
	return m, m.img, addr, ok
}
