//go:build !machine

package page

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"mime"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"apue/internal/lab"
	"apue/internal/sandbox"
)

//go:embed lab.html lab.css lab.js
var labFiles embed.FS

// labText is one of the embedded files.
func labText(name string) string {
	b, err := labFiles.ReadFile(name)
	if err != nil {
		panic(err) // a file that is not embedded
	}
	return string(b)
}

// Serve serves the lab on the listener until the context ends, and then
// ends everything that runs. It calls ready with the address that opens
// the lab.
//
// The lab runs programs, so nobody else may reach it:
//
//   - the listener should be on a loopback address;
//   - a request is refused (403) unless its Host header names localhost or
//     a loopback address with this port, so that no other name can be
//     made to lead here;
//   - requests that change something are refused from other origins
//     ([http.CrossOriginProtection]), and unless their body is JSON;
//   - everything but the empty page needs a cookie, SameSite=Strict. The
//     page gets it for the token in the fragment of the printed address,
//     which no browser sends to a server;
//   - no path of a file comes from the page: it names experiments, runs
//     and languages, all from lists of the server;
//   - programs run in the sandbox, as those of strangers do, and two at a
//     time; the others wait.
func (l *Lab) Serve(ctx context.Context, listener net.Listener, ready func(address string)) error {
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		return err
	}
	ctx, end := sandbox.Reuse(ctx) // a run does not wait for a new keeper
	defer end()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s := l.server(ctx)
	s.token, s.cookie, s.port, s.hosts = rand.Text(), rand.Text(), port, hosts(listener.Addr(), port)
	var background sync.WaitGroup
	if l.Follow != "" {
		background.Go(s.watch)
	}
	background.Go(s.warm)
	srv := &http.Server{
		Handler:           s.guarded(s.routes()),
		ReadHeaderTimeout: 10 * time.Second,
		BaseContext:       func(net.Listener) context.Context { return ctx },
	}
	background.Go(func() {
		<-ctx.Done()
		closing, done := context.WithTimeout(context.Background(), 10*time.Second)
		defer done()
		srv.Shutdown(closing)
		srv.Close()
	})
	ready(fmt.Sprintf("http://%s/#token=%s", s.hosts[0], s.token))
	err = srv.Serve(listener)
	cancel()
	background.Wait()
	s.builds.close()
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// warm compiles the functions of apue.h while the learner reads the first
// experiment. The first run finds them, and a keeper that waits.
func (s *server) warm() {
	select {
	case <-s.warms:
		if s.CannotRecord == nil {
			s.library.of(s)
		}
	case <-s.ctx.Done():
	}
}

// hosts are the Host headers that are allowed. The first one is for the
// printed address.
func hosts(addr net.Addr, port string) []string {
	all := []string{"localhost:" + port, "127.0.0.1:" + port, "[::1]:" + port}
	if tcp, ok := addr.(*net.TCPAddr); ok && !tcp.IP.IsLoopback() {
		own := net.JoinHostPort(tcp.IP.String(), port)
		if !tcp.IP.IsUnspecified() {
			return append([]string{own}, all...)
		}
	} else if ok && tcp.IP.To4() == nil {
		return []string{all[2], all[0], all[1]}
	} else {
		return []string{all[1], all[0], all[2]}
	}
	return all
}

// routes are the addresses of the lab.
func (s *server) routes() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.shell)
	mux.HandleFunc("POST /api/enter", s.enter)
	mux.HandleFunc("GET /api/state", s.state)
	mux.HandleFunc("GET /api/experiment/{folder}/{name}", s.experiment)
	mux.HandleFunc("POST /api/run", s.inTurnOf(s.run))
	mux.HandleFunc("POST /api/check", s.inTurnOf(s.check))
	mux.HandleFunc("POST /api/hint", s.hint)
	mux.HandleFunc("GET /api/changes", s.changes)
	mux.HandleFunc("GET /runs/{number}", s.page)
	return mux
}

