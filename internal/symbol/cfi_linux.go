//go:build 386 || amd64 || arm64

package symbol

import (
	"cmp"
	"debug/elf"
	"encoding/binary"
	"slices"
	"sort"
)

// A cfiTable is a program's or library's call frame information
// (.eh_frame, DWARF 5 section 6.4, and the LSB's notes on it): how to
// find the caller's registers from a function's, at any instruction,
// without frame pointers.
type cfiTable struct {
	frame []byte // .eh_frame
	addr  uint64 // of that
	// index is sorted by address; it is made if the file has no table, or
	// one of another form.
	index []cfiEntry
	// table is the file's: pairs of 32-bit offsets from tableAddr.
	table     []byte
	tableAddr uint64
	known     map[uint64]*rules // that were looked for
}

// cfiEntry leads from a function's address to its description.
type cfiEntry struct {
	start uint64
	at    int // in frame
}

// newCFI returns nil where there is none.
func newCFI(f *elf.File) *cfiTable {
	frame := f.Section(".eh_frame")
	if frame == nil {
		return nil
	}
	b, err := frame.Data()
	if err != nil {
		return nil
	}
	c := &cfiTable{frame: b, addr: frame.Addr}
	if !c.readIndex(f.Section(".eh_frame_hdr")) {
		c.makeIndex()
	}
	return c
}

// readIndex reads the table that most linkers add: sorted by address,
// of 32-bit offsets from its section.
func (c *cfiTable) readIndex(header *elf.Section) bool {
	if header == nil {
		return false
	}
	h, err := header.Data()
	if err != nil || len(h) < 12 || h[0] != 1 || h[2] != 0x03 || h[3] != 0x3b {
		return false
	}
	r := cfiReader{b: h, pos: 4, addr: header.Addr}
	r.pointer(h[1])
	count := r.u32()
	if r.bad || uint64(count) > uint64(len(h)-r.pos)/8 {
		return false
	}
	c.table, c.tableAddr = h[r.pos:r.pos+8*int(count)], header.Addr
	return true
}

// entries is how many descriptions the table has.
func (c *cfiTable) entries() int { return max(len(c.index), len(c.table)/8) }

// entry is one of them, in the order of their addresses.
func (c *cfiTable) entry(i int) cfiEntry {
	if c.table == nil {
		return c.index[i]
	}
	word := func(at int) uint64 {
		return c.tableAddr + uint64(int64(int32(binary.LittleEndian.Uint32(c.table[at:]))))
	}
	return cfiEntry{word(8 * i), int(word(8*i+4) - c.addr)}
}

// makeIndex goes through the whole section, as of a static program.
func (c *cfiTable) makeIndex() {
	for at := 0; at < len(c.frame); {
		r := cfiReader{b: c.frame, pos: at, addr: c.addr}
		end := r.length()
		if r.bad || end <= at+4 { // the length 0 ends it
			break
		}
		back := r.pos
		if id := int(r.u32()); id != 0 {
			if cie, ok := c.common(back - id); ok {
				c.index = append(c.index, cfiEntry{r.pointer(cie.encoding), at})
			}
		}
		at = end
	}
	slices.SortFunc(c.index, func(a, b cfiEntry) int { return cmp.Compare(a.start, b.start) })
}

// rule says where a register of the caller is.
type rule struct {
	kind   ruleKind
	offset int64
	reg    int
}

type ruleKind uint8

const (
	ruleSame      ruleKind = iota // it is in the register still
	ruleUndefined                 // it is lost: there is no caller
	ruleOffset                    // saved at CFA+offset
	ruleValue                     // is CFA+offset
	ruleRegister                  // in another register
	ruleSavedAt                   // saved at an offset from a register
	ruleStored                    // (of the CFA) stored there
	ruleUnknown                   // another expression
)

// rules are those at one instruction. CFA, the canonical frame
// address, is reg+offset.
type rules struct {
	cfa  rule
	regs [dwarfRegisters]rule
	ra   int // which register stands for the return address
}

