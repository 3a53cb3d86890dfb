package timeline

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"flag"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"apue/internal/trace"
)

// page draws a model with source lines and checks what holds for
// every HTML file.
func page(t *testing.T, m *Model) []byte {
	t.Helper()
	m.ReadSource(func(string) ([]byte, error) {
		return bytes.Repeat([]byte("\tpid, err := proc.Wait4(-1, &status) // </code><script>alert(4)</script>\n"), 100), nil
	})
	var b bytes.Buffer
	if err := m.HTML(&b, HTMLOptions{}); err != nil {
		t.Fatal(err)
	}
	doc := b.Bytes()
	if !utf8.Valid(doc) {
		t.Error("not UTF-8")
	}
	for i, c := range doc {
		if c < ' ' && c != '\n' && c != '\t' {
			t.Fatalf("byte %#x at %d", c, i)
		}
	}
	return doc
}

var (
	tag     = regexp.MustCompile(`<(/?)([a-zA-Z!][a-zA-Z0-9]*)((?:\s[^<>]*)?)>`)
	attr    = regexp.MustCompile(`\s([a-zA-Z-]+)(?:="([^"]*)")?`)
	inlined = regexp.MustCompile(`(?s)<(style|script)>(.*?)</(style|script)>`)
)

// TestHTMLMarkup reads the page of a program that tries to be markup:
// every tag in it is one of ours, and so is every attribute that
// could run or load something.
func TestHTMLMarkup(t *testing.T) {
	doc := string(page(t, New(hostile())))
	scripts := inlined.FindAllStringSubmatch(doc, -1)
	if len(scripts) != 2 {
		t.Fatalf("%d styles and scripts, want one of each", len(scripts))
	}
	rest := inlined.ReplaceAllString(doc, "<$1></$1>")
	allowed := " html head meta link title style script body svg defs pattern path circle text header h1 p a div button input output label span main ol li b code footer ul section !DOCTYPE "
	seen := 0
	for _, m := range tag.FindAllStringSubmatch(rest, -1) {
		seen++
		if !strings.Contains(allowed, " "+m[2]+" ") {
			t.Errorf("a tag %s", m[0])
		}
		for _, a := range attr.FindAllStringSubmatch(m[3], -1) {
			switch {
			case strings.HasPrefix(a[1], "on"), a[1] == "style", a[1] == "src", a[1] == "srcset", a[1] == "action":
				t.Errorf("an attribute %s in %s", a[1], m[0])
			case a[1] == "href" && a[2] != "#notes" && a[2] != "data:,":
				t.Errorf("a link %s", m[0])
			}
		}
	}
	// A < that begins no tag of the pattern above would have slipped
	// through.
	if n := strings.Count(rest, "<"); n != seen {
		t.Errorf("%d angle brackets, but %d tags", n, seen)
	}
	if strings.Contains(rest, "<script>alert") || !strings.Contains(rest, "&lt;script&gt;alert(1)") {
		t.Error("the program's name is not shown as text")
	}
	// The policy admits the style and the script, and nothing else.
	for _, s := range scripts {
		sum := sha256.Sum256([]byte(s[2]))
		want := s[1] + "-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
		if !strings.Contains(rest, want) {
			t.Errorf("the policy does not say %s", want)
		}
	}
	if !strings.Contains(rest, `content="default-src 'none'; `) || strings.Contains(rest, "unsafe-inline") {
		t.Error("the policy does not forbid the rest")
	}
}

// TestHTMLGolden compares the page of the double fork without its
// style and script, which are files of their own.
func TestHTMLGolden(t *testing.T) {
	m := drawn(0)
	m.ReadSource(func(string) ([]byte, error) { return bytes.Repeat([]byte("\tline\n"), 100), nil })
	var b bytes.Buffer
	if err := m.HTML(&b, HTMLOptions{Pids: true}); err != nil {
		t.Fatal(err)
	}
	doc := inlined.ReplaceAllString(b.String(), "<$1></$1>")
	doc = regexp.MustCompile(`sha256-[^']*`).ReplaceAllString(doc, "sha256-")
	golden(t, "doublefork.html", []byte(doc))
}

