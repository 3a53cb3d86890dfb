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
