//go:build linux

package main

import (
	"errors"
	"strings"
	"testing"
)

// Each request gets one line, also one that cannot be read or answered.
func TestAnswer(t *testing.T) {
	ask := func(path string, body []byte) (map[string]any, error) {
		if path == "/api/run" {
			return map[string]any{"took": 7, "asked": string(body)}, nil
		}
		return nil, errors.New("no such path")
	}
	var out strings.Builder
	in := `{"path": "/api/run", "body": {"id": "x"}}` + "\n" + `{"path": "/etc/passwd"}` + "\nnonsense\n"
	if err := answer(ask, strings.NewReader(in), &out); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(out.String(), "\n")
	want := []string{`{"asked":"{\"id\": \"x\"}","took":7}`, `{"error":"no such path"}`, `{"error":"invalid character`, ""}
	if len(lines) != len(want) {
		t.Fatalf("the answers are %q", lines)
	}
	for i := range want {
		if !strings.HasPrefix(lines[i], want[i]) {
			t.Errorf("answer %d is %q, want %q", i, lines[i], want[i])
		}
	}
}
