package sandbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"apue/internal/build"
	"apue/internal/record"
	"apue/internal/trace"
)

// grace is how long after the deadline the keeper may need to
// report, on a busy machine.
const grace = 20 * time.Second

// Run runs a command and returns when no process of it is left.
//
// Its errors are *NotFound and *NotExecutable if the program could
// not be started, *Refusal if the machine cannot do what was asked,
// the context's error, together with the result so far, if the
// context ended, and otherwise a failure of the sandbox itself.
// What the program does is no error. Runs may go on in parallel.
func Run(ctx context.Context, c Command) (*Result, error) {
	if c.Isolate && c.Disposable && CanIsolate() != nil {
		c.Isolate = false
	}
	return c.start(ctx, order{})
}

// CanIsolate returns nil if a stranger's program can be run here,
// and otherwise a *Refusal.
func CanIsolate() error { return canIsolate() }

// CanOpenPty returns nil if a pseudo-terminal can be opened here,
// and otherwise a *Refusal.
func CanOpenPty() error {
	master, slave, err := openPty()
	if err != nil {
		return noPty(err)
	}
	master.Close()
	slave.Close()
	return nil
}

func noPty(err error) error {
	return &Refusal{"no pseudo-terminal can be opened: " + err.Error(),
		"mount devpts at /dev/pts, with /dev/ptmx"}
}

var canIsolate = sync.OnceValue(func() error {
	// A whole run is the one probe that is never wrong: what it
	// runs is this program in the role that does nothing.
	c := Command{Args: []string{self}, Isolate: true}
	r, err := c.start(context.Background(), order{Args: []raw{roleNothing}})
	if err == nil && r.Status != 0 {
		err = fmt.Errorf("sandbox: an isolated run of nothing ended with wait status %#x", r.Status)
	}
	return err
})

// start is Run with an order in which tests and CanIsolate may have
// preset something.
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
	if c.Timeout <= 0 {
		c.Timeout = DefaultTimeout
	}
	if c.Output <= 0 {
		c.Output = DefaultOutput
	}
	if err := c.prepare(&o); err != nil {
		return nil, err
	}
	if o.Base != "" {
		defer build.Remove(string(o.Base)) // normally the keeper has done it
	}
	return c.run(ctx, &o)
}

// prepare looks up the program and makes the folder.
func (c *Command) prepare(o *order) error {
	path := os.Getenv("PATH")
	for _, e := range c.Env {
		if v, ok := strings.CutPrefix(e, "PATH="); ok {
			path = v
		}
	}
	program, err := look(c.Args[0], path, c.Isolate && os.Geteuid() == 0)
	if err != nil {
		return err
	}
	if c.Trace != nil {
		if err := record.Probe(); err != nil {
			return unrecordable(err)
		}
	}
	if o.Args == nil {
		o.Args = as[raw](c.Args)
	}
	var base, dir string
	if c.Dir != "" {
		if dir, err = filepath.Abs(c.Dir); err != nil {
			return fmt.Errorf("sandbox: %w; name the working directory by an absolute path", err)
		}
	} else {
		if base, err = os.MkdirTemp("", "ch8-"); err != nil {
			return &Refusal{"no temporary folder can be made: " + err.Error(),
				"set TMPDIR to a folder that is writable"}
		}
		o.Own = true
		dir = filepath.Join(base, "work")
		if err := os.Mkdir(dir, 0o755); err != nil {
			build.Remove(base)
			return fmt.Errorf("sandbox: %w", err)
		}
		// A program that asks for its directory is told the name
		// without symbolic links: it must be the same one.
		if real, err := filepath.EvalSymlinks(dir); err == nil {
			dir = real
		}
	}
	o.Path, o.Base, o.Dir = raw(program), raw(base), raw(dir)
	o.Env = as[raw](c.Env)
	if c.Env == nil {
		term := os.Getenv("TERM")
		if term == "" {
			term = "dumb"
		}
		if path == "" {
			path = defaultPath
		}
		o.Env = as[raw]([]string{"PATH=" + path, "HOME=" + dir, "TMPDIR=" + dir, "LANG=C.UTF-8", "TERM=" + term})
	}
	o.Stdout, o.Timeout, o.Limits, o.Isolate = c.Stdout, c.Timeout, c.Limits, c.Isolate
	if c.Trace != nil {
		t := *c.Trace
		t.Begin, t.Sink, t.Killed = nil, nil, nil
		t.Dir, t.Stdout = "", c.Stdout.String()
		o.Trace = &t
	}
	return nil
}

