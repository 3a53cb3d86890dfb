//go:build 386 || amd64 || arm64

package symbol

import (
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"

	"apue/internal/procfs"
)

// An image is what is known of an executable file or library.
type image struct {
	machine elf.Machine
	isGo    bool
	symbols bool // the file was not stripped
	goTab   *goTable
	lines   *dwarfLines
	cfi     *cfiTable // nil until asked
	asked   bool
	// functions are those that a library offers to programs; nil until
	// asked.
	functions *functionNames
	spots     map[uint64]spot
	loads     []elf.ProgHeader
	// noLines is why the file tells no lines, "" if it does.
	noLines string
}

// imageKey is a file as it was when it was read.
type imageKey struct {
	dev, ino           uint64
	size, mtime, ctime int64
}

// maxImages bounds how many files are known at a time.
const maxImages = 64

// imageAt reads a file by a path of /proc that leads to it, once. The
// image is never nil.
func (f *Files) imageAt(name string) *image {
	var st unix.Stat_t
	if err := unix.Stat(name, &st); err != nil {
		return &image{noLines: unreadable(err)}
	}
	key := imageKey{st.Dev, st.Ino, st.Size, st.Mtim.Nano(), st.Ctim.Nano()}
	if img := f.images[key]; img != nil {
		return img
	}
	if len(f.images) >= maxImages {
		clear(f.images)
	}
	if f.images == nil {
		f.images = map[imageKey]*image{}
	}
	img := &image{}
	f.images[key] = img
	file, err := openImage(name)
	if err != nil {
		img.noLines = unreadable(err)
		return img
	}
	defer file.Close()
	img.read(file)
	return img
}

var (
	errNotRegular = errors.New("it is not a regular file")
	errTooLarge   = fmt.Errorf("it is larger than %d MiB", maxImage>>20)
)

// openImage opens a regular file that is not too large. The path is the
// traced program's: it may lead to a FIFO by now, whose open would wait
// for a writer.
func openImage(name string) (*os.File, error) {
	file, err := os.OpenFile(name, os.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	switch {
	case err != nil:
	case !info.Mode().IsRegular():
		err = errNotRegular
	case info.Size() > maxImage:
		err = errTooLarge
	default:
		return file, nil
	}
	file.Close()
	return nil, err
}

// read reads what tells lines.
func (img *image) read(file io.ReaderAt) {
	f := readELF(file)
	if f == nil {
		img.noLines = notELF
		return
	}
	img.machine = f.Machine
	for _, p := range f.Progs {
		if p.Type == elf.PT_LOAD {
			img.loads = append(img.loads, p.ProgHeader)
		}
	}
	img.symbols = f.Section(".symtab") != nil
	img.isGo = sectionOf(f, ".gopclntab", ".data.rel.ro.gopclntab", ".note.go.buildid") != nil
	switch {
	case img.machine != nativeMachine:
		img.noLines = "the program is of another architecture than the recorder"
	case img.isGo:
		img.goTab, img.noLines = newGoTable(f, someFunctions)
	default:
		if img.lines = newDwarfLines(f); img.lines == nil {
			img.noLines = NoDebugInfo
			if sectionOf(f, ".stab") != nil {
				img.noLines = OldDebugInfo
			}
		}
	}
}

// A spot is what an image tells of an instruction: whether the program's
// author wrote it and where, and if not, how to come to the caller.
type spot struct {
	place *Place
	fun   goFunc // without a table where it is not Go's
	// unknown says that a Go function's table does not tell whose line
	// the instruction is.
	unknown bool
}

// maxSpots is how many spots, and rules of call frames, are known at a
// time: a program makes its calls from few places, and all of them again
// and again.
const maxSpots = 4096

// spotAt looks an instruction up once.
func (img *image) spotAt(pc uint64) spot {
	s, ok := img.spots[pc]
	if ok {
		return s
	}
	if img.goTab != nil {
		s.fun, _ = img.goTab.find(pc)
	}
	switch {
	case s.fun.g != nil:
		calls := s.fun.calls(pc)
		s.unknown = calls == nil
		for _, call := range calls {
			if !img.goTab.hidden(call) {
				s.place = &call
				break
			}
		}
	case img.lines != nil:
		s.place = img.lines.place(pc)
	}
	if img.spots == nil {
		img.spots = map[uint64]spot{}
	} else if len(img.spots) >= maxSpots {
		clear(img.spots)
	}
	img.spots[pc] = s
	return s
}

// readFrames reads the file's call frame information.
func (img *image) readFrames(name string) {
	img.asked = true
	file, err := openImage(name)
	if err != nil {
		return
	}
	defer file.Close()
	if f := readELF(file); f != nil {
		img.cfi = newCFI(f)
	}
}

// address turns a mapped address into that of the file.
func (img *image) address(m procfs.Map, pc uint64) (uint64, bool) {
	off := pc - m.Start + m.Offset
	for _, p := range img.loads {
		if off >= p.Off && off < p.Off+p.Filesz {
			return off - p.Off + p.Vaddr, true
		}
	}
	return 0, false
}
