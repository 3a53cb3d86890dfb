//go:build amd64 || arm64

package trace

import (
	"cmp"
	"debug/dwarf"
	"debug/elf"
	"os"
	"path"
	"slices"
	"sort"

	"golang.org/x/sys/unix"
)

// An image is what is known of an executable file or library.
type image struct {
	machine elf.Machine
	isGo    bool
	goTab   *goTable
	cfi     *cfiTable // once asked for
	asked   bool
	loads   []elf.ProgHeader
	debug   *dwarf.Data
	funcs   []elf.Symbol // functions, by address
}

// imageKey is a file as it was when it was read.
type imageKey struct {
	fileKey
	size, mtime int64
}

// maxImage bounds the files whose line tables are read.
const maxImage = 256 << 20

// imageAt reads a file by a path of /proc that leads to it, once for
// a recording. It never returns nil.
func (r *recorder) imageAt(name string) *image {
	var st unix.Stat_t
	if unix.Stat(name, &st) != nil {
		return &image{}
	}
	key := imageKey{fileKey{st.Dev, st.Ino}, st.Size, st.Mtim.Nano()}
	if img := r.images[key]; img != nil {
		return img
	}
	img := &image{}
	r.images[key] = img
	if st.Mode&unix.S_IFMT != unix.S_IFREG || st.Size > maxImage {
		return img
	}
	file, err := os.Open(name)
	if err != nil {
		return img
	}
	defer file.Close()
	f, err := elf.NewFile(file)
	if err != nil {
		return img
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
		return img
	}
	if f.Section(".debug_line") != nil || f.Section(".zdebug_line") != nil {
		img.readLines(f)
	}
	return img
}

// frames reads the file's call frame information, once.
func (img *image) frames(name string) *cfiTable {
	if !img.asked {
		img.asked = true
		if f, err := elf.Open(name); err == nil {
			defer f.Close()
			img.cfi = newCFI(f)
		}
	}
	return img.cfi
}

// hasLines says whether the file can tell lines.
func (img *image) hasLines() bool { return img.goTab != nil || img.debug != nil }

// readLines keeps the file's DWARF; its units are read as they are
// asked for, since an interpreter's are many.
func (img *image) readLines(f *elf.File) {
	d, err := f.DWARF()
	if err != nil {
		return
	}
	img.debug = d
	symbols, _ := f.Symbols()
	for _, s := range symbols {
		if elf.ST_TYPE(s.Info) == elf.STT_FUNC && s.Size > 0 {
			img.funcs = append(img.funcs, s)
		}
	}
	slices.SortFunc(img.funcs, func(a, b elf.Symbol) int { return cmp.Compare(a.Value, b.Value) })
}

// sourceAt is the place of an instruction by DWARF; nil if it has none.
func (img *image) sourceAt(pc uint64) *Source {
	if img.debug == nil {
		return nil
	}
	unit, err := img.debug.Reader().SeekPC(pc)
	if err != nil {
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
	if e.File == nil || e.Line == 0 {
		return nil
	}
	s := &Source{File: e.File.Name, Line: e.Line}
	if dir, ok := unit.Val(dwarf.AttrCompDir).(string); ok && !path.IsAbs(s.File) {
		s.File = path.Join(dir, s.File)
	}
	i := sort.Search(len(img.funcs), func(i int) bool { return img.funcs[i].Value > pc }) - 1
	if i >= 0 && pc < img.funcs[i].Value+img.funcs[i].Size {
		s.Func = img.funcs[i].Name
	}
	return s
}

// address turns a mapped address into that of the file.
func (img *image) address(m memoryMap, pc uint64) (uint64, bool) {
	off := pc - m.start + m.offset
	for _, p := range img.loads {
		if off >= p.Off && off < p.Off+p.Filesz {
			return off - p.Off + p.Vaddr, true
		}
	}
	return 0, false
}
