package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"apue/internal/build"
	"apue/internal/procfs"
	"apue/internal/record"
	"apue/internal/sandbox"

	"golang.org/x/sys/unix"
)

// examine tries everything.
func examine(ctx context.Context) *machine {
	m := here()
	if m.goos == "linux" {
		// First: to try the recorder and the sandbox may make this
		// process an adopter itself.
		if pid, comm, err := adopterHere(); err == nil && pid != os.Getpid() {
			m.adopter, m.adopterComm = pid, comm
		}
	}
	m.root = os.Geteuid() == 0
	m.goVersion, m.goMissing, m.goErr = says("go", "env", "GOVERSION")
	m.cc, m.ccMissing, m.ccErr = says("cc", "--version")
	m.record(ctx)
	if m.goos != "linux" {
		return m
	}
	m.release = strings.TrimSpace(read("/proc/sys/kernel/osrelease"))
	if m.release == "" {
		var u unix.Utsname
		if unix.Uname(&u) == nil {
			m.release = unix.ByteSliceToString(u.Release[:])
		}
	}
	m.wsl = strings.Contains(strings.ToLower(m.release), "microsoft")
	m.container = container()
	// qemu-user shows its program for /proc/self/exe, and itself here.
	if exe, err := os.Readlink("/proc/thread-self/exe"); err == nil && strings.HasPrefix(filepath.Base(exe), "qemu-") {
		m.emulator = filepath.Base(exe)
	}
	m.tempDir, m.tempErr = os.TempDir(), startsIn(os.TempDir())
	var limit unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NPROC, &limit) == nil && limit.Cur < 1<<31 {
		m.processes = int(limit.Cur)
	}
	m.isolateErr, m.ptyErr = sandbox.CanIsolate(), sandbox.CanOpenPty()
	m.lacks = lacking(procfs.Status(read("/proc/self/status")).Line("CapEff"), read("/proc/self/uid_map"))
	if groups, err := os.Getgroups(); err == nil {
		m.secondGroup = slices.ContainsFunc(groups, func(g int) bool { return g != 0 && g != os.Getegid() })
	}
	if stat, ok := procfs.ParseStat(read("/proc/self/stat")); ok {
		m.nice = stat.Number(19)
	}
	m.pidMax = strings.TrimSpace(read("/proc/sys/kernel/pid_max"))
	m.corePattern = strings.TrimSpace(read("/proc/sys/kernel/core_pattern"))
	// Pid 1 is always there: where it is not shown, others are hidden.
	m.hidden = !exists("/proc/1") && exists("/proc/self")
	m.pid2Known = exists("/proc/1") && (exists("/proc/2") || errors.Is(unix.Kill(2, 0), unix.ESRCH))
	m.pid2 = strings.TrimSpace(read("/proc/2/comm"))
	if m.pid2Known && m.pid2 == "" && exists("/proc/2") {
		m.pid2Known = false
	}
	return m
}

// record records a program that does nothing.
func (m *machine) record(ctx context.Context) {
	if m.recordErr = record.Probe(); m.recordErr != nil {
		return
	}
	res, err := sandbox.Run(ctx, sandbox.Command{Args: []string{"/bin/sh", "-c", "exit 0"}, Trace: &record.Options{}})
	if err != nil {
		m.recordErr = err
		return
	}
	h := res.Recording.Header
	m.seccomp, m.setID, m.missing = h.Seccomp, h.SetID, h.Missing
}

// says returns the first line that a command prints, whether it is not
// installed, and the error if it is and does not start.
func says(args ...string) (line string, missing bool, err error) {
	path, err := exec.LookPath(args[0])
	if err != nil {
		return "", true, nil
	}
	out, err := exec.Command(path, args[1:]...).Output()
	line, _, _ = strings.Cut(strings.TrimSpace(string(out)), "\n")
	return line, false, err
}

// startsIn tries whether a program starts in a folder.
func startsIn(dir string) error {
	tmp, err := os.MkdirTemp(dir, "ch8-doctor-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	program := filepath.Join(tmp, "program")
	if err := build.WriteProgram(program, []byte("#!/bin/sh\nexit 0\n"), 0o755); err != nil {
		return err
	}
	err = exec.Command(program).Run()
	var not *os.PathError
	if errors.As(err, &not) {
		return not.Err
	}
	return err
}

// container names what kind of container this is, if it is one.
func container() string {
	switch {
	case exists("/.dockerenv"):
		return "docker"
	case exists("/run/.containerenv"):
		return "podman"
	}
	return os.Getenv("container")
}

// adopterHere makes an orphan, outside of the sandbox. The orphan names
// its parent after its first parent was reaped.
func adopterHere() (pid int, comm string, err error) {
	gate, open, err := os.Pipe()
	if err != nil {
		return 0, "", err
	}
	defer open.Close()
	defer gate.Close()
	answer, tell, err := os.Pipe()
	if err != nil {
		return 0, "", err
	}
	defer answer.Close()
	const orphan = `sh -c 'read line; sed -n "s/^PPid:[^0-9]*//p" /proc/$$/status' <&3 >&4 & exit`
	first := exec.Command("/bin/sh", "-c", orphan)
	first.ExtraFiles = []*os.File{gate, tell}
	err = first.Run()
	tell.Close()
	if err != nil {
		return 0, "", err
	}
	if _, err := open.WriteString("\n"); err != nil {
		return 0, "", err
	}
	line, err := io.ReadAll(answer)
	if err != nil {
		return 0, "", err
	}
	pid, err = strconv.Atoi(strings.TrimSpace(string(line)))
	if err != nil {
		return 0, "", err
	}
	return pid, strings.TrimSpace(read(fmt.Sprintf("/proc/%d/comm", pid))), nil
}

// read returns a file's content, "" if there is none.
func read(path string) string {
	b, _ := os.ReadFile(path)
	return string(b)
}
