package sandbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"apue/ch8/proc"
	"apue/internal/build"
	"apue/internal/procfs"
)

// keeperState is the state of the one run that this keeper supervises.
type keeperState struct {
	*workplace
	order
	report
	number int // of the run in this process, if it holds many; 0 otherwise

	iso     isolation
	init    int  // pid of the init of an isolated run, 0 otherwise
	adopter int  // pid of the adopter below that init
	pid     int  // of the program
	known   bool // the program's status is known
	release fd   // to the launcher
	from    fd   // messages of the init, the adopter and the launcher

	recording *os.File      // to Run; nil if there is none
	over      chan struct{} // closed when the run has ended
	killed    chan struct{} // closed when the recorder has killed the tree

	ended chan string   // why to end the run
	gone  chan struct{} // closed when Run has hung up
	mu    sync.Mutex
	began time.Time
	late  time.Duration

	waitedBefore time.Duration // this process, when the run had begun
	timers       []*time.Timer // of the run
}

// keeper is the process that holds one run.
func keeper() {
	w := becomeKeeper()
	w.keep(0)
	w.cgroup.remove()
}

// keepers is the process that holds isolated runs, one after the other: a
// call of Reuse has it started, and each run sends its descriptors.
func keepers() {
	w := becomeKeeper()
	defer func() { w.cgroup.remove() }()
	// The runtime opens its poller with the first timer: that has to be now,
	// while the numbers of the descriptors of a run are taken.
	time.Sleep(time.Nanosecond)
	for n := 1; takeDescriptors() == nil; n++ {
		if !w.keep(n) {
			return
		}
	}
}

// workplace is what the runs that a keeper holds have in common.
type workplace struct {
	data   unix.Rlimit // RLIMIT_DATA as it was
	cgroup cgroup
}

// becomeKeeper makes this process one that can hold a run.
func becomeKeeper() *workplace {
	closeOnExec()
	ignoreSignals()
	// Orphans of the program go to their nearest living ancestor that is
	// a subreaper, and this one is an ancestor of all of them.
	unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
	CalmMonitor()
	return &workplace{data: boundMemory()}
}

// CalmMonitor lets the runtime's monitor, the thread that the runtime makes
// first, sleep longer than it asks for: while anything goes on it wakes
// every 20 µs. A process that mostly waits for others, as a keeper does and
// the caller of one run, has nothing that needs it so often.
func CalmMonitor() {
	for _, tid := range procfs.Threads(os.Getpid()) {
		if tid != os.Getpid() {
			const slack = 2 * time.Millisecond
			procfs.Write(fmt.Sprintf("/proc/%d/timerslack_ns", tid), strconv.Itoa(int(slack)))
			return
		}
	}
}

// keep holds the run whose order comes on controlFD. It reports whether
// this process can hold another one.
func (w *workplace) keep(number int) (again bool) {
	k := &keeperState{
		workplace: w, number: number, killed: make(chan struct{}), release: -1, from: -1,
		over: make(chan struct{}), ended: make(chan string, 1), gone: make(chan struct{}),
	}
	if err := readMessage(controlFD, &k.order); err != nil {
		return false // Run is gone
	}
	if number < 2 {
		// The name of a process is that of its main thread.
		comm := adopterName
		if k.Isolate {
			comm = strangersComm
		}
		procfs.Write("/proc/self/comm", comm)
	}
	if k.Trace != nil {
		k.recording = os.NewFile(uintptr(recordingFD), "recording")
	}
	k.Failure = newFailure(k.run())
	close(k.over)
	k.recording.Close() // its end tells Run that this was all
	k.OutOfMemory, k.MachineFull = k.cgroup.killed()
	k.Again = k.Failure == nil && k.Isolate && !heapIsLarge()
	writeMessage(controlFD, &k.report)
	// Run copies what it wants from the folder, or is killed over it.
	<-k.gone
	if k.Base != "" {
		build.Remove(string(k.Base))
	}
	for _, d := range []fd{k.release, k.from, fd(k.Work)} {
		if d > 0 {
			d.close()
		}
	}
	return k.Again
}

// heapIsLarge reports whether a run has left a keeper with so much memory
// that the next run may find too little of ownMemory.
func heapIsLarge() bool {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.Sys > ownMemory/8
}

// ownMemory is how much memory a keeper can use for itself, in bytes. It
// reads the tables of executables that a hostile program has made.
const ownMemory = 2 << 30

