//go:build amd64 || arm64

package symbol

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"os"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// A part is a section of an ELF file made by makeELF.
type part struct {
	name string
	kind elf.SectionType
	addr uint64
	link uint32
	data []byte
}

// makeELF makes an executable of one segment of code and of sections. The
// table of their names comes last.
func makeELF(parts ...part) []byte {
	le := binary.LittleEndian
	names := []byte{0}
	at := make([]uint32, len(parts)+1)
	for i, p := range append(parts, part{name: ".shstrtab"}) {
		at[i] = uint32(len(names))
		names = append(append(names, p.name...), 0)
	}
	parts = append(parts, part{kind: elf.SHT_STRTAB, data: names})
	var body, headers []byte
	headers = append(headers, make([]byte, 64)...) // the null section
	for i, p := range parts {
		h := make([]byte, 64)
		le.PutUint32(h[0:], at[i])
		le.PutUint32(h[4:], uint32(p.kind))
		le.PutUint64(h[8:], uint64(elf.SHF_ALLOC))
		le.PutUint64(h[16:], p.addr)
		le.PutUint64(h[24:], uint64(dataAtOffset+len(body)))
		le.PutUint64(h[32:], uint64(len(p.data)))
		le.PutUint32(h[40:], p.link)
		headers = append(headers, h...)
		body = append(body, p.data...)
	}
	h := make([]byte, 64)
	copy(h, "\x7fELF\x02\x01\x01")
	le.PutUint16(h[16:], uint16(elf.ET_EXEC))
	le.PutUint16(h[18:], uint16(nativeMachine))
	le.PutUint32(h[20:], 1)
	le.PutUint64(h[32:], 64)
	le.PutUint64(h[40:], uint64(dataAtOffset+len(body)))
	le.PutUint16(h[52:], 64)
	le.PutUint16(h[54:], 56)
	le.PutUint16(h[56:], 1)
	le.PutUint16(h[58:], 64)
	le.PutUint16(h[60:], uint16(len(parts)+1))
	le.PutUint16(h[62:], uint16(len(parts)))
	code := make([]byte, 56) // from 0x1000 to 0x2000
	le.PutUint32(code[0:], uint32(elf.PT_LOAD))
	le.PutUint32(code[4:], uint32(elf.PF_R|elf.PF_X))
	le.PutUint64(code[16:], 0x1000)
	le.PutUint64(code[32:], 0x1000)
	le.PutUint64(code[40:], 0x1000)
	return slices.Concat(h, code, body, headers)
}

// dataAtOffset is where the first section's data is in a file of makeELF.
const dataAtOffset = 64 + 56

func words(v ...uint32) (b []byte) {
	for _, w := range v {
		b = binary.LittleEndian.AppendUint32(b, w)
	}
	return b
}

// smallGoTable is the line table of one function, main.main, at
// 0x1000: 16 bytes long, on line 7 of a.go, its frame of 8 bytes, and
// main.f inlined from its ninth byte on.
func smallGoTable() []part {
	const (
		table                            = 0x2000
		names, cus, files, values, funcs = 72, 96, 104, 112, 136
		info                             = 24 // in funcs
	)
	le := binary.LittleEndian
	b := words(goTableMagic, 0x08010000)
	for _, w := range []uint64{1, 1, 0, names, cus, files, values, funcs} {
		b = le.AppendUint64(b, w)
	}
	b = append(b, "\x00main.main\x00main.f\x00\x00\x00\x00\x00\x00\x00"...)
	b = append(b, words(0, 0)...)
	b = append(b, "a.go\x00\x00\x00\x00"...)
	// Value change (signed, +1 first) and distance in bytes.
	b = append(b, 0, 18, 16, 0, 2, 16, 0, 16, 16, 0, 0, 8, 2, 8, 0)
	b = append(b, make([]byte, funcs-len(b))...)
	b = append(b, words(0, info, 16, 0, 0, 0)...)
	b = append(b, words(0, 1, 0, 0, 1, 4, 7, 3, 0, 7, 4<<24, 0, 0, 10, 0, 0, 0, 0)...)
	tree := words(0, 11, 2, 3)
	module := le.AppendUint64(nil, table)
	for _, begin := range []uint64{names, cus, files, values, funcs, funcs} {
		for _, w := range []uint64{table + begin, 8, 8} {
			module = le.AppendUint64(module, w)
		}
	}
	for _, w := range []uint64{0, 0x1000, 0x1010, 0x1000, 0x1010, 0, 0x3000} {
		module = le.AppendUint64(module, w)
	}
	return []part{
		{name: ".gopclntab", kind: elf.SHT_PROGBITS, addr: table, data: b},
		{name: ".go.module", kind: elf.SHT_PROGBITS, addr: 0x5000, data: module},
		{name: ".rodata", kind: elf.SHT_PROGBITS, addr: 0x3000, data: tree},
	}
}

