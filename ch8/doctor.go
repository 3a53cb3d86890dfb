package main

import (
	"context"
	"fmt"
	"go/version"
	"io"
	"runtime"
	"strconv"
	"strings"

	"apue/internal/build"
	"apue/internal/lab"
	"apue/internal/sandbox"
	"apue/internal/show"

	"github.com/spf13/cobra"
)

func doctorCommand() *cobra.Command {
	var box bool
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Say what this machine can do, and how it differs from the book",
		Long: `Try everything that the suite needs. If a thing is missing, doctor names
it and the remedy. Then it says what is different from the book on this
machine, and why. Exit status 2 if nothing can be recorded here.

With --box, doctor runs a program in the way in which ch8 grade runs a
student's. The program tries to reach what it must not reach, and doctor
prints what happened.`,
		Example: "  ch8 doctor\n  ch8 doctor --box",
		Args:    noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			ctx, stop := interruptible()
			defer stop()
			if box {
				return probeBox(ctx, c.OutOrStdout())
			}
			return examine(ctx).report(c.OutOrStdout())
		},
	}
	c.Flags().BoolVar(&box, "box", false, "say what a student's program can reach when it is graded")
	return c
}

// probeBox prints what a program in the box tried and what happened.
func probeBox(ctx context.Context, w io.Writer) error {
	rows, err := sandbox.Probe(ctx)
	area, open := "", 0
	for _, r := range rows {
		if r.Area != area {
			area = r.Area
			fmt.Fprintln(w, area)
		}
		mark := "ok  "
		if !r.OK {
			mark = "LOOK"
			open++
		}
		printWrapped(w, "  "+mark+" ", r.Tried+": "+show.Line(r.Got))
	}
	switch {
	case err != nil:
		return err
	case open > 0:
		return fmt.Errorf("%s did not end as it has to: do not grade strangers' programs here", count(open, "attempt"))
	}
	if err := sandbox.MemorySum(); err != nil {
		fmt.Fprintln(w, err)
	}
	return nil
}

// A machine is what doctor found out by trying.
type machine struct {
	goos, goarch string
	root         bool   // this user is root
	release      string // of the kernel, "" if it does not say
	wsl          bool
	container    string // "docker", "podman", "lxc"; "" if it is none
	emulator     string // the program of qemu-user that runs this one; "" without any
	carried      bool   // this ch8 carries the experiments

	goVersion   string // "go1.26.8"
	goErr       error  // that go did not start
	goMissing   bool
	cc          string
	ccErr       error
	ccMissing   bool
	tempDir     string
	tempErr     error // that a program there does not start
	nice        int   // the nice value of this process
	processes   int   // limit of this user's processes, −1 for none
	recordErr   error
	seccomp     bool     // the recorder uses the filter
	setID       string   // how set-user-ID programs fare
	missing     []string // what a recording here lacks
	isolateErr  error
	ptyErr      error
	pidMax      string   // "" if it is not known
	lacks       []string // privileges that setuid and system need, and this process lacks
	secondGroup bool     // this user is in a group that is not the effective one
	hidden      bool     // other users' processes are not shown (hidepid)
	pid2        string   // the name of pid 2; "" if there is none
	pid2Known   bool
	corePattern string
	adopter     int // the process that an orphan gets as its parent; 0 if not known
	adopterComm string
}

// A finding is a line of the doctor: what was tried, what was found, and
// the remedy if something is missing.
type finding struct {
	name, found, remedy string
	bad                 bool
}

// report prints the findings and the differences.
func (m *machine) report(w io.Writer) error {
	for _, f := range m.findings() {
		mark := "ok  "
		if f.bad {
			mark = "LOOK"
		}
		printWrapped(w, fmt.Sprintf("%s %-10s ", mark, f.name), f.found)
		if f.remedy != "" {
			printWrapped(w, "     remedy     ", f.remedy)
		}
	}
	if d := m.differences(); len(d) > 0 {
		fmt.Fprintln(w, "\nHere, and not as in the book:")
		for _, d := range d {
			printWrapped(w, "  * ", d)
		}
	}
	if m.recordErr != nil {
		fmt.Fprintln(w)
		printWrapped(w, "", "The lab also runs in a browser tab, on a Linux kernel of its own: see docs/browser.md.")
		return exit(2)
	}
	return nil
}

