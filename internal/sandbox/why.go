package sandbox

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
)

// machines are the ELF machine numbers of the systems this suite
// is likely to meet, as uname -m spells them.
var machines = map[string]elf.Machine{
	"amd64": elf.EM_X86_64,
	"arm64": elf.EM_AARCH64,
}

// why explains the error of an execve of path.
func why(path string, err error) error {
	not := func(reason, hint string) error {
		return &NotExecutable{Path: path, Reason: reason, Hint: hint, Err: err}
	}
	info, statErr := os.Stat(path)
	if errors.Is(statErr, fs.ErrNotExist) {
		return &NotFound{Path: path, Hint: "is it built, and is this its name?"}
	}
	if statErr != nil {
		return not("it cannot be reached: "+statErr.Error(), "check the permissions of its folders")
	}
	if info.IsDir() {
		return not("it is a directory", "name the program in it")
	}
	switch {
	case errors.Is(err, fs.ErrPermission):
		if info.Mode()&0o111 == 0 {
			return not("it is not marked executable", "chmod +x "+path)
		}
		return not("permission to execute it is denied",
			"check its permissions, its folders and whether its file system is mounted noexec")
	case errors.Is(err, syscall.ETXTBSY):
		return not("it is open for writing", "wait until it is built, then run it again")
	case errors.Is(err, syscall.E2BIG):
		return not("its arguments and environment are too long", "pass fewer of them")
	case errors.Is(err, syscall.ENOMEM):
		return not("there is no memory for it", "raise Limits.AddressSpace")
	case errors.Is(err, fs.ErrNotExist):
		// The file is there: what the kernel did not find is
		// the interpreter that it names.
		if name := interpreter(path); name != "" {
			return not("its interpreter "+name+" is not here", "install it, or correct the first line")
		}
		if name := loader(path); name != "" {
			return not("its loader "+name+" is not here", "build it on this machine, or link it statically")
		}
		return not("its interpreter is not here", "install it, or build the program statically")
	case errors.Is(err, syscall.ENOEXEC):
		reason, hint := format(path)
		return not(reason, hint)
	}
	return not(err.Error(), "try to start it from a shell")
}

// head returns the first bytes of a file.
func head(path string) []byte {
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	b := make([]byte, 256)
	n, _ := f.Read(b)
	return b[:n]
}

// interpreter returns what the first line of a script names.
func interpreter(path string) string {
	line, ok := bytes.CutPrefix(head(path), []byte("#!"))
	if !ok {
		return ""
	}
	line, _, _ = bytes.Cut(line, []byte("\n"))
	// A blank or a tab ends the name, as for the kernel.
	name := strings.Trim(string(line), " \t")
	if end := strings.IndexAny(name, " \t"); end >= 0 {
		name = name[:end]
	}
	if name, dos := strings.CutSuffix(name, "\r"); dos {
		return name + " (with a carriage return after it)"
	}
	return name
}

// loader returns the dynamic loader that an ELF file names.
func loader(path string) string {
	f, err := elf.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	for _, p := range f.Progs {
		if p.Type != elf.PT_INTERP {
			continue
		}
		b := make([]byte, min(p.Filesz, 4096))
		n, _ := p.ReadAt(b, 0)
		return strings.TrimRight(string(b[:n]), "\x00")
	}
	return ""
}

// format says why the kernel knows no way to run a file.
func format(path string) (reason, hint string) {
	b := head(path)
	has := func(magic string) bool { return bytes.HasPrefix(b, []byte(magic)) }
	switch {
	case len(b) == 0:
		return "it is empty", "build it again"
	case has("\x7fELF"):
		if len(b) < 20 {
			return "it is a damaged ELF file", "build it again"
		}
		var order binary.ByteOrder = binary.LittleEndian
		if elf.Data(b[elf.EI_DATA]) == elf.ELFDATA2MSB {
			order = binary.BigEndian
		}
		if elf.Type(order.Uint16(b[16:])) == elf.ET_REL {
			return "it is an object file, not a program", "link it (cc without -c)"
		}
		machine := elf.Machine(order.Uint16(b[18:]))
		if want, ok := machines[runtime.GOARCH]; ok && machine != want {
			arch := func(m elf.Machine) string {
				return strings.ToLower(strings.TrimPrefix(m.String(), "EM_"))
			}
			return "it was built for " + arch(machine) + ", this machine is " + arch(want),
				"build it on this machine"
		}
		return "the kernel does not run this kind of ELF file", "build it on this machine"
	case has("\xcf\xfa\xed\xfe"), has("\xca\xfe\xba\xbe"):
		return "it was built for macOS", "build it on this machine, or with GOOS=linux"
	case has("MZ"):
		return "it was built for Windows", "build it on this machine, or with GOOS=linux"
	case bytes.IndexByte(b, 0) < 0:
		return "it is a text without a first line #!",
			"begin it with #!/bin/sh, or run it as: sh " + filepath.Base(path)
	}
	return "it is not an executable file", "build it on this machine"
}
