package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"apue/ch8/proc"
	"apue/internal/build"
	"apue/internal/record"
	"apue/internal/trace"
)

// A run is what the keeper knows of its one run.
type running struct {
	o    *order
	data unix.Rlimit // RLIMIT_DATA as it was
	report

	iso    isolation
	init   int  // pid of the init of an isolated run, 0 otherwise
	lab    int  // pid of the adopter below that init
	pid    int  // of the program
	known  bool // that the status is
	orders fd   // to the launcher
	status fd   // from the launcher
	shim   fd   // from the init and the adopter
	heard  []byte

	recording *os.File      // to Run; nil when there is none
	killed    chan struct{} // closed when the recorder has killed the tree

	ended chan string   // why to end the run
	gone  chan struct{} // closed when Run has hung up
	mu    sync.Mutex
	began time.Time
	timer *time.Timer
}

// keeper is the process that holds one run.
func keeper() {
	closeOnExec()
	setComm()
	armour()
	data := boundMemory()
	// Orphans of the program go to their nearest living ancestor
	// that is a subreaper, and every process here has this one.
	unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
	var o order
	if err := receive(fd(3), &o); err != nil {
		return // Run is gone
	}
	r := &running{
		o: &o, data: data, killed: make(chan struct{}),
		ended: make(chan string, 1), gone: make(chan struct{}),
	}
	if o.Trace != nil {
		r.recording = os.NewFile(6, "recording")
	}
	r.Failure = failed(r.run())
	r.recording.Close() // its end tells Run that this was all
	send(fd(3), &r.report)
	// Run takes from the folder what it wants, or is killed over
	// it.
	<-r.gone
	if o.Base != "" {
		build.Remove(string(o.Base))
	}
}

// ownMemory is what a keeper may have for itself. It reads the tables of
// executables that a hostile program has made.
const ownMemory = 2 << 30

// boundMemory lowers the soft RLIMIT_DATA of this process to ownMemory,
// and returns what it was: that is the program's again.
func boundMemory() (was unix.Rlimit) {
	if unix.Getrlimit(unix.RLIMIT_DATA, &was) == nil {
		unix.Setrlimit(unix.RLIMIT_DATA, &unix.Rlimit{Cur: min(was.Cur, ownMemory), Max: was.Max})
	}
	return was
}

// run does the run and returns when no process of it is left.
func (r *running) run() error {
	go r.listen()
	if r.o.Isolate {
		iso, err := chooseIsolation(r.o.NoUID)
		if err != nil {
			return err
		}
		r.iso = iso
	}
	if err := r.launch(); err != nil {
		r.sweep(nil)
		return err
	}

	ctx := &ending{Context: context.Background(), done: make(chan struct{})}
	over := make(chan error, 1)
	go func() { over <- r.body(ctx) }()
	var err error
	select {
	case err = <-over:
	case r.Ended = <-r.ended:
		r.Leftovers = r.living()
		ctx.end(r.Ended)
		if r.o.Trace != nil {
			// The recorder kills first, or it would find a tree that
			// has ended, and write down no more than that.
			select {
			case <-r.killed:
			case err := <-over:
				over <- err
			case <-time.After(grace / 4):
				// It is stuck; the sweep is not.
			}
		}
		err = r.sweep(over)
	}
	r.mu.Lock()
	if !r.began.IsZero() {
		r.Elapsed = time.Since(r.began)
	}
	r.mu.Unlock()
	r.Rusage = usage()
	return err
}

// An ending is a context that ends as the keeper says: by a
// deadline that it holds itself, after it has looked at what is
// alive, or otherwise.
type ending struct {
	context.Context
	done chan struct{}
	err  error
}

func (e *ending) Done() <-chan struct{} { return e.done }

func (e *ending) Err() error {
	select {
	case <-e.done:
		return e.err
	default:
		return nil
	}
}

func (e *ending) end(why string) {
	switch why {
	case endedTime:
		e.err = context.DeadlineExceeded
	case endedOutput:
		e.err = errors.New("the program wrote too much")
	default:
		e.err = context.Canceled
	}
	close(e.done)
}

// listen waits for what Run has to say; the end of the connection
// is the end of Run's process, or of its interest.
func (r *running) listen() {
	var b [1]byte
	for {
		if n, _ := fd(3).Read(b[:]); n != 1 {
			break
		}
		if b[0] == sayOutput {
			r.end(endedOutput)
		} else {
			r.end(endedCaller)
		}
	}
	r.end(endedCaller)
	close(r.gone)
}

