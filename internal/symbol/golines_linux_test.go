//go:build amd64 || arm64

package symbol

import (
	"bytes"
	"debug/dwarf"
	"debug/elf"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"apue/internal/build"
)

// all are as many functions as any program has.
const all = math.MaxInt

// goProgram reads and proves the line table of a program.
func goProgram(t *testing.T, path string, tries int) (*goTable, *elf.File) {
	t.Helper()
	f, err := elf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	g, reason := newGoTable(f, tries)
	if g == nil {
		t.Fatalf("%s: %s", path, reason)
	}
	return g, f
}

// addresses are about n instructions, spread over all places of all
// functions.
func (g *goTable) addresses(n int) []uint64 {
	var all []uint64
	for i := range g.count {
		f, _ := g.function(i)
		f.ranges(u32(f.info, funcLine), func(from, _ uint64, _ int32) bool {
			all = append(all, from)
			return true
		})
	}
	var some []uint64
	for i := 0; i < len(all); i += max(1, len(all)/n) {
		some = append(some, all[i])
	}
	return some
}

// noLines says why the lines of a Go program cannot be told, "" if they
// can. Of the program's own file it says whether this package understands
// the Go that built it: every function is tried.
func noLines(path string) string {
	file, err := os.Open(path)
	if err != nil {
		return unreadable(err)
	}
	defer file.Close()
	f := readELF(file)
	if f == nil {
		return notELF
	}
	_, reason := newGoTable(f, math.MaxInt)
	return reason
}