// defaultPath is searched when PATH is not set, as execvp(3) does
// without the working directory.
const defaultPath = "/usr/local/bin:/usr/bin:/bin"

// look finds a program as execvp(3) does, but never in the
// working directory unless told so. For a stranger a program of the
// same name in a folder that is open to all comes first.
func look(name, path string, stranger bool) (string, error) {
	if strings.Contains(name, "/") {
		// /proc/self is another process for the launcher.
		if strings.HasPrefix(name, "/proc/self/") {
			if link, err := os.Readlink(name); err == nil {
				name = link
			}
		}
		full, err := filepath.Abs(name)
		if err != nil {
			return "", fmt.Errorf("sandbox: %w; name the program by an absolute path", err)
		}
		info, err := os.Stat(full)
		switch {
		case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
			return "", &NotFound{Path: name, Hint: "is it built, and is this its name?"}
		case err != nil:
			return "", why(full, err)
		case info.IsDir(), info.Mode()&0o111 == 0:
			return "", why(full, syscall.EACCES)
		}
		return full, nil
	}
	if path == "" {
		path = defaultPath
	}
	var found, closed string
	for _, dir := range filepath.SplitList(path) {
		if !filepath.IsAbs(dir) {
			continue
		}
		full := filepath.Join(dir, name)
		if info, err := os.Stat(full); err == nil && !info.IsDir() {
			switch {
			case unix.Access(full, unix.X_OK) != nil:
				found = full
			case stranger && topmostClosed(full) != "":
				// It can be made reachable, but hardly all that it
				// needs: root's own Python has its library there.
				if closed == "" {
					closed = full
				}
			default:
				return full, nil
			}
		}
	}
	if closed != "" {
		return closed, nil
	}
	if found != "" {
		return "", why(found, syscall.EACCES)
	}
	hint := "it is not in PATH"
	if _, err := os.Stat(name); err == nil {
		hint += "; for the one in this folder write ./" + name
	} else {
		hint += ": install it, or name it with its folder"
	}
	return "", &NotFound{Path: name, Hint: hint}
}

