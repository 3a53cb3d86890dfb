//go:build 386 || amd64 || arm64

package record

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"apue/internal/procfs"
	"apue/internal/symbol"
	"apue/internal/trace"
)

var errNoSeccomp = errors.New("switched off")

// recorder is the state of one recording. Everything but live is
// touched by its one locked thread only.
type recorder struct {
	o     Options
	rec   *trace.Recording
	calls []*callSpec

	start   time.Time
	now     int64 // of the stop being handled
	yielded int64 // when other goroutines could run last
	started bool  // the program has replaced the launcher
	root    *process
	adopter int  // of the program's orphans, 0 if that is not known
	silent  bool // the program has not made a call yet

	births     int
	joins      int
	lastKilled *process // the process that died of SIGKILL last
	// mayStray says that a process has ended inside a call, perhaps one that
	// made a child: by SIGKILL, or because another thread ended it. Its
	// child is not announced.
	mayStray bool
	past     []*process // collected lately, a ring
	pastNext int
	procs    map[int]*process // by pid: alive, or dead and not collected
	threads  map[int]*thread
	// pending are first stops, and early deaths, of tracees whose
	// announcement by the parent is still to come.
	pending map[int]unix.WaitStatus
	ready   []report // taken from the kernel and not handled yet

	namespaces bool // pids may differ from ours
	queue      []trace.Event
	err        error
	seen       map[string]bool // notes given once
	names      objectNames
	sent       []*openFile // on their way in a message
	symbols    *symbol.Files

	mu        sync.Mutex
	live      map[int]bool
	cancelled error
	killed    int
	samples   map[int]string // by tid: what it was in when the tree was killed
}

// Run runs a command and records what the kernel did until every
// process of its tree is gone, or until ctx ends: then all are
// killed, and the end event says so. The program is made by start;
// command is only written down.
//
// The recording takes place on a thread of its own, whose waits
// concern no child of any other thread: os/exec beside it is not
// disturbed. In turn nothing else in the process may wait for any
// child (pid −1) meanwhile: it could take a report.
func Run(ctx context.Context, command []string, start Start, o Options) (*trace.Recording, error) {
	var rec *trace.Recording
	err := onOwnThread(func() (err error) {
		rec, err = record(ctx, command, start, o)
		return err
	})
	return rec, err
}

// onOwnThread runs f on a locked thread that a wait for any child can
// be made on: one that has no children, as a thread of the runtime may
// have made some for os/exec; and not the main thread, which adopts
// this process's orphans. A tracee of the adopter's own process would
// report to the adopting thread as well as to its tracer (wait_consider_task
// in the kernel), so to another recording.
func onOwnThread(f func() error) error {
	result := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		if unix.Gettid() != os.Getpid() && childless() {
			result <- f()
			return
		}
		// This thread stays locked until the other one is done, so
		// the next goroutine gets a different one.
		result <- onOwnThread(f)
	}()
	return <-result
}

func record(ctx context.Context, command []string, start Start, o Options) (*trace.Recording, error) {
	r := &recorder{
		o:       o,
		procs:   map[int]*process{},
		threads: map[int]*thread{},
		pending: map[int]unix.WaitStatus{},
		seen:    map[string]bool{},
		live:    map[int]bool{},
		names:   objectNames{counts: map[string]int{}, known: map[string]*object{}},
		start:   time.Now(),
		rec:     &trace.Recording{Header: trace.Header{Kind: trace.KindHeader, Schema: trace.Schema, Command: command}},
	}
	r.symbols = takeFiles()
	defer leaveFiles(r.symbols)
	h := &r.rec.Header
	h.Kernel, h.Arch, h.Recorder = kernelName(), runtime.GOARCH, os.Getpid()
	h.Dir, h.Stdout = o.Dir, o.Stdout
	if o.Tamper != nil {
		h.Tampered = o.Tamper.sentences()
	}
	if err := r.o.useSeccomp(); err != nil {
		if !o.noSeccomp {
			h.Missing = append(h.Missing, fmt.Sprintf("no seccomp filter (%v): every system call was stopped", err))
		}
		r.o.noSeccomp = true
	}
	h.Seccomp = !r.o.noSeccomp
	r.calls = callTable(&r.o)

	if !procfs.KernelAtLeast(5, 3) {
		return nil, noSyscallInfo(errors.ErrUnsupported)
	}
	defer quieten()()
	launched, err := start()
	if err != nil {
		return nil, err
	}
	useTwoProcessors()
	if err := seize(launched.Pid); err != nil {
		return nil, seizeError(launched.Pid, err)
	}
	r.namespaces = len(procfs.ReadStatus(launched.Pid).Ints("NSpid")) > 1
	r.adopter = launched.Adopter
	r.root = r.newProcess(nil, launched.Pid, 0)
	r.root.name = "P0"
	r.newThread(r.root, launched.Pid).fresh = false
	stop := r.watch(ctx)
	if r.o.noSeccomp {
		// Stop it where it waits, to see its exec from the entry on.
		err = ptrace(unix.PTRACE_INTERRUPT, launched.Pid, 0, 0)
	}
	if err == nil {
		err = launched.Release()
	}
	if err != nil {
		r.cancel(err)
		r.loop()
		stop()
		return nil, fmt.Errorf("record: launcher: %w", err)
	}
	r.loop()
	stop() // before what it has done is read
	return r.finish(ctx)
}