// end ends the run, the first reason counts.
func (r *running) end(why string) {
	select {
	case r.ended <- why:
	default:
	}
}

// living describes the processes of the program that have not ended.
func (r *running) living() []Leftover {
	root := os.Getpid()
	if r.init != 0 {
		root = r.init
	}
	var all []Leftover
	for _, s := range descendants(root) {
		if s.alive() && s.pid != r.lab {
			all = append(all, s.leftover(r.pid))
		}
	}
	return all
}

// launch starts the launcher, directly or through an init, and
// returns when it waits to be released.
func (r *running) launch() error {
	o := r.o
	l := launch{
		Path: string(o.Path), Args: as[string](o.Args), Env: as[string](o.Env), Dir: string(o.Dir),
		Pty: o.Stdout == Pty, Trace: o.Trace,
		Limits:   append([]limit{{unix.RLIMIT_DATA, r.data.Cur, r.data.Max}}, o.limits()...),
		Isolated: o.Isolate, iso: r.iso,
		NoNproc: o.NoNproc, NoPidMax: o.NoPidMax,
	}
	if o.Isolate {
		l.Processes = uint64(orDefault(int64(o.Limits.Processes), DefaultProcesses))
	}
	orders, mine, err := pipe()
	if err != nil {
		return err
	}
	theirs, status, err := talk()
	if err != nil {
		return err
	}
	r.orders, r.status = mine, status

	others := []fd{3, mine, status}
	if r.recording != nil {
		others = append(others, 6)
	}
	for _, m := range l.Limits {
		if m.Resource == unix.RLIMIT_AS {
			haveRoom(m.Soft)
		}
	}
	if o.Isolate {
		err = r.shelter(&l, orders, theirs, others)
	} else {
		if o.Stdout == Pty {
			if err := control(4); err != nil {
				return err
			}
		}
		r.Adopter, r.AdopterComm = os.Getpid(), comm
		r.pid, err = l.start(orders, theirs, others...)
	}
	orders.close()
	theirs.close()
	// What the program writes to is now the program's alone.
	fd(4).close()
	fd(5).close()
	if err != nil {
		return err
	}
	if o.Isolate {
		message, sender, err := r.hear(r.shim)
		if err != nil {
			return fmt.Errorf("the init did not answer: %w", err)
		}
		if len(message) == 0 || message[0] != 'a' {
			return r.failure(message)
		}
		r.lab = sender
		r.AdopterComm = comm
		if _, err := fmt.Sscan(string(message[1:]), &r.Adopter); err != nil {
			return fmt.Errorf("the adopter's pid: %w", err)
		}
	}
	message, sender, err := r.hear(r.status)
	if err == nil && len(message) == 0 && r.shim > 0 {
		// The init had something to say before that.
		message, _, err = r.hear(r.shim)
	}
	if err != nil {
		return fmt.Errorf("the launcher did not answer: %w", err)
	}
	if len(message) == 0 || message[0] != 'r' {
		return r.failure(message)
	}
	if o.Isolate {
		r.pid = sender
	}
	return nil
}

// control makes a terminal that of this process's session, which it
// leads.
func control(terminal fd) error {
	return os.NewSyscallError("TIOCSCTTY", unix.IoctlSetInt(int(terminal), unix.TIOCSCTTY, 0))
}

// shelter starts the init of an isolated run in its namespaces. The
// launcher is its grandchild. others are descriptors that are not to
// stay open in it.
func (r *running) shelter(l *launch, orders, status fd, others []fd) error {
	o := r.o
	if r.iso.uid != 0 && o.Own {
		// The program is nobody's relative: its folder becomes
		// its own, and the way to it is opened.
		for _, err := range []error{
			os.Chown(string(o.Dir), r.iso.uid, r.iso.gid), os.Chmod(string(o.Base), 0o711),
			unix.Fchown(4, r.iso.uid, r.iso.gid),
		} {
			if err != nil {
				return fmt.Errorf("the program's folder cannot become its own: %w", err)
			}
		}
	}
	theirs, mine, err := talk()
	if err != nil {
		return err
	}
	defer theirs.close()
	r.shim = mine
	uid, gid := os.Getuid(), os.Getgid()
	pid, err := proc.Clone(r.iso.namespaces())
	if err != nil {
		return r.iso.refused("pid namespace", errors.Unwrap(err))
	}
	if pid == 0 {
		for _, f := range append(others, mine) {
			f.close()
		}
		if r.iso.userNS {
			err = mapIDs(uid, gid)
		}
		if err != nil {
			tell(theirs, failed(r.iso.refused("user namespace", err)))
		} else {
			l.initShim(theirs, orders, status)
		}
		proc.Exit(0)
	}
	r.init, r.Isolated = pid, true
	return nil
}

