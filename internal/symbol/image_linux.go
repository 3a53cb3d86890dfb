//go:build amd64 || arm64

package symbol

import (
	"cmp"
	"debug/dwarf"
	"debug/elf"
	"encoding/binary"
	"io"
	"os"
	"path"
	"slices"
	"sort"
	"strings"

	"golang.org/x/sys/unix"

	"apue/internal/procfs"
)

// An image is what is known of an executable file or library.
type image struct {
	machine elf.Machine
	isGo    bool
	goTab   *goTable
	cfi     *cfiTable // nil until asked
	asked   bool
	spots   map[uint64]spot
	loads   []elf.ProgHeader
	debug   *dwarf.Data
	units   []unitRange // by address, once asked for
	symbols symbols     // of the functions, by address
}

// imageKey is a file as it was when it was read.
type imageKey struct {
	dev, ino    uint64
	size, mtime int64
}

// An executable is what the traced program has made it, and the
// readers of its tables believe what it says. These bound what it can
// make of that: the size of a file whose tables are read, as it is and
// unpacked; of the names of its sections; of a string of it; and how
// many files are known at a time.
const (
	maxImage  = 256 << 20
	maxNames  = 64 << 20
	maxString = 16 << 10
	maxImages = 64
)

// imageAt reads a file by a path of /proc that leads to it, once. The
// image is never nil.
func (f *Files) imageAt(name string) *image {
	var st unix.Stat_t
	if unix.Stat(name, &st) != nil {
		return &image{}
	}
	key := imageKey{st.Dev, st.Ino, st.Size, st.Mtim.Nano()}
	if img := f.images[key]; img != nil {
		return img
	}
	if len(f.images) >= maxImages {
		clear(f.images)
	}
	if f.images == nil {
		f.images = map[imageKey]*image{}
	}
	img := &image{}
	f.images[key] = img
	if file := openImage(name); file != nil {
		defer file.Close()
		img.read(file)
	}
	return img
}

// openImage opens a regular file that is not too large, nil otherwise.
// The path is the traced program's: it may lead to a FIFO by now, whose
// open would wait for a writer.
func openImage(name string) *os.File {
	file, err := os.OpenFile(name, os.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil
	}
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() || info.Size() > maxImage {
		file.Close()
		return nil
	}
	return file
}

// read reads what tells lines.
func (img *image) read(file io.ReaderAt) {
	f := readELF(file)
	if f == nil {
		return
	}
	img.machine = f.Machine
	for _, p := range f.Progs {
		if p.Type == elf.PT_LOAD {
			img.loads = append(img.loads, p.ProgHeader)
		}
	}
	img.isGo = f.Section(".gopclntab") != nil || f.Section(".data.rel.ro.gopclntab") != nil ||
		f.Section(".note.go.buildid") != nil
	if img.isGo {
		img.goTab = newGoTable(f)
		return
	}
	if f.Section(".debug_line") != nil || f.Section(".zdebug_line") != nil {
		img.readLines(f)
	}
}

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

// A spot is what an image tells of an instruction: whether the program's
// author wrote it and where, and if not, how to come to the caller.
type spot struct {
	place *Place
	fun   goFunc // without a table where it is not Go's
}

// maxSpots is how many spots, and rules of call frames, are known at a
// time: a program makes its calls from few places, and all of them again
// and again.
const maxSpots = 4096

// spotAt looks an instruction up once.
func (img *image) spotAt(pc uint64) spot {
	s, ok := img.spots[pc]
	if ok {
		return s
	}
	if img.goTab != nil {
		s.fun, _ = img.goTab.find(pc)
	}
	if s.fun.g == nil {
		s.place = img.sourceAt(pc)
	} else {
		for _, call := range s.fun.calls(pc) {
			if !hidden(call.Func) {
				s.place = &call
				break
			}
		}
	}
	if img.spots == nil {
		img.spots = map[uint64]spot{}
	} else if len(img.spots) >= maxSpots {
		clear(img.spots)
	}
	img.spots[pc] = s
	return s
}

// readFrames reads the file's call frame information.
func (img *image) readFrames(name string) {
	img.asked = true
	file := openImage(name)
	if file == nil {
		return
	}
	defer file.Close()
	if f := readELF(file); f != nil {
		img.cfi = newCFI(f)
	}
}

// hasLines says whether the file can tell lines.
func (img *image) hasLines() bool { return img.goTab != nil || img.debug != nil }

