//go:build amd64 || arm64

package symbol

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"sort"
)

// A goTable is the line table that every Go program carries for its
// tracebacks (.gopclntab): functions, files, lines, inlined calls and
// frame sizes by program counter. debug/gosym reads it too, but knows
// nothing of inlined calls and frame sizes. The layout is that of Go
// 1.20 and later (internal/abi.CurrentPCLnTabMagic).
type goTable struct {
	data   []byte
	text   uint64 // address that the entries count from
	funcs  []byte // function table, and the functions
	count  int
	names  []byte
	cus    []byte
	files  []byte
	values []byte // pc-value tables
	// extra is where function data is counted from; nil when not
	// known: inlined calls then count as their caller's.
	extra []byte
	step  uint64 // smallest instruction
}

const goTableMagic = 0xfffffff1

// goModuleText and goModuleExtra are words of the module data, which
// Go 1.26 gives a section of its own.
const (
	goModuleText  = 22
	goModuleExtra = 40
)

// newGoTable returns nil for a program that is not Go's or has a
// different layout.
func newGoTable(f *elf.File) *goTable {
	section := f.Section(".gopclntab")
	if section == nil {
		section = f.Section(".data.rel.ro.gopclntab")
	}
	if section == nil {
		return nil
	}
	data, err := section.Data()
	const header = 8 + 8*8
	if err != nil || len(data) < header || binary.LittleEndian.Uint32(data) != goTableMagic || data[7] != 8 {
		return nil
	}
	word := func(i int) uint64 { return binary.LittleEndian.Uint64(data[8+8*i:]) }
	from := func(i int) []byte {
		if off := word(i); off < uint64(len(data)) {
			return data[off:]
		}
		return nil
	}
	g := &goTable{
		data: data, count: int(word(0)), text: word(2), step: uint64(data[6]),
		names: from(3), cus: from(4), files: from(5), values: from(6), funcs: from(7),
	}
	var extra uint64
	if s := f.Section(".go.module"); s != nil {
		if b, err := s.Data(); err == nil && len(b) >= 8*(goModuleExtra+1) {
			g.text = binary.LittleEndian.Uint64(b[8*goModuleText:])
			extra = binary.LittleEndian.Uint64(b[8*goModuleExtra:])
		}
	}
	if g.text == 0 || extra == 0 { // position independent: filled in at run time
		symbols := readSymbols(f)
		for i, s := range symbols.list {
			switch symbols.name(i) {
			case "runtime.text":
				g.text = s.value
			case "go:func.*", "go.func.*":
				extra = s.value
			}
		}
	}
	if g.text == 0 {
		if s := f.Section(".text"); s != nil {
			g.text = s.Addr
		}
	}
	if g.count < 0 || g.count > len(g.funcs)/8 || g.funcs == nil || g.names == nil {
		return nil
	}
	// Before Go 1.26 function data is in the read-only data.
	for _, s := range []*elf.Section{section, f.Section(".rodata"), f.Section(".data.rel.ro")} {
		if s != nil && extra >= s.Addr && extra-s.Addr < s.Size {
			if b, err := s.Data(); err == nil && extra-s.Addr < uint64(len(b)) {
				g.extra = b[extra-s.Addr:]
			}
			break
		}
	}
	return g
}

// u32 reads the i-th 32-bit word of b, 0 beyond its end.
func u32(b []byte, i int) uint32 {
	if i < 0 || 4*i+4 > len(b) {
		return 0
	}
	return binary.LittleEndian.Uint32(b[4*i:])
}

// A goFunc is a function of the table.
type goFunc struct {
	g     *goTable
	entry uint64
	info  []byte // runtime._func
}

// find returns the function that holds an address.
func (g *goTable) find(pc uint64) (goFunc, bool) {
	if pc < g.text {
		return goFunc{}, false
	}
	off := uint32(min(pc-g.text, 1<<32-1))
	i := sort.Search(g.count, func(i int) bool { return u32(g.funcs, 2*i) > off }) - 1
	// After the last function comes the end of the text.
	if i < 0 || off >= u32(g.funcs, 2*g.count) {
		return goFunc{}, false
	}
	at := u32(g.funcs, 2*i+1)
	if uint64(at) >= uint64(len(g.funcs)) {
		return goFunc{}, false
	}
	return goFunc{g, g.text + uint64(u32(g.funcs, 2*i)), g.funcs[at:]}, true
}

