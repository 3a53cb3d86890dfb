//go:build linux

// Guest is the lab inside the machine of the browser tab. It answers the
// requests of the page that come over a serial line, one after another,
// as ch8 serve answers those that come over HTTP.
//
//	guest /dev/hvc0
//
// It says "ready" once. A request is one line of JSON, as is the head of an answer. The answer's
// body follows its head, in as many bytes as the head says.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	doublefork "apue/doublefork/checks"
	execchecks "apue/exec/checks"
	exitchecks "apue/exit/checks"
	fork "apue/fork/checks"
	"apue/internal/lab"
	"apue/internal/page"
	setuid "apue/setuid/checks"
	systemchecks "apue/system/checks"
	vfork "apue/vfork/checks"
	wait "apue/wait/checks"

	"golang.org/x/term"
)

// suite is the folder with the suite's C programs in the machine.
const suite = "/suite"

// limit is the time limit of a run: the processor is an emulated one.
const limit = 30 * time.Second

// request is what the page asks.
type request struct {
	Method string `json:"method"`
	Path   string `json:"path"`
	Body   string `json:"body"`
}

// head comes before the body of an answer.
type head struct {
	Status int `json:"status"`
	Length int `json:"length"` // of the body in bytes
}

func main() {
	if err := serve(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "guest:", err)
		os.Exit(2)
	}
}

// serve answers the requests of the line until it ends.
func serve(path string) error {
	line, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer line.Close()
	if term.IsTerminal(int(line.Fd())) {
		if _, err := term.MakeRaw(int(line.Fd())); err != nil {
			return err
		}
	}
	l := &page.Lab{
		Experiments: experiments(), Files: os.DirFS(suite), Machine: true, Limit: limit,
		Starter: func(string) string { return "" },
		Passed:  func() (map[string]bool, error) { return nil, nil }, // the page keeps it
		Note:    func(*lab.Report) error { return nil },
	}
	fmt.Fprintln(line, "ready")
	return answer(l.Handler(context.Background()), line, line)
}

func experiments() (all lab.Registry) {
	for _, part := range []lab.Registry{
		fork.All, vfork.All, exitchecks.All, wait.All, doublefork.All, execchecks.All, setuid.All, systemchecks.All,
	} {
		all = append(all, part...)
	}
	return all
}

// answer reads requests and writes the answers of the handler.
func answer(h http.Handler, from io.Reader, to io.Writer) error {
	in, out := bufio.NewReader(from), bufio.NewWriter(to)
	for {
		line, err := in.ReadBytes('\n')
		if err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		var r request
		w := &response{header: http.Header{}, status: http.StatusOK}
		if err := json.Unmarshal(line, &r); err != nil {
			http.Error(w, "the request cannot be read: "+err.Error(), http.StatusBadRequest)
		} else if req, err := http.NewRequest(r.Method, r.Path, bytes.NewReader([]byte(r.Body))); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
		} else {
			h.ServeHTTP(w, req)
		}
		b, err := json.Marshal(head{w.status, w.body.Len()})
		if err != nil {
			return err
		}
		out.Write(append(b, '\n'))
		out.Write(w.body.Bytes())
		if err := out.Flush(); err != nil {
			return err
		}
	}
}

// response keeps what a handler answers.
type response struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *response) Header() http.Header         { return r.header }
func (r *response) WriteHeader(status int)      { r.status = status }
func (r *response) Write(b []byte) (int, error) { return r.body.Write(b) }
