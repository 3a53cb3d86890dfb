//go:build amd64 || arm64

package trace

import (
	"encoding/binary"
	"os"
	"slices"
	"strconv"
	"strings"
)

// foundWord is a word of a parent's memory that held one of
// Options.Words when it called vfork.
type foundWord struct {
	addr  uint64
	value int32
	name  string // of the mapping
}

// maxWords bounds how many are remembered, and reported.
const maxWords = 1 << 20

// maxSearched bounds a mapping that is searched: more is address space
// set aside, of which even the list of its pages is too long to read.
const maxSearched = 64 << 30

// findWords looks through the private writable memory of a stopped
// process. Pages that were never touched hold nothing and are not
// read.
func findWords(pid int, values []int32) []foundWord {
	mem, err := os.Open(procPath(pid, "mem"))
	if err != nil {
		return nil
	}
	defer mem.Close()
	pages, err := os.Open(procPath(pid, "pagemap"))
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
		if m.end-m.start > maxSearched {
			continue
		}
		for at := m.start; at < m.end; at += pagesAtOnce * pageSize {
			n := min((m.end-at)/pageSize, pagesAtOnce)
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
					if slices.Contains(values, v) && len(found) < maxWords {
						found = append(found, foundWord{addr + off, v, m.name})
					}
				}
			}
		}
	}
	return found
}

// changedWords are those that hold something else now.
func changedWords(pid int, found []foundWord) []Word {
	if len(found) == 0 {
		return nil
	}
	mem, err := os.Open(procPath(pid, "mem"))
	if err != nil {
		return nil
	}
	defer mem.Close()
	var changed []Word
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
			changed = append(changed, Word{Addr: w.addr, Before: w.value, After: now, Map: w.name})
		}
	}
	return changed
}

// memoryMap is one line of /proc/PID/maps.
type memoryMap struct {
	start, end, offset uint64
	perms, name        string
}

func memoryMaps(pid int) []memoryMap {
	b, err := os.ReadFile(procPath(pid, "maps"))
	if err != nil {
		return nil
	}
	return parseMaps(string(b))
}

func parseMaps(s string) []memoryMap {
	var maps []memoryMap
	for line := range strings.Lines(s) {
		// start-end perms offset dev inode   name
		f := strings.Fields(line)
		if len(f) < 5 {
			continue
		}
		from, to, _ := strings.Cut(f[0], "-")
		var m memoryMap
		m.start, _ = strconv.ParseUint(from, 16, 64)
		m.end, _ = strconv.ParseUint(to, 16, 64)
		m.offset, _ = strconv.ParseUint(f[2], 16, 64)
		m.perms = f[1]
		if len(f) > 5 {
			// A path may hold blanks; the name that a program has
			// given its memory, "[anon:a/b]", is none.
			m.name = f[5]
			if m.name[0] == '/' {
				m.name = strings.TrimSuffix(line[strings.IndexByte(line, '/'):], "\n")
			}
		}
		maps = append(maps, m)
	}
	return maps
}

// writableMaps are the private writable ones.
func writableMaps(pid int) []memoryMap {
	return slices.DeleteFunc(memoryMaps(pid), func(m memoryMap) bool {
		return !strings.HasPrefix(m.perms, "rw") || !strings.HasSuffix(m.perms, "p")
	})
}
