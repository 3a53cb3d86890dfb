package main

import (
	"errors"
	"strings"
	"testing"
)

// well is a machine on which nothing is missing.
func well() *machine {
	return &machine{
		goos: "linux", goarch: "amd64", release: "6.8.0-45-generic", goVersion: "go1.26.8", cc: "cc 12.2", tempDir: "/tmp",
		processes: 1000, seccomp: true, pidMax: "4194304", pid2: "kthreadd", pid2Known: true, corePattern: "core", adopter: 1,
	}
}

// TestDoctor: what is said of a machine, and what is not.
func TestDoctor(t *testing.T) {
	missing := errors.New("not here; do this")
	for _, c := range []struct {
		name   string
		change func(*machine)
		says   []string
		never  []string
		status int
	}{
		{"well", func(*machine) {}, []string{"ok   kernel     Linux 6.8.0-45-generic, amd64", "go1.26.8; needed: go1.26 or newer", "Pid 2 is kthreadd"}, []string{"LOOK", "remedy", "new parent is pid 1", "container"}, 0},
		{"a newer Go", func(m *machine) { m.goVersion = "go1.27.4" }, []string{"ok   go         go1.27.4"}, []string{"LOOK"}, 0},
		{"a Go in the making", func(m *machine) { m.goVersion = "devel go1.28-abcdef" }, nil, []string{"LOOK"}, 0},
		{"an older Go", func(m *machine) { m.goVersion = "go1.25.1" }, []string{"LOOK go", "install go1.26 or newer"}, nil, 0},
		{"no Go", func(m *machine) { m.goMissing = true }, []string{"LOOK go         not installed"}, nil, 0},
		{"no Go needed", func(m *machine) { m.goMissing, m.carried = true, true }, []string{"this ch8 carries the experiments"}, []string{"LOOK"}, 0},
		{"Go does not start", func(m *machine) { m.goErr = errors.New("fork/exec: resource temporarily unavailable") }, []string{"LOOK go         installed, and does not start", "temporarily unavailable"}, []string{"not installed"}, 0},
		{"no compiler", func(m *machine) { m.ccMissing = true }, []string{"LOOK cc"}, nil, 0},
		{"no ptrace", func(m *machine) { m.recordErr = missing }, []string{"LOOK recorder", "not here; do this", "ch8 run", "a browser tab"}, []string{"evidence"}, 2},
		{"no filter", func(m *machine) { m.seccomp = false }, []string{"without the seccomp filter"}, []string{"LOOK"}, 0},
		{"no kcmp", func(m *machine) { m.missing = []string{"kcmp refused: EPERM"} }, []string{"LOOK evidence   kcmp refused"}, []string{"root"}, 0},
		{"an ordinary user", func(m *machine) { m.setID = "ignored" }, []string{"without its privilege"}, []string{"LOOK", "root"}, 0},
		{"noexec", func(m *machine) { m.tempErr = errors.New("permission denied") }, []string{"LOOK programs", "TMPDIR", "noexec"}, nil, 0},
		{"few processes", func(m *machine) { m.processes = 8 }, []string{"LOOK processes", "8 processes", "ulimit -u"}, nil, 0},
		{"few processes, but root", func(m *machine) { m.processes, m.root = 8, true }, nil, []string{"LOOK"}, 0},
		{"no isolation", func(m *machine) { m.isolateErr = missing }, []string{"LOOK isolation", "ch8 check --plain"}, nil, 0},
		{"no remedy known", func(m *machine) { m.isolateErr, m.ptyErr = errors.New("not here"), errors.New("nor this") }, []string{"remedy     or ch8 check --plain", "remedy     without it, claims"}, []string{"remedy     ;"}, 0},
		{"docker", func(m *machine) { m.container, m.isolateErr = "docker", missing }, []string{"LOOK container", "docker run --cap-add=SYS_PTRACE --security-opt", "systempaths=unconfined"}, nil, 0},
		{"podman", func(m *machine) { m.container, m.recordErr = "podman", missing }, []string{"podman run --cap-add=SYS_PTRACE", "unmask=ALL"}, nil, 2},
		{"a container that lacks nothing", func(m *machine) { m.container = "docker" }, []string{"in a container (docker)"}, []string{"LOOK"}, 0},
		{"no /proc/sys", func(m *machine) { m.release, m.pidMax, m.corePattern = "", "", "" }, []string{"does not say which release", "does not say what the largest pid is"}, []string{"LOOK", "core file", "below"}, 0},
		{"all capabilities", func(*machine) {}, []string{"has the capabilities that"}, []string{"LOOK", "lacks"}, 0},
		{"a plain user", func(m *machine) { m.lacks = lacking("0000000000000000", "0 0 4294967295") }, []string{"lacks CAP_CHOWN, CAP_FSETID", "CAP_SYS_NICE", "system/hole", "in a second group this user could"}, []string{"LOOK"}, 0},
		{"a plain user in two groups", func(m *machine) { m.lacks, m.secondGroup = lacking("0", "0 0 4294967295"), true }, []string{"is in a second group"}, []string{"LOOK", "could check"}, 0},
		{"a nice shell", func(m *machine) { m.nice = 12 }, []string{"LOOK nice value 12, and not 0: system/priority, system/nice and", "renice -n 0"}, nil, 0},
		{"a nice shell of root's", func(m *machine) { m.nice, m.root = 12, true }, []string{"programs of yours cannot be checked with system/nice"}, []string{"system/autogroup"}, 0},
		{"a shell that is a little nice", func(m *machine) { m.nice = 5 }, []string{"LOOK nice value 5", "our own system/nice"}, []string{"system/autogroup"}, 0},
		{"root's, a little nice", func(m *machine) { m.nice, m.root = 5, true }, nil, []string{"LOOK"}, 0},
		{"a shell that is less than nice", func(m *machine) { m.nice = -10 }, nil, []string{"LOOK"}, 0},
		{"root without CAP_SYS_NICE", func(m *machine) { m.root, m.lacks = true, lacking("000001ffff7fffff", "0 0 4294967295") }, []string{"this user lacks CAP_SYS_NICE: all"}, []string{"CAP_CHOWN", "second group"}, 0},
		{"a user namespace", func(m *machine) { m.lacks = lacking("000001ffffffffff", "0 1000 1") }, []string{"lacks the first user namespace"}, []string{"CAP_"}, 0},
		{"an old kernel", func(m *machine) { m.release = "5.2.1" }, []string{"LOOK kernel", "5.3 or newer"}, nil, 0},
		{"qemu-user", func(m *machine) { m.emulator = "qemu-aarch64" }, []string{"LOOK kernel", "qemu-aarch64", "shares no memory"}, nil, 0},
		{"hidepid", func(m *machine) { m.hidden, m.pid2Known, m.pid2 = true, false, "" }, []string{"hides the processes of other users"}, []string{"There is no pid 2", "Pid 2 is", "this is a pid namespace"}, 0},
		{"a pid namespace", func(m *machine) { m.pid2 = "bash" }, []string{"Pid 2 is bash, an ordinary process"}, nil, 0},
		{"no pid 2", func(m *machine) { m.pid2 = "" }, []string{"There is no pid 2 here"}, nil, 0},
		{"systemd", func(m *machine) { m.adopter, m.adopterComm = 1234, "systemd" }, []string{"new parent is pid 1234 (systemd), not 1"}, nil, 0},
		{"WSL2", func(m *machine) { m.wsl, m.adopter, m.adopterComm = true, 318, "init" }, []string{"WSL2: work in", "pid 318 (init), not 1"}, nil, 0},
		{"a core program", func(m *machine) { m.corePattern = "|/usr/lib/systemd/systemd-coredump %P" }, []string{"/usr/lib/systemd/systemd-coredump"}, []string{"is written only if"}, 0},
		{"a core limit", func(*machine) {}, []string{"limit (ulimit -c) is above 0"}, []string{"unlimited"}, 0},
		{"arm64", func(m *machine) { m.goarch = "arm64" }, []string{"division by zero gives 0"}, nil, 0},
		{"macOS", func(m *machine) { m.goos, m.recordErr = "darwin", missing }, []string{"LOOK kernel     darwin/amd64", "need a Linux kernel"}, []string{"isolation", "not as in the book"}, 2},
	} {
		m := well()
		c.change(m)
		var out strings.Builder
		err := m.report(&out)
		var status exit
		if err != nil && !errors.As(err, &status) || int(status) != c.status {
			t.Errorf("%s: exit status %d, want %d", c.name, status, c.status)
		}
		text := strings.Join(strings.Fields(out.String()), " ")
		for _, want := range c.says {
			if !strings.Contains(text, strings.Join(strings.Fields(want), " ")) {
				t.Errorf("%s: no %q in\n%s", c.name, want, out.String())
			}
		}
		for _, never := range c.never {
			if strings.Contains(text, never) {
				t.Errorf("%s: it says %q:\n%s", c.name, never, out.String())
			}
		}
		for _, f := range m.findings() {
			if f.bad && f.remedy == "" {
				t.Errorf("%s: %s has no remedy", c.name, f.name)
			}
		}
	}
}