// find returns the rules at an address, nil where there are none.
func (c *cfiTable) find(pc uint64) *rules {
	rs, ok := c.known[pc]
	if ok {
		return rs
	}
	if rs, ok = c.look(pc); !ok {
		rs = nil
	}
	if c.known == nil {
		c.known = map[uint64]*rules{}
	} else if len(c.known) >= maxSpots {
		clear(c.known)
	}
	c.known[pc] = rs
	return rs
}

func (c *cfiTable) look(pc uint64) (*rules, bool) {
	i := sort.Search(c.entries(), func(i int) bool { return c.entry(i).start > pc }) - 1
	if i < 0 {
		return nil, false
	}
	at := c.entry(i).at
	if at < 0 || at >= len(c.frame) {
		return nil, false
	}
	r := cfiReader{b: c.frame, pos: at, addr: c.addr}
	end := r.length()
	back := r.pos // the common part is this far before here
	back -= int(r.u32())
	cie, ok := c.common(back)
	if !ok {
		return nil, false
	}
	start := r.pointer(cie.encoding)
	size := r.pointer(cie.encoding & 0x0f)
	if cie.augmented {
		r.skip(int(r.uleb()))
	}
	if r.bad || pc < start || pc-start >= size {
		return nil, false
	}
	m := cfiMachine{cfiReader: cie.program, cie: cie, rules: &rules{ra: cie.ra}}
	if !m.run(0, ^uint64(0)) {
		return nil, false
	}
	initial := *m.rules
	m.initial, m.saved = &initial, nil
	m.cfiReader = cfiReader{b: c.frame[:end], pos: r.pos, addr: c.addr}
	return m.rules, m.run(start, pc)
}

// Bounds of what a description may be, so that one made to harm its
// reader does not: the letters that say what it holds, its program, and
// how deep that remembers.
const (
	maxAugmentation = 16
	maxProgram      = 1 << 20
	maxRemembered   = 64
)

// commonInfo is what functions share (a CIE).
type commonInfo struct {
	program   cfiReader
	codeAlign uint64
	dataAlign int64
	ra        int
	encoding  byte
	augmented bool
}

func (c *cfiTable) common(at int) (*commonInfo, bool) {
	if at < 0 || at >= len(c.frame) {
		return nil, false
	}
	r := cfiReader{b: c.frame, pos: at, addr: c.addr}
	end := r.length()
	r.u32() // 0: a CIE
	version := r.u8()
	augmentation := cString(c.frame[:min(r.pos+maxAugmentation, len(c.frame))], uint64(r.pos))
	r.skip(len(augmentation) + 1)
	cie := &commonInfo{codeAlign: r.uleb(), dataAlign: r.sleb()}
	if version == 1 {
		cie.ra = int(r.u8())
	} else {
		cie.ra = r.register()
	}
	if len(augmentation) > 0 && augmentation[0] == 'z' {
		cie.augmented = true
		size := int(r.uleb())
		data := r
		for _, what := range augmentation[1:] {
			switch what {
			case 'R':
				cie.encoding = data.u8()
			case 'P':
				data.pointer(data.u8() &^ 0x80)
			case 'L':
				data.u8()
			}
		}
		r.skip(size)
	}
	cie.program = cfiReader{b: c.frame[:end], pos: r.pos, addr: c.addr}
	return cie, !r.bad && cie.ra < dwarfRegisters
}

// A cfiMachine executes a program of call frame instructions.
type cfiMachine struct {
	cfiReader
	cie     *commonInfo
	rules   *rules
	initial *rules // those of the common part; nil while that runs
	saved   []rules
}

// run executes the program up to the address wanted. It returns false
// for a program that it does not understand.
func (m *cfiMachine) run(at, pc uint64) bool {
	if len(m.b)-m.pos > maxProgram {
		return false
	}
	for m.pos < len(m.b) && !m.bad {
		op := m.u8()
		advance := uint64(0)
		switch op {
		case 0x01: // DW_CFA_set_loc
			at = m.pointer(m.cie.encoding)
			if at > pc {
				return true
			}
		case 0x02: // DW_CFA_advance_loc1, 2, 4
			advance = uint64(m.u8())
		case 0x03:
			advance = uint64(m.u16())
		case 0x04:
			advance = uint64(m.u32())
		default:
			if op>>6 == 1 { // DW_CFA_advance_loc
				advance = uint64(op & 0x3f)
			} else if !m.define(op) {
				return false
			}
		}
		if advance > 0 {
			if at += advance * m.cie.codeAlign; at > pc {
				return true
			}
		}
	}
	return !m.bad
}

