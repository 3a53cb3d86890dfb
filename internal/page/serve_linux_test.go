package page

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"apue/internal/lab"
	"apue/internal/lab/labtest"
	"apue/internal/record"
	"apue/internal/sandbox"
	"apue/internal/trace"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// opened is a lab that is served, and a client that has its cookie.
type opened struct {
	t       *testing.T
	address string // "http://127.0.0.1:4711"
	token   string
	client  *http.Client
	close   func() error // closes the lab and waits for its end
}

// laboratory is a lab of the given experiments.
func laboratory(x ...*lab.Experiment) *Lab {
	return &Lab{
		Experiments: x,
		Files: fstest.MapFS{
			"doublefork/README.md": {Data: []byte("## doublefork: twice\n\nThe text of the sheet.\n")},
			"doublefork/c/x.h":     {Data: []byte("#define X 1\n")},
		},
		Starter: func(language string) string { return "start in " + language },
		Passed:  func() (map[string]bool, error) { return nil, nil },
		Note:    func(*lab.Report) error { return nil },
		Program: func(*lab.Experiment) (string, error) { return "", errors.New("there is none") },
		Replay:  func(*lab.Experiment) (*trace.Recording, error) { return nil, errors.New("there is none") },
	}
}

// open serves a lab until the test ends.
func open(t *testing.T, l *Lab) *opened {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ready, ended := make(chan string, 1), make(chan error, 1)
	go func() { ended <- l.Serve(ctx, listener, func(a string) { ready <- a }) }()
	address, token, ok := strings.Cut(<-ready, "/#token=")
	if !ok {
		t.Fatalf("the address %q has no token", address)
	}
	o := &opened{t: t, address: address, token: token, client: &http.Client{}}
	o.close = sync.OnceValue(func() error { cancel(); return <-ended })
	t.Cleanup(func() {
		if err := o.close(); err != nil {
			t.Errorf("the lab ended with %v", err)
		}
	})
	return o
}

// enter gets the cookie.
func (o *opened) enter() *opened {
	o.t.Helper()
	r := o.send("POST", "/api/enter", map[string]string{"token": o.token}, nil)
	if r.StatusCode != http.StatusOK {
		o.t.Fatalf("with the token: %s", r.Status)
	}
	jar := &cookies{}
	for _, c := range r.Cookies() {
		if c.SameSite != http.SameSiteStrictMode || !c.HttpOnly {
			o.t.Errorf("the cookie %s is not strict and http-only", c.Name)
		}
		jar.value = c.Name + "=" + c.Value
	}
	o.client.Transport = jar
	return o
}

// cookies sends one cookie with each request.
type cookies struct{ value string }

func (c *cookies) RoundTrip(r *http.Request) (*http.Response, error) {
	r.Header.Set("Cookie", c.value)
	return http.DefaultTransport.RoundTrip(r)
}

// send makes a request as the lab's own page does; change may change it.
func (o *opened) send(method, path string, body any, change func(*http.Request)) *http.Response {
	o.t.Helper()
	var text []byte
	if body != nil {
		text, _ = json.Marshal(body)
	}
	r, err := http.NewRequest(method, o.address+path, bytes.NewReader(text))
	if err != nil {
		o.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Origin", o.address)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if change != nil {
		change(r)
	}
	resp, err := o.client.Do(r)
	if err != nil {
		o.t.Fatal(err)
	}
	o.t.Cleanup(func() { resp.Body.Close() })
	return resp
}

// post makes a request and decodes the answer.
func (o *opened) post(path string, body any) map[string]any {
	o.t.Helper()
	r := o.send("POST", path, body, nil)
	out := map[string]any{}
	b, _ := io.ReadAll(r.Body)
	if err := json.Unmarshal(b, &out); err != nil {
		o.t.Fatalf("%s: %s: %s", path, r.Status, b)
	}
	return out
}

