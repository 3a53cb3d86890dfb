//go:build amd64 || arm64

package trace

import (
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
	lines   []lineRow // of DWARF, by address
	files   []string
	funcs   []elf.Symbol // functions, by address
}

// lineRow says that the instructions from addr on belong to a line; 0
// ends a sequence.
type lineRow struct {
	addr       uint64
	file, line int32
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
func (img *image) hasLines() bool { return img.goTab != nil || len(img.lines) > 0 }

func (img *image) readLines(f *elf.File) {
	d, err := f.DWARF()
	if err != nil {
		return
	}
	number := map[string]int32{}
	for r := d.Reader(); ; r.SkipChildren() {
		unit, err := r.Next()
		if err != nil || unit == nil {
			break
		}
		lines, err := d.LineReader(unit)
		if err != nil || lines == nil {
			continue
		}
		var e dwarf.LineEntry
		for lines.Next(&e) == nil {
			row := lineRow{addr: e.Address}
			if !e.EndSequence && e.File != nil {
				name := e.File.Name
				if dir, ok := unit.Val(dwarf.AttrCompDir).(string); ok && !path.IsAbs(name) {
					name = path.Join(dir, name)
				}
				n, ok := number[name]
				if !ok {
					n = int32(len(img.files))
					number[name] = n
					img.files = append(img.files, name)
				}
				row.file, row.line = n, int32(e.Line)
			}
			img.lines = append(img.lines, row)
		}
	}
	// At one address, the end of a sequence comes before the next.
	slices.SortStableFunc(img.lines, func(a, b lineRow) int {
		switch {
		case a.addr < b.addr:
			return -1
		case a.addr > b.addr:
			return 1
		case a.line == 0 && b.line != 0:
			return -1
		case a.line != 0 && b.line == 0:
			return 1
		}
		return 0
	})
	symbols, _ := f.Symbols()
	for _, s := range symbols {
		if elf.ST_TYPE(s.Info) == elf.STT_FUNC && s.Size > 0 {
			img.funcs = append(img.funcs, s)
		}
	}
	slices.SortFunc(img.funcs, func(a, b elf.Symbol) int { return int(int64(a.Value - b.Value)) })
}

// sourceAt is the place of an instruction by DWARF.
func (img *image) sourceAt(pc uint64) *Source {
	i := sort.Search(len(img.lines), func(i int) bool { return img.lines[i].addr > pc }) - 1
	if i < 0 || img.lines[i].line == 0 {
		return nil
	}
	s := &Source{File: img.files[img.lines[i].file], Line: int(img.lines[i].line)}
	j := sort.Search(len(img.funcs), func(j int) bool { return img.funcs[j].Value > pc }) - 1
	if j >= 0 && pc < img.funcs[j].Value+img.funcs[j].Size {
		s.Func = img.funcs[j].Name
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
