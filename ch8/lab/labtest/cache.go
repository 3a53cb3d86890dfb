package labtest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// Go keeps what it has built; a C compiler does not, and the zoos have
// some three hundred programs in C. What was made of the same source
// by the same compiler is kept beside Go's build cache:
// $XDG_CACHE_HOME/apue-ch8, or ~/.cache/apue-ch8.

// cacheFor is how long a program is kept that no test has asked for.
const cacheFor = 14 * 24 * time.Hour

// cached is where the result of a compilation is kept; "" if nowhere.
// The name is made of the compiler, its arguments, the source and the
// headers beside it.
func cached(cc, source string, flags []string) string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	dir = filepath.Join(dir, "apue-ch8")
	if os.MkdirAll(dir, 0o755) != nil {
		return ""
	}
	h := sha256.New()
	for _, file := range []string{cc, "/usr/include/stdio.h"} { // the compiler, and the C library
		if info, err := os.Stat(file); err == nil {
			fmt.Fprintln(h, file, info.Size(), info.ModTime())
		}
	}
	fmt.Fprintf(h, "%q\n", flags)
	headers, _ := filepath.Glob(filepath.Join(filepath.Dir(source), "*.h"))
	for _, file := range append(headers, source) {
		// Its debug information holds its path.
		path, err := filepath.Abs(file)
		if err != nil {
			return ""
		}
		b, err := os.ReadFile(file)
		if err != nil {
			return ""
		}
		fmt.Fprintf(h, "%s %d\n%s", path, len(b), b)
	}
	return filepath.Join(dir, hex.EncodeToString(h.Sum(nil)[:16]))
}

// fromCache copies a kept program; it may fail, and is compiled then.
func fromCache(kept, to string) bool {
	b, err := os.ReadFile(kept)
	if err != nil || os.WriteFile(to, b, 0o755) != nil {
		return false
	}
	now := time.Now()
	os.Chtimes(kept, now, now)
	return true
}

// keep puts a program into the cache whole or not at all, and forgets
// those that nobody has asked for.
func keep(program, kept string) {
	b, err := os.ReadFile(program)
	if err != nil {
		return
	}
	f, err := os.CreateTemp(filepath.Dir(kept), "new-")
	if err != nil {
		return
	}
	_, err = f.Write(b)
	if f.Close() != nil || err != nil || os.Rename(f.Name(), kept) != nil {
		os.Remove(f.Name())
		return
	}
	entries, _ := os.ReadDir(filepath.Dir(kept))
	for _, e := range entries {
		if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > cacheFor {
			os.Remove(filepath.Join(filepath.Dir(kept), e.Name()))
		}
	}
}
