//go:build amd64 || arm64

package symbol

import (
	"debug/dwarf"
	"debug/elf"
	"errors"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"testing"
)

// TestLineTable: each row of the line tables that the C compiler writes, in
// each version of DWARF, is what debug/dwarf reads: files of other folders,
// two units, inlined functions, a folder that was named absolutely.
func TestLineTable(t *testing.T) {
	t.Parallel()
	cc, err := exec.LookPath("cc")
	if err != nil {
		t.Skip("no C compiler")
	}
	dir := t.TempDir()
	for name, text := range map[string]string{
		"inc/twice.h":  "static inline int twice(int i)\n{\n\treturn i * 2 + getpid();\n}\n",
		"abs/thrice.h": "static inline int thrice(int i)\n{\n\treturn i * 3 + getpid();\n}\n",
		"sub/other.c":  "#include <unistd.h>\n#include \"../inc/twice.h\"\nint other(int i)\n{\n\treturn twice(i) + 1;\n}\n",
		"main.c": "#include <unistd.h>\n#include \"inc/twice.h\"\n#include <thrice.h>\nint other(int);\n" +
			"__attribute__((section(\".text.cold\"))) int cold(int i)\n{\n\treturn i;\n}\n" +
			"int main(void)\n{\n\tint i = twice(3);\n\tfor (; i < 30000; i++)\n\t\ti = other(thrice(i));\n\treturn cold(i);\n}\n",
	} {
		file := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o777), os.WriteFile(file, []byte(text), 0o666)); err != nil {
			t.Fatal(err)
		}
	}
	for _, flags := range []string{
		"-gdwarf-2 -O0", "-gdwarf-3 -O2", "-gdwarf-4 -O0", "-gdwarf-4 -O2", "-gdwarf-5 -O0", "-gdwarf-5 -O2",
		"-gdwarf-5 -O1 -gz=zlib", "-gdwarf-5 -O1 -gdwarf64", "-gdwarf-5 -O1 -static",
	} {
		exe := filepath.Join(dir, strings.ReplaceAll(flags, " ", ""))
		cmd := exec.Command(cc, append(strings.Fields(flags), "-I"+dir+"/abs", "-o", exe, "main.c", "sub/other.c")...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			if strings.Contains(string(out), "unrecognized") {
				t.Logf("%s: %s", flags, out)
				continue
			}
			t.Fatalf("%s: %v\n%s", flags, err, out)
		}
		if rows := compareLines(t, flags, exe); rows < 15 {
			t.Errorf("%s: only %d rows", flags, rows)
		}
	}
}

// compareLines looks each row up that debug/dwarf reads, and returns how many
// there were.
func compareLines(t *testing.T, flags, exe string) (rows int) {
	f, err := elf.Open(exe)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	d := newDwarfLines(f)
	if d == nil {
		t.Fatalf("%s: no lines", flags)
	}
	files := map[string]bool{}
	units := d.debug.Reader()
	for {
		unit, err := units.Next()
		if err != nil || unit == nil {
			break
		}
		units.SkipChildren()
		lines, err := d.debug.LineReader(unit)
		if err != nil || lines == nil {
			continue
		}
		dir, _ := unit.Val(dwarf.AttrCompDir).(string)
		var e, next dwarf.LineEntry
		e.EndSequence = true
		for {
			if err := lines.Next(&next); err == io.EOF {
				break
			} else if err != nil {
				t.Fatal(err)
			}
			if !e.EndSequence && e.Address < next.Address {
				want := e.File.Name
				if !path.IsAbs(want) {
					want = path.Join(dir, want)
				}
				for _, pc := range []uint64{e.Address, next.Address - 1} {
					if file, line := d.lineAt(unit, pc); file != want || line != e.Line {
						t.Errorf("%s: %#x: %s:%d, want %s:%d", flags, pc, file, line, want, e.Line)
					}
				}
				files[filepath.Base(want)] = true
				rows++
			}
			e = next
		}
		if file, line := d.lineAt(unit, 1); file != "" || line != 0 {
			t.Errorf("%s: an address without a row: %s:%d", flags, file, line)
		}
	}
	for _, name := range []string{"main.c", "other.c", "twice.h", "thrice.h"} {
		if !files[name] {
			t.Errorf("%s: no row is of %s", flags, name)
		}
	}
	return rows
}

// TestLineTableSays: a table that says that it has 2^32 folders or files is
// not believed.
func TestLineTableSays(t *testing.T) {
	many := []byte{0xff, 0xff, 0xff, 0xff, 0x0f}
	for name, tables := range map[string][]byte{
		"folders without bytes": append(append([]byte{0}, many...), 0, 1),
		"folders":               append(append([]byte{1, 1, 8}, many...), 'a', 0),
		"files":                 append(append([]byte{1, 1, 8, 1, 'a', 0, 1, 1, 8}, many...), 'b', 0),
	} {
		head := append([]byte{1, 1, 1, 0xfb, 14, 13, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1}, tables...)
		b := append([]byte{5, 0, 8, 0}, words(uint32(len(head)))...)
		b = append(append(b, head...), 0, 9, 2, 0, 0x10, 0, 0, 0, 0, 0, 0, 1, 2, 16, 0, 1, 1)
		s := lineSections{lines: append(words(uint32(len(b))), b...)}
		table := s.table(0)
		if table == nil {
			t.Fatalf("%s: no table", name)
		}
		if row, ok := table.rowOf(0x1004); !ok || row.line != 1 || row.file != 1 {
			t.Errorf("%s: row %+v %v", name, row, ok)
		}
		if file := table.fileName(1, "/"); file != "" {
			t.Errorf("%s: file %q", name, file)
		}
	}
}