// readLines keeps the file's DWARF; its units are read as they are
// asked for, since an interpreter's are many.
func (img *image) readLines(f *elf.File) {
	defer func() {
		if recover() != nil { // debug/dwarf is like debug/elf in this
			img.debug = nil
		}
	}()
	d, err := f.DWARF()
	if err != nil {
		return
	}
	img.debug = d
	img.symbols = readSymbols(f)
	s := &img.symbols
	s.list = slices.DeleteFunc(s.list, func(s symbol) bool { return s.kind != elf.STT_FUNC || s.size == 0 })
	slices.SortFunc(s.list, func(a, b symbol) int { return cmp.Compare(a.value, b.value) })
}

// symbols are those of a file. Their names stay in its table:
// elf.File.Symbols copies one for each, and all may be one long name.
type symbols struct {
	list  []symbol
	names []byte
}

type symbol struct {
	value, size uint64
	name        uint32
	kind        elf.SymType
}

func (s *symbols) name(i int) string { return cString(s.names, uint64(s.list[i].name)) }

func readSymbols(f *elf.File) (s symbols) {
	table := f.SectionByType(elf.SHT_SYMTAB)
	if table == nil || f.Class != elf.ELFCLASS64 || uint64(table.Link) >= uint64(len(f.Sections)) {
		return s
	}
	b, err := table.Data()
	if err != nil {
		return s
	}
	if s.names, err = f.Sections[table.Link].Data(); err != nil {
		return s
	}
	const size = elf.Sym64Size
	for ; len(b) >= size; b = b[size:] {
		s.list = append(s.list, symbol{
			value: binary.LittleEndian.Uint64(b[8:]), size: binary.LittleEndian.Uint64(b[16:]),
			name: binary.LittleEndian.Uint32(b), kind: elf.ST_TYPE(b[4]),
		})
	}
	return s
}

// A unitRange is what a compilation unit has of the code.
type unitRange struct {
	low, high uint64
	unit      *dwarf.Entry
}

// unitAt is the compilation unit of an instruction. Their ranges are
// read once: an interpreter has some hundred units.
func (img *image) unitAt(pc uint64) *dwarf.Entry {
	if img.units == nil {
		img.units = []unitRange{}
		for r := img.debug.Reader(); ; r.SkipChildren() {
			unit, err := r.Next()
			if err != nil || unit == nil {
				break
			}
			ranges, err := img.debug.Ranges(unit)
			if err != nil {
				continue
			}
			for _, x := range ranges {
				img.units = append(img.units, unitRange{x[0], x[1], unit})
			}
		}
		slices.SortFunc(img.units, func(a, b unitRange) int { return cmp.Compare(a.low, b.low) })
	}
	i := sort.Search(len(img.units), func(i int) bool { return img.units[i].low > pc }) - 1
	if i < 0 || pc >= img.units[i].high {
		return nil
	}
	return img.units[i].unit
}

// sourceAt is the place of an instruction by DWARF; nil if it has none.
func (img *image) sourceAt(pc uint64) (s *Place) {
	if img.debug == nil {
		return nil
	}
	defer func() {
		if recover() != nil {
			s = nil
		}
	}()
	unit := img.unitAt(pc)
	if unit == nil {
		return nil
	}
	lines, err := img.debug.LineReader(unit)
	if err != nil || lines == nil {
		return nil
	}
	// LineReader.SeekPC would want the sequences sorted; the compiler
	// puts main's before those of lower addresses.
	var e, next dwarf.LineEntry
	e.EndSequence = true
	for {
		if lines.Next(&next) != nil {
			return nil
		}
		if !e.EndSequence && e.Address <= pc && pc < next.Address {
			break
		}
		e = next
	}
	if e.File == nil || e.Line == 0 || len(e.File.Name) > maxString {
		return nil
	}
	s = &Place{File: e.File.Name, Line: e.Line}
	if dir, ok := unit.Val(dwarf.AttrCompDir).(string); ok && !path.IsAbs(s.File) && len(dir) <= maxString {
		s.File = path.Join(dir, s.File)
	}
	funcs := img.symbols.list
	i := sort.Search(len(funcs), func(i int) bool { return funcs[i].value > pc }) - 1
	if i >= 0 && pc-funcs[i].value < funcs[i].size {
		s.Func = img.symbols.name(i)
	}
	return s
}

// address turns a mapped address into that of the file.
func (img *image) address(m procfs.Map, pc uint64) (uint64, bool) {
	off := pc - m.Start + m.Offset
	for _, p := range img.loads {
		if off >= p.Off && off < p.Off+p.Filesz {
			return off - p.Off + p.Vaddr, true
		}
	}
	return 0, false
}