// run does one run: it starts the keeper, gathers what arrives,
// and waits for the report.
func (c *Command) run(ctx context.Context, o *order) (*Result, error) {
	o.Mark = markBase + rand.Uint64N(1<<48)
	if o.patience == 0 {
		o.patience = grace
	}

	var open []io.Closer // what this process must close in the end
	defer func() {
		for _, f := range open {
			f.Close()
		}
	}()
	keep := func(f *os.File) *os.File { open = append(open, f); return f }
	// gather returns a pipe whose reading end is polled.
	gather := func(name string) (*os.File, *os.File, error) {
		r, w, err := pipe()
		if err != nil {
			return nil, nil, err
		}
		unix.SetNonblock(int(r), true)
		return keep(os.NewFile(uintptr(r), name)), keep(os.NewFile(uintptr(w), name)), nil
	}
	var control [2]fd
	var err error
	if control[0], control[1], err = socketpair(unix.SOCK_STREAM); err != nil {
		return nil, err
	}
	unix.SetNonblock(int(control[0]), true)
	ctl := keep(os.NewFile(uintptr(control[0]), "keeper"))
	theirs := keep(os.NewFile(uintptr(control[1]), "control"))

	diagR, diagW, err := gather("diagnostics")
	if err != nil {
		return nil, err
	}
	errR, errW, err := gather("stderr")
	if err != nil {
		return nil, err
	}
	var out *pump
	var outW *os.File
	var onDisk string
	say := func(word byte) func() { return func() { ctl.Write([]byte{word}) } }
	switch c.Stdout {
	case Pipe:
		var outR *os.File
		if outR, outW, err = gather("stdout"); err != nil {
			return nil, err
		}
		out = newPump(outR, c.Output, say(sayOutput))
	case Pty:
		master, slave, err := openPty()
		if err != nil {
			return nil, noPty(err)
		}
		keep(master)
		outW = keep(slave)
		out = newPump(master, c.Output, say(sayOutput))
	case File:
		onDisk = filepath.Join(filepath.Dir(string(o.Dir)), "stdout")
		if o.Base == "" {
			dir, err := os.MkdirTemp("", "ch8-")
			if err != nil {
				return nil, fmt.Errorf("sandbox: %w", err)
			}
			defer build.Remove(dir)
			onDisk = filepath.Join(dir, "stdout")
		}
		if outW, err = os.OpenFile(onDisk, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644); err != nil {
			return nil, fmt.Errorf("sandbox: %w", err)
		}
		keep(outW)
	default:
		return nil, fmt.Errorf("sandbox: %v is no kind of standard output", c.Stdout)
	}
	null, err := os.Open(os.DevNull)
	if err != nil {
		return nil, &Refusal{"there is no /dev/null: " + err.Error(), "mount a /dev"}
	}
	keep(null)

	files := []*os.File{null, null, diagW, theirs, outW, errW}
	var recording *reader
	if o.Trace != nil {
		recR, recW, err := gather("recording")
		if err != nil {
			return nil, err
		}
		files = append(files, recW)
		recording = newReader(recR, c.Trace)
	}
	keeper, err := os.StartProcess(self, []string{roleKeeper}, &os.ProcAttr{
		Dir:   "/",
		Env:   []string{"GOMAXPROCS=1"},
		Files: files,
		Sys:   &syscall.SysProcAttr{Setsid: true},
	})
	if err != nil {
		return nil, fmt.Errorf("sandbox: its keeper did not start: %w", err)
	}
	theirs.Close()
	errW.Close()
	diagW.Close()
	// A terminal stays open here: between two programs that use it
	// it would read as ended.
	if c.Stdout != Pty {
		outW.Close()
	}
	if recording != nil {
		files[6].Close()
		go recording.run(say(sayCaller))
	}
	if out != nil {
		go out.run()
	}
	stderr := newPump(errR, c.Output, say(sayOutput))
	go stderr.run()
	diag := newPump(diagR, 64<<10, func() {})
	go diag.run()

	var rep report
	var attached error
	err = send(ctl, o)
	if err == nil {
		stop := context.AfterFunc(ctx, say(sayCaller))
		over, awake := make(chan struct{}), make(chan *stat, 1)
		go func() { awake <- wake(ctx, keeper, c.Timeout, over) }()
		ctl.SetReadDeadline(time.Now().Add(c.Timeout + o.patience))
		err = receive(&twice{f: ctl, more: o.patience / 10}, &rep)
		stop()
		close(over)
		if s := <-awake; s != nil && err != nil {
			attached = fmt.Errorf("sandbox: %d (%s) traced its own recorder (PTRACE_ATTACH), and each waited for the other; "+
				"run it with Isolate", s.pid, s.comm)
		}
	}
	// The keeper, if it lives, now waits for this process to hang
	// up, to remove the folder.
	var state *os.ProcessState
	var waitErr error
	if err != nil {
		// And its group: a launcher that has not begun is in it.
		unix.Kill(-keeper.Pid, unix.SIGKILL)
		keeper.Kill()
		state, waitErr = keeper.Wait()
		sweepMarked(o.Mark)
	}

	res := &Result{}
	if out != nil {
		res.Stdout, res.Truncated = out.finish()
	} else {
		res.Stdout, res.Truncated = readFile(onDisk, c.Output)
	}
	var more bool
	res.Stderr, more = stderr.finish()
	res.Truncated = res.Truncated || more
	text, _ := diag.finish()
	var recErr error
	if recording != nil {
		recErr = recording.finish()
	}
	if err == nil {
		if o.Base != "" && rep.Failure == nil {
			res.Files = collect(string(o.Dir), c.Output)
		}
		ctl.Close()
		keeper.Wait()
	}
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if attached != nil {
			return nil, attached
		}
		return nil, keeperDied(err, state, waitErr, text)
	}
	if err := rep.Failure.err(); err != nil {
		return nil, err
	}

	res.Status = rep.Status
	res.TimedOut = rep.Ended == endedTime
	res.Flooded = rep.Ended == endedOutput
	res.Elapsed = rep.Elapsed
	res.Leftovers = rep.Leftovers
	res.Adopter, res.AdopterComm = rep.Adopter, rep.AdopterComm
	res.Isolated = rep.Isolated
	res.Rusage = rep.Rusage
	if recording != nil {
		res.Recording = &recording.rec
		if recErr != nil {
			return res, fmt.Errorf("sandbox: recording: %w", recErr)
		}
	}
	return res, ctx.Err()
}

