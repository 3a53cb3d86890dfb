package page

import (
	"context"
	"io/fs"
	"sync"
	"time"

	"apue/internal/lab"
	"apue/internal/sandbox"
	"apue/internal/trace"
)

// A Lab is the lab in the browser: what it needs of the command around
// it.
type Lab struct {
	Experiments lab.Registry
	Start       *lab.Experiment // shown first; nil for the first exercise
	Follow      string          // a learner's file that the page follows; "" for none
	Files       fs.FS           // the suite's texts: FOLDER/README.md, FOLDER/NAME.go, FOLDER/c/NAME.c
	Disposable  bool            // this machine is a container of its own: run also where nothing can be isolated
	Limit       time.Duration   // of one run; 0 for the sandbox's
	Machine     bool            // this is the machine of a browser tab: it has a C compiler, and our programs are their twins in C

	// CannotRecord says why nothing can be recorded here, nil if it can.
	// Then only the recordings that come with the suite are shown.
	CannotRecord error
	Replay       func(*lab.Experiment) (*trace.Recording, error)

	Starter func(language string) string          // the first text of a program
	Passed  func() (map[string]bool, error)       // claims that passed, by id
	Note    func(*lab.Report) error               // keeps the results of a check
	Program func(*lab.Experiment) (string, error) // the path of our program of a folder

	// GoCommand returns the command that builds the Go package in a folder,
	// and the file that it makes.
	GoCommand func(ctx context.Context, dir string) (c sandbox.Command, program string, err error)
}

// keptRuns is how many recordings the server keeps in memory.
const keptRuns = 24

// maxBody bounds a request, and so the text of a program.
const maxBody = 1 << 20

// server is a running lab.
type server struct {
	*Lab
	ctx    context.Context // ends when the lab is closed
	token  string          // in the address that is printed
	cookie string          // its value, for a page that has the token
	port   string
	hosts  []string      // allowed Host headers
	slots  chan struct{} // one for each run at a time

	builds  builds
	library library
	opened  func()        // a browser shows an experiment
	warms   chan struct{} // closed by opened

	mu      sync.Mutex
	runs    map[int]*run
	last    int // number of the last run
	changed chan struct{}
}

// server returns what answers the requests of this lab.
func (l *Lab) server(ctx context.Context) *server {
	warms := make(chan struct{})
	return &server{Lab: l, ctx: ctx, slots: make(chan struct{}, 2), runs: map[int]*run{}, changed: make(chan struct{}),
		warms: warms, opened: sync.OnceFunc(func() { close(warms) })}
}
