package symbol

import (
	"debug/elf"
	"encoding/binary"
	"strings"
)

// The layout of a Go program's line table is private to its version of
// Go: between 1.26 and 1.27 a word moved, and readers that had trusted its
// place told lines of the wrong function. So nothing is used here that the
// program itself does not confirm:
//
//   - the header, by its magic number and by tables that follow each other;
//   - the table of functions, by addresses that grow and by each function's
//     first word, which repeats its address;
//   - the address of the text, by the module data: two more words there are
//     the addresses of the first function and of the end of the last;
//   - where function data is counted from, by its content: of all words of
//     the module data only one may lead to tables of inlined calls that
//     make sense, for every function that is tried;
//   - the fields of a function, by what they lead to: names and files that
//     begin where a string begins, lines from the function's first on, frame
//     sizes that are whole words.
//
// What is not confirmed is not used: newGoTable then says why the program
// has no lines.

// newGoTable reads the line table of a Go program and proves it, by some
// tries functions that are spread over the table. It returns the reason if
// there is no table that it understands.
func newGoTable(f *elf.File, tries int) (*goTable, string) {
	section := sectionOf(f, ".gopclntab", ".data.rel.ro.gopclntab")
	if section == nil {
		return nil, "this Go program has no line table"
	}
	g := readHeader(section)
	if g == nil {
		return nil, "the line table of this Go program has a layout that is not known"
	}
	if !g.proveFunctions() {
		return nil, "the table of functions of this Go program has a layout that is not known"
	}
	module := g.findModule(f)
	if module == nil || !g.proveText(module, f) {
		return nil, "where the code of this Go program begins cannot be told"
	}
	if !g.proveFields(tries) {
		return nil, "the functions of this Go program are described in a layout that is not known"
	}
	if !g.proveInlined(module, f, tries) {
		return nil, "the tables of inlined calls of this Go program have a layout that is not known"
	}
	g.findLibrary()
	return g, ""
}

// proveFunctions looks at all functions: their addresses do not become
// smaller (in a program built with -race some functions are empty), and the
// description of each begins with its address.
func (g *goTable) proveFunctions() bool {
	for i := range g.count {
		f, ok := g.function(i)
		if !ok || len(f.info) < 4*funcSize || u32(f.info, funcEntry) != u32(g.funcs, 2*i) {
			return false
		}
	}
	return true
}

// moduleHead is how many words of runtime.moduledata are compared with
// the line table: its address, and six slices of it.
const moduleHead = 1 + 3*6

// maxModule bounds how many words of the module data are looked at.
const maxModule = 80

// findModule returns the words of runtime.moduledata. Go 1.26 gave it a
// section of its own; before, it is somewhere in the data.
func (g *goTable) findModule(f *elf.File) []uint64 {
	for _, name := range []string{".go.module", ".noptrdata", ".data"} {
		section := f.Section(name)
		if section == nil || section.Type == elf.SHT_NOBITS {
			continue
		}
		b, err := section.Data()
		if err != nil {
			continue
		}
		relocate(f, section, b)
		for at := 0; at+8*moduleHead <= len(b); at += 8 {
			if binary.LittleEndian.Uint64(b[at:]) == g.addr && g.isModule(b[at:]) {
				module := make([]uint64, min(maxModule, (len(b)-at)/8))
				for i := range module {
					module[i] = binary.LittleEndian.Uint64(b[at+8*i:])
				}
				return module
			}
		}
	}
	return nil
}

// isModule compares the first words of what may be module data with the
// line table: the slices begin where the header says.
func (g *goTable) isModule(b []byte) bool {
	word := func(i int) uint64 { return binary.LittleEndian.Uint64(b[8*i:]) }
	for i, offset := range []int{3, 4, 5, 6, 7, 7} {
		begin := g.addr + binary.LittleEndian.Uint64(g.data[8+8*offset:])
		if slice := 1 + 3*i; word(slice) != begin || word(slice+1) > word(slice+2) {
			return false
		}
	}
	return true
}

// relocate fills in the addresses that the dynamic loader would: in a
// position independent executable the data has none of its own. b is the
// section's data.
func relocate(f *elf.File, section *elf.Section, b []byte) {
	var relative uint32
	switch f.Machine {
	case elf.EM_X86_64:
		relative = uint32(elf.R_X86_64_RELATIVE)
	case elf.EM_AARCH64:
		relative = uint32(elf.R_AARCH64_RELATIVE)
	}
	if f.Type != elf.ET_DYN || relative == 0 {
		return
	}
	for _, s := range f.Sections {
		if s.Type != elf.SHT_RELA || s.Flags&elf.SHF_ALLOC == 0 {
			continue
		}
		entries, err := s.Data()
		if err != nil {
			continue
		}
		const size = 24 // address, kind, addend
		for ; len(entries) >= size; entries = entries[size:] {
			at := binary.LittleEndian.Uint64(entries) - section.Addr
			if binary.LittleEndian.Uint32(entries[8:]) == relative && at < uint64(len(b)) && len(b)-int(at) >= 8 {
				copy(b[at:], entries[16:size])
			}
		}
	}
}

