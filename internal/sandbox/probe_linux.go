package sandbox

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"apue/ch8/proc"
	"apue/internal/procfs"
)

// An attempt is what a program in the box tries. try says whether it
// succeeded, and what happened.
type attempt struct {
	area, tried string
	allowed     bool // it has to succeed
	try         func(b *bait) (bool, string)
}

// bait is what the attempts try to reach, made outside before. It comes
// in the environment of the probe.
type bait struct {
	file string
	port int    // of 127.0.0.1
	key  string // of the session keyring, and the name of an abstract socket
}

// The limits of the run of the probe: small, so that reaching them costs
// little.
var probeLimits = Limits{Processes: 40, Memory: 128 << 20, Disk: 8 << 20, Files: 600}

// attempts are made in this order: those at the end use something up.
var attempts = slices.Concat(reaching, kernelMemory, filling)

// reaching are the attempts to reach what is outside.
var reaching = []attempt{
	{"files", "read a file of the person who grades", false, func(b *bait) (bool, string) { return opens(b.file, unix.O_RDONLY) }},
	{"files", "list /home", false, func(*bait) (bool, string) { return lists("/home") }},
	{"files", "list /root", false, func(*bait) (bool, string) { return lists("/root") }},
	{"files", "list /run", false, func(*bait) (bool, string) { return lists("/run") }},
	{"files", "list /srv, /mnt, /media and /opt", false, func(*bait) (bool, string) { return lists("/srv", "/mnt", "/media", "/opt") }},
	{"files", "read /etc/shadow", false, func(*bait) (bool, string) { return opens("/etc/shadow", unix.O_RDONLY) }},
	{"files", "write to /usr", false, func(*bait) (bool, string) { return opens("/usr/probed", unix.O_WRONLY|unix.O_CREAT) }},
	{"files", "write to /", false, func(*bait) (bool, string) { return opens("/probed", unix.O_WRONLY|unix.O_CREAT) }},
	{"files", "write to its working directory", true, func(*bait) (bool, string) { return opens("probe", unix.O_WRONLY|unix.O_CREAT) }},
	{"files", "write to /tmp", true, func(*bait) (bool, string) { return opens("/tmp/probe", unix.O_WRONLY|unix.O_CREAT) }},
	{"network", "connect to 127.0.0.1 outside", false, func(b *bait) (bool, string) { return dials(loopback(b.port)) }},
	{"network", "connect to an abstract socket outside", false, func(b *bait) (bool, string) { return dials(abstract(b.key)) }},
	{"network", "serve on its own loopback", true, serves},
	{"network", "make a socket of AF_VSOCK", false, func(*bait) (bool, string) { return socket(unix.AF_VSOCK, unix.SOCK_STREAM) }},
	{"network", "make a packet socket", false, func(*bait) (bool, string) { return socket(unix.AF_PACKET, unix.SOCK_RAW) }},
	{"network", "hear of the machine's devices (netlink)", false, func(*bait) (bool, string) {
		n, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_KOBJECT_UEVENT)
		if err == nil {
			err = unix.Bind(n, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Groups: 1})
			unix.Close(n)
		}
		return outcome(err)
	}},
	{"terminals", "open /dev/tty", false, func(*bait) (bool, string) { return opens("/dev/tty", unix.O_RDWR|unix.O_NOCTTY) }},
	{"terminals", "open a terminal in /dev/pts", false, terminals},
	{"terminals", "make a pseudo-terminal of its own", true, func(*bait) (bool, string) { return opens("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY) }},
	{"keys", "find a key of the session", false, findsKey},
	{"keys", "add a key to the user's keyring", false, func(*bait) (bool, string) {
		_, err := unix.AddKey("user", "probe", []byte("x"), unix.KEY_SPEC_USER_KEYRING)
		return outcome(err)
	}},
	{"keys", "read the names of keys in /proc/keys", false, namesOfKeys},
	{"devices", "open any other device", false, otherDevices},
	{"system calls", "io_uring_setup", false, func(*bait) (bool, string) { return call(unix.SYS_IO_URING_SETUP) }},
	{"system calls", "io_setup", false, func(*bait) (bool, string) { return call(unix.SYS_IO_SETUP, 1) }},
	{"system calls", "seccomp with a listener", false, func(*bait) (bool, string) {
		return call(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_NEW_LISTENER)
	}},
	{"system calls", "clone with CLONE_UNTRACED", false, func(*bait) (bool, string) {
		return call(unix.SYS_CLONE, unix.CLONE_UNTRACED|unix.CLONE_THREAD) // invalid if it is not refused first
	}},
	{"system calls", "a new user namespace", false, func(*bait) (bool, string) { return call(unix.SYS_UNSHARE, unix.CLONE_NEWUSER) }},
	{"system calls", "make a child in a new user namespace", false, childInUserNamespace},
	{"system calls", "bpf", false, func(*bait) (bool, string) { return call(unix.SYS_BPF, 1<<20) }},
	{"system calls", "perf_event_open", false, func(*bait) (bool, string) { return call(unix.SYS_PERF_EVENT_OPEN) }},
	{"system calls", "userfaultfd", false, func(*bait) (bool, string) { return call(unix.SYS_USERFAULTFD, 1) }},
	{"system calls", "read the kernel's log", false, func(*bait) (bool, string) {
		const sizeBuffer = 10 // SYSLOG_ACTION_SIZE_BUFFER
		_, err := unix.Klogctl(sizeBuffer, nil)
		return outcome(err)
	}},
	{"privilege", "become root", false, func(*bait) (bool, string) {
		_, _, errno := unix.RawSyscall(unix.SYS_SETRESUID, 0, 0, 0) // of this thread
		return outcomeOf(errno)
	}},
	{"privilege", "mount a file system", false, func(*bait) (bool, string) { return outcome(unix.Mount("x", "/tmp", "tmpfs", 0, "")) }},
	{"privilege", "prepare a mount (fsopen)", false, func(*bait) (bool, string) {
		d, err := unix.Fsopen("tmpfs", unix.FSOPEN_CLOEXEC)
		if err == nil {
			unix.Close(d)
		}
		return outcome(err)
	}},
	{"privilege", "open a file by its handle", false, func(*bait) (bool, string) {
		handle, _, err := unix.NameToHandleAt(unix.AT_FDCWD, "/usr", 0)
		if err == nil {
			var d int
			if d, err = unix.OpenByHandleAt(unix.AT_FDCWD, handle, unix.O_RDONLY|unix.O_CLOEXEC); err == nil {
				unix.Close(d)
			}
		}
		return outcome(err)
	}},
	{"privilege", "make a device", false, func(*bait) (bool, string) {
		return outcome(unix.Mknod("/tmp/device", unix.S_IFCHR|0o600, int(unix.Mkdev(1, 1))))
	}},
	{"privilege", "change a setting of the kernel", false, func(*bait) (bool, string) {
		return opens("/proc/sys/kernel/core_pattern", unix.O_WRONLY)
	}},
	{"privilege", "gain privilege by exec", false, func(*bait) (bool, string) {
		set, err := unix.PrctlRetInt(unix.PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0)
		return err != nil || set == 0, "no_new_privs is " + strconv.Itoa(set)
	}},
	{"processes", "see a process that is not of this run", false, func(*bait) (bool, string) {
		n := len(procfs.Pids())
		return n > 6, fmt.Sprintf("%d processes", n)
	}},
	{"processes", "trace its parent", false, func(*bait) (bool, string) {
		// PTRACE_SEIZE stops nobody.
		_, _, errno := unix.RawSyscall6(unix.SYS_PTRACE, unix.PTRACE_SEIZE, uintptr(os.Getppid()), 0, 0, 0, 0)
		return outcomeOf(errno)
	}},
	{"processes", "read its parent's memory", false, func(*bait) (bool, string) {
		return opens(procfs.Path(os.Getppid(), "mem"), unix.O_RDONLY)
	}},
	{"processes", "read its parent's environment", false, func(*bait) (bool, string) {
		return opens(procfs.Path(os.Getppid(), "environ"), unix.O_RDONLY)
	}},
	{"processes", "take a descriptor of its parent", false, func(*bait) (bool, string) {
		parent, err := unix.PidfdOpen(os.Getppid(), 0)
		if err == nil {
			_, err = unix.PidfdGetfd(parent, 0, 0)
			unix.Close(parent)
		}
		return outcome(err)
	}},
	{"memory", "set oom_score_adj to 0", false, func(*bait) (bool, string) {
		return outcome(procfs.Write("/proc/self/oom_score_adj", "0"))
	}},
	{"time", "run for ever", false, func(*bait) (bool, string) {
		var l unix.Rlimit
		unix.Getrlimit(unix.RLIMIT_CPU, &l)
		if l.Max == unix.RLIM_INFINITY {
			return true, "its processor time is not limited"
		}
		return false, fmt.Sprintf("it is killed, and after %d s of processor time", l.Max)
	}},
	{"time", "set the clock", false, func(*bait) (bool, string) {
		// With what it shows: nothing changes where that is allowed.
		var now unix.Timeval
		unix.Gettimeofday(&now)
		return outcome(unix.Settimeofday(&now))
	}},
	{"time", "run in real time", false, func(*bait) (bool, string) {
		return outcome(unix.SchedSetAttr(0, &unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_FIFO,
			Flags: unix.SCHED_FLAG_RESET_ON_FORK, Priority: 1}, 0))
	}},
	{"time", "run before all others", false, func(*bait) (bool, string) { return outcome(unix.Setpriority(unix.PRIO_PROCESS, 0, -10)) }},
}

// filling are the attempts that use something up.
var filling = []attempt{
	{"files", "open 100 files at once", false, manyOpen},
	{"processes", "queue 2,000 signals", false, func(*bait) (bool, string) {
		var l unix.Rlimit
		unix.Getrlimit(unix.RLIMIT_SIGPENDING, &l)
		return l.Max >= 2000, fmt.Sprintf("it can queue %d", l.Max)
	}},
	{"processes", "have 100 children", false, manyChildren},
	{"disk", "make 1,000 files", false, manyFiles},
	{"disk", "write a file of 2 MiB", false, longFile},
	{"disk", "write 20 MiB, allowed 8", false, manyBytes},
	{"disk", "keep 20 MiB in attributes of files, allowed 8", false, manyAttributes},
	{"memory", "use 256 MiB in 4 processes, allowed 128", false, muchMemory},
}

// Probe runs a program in the box that tries to reach what the box keeps
// from it, and says what happened. The machine has to be able to isolate.
func Probe(ctx context.Context) ([]ProbeRow, error) {
	b, done, err := makeBait()
	if err != nil {
		return nil, err
	}
	defer done()
	c := Command{Args: []string{self}, Env: b.env(), Isolate: true, Limits: probeLimits, Timeout: 30 * time.Second}
	r, err := c.start(ctx, order{Args: []raw{strangersComm}})
	if err != nil {
		return nil, err
	}
	rows := ProbeRows(string(r.Stdout))
	if len(rows) != len(attempts) {
		return rows, fmt.Errorf("sandbox: the probe ended early, after %d attempts, with wait status %#x: %s", len(rows), r.Status, r.Stderr)
	}
	if memorySum() != nil {
		last := &rows[len(rows)-1]
		last.Got, last.OK = last.Got+" (no memory cgroup can be made here)", true
	}
	// By area, in the order in which the areas first appear.
	first := func(r ProbeRow) int {
		return slices.IndexFunc(rows, func(o ProbeRow) bool { return o.Area == r.Area })
	}
	sorted := slices.Clone(rows)
	slices.SortStableFunc(sorted, func(a, b ProbeRow) int { return first(a) - first(b) })
	return sorted, nil
}

// ProbeRows reads what the probe has printed.
func ProbeRows(text string) (rows []ProbeRow) {
	for line := range strings.Lines(text) {
		f := strings.SplitN(strings.TrimSuffix(line, "\n"), "\t", 3)
		n, err := strconv.Atoi(f[0])
		if err != nil || len(f) != 3 || n < 0 || n >= len(attempts) {
			continue
		}
		a := attempts[n]
		rows = append(rows, ProbeRow{a.area, a.tried, f[2], (f[1] == "yes") == a.allowed})
	}
	return rows
}

// makeBait makes what the attempts try to reach.
func makeBait() (b *bait, done func(), err error) {
	dir, err := os.MkdirTemp("", "ch8-probe-")
	if err != nil {
		return nil, nil, err
	}
	b = &bait{file: filepath.Join(dir, "secret"), key: "ch8-probe-" + strconv.Itoa(os.Getpid())}
	os.Chmod(dir, 0o755)
	if err := os.WriteFile(b.file, []byte("secret\n"), 0o644); err != nil {
		os.RemoveAll(dir)
		return nil, nil, err
	}
	var open []fd
	if l, port, err := listensOnLoopback(); err == nil {
		open, b.port = append(open, l), port
	}
	if l, err := listens(abstract(b.key)); err == nil {
		open = append(open, l)
	}
	key, keyErr := unix.AddKey("user", b.key, []byte("secret"), unix.KEY_SPEC_SESSION_KEYRING)
	return b, func() {
		closeAll(open...)
		if keyErr == nil {
			unix.KeyctlInt(unix.KEYCTL_UNLINK, key, unix.KEY_SPEC_SESSION_KEYRING, 0, 0)
		}
		os.RemoveAll(dir)
	}, nil
}

// env is the environment of a probe with this bait.
func (b *bait) env() []string {
	return []string{roleVariable + "=" + roleProbe, "FILE=" + b.file, "PORT=" + strconv.Itoa(b.port), "KEY=" + b.key}
}

// probe is the role that makes the attempts.
func probe() {
	port, _ := strconv.Atoi(os.Getenv("PORT"))
	b := &bait{os.Getenv("FILE"), port, os.Getenv("KEY")}
	for n, a := range attempts {
		reached, got := a.try(b)
		yes := "no"
		if reached {
			yes = "yes"
		}
		fmt.Printf("%d\t%s\t%s\n", n, yes, got)
	}
}

// outcome turns the error of a call into that of an attempt.
func outcome(err error) (bool, string) {
	if err == nil {
		return true, "it could"
	}
	var errno unix.Errno
	if errors.As(err, &errno) {
		return false, errno.Error()
	}
	return false, err.Error()
}

// outcomeOf is outcome for a raw call.
func outcomeOf(errno unix.Errno) (bool, string) {
	if errno == 0 {
		return outcome(nil)
	}
	return outcome(errno)
}

func opens(path string, flags int) (bool, string) {
	n, err := unix.Open(path, flags|unix.O_CLOEXEC|unix.O_NONBLOCK, 0o600)
	if err == nil {
		unix.Close(n)
	}
	return outcome(err)
}

func lists(dirs ...string) (bool, string) {
	said := ""
	for _, dir := range dirs {
		entries, err := os.ReadDir(dir)
		if err == nil && len(entries) > 0 {
			return true, "it could list " + dir
		}
		if _, said = outcome(err); err == nil {
			said = "it is empty"
		}
	}
	return false, said
}

// The sockets are made by plain calls: package net would be initialised in
// each keeper, which begins with this package.

func loopback(port int) unix.Sockaddr {
	return &unix.SockaddrInet4{Port: port, Addr: [4]byte{127, 0, 0, 1}}
}

func abstract(name string) unix.Sockaddr { return &unix.SockaddrUnix{Name: "@" + name} }

// stream makes a socket for an address, and has use do something with both.
func stream(address unix.Sockaddr, use func(int, unix.Sockaddr) error) (fd, error) {
	family := unix.AF_INET
	if _, ok := address.(*unix.SockaddrUnix); ok {
		family = unix.AF_UNIX
	}
	n, err := unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	if err := use(n, address); err != nil {
		unix.Close(n)
		return -1, err
	}
	return fd(n), nil
}

func listens(address unix.Sockaddr) (fd, error) {
	return stream(address, func(n int, a unix.Sockaddr) error {
		if err := unix.Bind(n, a); err != nil {
			return err
		}
		return unix.Listen(n, 8)
	})
}

func listensOnLoopback() (l fd, port int, err error) {
	if l, err = listens(loopback(0)); err != nil {
		return l, 0, err
	}
	address, err := unix.Getsockname(int(l))
	if in, ok := address.(*unix.SockaddrInet4); ok {
		port = in.Port
	}
	return l, port, err
}

func dials(address unix.Sockaddr) (bool, string) {
	c, err := stream(address, func(n int, a unix.Sockaddr) error {
		// A connect gives up after this time.
		unix.SetsockoptTimeval(n, unix.SOL_SOCKET, unix.SO_SNDTIMEO, &unix.Timeval{Sec: 2})
		return unix.Connect(n, a)
	})
	if err == nil {
		c.close()
	}
	return outcome(err)
}

func serves(*bait) (bool, string) {
	l, port, err := listensOnLoopback()
	if err != nil {
		return outcome(err)
	}
	defer l.close()
	return dials(loopback(port))
}

func socket(family, kind int) (bool, string) {
	n, err := unix.Socket(family, kind|unix.SOCK_CLOEXEC, 0)
	if err == nil {
		unix.Close(n)
	}
	return outcome(err)
}

// call makes a system call with invalid arguments: one that is refused
// fails with EPERM or ENOSYS, all others say what they miss.
func call(nr uintptr, args ...uintptr) (bool, string) {
	var a [3]uintptr
	copy(a[:], args)
	_, _, errno := unix.RawSyscall(nr, a[0], a[1], a[2])
	switch errno {
	case unix.EPERM, unix.ENOSYS, unix.EACCES:
		return false, errno.Error()
	case 0:
		return true, "it could"
	}
	return true, "not refused (" + errno.Error() + ")"
}

func terminals(*bait) (bool, string) {
	entries, _ := os.ReadDir("/dev/pts")
	for _, e := range entries {
		if _, err := strconv.Atoi(e.Name()); err == nil {
			if ok, said := opens("/dev/pts/"+e.Name(), unix.O_RDWR|unix.O_NOCTTY); ok {
				return true, said
			}
		}
	}
	return false, fmt.Sprintf("%d terminals there", max(len(entries)-1, 0))
}

func findsKey(b *bait) (bool, string) {
	_, err := unix.KeyctlSearch(unix.KEY_SPEC_SESSION_KEYRING, "user", b.key, 0)
	return outcome(err)
}

func otherDevices(*bait) (bool, string) {
	known := map[string]bool{"null": true, "zero": true, "full": true, "random": true, "urandom": true, "tty": true, "ptmx": true}
	entries, _ := os.ReadDir("/dev")
	for _, e := range entries {
		if e.Type()&os.ModeDevice == 0 || known[e.Name()] {
			continue
		}
		if ok, _ := opens("/dev/"+e.Name(), unix.O_RDONLY); ok {
			return true, "it could open /dev/" + e.Name()
		}
	}
	return false, "there is none"
}

func namesOfKeys(*bait) (bool, string) {
	text, err := os.ReadFile("/proc/keys")
	if err != nil {
		return outcome(err)
	}
	n := strings.Count(string(text), "\n")
	return n > 0, fmt.Sprintf("%d keys", n)
}

// manyChildren forks until it is refused. Its children end with the run.
func manyChildren(*bait) (bool, string) {
	var pids []int
	defer func() {
		for _, pid := range pids {
			unix.Kill(pid, unix.SIGKILL)
			proc.Waitpid(pid, nil, 0)
		}
	}()
	for range 100 {
		pid, err := proc.Fork()
		if err != nil {
			return false, fmt.Sprintf("the fork after %d children failed", len(pids))
		}
		if pid == 0 {
			for {
				unix.Pause()
			}
		}
		pids = append(pids, pid)
	}
	return true, "it had 100 children"
}

func manyFiles(*bait) (bool, string) {
	for n := range 1000 {
		name := fmt.Sprintf("file%d", n)
		defer os.Remove(name)
		if err := os.WriteFile(name, nil, 0o600); err != nil {
			_, said := outcome(err)
			return false, fmt.Sprintf("%s at file %d", said, n)
		}
	}
	return true, "it made them"
}

func manyBytes(*bait) (bool, string) {
	block := make([]byte, 1<<20)
	for n := range 20 {
		name := fmt.Sprintf("big%d", n)
		defer os.Remove(name)
		if err := os.WriteFile(name, block, 0o600); err != nil {
			_, said := outcome(err)
			return false, fmt.Sprintf("%s after %d MiB", said, n)
		}
	}
	return true, "it wrote them"
}

// manyAttributes keeps what it writes in extended attributes, which a file
// system in memory has from Linux 6.6 on.
func manyAttributes(*bait) (bool, string) {
	value := make([]byte, 64<<10)
	for n := range 20 * 16 {
		name := fmt.Sprintf("/tmp/file%d", n/16)
		if n%16 == 0 {
			if err := os.WriteFile(name, nil, 0o600); err != nil {
				return outcome(err)
			}
			defer os.Remove(name)
		}
		if err := unix.Setxattr(name, fmt.Sprintf("user.%d", n%16), value, 0); err != nil {
			_, said := outcome(err)
			return false, fmt.Sprintf("%s after %d KiB", said, n*64)
		}
	}
	return true, "it could"
}

func longFile(*bait) (bool, string) {
	defer os.Remove("long")
	return outcome(os.WriteFile("long", make([]byte, 2<<20), 0o600))
}

func manyOpen(*bait) (bool, string) {
	for n := range 100 {
		fd, err := unix.Open("/dev/null", unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err != nil {
			_, said := outcome(err)
			return false, fmt.Sprintf("%s after %d", said, n)
		}
		defer unix.Close(fd)
	}
	return true, "it could"
}

func childInUserNamespace(*bait) (bool, string) {
	pid, err := proc.Clone(unix.CLONE_NEWUSER)
	if err == nil && pid == 0 {
		proc.Exit(0)
	}
	if err == nil {
		proc.Waitpid(pid, nil, 0)
	}
	return outcome(err)
}

// muchMemory has four children that use 64 MiB each at the same time.
func muchMemory(*bait) (bool, string) {
	var together, hold [2]int
	if unix.Pipe2(together[:], unix.O_CLOEXEC) != nil || unix.Pipe2(hold[:], unix.O_CLOEXEC) != nil {
		return false, "no pipe"
	}
	var pids []int
	for range 4 {
		pid, err := proc.Fork()
		if err != nil {
			break
		}
		if pid == 0 {
			unix.Close(together[0])
			unix.Close(hold[1])
			b, err := unix.Mmap(-1, 0, 64<<20, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
			if err != nil {
				proc.Exit(1)
			}
			for i := 0; i < len(b); i += 4096 {
				b[i] = 1
			}
			unix.Write(together[1], []byte{1})
			unix.Close(together[1])
			unix.Read(hold[0], b[:1]) // until the parent has seen all
			runtime.KeepAlive(b)
			proc.Exit(0)
		}
		pids = append(pids, pid)
	}
	unix.Close(together[1])
	unix.Close(hold[0])
	for b, said := make([]byte, 1), 0; said < len(pids); said++ {
		if n, _ := unix.Read(together[0], b); n != 1 {
			break
		}
	}
	unix.Close(hold[1])
	kept, killed := 0, 0 // one that has filled its memory may be killed for the next one's
	for _, pid := range pids {
		var ws proc.WaitStatus
		if _, err := proc.Waitpid(pid, &ws, 0); err != nil {
			continue
		}
		switch {
		case ws.Signaled():
			killed++
		case ws.ExitStatus() == 0:
			kept++
		}
	}
	return kept == 4, fmt.Sprintf("%d of 4 kept it, %d were killed", kept, killed)
}
