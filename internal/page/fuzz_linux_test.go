package page

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// FuzzRequest: no request makes the lab panic or answer with a server's
// error. Requests that run a program, and the stream of changes, which
// ends with its reader, have tests of their own.
func FuzzRequest(f *testing.F) {
	for _, r := range [][3]string{
		{"GET", "/", ""},
		{"POST", "/api/enter", `{"token":"x"}`},
		{"POST", "/api/enter", `{"Token":1}`},
		{"GET", "/api/state", ""},
		{"GET", "/api/experiment/doublefork/doublefork", ""},
		{"GET", "/api/experiment/%2e%2e/doublefork", ""},
		{"POST", "/api/hint", `{"id":"doublefork/doublefork","claim":"adopted","n":-1}`},
		{"POST", "/api/hint", `{"id":"doublefork/doublefork","claim":"adopted","n":9}`},
		{"POST", "/api/hint", `{"id":`},
		{"GET", "/runs/1", ""},
		{"GET", "/runs/-1", ""},
		{"HEAD", "/runs/99999999999999999999", ""},
	} {
		f.Add(r[0], r[1], r[2])
	}
	handler := laboratory(doubleFork).server(context.Background()).routes()
	f.Fuzz(func(t *testing.T, method, target, body string) {
		r, err := http.NewRequest(method, target, strings.NewReader(body))
		if err != nil || !strings.HasPrefix(target, "/") {
			return
		}
		switch r.URL.Path {
		case "/api/run", "/api/check", "/api/changes":
			return
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code >= 500 {
			t.Errorf("%s %q %q: %d %s", method, target, body, w.Code, w.Body)
		}
	})
}