// proveText finds the address that functions are counted from. It is in
// the module data, and so are the addresses of the first function and of
// the end of the last one, which it leads to. All of the text is code.
func (g *goTable) proveText(module []uint64, f *elf.File) bool {
	first, end := uint64(u32(g.funcs, 0)), g.textSize()
	has := map[uint64]bool{}
	for _, w := range module[moduleHead:] {
		has[w] = true
	}
	found := false
	for text := range has {
		if has[text+first] && has[text+end] && isCode(f, text, end) {
			if found {
				return false
			}
			found, g.text = true, text
		}
	}
	return found
}

// isCode says whether size bytes at an address are executable.
func isCode(f *elf.File, addr, size uint64) bool {
	for _, p := range f.Progs {
		if p.Type == elf.PT_LOAD && p.Flags&elf.PF_X != 0 && addr >= p.Vaddr && addr-p.Vaddr <= p.Filesz && size <= p.Filesz-(addr-p.Vaddr) {
			return true
		}
	}
	return false
}

// someFunctions is how many functions are tried of a program that is
// recorded: enough for any other layout to fail, and 0.3 ms.
const someFunctions = 100

// tried calls each with some functions until it returns false, and says
// whether it returned true for all of them.
func (g *goTable) tried(tries int, each func(goFunc) bool) bool {
	for i := 0; i < g.count; i += max(1, g.count/tries) {
		if f, ok := g.function(i); !ok || !each(f) {
			return false
		}
	}
	return true
}

// beginsString says whether a string begins at an offset of a table and
// is not empty.
func beginsString(b []byte, off uint32) bool {
	return uint64(off) < uint64(len(b)) && (off == 0 || b[off-1] == 0) && b[off] != 0
}

// proveFields tries the fields that are used of a function's description:
// its name, and what its pc-value tables say of the frame's size, the file
// and the line. Most functions begin on the line that they say they do;
// others have a directive, or an inlined call, at their first instruction.
func (g *goTable) proveFields(tries int) bool {
	begin, tried := 0, 0
	ok := g.tried(tries, func(f goFunc) bool {
		tried++
		if f.value(u32(f.info, funcLine), f.entry) == int32(u32(f.info, funcStart)) {
			begin++
		}
		return beginsString(g.names, u32(f.info, funcName)) &&
			f.all(funcSP, func(size int32) bool { return size%8 == 0 }) &&
			f.all(funcFile, func(file int32) bool { return f.file(file) != "" }) &&
			f.all(funcLine, func(line int32) bool { return line > 0 })
	})
	return ok && begin > tried/2
}

// all says whether each of the values of a pc-value table makes sense,
// and no range of them goes beyond the function. A function need not have
// the table.
func (f goFunc) all(field int, sane func(int32) bool) bool {
	table, ok := u32(f.info, field), true
	return table == 0 || f.ranges(table, func(_, to uint64, v int32) bool {
		ok = sane(v) && to <= f.entry+f.size
		return ok
	}) && ok
}

// proveInlined finds where function data is counted from: the one word of
// the module data that leads to tables of inlined calls.
func (g *goTable) proveInlined(module []uint64, f *elf.File, tries int) bool {
	var proved []byte
	seen, sections := map[uint64]bool{}, map[uint64][]byte{g.addr: g.data}
	for _, w := range module[moduleHead:] {
		if seen[w] {
			continue
		}
		seen[w] = true
		if g.extra = dataAt(f, w, sections); g.extra == nil || !g.inlinedMakesSense(tries) {
			continue
		}
		if proved != nil {
			return false
		}
		proved = g.extra
	}
	g.extra = proved
	return proved != nil
}

// dataAt returns what a section of constants holds from an address on;
// nil if there is none. known are the sections that were read, by address.
func dataAt(f *elf.File, addr uint64, known map[uint64][]byte) []byte {
	for _, s := range f.Sections {
		constant := s.Flags&(elf.SHF_EXECINSTR|elf.SHF_WRITE) == 0 || strings.HasPrefix(s.Name, ".data.rel.ro")
		if s.Type != elf.SHT_PROGBITS || s.Flags&elf.SHF_ALLOC == 0 || !constant || addr < s.Addr || addr-s.Addr >= s.Size {
			continue
		}
		b, ok := known[s.Addr]
		if !ok {
			b, _ = s.Data()
			known[s.Addr] = b
		}
		return b[min(addr-s.Addr, uint64(len(b))):]
	}
	return nil
}

// inlinedMakesSense tries tables of inlined calls.
func (g *goTable) inlinedMakesSense(tries int) bool {
	trees := 0
	ok := g.tried(tries, func(f goFunc) bool {
		table, tree, ok := f.inlineTables()
		if !ok || table == 0 {
			return ok
		}
		trees++
		return f.all(funcSize+tableInline, func(index int32) bool {
			return index == -1 || f.inlinedIsSane(table, tree, index)
		})
	})
	return ok && trees > 0
}

// inlinedIsSane tries one inlined call: its name begins where a string
// begins, and its place is in the same function and in a call that is less
// deep.
func (f goFunc) inlinedIsSane(table uint32, tree []byte, index int32) bool {
	for range maxInlined {
		call, ok := f.inlinedCall(tree, index)
		if !ok || !beginsString(f.g.names, u32(tree[16*index:], 1)) {
			return false
		}
		if index = f.value(table, call.site); index < 0 {
			return true
		}
	}
	return false
}