// write puts a page into a file for the browser.
func writePage(t *testing.T, m *Model, name string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, page(t, m), 0o666); err != nil {
		t.Fatal(err)
	}
	return file
}

var shots = flag.String("shots", "", "write pictures of everything, also of the recordings (*.jsonl) in it, into this `folder`")

// TestShots writes what a person has to look at: each recording as
// the browser shows it, whole and at a step, in light and in dark, at
// the size of a projector, and printed.
func TestShots(t *testing.T) {
	if *shots == "" {
		t.Skip("writes pictures for people to look at: go test -run TestShots -shots FOLDER")
	}
	models := map[string]*Model{"orderings": nil, "cost": nil}
	for i, r := range recordings {
		models[r.name] = drawn(i)
	}
	files, _ := filepath.Glob(filepath.Join(*shots, "*.jsonl"))
	for _, file := range files {
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		rec, err := trace.ReadRecording(f)
		f.Close()
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		m := New(rec)
		m.ReadSource(os.ReadFile)
		models[strings.TrimSuffix(filepath.Base(file), ".jsonl")] = m
	}
	b := startBrowser(t)
	write := func(name string, draw func(w io.Writer) error) string {
		t.Helper()
		file := filepath.Join(*shots, name)
		var out bytes.Buffer
		err := draw(&out)
		if err == nil {
			err = os.WriteFile(file, out.Bytes(), 0o666)
		}
		if err != nil {
			t.Fatal(err)
		}
		return file
	}
	for name, m := range models {
		svg := func(w io.Writer) error { return m.SVG(w, SVGOptions{}) }
		switch name {
		case "orderings":
			svg = func(w io.Writer) error { return orderings().SVG(w, SVGOptions{}) }
		case "cost":
			svg = func(w io.Writer) error { return cost().SVG(w, SVGOptions{}) }
		}
		file := write(name+".svg", svg)
		for _, scheme := range []string{"light", "dark"} {
			b.view(1280, 720, scheme, "")
			b.visit(file)
			b.picture(filepath.Join(*shots, name+".svg."+scheme+".png"))
		}
		if m == nil {
			continue
		}
		write(name+".txt", func(w io.Writer) error { return m.Text(w, TextOptions{}) })
		write(name+".120.txt", func(w io.Writer) error { return m.Text(w, TextOptions{Width: 120}) })
		file = write(name+".html", func(w io.Writer) error { return m.HTML(w, HTMLOptions{}) })
		b.view(1280, 720, "light", "")
		b.visit(file)
		b.picture(filepath.Join(*shots, name+".whole.png"))
		b.print(filepath.Join(*shots, name+".pdf"))
		b.view(1280, 720, "dark", "")
		b.eval(`(() => { const e = document.querySelector("#at"); e.value = e.max * 2 / 3; e.dispatchEvent(new Event("input")) })()`, nil)
		b.press("ArrowRight")
		b.picture(filepath.Join(*shots, name+".step.png"))
		b.clean(file)
	}
}

// TestBrowser opens pages in a browser, as a teacher does.
func TestBrowser(t *testing.T) {
	t.Parallel()
	b := startBrowser(t)
	b.view(1280, 720, "light", "")
	t.Run("step", func(t *testing.T) { b.t = t; stepThrough(t, b) })
	t.Run("hostile", func(t *testing.T) { b.t = t; openHostile(t, b) })
	t.Run("many", func(t *testing.T) { b.t = t; openMany(t, b) })
	t.Run("forty", func(t *testing.T) { b.t = t; openForty(t, b) })
	t.Run("tall", func(t *testing.T) { b.t = t; openTall(t, b) })
	t.Run("schemes", func(t *testing.T) { b.t = t; openSchemes(t, b) })
	b.t = t
}