// talk makes a connection for hear.
func talk() (theirs, mine fd, err error) {
	theirs, mine, err = socketpair(unix.SOCK_SEQPACKET)
	if err == nil {
		// The kernel adds the sender's pid to a message, as this
		// process sees it.
		err = os.NewSyscallError("SO_PASSCRED", unix.SetsockoptInt(int(mine), unix.SOL_SOCKET, unix.SO_PASSCRED, 1))
	}
	return theirs, mine, err
}

// hear receives one message, valid until the next one, and its sender's
// pid; nothing and no error when the other side is closed.
func (r *running) hear(from fd) ([]byte, int, error) {
	if r.heard == nil {
		r.heard = make([]byte, 64<<10)
	}
	oob := make([]byte, 128)
	for {
		n, oobn, _, _, err := unix.Recvmsg(int(from), r.heard, oob, unix.MSG_CMSG_CLOEXEC)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return nil, 0, err
		}
		sender := 0
		if all, err := unix.ParseSocketControlMessage(oob[:oobn]); err == nil {
			for i := range all {
				if c, err := unix.ParseUnixCredentials(&all[i]); err == nil {
					sender = int(c.Pid)
				}
			}
		}
		return r.heard[:n], sender, nil
	}
}

// failure reads the message 'f': what a helper could not do.
func (r *running) failure(message []byte) error {
	if len(message) == 0 {
		return errors.New("the launcher ended early")
	}
	var f failure
	if err := json.Unmarshal(message[1:], &f); err != nil {
		return err
	}
	return &failureError{f}
}

// failureError carries a failure through the keeper unchanged.
type failureError struct{ failure }

func (e *failureError) Error() string { return e.failure.err().Error() }

// release lets the program begin, and with it the time.
func (r *running) release() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.began = time.Now()
	r.timer = time.AfterFunc(r.o.Timeout, func() { r.end(endedTime) })
	_, err := r.orders.Write([]byte{'g'})
	return err
}

// body runs the released program and waits until all processes are
// gone.
func (r *running) body(ctx context.Context) error {
	var err error
	if r.o.Trace != nil {
		err = r.record(ctx)
		// A launcher that was never released ends at this.
		r.orders.close()
	} else {
		err = r.release()
	}
	if message, _, e := r.hear(r.status); e == nil && len(message) > 0 {
		err = r.failure(message)
	}
	if e := r.reap(); err == nil {
		err = e
	}
	return err
}

// record runs the program under the recorder.
func (r *running) record(ctx context.Context) error {
	out := &courier{}
	opts := *r.o.Trace
	opts.Dir = string(r.o.Dir)
	opts.Killed = func() { close(r.killed) }
	opts.Begin = func(h *trace.Header) (err error) {
		out.w, err = trace.NewWriter(r.recording, h)
		return err
	}
	opts.Sink = func(e *trace.Event) error {
		if e.Kind == trace.KindExit && e.Process == "P0" {
			r.Status, r.known = e.Status, true
		}
		return out.event(e)
	}
	start := func() (record.Launched, error) {
		return record.Launched{Pid: r.pid, Adopter: r.lab, Release: r.release}, nil
	}
	_, err := record.Run(ctx, as[string](r.o.Args), start, opts)
	if err != nil && !r.started() {
		err = unrecordable(err)
	}
	out.mu.Lock()
	defer out.mu.Unlock()
	if out.w != nil {
		if e := out.w.Flush(); err == nil {
			err = e
		}
	}
	out.w = nil
	return err
}

// unrecordable is the refusal for what the recorder could not do.
func unrecordable(err error) error {
	return &Refusal{"the run cannot be recorded: " + strings.TrimPrefix(err.Error(), "trace: "),
		"run it without recording, or see: ch8 doctor"}
}

// started reports whether the program has been released.
func (r *running) started() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return !r.began.IsZero()
}

// A courier sends events to Run: many at a time, none late.
type courier struct {
	mu     sync.Mutex
	w      *trace.Writer
	queued bool
}