// boundMemory lowers the soft RLIMIT_DATA of this process to ownMemory,
// and returns what it was. The launcher restores it.
func boundMemory() (was unix.Rlimit) {
	if unix.Getrlimit(unix.RLIMIT_DATA, &was) == nil {
		unix.Setrlimit(unix.RLIMIT_DATA, &unix.Rlimit{Cur: min(was.Cur, ownMemory), Max: was.Max})
	}
	return was
}

// run does the run and returns when no process of it is left.
func (k *keeperState) run() error {
	go k.listen()
	go k.measureLate()
	if err := k.launch(); err != nil {
		k.sweep(nil)
		return err
	}
	ctx := &runContext{Context: context.Background(), done: make(chan struct{})}
	over := make(chan error, 1)
	go func() { over <- k.body(ctx) }()
	var err error
	select {
	case err = <-over:
	case k.Ended = <-k.ended:
		k.Leftovers = k.leftovers()
		if k.Ended == endedTime {
			starved := k.starved()
			k.mu.Lock()
			k.Waited = starved + ownWait() - k.waitedBefore
			if starved > time.Since(k.began)/2 {
				k.late = max(k.late, starved)
			}
			k.mu.Unlock()
		}
		ctx.end(k.Ended)
		if k.Trace != nil {
			// The recorder kills first. Otherwise it would find a tree
			// that has ended, and record no more than that.
			select {
			case <-k.killed:
			case err := <-over:
				over <- err
			case <-time.After(grace / 4):
				// It is stuck; the sweep is not.
			}
		}
		err = k.sweep(over)
	}
	k.mu.Lock()
	if !k.began.IsZero() {
		k.Elapsed = time.Since(k.began)
		for _, t := range k.timers {
			t.Stop()
		}
	}
	k.Late = k.late
	k.mu.Unlock()
	if k.init == 0 {
		k.Rusage = usage()
	}
	return err
}

// measureLate adds up by how much this process wakes too late.
func (k *keeperState) measureLate() {
	const pause = 50 * time.Millisecond
	for before := time.Now(); ; before = time.Now() {
		select {
		case <-k.over:
			return
		case <-time.After(pause):
		}
		k.mu.Lock()
		if late := time.Since(before) - pause; late > pause/5 {
			k.late += late
		}
		k.mu.Unlock()
	}
}

// A runContext is a context that the keeper ends: at the deadline, but
// only after it has looked at what is alive.
type runContext struct {
	context.Context
	done chan struct{}
	err  error
}

func (c *runContext) Done() <-chan struct{} { return c.done }

func (c *runContext) Err() error {
	select {
	case <-c.done:
		return c.err
	default:
		return nil
	}
}

func (c *runContext) end(why string) {
	switch why {
	case endedTime:
		c.err = context.DeadlineExceeded
	case endedOutput, endedRecording:
		c.err = errors.New("the program wrote too much")
	default:
		c.err = context.Canceled
	}
	close(c.done)
}

// listen takes the bytes that Run sends. The end of the connection is the
// end of Run's process, or of its interest.
func (k *keeperState) listen() {
	var b [1]byte
	for {
		if n, _ := controlFD.Read(b[:]); n != 1 {
			break
		}
		if b[0] == byteOutput {
			k.end(endedOutput)
		} else {
			k.end(endedCaller)
		}
	}
	k.end(endedCaller)
	close(k.gone)
}

// end ends the run; the first reason counts.
func (k *keeperState) end(why string) {
	select {
	case k.ended <- why:
	default:
	}
}

// leftovers describes the processes of the program that have not ended.
func (k *keeperState) leftovers() (all []Leftover) {
	root := os.Getpid()
	if k.init != 0 {
		root = k.init
	}
	for _, s := range descendants(root) {
		if liveTID(s) != 0 && s.Pid() != k.adopter {
			all = append(all, leftover(s, k.pid))
		}
	}
	return all
}

// starved returns how long a living process of the program has waited for a
// processor, at most: 0 if the program itself has more processes that want
// one than there are.
func (k *keeperState) starved() (most time.Duration) {
	running := 0
	for _, l := range k.Leftovers {
		if l.State == "R" {
			running++
		}
		most = max(most, waited(procfs.ReadAll(procfs.Path(l.Pid, "schedstat"))))
	}
	if running > runtime.NumCPU() {
		return 0
	}
	return most
}

// ownWait returns how long the threads of this process have waited for a
// processor.
func ownWait() (sum time.Duration) {
	for _, tid := range procfs.Threads(os.Getpid()) {
		sum += waited(procfs.ReadAll(procfs.Path(os.Getpid(), "task/"+strconv.Itoa(tid)+"/schedstat")))
	}
	return sum
}

