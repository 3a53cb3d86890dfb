package timeline

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A browser is a headless Chromium, spoken to over two pipes in
// the DevTools protocol: JSON messages that end in a NUL.
type browser struct {
	t        *testing.T
	in       io.Writer
	messages chan message
	session  string
	id       int

	// requests are the addresses that pages asked for, faults the
	// errors that they reported, since the last visit.
	requests, faults []string
	loaded           bool
}

type message struct {
	ID     int             `json:"id"`
	Method string          `json:"method"`
	Params json.RawMessage `json:"params"`
	Result json.RawMessage `json:"result"`
	Error  *struct {
		Message string `json:"message"`
	} `json:"error"`
}

// startBrowser starts a browser with an empty profile, or skips the
// test where none is installed.
func startBrowser(t *testing.T) *browser {
	t.Helper()
	var path string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			path = p
			break
		}
	}
	if path == "" {
		t.Skip("no chromium, chromium-browser or google-chrome in PATH: the page was not opened in a browser")
	}
	profile := t.TempDir()
	toBrowser, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	out, fromBrowser, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
		"--no-first-run", "--disable-background-networking", "--disable-component-update",
		"--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars",
		"--user-data-dir="+profile, "--remote-debugging-pipe", "about:blank")
	cmd.ExtraFiles = []*os.File{toBrowser, fromBrowser}
	cmd.Env = append(os.Environ(), "HOME="+profile)
	killGroup := ownGroup(cmd)
	if err := cmd.Start(); err != nil {
		t.Skipf("%s does not start: %v", path, err)
	}
	toBrowser.Close()
	fromBrowser.Close()
	b := &browser{t: t, in: in, messages: make(chan message, 256)}
	go func() {
		r := bufio.NewReaderSize(out, 1<<20)
		for {
			raw, err := r.ReadBytes(0)
			if err != nil {
				close(b.messages)
				return
			}
			var m message
			if json.Unmarshal(raw[:len(raw)-1], &m) == nil {
				b.messages <- m
			}
		}
	}()
	t.Cleanup(func() {
		killGroup()
		cmd.Wait()
		in.Close()
		out.Close()
	})
	var target struct{ TargetID, SessionID string }
	b.call("Target.createTarget", map[string]any{"url": "about:blank"}, &target)
	b.call("Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &target)
	b.session = target.SessionID
	for _, domain := range []string{"Page", "Runtime", "Network", "Log"} {
		b.call(domain+".enable", nil, nil)
	}
	return b
}

// call makes one call and waits for its answer.
func (b *browser) call(method string, params any, result any) {
	b.t.Helper()
	b.id++
	id := b.id
	out := map[string]any{"id": id, "method": method}
	if params != nil {
		out["params"] = params
	}
	if b.session != "" {
		out["sessionId"] = b.session
	}
	raw, err := json.Marshal(out)
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := b.in.Write(append(raw, 0)); err != nil {
		b.t.Fatalf("browser: %s: %v", method, err)
	}
	for {
		m := b.receive(method)
		if m.ID != id {
			continue
		}
		if m.Error != nil {
			b.t.Fatalf("browser: %s: %s", method, m.Error.Message)
		}
		if result != nil {
			if err := json.Unmarshal(m.Result, result); err != nil {
				b.t.Fatalf("browser: %s: %v", method, err)
			}
		}
		return
	}
}

// receive takes the next message, noting what events say.
func (b *browser) receive(what string) message {
	b.t.Helper()
	var m message
	select {
	case got, ok := <-b.messages:
		if !ok {
			b.t.Fatalf("browser: gone during %s", what)
		}
		m = got
	case <-time.After(30 * time.Second):
		b.t.Fatalf("browser: no answer to %s in 30 s", what)
	}
	var p struct {
		Type    string
		Request struct{ URL string }
		Entry   struct{ Level, Text string }
		Args    []struct{ Value any }
		Details struct {
			Text      string
			Exception struct{ Description string }
		} `json:"exceptionDetails"`
	}
	if m.Method != "" {
		json.Unmarshal(m.Params, &p)
	}
	switch m.Method {
	case "Page.loadEventFired":
		b.loaded = true
	case "Network.requestWillBeSent":
		b.requests = append(b.requests, p.Request.URL)
	case "Runtime.exceptionThrown":
		b.faults = append(b.faults, p.Details.Text+" "+p.Details.Exception.Description)
	case "Runtime.consoleAPICalled":
		b.faults = append(b.faults, fmt.Sprint(p.Type, p.Args))
	case "Log.entryAdded":
		b.faults = append(b.faults, p.Entry.Level+": "+p.Entry.Text)
	case "Page.javascriptDialogOpening":
		b.faults = append(b.faults, "a dialog opened")
	}
	return m
}