func (c *courier) event(e *trace.Event) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.queued {
		c.queued = true
		time.AfterFunc(20*time.Millisecond, func() {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.queued = false
			if c.w != nil {
				c.w.Flush()
			}
		})
	}
	return c.w.Event(e)
}

// reap waits until the last process of the tree has been
// collected.
func (r *running) reap() error {
	if r.shim > 0 {
		return r.reapInit()
	}
	for {
		var ws unix.WaitStatus
		pid, err := unix.Wait4(-1, &ws, unix.WALL, nil)
		switch {
		case err == unix.EINTR:
		case err != nil: // ECHILD
			return nil
		case pid == r.pid:
			// Its last one: a child that has called
			// PTRACE_TRACEME reports its stops as well.
			r.Status, r.known = uint32(ws), true
		}
	}
}

// reapInit takes the init's messages until it ends, and with it the
// namespace.
func (r *running) reapInit() error {
	var err error
	for {
		message, _, e := r.hear(r.shim)
		if e != nil || len(message) == 0 {
			break
		}
		switch message[0] {
		case 's':
			_, e := fmt.Sscan(string(message[1:]), &r.Status)
			r.known = e == nil
		case 'f':
			err = r.failure(message)
		}
	}
	var ws unix.WaitStatus
	for {
		pid, e := unix.Wait4(-1, &ws, unix.WALL, nil)
		if e == unix.EINTR {
			continue
		}
		if e != nil {
			return err
		}
		if pid == r.init && !r.known {
			// The namespace was torn down over the program.
			r.Status = uint32(unix.SIGKILL)
		}
	}
}

// sweep kills the tree and waits until it is gone; over is closed
// or sent to by body, nil if that does not run.
func (r *running) sweep(over chan error) error {
	if over == nil {
		over = make(chan error, 1)
		if r.orders > 0 {
			r.orders.close()
		}
		go func() { over <- r.reap() }()
	}
	begin := time.Now()
	for pause := time.Millisecond; ; pause = min(2*pause, 50*time.Millisecond) {
		var stuck []string
		if r.init > 1 { // never kill(-1)
			// The end of an init is the end of its namespace.
			unix.Kill(r.init, unix.SIGKILL)
		} else {
			for _, s := range descendants(os.Getpid()) {
				if !s.alive() {
					continue
				}
				if err := s.kill(); err != nil && err != unix.ESRCH {
					stuck = append(stuck, fmt.Sprintf("%d (%s): %v", s.pid, s.comm, err))
				} else if s.state == 'D' {
					stuck = append(stuck, fmt.Sprintf("%d (%s): in uninterruptible sleep", s.pid, s.comm))
				}
			}
		}
		select {
		case err := <-over:
			return err
		case <-time.After(pause):
		}
		if time.Since(begin) > grace/2 {
			return fmt.Errorf("processes are left that cannot be killed: %s; end them by hand",
				strings.Join(stuck, ", "))
		}
	}
}

// orDefault resolves a number of Limits: 0 is the default, less
// none, as RLIM_INFINITY.
func orDefault(n, d int64) int64 {
	if n == 0 {
		return d
	}
	return n
}

// limits resolves what Limits say into resource limits.
func (o *order) limits() []limit {
	const infinity = ^uint64(0)
	// A limit of 1 also keeps a core_pattern that is a pipe from
	// being fed; 0 does not, see core(5).
	l := []limit{{unix.RLIMIT_CORE, 1, infinity}}
	add := func(resource int, n int64) {
		if n > 0 {
			l = append(l, limit{resource, uint64(n), uint64(n)})
		}
	}
	memory, cpu := int64(-1), int64(-1)
	if o.Isolate {
		memory = DefaultAddressSpace
		cpu = int64(o.Timeout/time.Second) + 2
		l[0].Hard = 1
	} else {
		add(unix.RLIMIT_RTTIME, int64(o.Mark))
	}
	add(unix.RLIMIT_FSIZE, orDefault(o.Limits.FileSize, DefaultFileSize))
	add(unix.RLIMIT_NOFILE, int64(o.Limits.OpenFiles))
	add(unix.RLIMIT_CPU, orDefault(int64(o.Limits.CPU), cpu))
	// Last, since this process feels it, too.
	add(unix.RLIMIT_AS, orDefault(o.Limits.AddressSpace, memory))
	return l
}

func duration(t syscall.Timeval) time.Duration {
	return time.Duration(t.Nano())
}