// wake has a keeper go on that the program has stopped, once the
// program's time is over; who is not stopped does not notice. One whose
// recorder the program traces cannot: each waits for the other. It is
// killed, and what traced it is returned.
func wake(ctx context.Context, keeper *os.Process, after time.Duration, over <-chan struct{}) *stat {
	cancelled := ctx.Done()
	for late := false; ; late = true {
		select {
		case <-over:
			return nil
		case <-cancelled:
			cancelled = nil
		case <-time.After(after):
		}
		after = time.Second / 4
		keeper.Signal(unix.SIGCONT)
		if late {
			if s := tracedFromBelow(keeper.Pid); s != nil {
				keeper.Kill()
				return s
			}
		}
	}
}

// twice reads from f and, when its deadline is over, a little
// longer: it may have passed while this process was stopped, and
// what it waits for has come meanwhile.
type twice struct {
	f    *os.File
	more time.Duration
}

func (t *twice) Read(b []byte) (int, error) {
	n, err := t.f.Read(b)
	if n == 0 && t.more > 0 && errors.Is(err, os.ErrDeadlineExceeded) {
		t.f.SetReadDeadline(time.Now().Add(t.more))
		t.more = 0
		return t.f.Read(b)
	}
	return n, err
}

// keeperDied says what may have become of a keeper that did not
// report.
func keeperDied(err error, state *os.ProcessState, waitErr error, text []byte) error {
	if bytes.Contains(text, []byte("out of memory")) {
		return fmt.Errorf("sandbox: its keeper needed more than %d GiB of memory, probably for what the program's "+
			"file says of itself: build the program anew, or strip it", ownMemory>>30)
	}
	if t := bytes.TrimSpace(text); len(t) > 0 {
		line, _, _ := bytes.Cut(t, []byte("\n"))
		return fmt.Errorf("sandbox: its keeper failed: %s", line)
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return errors.New("sandbox: its keeper did not answer in time: the program stopped it, " +
			"or the machine is overloaded; run it with Isolate")
	}
	if waitErr == nil {
		if ws, ok := state.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
			return fmt.Errorf("sandbox: its keeper, the parent of the program, was killed (%v), "+
				"probably by the program, and the rest was swept; run it with Isolate", ws.Signal())
		}
	}
	return fmt.Errorf("sandbox: its keeper ended without a report: %w", err)
}

// sweepMarked kills the tree of a keeper that is no more.
func sweepMarked(mark uint64) {
	for range 1000 {
		all := marked(mark)
		if len(all) == 0 {
			return
		}
		for _, s := range all {
			s.kill()
		}
		time.Sleep(time.Millisecond)
	}
}

// openPty opens a pseudo-terminal of 24 lines and 80 columns. The
// master is polled.
func openPty() (master, slave *os.File, err error) {
	const flags = unix.O_RDWR | unix.O_NOCTTY | unix.O_CLOEXEC
	m, err := unix.Open("/dev/ptmx", flags|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, nil, err
	}
	master = os.NewFile(uintptr(m), "/dev/ptmx")
	if err = unix.IoctlSetPointerInt(m, unix.TIOCSPTLCK, 0); err == nil {
		// Not by its name: /dev/pts may be another devpts.
		s, _, errno := syscall.Syscall(unix.SYS_IOCTL, uintptr(m), unix.TIOCGPTPEER, flags)
		if errno != 0 {
			err = errno
		} else {
			slave = os.NewFile(s, "pty")
			err = unix.IoctlSetWinsize(int(s), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: 80})
		}
	}
	if err != nil {
		master.Close()
		return nil, nil, err
	}
	return master, slave, nil
}

// A pump reads what the program writes and keeps the beginning.
type pump struct {
	f     *os.File
	cap   int64
	total int64
	buf   []byte
	flood func()
	done  chan struct{}
}

