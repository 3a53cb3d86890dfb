//go:build amd64 || arm64

package symbol

import (
	"bytes"
	"debug/dwarf"
	"debug/elf"
	"encoding/binary"
	"testing"
)

// smallAbbrev are the entries of smallDWARF: a unit (1), a function without
// children (2), one with an inlined one in it (3), that one (4), and a
// function with children and nothing else (5).
var smallAbbrev = []byte{
	1, 0x11, 1, 0x11, 0x01, 0x12, 0x06, 0x10, 0x17, 0, 0,
	2, 0x2e, 0, 0x03, 0x08, 0, 0,
	3, 0x2e, 1, 0x03, 0x08, 0x11, 0x01, 0x12, 0x06, 0, 0,
	4, 0x1d, 0, 0x31, 0x13, 0x11, 0x01, 0x12, 0x06, 0, 0,
	5, 0x2e, 1, 0, 0,
	0,
}

// smallInfo is a unit of 16 bytes at 0x1000: function main, whose first 8
// bytes are a copy of f. The bytes of more follow in the unit.
func smallInfo(more ...byte) []byte {
	le := binary.LittleEndian
	code := func(b []byte, low uint64, size uint32) []byte {
		return le.AppendUint32(le.AppendUint64(b, low), size)
	}
	b := []byte{4, 0, 0, 0, 0, 0, 8} // version 4, abbreviations at 0, addresses of 8 bytes
	b = append(code(append(b, 1), 0x1000, 16), 0, 0, 0, 0)
	f := uint32(4 + len(b))
	b = append(b, 2, 'f', 0)
	b = code(append(b, 3, 'm', 'a', 'i', 'n', 0), 0x1000, 16)
	b = code(le.AppendUint32(append(b, 4), f), 0x1000, 8)
	b = append(append(b, 0), more...)
	b = append(b, 0)
	return append(words(uint32(len(b))), b...)
}

// smallLines is a line table, version 2: line 7 of a.c.
func smallLines() []byte {
	head := []byte{1, 1, 0xfb, 14, 13, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1, 0, 'a', '.', 'c', 0, 0, 0, 0, 0}
	program := binary.LittleEndian.AppendUint64([]byte{0, 9, 2}, 0x1000)
	program = append(program, 3, 6, 1, 2, 16, 0, 1, 1) // line + 6, a row, 16 bytes on, the end
	b := append([]byte{2, 0}, words(uint32(len(head)))...)
	b = append(append(b, head...), program...)
	return append(words(uint32(len(b))), b...)
}

// linesOf reads the DWARF of a file with these sections.
func linesOf(info, abbrev, lines []byte) *dwarfLines {
	f := readELF(bytes.NewReader(makeELF(
		part{name: ".debug_abbrev", kind: elf.SHT_PROGBITS, data: abbrev},
		part{name: ".debug_info", kind: elf.SHT_PROGBITS, data: info},
		part{name: ".debug_line", kind: elf.SHT_PROGBITS, data: lines})))
	if f == nil {
		return nil
	}
	return newDwarfLines(f)
}

// TestDWARF: a line and the function that it is in; entries that are nested
// deeper than any compiler does it cost no more than their line.
func TestDWARF(t *testing.T) {
	for _, tc := range []struct {
		name string
		info []byte
		pc   uint64
		want Place
	}{
		{"inlined", smallInfo(), 0x1004, Place{File: "a.c", Line: 7, Func: "f"}},
		{"not inlined", smallInfo(), 0x100c, Place{File: "a.c", Line: 7}},
		{"nested", smallInfo(bytes.Repeat([]byte{5}, 32<<20)...), 0x100c, Place{File: "a.c", Line: 7}},
	} {
		d := linesOf(tc.info, smallAbbrev, smallLines())
		if d == nil {
			t.Fatalf("%s: not read", tc.name)
		}
		if p := d.place(tc.pc); p == nil || *p != tc.want {
			t.Errorf("%s: %+v, want %+v", tc.name, p, tc.want)
		}
	}
}

// FuzzDWARF reads DWARF that makes no sense.
func FuzzDWARF(f *testing.F) {
	f.Add(smallInfo(), smallAbbrev, smallLines(), uint64(0x1004))
	f.Add(smallInfo(5, 5, 0), smallAbbrev, smallLines(), uint64(0x100c))
	f.Fuzz(func(t *testing.T, info, abbrev, lines []byte, pc uint64) {
		d := linesOf(info, abbrev, lines)
		if d == nil {
			return
		}
		for _, pc := range []uint64{pc, 0x1004} {
			if p := d.place(pc); p != nil && (p.Line == 0 || len(p.File) > 2*maxString+1) {
				t.Errorf("%+v", p)
			}
		}
	})
}

// TestInlinedWithoutSiblings: gcc says where an entry's next sibling is, and
// other compilers leave it out: entries that do not hold the instruction are
// passed over with all that is inside.
func TestInlinedWithoutSiblings(t *testing.T) {
	const compileUnit, subprogram, block, inlined = 0x11, 0x2e, 0x0b, 0x1d
	const name, low, high, origin = 0x03, 0x11, 0x12, 0x31
	const address, data4, text, ref4 = 0x01, 0x06, 0x08, 0x13
	abbrev := []byte{
		1, compileUnit, 1, 0, 0,
		2, subprogram, 1, name, text, low, address, high, data4, 0, 0,
		3, block, 1, low, address, high, data4, 0, 0,
		4, inlined, 0, origin, ref4, low, address, high, data4, 0, 0,
		5, subprogram, 0, name, text, 0, 0,
		0,
	}
	le := binary.LittleEndian
	at := func(b []byte, from uint64, size uint32) []byte {
		return le.AppendUint32(le.AppendUint64(b, from), size)
	}
	info := []byte{0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 8, 1} // version 4, addresses of 8 bytes, the unit
	copied := uint32(len(info))
	info = append(info, "\x05copied\x00"...)
	wrong := uint32(len(info))
	info = append(info, "\x05wrong\x00"...)
	info = at(append(info, "\x02outer\x00"...), 0x200, 0x20)
	info = append(at(le.AppendUint32(append(info, 4), copied), 0x208, 8), 0)
	info = at(append(info, "\x02other\x00"...), 0x100, 0x10)
	info = at(append(info, 3), 0x100, 8)
	info = at(le.AppendUint32(append(info, 4), wrong), 0x208, 8) // in a block of another function
	info = append(info, 0, 0, 0)
	le.PutUint32(info, uint32(len(info)-4))
	data, err := dwarf.New(abbrev, nil, nil, info, nil, nil, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	unit, err := data.Reader().Next()
	if err != nil {
		t.Fatal(err)
	}
	d := &dwarfLines{debug: data}
	for pc, want := range map[uint64]string{0x104: "", 0x204: "", 0x208: "copied", 0x20f: "copied", 0x210: ""} {
		if got := d.inlinedAt(unit, pc); got != want {
			t.Errorf("at %#x the code is of %q, want %q", pc, got, want)
		}
	}
}