// waited returns how long a thread was ready and did not run: the second
// number in its file schedstat.
func waited(schedstat string) time.Duration {
	var ran, ready time.Duration
	fmt.Sscan(schedstat, &ran, &ready)
	return ready
}

// onlyTraced reports whether all processes of the program that are left
// wait for their tracer, the recorder.
func (k *keeperState) onlyTraced() bool {
	return !slices.ContainsFunc(k.leftovers(), func(l Leftover) bool { return l.State != "t" })
}

// newLaunch returns what the launcher, and the init before it, have to do.
func (k *keeperState) newLaunch() *launch {
	l := &launch{
		Path: string(k.Path), Args: convert[string](k.Args), Env: convert[string](k.Env), Dir: string(k.Dir),
		Redirect: true, Pty: k.Stdout == Pty, Attached: k.Attached, Ignored: k.Ignored,
		Inherited: k.Inherited, Trace: k.Trace,
		Rlimits:  append([]rlimit{{unix.RLIMIT_DATA, k.data.Cur, k.data.Max}}, k.rlimits()...),
		Isolated: k.Isolate, Own: k.Own, Input: string(k.Input),
		Visible: k.Visible, Mounts: k.order.Mounts, Disk: k.Limits.Disk, Files: k.Limits.Files,
		NoNproc: k.NoNproc, NoPidMax: k.NoPidMax, NoIPC: k.NoIPC,
		iso: k.iso, uid: os.Getuid(), gid: os.Getgid(), cgroup: &k.cgroup,
	}
	if n := orDefault(int64(k.Limits.Processes), DefaultProcesses); k.Isolate && n > 0 {
		l.Processes = uint64(n)
	}
	if k.Isolate { // the forked children find them made
		boxFilters()
		etcTexts()
	}
	return l
}

// launch starts the launcher, directly or through an init, and returns
// when it waits for its release.
func (k *keeperState) launch() error {
	if k.Isolate {
		if err := k.isolate(); err != nil {
			return err
		}
	}
	l := k.newLaunch()
	release, mine, err := pipe()
	if err != nil {
		return err
	}
	theirs, from, err := credSocketpair()
	if err != nil {
		return err
	}
	k.release, k.from = mine, from
	others := []fd{controlFD, mine, from}
	if k.number > 0 {
		others = append(others, ordersFD)
	}
	if k.recording != nil {
		others = append(others, recordingFD)
	}
	for _, m := range l.Rlimits {
		if m.Resource == unix.RLIMIT_AS {
			growHeap(m.Soft)
		}
	}
	if k.Isolate {
		err = k.startInit(l, release, theirs, others)
	} else {
		if l.Pty {
			err = setControllingTerminal(stdoutFD)
		}
		if err == nil {
			k.Adopter = os.Getpid()
			k.pid, err = l.start(release, theirs, others...)
		}
	}
	// Only the program has its output open from now on.
	closeAll(release, theirs, stdoutFD, stderrFD)
	if err != nil {
		return err
	}
	return k.awaitReady()
}

// isolate chooses how to keep the program apart, and prepares what only
// the keeper can.
func (k *keeperState) isolate() (err error) {
	if k.iso, err = chooseIsolation(k.NoUID); err != nil {
		return err
	}
	if k.iso.uid != 0 && k.Stdout != Inherited {
		if err := unix.Fchown(int(stdoutFD), k.iso.uid, k.iso.gid); err != nil {
			return fmt.Errorf("the program's output cannot become its own: %w", err)
		}
	}
	if n := orDefault(k.Limits.Memory, DefaultMemory); n > 0 && !k.NoCgroup {
		// Without one each process is bounded, see MemorySum.
		k.cgroup.prepare(n)
	}
	return nil
}

// setControllingTerminal makes a terminal that of this process's session,
// which this process leads.
func setControllingTerminal(terminal fd) error {
	return os.NewSyscallError("TIOCSCTTY", unix.IoctlSetInt(int(terminal), unix.TIOCSCTTY, 0))
}

// startInit starts the init of an isolated run in its namespaces. The
// launcher is its grandchild. others are descriptors that are not to stay
// open in it.
func (k *keeperState) startInit(l *launch, release, keeper fd, others []fd) error {
	pid, err := proc.Clone(k.iso.namespaces())
	if err != nil {
		return k.iso.refusal("namespaces", errors.Unwrap(err))
	}
	if pid == 0 {
		closeAll(others...)
		l.beInit(keeper, release)
		proc.Exit(0)
	}
	k.init, k.Isolated = pid, true
	return nil
}

