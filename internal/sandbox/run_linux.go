package sandbox

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"apue/internal/build"
	"apue/internal/procfs"
	"apue/internal/record"
	"apue/internal/trace"
)

// grace is how long after the deadline the keeper can take to report, on a
// busy machine.
const grace = 20 * time.Second

// Run runs a command and returns when no process of it is left.
//
// Its errors are *NotFound and *NotExecutable if the program could not be
// started, *Refusal if the machine cannot do what the command asks for,
// the context's error, together with the result so far, if the context
// ended, and otherwise a failure of the sandbox itself. Whatever the
// program does is not an error. Runs can go on in parallel.
func Run(ctx context.Context, c Command) (*Result, error) {
	if c.Isolate && c.Trace != nil && c.Trace.Source == nil {
		t := *c.Trace
		t.Source = noSource
		c.Trace = &t
	}
	if c.Isolate && c.Disposable && CanIsolate() != nil {
		c.Isolate = false
		c.Limits.Recording = orDefault(c.Limits.Recording, DefaultRecording)
		c.Limits.Events = int(orDefault(int64(c.Limits.Events), DefaultEvents))
	}
	return c.start(ctx, order{})
}

// CanIsolate returns nil if a stranger's program can be run here, and
// otherwise a *Refusal.
func CanIsolate() error { return canIsolate() }

var canIsolate = sync.OnceValue(func() error {
	// A whole run, recorded where that is possible, is the one test that
	// is never wrong. It runs this program in the role that does nothing.
	c := Command{Args: []string{self}, Env: []string{roleVariable + "=" + roleNothing}, Isolate: true}
	if record.Probe() == nil {
		c.Trace = &record.Options{}
	}
	r, err := c.start(context.Background(), order{Args: []raw{strangersComm}})
	if err == nil && r.Status != 0 {
		err = fmt.Errorf("sandbox: an isolated run of nothing ended with wait status %#x: %s", r.Status, r.Stderr)
	}
	return err
})

// start is Run with an order in which tests and CanIsolate may have set
// something.
func (c Command) start(ctx context.Context, o order) (*Result, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := checkProc(); err != nil {
		return nil, err
	}
	if len(c.Args) == 0 || c.Args[0] == "" {
		return nil, errors.New("sandbox: no program was named")
	}
	if c.Isolate && c.Attached {
		return nil, errors.New("sandbox: an isolated program cannot be attached to the caller's terminal")
	}
	if c.Timeout <= 0 {
		c.Timeout = DefaultTimeout
	}
	if c.Output <= 0 {
		c.Output = DefaultOutput
	}
	if err := c.fillOrder(&o); err != nil {
		return nil, err
	}
	if o.Base != "" {
		defer build.Remove(string(o.Base)) // normally the keeper has done it
	}
	r := &caller{Command: c, o: &o}
	defer r.close()
	if err := r.open(); err != nil {
		return nil, err
	}
	if c.Isolate {
		r.reused, _ = ctx.Value(reuseKey{}).(*reuse)
	}
	if err := r.startKeeper(); err != nil {
		return nil, err
	}
	return r.supervise(ctx)
}

// caller is Run's side of one run.
type caller struct {
	Command
	o      *order
	keeper *os.Process
	reused *reuse   // nil if the keeper is for this run only
	orders *os.File // to a keeper of many runs

	control, theirs *os.File   // the socket to the keeper, and its other end
	files           []*os.File // the keeper's descriptors
	opened          []*os.File // everything that this process opened

	stdout      output
	stderr      *pump // nil if inherited
	diagnostics *pump // what the keeper itself says
	recording   *eventReader
}

// close closes what is still open.
func (r *caller) close() {
	for _, f := range r.opened {
		f.Close()
	}
}

// keep has a file closed in the end.
func (r *caller) keep(f *os.File) *os.File {
	r.opened = append(r.opened, f)
	return f
}

// pipe returns a pipe whose reading end is polled.
func (r *caller) pipe(name string) (reader, writer *os.File, err error) {
	from, to, err := pipe()
	if err != nil {
		return nil, nil, err
	}
	unix.SetNonblock(int(from), true)
	return r.keep(os.NewFile(uintptr(from), name)), r.keep(os.NewFile(uintptr(to), name)), nil
}

// send returns a function that sends a byte to the keeper.
func (r *caller) send(b byte) func() { return func() { r.control.Write([]byte{b}) } }

