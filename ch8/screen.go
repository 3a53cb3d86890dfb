package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/signal"
	"strings"
	"unicode/utf8"

	"apue/internal/show"

	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

// A display is a terminal that a verb fills and redraws in place: its
// alternate screen, so that what was there before comes back at the end.
type display struct {
	in  *os.File
	out io.Writer
}

// A view is what a display shows.
type view interface {
	// draw returns the lines for a terminal of this size.
	draw(width, height int) []string
	// key does what a key asks for, and reports whether it ends.
	key(k key) (done bool)
}

// A key is a character, or one of the keys that send several bytes.
type key rune

// Keys that have no character. Those of a presenter's remote control
// are PageDown, PageUp and, to blank the screen, a full stop.
const (
	keyUp key = 0x110000 + iota // above every character
	keyDown
	keyLeft
	keyRight
	keyPageUp
	keyPageDown
	keyHome
	keyEnd
	keyOther
)

// sequences are what the keys send, behind ESC.
var sequences = map[string]key{
	"[A": keyUp, "[B": keyDown, "[C": keyRight, "[D": keyLeft,
	"OA": keyUp, "OB": keyDown, "OC": keyRight, "OD": keyLeft,
	"[5~": keyPageUp, "[6~": keyPageDown,
	"[H": keyHome, "[F": keyEnd, "OH": keyHome, "OF": keyEnd,
	"[1~": keyHome, "[4~": keyEnd, "[7~": keyHome, "[8~": keyEnd,
}

// keysIn takes what a terminal sent apart: characters, and sequences
// that begin with ESC. Other sequences are one keyOther each.
func keysIn(typed string) (keys []key) {
	for typed != "" {
		if typed[0] != 27 {
			r, size := utf8.DecodeRuneInString(typed)
			keys = append(keys, key(r))
			typed = typed[size:]
			continue
		}
		end := 1
		if end < len(typed) && (typed[end] == '[' || typed[end] == 'O') {
			end++
			for end < len(typed) && (typed[end] < '@' || typed[end] > '~') {
				end++
			}
			end = min(end+1, len(typed))
		}
		k, known := sequences[typed[1:end]]
		if !known {
			k = keyOther
		}
		keys = append(keys, k)
		typed = typed[end:]
	}
	return keys
}

// hold shows a view until a key ends it, ctx ends, or the terminal
// hangs up. It follows the size of the terminal.
func (s *display) hold(ctx context.Context, v view) error {
	old, err := term.MakeRaw(int(s.in.Fd()))
	if err != nil {
		return err
	}
	defer term.Restore(int(s.in.Fd()), old)
	io.WriteString(s.out, "\x1b[?1049h\x1b[?25l") // alternate screen, no cursor
	defer io.WriteString(s.out, "\x1b[?25h\x1b[?1049l")

	sized := make(chan os.Signal, 1)
	signal.Notify(sized, unix.SIGWINCH)
	defer signal.Stop(sized)
	typed := make(chan string)
	go func() {
		defer close(typed)
		var b [64]byte
		for {
			n, err := s.in.Read(b[:])
			if n > 0 {
				select {
				case typed <- string(b[:n]):
				case <-ctx.Done():
					return
				}
			}
			if err != nil || n == 0 {
				return
			}
		}
	}()
	for {
		if err := s.show(v); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-sized:
		case text, open := <-typed:
			if !open {
				return nil
			}
			for _, k := range keysIn(text) {
				if v.key(k) {
					return nil
				}
			}
		}
	}
}

// show draws the view over what is there: line by line, so that nothing
// flickers.
func (s *display) show(v view) error {
	width, height, err := term.GetSize(int(s.in.Fd()))
	if err != nil || width < 1 || height < 1 {
		width, height = 80, 24
	}
	lines := v.draw(width, height)
	var b bytes.Buffer
	b.WriteString("\x1b[H")
	for i, l := range lines[:min(len(lines), height)] {
		if i > 0 {
			b.WriteString("\r\n")
		}
		b.WriteString(l + "\x1b[K")
	}
	b.WriteString("\x1b[J")
	if _, err := s.out.Write(b.Bytes()); err != nil {
		return err
	}
	return flush(s.out)
}

// ends returns a line with text at its left and at its right end.
func ends(left, right string, width int) string {
	gap := width - show.Width(left) - show.Width(right)
	if gap < 1 {
		return show.Clip(left, width)
	}
	return left + strings.Repeat(" ", gap) + right
}

// crlf ends lines as a terminal in raw mode needs it.
type crlf struct{ w io.Writer }

func (c crlf) Write(b []byte) (int, error) {
	_, err := c.w.Write(bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n")))
	return len(b), err
}