// filesLeft is what the last recording has read of executables and
// libraries: the next one in this process often needs the same ones.
var filesLeft = make(chan *symbol.Files, 1)

func takeFiles() *symbol.Files {
	select {
	case f := <-filesLeft:
		return f
	default:
		return &symbol.Files{}
	}
}

func leaveFiles(f *symbol.Files) {
	select {
	case filesLeft <- f:
	default: // another recording was quicker
	}
}

// useTwoProcessors ends what proc.Fork has done. With GOMAXPROCS(1) the
// runtime's monitor takes the processor from this thread, and gives it to
// another one, whenever a wait takes more than 20 µs: half of what a
// recording would cost. It leaves the processor alone while another one
// is idle (retake in runtime/proc.go).
func useTwoProcessors() {
	if runtime.GOMAXPROCS(0) == 1 {
		runtime.GOMAXPROCS(2)
	}
}

// finish writes the end event and decides what Run returns.
func (r *recorder) finish(ctx context.Context) (*trace.Recording, error) {
	if r.err != nil {
		return nil, r.err
	}
	if !r.started {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		return nil, &NotStartedError{Status: r.root.status}
	}
	r.now = int64(time.Since(r.start))
	end := trace.Event{
		Time: r.now, Pid: r.root.pid, NSpid: r.root.nspid(), Process: r.root.name, Kind: trace.KindEnd,
		Status: r.root.status, Leftovers: r.killed,
	}
	if r.cancelled != nil {
		end.Timeout = errors.Is(r.cancelled, context.DeadlineExceeded)
		if !end.Timeout {
			end.Note = "recording ended early: " + r.cancelled.Error()
		}
	}
	r.queue = append(r.queue, end)
	r.flush()
	return r.rec, r.err
}

// watch kills the tree when ctx ends. A wait cannot be interrupted,
// but a death ends it.
func (r *recorder) watch(ctx context.Context) (stop func()) {
	if ctx.Done() == nil {
		return func() {} // it never ends
	}
	over := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		select {
		case <-ctx.Done():
			r.cancelSeen(ctx.Err(), r.watchThreads())
		case <-over:
		}
	})
	return func() { close(over); wg.Wait() }
}

// cancel kills every live process; those born from now on are killed
// at their first stop.
func (r *recorder) cancel(why error) { r.cancelSeen(why, map[int]string{}) }

// cancelSeen does so when it was seen what each thread is in.
func (r *recorder) cancelSeen(why error, samples map[int]string) {
	if r.killAll(why, samples) && r.o.Killed != nil {
		r.o.Killed()
	}
}

// killAll reports whether it is the first to do so.
func (r *recorder) killAll(why error, samples map[int]string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.cancelled != nil {
		return false
	}
	r.cancelled = why
	r.samples = samples
	for pid := range r.live {
		r.kill(pid)
	}
	return true
}

// kill sends SIGKILL to a process of the tree; r.mu is held.
func (r *recorder) kill(pid int) {
	if unix.Kill(pid, unix.SIGKILL) == nil {
		r.killed++
	}
}

// alive keeps the list that cancel kills from. A pid leaves the list
// when its death is collected, before the number can come again.
func (r *recorder) alive(pid int, yes bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !yes {
		delete(r.live, pid)
		return
	}
	r.live[pid] = true
	if r.cancelled != nil {
		r.kill(pid)
	}
}