// TestAttacks: each way in that is not the page of this lab gets 403.
func TestAttacks(t *testing.T) {
	o := open(t, laboratory(doubleFork))
	inside := open(t, laboratory(doubleFork)).enter()
	run := request{ID: doubleFork.ID(), What: "ours"}
	header := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	for _, tc := range []struct {
		name         string
		lab          *opened
		method, path string
		body         any
		change       func(*http.Request)
	}{
		{"another Host that leads here", inside, "GET", "/api/state", nil, func(r *http.Request) { r.Host = "evil.example:" + port(inside.address) }},
		{"another Host for the empty page", o, "GET", "/", nil, func(r *http.Request) { r.Host = "evil.example" }},
		{"localhost with another port", inside, "GET", "/api/state", nil, func(r *http.Request) { r.Host = "localhost:1" }},
		{"no cookie: the state", o, "GET", "/api/state", nil, nil},
		{"no cookie: an experiment", o, "GET", "/api/experiment/doublefork/doublefork", nil, nil},
		{"no cookie: a run", o, "POST", "/api/run", run, nil},
		{"no cookie: a check", o, "POST", "/api/check", run, nil},
		{"no cookie: a hint", o, "POST", "/api/hint", run, nil},
		{"no cookie: the changes", o, "GET", "/api/changes", nil, nil},
		{"no cookie: a page", o, "GET", "/runs/1", nil, nil},
		{"the cookie of another lab", o, "GET", "/api/state", nil, header("Cookie", "ch8-"+port(o.address)+"=AAAAAAAAAAAAAAAAAAAAAAAAAA")},
		{"a wrong token", o, "POST", "/api/enter", map[string]string{"token": "A" + o.token[1:] + "x"}, nil},
		{"another origin", inside, "POST", "/api/run", run, header("Origin", "http://evil.example")},
		{"another site", inside, "POST", "/api/run", run, header("Sec-Fetch-Site", "cross-site")},
		{"another port of this machine", inside, "POST", "/api/run", run, header("Sec-Fetch-Site", "same-site")},
		{"a form", inside, "POST", "/api/run", run, header("Content-Type", "application/x-www-form-urlencoded")},
		{"text", inside, "POST", "/api/run", run, header("Content-Type", "text/plain")},
	} {
		change := tc.change
		if tc.name == "another origin" {
			change = func(r *http.Request) { tc.change(r); r.Header.Del("Sec-Fetch-Site") }
		}
		r := tc.lab.send(tc.method, tc.path, tc.body, change)
		if r.StatusCode != http.StatusForbidden {
			t.Errorf("%s: %s, want 403", tc.name, r.Status)
		}
		if r.Header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: the answer allows other origins", tc.name)
		}
	}
	if r := inside.send("GET", "/api/state", nil, func(r *http.Request) { r.Host = "localhost:" + port(inside.address) }); r.StatusCode != http.StatusOK {
		t.Errorf("as localhost: %s", r.Status)
	}
}

func port(address string) string { return address[strings.LastIndexByte(address, ':')+1:] }

// TestNoPaths: nothing that the page sends is the name of a file.
func TestNoPaths(t *testing.T) {
	o := open(t, laboratory(doubleFork)).enter()
	for _, tc := range []struct {
		method, path string
		body         any
		status       int
	}{
		{"POST", "/api/run", request{ID: "../../etc/passwd", What: "ours"}, 404},
		{"POST", "/api/run", map[string]string{"id": doubleFork.ID(), "path": "/etc/passwd"}, 400},
		{"POST", "/api/run", map[string]string{"id": doubleFork.ID(), "what": "ours", "stdout": "/etc/passwd"}, 400},
		{"GET", "/api/experiment/doublefork/..%2f..%2fetc", nil, 404},
		{"GET", "/runs/..%2f1", nil, 404},
		{"GET", "/lab.js", nil, 404},
	} {
		if r := o.send(tc.method, tc.path, tc.body, nil); r.StatusCode != tc.status {
			t.Errorf("%s %s %v: %s, want %d", tc.method, tc.path, tc.body, r.Status, tc.status)
		}
	}
	for _, in := range []request{
		{ID: doubleFork.ID(), What: "/etc/passwd"},
		{ID: doubleFork.ID(), What: "text", Language: "../c", Text: "x"},
		{ID: doubleFork.ID(), What: "file"},
	} {
		if out := o.post("/api/run", in); out["error"] == nil || out["page"] != nil {
			t.Errorf("%+v: %v", in, out)
		}
	}
}

// TestTwoAtATime: the third request waits until one of the first two is
// done.
func TestTwoAtATime(t *testing.T) {
	l := laboratory(doubleFork)
	began, release := make(chan bool, 8), make(chan bool)
	l.Program = func(*lab.Experiment) (string, error) {
		began <- true
		<-release
		return "", errors.New("enough")
	}
	o := open(t, l).enter()
	var done sync.WaitGroup
	for range 4 {
		done.Go(func() { o.post("/api/run", request{ID: doubleFork.ID(), What: "ours"}) })
	}
	<-began
	<-began
	select {
	case <-began:
		t.Error("a third run began while two were going on")
	case <-time.After(100 * time.Millisecond): // a wrong lab begins at once
	}
	close(release)
	done.Wait()
	if n := len(began); n != 2 {
		t.Errorf("%d more runs began when the first ones were done, want 2", n)
	}
}

