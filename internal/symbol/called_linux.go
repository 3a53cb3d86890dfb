//go:build 386 || amd64 || arm64

package symbol

import (
	"cmp"
	"debug/elf"
	"path"
	"sort"
	"strings"
)

// Main is what Called says of a call that the library made because the
// function main had returned.
const Main = "main"

// Exit is what Called says of a call that a function of the program made
// which exit had called: an exit handler.
const Exit = "exit"

// Called returns the function of a library that the program called, and
// that made the system call in which the stopped thread t is: exit and not
// _exit where exit came to it, printf where printf wrote. It is [Main] where
// main had returned. It is "" where this is not known: for a Go program,
// for a program whose library has no names left, and where the stack cannot
// be walked.
//
// Of a Go program only the suite's stdio.Exit is told.
func (f *Files) Called(p *Program, t Thread, at Point) string {
	name, _ := f.called(p, t, at, false)
	return name
}

// CalledWithin is Called, and tells where the program itself was: [Exit] in
// an exit handler, "quick_exit" in one that quick_exit had called, [Main] in
// main or a function that main had called, directly or not. It is "" in
// another thread, and where the rest of the stack cannot be walked. Of a Go
// program only the handlers of the suite's stdio.Exit are told.
func (f *Files) CalledWithin(p *Program, t Thread, at Point) (name, within string) {
	return f.called(p, t, at, true)
}

// called walks up to the program's own function and, if it is to tell within,
// on from there.
func (f *Files) called(p *Program, t Thread, at Point, on bool) (name, within string) {
	switch {
	case p.exe.machine != nativeMachine:
		return "", ""
	case p.exe.isGo:
		return f.calledGo(p, t, at)
	}
	u := &unwinder{t: t, program: p, frame: frame{pc: at.PC}, buf: f.stack[:]}
	u.set(dwarfSP, at.SP)
	var library *image
	own := false // the walk has come to a function of the program
	for depth := range maxDepth {
		m, img, addr, ok := u.locate(f, depth == 0)
		if !ok {
			break
		}
		if m.Name != vdso {
			if library == nil {
				library = img
			}
			if img != library || img.spotAt(addr).place != nil {
				own = true
			} else {
				called := u.functionAt(m, img, addr)
				started := strings.HasPrefix(called, "__libc_start") || called == "_start"
				switch {
				case own && started:
					return name, Main
				case own && (called == Exit || called == "quick_exit"):
					return name, called
				case called == Exit && offered(name):
					return name, Exit // its handler ended with a jump to this function
				case started:
					return Main, ""
				case !own:
					name = cmp.Or(called, name)
				}
			}
		}
		if own && !on || !u.stepC(m, img, addr) {
			break
		}
	}
	if !own {
		return "", ""
	}
	return name, ""
}

// offered reports whether the function of the library that exit called,
// directly by the names on the stack, is one that programs call: exit itself
// flushes the streams with functions that have other names.
func offered(name string) bool {
	return strings.HasSuffix(name, "_chk") || name != "" && name[0] != '_'
}

// calledGo is Called for a Go program: "exit" where stdio.Exit made the call,
// and within an exit handler where that called a function of the program.
func (f *Files) calledGo(p *Program, t Thread, at Point) (name, within string) {
	if p.exe.goTab == nil || !p.exe.goTab.exits {
		return "", ""
	}
	u := &unwinder{t: t, program: p, frame: frame{pc: at.PC}, buf: f.stack[:]}
	u.set(dwarfSP, at.SP)
	own := false
	for depth := range maxDepth {
		m, img, addr, ok := u.locate(f, depth == 0)
		if !ok {
			break
		}
		s := img.spotAt(addr)
		switch {
		case s.fun.g != nil && strings.HasSuffix(s.fun.name(), goExit):
			if own {
				return "", Exit
			}
			return Exit, ""
		case s.fun.g == nil:
			ok = u.stepC(m, img, addr)
		default:
			own = own || s.place != nil
			ok = u.stepGo(s.fun, addr, depth == 0)
		}
		if !ok {
			break
		}
	}
	return "", ""
}

