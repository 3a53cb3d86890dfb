//go:build 386 || amd64 || arm64

package symbol

import (
	"debug/dwarf"
	"debug/elf"
	"slices"
	"sort"
)

// A dwarfLines tells lines by DWARF, and functions by the symbol table.
type dwarfLines struct {
	debug   *dwarf.Data
	lines   lineSections
	units   []unitRange // that have been asked for
	symbols symbols
	funcs   []symbol // of symbols, by address
}

// A unitRange is what a compilation unit has of the code.
type unitRange struct {
	low, high uint64
	unit      *dwarf.Entry
}

// newDwarfLines keeps the file's DWARF; its units are read as they are
// asked for, since an interpreter's are many. It returns nil where there
// is none, or a damaged one.
func newDwarfLines(f *elf.File) (d *dwarfLines) {
	defer func() {
		if recover() != nil { // debug/dwarf is like debug/elf in this
			d = nil
		}
	}()
	if sectionOf(f, ".debug_line", ".zdebug_line") == nil {
		return nil
	}
	debug, err := f.DWARF()
	if err != nil {
		return nil
	}
	d = &dwarfLines{debug: debug, lines: newLineSections(f), symbols: readSymbols(f, elf.SHT_SYMTAB)}
	d.funcs = d.symbols.sorted(func(s symbol) bool { return s.kind == elf.STT_FUNC })
	return d
}

// unitAt is the compilation unit of an instruction. It does not use
// Reader.SkipChildren, which calls itself for each level of entries: a file
// can have more levels than there is stack.
func (d *dwarfLines) unitAt(pc uint64) *dwarf.Entry {
	for _, u := range d.units {
		if u.low <= pc && pc < u.high {
			return u.unit
		}
	}
	unit, err := d.debug.Reader().SeekPC(pc)
	if err != nil {
		return nil
	}
	ranges, err := d.debug.Ranges(unit)
	if err != nil {
		return nil
	}
	for _, x := range ranges {
		d.units = append(d.units, unitRange{x[0], x[1], unit})
	}
	return unit
}

// place is the place of an instruction; nil if it has none.
func (d *dwarfLines) place(pc uint64) (p *Place) {
	defer func() {
		if recover() != nil {
			p = nil
		}
	}()
	unit := d.unitAt(pc)
	if unit == nil {
		return nil
	}
	file, line := d.lineAt(unit, pc)
	if file == "" || len(file) > maxString {
		return nil
	}
	p = &Place{File: file, Line: line}
	i := sort.Search(len(d.funcs), func(i int) bool { return d.funcs[i].value > pc }) - 1
	if i >= 0 && pc-d.funcs[i].value < d.funcs[i].size {
		p.Func = d.symbols.name(d.funcs[i])
	}
	if name := d.inlinedAt(unit, pc); name != "" {
		p.Func = name // the line is in there
	}
	return p
}

// inlinedAt is the name of the innermost function that the compiler has
// put into its caller at an instruction; "" if there is none.
func (d *dwarfLines) inlinedAt(unit *dwarf.Entry, pc uint64) (name string) {
	r := d.debug.Reader()
	r.Seek(unit.Offset)
	if _, err := r.Next(); err != nil {
		return ""
	}
	outside := 0 // so many levels below an entry that does not hold it
	for range maxEntries {
		e, err := r.Next()
		if err != nil || e == nil || e.Tag == dwarf.TagCompileUnit {
			return name
		}
		if outside > 0 {
			if e.Tag == 0 {
				outside--
			} else if e.Children {
				outside++
			}
			continue
		}
		switch e.Tag {
		case dwarf.TagSubprogram, dwarf.TagInlinedSubroutine, dwarf.TagLexDwarfBlock:
			if d.holds(e, pc) {
				if e.Tag == dwarf.TagInlinedSubroutine {
					name = d.originName(e)
				}
				continue // to what is inside
			}
		case dwarf.TagNamespace, 0:
			continue
		}
		if next, ok := e.Val(dwarf.AttrSibling).(dwarf.Offset); ok && next > e.Offset {
			r.Seek(next)
		} else if e.Children {
			outside = 1
		}
	}
	return ""
}

// maxEntries bounds how many entries of a unit are looked at.
const maxEntries = 1 << 17

// holds says whether an instruction is in the ranges of an entry.
func (d *dwarfLines) holds(e *dwarf.Entry, pc uint64) bool {
	ranges, err := d.debug.Ranges(e)
	return err == nil && slices.ContainsFunc(ranges, func(x [2]uint64) bool { return pc >= x[0] && pc < x[1] })
}

// originName is the name of the function that an entry is a copy of.
func (d *dwarfLines) originName(e *dwarf.Entry) string {
	for range maxOrigins {
		if name, ok := e.Val(dwarf.AttrName).(string); ok && len(name) <= maxString {
			return name
		}
		at, ok := e.Val(dwarf.AttrAbstractOrigin).(dwarf.Offset)
		if !ok {
			if at, ok = e.Val(dwarf.AttrSpecification).(dwarf.Offset); !ok {
				return ""
			}
		}
		r := d.debug.Reader()
		r.Seek(at)
		next, err := r.Next()
		if err != nil || next == nil {
			return ""
		}
		e = next
	}
	return ""
}

// maxOrigins bounds how many entries lead to a name: a definition, its
// declaration.
const maxOrigins = 4

// lineAt is the file and the line that an instruction belongs to, by the
// line table of its unit; "" and 0 if there is none. SeekPC of debug/dwarf's
// LineReader would want the sequences sorted; the compiler puts main's before
// those of lower addresses.
func (d *dwarfLines) lineAt(unit *dwarf.Entry, pc uint64) (file string, line int) {
	at, ok := unit.Val(dwarf.AttrStmtList).(int64)
	if !ok {
		return "", 0
	}
	t := d.lines.table(at)
	if t == nil {
		return "", 0
	}
	row, ok := t.rowOf(pc)
	if !ok || row.line <= 0 {
		return "", 0
	}
	dir, _ := unit.Val(dwarf.AttrCompDir).(string)
	if len(dir) > maxString {
		dir = ""
	}
	return pathIn(dir, t.fileName(row.file, dir)), int(row.line)
}
