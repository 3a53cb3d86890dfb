package proc

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"apue/internal/procfs"
)

var vforks = register("vforks", func() {
	glob, local := 0, 0
	for i := range 3000 {
		pid, err := Vfork(func() {
			glob++
			local++
			if i%2 == 0 {
				Exit(local % 100)
			}
		})
		Check(err)
		var status WaitStatus
		_, err = Waitpid(pid, &status, 0)
		Check(err)
		want := 0
		if i%2 == 0 {
			want = (i + 1) % 100
		}
		if glob != i+1 || local != i+1 || status.ExitStatus() != want {
			fmt.Println(i, glob, local, status)
		}
	}
	fmt.Println("done")
})

func TestVforkSharesMemory(t *testing.T) { prints(t, vforks, "done\n") }

var vforkOrder = register("vforkOrder", func() {
	line := []byte("child\n")
	pid, err := Vfork(func() {
		Sleep(50 * time.Millisecond)
		Write(1, line)
	})
	Check(err)
	Write(1, []byte("parent\n"))
	Waitpid(pid, nil, 0)
})

func TestVforkChildGoesFirst(t *testing.T) { prints(t, vforkOrder, "child\nparent\n") }

var vforkExec = register("vforkExec", func() {
	sh, err := NewImage("/bin/sh", []string{"sh", "-c", "echo $A; kill -TERM $$"}, []string{"A=executed"})
	Check(err)
	none, err := NewImage("/nonexistent", nil, nil)
	Check(err)
	pid, err := Vfork(func() {
		if none.Exec() == unix.ENOENT {
			sh.Exec()
		}
		Exit(127)
	})
	Check(err)
	var status WaitStatus
	Waitpid(pid, &status, 0)
	fmt.Println(status)
})

func TestVforkExec(t *testing.T) {
	prints(t, vforkExec, "executed\nabnormal termination, signal number = 15\n")
}

// The child of a vfork has the signals' defaults and the mask of
// its parent.
var vforkSignals = register("vforkSignals", func() {
	pid, err := Vfork(func() { Raise(unix.SIGQUIT) })
	Check(err)
	var status WaitStatus
	Waitpid(pid, &status, 0)
	fmt.Println(status.TermSig())
})

func TestVforkSignals(t *testing.T) { prints(t, vforkSignals, "3\n") }

// TestDeathsAreReal: the runtime would turn these signals into a
// traceback and exit status 2.
var deaths = register("deaths", func() {
	for _, sig := range []unix.Signal{unix.SIGABRT, unix.SIGFPE, unix.SIGSEGV, unix.SIGTERM, unix.SIGKILL} {
		pid, err := Fork()
		Check(err)
		if pid == 0 {
			Raise(sig)
			Exit(0)
		}
		var status WaitStatus
		Waitpid(pid, &status, 0)
		fmt.Printf("%#x ", uint32(status)&^0x80)
	}
	Signal(unix.SIGABRT, Ignore)
	inChild(Abort)
})

func TestDeathsAreReal(t *testing.T) {
	r := run(t, deaths)
	want := "0x6 0x8 0xb 0xf 0x9 abnormal termination, signal number = 6"
	if r.err != nil || !strings.HasPrefix(r.out, want) {
		t.Errorf("%v, printed %q, want %q\n%s", r.err, r.out, want, r.errout)
	}
}

var dispositions = register("dispositions", func() {
	Check(Signal(unix.SIGTERM, Ignore))
	inChild(func() { Raise(unix.SIGTERM) }) // ignored is inherited
	Check(Signal(unix.SIGTERM, Default))
	inChild(func() { Raise(unix.SIGTERM) })
	fmt.Println(Signal(unix.SIGKILL, Ignore))
	fmt.Println(errors.Is(Signal(100, Ignore), unix.EINVAL))
})

func TestSignal(t *testing.T) {
	prints(t, dispositions, "normal termination, exit status = 0\n"+
		"abnormal termination, signal number = 15\n"+
		"sigaction: invalid argument\ntrue\n")
}