// isolates skips a test where the lab cannot run a program.
func isolates(t *testing.T) {
	t.Helper()
	if err := errors.Join(record.Probe(), sandbox.CanIsolate()); err != nil {
		labtest.Cannot(t, "page/run", err.Error(), "")
	}
}

// TestRun: a text is built and run in the sandbox, and its page shows
// it; what a compiler says stands beside its line.
func TestRun(t *testing.T) {
	isolates(t)
	o := open(t, laboratory(doubleFork)).enter()
	c := request{ID: doubleFork.ID(), What: "text", Language: "c", Text: "#include <unistd.h>\n#include \"x.h\"\nint main(void)\n{\n\tif (fork() == 0) _exit(X);\n\treturn 0\n}\n"}
	out := o.post("/api/run", c)
	if messages, _ := json.Marshal(out["messages"]); !strings.Contains(string(messages), `"line":6`) {
		t.Errorf("the missing semicolon of line 6: %v", out)
	}
	c.Text = strings.Replace(c.Text, "return 0", "return 0;", 1)
	out = o.post("/api/run", c)
	path, _ := out["page"].(string)
	if path == "" || out["isolated"] != true {
		t.Fatalf("the answer is %v", out)
	}
	b, _ := io.ReadAll(o.send("GET", path, nil, nil).Body)
	if !strings.Contains(string(b), "fork") || !strings.Contains(string(b), "_exit(X)") {
		t.Error("the page of the run does not show its source")
	}
	r := o.send("GET", path+"?download", nil, nil)
	if got := r.Header.Get("Content-Disposition"); got != `attachment; filename="doublefork-doublefork-yours.html"` {
		t.Errorf("a download is %q", got)
	}
	sh := request{ID: doubleFork.ID(), What: "text", Language: "sh", Text: "echo a shell wrote this\n", Stdout: "pty"}
	path, _ = o.post("/api/run", sh)["page"].(string)
	b, _ = io.ReadAll(o.send("GET", path, nil, nil).Body)
	if c := dataOf(t, string(b)); len(c.Output) != 1 || c.Output[0].Text != "a shell wrote this\n" {
		t.Errorf("the page of a shell script on a terminal shows the output %+v", c.Output)
	}
}

// TestNoForeignFile: a program that names another file as its source does
// not bring that file into its page.
func TestNoForeignFile(t *testing.T) {
	isolates(t)
	file := filepath.Join(t.TempDir(), "secret.c")
	if err := os.WriteFile(file, []byte(strings.Repeat("int the_secret;\n", 40)), 0o600); err != nil {
		t.Fatal(err)
	}
	o := open(t, laboratory(doubleFork)).enter()
	text := "#include <unistd.h>\nint main(void)\n{\n#line 7 \"" + file + "\"\n\treturn fork() == -1;\n}\n"
	out := o.post("/api/run", request{ID: doubleFork.ID(), What: "text", Language: "c", Text: text})
	path, _ := out["page"].(string)
	b, _ := io.ReadAll(o.send("GET", path, nil, nil).Body)
	if !strings.Contains(string(b), "forks") || strings.Contains(string(b), "the_secret") {
		t.Errorf("the page (%d bytes) shows another file, or no fork", len(b))
	}
}

