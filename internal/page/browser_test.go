package page

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
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

	"apue/internal/lab/labtest"
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

// chrome is the one browser of all tests. The first test that needs it
// starts it, and TestMain ends it.
var chrome struct {
	sync.Once
	ctx  context.Context
	stop func()
	err  error
}

func TestMain(m *testing.M) {
	code := m.Run()
	if chrome.stop != nil {
		chrome.stop()
	}
	os.Exit(code)
}

// startChrome starts the browser with an empty profile.
func startChrome(program string) {
	dir, err := os.MkdirTemp("", "ch8-chromium-") // what a killed browser leaves there goes too
	if err != nil {
		chrome.err = err
		return
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.ExecPath(program),
		chromedp.Env("TMPDIR="+dir))
	ctx, end := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(ctx)
	chrome.ctx = ctx
	chrome.stop = func() { cancel(); end(); os.RemoveAll(dir) }
	chrome.err = chromedp.Do(ctx, chromedp.Navigate("about:blank"))
}

// startBrowser opens a page of the browser, with no cookies and nothing
// stored. Where no browser is installed the test is skipped, except in
// CI.
func startBrowser(t *testing.T) *browser {
	t.Helper()
	program := chromium()
	if program == "" {
		labtest.Cannot(t, "page/browser", "there is no chromium, chromium-browser or google-chrome in PATH", "install chromium")
	}
	chrome.Do(func() { startChrome(program) })
	if chrome.err != nil {
		t.Fatalf("%s does not start: %v", program, chrome.err)
	}
	ctx, cancel := chromedp.NewContext(chrome.ctx, chromedp.WithNewBrowserContext())
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
	// The page hears of its size with the next frame.
	eval[bool](b, fmt.Sprintf(`new Promise(done => {
		const look = () => requestAnimationFrame(() => innerWidth === %d && innerHeight === %d ? requestAnimationFrame(() => done(true)) : look());
		look();
	})`, width, height))
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
	for {
		ok, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](expression))
		if ok {
			return
		}
		// Between two pages there is none to evaluate it in.
		if err != nil && !strings.Contains(err.Error(), "Cannot find context") {
			b.t.Fatalf("%s does not become true: %v", expression, err)
		}
		time.Sleep(10 * time.Millisecond)
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
