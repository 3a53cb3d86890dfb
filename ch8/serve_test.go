package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"apue/internal/page"
)

// TestListenOn: a person who can connect has programs run here, so only this
// machine is open, or one that is disposable is open to others.
func TestListenOn(t *testing.T) {
	for _, c := range []struct {
		address    string
		disposable bool
		says       string
	}{
		{"127.0.0.1:0", false, ""},
		{"127.8.9.10:0", false, ""},
		{"localhost:0", false, ""},
		{"0.0.0.0:0", false, "add --disposable"},
		{":0", false, "add --disposable"},
		{"192.0.2.1:0", false, "add --disposable"},
		{"here:0", false, "add --disposable"},
		{"0.0.0.0:0", true, ""},
		{"8080", true, "a host and a port"},
	} {
		l, err := listenOn(c.address, c.disposable)
		if err == nil {
			l.Close()
		}
		if c.says == "" && err != nil || c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says)) {
			t.Errorf("--listen %s, disposable %v: %v; want %q", c.address, c.disposable, err, c.says)
		}
	}
}

// TestOpens: what the lab shows first, and which file it follows.
func TestOpens(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, name := range []string{"fork-glob.c", "mine.py", "mine.txt"} {
		if err := os.WriteFile(name, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir("fork", 0o755); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ word, start, follows, says string }{
		{"fork", "fork/glob", "", ""},
		{"wait/status", "wait/status", "", ""},
		{"fork-glob.c", "fork/glob", "fork-glob.c", ""},
		{"mine.py", "", "mine.py", ""},
		{"mine.txt", "", "", "the lab runs .c, .go, .py and .sh files"},
		{"./fork", "", "", "is not a file"},
		{"gone.c", "", "", "does not exist"},
	} {
		var l page.Lab
		err := opens(&l, []string{c.word})
		if c.says != "" {
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("ch8 serve %s: %v, want %q", c.word, err, c.says)
			}
			continue
		}
		start, follows := "", ""
		if l.Start != nil {
			start = l.Start.ID()
		}
		if l.Follow != "" {
			follows = filepath.Base(l.Follow)
		}
		if err != nil || start != c.start || follows != c.follows || follows != "" && !filepath.IsAbs(l.Follow) {
			t.Errorf("ch8 serve %s: it begins with %q and follows %q, %v; want %q and %q", c.word, start, l.Follow, err, c.start, c.follows)
		}
	}
}
