package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// screen is written while it is read.
type screen struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (s *screen) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.Write(b)
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.String()
}

// shows waits until there is so much of the text.
func (s *screen) shows(t *testing.T, n int, text string) {
	t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		if strings.Count(s.String(), text) >= n {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("not %d times %q:\n%s", n, text, s)
		}
	}
}

// TestWatch: a program that is gone for an instant, because it is
// built anew, is watched further, and so is a script.
func TestWatch(t *testing.T) {
	t.Chdir(t.TempDir())
	write := func(name, text string) {
		// Whole at once, as a linker or an editor does it.
		if err := errors.Join(os.WriteFile("new", []byte(text), 0o777), os.Rename("new", name)); err != nil {
			t.Fatal(err)
		}
	}
	write("a.out", "1")
	write("mine.py", "1")
	ctx, stop := context.WithCancel(t.Context())
	var said screen
	ended := make(chan error)
	go func() {
		// Nothing is run: there is no such exercise.
		w := &watcher{out: &said, options: &checkOptions{}, ids: []string{"none"}, cmd: []string{"./a.out", "mine.py"}, every: 10 * time.Millisecond}
		ended <- w.run(ctx)
	}()
	const looked = "watching ./a.out, mine.py (Ctrl-C ends it)"
	said.shows(t, 1, looked)
	if err := os.Remove("a.out"); err != nil {
		t.Fatal(err)
	}
	time.Sleep(50 * time.Millisecond)
	if n := strings.Count(said.String(), looked); n != 1 {
		t.Errorf("it was checked %d times before the program was there again:\n%s", n, &said)
	}
	write("a.out", "22")
	said.shows(t, 2, looked)
	write("mine.py", "22")
	said.shows(t, 3, looked)
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestWatchable(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("mine.py", nil, 0o666); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		cmd, want []string
		refused   bool
	}{
		{[]string{"python3", "mine.py", "-x"}, []string{"mine.py"}, false},
		{[]string{"."}, []string{"."}, false},
		{[]string{"sleep", "."}, nil, true},
		{[]string{"./a.out", "mine.py"}, nil, true},
	} {
		got, err := watchable(c.cmd)
		if refused := err != nil; refused != c.refused || !refused && !slices.Equal(got, c.want) {
			t.Errorf("%v: %v, %v", c.cmd, got, err)
		}
	}
}

// TestStamped: a file of the same size, or an older one, is a change,
// also behind a symbolic link and in a folder; what ch8 itself keeps
// there is not.
func TestStamped(t *testing.T) {
	t.Chdir(t.TempDir())
	old := time.Now().Add(-time.Hour)
	write := func(name, text string, at time.Time) {
		t.Helper()
		if err := errors.Join(os.WriteFile(name, []byte(text), 0o666), os.Chtimes(name, at, at)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(os.Mkdir("dir", 0o777), os.Symlink("dir/real.c", "link.c"), os.Symlink("dir", "linked")); err != nil {
		t.Fatal(err)
	}
	write("dir/real.c", "1", old)
	write("dir/other.c", "1", old)
	for _, path := range []string{"dir", "dir/real.c", "link.c", "linked"} {
		look := func() uint64 {
			t.Helper()
			n, err := stamped([]string{path})
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		first := look()
		if look() != first {
			t.Errorf("%s changed by itself", path)
		}
		write("dir/real.c", "2", old.Add(-time.Minute))
		older := look()
		if older == first {
			t.Errorf("%s: an older file of the same size is not noticed", path)
		}
		write("dir/"+progressFile, path, old)
		if look() != older {
			t.Errorf("%s: what ch8 notes itself is a change", path)
		}
		write("dir/real.c", "1", old)
	}
	if _, err := stamped([]string{"missing"}); err == nil {
		t.Error("a missing file is no error")
	}
}

// TestWatchKeys: h gives a hint, n the task of the next exercise, q
// ends.
func TestWatchKeys(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, c := range []struct {
		key  byte
		want string
		quit bool
	}{
		{'h', "\n  1. ", false}, {'h', "\n  2. ", false}, {'n', "fork/offset:", false}, {'x', "h hint, n next exercise, q quit", false},
		{'q', "", true}, {3, "", true}, {4, "", true},
	} {
		var out bytes.Buffer
		w := &watcher{ids: []string{"fork/glob"}}
		quit, err := w.key(&out, c.key)
		if quit != c.quit || err != nil || !strings.Contains(out.String(), c.want) {
			t.Errorf("%q quits %v, %v; want %v and %q:\n%s", c.key, quit, err, c.quit, c.want, &out)
		}
	}
}
