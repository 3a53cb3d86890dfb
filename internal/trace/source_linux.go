//go:build amd64 || arm64

package trace

import (
	"encoding/binary"
	"strings"

	"golang.org/x/sys/unix"
)

// Why an event has no source line.
const (
	noDebugInfo = "no debug information"
	notOurCode  = "not called from the program's own code"
)

// A space is where a process has its files mapped, until its next
// exec. A fork's child inherits it.
type space struct {
	exe  *image
	name string    // the executable's
	maps []mapping // executable ones
}

// A mapping is a file in memory; its image is looked for once.
type mapping struct {
	memoryMap
	img *image
}

// spaceOf looks at a process's executable once.
func (r *recorder) spaceOf(p *process) *space {
	if p.space == nil {
		exe := procPath(p.eye, "exe")
		p.space = &space{exe: r.imageAt(exe), name: readLink(exe)}
	}
	return p.space
}

// isGo says whether a process executes a Go program.
func (r *recorder) isGo(p *process) bool { return r.spaceOf(p).exe.isGo }

// source finds the line that made the call, or caused the fault, that
// a stopped thread is in: up the stack to the first function that is
// neither a library's without lines nor the Go runtime's.
func (r *recorder) source(t *thread) (*Source, string) {
	if !r.started {
		return nil, ""
	}
	sp := r.spaceOf(t.proc)
	if !sp.exe.hasLines() {
		return nil, noDebugInfo
	}
	var regs unix.PtraceRegs
	if getRegs(t.tid, &regs) != nil {
		return nil, notOurCode
	}
	u := unwinder{t: t, space: sp, regs: dwarfOf(&regs), pc: pcOf(&regs), buf: r.stack[:]}
	for depth := range 64 {
		m := u.module()
		if m == nil {
			break
		}
		if m.img == nil {
			m.img = r.imageAt(u.path(m))
		}
		img := m.img
		// A return address belongs to the instruction after the call.
		at := u.pc
		if depth > 0 {
			at--
		}
		addr, ok := img.address(m.memoryMap, at)
		if !ok {
			break
		}
		s := img.spotAt(addr)
		if s.source != nil {
			return s.source, ""
		}
		if s.fun.g != nil {
			if !u.stepGo(s.fun, addr, depth == 0) {
				break
			}
			continue
		}
		if !img.asked {
			img.readFrames(u.path(m))
		}
		if img.cfi == nil || !u.stepCFI(img.cfi, addr) {
			break
		}
	}
	return nil, notOurCode
}

// hidden says of a Go function that it is not what the program's
// author called it with: the standard library's, the system call
// packages', and the suite's own fork and stdio.
func hidden(name string) bool {
	pkg := name
	if slash := strings.LastIndexByte(pkg, '/'); slash >= 0 {
		if dot := strings.IndexByte(pkg[slash:], '.'); dot >= 0 {
			pkg = pkg[:slash+dot]
		}
	} else if dot := strings.IndexByte(pkg, '.'); dot >= 0 {
		pkg = pkg[:dot]
	}
	first, _, _ := strings.Cut(pkg, "/")
	return standard[first] || strings.HasPrefix(pkg, "golang.org/x/sys/") ||
		strings.HasSuffix(pkg, "ch8/proc") || strings.HasSuffix(pkg, "ch8/stdio")
}

// standard are the first elements of the standard library's import
// paths; assembly functions without a package count as its.
var standard = func() map[string]bool {
	m := map[string]bool{"": true}
	for _, name := range strings.Fields(`archive bufio bytes cmp compress container context crypto
		database debug embed encoding errors expvar flag fmt go hash html image index internal io
		iter log maps math mime net os path plugin reflect regexp runtime slices sort strconv
		strings structs sync syscall testing text time unicode unique unsafe vendor weak`) {
		m[name] = true
	}
	return m
}()

// An unwinder walks up a stopped thread's stack.
type unwinder struct {
	t     *thread
	space *space
	regs  [dwarfRegisters]uint64
	pc    uint64

	buf   []byte
	stack []byte // a piece of the stack's memory, in buf
	from  uint64
}

// module finds the file that the program counter is in.
func (u *unwinder) module() *mapping {
	for attempt := range 2 {
		for i := range u.space.maps {
			if m := &u.space.maps[i]; u.pc >= m.start && u.pc < m.end {
				return m
			}
		}
		if attempt == 0 { // not looked at yet, or loaded since
			u.space.maps = nil
			for _, m := range memoryMaps(u.t.tid) {
				if len(m.perms) > 2 && m.perms[2] == 'x' && strings.HasPrefix(m.name, "/") {
					u.space.maps = append(u.space.maps, mapping{memoryMap: m})
				}
			}
		}
	}
	return nil
}

// path leads to the file of a mapping.
func (u *unwinder) path(m *mapping) string {
	if m.name == u.space.name { // it may be gone from there
		return procPath(u.t.tid, "exe")
	}
	return procPath(u.t.tid, "root"+m.name)
}

// word reads a word of the stack.
func (u *unwinder) word(addr uint64) (uint64, bool) {
	// addr may be any number: addr+8 may be small again.
	if len(u.stack) < 8 || addr < u.from || addr-u.from > uint64(len(u.stack)-8) {
		n := readMemory(u.t.tid, addr, u.buf)
		if n < 8 { // the last page may end sooner
			n = readMemory(u.t.tid, addr, u.buf[:8])
		}
		u.stack, u.from = u.buf[:n], addr
		if n < 8 {
			return 0, false
		}
	}
	return binary.LittleEndian.Uint64(u.stack[addr-u.from:]), true
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
			u.pc = u.regs[max(linkRegister, 0)]
			return u.pc != 0
		}
		u.pc, ok = u.word(sp)
		u.regs[dwarfSP] = sp + size
		return ok && u.pc != 0
	}
	u.pc, ok = u.word(sp + size)
	u.regs[dwarfSP] = sp + size + 8
	return ok && u.pc != 0
}

// stepCFI goes to the caller by call frame information.
func (u *unwinder) stepCFI(cfi *cfiTable, addr uint64) bool {
	rs := cfi.find(addr)
	if rs == nil || rs.cfa.kind != ruleValue || rs.cfa.reg >= dwarfRegisters {
		return false
	}
	cfa := u.regs[rs.cfa.reg] + uint64(rs.cfa.offset)
	next := u.regs
	for i, rule := range rs.regs {
		switch rule.kind {
		case ruleOffset:
			var ok bool
			if next[i], ok = u.word(cfa + uint64(rule.offset)); !ok {
				return false
			}
		case ruleValue:
			next[i] = cfa + uint64(rule.offset)
		case ruleRegister:
			if rule.reg < dwarfRegisters {
				next[i] = u.regs[rule.reg]
			}
		case ruleUndefined:
			next[i] = 0
		}
	}
	next[dwarfSP] = cfa
	u.regs = next
	u.pc = next[rs.ra] & addressMask
	return u.pc != 0
}
