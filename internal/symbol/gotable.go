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
// nothing of inlined calls and frame sizes. The layout is that of Go 1.20
// and later (internal/abi.CurrentPCLnTabMagic). No released Go promises
// it, so newGoTable proves each part of it before use; see goproof.go.
type goTable struct {
	data   []byte
	addr   uint64 // of data
	text   uint64 // address that the entries count from
	funcs  []byte // function table, and the functions
	count  int
	names  []byte
	cus    []byte
	files  []byte
	values []byte // pc-value tables
	// extra is where the function data is counted from, such as the
	// tables of inlined calls.
	extra []byte
	step  uint64 // smallest instruction, in bytes
	// library is the folder of the standard library's sources, with a
	// slash at its end; "" where the program does not tell.
	library string
	// exits says that the program has the suite's stdio.Exit.
	exits bool
}

const goTableMagic = 0xfffffff1

// readHeader reads runtime.pcHeader: a magic number, two zeros, the
// smallest instruction, the size of a pointer; then words: how many
// functions and files, one that is not used any more, and where the
// tables of names, compilation units, files, pc-values and functions
// begin. It returns nil where that is not what it finds.
func readHeader(section *elf.Section) *goTable {
	const header = 8 + 8*8
	data, err := section.Data()
	if err != nil || len(data) < header || binary.LittleEndian.Uint32(data) != goTableMagic ||
		data[4] != 0 || data[5] != 0 || data[7] != 8 {
		return nil
	}
	word := func(i int) uint64 { return binary.LittleEndian.Uint64(data[8+8*i:]) }
	// The tables lie one behind the other.
	at := [...]uint64{word(3), word(4), word(5), word(6), word(7), uint64(len(data))}
	for i := range at[1:] {
		if at[i] < header || at[i] > at[i+1] || at[i] > uint64(len(data)) {
			return nil
		}
	}
	g := &goTable{
		data: data, addr: section.Addr, step: uint64(data[6]),
		names: data[at[0]:at[1]], cus: data[at[1]:at[2]], files: data[at[2]:at[3]],
		values: data[at[3]:at[4]], funcs: data[at[4]:],
	}
	if word(0) == 0 || word(0) > uint64(len(g.funcs)/8) || g.step == 0 {
		return nil
	}
	g.count = int(word(0))
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
	size  uint64 // to the next function, in bytes
	info  []byte // runtime._func
}

// function returns the i-th function; ok is false if its description
// lies outside of the table.
func (g *goTable) function(i int) (f goFunc, ok bool) {
	at := u32(g.funcs, 2*i+1)
	if uint64(at) >= uint64(len(g.funcs)) {
		return f, false
	}
	entry, next := u32(g.funcs, 2*i), u32(g.funcs, 2*i+2)
	return goFunc{g, g.text + uint64(entry), uint64(next - entry), g.funcs[at:]}, next >= entry
}

// textSize is how long the text is, in bytes: after the last function
// comes its end.
func (g *goTable) textSize() uint64 { return uint64(u32(g.funcs, 2*g.count)) }

// find returns the function that holds an address.
func (g *goTable) find(pc uint64) (goFunc, bool) {
	if pc < g.text || pc-g.text >= g.textSize() {
		return goFunc{}, false
	}
	off := uint32(pc - g.text)
	i := sort.Search(g.count, func(i int) bool { return u32(g.funcs, 2*i) > off }) - 1
	if i < 0 {
		return goFunc{}, false
	}
	return g.function(i)
}

// Fields of runtime._func, in words.
const (
	funcEntry    = 0
	funcName     = 1
	funcSP       = 4
	funcFile     = 5
	funcLine     = 6
	funcTables   = 7 // how many pc-value tables follow
	funcCU       = 8
	funcStart    = 9  // line of the word func
	funcDataByte = 43 // how many function data follow those
	funcSize     = 11
	tableInline  = 2 // abi.PCDATA_InlTreeIndex
	dataInline   = 3 // abi.FUNCDATA_InlTree
)

// maxTable bounds how many bytes of one function's table are walked
// through.
const maxTable = 1 << 20