func newPump(f *os.File, cap int64, flood func()) *pump {
	return &pump{f: f, cap: cap, flood: flood, done: make(chan struct{})}
}

// tooMuch is the number of bytes at which a run is ended.
func (p *pump) tooMuch() int64 { return max(16*p.cap, 1<<20) }

func (p *pump) take(b []byte) {
	before := p.total
	p.total += int64(len(b))
	if room := p.cap - int64(len(p.buf)); room > 0 {
		p.buf = append(p.buf, b[:min(int64(len(b)), room)]...)
	}
	if before < p.tooMuch() && p.total >= p.tooMuch() {
		p.flood()
	}
}

func (p *pump) run() {
	defer close(p.done)
	b := make([]byte, 32<<10)
	for {
		n, err := p.f.Read(b)
		p.take(b[:n])
		if err != nil {
			return
		}
	}
}

// finish is called when no process of the run is left. What is
// still in the pipe is taken; its end is not waited for: a
// descriptor may have been passed to a process outside.
func (p *pump) finish() ([]byte, bool) {
	p.f.SetReadDeadline(time.Unix(1, 0))
	<-p.done
	p.f.SetReadDeadline(time.Time{})
	if raw, err := p.f.SyscallConn(); err == nil {
		b := make([]byte, 32<<10)
		raw.Read(func(fd uintptr) bool {
			for p.total < 2*p.tooMuch() {
				n, err := unix.Read(int(fd), b)
				if err == unix.EINTR {
					continue
				}
				if err != nil || n == 0 {
					break
				}
				p.take(b[:n])
			}
			return true
		})
	}
	return p.buf, p.total > p.cap
}

// readFile reads at most cap bytes, and says whether there are
// more.
func readFile(path string, cap int64) ([]byte, bool) {
	f, err := os.OpenFile(path, os.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, false
	}
	defer f.Close()
	b, _ := io.ReadAll(io.LimitReader(f, cap+1))
	if int64(len(b)) > cap {
		return b[:cap], true
	}
	return b, false
}

// collect reads the regular files below dir, a folder of ours that will
// be removed, also where the program has taken the permissions away.
func collect(dir string, cap int64) map[string][]byte {
	files := map[string][]byte{}
	total := int64(0)
	filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return fs.SkipDir
		}
		if d.IsDir() {
			os.Chmod(path, 0o700) // it is read after this
			return nil
		}
		if !d.Type().IsRegular() {
			return nil
		}
		// Not if the file has a name elsewhere, and so an owner.
		if info, err := d.Info(); err == nil && info.Mode()&0o400 == 0 && info.Sys().(*syscall.Stat_t).Nlink == 1 {
			os.Chmod(path, 0o600)
		}
		if len(files) == 1000 || total > 16*cap {
			return fs.SkipAll
		}
		name, _ := filepath.Rel(dir, path)
		files[name], _ = readFile(path, cap)
		total += int64(len(files[name]))
		return nil
	})
	return files
}

// A reader takes the recording from the keeper.
type reader struct {
	f    *os.File
	o    *record.Options
	rec  trace.Recording
	err  error
	done chan struct{}
}

func newReader(f *os.File, o *record.Options) *reader {
	return &reader{f: f, o: o, done: make(chan struct{})}
}

// run reads until the keeper has closed its end; stop is called if
// the events cannot be taken.
func (r *reader) run(stop func()) {
	defer close(r.done)
	in, err := trace.NewReader(r.f)
	if err != nil {
		return // nothing was recorded: the program did not start
	}
	r.rec.Header = in.Header
	if r.o.Begin != nil {
		r.err = r.o.Begin(&r.rec.Header)
	}
	for r.err == nil {
		var e *trace.Event
		if e, r.err = in.Next(); r.err != nil {
			break
		}
		if r.o.Sink != nil {
			r.err = r.o.Sink(e)
		} else {
			r.rec.Events = append(r.rec.Events, *e)
		}
	}
	if r.err == io.EOF {
		r.err = nil
		return
	}
	stop()
	io.Copy(io.Discard, r.f)
}

func (r *reader) finish() error {
	<-r.done
	return r.err
}
