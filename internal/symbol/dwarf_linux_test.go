//go:build amd64 || arm64

package symbol

import (
	"bytes"
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