// open makes the descriptors of the keeper.
func (r *caller) open() error {
	mine, theirs, err := socketpair(unix.SOCK_STREAM)
	if err != nil {
		return err
	}
	unix.SetNonblock(int(mine), true)
	r.control, r.theirs = r.keep(os.NewFile(uintptr(mine), "keeper")), r.keep(os.NewFile(uintptr(theirs), "control"))
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return &Refusal{"/dev/null cannot be opened: " + err.Error(), "mount a /dev"}
	}
	r.keep(null)
	stdin := null
	if r.Attached {
		stdin = os.Stdin
	}
	diagnostics, diagW, err := r.pipe("diagnostics")
	if err != nil {
		return err
	}
	r.diagnostics = newPump(diagnostics, 64<<10, func() {})
	errW := os.Stderr
	if r.Stdout != Inherited {
		var errR *os.File
		if errR, errW, err = r.pipe("stderr"); err != nil {
			return err
		}
		r.stderr = newPump(errR, r.Output, r.send(byteOutput))
	}
	outW, err := r.openStdout()
	if err != nil {
		return err
	}
	r.files = []*os.File{stdin, null, diagW, r.theirs, outW, errW}
	if r.Trace != nil {
		events, w, err := r.pipe("recording")
		if err != nil {
			return err
		}
		r.files = append(r.files, w)
		r.recording = newEventReader(events, r.Trace)
	}
	if r.Attached {
		r.inherit()
	}
	return nil
}

// inherit gives the program the descriptors that this process was started
// with, as a shell does: that of a process substitution, for one. Those that
// this process has opened itself are closed on exec.
func (r *caller) inherit() {
	for len(r.files) < int(inheritedFD) {
		r.files = append(r.files, nil)
	}
	all := procfs.Fds(os.Getpid())
	// The launcher moves them above the highest one first. One that was open
	// before the limit was lowered stays behind.
	most := uint64(0)
	var limit unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &limit) == nil {
		most = limit.Cur
	}
	for _, n := range all {
		flags, err := unix.FcntlInt(uintptr(n), unix.F_GETFD, 0)
		if n <= 2 || err != nil || flags&unix.FD_CLOEXEC != 0 || uint64(n+len(all)+2) > most {
			continue
		}
		// A copy, which this process can close.
		if d, err := unix.FcntlInt(uintptr(n), unix.F_DUPFD_CLOEXEC, 3); err == nil {
			r.files = append(r.files, r.keep(os.NewFile(uintptr(d), "inherited")))
			r.o.Inherited = append(r.o.Inherited, n)
		}
	}
}

// startKeeper starts the keeper, and reads what arrives from then on.
func (r *caller) startKeeper() error {
	if !r.Isolate {
		adoptOrphans()
	}
	var err error
	if r.reused != nil {
		err = r.reused.take(r)
	} else {
		r.keeper, err = startRole(roleKeeper, r.files, !r.Attached)
	}
	if err != nil {
		return fmt.Errorf("sandbox: its keeper did not start: %w", err)
	}
	for i, f := range r.files[2:] {
		// A terminal stays open here: between two programs that use it
		// it would read as ended.
		if !(r.Stdout == Pty && i == 2) && f != os.Stdout && f != os.Stderr {
			f.Close()
		}
	}
	go r.diagnostics.run()
	if r.stderr != nil {
		go r.stderr.run()
	}
	r.stdout.begin()
	if r.recording != nil {
		go r.recording.run(r.send(byteCaller))
	}
	return nil
}

// supervise gives the keeper its order, waits for its report and collects
// what the run has left.
func (r *caller) supervise(ctx context.Context) (*Result, error) {
	var rep report
	err := writeMessage(r.control, r.o)
	if err == nil {
		learn[report]()
		err = r.await(ctx, &rep)
	}
	var died error
	if err != nil {
		died = r.giveUp(err)
	}
	res := &Result{}
	res.Stdout, res.Truncated = r.stdout.finish()
	if r.stderr != nil {
		var more bool
		res.Stderr, more = r.stderr.finish()
		res.Truncated = res.Truncated || more
	}
	var recErr error
	if r.recording != nil {
		recErr = r.recording.finish()
	}
	if died != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, died
	}
	err = rep.Failure.err()
	if err == nil {
		err = r.takeFiles(res, rep.Work)
	}
	// The keeper waits for this process to hang up, to remove the folder.
	r.control.Close()
	if r.reused != nil {
		r.reused.put(r, rep.Again)
	} else {
		reapKeeper(r.keeper)
	}
	if err != nil {
		return nil, err
	}
	rep.into(res)
	res.Flood = floodText(rep.Ended, r.Limits)
	if r.recording != nil {
		res.Recording, res.Recorded = &r.recording.rec, r.recording.size
		if recErr != nil {
			return res, fmt.Errorf("sandbox: recording: %w", recErr)
		}
	}
	return res, ctx.Err()
}

// learn has encoding/json look at a type, which it does once and takes as
// long as a fork: better while the keeper starts than when its answer is there.
func learn[T any]() { json.Unmarshal([]byte("{}"), new(T)) }

// into copies the report into a result.
func (rep *report) into(res *Result) {
	res.Status = rep.Status
	res.TimedOut = rep.Ended == endedTime
	res.RecordingFull = rep.Ended == endedRecording
	res.Flooded = rep.Ended == endedOutput || res.RecordingFull
	res.OutOfMemory, res.MachineFull, res.Late = rep.OutOfMemory, rep.MachineFull, rep.Late
	res.Elapsed, res.Waited = rep.Elapsed, rep.Waited
	res.Leftovers = rep.Leftovers
	res.Adopter, res.AdopterComm = rep.Adopter, adopterName
	res.Isolated = rep.Isolated
	res.Rusage = rep.Rusage
}