// visit opens a file and waits until it is loaded.
func (b *browser) visit(file string) {
	b.t.Helper()
	abs, err := filepath.Abs(file)
	if err != nil {
		b.t.Fatal(err)
	}
	b.requests, b.faults, b.loaded = nil, nil, false
	u := url.URL{Scheme: "file", Path: abs}
	b.call("Page.navigate", map[string]any{"url": u.String()}, nil)
	for !b.loaded {
		b.receive("Page.navigate")
	}
}

// eval evaluates an expression in the page.
func (b *browser) eval(expr string, result any) {
	b.t.Helper()
	var r struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails *struct {
			Exception struct{ Description string }
		}
	}
	b.call("Runtime.evaluate", map[string]any{"expression": expr, "returnByValue": true, "awaitPromise": true}, &r)
	if r.ExceptionDetails != nil {
		b.t.Fatalf("browser: %s: %s", expr, r.ExceptionDetails.Exception.Description)
	}
	if result != nil && len(r.Result.Value) > 0 {
		if err := json.Unmarshal(r.Result.Value, result); err != nil {
			b.t.Fatalf("browser: %s: %v in %s", expr, err, r.Result.Value)
		}
	}
}

// str evaluates an expression that is a string.
func (b *browser) str(expr string) string {
	b.t.Helper()
	var s string
	b.eval(expr, &s)
	return s
}

// press presses keys, by their DOM names.
func (b *browser) press(keys ...string) {
	b.t.Helper()
	for _, k := range keys {
		text := ""
		if len(k) == 1 {
			text = k
		}
		b.call("Input.dispatchKeyEvent", map[string]any{"type": "keyDown", "key": k, "text": text}, nil)
		b.call("Input.dispatchKeyEvent", map[string]any{"type": "keyUp", "key": k}, nil)
	}
	// A frame later what the page scrolls to is in view.
	b.eval("new Promise(r => requestAnimationFrame(() => requestAnimationFrame(r)))", nil)
}

// view sets the size of the window and the colour scheme.
func (b *browser) view(width, height int, scheme, media string) {
	b.call("Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false}, nil)
	b.call("Emulation.setEmulatedMedia", map[string]any{"media": media, "features": []map[string]string{{"name": "prefers-color-scheme", "value": scheme}}}, nil)
}

// picture writes what is in view as a PNG file.
func (b *browser) picture(file string) {
	b.t.Helper()
	var r struct{ Data string }
	b.call("Page.captureScreenshot", map[string]any{"format": "png"}, &r)
	b.save(file, r.Data)
}

// print writes the page as a PDF file.
func (b *browser) print(file string) {
	b.t.Helper()
	var r struct{ Data string }
	b.call("Page.printToPDF", map[string]any{"preferCSSPageSize": true, "printBackground": false}, &r)
	b.save(file, r.Data)
}

func (b *browser) save(file, data string) {
	b.t.Helper()
	raw, err := base64.StdEncoding.DecodeString(data)
	if err == nil {
		err = os.WriteFile(file, raw, 0o644)
	}
	if err != nil {
		b.t.Fatal(err)
	}
}

// clean fails the test if a page asked for anything but itself, or
// reported an error.
func (b *browser) clean(file string) {
	b.t.Helper()
	for _, r := range b.requests {
		if !strings.HasPrefix(r, "file://") || !strings.HasSuffix(r, filepath.Base(file)) {
			if r != "data:," {
				b.t.Errorf("%s asks for %s", filepath.Base(file), r)
			}
		}
	}
	for _, f := range b.faults {
		b.t.Errorf("%s reports %s", filepath.Base(file), f)
	}
}