// Fields of runtime._func, in words.
const (
	funcName     = 1
	funcSP       = 4
	funcFile     = 5
	funcLine     = 6
	funcTables   = 7 // how many pc-value tables follow
	funcCU       = 8
	funcDataByte = 43 // how many function data follow those
	funcSize     = 11
	tableInline  = 2 // abi.PCDATA_InlTreeIndex
	dataInline   = 3 // abi.FUNCDATA_InlTree
)

// maxTable bounds how many bytes of one function's table are walked
// through.
const maxTable = 1 << 20

// value looks an address up in a pc-value table: pairs of a signed
// value change and a distance, until one passes the address.
func (f goFunc) value(table uint32, pc uint64) int32 {
	if table == 0 || uint64(table) >= uint64(len(f.g.values)) {
		return -1
	}
	p, at, v := f.g.values[table:], f.entry, int32(-1)
	p = p[:min(len(p), maxTable)]
	for first := true; ; first = false {
		change, n := binary.Uvarint(p)
		if n <= 0 || change == 0 && !first {
			return -1
		}
		p = p[n:]
		v += int32(change>>1) ^ -int32(change&1)
		distance, n := binary.Uvarint(p)
		if n <= 0 {
			return -1
		}
		p = p[n:]
		if at += distance * f.g.step; pc < at {
			return v
		}
	}
}

// frameSize is how far the stack pointer is below the return address'
// place.
func (f goFunc) frameSize(pc uint64) (uint64, bool) {
	n := f.value(u32(f.info, funcSP), pc)
	return uint64(n), n >= 0
}

// cString is the string at an offset of a table, "" when there is none
// or it is absurdly long.
func cString(b []byte, off uint64) string {
	if off >= uint64(len(b)) {
		return ""
	}
	b = b[off:]
	b = b[:min(len(b), maxString)]
	if i := bytes.IndexByte(b, 0); i >= 0 {
		return string(b[:i])
	}
	return ""
}

// place is the file and line of an instruction.
func (f goFunc) place(pc uint64) (file string, line int) {
	line = int(f.value(u32(f.info, funcLine), pc))
	n := f.value(u32(f.info, funcFile), pc)
	if n < 0 {
		return "", 0
	}
	return cString(f.g.files, uint64(u32(f.g.cus, int(u32(f.info, funcCU))+int(n)))), line
}

// calls returns the calls that an instruction belongs to: inlined ones
// first, the function itself last.
func (f goFunc) calls(pc uint64) []Place {
	var calls []Place
	for range 64 {
		file, line := f.place(pc)
		index, tree := f.inlined(pc)
		if index < 0 {
			return append(calls, Place{file, line, cString(f.g.names, uint64(u32(f.info, funcName)))})
		}
		// runtime.inlinedCall: kind, name, position of the call,
		// line of the function.
		call := tree[16*index:]
		calls = append(calls, Place{file, line, cString(f.g.names, uint64(u32(call, 1)))})
		pc = f.entry + uint64(u32(call, 2))
	}
	return calls
}

// inlined returns which inlined call an instruction belongs to, −1 for
// none, and the function's table of them.
func (f goFunc) inlined(pc uint64) (int, []byte) {
	tables := u32(f.info, funcTables)
	if f.g.extra == nil || tables <= tableInline || len(f.info) <= funcDataByte || f.info[funcDataByte] <= dataInline {
		return -1, nil
	}
	off := u32(f.info, funcSize+int(tables)+dataInline)
	if uint64(off) >= uint64(len(f.g.extra)) {
		return -1, nil
	}
	index := int(f.value(u32(f.info, funcSize+tableInline), pc))
	tree := f.g.extra[off:]
	if index < 0 || 16*index+16 > len(tree) {
		return -1, nil
	}
	return index, tree
}
