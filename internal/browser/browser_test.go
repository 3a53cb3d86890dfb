package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"apue/internal/suite"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// mostWire is what a browser may have to load, in bytes.
const mostWire = 15 << 20

// made is the folder that make browser has made. It needs packages from
// elsewhere, so the tests of go test ./... do without it.
func made(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("CH8_BROWSER")
	if dir == "" {
		t.Skip("the machine takes minutes to make: make test-browser makes and tests it")
	}
	return dir
}

// A tab is a page of a headless Chromium.
type tab struct {
	t     *testing.T
	ctx   context.Context
	first time.Duration // from opening the page to its first picture: our program is run at once

	mu    sync.Mutex
	hosts []string // that the page asked
}

// open serves the folder and opens its page.
func open(t *testing.T, dir string) *tab {
	t.Helper()
	server := httptest.NewServer(http.FileServer(http.Dir(dir)))
	t.Cleanup(server.Close)
	program, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal(err)
	}
	profile := t.TempDir()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.ExecPath(program), chromedp.Env("TMPDIR="+profile))
	ctx, end := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(end)
	ctx, cancel := chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	b := &tab{t: t, ctx: ctx}
	b.do(chromedp.Navigate("about:blank"))
	if slow := os.Getenv("CH8_SLOW"); slow != "" { // the machine's clock, where this one is busy with others
		_, err := chromedp.Call(ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{
			Source: "{ const real = performance.now.bind(performance); performance.now = () => real() / " + slow + "; }",
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := chromedp.Listen(ctx, b.heard); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	b.do(chromedp.Navigate(server.URL + "/#fork/glob"))
	b.drawn()
	b.first = time.Since(start)
	b.until(`document.querySelectorAll("#list button").length > 20 && !document.getElementById("run").disabled`)
	t.Cleanup(func() {
		own, _ := url.Parse(server.URL)
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, host := range b.hosts {
			if host != own.Host {
				t.Errorf("the page asks %s", host)
			}
		}
	})
	return b
}

func (b *tab) heard(event any) {
	if e, ok := event.(*network.EventRequestWillBeSent); ok {
		if u, err := url.Parse(e.Request.URL); err == nil && strings.HasPrefix(u.Scheme, "http") {
			b.mu.Lock()
			b.hosts = append(b.hosts, u.Host)
			b.mu.Unlock()
		}
	}
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.t.Fatal(err)
	}
}

func eval[T any](b *tab, expression string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// until waits until an expression is true, some minutes at most.
func (b *tab) until(expression string) {
	b.t.Helper()
	for start := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		ok, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](expression))
		if ok {
			return
		}
		if err != nil && !strings.Contains(err.Error(), "Cannot find context") {
			b.t.Fatalf("%s: %v", expression, err)
		}
		if time.Since(start) > 10*time.Minute {
			b.t.Fatalf("%s does not become true; the page says %q", expression, eval[string](b, `document.getElementById("status").textContent`))
		}
	}
}

// write puts a text into the editor.
func (b *tab) write(text string) {
	b.t.Helper()
	quoted, _ := json.Marshal(text)
	eval[bool](b, `(() => { const e = document.getElementById("text"); e.value = `+string(quoted)+`; e.dispatchEvent(new Event("input")); return true; })()`)
}

// press presses a button and returns what the page says when it is done.
func (b *tab) press(id string) (says string, took time.Duration) {
	b.t.Helper()
	start := time.Now()
	eval[bool](b, `(document.getElementById("`+id+`").click(), true)`)
	b.until(`!document.getElementById("run").disabled`)
	return eval[string](b, `document.getElementById("status").textContent`), time.Since(start)
}

// drawn waits until the picture of a run is there and returns its text.
func (b *tab) drawn() string {
	b.t.Helper()
	// The script of the picture has set how many steps there are.
	b.until(`Boolean(Number(document.querySelector("#pictures iframe")?.contentDocument?.getElementById("slider")?.max))`)
	return eval[string](b, `document.querySelector("#pictures iframe").contentDocument.body.textContent`)
}