// await waits for the report. It wakes a keeper that the program has
// stopped, and gives up a keeper that does not answer in time.
func (r *caller) await(ctx context.Context, rep *report) error {
	patience := r.o.patience
	if patience == 0 {
		patience = grace
	}
	over := make(chan struct{})
	defer close(over)
	go func() {
		select {
		case <-over:
			return
		case <-ctx.Done():
			r.send(byteCaller)()
			r.control.SetReadDeadline(time.Now().Add(patience))
		case <-time.After(r.Timeout):
		}
		for again := time.Tick(time.Second / 4); ; {
			r.keeper.Signal(unix.SIGCONT)
			select {
			case <-over:
				return
			case <-again:
			}
		}
	}()
	r.control.SetReadDeadline(time.Now().Add(r.Timeout + patience))
	return readMessage(r.control, rep)
}

// giveUp ends a run whose keeper did not report, and returns an error that
// says why that can have happened.
func (r *caller) giveUp(err error) error {
	if !r.Attached {
		unix.Kill(-r.keeper.Pid, unix.SIGKILL) // a launcher that has not begun is in its group
	}
	r.keeper.Kill()
	state, waitErr := reapKeeper(r.keeper)
	if r.orders != nil {
		r.orders.Close()
	}
	if !r.Isolate {
		killMarked(r.o.Mark)
	}
	text, _ := r.diagnostics.finish()
	text = bytes.TrimSpace(text)
	// The second is what a program says that was built with -race.
	if bytes.Contains(text, []byte("out of memory")) || bytes.Contains(text, []byte("failed to allocate")) {
		return fmt.Errorf("sandbox: its keeper needed more than %d GiB of memory, probably for what the program's "+
			"file says of itself: build the program anew, or strip it", ownMemory>>30)
	}
	if len(text) > 0 {
		line, _, _ := bytes.Cut(text, []byte("\n"))
		return fmt.Errorf("sandbox: its keeper failed: %s", line)
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		if r.Isolate {
			return errors.New("sandbox: its keeper did not answer in time: the machine is overloaded")
		}
		return errors.New("sandbox: its keeper did not answer in time: the program stopped or traced it, " +
			"or the machine is overloaded; run it with Isolate")
	}
	if waitErr == nil {
		if ws, ok := state.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
			return fmt.Errorf("sandbox: its keeper, the parent of the program, was killed (%v), "+
				"probably by the program; run it with Isolate", ws.Signal())
		}
	}
	return fmt.Errorf("sandbox: its keeper ended without a report: %w", err)
}

// An eventReader takes the recording from the keeper.
type eventReader struct {
	f    *os.File
	o    *record.Options
	rec  trace.Recording
	err  error
	done chan struct{}
	size int64 // bytes that were read
}

// Read reads from the keeper, and counts.
func (r *eventReader) Read(b []byte) (int, error) {
	n, err := r.f.Read(b)
	r.size += int64(n)
	return n, err
}

func newEventReader(f *os.File, o *record.Options) *eventReader {
	return &eventReader{f: f, o: o, done: make(chan struct{})}
}

// noSource reads no source file: the names are the program's, and a
// stranger's program can name any file of this machine.
func noSource(string) ([]byte, error) {
	return nil, errors.New("a stranger's program named it, and such files are not read")
}

// run reads until the keeper has closed its end; it calls stop if the
// events cannot be taken.
func (r *eventReader) run(stop func()) {
	defer close(r.done)
	learn[trace.Event]()
	in, err := trace.NewReader(r)
	if err != nil {
		return // nothing was recorded: the program did not start
	}
	r.rec.Header = in.Header
	if r.o.Begin != nil {
		r.err = r.o.Begin(&r.rec.Header)
	}
	sources := trace.SourceReader{Dir: in.Header.Dir, Read: r.o.Source}
	if r.err == nil && r.o.Lines != nil {
		r.err = trace.Copy(r.o.Lines, in, &sources)
	}
	for r.err == nil {
		var e *trace.Event
		if e, r.err = in.Next(); r.err != nil {
			break
		}
		if file := sources.Before(e); file != nil {
			r.err = r.take(file)
		}
		if r.err == nil {
			r.err = r.take(e)
		}
	}
	if r.err == io.EOF {
		r.err = nil
		return
	}
	stop()
	io.Copy(io.Discard, r.f)
}

// take keeps an event, or gives it to the Sink.
func (r *eventReader) take(e *trace.Event) error {
	if r.o.Sink != nil {
		return r.o.Sink(e)
	}
	r.rec.Add(e)
	return nil
}

func (r *eventReader) finish() error {
	<-r.done
	return r.err
}

// markFor returns the mark of a run.
func markFor() uint64 { return markBase + rand.Uint64N(1<<48) }