const (
	nowText  = `document.querySelector("#now .t").textContent`
	nowPS    = `document.querySelector("#now .ps").textContent`
	nowLine  = `document.querySelector("#now .s").textContent`
	nowProof = `document.querySelector("#now .d").textContent`
	// seen counts the rows that can be seen.
	seen = `[...document.querySelectorAll(".chunk > li")].filter(e => e.checkVisibility({visibilityProperty: true})).length`
	// inView says whether the current row is neither below the
	// footer nor under the header.
	inView = `(() => { const r = document.querySelector("li.now").getBoundingClientRect();
		return r.top >= document.querySelector(".bar").getBoundingClientRect().bottom - 1 &&
			r.bottom <= document.querySelector("#now").getBoundingClientRect().top + 1 })()`
)

// stepThrough steps through the double fork and back, and finds the
// zombie, the adoption and the source line.
func stepThrough(t *testing.T, b *browser) {
	file := writePage(t, drawn(0), "doublefork.html")
	b.visit(file)
	number := func(expr string) (n int) {
		t.Helper()
		b.eval(expr, &n)
		return n
	}
	if n := number(seen); n != 12 {
		t.Errorf("%d events are seen at first, want all 12", n)
	}
	b.press("Home")
	if n := number(seen); n != 0 {
		t.Errorf("%d events are seen before the first step", n)
	}
	var texts, ps []string
	for n := 1; n <= 12; n++ {
		key := "ArrowRight"
		if n%2 == 0 {
			key = " "
		}
		b.press(key)
		texts = append(texts, b.str(nowText))
		ps = append(ps, b.str(nowPS))
		if got := number(seen); got != n {
			t.Errorf("step %d shows %d events", n, got)
		}
		var ok bool
		if b.eval(inView, &ok); !ok {
			t.Errorf("step %d is not in view", n)
		}
	}
	for i, want := range map[int]string{
		2:  "P0 forks P0.1",
		4:  "P0.1 ends: 0x0000 → exited 0",
		5:  "P0.1.1 is adopted: parent P0.1 → outside",
		6:  "P0 reaps P0.1: 0x0000 → exited 0",
		11: "all gone: 0x0000 → exited 0",
	} {
		if texts[i] != want {
			t.Errorf("step %d says %q, want %q", i+1, texts[i], want)
		}
	}
	// The zombie is there from its end to its reaping, and not
	// before or after.
	for i, s := range ps {
		if got, want := strings.Contains(s, "P0.1 zombie"), i == 4 || i == 5; got != want {
			t.Errorf("step %d: %q", i+1, s)
		}
	}
	if n := number(`document.querySelectorAll("#e5 .zombie, #e6 .zombie, #e7 .zombie").length`); n != 3 {
		t.Errorf("the zombie is drawn in %d of 3 rows", n)
	}
	if n := number(`document.querySelectorAll("#e4 .zombie, #e8 .zombie").length`); n != 0 {
		t.Error("the zombie is drawn before its end or after its reaping")
	}
	// The arrow of the adoption reaches from the old parent's lane to
	// the outside.
	var ends []float64
	b.eval(`(() => { const r = document.querySelector("#e6 path.adopt").getBoundingClientRect();
		const x = s => { const t = [...document.querySelectorAll(".names text")].find(e => e.textContent === s).getBoundingClientRect(); return t.left + t.width / 2 };
		return [r.left - x("P0.1"), r.right - x("outside")] })()`, &ends)
	if len(ends) != 2 || ends[0] < 0 || ends[0] > 15 || ends[1] > 0 || ends[1] < -25 {
		t.Errorf("the adoption arrow is %v away from the two lanes", ends)
	}
	// Back, and the source line of the reap.
	for range 5 {
		b.press("ArrowLeft")
	}
	if got, want := b.str(nowText), texts[6]; got != want {
		t.Errorf("five steps back: %q, want %q", got, want)
	}
	if got := b.str(nowLine); !strings.HasPrefix(got, "doublefork/doublefork.go:41 pid, err := proc.Wait4(-1, &status)") {
		t.Errorf("the source line is %q", got)
	}
	if got, want := b.str(nowProof), "zombie for 300 ms"; got != want {
		t.Errorf("the proof is %q, want %q", got, want)
	}
	if got := b.str(`document.querySelector("li.now").id + document.querySelector("li[aria-current]").id`); got != "e7e7" {
		t.Errorf("the marked rows are %s", got)
	}
	b.press("End")
	if got := b.str(nowText); got != texts[11] {
		t.Errorf("End: %q", got)
	}
	b.press("ArrowRight")
	b.press("a")
	if n := number(seen); n != 12 {
		t.Errorf("%d events are seen after the key a", n)
	}
	// A click, and the slider.
	b.eval(`document.querySelector("#e4 .t").click()`, nil)
	if got := b.str(nowText); got != texts[3] {
		t.Errorf("click on row 4: %q", got)
	}
	b.eval(`(() => { const e = document.querySelector("#at"); e.value = 6; e.dispatchEvent(new Event("input")) })()`, nil)
	if got := b.str(nowText); got != texts[5] {
		t.Errorf("slider to 6: %q", got)
	}
	// The address is the step's, so that a reload shows it again.
	if got := b.str(`new Promise(r => setTimeout(() => r(location.hash), 500))`); got != "#step=6" {
		t.Errorf("half a second after step 6 the address ends in %q", got)
	}
	// A step that somebody types into the address of the open page.
	if got := b.str(`new Promise(r => { addEventListener("hashchange", () => r(` + nowText + `), {once: true}); location.hash = "#step=5" })`); got != texts[4] {
		t.Errorf("#step=5: %q", got)
	}
	// On paper everything is there.
	b.view(1280, 720, "dark", "print")
	if n := number(seen); n != 12 {
		t.Errorf("%d events are printed", n)
	}
	if got := b.str(`getComputedStyle(document.querySelector(".tools")).display + getComputedStyle(document.documentElement).backgroundColor`); got != "nonergb(255, 255, 255)" {
		t.Errorf("printed with %s", got)
	}
	b.view(1280, 720, "light", "")
	b.clean(file)
}

