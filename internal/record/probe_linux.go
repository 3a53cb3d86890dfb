//go:build 386 || amd64 || arm64

package record

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"

	"apue/internal/procfs"
)

// Probe says why this machine cannot record, in one sentence with a
// remedy; nil if it can. It tries: this program is executed once more,
// traced, and killed before its first instruction. It is for callers that do
// something else where nothing can be recorded; the error of a run that
// cannot be recorded says the same, and costs no start.
func Probe() error { return probe() }

var probe = sync.OnceValue(func() error {
	if tracer := procfs.ReadStatus(os.Getpid()).Int("TracerPid"); tracer > 0 {
		return tracedError("this program", tracer)
	}
	return onOwnThread(try)
})

// try does once what a recording needs.
func try() error {
	p, err := os.StartProcess("/proc/self/exe", os.Args[:1], &os.ProcAttr{
		Sys: &syscall.SysProcAttr{Ptrace: true},
	})
	switch {
	case errors.Is(err, os.ErrNotExist):
		return errors.New("recording needs /proc, and there is none here: mount it")
	case err != nil:
		return refusal("PTRACE_TRACEME", err)
	}
	defer end(p)
	// Stopped at its exec. Leave it in a group-stop and take it again,
	// as recordings do.
	var status unix.WaitStatus
	if _, err := unix.Wait4(p.Pid, &status, 0, nil); err != nil || !status.Stopped() {
		return fmt.Errorf("a traced process did not stop at its exec (status %#x, %v): is this an emulated kernel?", uint32(status), err)
	}
	var info syscallInfo
	if err := getSyscallInfo(p.Pid, &info); err != nil {
		return noSyscallInfo(err)
	}
	if err := ptrace(unix.PTRACE_DETACH, p.Pid, 0, uintptr(unix.SIGSTOP)); err != nil {
		return refusal("PTRACE_DETACH", err)
	}
	if err := seize(p.Pid); err != nil {
		return refusal("PTRACE_SEIZE", err)
	}
	return nil
}

// noSyscallInfo says that the kernel does not tell what call a thread is in.
func noSyscallInfo(err error) error {
	return fmt.Errorf("recording needs PTRACE_GET_SYSCALL_INFO, of Linux 5.3 (2019), and %s lacks it (%w)%s", kernelName(), err, gvisor())
}

// end kills a process of this thread, traced or not, and collects it.
func end(p *os.Process) {
	unix.Kill(p.Pid, unix.SIGKILL)
	for {
		var status unix.WaitStatus
		_, err := unix.Wait4(p.Pid, &status, unix.WALL, nil)
		switch {
		case err == unix.EINTR:
		case err != nil || !status.Stopped():
			p.Release()
			return
		default: // its exit stop
			ptrace(unix.PTRACE_CONT, p.Pid, 0, 0)
		}
	}
}

// refusal explains why the kernel refused a ptrace request.
func refusal(request string, err error) error {
	if !errors.Is(err, unix.EPERM) && !errors.Is(err, unix.EACCES) {
		return fmt.Errorf("%s fails with %w on %s%s", request, err, kernelName(), gvisor())
	}
	scope, _ := os.ReadFile("/proc/sys/kernel/yama/ptrace_scope")
	switch n, _ := strconv.Atoi(strings.TrimSpace(string(scope))); {
	case n >= 3:
		return fmt.Errorf("%s is refused: kernel.yama.ptrace_scope is %d, which forbids all tracing until the next boot", request, n)
	case n == 2 && os.Geteuid() != 0:
		return fmt.Errorf("%s is refused: kernel.yama.ptrace_scope is 2; run as root, or set it to 1 (sysctl kernel.yama.ptrace_scope=1)", request)
	case procfs.ReadStatus(os.Getpid()).Int("Seccomp") == 2:
		return fmt.Errorf("%s is refused, by this container's seccomp profile it seems: start it with --cap-add=SYS_PTRACE, or with --security-opt seccomp=unconfined", request)
	}
	return fmt.Errorf("%s is refused (%w): a security module of this system seems to forbid tracing (SELinux: setsebool deny_ptrace off; AppArmor: the profile needs ptrace)", request, err)
}

// gvisor is a remark for those whose kernel is gVisor's.
func gvisor() string {
	if b, err := os.ReadFile("/proc/version"); err == nil && bytes.Contains(b, []byte("Linux version 4.4.0 #1 SMP Sun Jan 10 15:06:54 PST 2016")) {
		return "; it looks like gVisor: run where containers share the real kernel"
	}
	return ""
}

// seizeError explains why a process could not be seized.
func seizeError(pid int, err error) error {
	if tracer := procfs.ReadStatus(pid).Int("TracerPid"); tracer > 0 {
		return fmt.Errorf("record: %w", tracedError("process "+strconv.Itoa(pid), tracer))
	}
	if errors.Is(err, unix.ESRCH) {
		return fmt.Errorf("record: process %d is gone: %w", pid, err)
	}
	return fmt.Errorf("record: %w", refusal("PTRACE_SEIZE", err))
}

func tracedError(who string, tracer int) error {
	return fmt.Errorf("%s is already traced by process %d (%s), and a process has one tracer: end that one first", who, tracer, procfs.ReadComm(tracer))
}