// define executes an instruction that changes the rules.
func (m *cfiMachine) define(op byte) bool {
	switch low := uint64(op & 0x3f); op >> 6 {
	case 2: // DW_CFA_offset
		m.set(low, rule{kind: ruleOffset, offset: m.offset()})
		return true
	case 3: // DW_CFA_restore
		m.restore(low)
		return true
	}
	switch op {
	case 0x00, 0x2d: // DW_CFA_nop; return address signed
	case 0x05: // DW_CFA_offset_extended
		m.set(m.uleb(), rule{kind: ruleOffset, offset: m.offset()})
	case 0x06: // DW_CFA_restore_extended
		m.restore(m.uleb())
	case 0x07: // DW_CFA_undefined
		m.set(m.uleb(), rule{kind: ruleUndefined})
	case 0x08: // DW_CFA_same_value
		m.set(m.uleb(), rule{})
	case 0x09: // DW_CFA_register
		m.set(m.uleb(), rule{kind: ruleRegister, reg: m.register()})
	case 0x0a: // DW_CFA_remember_state
		m.saved = append(m.saved, *m.rules)
		return len(m.saved) <= maxRemembered
	case 0x0b: // DW_CFA_restore_state
		if len(m.saved) == 0 {
			return false
		}
		*m.rules = m.saved[len(m.saved)-1]
		m.saved = m.saved[:len(m.saved)-1]
	case 0x10, 0x16: // DW_CFA_expression, val_expression
		reg := m.uleb()
		r := m.expression()
		if op == 0x16 || r.kind != ruleSavedAt {
			r = rule{kind: ruleUnknown}
		}
		m.set(reg, r)
	case 0x11: // DW_CFA_offset_extended_sf
		m.set(m.uleb(), rule{kind: ruleOffset, offset: m.signedOffset()})
	case 0x14: // DW_CFA_val_offset
		m.set(m.uleb(), rule{kind: ruleValue, offset: m.offset()})
	case 0x2e: // DW_CFA_GNU_args_size
		m.uleb()
	default:
		return m.defineCFA(op)
	}
	return true
}

// defineCFA executes an instruction that changes the rule of the CFA.
func (m *cfiMachine) defineCFA(op byte) bool {
	cfa := &m.rules.cfa
	switch op {
	case 0x0c: // DW_CFA_def_cfa
		*cfa = rule{kind: ruleValue, reg: m.register(), offset: int64(m.uleb())}
	case 0x0d: // DW_CFA_def_cfa_register
		cfa.reg = m.register()
	case 0x0e: // DW_CFA_def_cfa_offset
		cfa.offset = int64(m.uleb())
	case 0x0f: // DW_CFA_def_cfa_expression
		if *cfa = m.expression(); cfa.kind != ruleStored {
			*cfa = rule{kind: ruleUnknown}
		}
	case 0x12: // DW_CFA_def_cfa_sf
		*cfa = rule{kind: ruleValue, reg: m.register(), offset: m.signedOffset()}
	case 0x13: // DW_CFA_def_cfa_offset_sf
		cfa.offset = m.signedOffset()
	default:
		return false
	}
	return true
}

// expression reads a DWARF expression. Of a function that aligns its stack,
// as main of a 32-bit program does, the compiler writes two: the sum of a
// register and an offset, and what is stored there.
func (m *cfiMachine) expression() rule {
	const breg0, breg31, deref = 0x70, 0x8f, 0x06
	unknown := rule{kind: ruleUnknown}
	size, from := int(m.uleb()), m.pos
	if m.skip(size); m.bad {
		return unknown
	}
	e := cfiReader{b: m.b[from:m.pos]}
	op := e.u8()
	if op < breg0 || op > breg31 {
		return unknown
	}
	r := rule{kind: ruleSavedAt, reg: int(op - breg0), offset: e.sleb()}
	if e.pos < len(e.b) {
		if e.u8() != deref || e.pos < len(e.b) {
			return unknown
		}
		r.kind = ruleStored
	}
	if e.bad || r.reg >= dwarfRegisters {
		return unknown
	}
	return r
}

