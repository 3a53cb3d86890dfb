package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"apue/internal/page"
	"apue/internal/sandbox"
)

// TestDoctorBox: the probe of the box is printed, a line an attempt, and
// nothing is wider than a report.
func TestDoctorBox(t *testing.T) {
	if err := sandbox.CanIsolate(); err != nil {
		t.Skip(err)
	}
	var b strings.Builder
	if err := probeBox(t.Context(), &b); err != nil {
		t.Error(err)
	}
	for _, want := range []string{"files\n  ok   read a file of the person who grades: no such file", "\nkeys\n", "\nmemory\n"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is missing:\n%s", want, b.String())
		}
	}
	for line := range strings.Lines(b.String()) {
		if len(line) > 69 && strings.HasPrefix(line, "  ") || strings.Contains(line, "LOOK") {
			t.Errorf("%q", line)
		}
	}
}

// TestServeGo: the lab in the browser compiles a Go program in the box,
// where its folder is /box and nothing of this machine is visible.
func TestServeGo(t *testing.T) {
	if err := cannotRecord(false); err != nil {
		t.Skip(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ready, ended := make(chan string, 1), make(chan error, 1)
	go func() { ended <- serve(ctx, &page.Lab{}, listener, func(a string) { ready <- a }) }()
	defer func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}()
	address, token, _ := strings.Cut(<-ready, "/#token=")
	cookie := ""
	ask := func(method, path string, body any) string {
		t.Helper()
		text, _ := json.Marshal(body)
		r, err := http.NewRequest(method, address+path, bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		for name, value := range map[string]string{"Content-Type": "application/json", "Origin": address, "Sec-Fetch-Site": "same-origin", "Cookie": cookie} {
			r.Header.Set(name, value)
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		for _, c := range answer.Cookies() {
			cookie = c.Name + "=" + c.Value
		}
		b, _ := io.ReadAll(answer.Body)
		return string(b)
	}
	ask("POST", "/api/enter", map[string]string{"token": token})
	run := func(text string) map[string]any {
		t.Helper()
		out := map[string]any{}
		said := ask("POST", "/api/run", map[string]string{"id": "fork/glob", "what": "text", "language": "go", "text": text})
		if err := json.Unmarshal([]byte(said), &out); err != nil {
			t.Fatalf("%s: %v", said, err)
		}
		return out
	}
	out := run("package main\n\nimport (\n\t\"fmt\"\n\t\"runtime\"\n\n\t\"apue/ch8/proc\"\n)\n\n" +
		"func main() {\n\t_, file, _, _ := runtime.Caller(0)\n\tfmt.Println(\"compiled in\", file, proc.WaitStatus(0).Exited())\n}\n")
	path, _ := out["page"].(string)
	if shown := ask("GET", path, nil); path == "" || !strings.Contains(shown, "compiled in /box/glob.go true") {
		t.Errorf("%v; the page says nothing of /box/glob.go", out)
	}
	if out := run("package main\n\nimport \"C\"\n\nfunc main() {}\n"); !strings.Contains(fmt.Sprint(out["error"]), "is built without cgo") {
		t.Errorf("cgo: %v", out)
	}
	if out := run("package main\n\nfunc main() { undefined() }\n"); !strings.Contains(fmt.Sprint(out["messages"]), "undefined: undefined") {
		t.Errorf("an error of the compiler: %v", out)
	}
}