// source is the text of a C program of the suite.
func source(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile("../../" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// What a browser has to load is small.
func TestSize(t *testing.T) {
	dir := made(t)
	files, err := filepath.Glob(dir + "/*")
	if err != nil {
		t.Fatal(err)
	}
	var sum int64
	for _, file := range files {
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		sum += info.Size()
	}
	if sum > mostWire {
		t.Errorf("%s has %d bytes, more than %d", dir, sum, mostWire)
	}
}

// The page shows a real fork by itself, and then what a reader edits and
// runs.
func TestRun(t *testing.T) {
	b := open(t, made(t))
	if text := b.drawn(); !strings.Contains(text, "fork") || !strings.Contains(text, "child") {
		t.Errorf("the first picture says %.300q", text)
	}
	right := source(t, "fork/c/glob.c")
	var took []time.Duration
	for i := range 3 {
		b.write(right + strings.Repeat("\n", i+1))
		says, d := b.press("run")
		if !strings.Contains(says, "Ran in") {
			t.Fatalf("the page says %q", says)
		}
		if text := b.drawn(); !strings.Contains(text, "fork") || !strings.Contains(text, "child") {
			t.Errorf("the picture says %.300q", text)
		}
		took = append(took, d)
	}
	t.Logf("the first picture after %v, the reader's own after %v", b.first, took)
}

// A right program passes, a wrong one fails and has hints, and what has
// passed stays in the browser.
func TestCheck(t *testing.T) {
	b := open(t, made(t))
	b.write(source(t, "fork/c/glob.c"))
	if says, _ := b.press("check"); says != "No claim failed." {
		t.Errorf("of the right program the page says %q: %s", says, eval[string](b, `document.getElementById("results").innerText`))
	}
	if kept := eval[string](b, `localStorage.getItem("passed")`); !strings.Contains(kept, "fork/glob/") {
		t.Errorf("the browser keeps %s", kept)
	}
	b.write(source(t, "fork/testdata/wrong/glob/noforks.c"))
	if says, _ := b.press("check"); !strings.Contains(says, "failed") {
		t.Errorf("of the wrong program the page says %q", says)
	}
	b.until(`(() => { const h = document.querySelector(".result.fail button"); if (h) h.click(); return Boolean(h); })()`)
	b.until(`document.querySelectorAll(".hints li").length > 0`)
}

// Programs that take all they can get are ended, and the next run works.
func TestHogs(t *testing.T) {
	b := open(t, made(t))
	for name, hog := range map[string]string{
		"a fork bomb":    "#include <unistd.h>\nint main(void) { for (int i = 0; i < 500; i++) if (fork() == 0) pause(); pause(); }\n",
		"endless loop":   "int main(void) { for (;;) ; }\n",
		"endless output": "#include <stdio.h>\nint main(void) { for (;;) puts(\"more\"); }\n",
	} {
		b.write(hog)
		says, took := b.press("run")
		t.Logf("%s: after %v the page says %q", name, took, says)
		if !strings.Contains(says, "set back") {
			t.Errorf("%s: the page says %q", name, says)
		}
		b.write(source(t, "fork/c/glob.c"))
		if says, _ := b.press("run"); !strings.Contains(says, "Ran in") {
			t.Errorf("after %s the page says %q", name, says)
		}
	}
}

// The page and its answers can be made on any machine.
func TestPage(t *testing.T) {
	t.Chdir("../..")
	out := t.TempDir()
	if err := writePage(out); err != nil {
		t.Fatal(err)
	}
	html, err := os.ReadFile(out + "/index.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`<script src="libv86.js">`, `<script src="load.js">`, "wasm-unsafe-eval", "worker-src blob:", "connect-src &#39;self&#39;"} {
		if !bytes.Contains(html, []byte(want)) {
			t.Errorf("index.html has no %s", want)
		}
	}
	packed, err := os.Open(out + "/lab.json.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer packed.Close()
	unpacked, err := gzip.NewReader(packed)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(unpacked)
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatal(err)
	}
	for _, x := range suite.All {
		if all["/api/experiment/"+x.ID()] == nil {
			t.Errorf("lab.json.gz has no %s", x.ID())
		}
	}
	var state struct {
		Machine   bool
		Languages []struct{ Name string }
	}
	if err := json.Unmarshal(all["/api/state"], &state); err != nil || !state.Machine || len(state.Languages) != 1 {
		t.Errorf("the state is %.200s (%v)", all["/api/state"], err)
	}
	var hints []string
	if err := json.Unmarshal(all["/api/hint/fork/glob/forked"], &hints); err != nil || len(hints) != 3 {
		t.Errorf("the hints of fork/glob/forked are %q (%v)", hints, err)
	}
}

// The archive is one that cpio(1) could read.
func TestTree(t *testing.T) {
	tree := &tree{known: map[string]bool{}}
	tree.add("a/b/file", 0o100644, []byte("12345"))
	tree.add("a/link", 0o120777, []byte("b/file"))
	tree.entry("TRAILER!!!", 0, nil)
	var names []string
	for b := tree.archive.Bytes(); len(b) > 0; {
		field := func(n int) int {
			v := 0
			for _, c := range b[6+8*n : 14+8*n] {
				v = v*16 + strings.IndexByte("0123456789ABCDEF", c)
			}
			return v
		}
		if string(b[:6]) != "070701" {
			t.Fatalf("an entry begins with %q", b[:6])
		}
		size, length := field(6), field(11)
		names = append(names, string(b[110:110+length-1]))
		body := (110 + length + 3) / 4 * 4
		b = b[min(len(b), (body+size+3)/4*4):]
	}
	if want := []string{"a", "a/b", "a/b/file", "a/link", "TRAILER!!!"}; !slices.Equal(names, want) {
		t.Errorf("the archive has %q, want %q", names, want)
	}
}