// TestCompilerIsIsolated: a C text cannot include a file of the user who
// started the lab, and a listing of the book finds its apue.h.
func TestCompilerIsIsolated(t *testing.T) {
	isolates(t)
	file := filepath.Join(t.TempDir(), "secret.h")
	if err := os.WriteFile(file, []byte("the_secret;\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	o := open(t, laboratory(doubleFork)).enter()
	out := o.post("/api/run", request{ID: doubleFork.ID(), What: "text", Language: "c", Text: "#include \"" + file + "\"\nint main(void) { return 0; }\n"})
	if said, _ := json.Marshal(out); !strings.Contains(string(said), "No such file") || strings.Contains(string(said), "the_secret") {
		t.Errorf("a foreign file is included: %s", said)
	}
	out = o.post("/api/run", request{ID: doubleFork.ID(), What: "text", Language: "c", Text: "#include \"apue.h\"\nint main(void)\n{\n\tif (fork() == 0)\n\t\terr_sys(\"the end\");\n\treturn 0;\n}\n"})
	path, _ := out["page"].(string)
	b, _ := io.ReadAll(o.send("GET", path, nil, nil).Body)
	for _, want := range []string{"The original executes doublefork", "the end", "err_sys"} {
		if !strings.Contains(string(b), want) {
			t.Errorf("the page of a listing with apue.h has no %q: %v", want, out)
		}
	}
}

// TestLibrary: the functions of apue.h are compiled once, for all programs
// that call them. Where that is impossible each of these is compiled with
// their source.
func TestLibrary(t *testing.T) {
	isolates(t)
	options := func(s *server) string {
		t.Helper()
		dir := t.TempDir()
		all, err := s.apueOptions(dir)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(filepath.Join(dir, all[1])); err != nil {
			t.Error(err)
		}
		return strings.Join(all, " ")
	}
	s := laboratory(doubleFork).server(t.Context())
	if got, want := options(s), "-Iapue apue/apue.o"; got != want {
		t.Fatalf("the options of the compiler are %q, want %q", got, want)
	}
	first := &s.library.object[0]
	if options(s); &s.library.object[0] != first {
		t.Error("the functions were compiled a second time")
	}
	s = laboratory(doubleFork).server(t.Context())
	s.library.once.Do(func() {}) // and nothing was compiled
	if got, want := options(s), "-Iapue apue/apue.c"; got != want {
		t.Errorf("without the object file the options are %q, want %q", got, want)
	}
}

// TestFollow: a change of the followed file is told to the page, and the
// lab never writes to the file.
func TestFollow(t *testing.T) {
	file := filepath.Join(t.TempDir(), "mine.sh")
	text := "echo one\n"
	if err := os.WriteFile(file, []byte(text), 0o444); err != nil {
		t.Fatal(err)
	}
	l := laboratory(doubleFork)
	l.Follow = file
	o := open(t, l).enter()
	lines := bufio.NewScanner(o.send("GET", "/api/changes", nil, nil).Body)
	lines.Scan() // the comment that the stream begins with
	os.Chmod(file, 0o644)
	text = "echo two\n"
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	for lines.Scan() && lines.Text() != "event: changed" {
	}
	if lines.Text() != "event: changed" {
		t.Errorf("the stream ended with %q", lines.Text())
	}
	if _, err := sandboxed(); err == nil {
		if out := o.post("/api/run", request{ID: doubleFork.ID(), What: "file"}); out["page"] == nil {
			t.Errorf("the file was not run: %v", out)
		}
	}
	if b, _ := os.ReadFile(file); string(b) != text {
		t.Errorf("the file has become %q", b)
	}
}

// sandboxed says whether programs can be run here.
func sandboxed() (bool, error) {
	err := errors.Join(record.Probe(), sandbox.CanIsolate())
	return err == nil, err
}

// TestClose: closing the lab ends the program that runs in it.
func TestClose(t *testing.T) {
	isolates(t)
	const seconds = "86461"
	sleeper := &lab.Experiment{Dir: "doublefork", Name: seconds}
	l := laboratory(sleeper)
	l.Program = func(*lab.Experiment) (string, error) { return "/bin/sleep", nil }
	o := open(t, l).enter()
	answered := make(chan map[string]any, 1)
	go func() { answered <- o.post("/api/run", request{ID: sleeper.ID(), What: "ours"}) }()
	for !running(seconds) {
		time.Sleep(10 * time.Millisecond)
	}
	if err := o.close(); err != nil {
		t.Errorf("closing the lab: %v", err)
	}
	if running(seconds) {
		t.Error("the program still runs after the lab is closed")
	}
	if out := <-answered; out["error"] == nil {
		t.Errorf("the page was told %v", out)
	}
}

// running says whether a process has this last argument.
func running(argument string) bool {
	files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, f := range files {
		if b, err := os.ReadFile(f); err == nil && strings.HasSuffix(string(b), "sleep\x00"+argument+"\x00") {
			return true
		}
	}
	return false
}

// TestLabInBrowser writes a program in the page, runs it, and finds it
// again after a reload.
func TestLabInBrowser(t *testing.T) {
	isolates(t)
	b := startBrowser(t)
	o := open(t, laboratory(doubleFork))
	b.view(1440, 810, "light")
	b.do(chromedp.Navigate(o.address + "/#token=" + o.token))
	b.until("document.querySelector('#list button') !== null")
	if got := b.text("#sheet"); !strings.Contains(got, "The text of the sheet.") {
		t.Errorf("the sheet is %q", got)
	}
	if hash := eval[string](b, "location.hash"); strings.Contains(hash, "token") {
		t.Errorf("the token stays in the address: %q", hash)
	}
	eval[bool](b, "document.querySelector('[data-tab=program]').click(), document.getElementById('language').value = 'sh', document.getElementById('text').focus(), true")
	long := "echo hello & wait #" + strings.Repeat(" long", 40)
	b.press("echo hello & wait #")
	eval[bool](b, "document.getElementById('text').value += ' long'.repeat(40), document.getElementById('text').dispatchEvent(new Event('input')), document.getElementById('editor').scrollLeft = 9999, true")
	b.press(kb.Enter)
	if left := eval[int](b, "document.getElementById('editor').scrollLeft"); left != 0 {
		t.Errorf("at the beginning of a line the text is %d pixels to the left of the line numbers", left)
	}
	eval[bool](b, "document.getElementById('run').click(), true")
	b.until("document.querySelector('#pictures iframe') !== null")
	page := eval[string](b, "fetch(document.querySelector('#pictures iframe').src).then(r => r.text())")
	if !strings.Contains(page, `writes to standard output: \"hello\\n\"`) {
		t.Error("the page in the frame does not show what the program wrote")
	}
	for _, c := range []struct{ change, caption string }{
		{" # other", "your program, before the last change"}, {"", "your program"},
	} {
		eval[bool](b, fmt.Sprintf("(() => { const e = document.getElementById('text'); e.value = e.value.replace(' # other', '') + %q; e.dispatchEvent(new Event('input')); return true })()", c.change))
		if got := b.text("#pictures figcaption"); got != c.caption {
			t.Errorf("with the text changed by %q the picture's name is %q", c.change, got)
		}
	}
	eval[bool](b, "document.getElementById('list').classList.add('closed'), true")
	if !eval[bool](b, "document.getElementById('pictures').offsetWidth > document.querySelector('main').offsetWidth") {
		t.Error("without the list of experiments the picture is narrower than the program")
	}
	b.do(chromedp.Reload())
	b.until("document.querySelector('#list button') !== null")
	if got := eval[string](b, "document.getElementById('text').value"); got != long+"\n" {
		t.Errorf("after a reload the text is %q", got)
	}
	b.view(390, 844, "light")
	b.do(chromedp.Reload())
	b.until("document.querySelector('#list button') !== null && document.getElementById('list').offsetHeight === 0")
	eval[bool](b, "document.getElementById('menu').click(), true")
	if !eval[bool](b, "document.getElementById('list').offsetHeight > 0") {
		t.Error("on a phone the list of experiments does not open")
	}
	for _, f := range b.faults {
		t.Errorf("the page reports: %s", f)
	}
}

// TestKeysAfterRun: after Run the keys that the picture names step through
// it, and those of the editor stay there. The list shows where the reader is.
func TestKeysAfterRun(t *testing.T) {
	isolates(t)
	b := startBrowser(t)
	var many lab.Registry
	for i := range 60 {
		x := *doubleFork
		x.Name = fmt.Sprint("x", i)
		many = append(many, &x)
	}
	o := open(t, laboratory(append(many, doubleFork)...))
	b.view(1280, 720, "light")
	b.do(chromedp.Navigate(o.address + "/#token=" + o.token))
	b.until("document.querySelector('#list button') !== null")
	eval[bool](b, "[...document.querySelectorAll('#list button')].at(-1).click(), true")
	b.until("document.querySelector('#list [aria-current]:last-child') !== null && document.getElementById('sheet').textContent.includes('twice')")
	if !eval[bool](b, "document.querySelector('[aria-current]').getBoundingClientRect().bottom <= innerHeight") {
		t.Error("the list does not show the experiment that is open")
	}
	eval[bool](b, "document.getElementById('language').value = 'sh', document.getElementById('text').value = 'true & wait', document.getElementById('run').focus(), document.getElementById('run').click(), true")
	const slider = "document.querySelector('#pictures iframe')?.contentDocument?.getElementById('slider')"
	b.until("Number(" + slider + "?.max) > 2")
	b.press(kb.ArrowRight)
	eval[bool](b, "document.getElementById('menu').focus(), document.getElementById('menu').click(), true")
	b.press(kb.ArrowRight)
	if got := eval[string](b, slider+".value"); got != "2" {
		t.Errorf("after the key → twice the picture is at step %s", got)
	}
	eval[bool](b, "document.querySelector('[data-tab=program]').click(), document.getElementById('text').focus(), true")
	b.press(kb.ArrowLeft, "b")
	if got := eval[string](b, slider+".value + document.getElementById('text').value"); got != "2true & waibt" {
		t.Errorf("after two keys in the editor step and text are %q", got)
	}
}
