package procfs

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// TestSelf reads what this process knows of itself.
func TestSelf(t *testing.T) {
	pid := os.Getpid()
	s, ok := ReadStat(pid)
	if !ok || s.Pid() != pid || s.PPid() != os.Getppid() || s.Comm() != ReadComm(pid) || s.Start() == 0 {
		t.Errorf("stat: %v, pid %d, parent %d, name %q, start %d", ok, s.Pid(), s.PPid(), s.Comm(), s.Start())
	}
	tids := Threads(pid)
	if th, ok := ReadThreadStat(pid, tids[0]); !ok || th.Pid() != tids[0] || !slices.Contains(tids, pid) {
		t.Errorf("thread %d of %v: %v", th.Pid(), tids, ok)
	}
	if st := ReadStatus(pid); st.Int("Pid") != pid || st.Int("Uid") != -1 || len(st.Ints("Uid")) != 4 {
		t.Errorf("status: pid %d, uids %v", st.Int("Pid"), st.Ints("Uid"))
	}
	if exe, _ := os.Executable(); Readlink(Path(pid, "exe")) != exe {
		t.Errorf("exe is %q, not %q", Readlink(Path(pid, "exe")), exe)
	}
	code := func(m Map) bool { return m.Executable() && m.Name == Readlink(Path(pid, "exe")) }
	if !slices.ContainsFunc(ReadMaps(pid), code) {
		t.Error("no code of this program is mapped")
	}
	if !slices.Contains(Pids(), pid) {
		t.Error("this process is not in /proc")
	}
}

func TestReadFdinfo(t *testing.T) {
	f, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	f.WriteString("12345")
	fd := int(f.Fd())
	info := ReadFdinfo(os.Getpid(), fd)
	pos, ok := info.Pos()
	if !ok || pos != 5 || info.Flags()&unix.O_ACCMODE != unix.O_RDWR || info.Flags()&unix.O_CLOEXEC == 0 {
		t.Errorf("offset %d, %v, flags %#o", pos, ok, info.Flags())
	}
	if !slices.Contains(Fds(os.Getpid()), fd) {
		t.Errorf("%d is not among %v", fd, Fds(os.Getpid()))
	}
	self, err := unix.PidfdOpen(os.Getpid(), 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(self)
	if got := ReadFdinfo(os.Getpid(), self).Pid(); got != os.Getpid() {
		t.Errorf("the pidfd refers to %d, not to %d", got, os.Getpid())
	}
}

// TestGone: of a process that does not exist everything is absent.
func TestGone(t *testing.T) {
	const none = 1 << 30 // above every pid_max
	_, stat := ReadStat(none)
	_, thread := ReadThreadStat(none, none)
	if stat || thread || ReadStatus(none) != "" || ReadMaps(none) != nil || ReadComm(none) != "" ||
		ReadFdinfo(none, 0) != "" || Readlink(Path(none, "exe")) != "" || Threads(none) != nil || Fds(none) != nil {
		t.Error("something is known of a process that does not exist")
	}
	if err := Write(Path(none, "comm"), "x"); !os.IsNotExist(err) {
		t.Errorf("write: %v", err)
	}
}

func TestWrite(t *testing.T) {
	const file = "/proc/self/comm" // of the first thread
	old := strings.TrimSpace(ReadAll(file))
	defer Write(file, old)
	if err := Write(file, "renamed"); err != nil {
		t.Fatal(err)
	}
	if got := ReadAll(file); got != "renamed\n" {
		t.Errorf("the name is %q", got)
	}
}

// TestManyGroups: the groups of a process come before its pids in its
// status, and may be more than one buffer takes.
func TestManyGroups(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root may choose its groups")
	}
	cat := exec.Command("cat")
	groups := make([]uint32, 4000)
	for i := range groups {
		groups[i] = uint32(i)
	}
	cat.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Groups: groups}}
	stdin, err := cat.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cat.Start(); err != nil {
		t.Skip(err)
	}
	status := ReadStatus(cat.Process.Pid)
	stdin.Close()
	cat.Wait()
	if pids := status.Ints("NSpid"); len(pids) == 0 || pids[0] != cat.Process.Pid || len(status.Ints("Groups")) != len(groups) {
		t.Errorf("pids %v of process %d, %d groups", pids, cat.Process.Pid, len(status.Ints("Groups")))
	}
}

// TestSignalStructs compares the structs with what the kernel fills in.
func TestSignalStructs(t *testing.T) {
	if SiginfoSize != 128 {
		t.Errorf("a siginfo_t has %d bytes", SiginfoSize)
	}
	child := exec.Command("sh", "-c", "exit 7")
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	var raw [SiginfoSize]byte
	_, _, errno := unix.Syscall6(unix.SYS_WAITID, unix.P_PID, uintptr(child.Process.Pid),
		uintptr(unsafe.Pointer(&raw)), unix.WEXITED|unix.WNOWAIT, 0, 0)
	if errno != 0 {
		t.Fatal(errno)
	}
	child.Wait()
	const exited = 1 // CLD_EXITED
	info := SiginfoOf(raw[:])
	if info.Signo != int32(unix.SIGCHLD) || info.Code != exited || info.Pid != int32(child.Process.Pid) ||
		info.UID != uint32(os.Getuid()) || info.Status != 7 {
		t.Errorf("%+v", info)
	}
	if SiginfoOf(raw[:12]).Pid != 0 {
		t.Error("what is missing is not zero")
	}

	// The runtime of Go asks for SIGURG, with these flags on every system.
	var act Sigaction
	if errno := RtSigaction(unix.SIGURG, nil, &act); errno != 0 {
		t.Fatal(errno)
	}
	const want = SA_SIGINFO | SA_ONSTACK | SA_RESTART
	if act.Handler <= SIG_IGN || act.Flags&want != want || act.Mask>>(unix.SIGUSR1-1)&1 != 1 {
		t.Errorf("%+v", act)
	}
	if errno := RtSigaction(unix.SIGKILL, &act, nil); errno != unix.EINVAL {
		t.Errorf("SIGKILL: %v", errno)
	}
}
