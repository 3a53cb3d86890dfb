package show

import (
	"fmt"
	"math"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// TestLine: nothing of a foreign text drives the terminal, and what can
// be shown is not changed.
func TestLine(t *testing.T) {
	for in, want := range map[string]string{
		"a\x1b[2J":        `a\x1b[2J`,
		"one\ntwo\tthree": `one\ntwo\tthree`,
		"\r\x07\u009b":    `\r\x07\u009b`,
		"left\u202eright": `left\u202eright`,
		"e\u0301":         `e\u0301`,
		"\xff\xfe":        `\xff\xfe`,
		"\U000e0041":      `\U000e0041`,
		"§8.3 → “父进程”…":   "§8.3 → “父进程”…",
		"\uFFFD":          "\uFFFD",
	} {
		got := Line(in)
		if got != want {
			t.Errorf("Line(%q) = %q, want %q", in, got, want)
		}
		for _, r := range got {
			if unicode.In(r, unicode.Cc, unicode.Cf) {
				t.Errorf("Line(%q) = %q has a control character", in, got)
			}
		}
	}
}

// TestText: a text keeps its lines.
func TestText(t *testing.T) {
	if got, want := Text("a\tb\n\x1b[m\r\n"), "a b\n\\x1b[m\\r\n"; got != want {
		t.Errorf("Text gave %q, want %q", got, want)
	}
}

// TestClip: a character of two columns is cut whole.
func TestClip(t *testing.T) {
	for _, c := range []struct {
		in, want string
		n        int
	}{
		{"process", "process", 7},
		{"process", "proce…", 6},
		{"子进程终止", "子进程终止", 10},
		{"子进程终止", "子进程终…", 9},
		{"子进程终止", "子进程…", 8},
	} {
		if got := Clip(c.in, c.n); got != c.want {
			t.Errorf("Clip(%q, %d) = %q, want %q", c.in, c.n, got, c.want)
		}
	}
}

// TestWrap: lines are broken at blanks and beside wide characters.
func TestWrap(t *testing.T) {
	for _, c := range []struct {
		in   string
		n    int
		want []string
	}{
		{"", 10, []string{""}},
		{"one two three", 7, []string{"one two", "three"}},
		{"one two three", 6, []string{"one", "two", "three"}},
		{"a  b", 10, []string{"a  b"}},
		{"one\ntwo", 20, []string{"one two"}},
		{"abcdefghij kl", 4, []string{"abcd", "efgh", "ij", "kl"}},
		{"父进程等待子进程", 8, []string{"父进程等", "待子进程"}},
		{"父进程等，待子进程", 8, []string{"父进程", "等，待子", "进程"}},
		{"父进程等（待）子", 8, []string{"父进程等", "（待）子"}},
		{"父进程（等待）", 8, []string{"父进程", "（等待）"}},
		{"用 waitpid 等待", 12, []string{"用 waitpid", "等待"}},
	} {
		got := Wrap(c.in, c.n)
		if !slices.Equal(got, c.want) {
			t.Errorf("Wrap(%q, %d) = %q, want %q", c.in, c.n, got, c.want)
		}
		for _, l := range got {
			if Width(l) > c.n {
				t.Errorf("Wrap(%q, %d): %q takes %d columns", c.in, c.n, l, Width(l))
			}
		}
	}
}

// TestShell: a shell finds the same arguments in the command.
func TestShell(t *testing.T) {
	args := []string{"./a.out", "it's", "", "$HOME", "*", "two  words", "a\nb", "-x=1"}
	out, err := exec.Command("sh", "-c", `printf '%s\0' `+Shell(args)).Output()
	if want := strings.Join(args, "\x00") + "\x00"; err != nil || string(out) != want {
		t.Errorf("%s: %v, %q, want %q", Shell(args), err, out, want)
	}
}

// TestColors: each colour can be read on white and on black.
func TestColors(t *testing.T) {
	for _, c := range []string{Green, Cyan, Blue, Brown, Red, Gray} {
		l := luminance(t, c)
		if onWhite, onBlack := 1.05/(l+0.05), (l+0.05)/0.05; onWhite < 4 || onBlack < 4 {
			t.Errorf("%s has a contrast of %.1f on white and %.1f on black, want 4 and more", c, onWhite, onBlack)
		}
	}
}

// luminance is the relative luminance (WCAG) of one of the 256 colours.
func luminance(t *testing.T, code string) (sum float64) {
	n := 0
	if _, err := fmt.Sscanf(code, "38;5;%d", &n); err != nil || n < 16 || n > 255 {
		t.Fatalf("%q is not a colour whose value is fixed", code)
	}
	levels := []int{0, 95, 135, 175, 215, 255}
	rgb := []int{8 + 10*(n-232), 8 + 10*(n-232), 8 + 10*(n-232)}
	if n < 232 {
		rgb = []int{levels[(n-16)/36], levels[(n-16)/6%6], levels[(n-16)%6]}
	}
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		v := float64(rgb[i]) / 255
		if v <= 0.04045 {
			v /= 12.92
		} else {
			v = math.Pow((v+0.055)/1.055, 2.4)
		}
		sum += weight * v
	}
	return sum
}
