package sandbox

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"apue/internal/record"
	"apue/internal/trace"
)

// record runs the program under the recorder.
func (k *keeperState) record(ctx context.Context) error {
	out := &eventWriter{to: k.recording, bytes: k.Limits.Recording, events: int64(k.Limits.Events)}
	if k.Isolate {
		out.bytes, out.events = orDefault(out.bytes, DefaultRecording), orDefault(out.events, DefaultEvents)
	}
	out.full = func() { k.end(endedRecording) }
	opts := *k.Trace
	opts.Dir = string(k.Dir)
	if k.Isolate {
		opts.RefusedFlags = refusedFlags
	}
	opts.Killed = func() { close(k.killed) }
	opts.Begin = func(h *trace.Header) (err error) {
		h.AdopterComm = adopterName
		out.w, err = trace.NewWriter(out, h)
		return err
	}
	opts.Sink = func(e *trace.Event) error {
		if e.Kind == trace.KindExit && e.Process == "P0" {
			k.Status, k.known = e.Status, true
		}
		if e.Kind == trace.KindReparented && e.NewParentNSpid == k.Adopter {
			e.NewParentComm = adopterName
		}
		return out.event(e)
	}
	start := func() (record.Launched, error) {
		return record.Launched{Pid: k.pid, Adopter: k.adopter, Release: k.start}, nil
	}
	_, err := record.Run(ctx, convert[string](k.Args), start, opts)
	if err != nil && !k.started() {
		err = unrecordable(err)
	}
	if e := out.finish(); err == nil {
		err = e
	}
	return err
}

// unrecordable is the refusal for what the recorder could not do.
func unrecordable(err error) error {
	return &Refusal{"the run cannot be recorded: " + strings.TrimPrefix(err.Error(), "record: "),
		"run it without recording, or see: ch8 doctor"}
}

// lateness is how long an event waits at most for others that are sent to Run
// with it: each sending wakes another thread here and one there.
const lateness = 50 * time.Millisecond

// An eventWriter sends events to Run: many at a time, none late, and no
// more than a recording can hold. When it is full the run is ended, and of
// the later events only the deaths and the last one are sent.
type eventWriter struct {
	mu            sync.Mutex
	to            io.Writer
	w             *trace.Writer
	queued        bool
	bytes, events int64 // that it still takes; not bounded if 0 or less at the start
	full          func()
	over          bool
}

// Write counts the bytes on their way to Run.
func (w *eventWriter) Write(b []byte) (int, error) {
	if w.bytes > 0 {
		w.bytes = max(w.bytes-int64(len(b)), 0)
		w.check(w.bytes)
	}
	return w.to.Write(b)
}

// check ends the run if nothing of a bound is left.
func (w *eventWriter) check(left int64) {
	if left == 0 && !w.over {
		w.over = true
		w.full()
	}
}

func (w *eventWriter) event(e *trace.Event) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.over && e.Kind != trace.KindExit && e.Kind != trace.KindEnd {
		return nil
	}
	if w.events > 0 {
		w.events--
		w.check(w.events)
	}
	if !w.queued {
		w.queued = true
		time.AfterFunc(lateness, func() {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.queued = false
			if w.w != nil {
				w.w.Flush()
			}
		})
	}
	return w.w.Event(e)
}

// finish sends the rest.
func (w *eventWriter) finish() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.w == nil {
		return nil
	}
	err := w.w.Flush()
	w.w = nil
	return err
}

// floodText says why a run was ended as a flood.
func floodText(why string, l Limits) string {
	switch why {
	case endedOutput:
		return "the program wrote far more output than is kept"
	case endedRecording:
		return fmt.Sprintf("the program did more than a recording holds (%d events or %d MiB)",
			orDefault(int64(l.Events), DefaultEvents), orDefault(l.Recording, DefaultRecording)>>20)
	}
	return ""
}
