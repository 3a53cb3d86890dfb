package grade

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"apue/internal/record"
	"apue/internal/sandbox"
	"apue/internal/show"
	"apue/internal/trace"
)

// An opener collects which files of others a command opened. It is needed
// where nothing is isolated: in the box those files are not there.
type opener struct {
	ours  []string // folders that the command may use
	pids  map[int]bool
	paths []string
}

// systemPlaces are folders in which every program opens files.
var systemPlaces = []string{"/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc", "/dev", "/sys"}

// watchOpens has the files noted that a command opens, if nothing is
// isolated and a recording can be made. ours are folders that it may use.
func (g *grader) watchOpens(c *sandbox.Command, ours ...string) *opener {
	if g.isolated || record.Probe() != nil {
		return nil
	}
	o := &opener{ours: slices.Concat(systemPlaces, ours), pids: map[int]bool{}}
	c.Trace = &record.Options{Files: true, Sink: o.take, Begin: func(h *trace.Header) error {
		if h.Dir != "" {
			o.ours = append(o.ours, h.Dir)
		}
		return nil
	}}
	// Nothing of the recording is kept, so that it needs no bound.
	c.Limits.Events, c.Limits.Recording = -1, -1
	return o
}

func (o *opener) take(e *trace.Event) error {
	o.pids[e.Pid] = true
	if e.Kind != trace.KindOpen || e.Fd < 0 || !strings.HasPrefix(e.Object, "/") {
		return nil
	}
	if !slices.Contains(o.paths, e.Object) && !o.isOurs(e.Object) {
		o.paths = append(o.paths, e.Object)
	}
	return nil
}

func (o *opener) isOurs(path string) bool {
	if rest, ok := strings.CutPrefix(path, "/proc/"); ok {
		name, _, _ := strings.Cut(rest, "/")
		pid, err := strconv.Atoi(name)
		return err != nil || o.pids[pid]
	}
	below := func(dir string) bool { return path == dir || strings.HasPrefix(path, dir+"/") }
	temp := filepath.Clean(os.TempDir())
	if rest, ok := strings.CutPrefix(path, temp+"/"); ok && !strings.HasPrefix(rest, "ch8-") && !strings.Contains(rest, "/") {
		return true // a temporary file
	}
	return slices.ContainsFunc(o.ours, below)
}

// tell has somebody look at the exercise, if files of others were opened.
func (o *opener) tell(e *Exercise, who string) {
	if o != nil && len(o.paths) > 0 {
		e.human("%s opened %s, which is neither the submission's nor the system's", who, show.Line(o.paths[0]))
	}
}

// lookAtOpens runs a program once more where nothing is isolated, to see
// which files it opens: the recordings for the claims do not have them all.
func (g *grader) lookAtOpens(ctx context.Context, program string, e *Exercise) error {
	c := sandbox.Command{
		Args: []string{program}, Isolate: true, Disposable: true, Timeout: g.o.Timeout, Output: mostOutput,
	}
	o := g.watchOpens(&c, filepath.Dir(program))
	if o == nil {
		return nil
	}
	if _, err := sandbox.Run(ctx, c); err != nil {
		return fmt.Errorf("the files that it opens: %w", err)
	}
	o.tell(e, "it")
	return nil
}