// guarded refuses what may not reach the lab.
func (s *server) guarded(next http.Handler) http.Handler {
	origin := http.NewCrossOriginProtection()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		if reason := s.refused(r, origin); reason != "" {
			http.Error(w, reason, http.StatusForbidden)
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		next.ServeHTTP(w, r)
	})
}

// refused says why a request is refused, "" if it is not.
func (s *server) refused(r *http.Request, origin *http.CrossOriginProtection) string {
	if !s.host(r.Host) {
		return "the lab is at localhost, not at " + r.Host
	}
	if err := origin.Check(r); err != nil {
		return err.Error()
	}
	if r.Method == http.MethodPost {
		if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
			return "the body of a request has to be JSON"
		}
	}
	if r.URL.Path == "/" || r.URL.Path == "/api/enter" {
		return ""
	}
	c, err := r.Cookie(s.cookieName())
	if err != nil || subtle.ConstantTimeCompare([]byte(c.Value), []byte(s.cookie)) != 1 {
		return "open the address that ch8 serve has printed"
	}
	return ""
}

func (s *server) host(host string) bool {
	for _, h := range s.hosts {
		if strings.EqualFold(host, h) {
			return true
		}
	}
	return false
}

// cookieName has the port in it, because browsers send cookies to all
// ports of a host.
func (s *server) cookieName() string { return "ch8-" + s.port }

// enter gives the cookie to a page that has the token.
func (s *server) enter(w http.ResponseWriter, r *http.Request) {
	var in struct{ Token string }
	if !read(w, r, &in) {
		return
	}
	if subtle.ConstantTimeCompare([]byte(in.Token), []byte(s.token)) != 1 {
		http.Error(w, "open the address that ch8 serve has printed", http.StatusForbidden)
		return
	}
	http.SetCookie(w, &http.Cookie{Name: s.cookieName(), Value: s.cookie, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode})
	answer(w, struct{}{})
}

// shell is the page of the lab. It says nothing that not everybody may
// know.
func (s *server) shell(w http.ResponseWriter, _ *http.Request) {
	style, script := labText("lab.css"), labText("lab.js")
	w.Header().Set("Content-Security-Policy", fmt.Sprintf(
		"default-src 'none'; style-src '%s'; script-src '%s'; connect-src 'self'; frame-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
		digest(style), digest(script)))
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	shellTemplate().Execute(w, map[string]any{"Style": template.CSS(style), "Script": template.JS(script)})
}

var shellTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("lab").Funcs(functions).Parse(labText("lab.html")))
})

// inTurnOf answers the requests to run or check a program.
func (s *server) inTurnOf(do func(context.Context, *request, *lab.Experiment) (map[string]any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var in request
		if !read(w, r, &in) {
			return
		}
		out, err := s.inTurn(r.Context(), &in, do)
		if no := (*refused)(nil); errors.As(err, &no) {
			http.Error(w, no.text, no.status)
		} else if err == nil {
			answer(w, out)
		} // else the page has gone
	}
}

// read decodes the body of a request, or answers with what is wrong.
func read(w http.ResponseWriter, r *http.Request, in any) bool {
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(in); err != nil {
		http.Error(w, "the request cannot be read: "+err.Error(), http.StatusBadRequest)
		return false
	}
	return true
}

// answer sends JSON.
func answer(w http.ResponseWriter, out any) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(out)
}

// changes is a stream of server-sent events: "changed" each time the
// followed file has.
func (s *server) changes(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	flusher := http.NewResponseController(w)
	fmt.Fprint(w, ": the lab is open\n\n")
	for flusher.Flush() == nil {
		s.mu.Lock()
		changed := s.changed
		s.mu.Unlock()
		select {
		case <-changed:
			fmt.Fprint(w, "event: changed\ndata: {}\n\n")
		case <-r.Context().Done():
			return
		case <-s.ctx.Done():
			return
		}
	}
}