// openHostile opens the page of a program that tries to be markup.
func openHostile(t *testing.T, b *browser) {
	file := writePage(t, New(hostile()), "hostile.html")
	b.visit(file)
	b.press("Home", "ArrowRight", "ArrowRight", "ArrowRight", "ArrowRight")
	if got := b.str(nowText); !strings.Contains(got, `writes to stdout: "<script>alert(1)</script>\x1b[2J\x07\u202e`) {
		t.Errorf("step 4 says %q", got)
	}
	if got := b.str(`String(document.scripts.length) + document.images.length`); got != "10" {
		t.Errorf("scripts and images: %s", got)
	}
	b.clean(file)
}

// openMany steps through 800 events.
func openMany(t *testing.T, b *browser) {
	file := writePage(t, New(manyEvents(800)), "many.html")
	b.visit(file)
	for _, step := range []struct{ keys, want string }{
		{"Home ArrowRight ArrowRight", "P0 forks P0.1"},
		{"End ArrowLeft ArrowLeft", "P0 reaps P0."},
		{"PageUp PageUp PageDown", ""},
		{"Home", "What will happen first?"},
		{"PageDown PageDown", ""},
	} {
		b.press(strings.Fields(step.keys)...)
		if got := b.str(nowText); !strings.HasPrefix(got, step.want) {
			t.Errorf("after %s: %q", step.keys, got)
		}
		if strings.HasPrefix(step.want, "What") {
			continue
		}
		var ok bool
		if b.eval(inView, &ok); !ok {
			t.Errorf("after %s the row is not in view", step.keys)
		}
	}
	// The names stay above the lanes.
	var top float64
	if b.eval(`document.querySelector(".bar").getBoundingClientRect().top`, &top); top != 0 {
		t.Errorf("the names of the lanes are at %v", top)
	}
	// Many steps, one after the other: what a held key does.
	var at string
	b.eval(`(() => { for (let i = 0; i < 100; i++) document.dispatchEvent(new KeyboardEvent("keydown", {key: "ArrowRight"}));
		return document.querySelector("li.now").id })()`, &at)
	if at != "e120" {
		t.Errorf("100 steps from 20 lead to %s", at)
	}
	b.clean(file)
}