func (m *cfiMachine) offset() int64       { return int64(m.uleb()) * m.cie.dataAlign }
func (m *cfiMachine) signedOffset() int64 { return m.sleb() * m.cie.dataAlign }

func (m *cfiMachine) set(reg uint64, to rule) {
	if reg < dwarfRegisters {
		m.rules.regs[reg] = to
	}
}

func (m *cfiMachine) restore(reg uint64) {
	if reg < dwarfRegisters && m.initial != nil {
		m.rules.regs[reg] = m.initial.regs[reg]
	}
}

// A cfiReader reads the encodings of .eh_frame. Reading past the end
// sets bad and gives zeros.
type cfiReader struct {
	b    []byte
	pos  int
	addr uint64 // of b[0]
	bad  bool
}

func (r *cfiReader) take(n int) []byte {
	if n < 0 || n > len(r.b)-r.pos {
		r.bad = true
		return make([]byte, 8)
	}
	r.pos += n
	return r.b[r.pos-n : r.pos]
}

func (r *cfiReader) skip(n int) {
	if n < 0 || n > len(r.b)-r.pos {
		r.bad = true
		return
	}
	r.pos += n
}

func (r *cfiReader) u8() byte    { return r.take(1)[0] }
func (r *cfiReader) u16() uint16 { return binary.LittleEndian.Uint16(r.take(2)) }
func (r *cfiReader) u32() uint32 { return binary.LittleEndian.Uint32(r.take(4)) }
func (r *cfiReader) u64() uint64 { return binary.LittleEndian.Uint64(r.take(8)) }

// length reads an entry's length and returns where it ends, at most the end
// of the section.
func (r *cfiReader) length() int {
	n := uint64(r.u32())
	return r.pos + int(min(n, uint64(len(r.b)-r.pos)))
}

// register reads a register's number; dwarfRegisters stands for all
// that are not kept.
func (r *cfiReader) register() int { return int(min(r.uleb(), dwarfRegisters)) }

// No number of 64 bits is longer than ten bytes.
const maxShift = 9 * 7

func (r *cfiReader) uleb() (v uint64) {
	for shift := 0; ; shift += 7 {
		b := r.u8()
		v |= uint64(b&0x7f) << min(shift, 63)
		r.bad = r.bad || b&0x80 != 0 && shift >= maxShift
		if b&0x80 == 0 || r.bad {
			return v
		}
	}
}

func (r *cfiReader) sleb() (v int64) {
	for shift := 0; ; {
		b := r.u8()
		v |= int64(b&0x7f) << min(shift, 63)
		r.bad = r.bad || b&0x80 != 0 && shift >= maxShift
		shift += 7
		if b&0x80 == 0 || r.bad {
			if b&0x40 != 0 && shift < 64 {
				v |= -1 << shift
			}
			return v
		}
	}
}

// pointer reads an encoded pointer (DW_EH_PE_*).
func (r *cfiReader) pointer(encoding byte) uint64 {
	here := r.addr + uint64(r.pos)
	var v uint64
	switch encoding & 0x0f {
	case 0x00: // of the size of an address
		if wordSize == 4 {
			v = uint64(r.u32())
		} else {
			v = r.u64()
		}
	case 0x04, 0x0c:
		v = r.u64()
	case 0x02:
		v = uint64(r.u16())
	case 0x03:
		v = uint64(r.u32())
	case 0x0a:
		v = uint64(int64(int16(r.u16())))
	case 0x0b:
		v = uint64(int64(int32(r.u32())))
	default:
		r.bad = true
	}
	if encoding&0x70 == 0x10 { // relative to itself
		v += here
	}
	if wordSize == 4 {
		v &= 1<<32 - 1
	}
	return v
}