// awaitReady takes messages until the launcher waits for its release.
func (k *keeperState) awaitReady() error {
	for {
		m, sender, passed, err := k.from.recvMsg()
		switch {
		case err == io.EOF, err == nil && m.Status != nil:
			return errors.New("the launcher ended early")
		case err != nil:
			return fmt.Errorf("the launcher did not answer: %w", err)
		case m.Failure != nil:
			return &failureError{*m.Failure}
		case m.Work:
			k.Work = passed
		case m.Adopter != 0:
			k.Adopter, k.adopter = m.Adopter, sender
		case m.Ready:
			if k.Isolate {
				k.pid = sender
			}
			return nil
		}
	}
}

// start lets the program begin, and with it the time.
func (k *keeperState) start() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.began = time.Now()
	k.timers = append(k.timers, time.AfterFunc(k.Timeout, func() { k.end(endedTime) }))
	// Looking costs too much for the many runs that end soon.
	k.timers = append(k.timers, time.AfterFunc(min(k.Timeout/20, time.Second), func() {
		before := ownWait()
		k.mu.Lock()
		defer k.mu.Unlock()
		k.waitedBefore = before
	}))
	_, err := k.release.Write([]byte{'g'})
	return err
}

// started reports whether the program has been released.
func (k *keeperState) started() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return !k.began.IsZero()
}

// body runs the program and waits until all processes are gone.
func (k *keeperState) body(ctx context.Context) error {
	var err error
	if k.Trace != nil {
		err = k.record(ctx)
		k.closeRelease() // a launcher that was never released ends at this
	} else {
		err = k.start()
	}
	if e := k.reap(); e != nil {
		err = e
	}
	return err
}

// reap takes the messages until there can be none any more, and reaps the
// children until there are none. The error is one that was reported.
func (k *keeperState) reap() (err error) {
	for {
		m, _, _, e := k.from.recvMsg()
		if e != nil {
			break
		}
		if m.Status != nil {
			k.Status, k.known = *m.Status, true
			k.firstEnded()
		}
		if m.Failure != nil {
			err = &failureError{*m.Failure}
		}
	}
	for {
		var ws unix.WaitStatus
		var used unix.Rusage
		pid, e := unix.Wait4(-1, &ws, unix.WALL, &used)
		switch {
		case e == unix.EINTR:
		case e != nil: // ECHILD
			return err
		default:
			if pid == k.init {
				k.Rusage = rusage(&used) // of all processes of the namespace
			}
			k.reaped(pid, ws)
		}
	}
}

// closeRelease closes the pipe to the launcher.
func (k *keeperState) closeRelease() {
	if k.release >= 0 {
		k.release.close()
		k.release = -1
	}
}

// reaped takes the status of a child. That of the program is known once and
// for all: a later orphan can have the same pid. A child that has called
// PTRACE_TRACEME reports its stops as well.
func (k *keeperState) reaped(pid int, ws unix.WaitStatus) {
	switch ended := ws.Exited() || ws.Signaled(); {
	case k.known || !ended:
	case pid == k.init:
		// The namespace was torn down over the program.
		k.Status = uint32(unix.SIGKILL)
	case pid == k.pid && k.init == 0:
		k.Status, k.known = uint32(ws), true
		k.firstEnded()
	}
}

// firstEnded ends the run, if that was asked for, after a moment in which
// the other processes can end by themselves.
func (k *keeperState) firstEnded() {
	if k.First {
		time.AfterFunc(200*time.Millisecond, func() { k.end(endedFirst) })
	}
}

// sweep kills the tree and waits until it is gone. body sends to over; if
// body does not run, over is nil.
func (k *keeperState) sweep(over chan error) error {
	if over == nil {
		over = make(chan error, 1)
		k.closeRelease()
		go func() { over <- k.reap() }()
	}
	begin := time.Now()
	for pause := time.Millisecond; ; pause = min(2*pause, 50*time.Millisecond) {
		var stuck []string
		if k.init > 1 { // never kill(-1)
			// The end of an init is the end of its namespace.
			unix.Kill(k.init, unix.SIGKILL)
			stuck = append(stuck, fmt.Sprintf("the init %d", k.init))
		} else {
			stuck = killTree()
		}
		select {
		case err := <-over:
			return err
		case <-time.After(pause):
		}
		switch late := time.Since(begin); {
		case late > grace/8 && k.init == 0 && k.Trace != nil && k.onlyTraced():
			return errors.New("the recorder stands still: the program stopped or traced it; run it with Isolate")
		case late > grace/2 && len(stuck) == 0:
			return errors.New("processes are left that fork faster than they can be killed; run it with Isolate")
		case late > grace/2:
			return fmt.Errorf("processes are left that cannot be killed: %s; end them by hand", strings.Join(stuck, ", "))
		}
	}
}
