//go:build 386 || amd64 || arm64

package symbol

import (
	"cmp"
	"debug/elf"
	"slices"
	"sort"
	"strings"
)

// Main is what Called says of a call that the library made because the
// function main had returned.
const Main = "main"

// Called returns the function of a library that the program called, and
// that made the system call in which the stopped thread t is: exit and not
// _exit where exit came to it, printf where printf wrote. It is [Main] where
// main had returned. It is "" where this is not known: for a Go program,
// for a program whose library has no names left, and where the stack cannot
// be walked.
func (f *Files) Called(p *Program, t Thread, at Point) string {
	if p.exe.isGo || p.exe.machine != nativeMachine {
		return ""
	}
	u := &unwinder{t: t, program: p, frame: frame{pc: at.PC}, buf: f.stack[:]}
	u.set(dwarfSP, at.SP)
	var library *image
	name := ""
	for depth := range maxDepth {
		m, img, addr, ok := u.locate(f, depth == 0)
		if !ok {
			return ""
		}
		if m.Name != vdso {
			if library == nil {
				library = img
			}
			if img != library || img.spotAt(addr).place != nil {
				return name
			}
			if !img.named {
				img.readNames(u.path(m))
			}
			called := img.functions.at(addr)
			if strings.HasPrefix(called, "__libc_start") || called == "_start" {
				return Main
			}
			name = cmp.Or(called, name)
		}
		if !img.asked {
			img.readFrames(u.path(m))
		}
		if img.cfi == nil || !u.stepCFI(img.cfi, addr) {
			return ""
		}
	}
	return ""
}

// readNames reads the names of the file's functions: those that it offers
// to other files, and all where the program is one file.
func (img *image) readNames(name string) {
	img.named = true
	file, err := openImage(name)
	if err != nil {
		return
	}
	defer file.Close()
	f := readELF(file)
	if f == nil {
		return
	}
	s := readSymbols(f, elf.SHT_DYNSYM)
	if len(s.list) == 0 {
		s = readSymbols(f, elf.SHT_SYMTAB)
	}
	s.list = slices.DeleteFunc(s.list, func(s symbol) bool {
		return s.kind != elf.STT_FUNC && s.kind != elf.STT_GNU_IFUNC || s.size == 0 || s.value == 0
	})
	slices.SortFunc(s.list, func(a, b symbol) int { return cmp.Compare(a.value, b.value) })
	img.functions = s
}

// at is the name of the function that the instruction is in, "" if it has
// none. Of several names it is the one that programs call: exit is not
// __GI_exit, and puts not _IO_puts.
func (s *symbols) at(pc uint64) (best string) {
	end := sort.Search(len(s.list), func(i int) bool { return s.list[i].value > pc })
	for i := end - 1; i >= 0 && s.list[i].value == s.list[end-1].value; i-- {
		if pc-s.list[i].value >= s.list[i].size {
			continue
		}
		name := s.name(i)
		if best == "" || strangeness(name) < strangeness(best) || strangeness(name) == strangeness(best) && name > best {
			best = name
		}
	}
	return best
}

// strangeness is how little a name looks like one that a program calls.
func strangeness(name string) int {
	underscores := len(name) - len(strings.TrimLeft(name, "_"))
	if strings.HasPrefix(name, "_IO_") {
		underscores += 2
	}
	return underscores
}