// ranges walks through a pc-value table: pairs of a signed change of the
// value and a distance. It calls each with the addresses from and to that
// have a value, until that returns false. It returns false for a table
// that is not there, or ends in the middle.
func (f goFunc) ranges(table uint32, each func(from, to uint64, value int32) bool) bool {
	if table == 0 || uint64(table) >= uint64(len(f.g.values)) {
		return false
	}
	p, at, v := f.g.values[table:], f.entry, int32(-1)
	p = p[:min(len(p), maxTable)]
	for first := true; ; first = false {
		change, n := binary.Uvarint(p)
		if n <= 0 {
			return false
		}
		if change == 0 && !first {
			return true
		}
		p = p[n:]
		v += int32(change>>1) ^ -int32(change&1)
		distance, n := binary.Uvarint(p)
		if n <= 0 || distance == 0 || distance > 1<<32 {
			return false
		}
		p = p[n:]
		from := at
		if at += distance * f.g.step; !each(from, at, v) {
			return true
		}
	}
}

// value looks an address up in a pc-value table, −1 if it has none.
func (f goFunc) value(table uint32, pc uint64) int32 {
	value := int32(-1)
	f.ranges(table, func(from, to uint64, v int32) bool {
		if pc < to {
			value = v
		}
		return pc >= to
	})
	return value
}

// frameSize is how far the stack pointer is below the return address'
// place, in bytes.
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

func (f goFunc) name() string { return cString(f.g.names, uint64(u32(f.info, funcName))) }

// file is the n-th file of the function's compilation unit.
func (f goFunc) file(n int32) string {
	const none = ^uint32(0) // a file without lines
	i := int(u32(f.info, funcCU)) + int(n)
	if at := u32(f.g.cus, i); n >= 0 && 4*i+4 <= len(f.g.cus) && at != none {
		return cString(f.g.files, uint64(at))
	}
	return ""
}

// place is the file and line of an instruction; ok is false if the
// table does not tell both.
func (f goFunc) place(pc uint64) (file string, line int, ok bool) {
	file = f.file(f.value(u32(f.info, funcFile), pc))
	line = int(f.value(u32(f.info, funcLine), pc))
	return file, line, file != "" && line > 0
}

// maxInlined bounds how deep calls are inlined in each other.
const maxInlined = 64

// calls returns the calls that an instruction belongs to: inlined ones
// first, the function itself last. It returns nil where the tables do not
// agree, rather than the calls of which it is sure.
func (f goFunc) calls(pc uint64) []Place {
	var calls []Place
	for range maxInlined {
		file, line, ok := f.place(pc)
		if !ok {
			return nil
		}
		call, inlined, ok := f.inlined(pc)
		if !ok {
			return nil
		}
		if !inlined {
			return append(calls, Place{file, line, f.name()})
		}
		calls = append(calls, Place{file, line, call.name})
		pc = call.site
	}
	return nil
}

// An inlinedCall is runtime.inlinedCall.
type inlinedCall struct {
	name string
	site uint64 // address of an instruction that has the call's place
}

// inlined returns which inlined call an instruction belongs to; ok is
// false if the function's table of them does not have it.
func (f goFunc) inlined(pc uint64) (call inlinedCall, inlined, ok bool) {
	table, tree, ok := f.inlineTables()
	if !ok || table == 0 {
		return call, false, ok
	}
	index := f.value(table, pc)
	if index < 0 {
		return call, false, true
	}
	call, ok = f.inlinedCall(tree, index)
	return call, true, ok
}

// inlineTables returns the pc-value table of the indexes of inlined calls,
// 0 for a function into which nothing was inlined, and their descriptions.
func (f goFunc) inlineTables() (table uint32, tree []byte, ok bool) {
	const none = ^uint32(0)
	tables := u32(f.info, funcTables)
	if len(f.info) <= funcDataByte || uint64(tables) > uint64(len(f.info)/4) {
		return 0, nil, false
	}
	if tables <= tableInline || f.info[funcDataByte] <= dataInline {
		return 0, nil, true
	}
	table, off := u32(f.info, funcSize+tableInline), u32(f.info, funcSize+int(tables)+dataInline)
	if table == 0 || off == none {
		// Both or none: a function with an index has the calls.
		return 0, nil, table == 0
	}
	if uint64(off) >= uint64(len(f.g.extra)) {
		return 0, nil, false
	}
	return table, f.g.extra[off:], true
}

// inlinedCall reads the description of an inlined call: 16 bytes, its
// kind and three zeros, the name, the place of the call, the function's
// first line.
func (f goFunc) inlinedCall(tree []byte, index int32) (call inlinedCall, ok bool) {
	const size = 16
	at := size * int64(index)
	if index < 0 || at+size > int64(len(tree)) {
		return call, false
	}
	b := tree[at : at+size]
	site := uint64(u32(b, 2))
	call = inlinedCall{name: cString(f.g.names, uint64(u32(b, 1))), site: f.entry + site}
	return call, b[1]|b[2]|b[3] == 0 && call.name != "" && site < f.size
}