func printWrapped(w io.Writer, lead, text string) {
	for _, l := range show.Wrap(text, lab.Width-len(lead)) {
		fmt.Fprintln(w, lead+l)
		lead = strings.Repeat(" ", len(lead))
	}
}

func (m *machine) findings() []finding {
	all := []finding{m.kernelFinding(), m.goFinding(), m.ccFinding(), m.recorderFinding()}
	if m.goos != "linux" {
		return all
	}
	if m.recordErr == nil {
		all = append(all, m.evidenceFinding())
	}
	all = append(all, m.tempFinding(), m.isolationFinding(), m.terminalFinding(), m.processesFinding(), m.pidsFinding(), m.privilegeFinding())
	if m.nice > 9 || m.nice > 0 && !m.root {
		all = append(all, m.niceFinding())
	}
	few := m.processes >= 0 && m.processes < fewProcesses
	if m.container != "" && !few && (m.recordErr != nil || len(m.missing) > 0 || m.isolateErr != nil) {
		all = append(all, m.containerFinding())
	}
	return all
}

func (m *machine) kernelFinding() finding {
	f := finding{name: "kernel", found: m.goos + "/" + m.goarch}
	if m.goos != "linux" {
		f.bad = true
		f.remedy = "the experiments need a Linux kernel: a virtual machine, a container or a cloud shell. ch8 walk fork/glob steps through a recording, here too"
		return f
	}
	f.found = "Linux, " + m.goarch + "; the kernel does not say which release"
	if m.release != "" {
		f.found = "Linux " + m.release + ", " + m.goarch
	}
	switch {
	case m.wsl:
		f.found += ", WSL2: work in your home folder, not below /mnt"
	case m.container != "":
		f.found += ", in a container (" + m.container + ")"
	}
	switch {
	case m.emulator != "":
		f.bad = true
		f.found += ", emulated by " + m.emulator
		f.remedy = "qemu-user has no ptrace, and its vfork shares no memory with the parent: use a Linux for this machine's own processor, or a whole virtual machine"
	case m.release != "" && olderThan(m.release, 5, 3):
		f.bad = true
		f.remedy = "the recorder needs Linux 5.3 or newer (PTRACE_GET_SYSCALL_INFO): update the kernel"
	}
	return f
}

// olderThan compares a release of the kernel, "6.8.0-45-generic".
func olderThan(release string, major, minor int) bool {
	var ma, mi int
	if n, _ := fmt.Sscanf(release, "%d.%d", &ma, &mi); n < 2 {
		return false
	}
	return ma < major || ma == major && mi < minor
}

// neededGo is the oldest Go that builds the experiments: that of go.mod.
const neededGo = "go1.26"

func (m *machine) goFinding() finding {
	f := finding{name: "go"}
	need := "needed: " + neededGo + " or newer"
	switch {
	case m.goMissing && m.carried:
		f.found = "not installed; this ch8 carries the experiments, and needs it only for Go programs of yours"
	case m.goMissing:
		f.found, f.bad = "not installed; "+need, true
		f.remedy = "install Go from your distribution or go.dev/dl. Without it ch8 checks your own C programs, and cannot build ours"
	case m.goErr != nil:
		f.found, f.bad = fmt.Sprintf("installed, and does not start: %v", m.goErr), true
		f.remedy = "type go version in this shell, and mend what it says"
	default:
		f.found = m.goVersion + "; " + need
		if version.IsValid(m.goVersion) && version.Compare(m.goVersion, neededGo) < 0 {
			f.bad = true
			f.remedy = "install " + neededGo + " or newer from go.dev/dl"
		}
	}
	return f
}

func (m *machine) ccFinding() finding {
	f := finding{name: "cc", found: m.cc}
	switch {
	case m.ccMissing:
		f.found, f.bad = "no C compiler", true
		f.remedy = "install gcc or clang: some experiments can only be done in C, and without it no C program can be checked"
	case m.ccErr != nil:
		f.found, f.bad = fmt.Sprintf("installed, and does not start: %v", m.ccErr), true
		f.remedy = "type cc --version in this shell, and mend what it says"
	}
	return f
}