// fail ends the recording with an error of our own.
func (r *recorder) fail(err error) {
	if r.err == nil {
		r.err = err
	}
	r.cancel(err)
}

// begin is called when the program has replaced the launcher: time 0.
func (r *recorder) begin() {
	r.started, r.silent = true, true
	r.start = time.Now()
	r.now = 0
	h := &r.rec.Header
	h.Start = r.start.Format(time.RFC3339Nano)
	if r.adopter == 0 {
		r.adopter = adopterOf(r.root)
	}
	if r.adopter != 0 {
		h.Adopter, h.AdopterComm = r.root.outsider(r.adopter), procfs.ReadComm(r.adopter)
	}
	h.SetID = setIDs(r.root.pid)
	h.Changed = changed
	r.root.childSignal = &childSignal{ignored: procfs.ReadStatus(r.root.pid).Signals("SigIgn")&(1<<(unix.SIGCHLD-1)) != 0}
	if _, err := kcmp(os.Getpid(), r.root.pid, kcmpVM, 0, 0); err != nil {
		h.Missing = append(h.Missing, fmt.Sprintf("no kcmp (%v): shared memory and open files are not compared", err))
	}
	r.startFiles(r.root)
	if r.o.Begin != nil {
		if err := r.o.Begin(h); err != nil {
			r.fail(err)
		}
	}
}

// changed is what happens otherwise to a program because it is traced.
// The first is so because complete_signal of the kernel leaves the end of a
// traced process to its tracer, and a parent in vfork does not stop for that
// one; the second because a stop signal that the tracer has been told of is
// no longer pending when SIGCONT discards the pending ones.
var changed = []string{trace.ChangedVfork, trace.ChangedStop}

// setIDs says how set-user-ID programs fare below a process: the kernel
// gives them their privilege only if the tracer has CAP_SYS_PTRACE and
// nobody has promised to gain none (ptrace(2), prctl(2)).
func setIDs(pid int) string {
	const capSysPtrace = 19
	if procfs.ReadStatus(os.Getpid()).Signals("CapEff")&(1<<capSysPtrace) == 0 ||
		procfs.ReadStatus(pid).Int("NoNewPrivs") == 1 {
		return "ignored"
	}
	return "kept"
}

// adopterOf is the process that will adopt the program's orphans, 0
// when that cannot be known beforehand.
func adopterOf(root *process) int {
	if len(root.pids) > 1 {
		// In a pid namespace of its own: its init, if that is the
		// parent.
		if ppid := procfs.ReadStatus(root.pid).Int("PPid"); root.outsider(ppid) == 1 {
			return ppid
		}
		return 0
	}
	if isSubreaper() {
		return os.Getpid()
	}
	return 0
}

// flush hands the queued events on.
func (r *recorder) flush() {
	for i := range r.queue {
		if r.o.Sink == nil {
			r.rec.Events = append(r.rec.Events, r.queue[i])
		} else if r.err == nil {
			if err := r.o.Sink(&r.queue[i]); err != nil {
				r.fail(err)
			}
		}
	}
	clear(r.queue)
	r.queue = r.queue[:0]
}

// event returns an event of thread t, filled in as far as all kinds
// go.
func (r *recorder) event(t *thread, kind trace.Kind) trace.Event {
	e := r.processEvent(t.proc, kind)
	if t.tid != t.proc.pid {
		e.Tid = t.tid
	}
	return e
}

// processEvent is an event of the whole process.
func (r *recorder) processEvent(p *process, kind trace.Kind) trace.Event {
	return trace.Event{Time: r.now, Pid: p.pid, NSpid: p.nspid(), Process: p.name, Kind: kind}
}

func (r *recorder) emit(e trace.Event) {
	if r.started {
		explainAbsent(&e)
		r.queue = append(r.queue, e)
	}
}

// note tells the reader something, once for each text.
func (r *recorder) note(p *process, text string) {
	if key := p.name + text; !r.seen[key] {
		r.seen[key] = true
		e := r.processEvent(p, trace.KindNote)
		e.Note = text
		r.emit(e)
	}
}

func kernelName() string {
	var u unix.Utsname
	if unix.Uname(&u) != nil {
		return "Linux"
	}
	return unix.ByteSliceToString(u.Sysname[:]) + " " + unix.ByteSliceToString(u.Release[:])
}
