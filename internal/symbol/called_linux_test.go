//go:build 386 || amd64 || arm64

package symbol

import (
	"debug/elf"
	"path/filepath"
	"testing"
)

// TestFunctionNames: the first names that are asked for, which are looked
// for one by one, are those that a sorted table gives: at the beginning of a
// function, at its last byte and behind it. The file is the C library.
func TestFunctionNames(t *testing.T) {
	img := &image{}
	img.readNames(libc(t))
	names := img.functions
	if img.cfi == nil {
		t.Error("the call frame information was not read")
	}
	sorted := &functionNames{symbols: names.symbols, list: names.sorted(func(s symbol) bool { return s.value != 0 })}
	named := map[string]bool{}
	for i, s := range sorted.list {
		for _, pc := range []uint64{s.value, s.value + s.size - 1, s.value + s.size} {
			if i%20 != 0 && names.name(s) != "exit" {
				continue
			}
			first := &functionNames{symbols: names.symbols, known: map[uint64]string{}}
			sorted.known = map[uint64]string{}
			got, want := first.at(pc), sorted.at(pc)
			if got != want {
				t.Errorf("at %#x: %q, from the sorted table %q", pc, got, want)
			}
			named[got] = true
		}
	}
	if !named["exit"] || len(named) < 50 {
		t.Errorf("exit is one: %v, of %d", named["exit"], len(named))
	}
	for n := range few + 1 {
		names.at(uint64(n))
	}
	if len(names.list) != len(sorted.list) || len(names.list) == 0 {
		t.Errorf("after %d names %d functions are sorted, not %d", few+1, len(names.list), len(sorted.list))
	}
	if got := names.at(0); got != "" {
		t.Errorf("at 0 there is %q", got)
	}
}

// libc is the file of the C library, as a program has it mapped.
func libc(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"/lib/*/libc.so.6", "/lib64/libc.so.6", "/usr/lib/libc.so.6"} {
		found, _ := filepath.Glob(name)
		for _, f := range found {
			if lib, err := elf.Open(f); err == nil {
				lib.Close()
				if lib.Machine == nativeMachine {
					return f
				}
			}
		}
	}
	t.Skip("no C library here")
	return ""
}
