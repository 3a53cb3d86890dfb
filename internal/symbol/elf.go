package symbol

import (
	"cmp"
	"debug/elf"
	"encoding/binary"
	"io"
	"slices"
	"strings"
)

// An executable is what the traced program has made it, and the
// readers of its tables believe what it says. These bound what it can
// make of that: the size of a file whose tables are read, as it is and
// unpacked; of the names of its sections; of a string of it.
const (
	maxImage  = 256 << 20
	maxNames  = 64 << 20
	maxString = 16 << 10
)

// readELF is elf.NewFile for a file that may be made to harm its
// reader, which debug/elf says it is not made for. It returns nil for
// one that is damaged, or too large when it is unpacked.
func readELF(file io.ReaderAt) (f *elf.File) {
	defer func() {
		if recover() != nil {
			f = nil
		}
	}()
	if !saneNames(file) {
		return nil
	}
	f, err := elf.NewFile(file)
	if err != nil {
		return nil
	}
	total := uint64(0)
	for _, s := range f.Sections {
		if s.Type == elf.SHT_NOBITS {
			continue
		}
		if strings.HasPrefix(s.Name, ".zdebug_") {
			s.Open() // sets the size that it unpacks to
		}
		if total += min(s.Size, maxImage+1); total > maxImage {
			return nil
		}
	}
	return f
}

// saneNames looks at the header before elf.NewFile, which copies a name
// for each section: there may be 65279 of them that all are one name,
// as long as the file, or unpacked from it.
func saneNames(file io.ReaderAt) bool {
	var h [64]byte
	if n, _ := file.ReadAt(h[:], 0); n < 52 {
		return false
	}
	if h[elf.EI_DATA] != byte(elf.ELFDATA2LSB) {
		return false
	}
	le := binary.LittleEndian
	at, entry := le.Uint64(h[40:]), h[58:]
	const size64, size32 = 64, 40
	size := size64
	if h[elf.EI_CLASS] == byte(elf.ELFCLASS32) {
		at, entry, size = uint64(le.Uint32(h[32:])), h[46:], size32
	}
	count, names := uint64(le.Uint16(entry[2:])), uint64(le.Uint16(entry[4:]))
	if at == 0 {
		return true // no sections
	}
	if count == 0 || at > maxImage {
		return false
	}
	var s [size64]byte
	if n, _ := file.ReadAt(s[:size], int64(at+names*uint64(le.Uint16(entry)))); n < size {
		return false
	}
	flags, length := le.Uint64(s[8:]), le.Uint64(s[32:])
	if size == size32 {
		flags, length = uint64(le.Uint32(s[8:])), uint64(le.Uint32(s[20:]))
	}
	return flags&uint64(elf.SHF_COMPRESSED) == 0 && length <= maxNames/count
}

// sectionOf returns the first section that the file has of these names.
func sectionOf(f *elf.File, names ...string) *elf.Section {
	for _, name := range names {
		if s := f.Section(name); s != nil {
			return s
		}
	}
	return nil
}

// symbols are those of a file, as they are in its table. Their names stay
// in the table: elf.File.Symbols copies one for each, and all may be one
// long name.
type symbols struct {
	class elf.Class
	table []byte
	names []byte
}

type symbol struct {
	value, size uint64
	name        uint32
	kind        elf.SymType
}

// readSymbols reads a table of symbols; there are none if it has none.
func readSymbols(f *elf.File, kind elf.SectionType) symbols {
	table := f.SectionByType(kind)
	if table == nil || uint64(table.Link) >= uint64(len(f.Sections)) {
		return symbols{}
	}
	b, err := table.Data()
	if err != nil {
		return symbols{}
	}
	names, err := f.Sections[table.Link].Data()
	if err != nil {
		return symbols{}
	}
	return symbols{f.Class, b, names}
}

func (s *symbols) name(of symbol) string { return cString(s.names, uint64(of.name)) }

// functions yields the functions that have a size, and no other symbols.
func (s *symbols) functions(yield func(symbol) bool) {
	le := binary.LittleEndian
	entry := elf.Sym64Size
	if s.class == elf.ELFCLASS32 {
		entry = elf.Sym32Size
	}
	for b := s.table; len(b) >= entry; b = b[entry:] {
		one := symbol{name: le.Uint32(b)}
		if s.class == elf.ELFCLASS32 {
			one.value, one.size, one.kind = uint64(le.Uint32(b[4:])), uint64(le.Uint32(b[8:])), elf.ST_TYPE(b[12])
		} else {
			one.value, one.size, one.kind = le.Uint64(b[8:]), le.Uint64(b[16:]), elf.ST_TYPE(b[4])
		}
		if one.size != 0 && (one.kind == elf.STT_FUNC || one.kind == elf.STT_GNU_IFUNC) && !yield(one) {
			return
		}
	}
}

// sorted are the functions for which keep says so, by address.
func (s *symbols) sorted(keep func(symbol) bool) []symbol {
	list := []symbol{}
	for one := range s.functions {
		if keep(one) {
			list = append(list, one)
		}
	}
	slices.SortFunc(list, func(a, b symbol) int { return cmp.Compare(a.value, b.value) })
	return list
}