// smallFrame is .eh_frame for a function of 16 bytes at 0x1000, with
// the instructions given.
func smallFrame(program ...byte) part {
	pad := func(b []byte) []byte {
		b = append(b, make([]byte, -len(b)&7+4)...)
		return append(words(uint32(len(b))), b...)
	}
	// Version 1, "zR", code 1, data −8, return address 16, absolute
	// pointers; CFA is sp+8.
	b := pad(append(words(0), 1, 'z', 'R', 0, 1, 0x78, 16, 1, 0, 0x0c, 7, 8, 0x90, 1))
	fde := words(uint32(len(b)+4), 0x1000, 0, 16, 0)
	b = append(b, pad(append(append(fde, 0), program...))...)
	return part{name: ".eh_frame", kind: elf.SHT_PROGBITS, addr: 0x4000, data: append(b, 0, 0, 0, 0)}
}

// hostileFrames are instructions that have hurt, or would.
var hostileFrames = [][]byte{
	nil,
	{0x41, 0x0e, 16, 0x86, 2, 0x41, 0x0d, 6}, // push rbp; mov rsp, rbp
	{0x0c, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 8},                   // CFA of register −1
	{0x0d, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1},                      // the same
	{0x09, 3, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1},                   // saved in register −1
	{0x05, 3, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1},                   // saved anywhere
	{0x0e, 0xf8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1},                      // CFA sp−8
	bytes.Repeat([]byte{0x0a}, 100),                                                      // states remembered
	append([]byte{0x0e}, bytes.Repeat([]byte{0x80}, 100)...),                             // a number without an end
	{0x0f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 0x0b, 0x2e, 1, 0x13}, // an expression without an end
}

// FuzzImage reads executables that are any bytes.
func FuzzImage(f *testing.F) {
	goParts := smallGoTable()
	f.Add(makeELF(goParts...), uint64(0x1001), uint64(0))
	f.Add(makeELF(append(goParts, smallFrame())...), uint64(0x100a), uint64(0))
	f.Add(makeELF(smallFrame(hostileFrames[1]...)), uint64(0x100f), uint64(8))
	f.Add([]byte("\x7fELF"), uint64(0), uint64(0))
	stack := newFuzzStack()
	f.Fuzz(stack.walk)
	runtime.KeepAlive(stack)
}

// FuzzTables reads executables whose tables make no sense.
func FuzzTables(f *testing.F) {
	goParts := smallGoTable()
	table, module, tree := goParts[0].data, goParts[1].data, goParts[2].data
	for _, pc := range []uint64{0x1001, 0x100a, 0} {
		f.Add(table, module, tree, []byte{}, pc, uint64(0))
	}
	for _, p := range hostileFrames {
		f.Add([]byte{}, module, tree, smallFrame(p...).data, uint64(0x100f), uint64(8))
	}
	stack := newFuzzStack()
	f.Fuzz(func(t *testing.T, table, module, tree, frame []byte, pc, offset uint64) {
		var parts []part
		if len(table) > 0 {
			parts = smallGoTable()
			parts[0].data, parts[1].data, parts[2].data = table, module, tree
		}
		if len(frame) > 0 {
			p := smallFrame()
			p.data = frame
			parts = append(parts, p)
		}
		stack.walk(t, makeELF(parts...), pc, offset)
	})
	runtime.KeepAlive(stack)
}

// A fuzzStack is memory whose words are addresses in the hand-made
// function.
type fuzzStack []uint64

func newFuzzStack() fuzzStack {
	s := make(fuzzStack, 1024)
	for i := range s {
		s[i] = 0x1000 + uint64(i)%17
	}
	return s
}

// walk reads the tables of a file and goes up the stack by them.
func (s fuzzStack) walk(t *testing.T, file []byte, pc, offset uint64) {
	var img image
	img.read(bytes.NewReader(file))
	img.spotAt(pc)
	u := unwinder{t: ownMemory{}, frame: frame{pc: pc}, buf: make([]byte, 4096)}
	for i := range u.regs {
		u.set(i, uint64(reflect.ValueOf(s).Pointer())+8*uint64(i)+offset)
	}
	for range 4 {
		if img.goTab == nil {
			break
		}
		fn, ok := img.goTab.find(u.pc)
		if !ok {
			break
		}
		if calls := fn.calls(u.pc); len(calls) > 64 {
			t.Errorf("%d calls", len(calls))
		}
		if !u.stepGo(fn, u.pc, true) {
			break
		}
	}
	u.pc = pc
	elfFile := readELF(bytes.NewReader(file))
	if elfFile == nil {
		return
	}
	cfi := newCFI(elfFile)
	for range 4 {
		if cfi == nil || !u.stepCFI(cfi, u.pc) {
			break
		}
	}
}

// ownMemory is a thread whose memory is that of the test.
type ownMemory struct{}

func (ownMemory) Tid() int { return os.Getpid() }

func (ownMemory) Registers(*unix.PtraceRegs) error { return unix.ESRCH }

func (ownMemory) ReadMemory(addr uint64, b []byte) int {
	local := unix.Iovec{Base: &b[0]}
	local.SetLen(len(b))
	remote := unix.RemoteIovec{Base: uintptr(addr), Len: len(b)}
	n, err := unix.ProcessVMReadv(os.Getpid(), []unix.Iovec{local}, []unix.RemoteIovec{remote}, 0)
	if err != nil {
		return 0
	}
	return n
}