// interpreted are the functions of interpreters that tell what a script is
// doing: it runs, or what it registered for its end does.
var interpreted = map[string]string{
	"Py_RunMain": Main, "Py_FinalizeEx": Exit,
	"perl_run": Main, "perl_destruct": Exit,
}

// Named reports whether p, which is not a Go program, kept the names of its
// functions: it was compiled, and not stripped as the system's programs are.
func (p *Program) Named() bool { return p.exe.symbols && !p.exe.isGo }

// Interprets reports whether p is an interpreter whose scripts Within knows.
func (p *Program) Interprets() bool {
	name := path.Base(p.name)
	return strings.HasPrefix(name, "python") || strings.HasPrefix(name, "perl")
}

// Within tells of the script that p interprets what Called tells of a
// program.
func (f *Files) Within(p *Program, t Thread, at Point) string {
	u := &unwinder{t: t, program: p, frame: frame{pc: at.PC}, buf: f.stack[:]}
	u.set(dwarfSP, at.SP)
	for depth := range maxHandlerDepth {
		m, img, addr, ok := u.locate(f, depth == 0)
		if !ok {
			return ""
		}
		if within := interpreted[u.functionAt(m, img, addr)]; within != "" {
			return within
		}
		if !u.stepC(m, img, addr) {
			return ""
		}
	}
	return ""
}

// functionAt is the name of the function at an address of the file that is
// mapped at m; "" if it is not known.
func (u *unwinder) functionAt(m *mapping, img *image, addr uint64) string {
	if img.functions == nil {
		img.readNames(u.path(m))
	}
	return img.functions.at(addr)
}

// readNames reads the names of the file's functions: those that it offers
// to other files, and all where the program is one file. The call frame
// information comes with them, because the walk goes on from there.
func (img *image) readNames(name string) {
	img.functions = &functionNames{known: map[uint64]string{}}
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
	none := true
	s.functions(func(symbol) bool { none = false; return false })
	if none {
		s = readSymbols(f, elf.SHT_SYMTAB)
	}
	img.functions.symbols = s
	if !img.asked {
		img.asked, img.cfi = true, newCFI(f)
	}
}

// functionNames are the names of a file's functions, and those that were
// asked for.
type functionNames struct {
	symbols
	known map[uint64]string
	list  []symbol // sorted by address; nil if few names were asked for
}

// few is how many names are looked for one by one. Most programs ask for
// four, and the C library has 3,000: to sort them takes longer.
const few = 16

// at is the name of the function that the instruction is in, "" if it has
// none. Of several names it is the one that programs call: exit is not
// __GI_exit, and puts not _IO_puts.
func (n *functionNames) at(pc uint64) string {
	best, ok := n.known[pc]
	if ok {
		return best
	}
	for _, s := range n.nearest(pc) {
		if pc-s.value >= s.size {
			continue
		}
		name := n.name(s)
		if best == "" || strangeness(name) < strangeness(best) || strangeness(name) == strangeness(best) && name > best {
			best = name
		}
	}
	if len(n.known) >= maxSpots {
		clear(n.known)
	}
	n.known[pc] = best
	return best
}

// nearest are the functions that begin at pc or, if none does, at the last
// address before it where one begins.
func (n *functionNames) nearest(pc uint64) (found []symbol) {
	if n.list == nil && len(n.known) < few {
		for s := range n.functions {
			switch {
			case s.value == 0 || s.value > pc || found != nil && s.value < found[0].value:
			case found != nil && s.value == found[0].value:
				found = append(found, s)
			default:
				found = append(found[:0], s)
			}
		}
		return found
	}
	if n.list == nil {
		n.list = n.sorted(func(s symbol) bool { return s.value != 0 })
	}
	end := sort.Search(len(n.list), func(i int) bool { return n.list[i].value > pc })
	begin := end
	for begin > 0 && n.list[begin-1].value == n.list[end-1].value {
		begin--
	}
	return n.list[begin:end]
}

// strangeness is how little a name looks like one that a program calls.
func strangeness(name string) int {
	underscores := len(name) - len(strings.TrimLeft(name, "_"))
	if strings.HasPrefix(name, "_IO_") {
		underscores += 2
	}
	return underscores
}
