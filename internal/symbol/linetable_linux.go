//go:build 386 || amd64 || arm64

package symbol

import (
	"bytes"
	"debug/elf"
	"path"
)

// lineSections are what the line tables of a file are made of.
type lineSections struct {
	lines       []byte
	strings     []byte
	lineStrings []byte
}

// newLineSections copies them from a file.
func newLineSections(f *elf.File) (s lineSections) {
	data := func(name string) []byte {
		section := sectionOf(f, ".debug_"+name, ".zdebug_"+name)
		if section == nil || section.Type == elf.SHT_NOBITS {
			return nil
		}
		b, err := section.Data()
		if err != nil {
			return nil
		}
		return b
	}
	return lineSections{lines: data("line"), strings: data("str"), lineStrings: data("line_str")}
}

// A lineTable is the line table of a compilation unit (DWARF 5, section
// 6.2). The LineReader of debug/dwarf reads the names of all files of a
// table, and makes room for as many as the table says that it has: a few
// bytes can ask for any amount of memory. Here only one is read.
type lineTable struct {
	*lineSections
	version   uint16
	wide      bool      // offsets have eight bytes
	names     cfiReader // the folders, then the files
	program   cfiReader
	smallest  uint64 // length of an instruction
	lineBase  int8
	lineRange byte
	lengths   []byte // how many operands an opcode has, from opcode 1 on
}

// table reads the header of the line table at an offset; nil if there is none.
func (s *lineSections) table(at int64) *lineTable {
	if at < 0 || at > int64(len(s.lines)) {
		return nil
	}
	r := cfiReader{b: s.lines, pos: int(at)}
	length := uint64(r.u32())
	wide := length == 0xffffffff
	if wide {
		length = r.u64()
	}
	if r.bad || length > uint64(len(r.b)-r.pos) {
		return nil
	}
	r.b = r.b[:r.pos+int(length)]
	t := &lineTable{lineSections: s, wide: wide, version: r.u16()}
	if t.version < 2 || t.version > 5 {
		return nil
	}
	if t.version == 5 {
		r.skip(2) // the sizes of an address and of a segment selector
	}
	length = t.offset(&r)
	if r.bad || length > uint64(len(r.b)-r.pos) {
		return nil
	}
	t.program = cfiReader{b: r.b, pos: r.pos + int(length)}
	t.smallest = uint64(r.u8())
	if t.version >= 4 {
		r.skip(1) // operations of an instruction: one on these processors
	}
	r.skip(1) // whether a row is a statement at first
	t.lineBase, t.lineRange = int8(r.u8()), r.u8()
	first := r.u8() // the first opcode that the compiler chose
	if r.bad || t.lineRange == 0 || first == 0 {
		return nil
	}
	t.lengths, t.names = r.take(int(first)-1), r
	if r.bad {
		return nil
	}
	t.names = r
	return t
}

// offset reads an offset into a section.
func (t *lineTable) offset(r *cfiReader) uint64 {
	if t.wide {
		return r.u64()
	}
	return uint64(r.u32())
}

// A lineRow is a row of the table that a line table's program makes.
type lineRow struct {
	address uint64
	file    uint64
	line    int64
	end     bool // of a sequence: no instruction is at the address
}

// rowOf is the row that an instruction belongs to.
func (t *lineTable) rowOf(pc uint64) (lineRow, bool) {
	start := lineRow{file: 1, line: 1}
	now, last := start, lineRow{end: true}
	r, first := t.program, byte(len(t.lengths)+1)
	for !r.bad && r.pos < len(r.b) {
		row := false
		switch op := r.u8(); {
		case op >= first:
			now.address += t.smallest * uint64((op-first)/t.lineRange)
			now.line += int64(t.lineBase) + int64((op-first)%t.lineRange)
			row = true
		case op == 0:
			row = t.extended(&r, &now)
		default:
			row = t.standard(&r, op, &now)
		}
		if !row {
			continue
		}
		if !last.end && last.address <= pc && pc < now.address {
			return last, true
		}
		if last = now; now.end {
			now = start
		}
	}
	return lineRow{}, false
}

// standard does what a standard opcode says, and reports whether it makes a
// row.
func (t *lineTable) standard(r *cfiReader, op byte, now *lineRow) (row bool) {
	switch op {
	case 1: // DW_LNS_copy
		return true
	case 2: // DW_LNS_advance_pc
		now.address += t.smallest * r.uleb()
	case 3: // DW_LNS_advance_line
		now.line += r.sleb()
	case 4: // DW_LNS_set_file
		now.file = r.uleb()
	case 8: // DW_LNS_const_add_pc
		now.address += t.smallest * uint64((255-byte(len(t.lengths)+1))/t.lineRange)
	case 9: // DW_LNS_fixed_advance_pc
		now.address += uint64(r.u16())
	default:
		for range t.lengths[op-1] {
			r.uleb()
		}
	}
	return false
}

