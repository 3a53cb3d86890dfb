//go:build linux

// Guest is the lab inside the machine of the browser tab. It answers the
// requests of the page that come over a serial line, one after another,
// as ch8 serve answers those that come over HTTP.
//
//	guest /dev/hvc0
//
// It says "ready" once. A request is one line of JSON, and so is its
// answer. It is built with the tag machine, which leaves out what only a
// server of HTTP needs.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"time"

	"apue/internal/lab"
	"apue/internal/page"
	"apue/internal/sandbox"
	"apue/internal/suite"

	"golang.org/x/term"
)

// suiteDir is the folder with the suite's C programs in the machine.
const suiteDir = "/suite"

// limit is the time limit of a run: the processor is an emulated one.
const limit = 30 * time.Second

// request is what the page asks.
type request struct {
	Path string          `json:"path"`
	Body json.RawMessage `json:"body"`
}

// heap is how much memory the guest takes before it collects garbage, in
// bytes: in an emulated processor a collection takes a noticeable time.
const heap = 40 << 20

func main() {
	debug.SetGCPercent(-1)
	debug.SetMemoryLimit(heap)
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
		Experiments: suite.All, Files: os.DirFS(suiteDir), Machine: true, Limit: limit,
		Starter: func(string) string { return "" },
		Passed:  func() (map[string]bool, error) { return nil, nil }, // the page keeps it
		Note:    func(*lab.Report) error { return nil },
	}
	// What starting a keeper costs is paid before the machine is saved.
	ctx, end := sandbox.Reuse(context.Background())
	defer end()
	fmt.Fprintln(line, "ready")
	ask := l.Asker(ctx)
	return answer(func(path string, body []byte) (map[string]any, error) {
		if path == "/rest" { // before the machine is saved: what is free is small there
			debug.FreeOSMemory()
			return map[string]any{}, nil
		}
		return ask(path, body)
	}, line, line)
}

// answer reads requests and writes what ask returns.
func answer(ask func(path string, body []byte) (map[string]any, error), from io.Reader, to io.Writer) error {
	in, out := bufio.NewReader(from), bufio.NewWriter(to)
	for {
		line, err := in.ReadBytes('\n')
		if err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		var r request
		var got map[string]any
		if err = json.Unmarshal(line, &r); err == nil {
			got, err = ask(r.Path, r.Body)
		}
		if err != nil {
			got = map[string]any{"error": err.Error()}
		}
		b, err := json.Marshal(got)
		if err != nil {
			return err
		}
		out.Write(b)
		out.WriteByte('\n')
		if err := out.Flush(); err != nil {
			return err
		}
	}
}