// TestImage: the hand-made tables say what they are meant to.
func TestImage(t *testing.T) {
	var img image
	img.read(bytes.NewReader(makeELF(smallGoTable()...)))
	if img.goTab == nil {
		t.Fatal("no line table")
	}
	for pc, want := range map[uint64][]Place{
		0x1001: {{"a.go", 7, "main.main"}},
		0x100a: {{"a.go", 7, "main.f"}, {"a.go", 7, "main.main"}},
	} {
		fn, ok := img.goTab.find(pc)
		if !ok {
			t.Fatalf("%#x is in no function", pc)
		}
		if got := fn.calls(pc); !slices.Equal(got, want) {
			t.Errorf("calls %v, want %v", got, want)
		}
		size, ok := fn.frameSize(pc)
		if size != 8 || !ok {
			t.Errorf("frame %d, %v, want 8, true", size, ok)
		}
	}
	for i, p := range hostileFrames[:2] {
		f := readELF(bytes.NewReader(makeELF(smallFrame(p...))))
		rs := newCFI(f).find(0x100f)
		if rs == nil {
			t.Fatal("no rules")
		}
		if want := []rule{{ruleValue, 8, 7}, {ruleValue, 16, 6}}[i]; rs.cfa != want {
			t.Errorf("CFA %v, want %v", rs.cfa, want)
		}
		if want := (rule{kind: ruleOffset, offset: -8}); rs.regs[16] != want {
			t.Errorf("return address %v, want %v", rs.regs[16], want)
		}
	}
}

// TestHostileImage: what a file says of itself does not take more
// memory or time than its size allows.
func TestHostileImage(t *testing.T) {
	var many []part // sections of one name, which is all of the table
	for range 4000 {
		many = append(many, part{})
	}
	many[0].name = strings.Repeat("n", 1<<20)
	names := makeELF(many...)
	for i, h := 0, names[len(names)-64*4002:]; i < 4000; i++ {
		binary.LittleEndian.PutUint32(h[64*i+64:], 1)
	}
	// Symbols that are all called by one name.
	table := make([]byte, 24<<16)
	for i := 0; i < len(table); i += 24 {
		binary.LittleEndian.PutUint64(table[i+16:], 1)
		table[i+4] = byte(elf.STT_FUNC)
	}
	long := part{name: ".strtab", kind: elf.SHT_STRTAB, data: bytes.Repeat([]byte("n"), 1<<20)}
	goParts := smallGoTable()
	clear(goParts[1].data) // position independent: the symbols tell
	calls := makeELF(append([]part{{name: ".symtab", kind: elf.SHT_SYMTAB, link: 2, data: table}, long}, goParts...)...)
	// A compressed section that says it unpacks to a terabyte.
	bomb := makeELF(part{name: ".debug_line", kind: elf.SHT_PROGBITS, data: append(words(1, 0, 0, 1<<8, 1, 0), 0x78, 0x9c)})
	binary.LittleEndian.PutUint64(bomb[len(bomb)-2*64+8:], uint64(elf.SHF_COMPRESSED))
	older := makeELF(part{name: ".zdebug_line", kind: elf.SHT_PROGBITS, data: []byte("ZLIB\xff\xff\xff\xff\xff\xff\xff\xff\x78\x9c")})
	// Descriptions that each read all that is behind them.
	deep := smallFrame(bytes.Repeat([]byte{0x0a}, 1<<19)...)
	for name, file := range map[string][]byte{
		"names": names, "symbols": calls, "compressed": bomb, "older compressed": older, "states": makeELF(deep),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		var img image
		img.read(bytes.NewReader(file))
		img.spotAt(0x1001)
		if f := readELF(bytes.NewReader(file)); f != nil {
			if cfi := newCFI(f); cfi != nil {
				cfi.find(0x100f)
			}
		}
		runtime.ReadMemStats(&after)
		if got := (after.TotalAlloc - before.TotalAlloc) >> 20; got > 64 {
			t.Errorf("%s: %d MiB for a file of %d KiB", name, got, len(file)>>10)
		}
	}
}

// TestImageFIFO: a path that has become a FIFO is not waited for.
func TestImageFIFO(t *testing.T) {
	path := t.TempDir() + "/fifo"
	if err := unix.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := openImage(path); err != errNotRegular {
		t.Errorf("a FIFO opened as an executable: %v", err)
	}
	img := &image{}
	for _, name := range []string{path, "/dev/zero"} {
		if img.readFrames(name); img.cfi != nil {
			t.Errorf("%s: frames of a file that is none", name)
		}
	}
}

// TestOldDebugInfo: a program with debug information of a form that is not
// read says so, and does not say that it has none.
func TestOldDebugInfo(t *testing.T) {
	for section, want := range map[string]string{".stab": OldDebugInfo, ".text": NoDebugInfo} {
		img := &image{}
		img.read(bytes.NewReader(makeELF(part{name: section, kind: elf.SHT_PROGBITS, data: make([]byte, 12)})))
		if img.noLines != want {
			t.Errorf("with %s: %q", section, img.noLines)
		}
	}
}