// extended does what an extended opcode says.
func (t *lineTable) extended(r *cfiReader, now *lineRow) (row bool) {
	length := r.uleb()
	if r.bad || length == 0 || length > uint64(len(r.b)-r.pos) {
		r.bad = true
		return false
	}
	end := r.pos + int(length)
	switch r.u8() {
	case 1: // DW_LNE_end_sequence
		now.end, row = true, true
	case 2: // DW_LNE_set_address
		if length == 1+8 {
			now.address = r.u64()
		} else {
			now.address = uint64(r.u32())
		}
	}
	r.pos = end
	return row
}

// fileName is the name of a file of the table, "" if it has none. Without a
// folder it is in the one where the compiler was called.
func (t *lineTable) fileName(file uint64, compDir string) string {
	if t.version == 5 {
		return t.fileName5(file)
	}
	folders := t.names
	r := folders
	for r.string() != "" {
	}
	for i := uint64(1); !r.bad; i++ {
		name := r.string()
		folder := r.uleb()
		r.uleb() // its time
		r.uleb() // its length
		switch {
		case name == "" || r.bad:
			return ""
		case i < file:
			continue
		}
		at := compDir
		for ; folder > 0 && !folders.bad; folder-- {
			if at = folders.string(); at == "" {
				return ""
			}
		}
		return pathIn(compDir, pathIn(at, name))
	}
	return ""
}

// fileName5 is fileName for version 5.
func (t *lineTable) fileName5(file uint64) string {
	r := t.names
	folderForm, folderCount := t.entries(&r)
	folders := r
	for range folderCount {
		if t.entry(&r, folderForm); r.bad {
			return ""
		}
	}
	fileForm, n := t.entries(&r)
	if file >= n {
		return ""
	}
	var name string
	var folder uint64
	for range file + 1 {
		if name, folder = t.entry(&r, fileForm); r.bad {
			return ""
		}
	}
	if folder >= folderCount {
		return ""
	}
	at := ""
	for range folder + 1 {
		if at, _ = t.entry(&folders, folderForm); folders.bad {
			return ""
		}
	}
	return pathIn(at, name)
}

// An entryForm says what a field of an entry is, and how it is written.
type entryForm struct{ content, form uint64 }

// entries reads how the entries of folders or files are written, and how many
// there are: none if they have no bytes.
func (t *lineTable) entries(r *cfiReader) (form []entryForm, n uint64) {
	for range r.u8() {
		form = append(form, entryForm{r.uleb(), r.uleb()})
	}
	if n = r.uleb(); len(form) == 0 {
		n = 0
	}
	return form, n
}

// entry reads one: its path, and the number of its folder.
func (t *lineTable) entry(r *cfiReader, fields []entryForm) (name string, folder uint64) {
	for _, f := range fields {
		text, number := "", uint64(0)
		switch f.form {
		case 0x08: // DW_FORM_string
			text = r.string()
		case 0x0e: // DW_FORM_strp
			text = cString(t.strings, t.offset(r))
		case 0x1f: // DW_FORM_line_strp
			text = cString(t.lineStrings, t.offset(r))
		case 0x0b: // DW_FORM_data1
			number = uint64(r.u8())
		case 0x05: // DW_FORM_data2
			number = uint64(r.u16())
		case 0x06: // DW_FORM_data4
			number = uint64(r.u32())
		case 0x07: // DW_FORM_data8
			number = r.u64()
		case 0x0f: // DW_FORM_udata
			number = r.uleb()
		case 0x1e: // DW_FORM_data16
			r.skip(16)
		case 0x09: // DW_FORM_block
			r.skip(int(r.uleb()))
		default:
			r.bad = true
		}
		switch f.content {
		case 1: // DW_LNCT_path
			name = text
		case 2: // DW_LNCT_directory_index
			folder = number
		}
	}
	return name, folder
}

// string reads a string up to its zero byte.
func (r *cfiReader) string() string {
	n := bytes.IndexByte(r.b[r.pos:], 0)
	if n < 0 || n > maxString {
		r.bad = true
		return ""
	}
	r.pos += n + 1
	return string(r.b[r.pos-n-1 : r.pos-1])
}

// pathIn is the path of a file in a folder.
func pathIn(folder, name string) string {
	if folder == "" || name == "" || path.IsAbs(name) {
		return name
	}
	return path.Join(folder, name)
}