// openForty looks whether the rows of 40 processes fit into the
// window, and no text lies upon another.
func openForty(t *testing.T, b *browser) {
	file := writePage(t, drawn(7), "forty.html")
	b.visit(file)
	for _, columns := range []int{1280, 1920} {
		b.view(columns, 720, "light", "")
		var right float64
		b.eval(`Math.max(...[...document.querySelectorAll(".chunk > li *")].map(e => e.getBoundingClientRect().right))`, &right)
		if right > float64(columns) {
			t.Errorf("the rows reach to %v of %d", right, columns)
		}
		if got := b.str(`(() => { let n = ""; for (const li of document.querySelectorAll(".chunk > li")) {
			const r = [...li.querySelectorAll(".p, .w, .k, .s")].map(e => e.getBoundingClientRect());
			for (let i = 0; i < r.length; i++) for (let j = 0; j < i; j++)
				if (r[i].left + 1 < r[j].right && r[j].left + 1 < r[i].right && r[i].top + 1 < r[j].bottom && r[j].top + 1 < r[i].bottom) n += " " + li.id } return n })()`); got != "" {
			t.Errorf("texts overlap in rows%s", got)
		}
	}
	b.view(1280, 720, "light", "")
	b.clean(file)
}

// openTall steps where much stands above the rows and much below.
func openTall(t *testing.T, b *browser) {
	m := New(manyChildren(11))
	for i := range m.Lanes {
		m.SetRole(m.Lanes[i].Name, "waits until its parent tells it more")
	}
	for i := range m.Steps {
		m.Steps[i].Text += strings.Repeat(" and more", 12)
		m.Steps[i].Evidence = []string{strings.Repeat("so it is ", 14)}
	}
	file := writePage(t, m, "tall.html")
	b.view(1024, 600, "light", "")
	b.visit(file)
	for _, keys := range []string{"Home ArrowRight PageDown PageDown", "ArrowRight", "PageUp", "ArrowLeft", "End"} {
		b.press(strings.Fields(keys)...)
		var ok bool
		if b.eval(inView, &ok); !ok {
			t.Errorf("after %s the row is not in view", keys)
		}
		var bars [2]float64
		b.eval(`[".bar", "#now"].map(e => document.querySelector(e).offsetHeight)`, &bars)
		if keys != "End" && (bars[0] <= 120 || bars[1] <= 200) {
			t.Errorf("the names and the sentence are only %v high", bars)
		}
	}
	// The end of the notes is not behind the sentence.
	var hidden float64
	b.eval(`(() => { scrollTo(0, 1e9); return [...document.querySelectorAll("footer p")].at(-1).getBoundingClientRect().bottom - document.querySelector("#now").getBoundingClientRect().top })()`, &hidden)
	if hidden > 1 {
		t.Errorf("%v of the notes cannot be seen", hidden)
	}
	b.view(1280, 720, "light", "")
	b.clean(file)
}

// openSchemes looks at the colours.
func openSchemes(t *testing.T, b *browser) {
	file := writePage(t, drawn(1), "vfork.html")
	for scheme, want := range map[string]string{"light": "rgb(255, 255, 255)", "dark": "rgb(20, 23, 28)"} {
		b.view(1280, 720, scheme, "")
		b.visit(file)
		if got := b.str(`getComputedStyle(document.documentElement).backgroundColor`); got != want {
			t.Errorf("%s: the background is %s, want %s", scheme, got, want)
		}
		if got := b.str(`getComputedStyle(document.querySelector(".chunk .hollow")).stroke`); got != want {
			t.Errorf("%s: a hollow bar is filled with %s, want %s", scheme, got, want)
		}
	}
	b.view(1280, 720, "light", "")
	b.clean(file)
}
