//go:build 386 || amd64 || arm64

package record

import (
	"encoding/binary"
	"os"
	"slices"
	"strings"

	"apue/internal/procfs"
	"apue/internal/trace"
)

// foundWord is a word of a parent's memory that held one of
// Options.Words when it called vfork.
type foundWord struct {
	addr  uint64
	value int32
	name  string // of the mapping

	shared bool // with other processes (MAP_SHARED)
}

// maxWords bounds how many are remembered, and reported.
const maxWords = 1 << 20

// maxSearched bounds a mapping that is searched: more is address space
// set aside, of which even the list of its pages is too long to read.
const maxSearched = 64 << 30

// redZone is how far below the stack pointer a function may keep values
// (System V ABI, amd64 supplement); the kernel's handlers keep off it.
const redZone = 128

// findWords looks through the writable memory of a stopped
// thread. Pages that were never touched hold nothing and are not read. The
// words below its stack pointer are left over from calls that have returned.
func findWords(pid int, values []int32) []foundWord {
	var info syscallInfo
	if getSyscallInfo(pid, &info) != nil {
		return nil
	}
	deepest := info.sp - redZone
	mem, err := os.Open(procfs.Path(pid, "mem"))
	if err != nil {
		return nil
	}
	defer mem.Close()
	pages, err := os.Open(procfs.Path(pid, "pagemap"))
	if err != nil {
		return nil
	}
	defer pages.Close()

	var found []foundWord
	pageSize := uint64(os.Getpagesize())
	page := make([]byte, pageSize)
	const pagesAtOnce = 4096
	entries := make([]byte, 8*pagesAtOnce)
	for _, m := range writableMaps(pid) {
		if m.End-m.Start > maxSearched {
			continue
		}
		from := m.Start
		if deepest >= m.Start && deepest < m.End {
			from, m.Start = deepest, deepest&^(pageSize-1)
		}
		for at := m.Start; at < m.End; at += pagesAtOnce * pageSize {
			n := min((m.End-at)/pageSize, pagesAtOnce)
			got, _ := pages.ReadAt(entries[:8*n], int64(at/pageSize*8))
			for i := range uint64(got / 8) {
				const present, swapped = 1 << 63, 1 << 62
				if binary.NativeEndian.Uint64(entries[8*i:])&(present|swapped) == 0 {
					continue
				}
				addr := at + i*pageSize
				if _, err := mem.ReadAt(page, int64(addr)); err != nil {
					continue
				}
				for off := uint64(0); off < pageSize; off += 4 {
					v := int32(binary.NativeEndian.Uint32(page[off:]))
					if addr+off >= from && slices.Contains(values, v) && len(found) < maxWords {
						found = append(found, foundWord{addr + off, v, m.Name, strings.HasSuffix(m.Perms, "s")})
					}
				}
			}
		}
	}
	return found
}

// changedWords are those that hold something else now.
func changedWords(pid int, found []foundWord) []trace.Word {
	if len(found) == 0 {
		return nil
	}
	mem, err := os.Open(procfs.Path(pid, "mem"))
	if err != nil {
		return nil
	}
	defer mem.Close()
	var changed []trace.Word
	page, base, valid := make([]byte, os.Getpagesize()), ^uint64(0), false
	for _, w := range found {
		if b := w.addr &^ uint64(len(page)-1); b != base {
			base = b
			_, err := mem.ReadAt(page, int64(base))
			valid = err == nil
		}
		if !valid {
			continue
		}
		if now := int32(binary.NativeEndian.Uint32(page[w.addr-base:])); now != w.value {
			changed = append(changed, trace.Word{Addr: w.addr, Before: w.value, After: now, Map: w.name, Shared: w.shared})
		}
	}
	return changed
}

// writableMaps are the mappings that a process can read and write.
func writableMaps(pid int) []procfs.Map {
	return slices.DeleteFunc(procfs.ReadMaps(pid), func(m procfs.Map) bool {
		return !strings.HasPrefix(m.Perms, "rw")
	})
}
