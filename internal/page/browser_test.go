package page

import (
	"bytes"
	"context"
	"encoding/json"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// A browser is a page of a headless Chromium.
type browser struct {
	t   *testing.T
	ctx context.Context

	mu       sync.Mutex
	requests []string // addresses that the page asked for
	faults   []string // errors that it reported
}

// chromium finds the browser.
func chromium() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			return p
		}
	}
	return ""
}

// lacking skips a test for what this machine has not; in CI, which
// installs it, the test fails.
func lacking(t *testing.T, reason string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatal(reason)
	}
	t.Skip(reason)
}

// startBrowser starts a browser with an empty profile. Where none is
// installed the test is skipped, except in CI.
func startBrowser(t *testing.T) *browser {
	t.Helper()
	program := chromium()
	if program == "" {
		lacking(t, "there is no chromium, chromium-browser or google-chrome in PATH: install chromium")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.ExecPath(program),
		chromedp.Env("TMPDIR="+t.TempDir())) // what a killed browser leaves there goes too
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, 3*time.Minute)
	t.Cleanup(cancel)
	b := &browser{t: t, ctx: ctx}
	b.do(chromedp.Navigate("about:blank"))
	if err := chromedp.Listen(ctx, b.heard); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	return b
}

// heard notes what a page asks for, and what it complains of.
func (b *browser) heard(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		b.requests = append(b.requests, e.Request.URL)
	case *runtime.EventExceptionThrown:
		b.faults = append(b.faults, e.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		b.faults = append(b.faults, "the page writes to the console")
	case *log.EventEntryAdded:
		b.faults = append(b.faults, e.Entry.Text)
	}
}

func (b *browser) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.t.Fatal(err)
	}
}

// open opens a page and forgets what earlier ones did.
func (b *browser) open(file string) {
	b.t.Helper()
	b.do(chromedp.Navigate("about:blank"))
	b.mu.Lock()
	b.requests, b.faults = nil, nil
	b.mu.Unlock()
	u := url.URL{Scheme: "file", Path: file}
	b.do(chromedp.Navigate(u.String()))
}

// silent fails the test if the page asked for anything but itself, or
// reported an error.
func (b *browser) silent(file string) {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, r := range b.requests {
		if r != "data:," && !strings.HasSuffix(strings.SplitN(r, "#", 2)[0], filepath.Base(file)) {
			b.t.Errorf("%s asks for %s", filepath.Base(file), r)
		}
	}
	for _, f := range b.faults {
		b.t.Errorf("%s reports: %s", filepath.Base(file), f)
	}
}

// view sets the size of the window and the colour scheme.
func (b *browser) view(width, height int64, scheme string) {
	b.t.Helper()
	b.do(chromedp.EmulateViewport(width, height))
	_, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	})
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *browser) press(keys ...string) {
	b.t.Helper()
	for _, k := range keys {
		b.do(chromedp.KeyEvent(k))
	}
}

// eval evaluates an expression and returns its value.
func eval[T any](b *browser, expression string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// until waits until an expression is true.
func (b *browser) until(expression string) {
	b.t.Helper()
	if _, err := chromedp.Run(b.ctx, chromedp.Poll[bool](expression)); err != nil {
		b.t.Fatalf("%s does not become true: %v", expression, err)
	}
}

// text is the visible text of the elements that a selector finds, one a
// line.
func (b *browser) text(selector string) string {
	b.t.Helper()
	s, _ := json.Marshal(selector)
	return eval[string](b, "[...document.querySelectorAll("+string(s)+")].map(e => e.innerText ?? e.textContent).join('\\n')")
}

// write writes the page of a recording to a file.
func write(t *testing.T, name string, r sample) string {
	t.Helper()
	var page bytes.Buffer
	if err := Write(&page, r.recording, r.options); err != nil {
		t.Fatal(err)
	}
	dir := os.Getenv("CH8_PAGES")
	if dir == "" {
		dir = t.TempDir()
	}
	file := filepath.Join(dir, name+".html")
	if err := os.WriteFile(file, page.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}