func (m *machine) recorderFinding() finding {
	f := finding{name: "recorder", found: "ptrace works"}
	switch {
	case m.recordErr != nil:
		f.bad = true
		f.found = "nothing can be recorded here; ch8 run and the shipped recordings (ch8 walk --replay) work all the same"
		f.remedy = m.recordErr.Error()
	case m.seccomp:
		f.found += ", with the seccomp filter: only the calls of interest stop the program"
	default:
		f.found += ", without the seccomp filter: every system call stops the program, which is slower"
	}
	if m.setID == "ignored" {
		f.found += ". A set-user-ID program that you record runs without its privilege, because the recorder has none"
	}
	return f
}

// evidenceFinding is what the recording itself says it could not see.
func (m *machine) evidenceFinding() finding {
	f := finding{name: "evidence", found: "address spaces and open file descriptions can be compared (kcmp)"}
	if len(m.missing) == 0 {
		return f
	}
	f.bad = true
	f.found = strings.Join(m.missing, "; ")
	f.remedy = "nothing else is lost: the claims that need it are reported as not checkable"
	return f
}

func (m *machine) tempFinding() finding {
	f := finding{name: "programs", found: "programs start in " + m.tempDir}
	if m.tempErr != nil {
		f.bad = true
		f.found = fmt.Sprintf("no program starts in %s, where ch8 builds them: %v", m.tempDir, m.tempErr)
		f.remedy = "name another folder: mkdir -p ~/tmp; export TMPDIR=~/tmp (its file system must not be mounted noexec)"
	}
	return f
}

func (m *machine) isolationFinding() finding {
	f := finding{name: "isolation", found: "a stranger's program runs in a pid namespace of its own, and its processes are counted"}
	if m.isolateErr == nil {
		return f
	}
	f.bad = true
	f.found, f.remedy, _ = strings.Cut(m.isolateErr.Error(), "; ")
	f.found = "your own programs cannot be isolated: " + f.found
	f.remedy = strings.TrimPrefix(f.remedy+"; or ch8 check --plain, for a program you trust", "; ")
	return f
}

func (m *machine) terminalFinding() finding {
	f := finding{name: "terminals", found: "pseudo-terminals can be opened"}
	if m.ptyErr == nil {
		return f
	}
	f.bad = true
	f.found, f.remedy, _ = strings.Cut(m.ptyErr.Error(), "; ")
	f.remedy = strings.TrimPrefix(f.remedy+"; without it, claims about a terminal cannot be checked", "; ")
	return f
}

// fewProcesses is less than a check with its compiler needs.
const fewProcesses = 64

func (m *machine) processesFinding() finding {
	f := finding{name: "processes", found: "as many as the machine has room for"}
	if m.processes >= 0 {
		f.found = fmt.Sprintf("%d processes and threads of this user at most (ulimit -u)", m.processes)
	}
	if m.processes >= 0 && m.processes < fewProcesses && !m.root {
		f.bad = true
		f.remedy = "a check and its compiler need more: ulimit -u 1000 in this shell, if it allows that"
	}
	return f
}

func (m *machine) pidsFinding() finding {
	f := finding{name: "pids", found: "this machine does not say what the largest pid is"}
	if m.pidMax != "" {
		f.found = "every pid is below " + m.pidMax + " (pid_max)"
	}
	return f
}

// niceFinding says what cannot be checked because this process is nice
// itself: there is no higher value than 19, and only root can lower one.
func (m *machine) niceFinding() finding {
	f := finding{name: "nice value", bad: true, found: fmt.Sprintf("%d, and not 0: ", m.nice)}
	switch {
	case m.nice > 9 && !m.root:
		f.found += "system/priority, system/nice and system/autogroup cannot be checked"
	case m.nice > 9:
		f.found += "programs of yours cannot be checked with system/nice"
	default:
		f.found += "what our own system/nice measures cannot be checked"
	}
	f.remedy = "type renice -n 0 -p $$ as root, or begin in a new terminal"
	return f
}

// privilegeFinding says which experiments need a privilege that this
// process lacks. A plain user has none of them, so it is no fault.
func (m *machine) privilegeFinding() finding {
	f := finding{name: "privilege", found: "this user has the capabilities that the experiments of setuid and system need"}
	if len(m.lacks) > 0 {
		f.found = "this user lacks " + strings.Join(m.lacks, ", ") + ": all or a part of setuid, system/hole, system/account and system/priority cannot be checked"
		switch {
		case m.root:
		case m.secondGroup:
			f.found += "; this user is in a second group, and so setuid/setid can check its claims about groups"
		default:
			f.found += "; in a second group this user could check the claims of setuid/setid about groups"
		}
	}
	return f
}