// TestGoProgramsProve: any function of any program may be one that is
// tried. The Go command and this test have most that there are.
func TestGoProgramsProve(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command, err := exec.LookPath("go")
	if err != nil {
		t.Fatal(err)
	}
	for _, exe := range []string{self, command} {
		if g, _ := goProgram(t, exe, 3000); g.count < 1000 {
			t.Errorf("%s has %d functions", exe, g.count)
		}
		if reason := noLines(exe); reason != "" {
			t.Errorf("%s has no lines: %s", exe, reason)
		}
	}
	for path, want := range map[string]string{
		"testdata/varied/main.go": notELF, "none": "the program's file cannot be read: no such file or directory",
	} {
		if got := noLines(path); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
}

// TestGoLines compares the line table of a program with its DWARF: the
// places of instructions, and the names of functions that were not inlined.
func TestGoLines(t *testing.T) {
	exe := filepath.Join(t.TempDir(), "varied")
	if out, err := build.Go("testdata/varied", exe); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	g, f := goProgram(t, exe, all)
	debug, err := f.DWARF()
	if err != nil {
		t.Fatal(err)
	}
	lines := map[uint64]string{}
	for r := debug.Reader(); ; r.SkipChildren() {
		unit, err := r.Next()
		if err != nil || unit == nil {
			break
		}
		table, err := debug.LineReader(unit)
		if err != nil || table == nil {
			continue
		}
		var last, e dwarf.LineEntry
		for last.EndSequence = true; table.Next(&e) == nil; last = e {
			if !last.EndSequence && last.Address != e.Address {
				lines[last.Address] = fmt.Sprintf("%s:%d", last.File.Name, last.Line)
			}
		}
	}
	compared, inlined := 0, 0
	for _, pc := range g.addresses(4000) {
		want, ok := lines[pc]
		if !ok {
			continue // DWARF has no entry that begins here
		}
		fn, _ := g.find(pc)
		calls := fn.calls(pc)
		if len(calls) == 0 {
			t.Fatalf("%#x: no line, want %s", pc, want)
		}
		if got := fmt.Sprintf("%s:%d", calls[0].File, calls[0].Line); got != want {
			t.Errorf("%#x: %s, want %s", pc, got, want)
		}
		compared++
		inlined += min(1, len(calls)-1)
	}
	if compared < 3000 || inlined < 500 {
		t.Errorf("%d lines were compared, %d of inlined calls", compared, inlined)
	}
}

// TestToolchains compares more than 10,000 lines of a program built by each
// of the versions of Go in CH8_TOOLCHAINS ("go1.26.8 go1.27.4") with what
// addr2line of the binutils says of them, all inlined calls included. The
// addresses are those that a recording can need: in the instruction of a
// call, or behind a system call. The same program without symbols and debug
// information, and as a position independent executable, must have the same
// lines.
func TestToolchains(t *testing.T) {
	toolchains := strings.Fields(os.Getenv("CH8_TOOLCHAINS"))
	if len(toolchains) == 0 {
		t.Skip("CH8_TOOLCHAINS names no versions of Go: this test is a stage of CI")
	}
	for _, toolchain := range toolchains {
		t.Run(toolchain, func(t *testing.T) {
			dir := t.TempDir()
			compile := func(name string, flags ...string) string {
				exe := filepath.Join(dir, name)
				cmd := exec.Command("go", slices.Concat([]string{"build", "-buildvcs=false", "-o", exe}, flags, []string{"./testdata/varied"})...)
				// addr2line 2.40 cannot read the line tables of DWARF 5
				// that Go writes.
				cmd.Env = append(os.Environ(), "GOTOOLCHAIN="+toolchain, "GOEXPERIMENT=nodwarf5", "CGO_ENABLED=0")
				if out, err := cmd.CombinedOutput(); err != nil {
					t.Fatalf("%v\n%s", err, out)
				}
				return exe
			}
			exe := compile("varied")
			g, _ := goProgram(t, exe, all)
			pcs := callSites(t, exe, g)
			wrong := 0
			for i, want := range addr2line(t, exe, pcs) {
				fn, _ := g.find(pcs[i])
				if got := fn.calls(pcs[i]); !agree(got, want) {
					if wrong++; wrong < 10 {
						t.Errorf("%#x:\n got %v\nwant %v", pcs[i], got, want)
					}
				}
			}
			if t.Logf("%d lines, %d wrong", len(pcs), wrong); len(pcs) < 10000 {
				t.Error("too few lines")
			}

			stripped, _ := goProgram(t, compile("stripped", "-ldflags=-s -w"), all)
			pie, _ := goProgram(t, compile("pie", "-buildmode=pie", "-ldflags=-s -w"), all)
			if got, want := stripped.everything(), g.everything(); got != want {
				t.Error("the stripped program has other lines")
			}
			if whole, _ := goProgram(t, compile("whole", "-buildmode=pie"), all); pie.everything() != whole.everything() {
				t.Error("the stripped position independent program has other lines")
			}
		})
	}
}

// everything is all that the table tells, by the distance from the
// beginning of the code.
func (g *goTable) everything() string {
	var b strings.Builder
	for _, pc := range g.addresses(1 << 20) {
		fn, _ := g.find(pc)
		size, ok := fn.frameSize(pc)
		fmt.Fprintln(&b, pc-g.text, size, ok, fn.calls(pc))
	}
	return b.String()
}

// callSites returns the last address of each instruction that calls a
// function, and the address behind each that enters the kernel.
func callSites(t *testing.T, exe string, g *goTable) (pcs []uint64) {
	t.Helper()
	out, err := exec.Command("objdump", "-d", "--no-show-raw-insn", exe).Output()
	if err != nil {
		t.Fatalf("objdump: %v: install binutils", err)
	}
	called := false
	for line := range strings.Lines(string(out)) {
		var pc uint64
		var instruction string
		if n, _ := fmt.Sscanf(line, "%x: %s", &pc, &instruction); n < 2 {
			continue
		}
		if _, ok := g.find(pc); !ok {
			continue
		}
		if called {
			pcs = append(pcs, pc-1)
		}
		switch instruction {
		case "syscall", "svc":
			pcs = append(pcs, pc)
		}
		called = instruction == "call" || instruction == "bl" || instruction == "blr"
	}
	return pcs
}

// addr2line returns what the binutils say of addresses: of each the
// functions with their places, the innermost first.
func addr2line(t *testing.T, exe string, pcs []uint64) (all [][]Place) {
	t.Helper()
	var in strings.Builder
	for _, pc := range pcs {
		fmt.Fprintf(&in, "%#x\n", pc)
	}
	cmd := exec.Command("addr2line", "-i", "-f", "-a", "-e", exe)
	cmd.Stdin = strings.NewReader(in.String())
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("addr2line: %v: install binutils", err)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	for i := 0; i < len(lines); {
		i++ // the address
		var calls []Place
		for ; i+1 < len(lines) && !strings.HasPrefix(lines[i], "0x"); i += 2 {
			place, _, _ := strings.Cut(lines[i+1], " (discriminator")
			colon := strings.LastIndexByte(place, ':')
			line := 0 // ? says that it does not know
			fmt.Sscan(place[colon+1:], &line)
			// The names of assembly functions have their calling
			// convention behind them.
			calls = append(calls, Place{place[:colon], line, strings.TrimSuffix(lines[i], ".abi0")})
		}
		all = append(all, calls)
	}
	if len(all) != len(pcs) {
		t.Fatalf("addr2line answered %d of %d", len(all), len(pcs))
	}
	return all
}

// agree compares the calls of an instruction with those that addr2line
// tells. It gives an innermost call that was inlined the name of the whole
// function. Code that the compiler made has no line.
func agree(ours, theirs []Place) bool {
	if len(ours) != len(theirs) || len(ours) == 0 {
		return false
	}
	for i, call := range ours {
		inlined := i == 0 && len(ours) > 1
		if call.File != "<autogenerated>" && (call.File != theirs[i].File || call.Line != theirs[i].Line ||
			call.Func != theirs[i].Func && !inlined) {
			return false
		}
	}
	return true
}

// TestGoProof damages the hand-made line table in each way that another
// layout of it could look: what is not confirmed is not used.
func TestGoProof(t *testing.T) {
	const (
		table, module, rodata = 0, 1, 2
		funcs                 = 136
		info                  = funcs + 24
		values                = 112
		firstFree             = 8 * 19 // in module: what follows the slices
	)
	const (
		unknownTable  = "the line table of this Go program has a layout that is not known"
		unknownFuncs  = "the table of functions of this Go program has a layout that is not known"
		unknownText   = "where the code of this Go program begins cannot be told"
		unknownFields = "the functions of this Go program are described in a layout that is not known"
		unknownCalls  = "the tables of inlined calls of this Go program have a layout that is not known"
	)
	le := binary.LittleEndian
	word := func(b []byte, at int, v uint32) { le.PutUint32(b[at:], v) }
	extra := func(w uint64) func(p []part) []part {
		return func(p []part) []part {
			p[module].data = le.AppendUint64(p[module].data, w)
			return p
		}
	}
	for name, c := range map[string]struct {
		damage func(p []part) []part
		reason string
	}{
		"nothing":    {func(p []part) []part { return p }, ""},
		"more words": {extra(0x77), ""},
		"moved words": {func(p []part) []part {
			p[module].data = slices.Insert(p[module].data, firstFree, make([]byte, 24)...)
			return p
		}, ""},
		"magic":          {func(p []part) []part { p[table].data[0]++; return p }, unknownTable},
		"pointers":       {func(p []part) []part { p[table].data[7] = 4; return p }, unknownTable},
		"no order":       {func(p []part) []part { word(p[table].data, 8+8*4, 200); return p }, unknownTable},
		"too many":       {func(p []part) []part { word(p[table].data, 8, 1000); return p }, unknownTable},
		"entry":          {func(p []part) []part { word(p[table].data, info, 1); return p }, unknownFuncs},
		"no module":      {func(p []part) []part { p[module].name = ".else"; return p }, unknownText},
		"slices":         {func(p []part) []part { word(p[module].data, 8, 0x2001); return p }, unknownText},
		"text":           {func(p []part) []part { clear(p[module].data[firstFree+8 : firstFree+8*5]); return p }, unknownText},
		"not code":       {func(p []part) []part { word(p[table].data, funcs+8, 0x2000); return p }, unknownText},
		"name":           {func(p []part) []part { word(p[table].data, info+4*funcName, 2); return p }, unknownFields},
		"frame":          {func(p []part) []part { p[table].data[values+1] = 20; return p }, unknownFields},
		"file":           {func(p []part) []part { p[table].data[values+4] = 8; return p }, unknownFields},
		"line":           {func(p []part) []part { word(p[table].data, info+4*funcStart, 8); return p }, unknownFields},
		"files":          {func(p []part) []part { word(p[table].data, info+4*funcFile, 1); return p }, unknownFields},
		"no calls":       {func(p []part) []part { clear(p[module].data[firstFree+8*6:]); return p }, unknownCalls},
		"call's name":    {func(p []part) []part { word(p[rodata].data, 4, 12); return p }, unknownCalls},
		"call's pad":     {func(p []part) []part { p[rodata].data[1] = 1; return p }, unknownCalls},
		"call's site":    {func(p []part) []part { word(p[rodata].data, 8, 16); return p }, unknownCalls},
		"call in itself": {func(p []part) []part { word(p[rodata].data, 8, 9); return p }, unknownCalls},
		"two that fit": {func(p []part) []part {
			p = append(p, part{name: ".other", kind: elf.SHT_PROGBITS, addr: 0x6000, data: bytes.Clone(p[rodata].data)})
			return extra(0x6000)(p)
		}, unknownCalls},
	} {
		t.Run(name, func(t *testing.T) {
			var img image
			img.read(bytes.NewReader(makeELF(c.damage(smallGoTable())...)))
			if img.noLines != c.reason {
				t.Errorf("got %q, want %q", img.noLines, c.reason)
			}
			if c.reason == "" {
				want := []Place{{"a.go", 7, "main.f"}, {"a.go", 7, "main.main"}}
				if fn, _ := img.goTab.find(0x100a); !slices.Equal(fn.calls(0x100a), want) {
					t.Errorf("calls %v, want %v", fn.calls(0x100a), want)
				}
			}
		})
	}
}

// TestHidden tells what a program's author wrote from what was not.
func TestHidden(t *testing.T) {
	known, trimmed := &goTable{library: "/go/src/"}, &goTable{}
	for _, c := range []struct {
		call Place
		want bool
	}{
		{Place{"/go/src/fmt/print.go", 1, "fmt.Fprintln"}, true},
		{Place{"/go/src/runtime/proc.go", 1, "runtime.main"}, true},
		{Place{"/u/me/a.go", 1, "main.main"}, false},
		{Place{"/u/me/a.go", 1, "main.sorted[...].func1"}, false},
		{Place{"/u/me/x.go", 1, "example.com/x/y.(*T).Do"}, false},
		{Place{"/u/me/x.go", 1, "golang.org/x/sys/unix.Kill"}, true},
		{Place{"/u/me/fork.go", 1, "apue/ch8/proc.Fork"}, true},
		{Place{"/u/me/file.go", 1, "github.com/me/apue/ch8/stdio.(*File).Puts"}, true},
		{Place{"<autogenerated>", 1, "main.(*T).Do"}, true},
		{Place{"_cgo_gotypes.go", 40, "main._Cfunc_fork"}, true},
	} {
		for _, g := range []*goTable{known, trimmed} {
			if got := g.hidden(c.call); got != c.want {
				t.Errorf("%v hidden: %v, library %q", c.call, got, g.library)
			}
		}
	}
	// A package of one's own may be called as one of the library is.
	if own := (Place{"/u/me/sort/a.go", 1, "sort/bubble.Sort"}); known.hidden(own) {
		t.Errorf("%v is hidden", own)
	}
}

// TestStandard: the list of the library's packages has all of this Go's.
func TestStandard(t *testing.T) {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(filepath.Join(strings.TrimSpace(string(root)), "src"))
	if err != nil {
		t.Fatal(err)
	}
	others := []string{"arena", "builtin", "cmd", "simd", "testdata"} // no packages, or experiments
	for _, e := range entries {
		if e.IsDir() && !standard[e.Name()] && !slices.Contains(others, e.Name()) {
			t.Errorf("%s is not known to be of the standard library", e.Name())
		}
	}
}