var waits = register("waits", func() {
	_, err := Wait(nil)
	fmt.Println(err, errors.Is(err, unix.ECHILD))
	var gate [2]int
	Check(unix.Pipe2(gate[:], unix.O_CLOEXEC))
	pid, err := Fork()
	Check(err)
	if pid == 0 {
		unix.Close(gate[1])
		unix.Read(gate[0], make([]byte, 1))
		Exit(263)
	}
	got, err := Waitpid(pid, nil, unix.WNOHANG)
	fmt.Println(got, err)
	unix.Close(gate[1])
	var info Siginfo
	Check(Waitid(unix.P_PID, pid, &info, unix.WEXITED|unix.WNOWAIT))
	fmt.Println(info.Code == CLD_EXITED, info.Status, info.Pid == pid, info.UID == os.Getuid(), info.Signo)
	var usage unix.Rusage
	var status WaitStatus
	got, err = Wait4(pid, &status, 0, &usage)
	fmt.Println(got == pid, err, status.ExitStatus(), usage.Maxrss > 0)
	_, err = Waitpid(pid, nil, 0)
	fmt.Println(err)
	fmt.Println(Waitid(unix.P_ALL, 0, nil, 0))
})

func TestWaits(t *testing.T) {
	prints(t, waits, "wait: no child processes true\n0 <nil>\n"+
		"true 7 true true 17\ntrue <nil> 7 true\n"+
		"waitpid: no child processes\nwaitid: invalid argument\n")
}

// A handler without SA_RESTART interrupts Wait4 and not Waitpid. The
// signals are sent to the thread that waits, again and again: any
// other one could be given a signal sent to the process.
var eintr = register("eintr", func() {
	runtime.LockOSThread()
	var act procfs.Sigaction
	procfs.RtSigaction(unix.SIGALRM, nil, &act) // the runtime's
	act.Flags &^= procfs.SA_RESTART
	procfs.RtSigaction(unix.SIGALRM, &act, nil)
	var gate [2]int
	Check(unix.Pipe2(gate[:], unix.O_CLOEXEC))
	parent, thread := os.Getpid(), unix.Gettid()
	pid, err := Fork()
	Check(err)
	if pid == 0 {
		unix.Close(gate[1])
		unix.Read(gate[0], make([]byte, 1))
		Sleep(100 * time.Millisecond)
		Exit(7)
	}
	ticker, err := Fork()
	Check(err)
	if ticker == 0 {
		unix.Close(gate[1])
		for unix.Tgkill(parent, thread, unix.SIGALRM) == nil {
			Sleep(10 * time.Millisecond)
		}
		Exit(0)
	}
	_, err = Wait4(pid, nil, 0, nil)
	fmt.Println(errors.Is(err, unix.EINTR))
	unix.Close(gate[1])
	var status WaitStatus
	got, err := Waitpid(pid, &status, 0)
	fmt.Println(got == pid, err, status.ExitStatus())
	Check(unix.Kill(ticker, unix.SIGKILL))
	_, err = Waitpid(ticker, nil, 0)
	Check(err)
})

func TestEINTR(t *testing.T) { prints(t, eintr, "true\ntrue <nil> 7\n") }

var execs = register("execs", func() {
	fmt.Println(Execve("/nonexistent", []string{"x"}, nil))
	inChild(func() {
		Execve("/bin/sh", []string{"sh", "-c", "exit 5"}, nil)
		Exit(127)
	})
})

func TestExec(t *testing.T) {
	prints(t, execs, "execve: no such file or directory\nnormal termination, exit status = 5\n")
}

func TestImageRefusesNUL(t *testing.T) {
	for _, c := range [][3]string{{"a\x00"}, {"a", "b\x00"}, {"a", "b", "c\x00"}} {
		_, err := NewImage(c[0], []string{c[1]}, []string{c[2]})
		if !errors.Is(err, unix.EINVAL) {
			t.Errorf("NewImage(%q) = %v, want EINVAL", c, err)
		}
	}
}

func TestSleep(t *testing.T) {
	const d = 20 * time.Millisecond
	start := time.Now()
	Sleep(d)
	if got := time.Since(start); got < d {
		t.Errorf("slept %v, want at least %v", got, d)
	}
}

func TestIsatty(t *testing.T) {
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	if Isatty(int(null.Fd())) || Isatty(-1) {
		t.Error("neither /dev/null nor −1 is a terminal")
	}
	ptmx, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip("no pseudo-terminal: ", err)
	}
	defer ptmx.Close()
	if !Isatty(int(ptmx.Fd())) {
		t.Error("a pseudo-terminal is a terminal")
	}
}