// needed are the capabilities that the experiments of setuid and system
// use, by their bit in capabilities(7).
var needed = []struct {
	bit  int
	name string
}{{0, "CAP_CHOWN"}, {4, "CAP_FSETID"}, {6, "CAP_SETGID"}, {7, "CAP_SETUID"}, {20, "CAP_SYS_PACCT"}, {21, "CAP_SYS_ADMIN"}, {23, "CAP_SYS_NICE"}}

// lacking are those of them that are not in the set CapEff of
// /proc/PID/status. In a user namespace that maps few ids, or that is not
// the first one, a capability is worth less.
func lacking(effective, uidMap string) (names []string) {
	set, err := strconv.ParseUint(effective, 16, 64)
	for _, c := range needed {
		if err != nil || set>>c.bit&1 == 0 {
			names = append(names, c.name)
		}
	}
	if fields := strings.Fields(uidMap); len(names) == 0 && (len(fields) != 3 || fields[2] != "4294967295") {
		names = append(names, "the first user namespace")
	}
	return names
}

// containerFinding is all that a container needs, in one go.
func (m *machine) containerFinding() finding {
	f := finding{name: "container", bad: true, found: "what is missing above is missing in this container, not on the machine"}
	switch m.container {
	case "docker":
		f.remedy = "start it with: docker run --cap-add=SYS_PTRACE --security-opt seccomp=unconfined --security-opt apparmor=unconfined --security-opt systempaths=unconfined"
	case "podman":
		f.remedy = "start it with: podman run --cap-add=SYS_PTRACE --security-opt seccomp=unconfined --security-opt unmask=ALL"
	default:
		f.remedy = "it has to allow ptrace, kcmp and new user, pid and mount namespaces"
	}
	return f
}

// differences are the sentences on what is otherwise than in the book,
// on this machine.
func (m *machine) differences() (d []string) {
	if m.goos != "linux" {
		return nil
	}
	if m.adopter > 1 {
		d = append(d, m.adoption())
	}
	switch {
	case strings.HasPrefix(m.corePattern, "|"):
		d = append(d, "Core files go to a program ("+strings.Fields(m.corePattern + " ?")[0][1:]+"), whatever ulimit -c says: \"core file generated\" may appear where you expect none, without a file.")
	case m.corePattern != "":
		d = append(d, "A core file is called \""+show.Line(m.corePattern)+"\", and is written only if the limit (ulimit -c) is above 0.")
	}
	switch {
	case m.hidden:
		d = append(d, "This machine hides the processes of other users (hidepid): ps shows yours only.")
	case m.pid2Known && m.pid2 == "kthreadd":
		d = append(d, "Pid 2 is kthreadd, the parent of the kernel's threads; the book has a page daemon there.")
	case m.pid2Known && m.pid2 != "":
		d = append(d, "Pid 2 is "+show.Line(m.pid2)+", an ordinary process: this is a pid namespace of its own.")
	case m.pid2Known:
		d = append(d, "There is no pid 2 here: this is a pid namespace of its own.")
	}
	if m.goarch == "arm64" {
		d = append(d, "An integer division by zero gives 0 on arm64, and no SIGFPE. There are no system calls fork and vfork: libc makes them with clone.")
	}
	return append(d,
		"vfork left POSIX in 2008. On Linux it suspends only the thread that called it.",
		"Cancelling the last thread of a process ends it normally, with status 0.")
}

// adoption says which process adopts orphans, and why it is not pid 1.
func (m *machine) adoption() string {
	why := "it made itself a child subreaper (prctl), and is the nearest one above this shell"
	switch {
	case m.adopterComm == "systemd":
		why = "systemd --user is the subreaper of your session"
	case m.wsl:
		why = "WSL2 starts each session from an init of its own"
	}
	return fmt.Sprintf("An orphan's new parent is pid %d (%s), not 1: %s.", m.adopter, show.Line(m.adopterComm), why)
}

// here is what does not have to be tried.
func here() *machine {
	return &machine{goos: runtime.GOOS, goarch: runtime.GOARCH, carried: build.Carried != nil, processes: -1}
}
