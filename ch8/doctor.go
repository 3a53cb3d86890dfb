package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"

	"apue/internal/lab"
	"apue/internal/record"
	"apue/internal/sandbox"
	"apue/internal/show"

	"github.com/spf13/cobra"
)

func doctorCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "Say what this machine can do, and how it differs from the book",
		Long: `Try out what the suite needs: each thing that is missing is named with
its remedy. Then say what will be different from the book on this
machine, and why. Exit status 2 if nothing could be recorded here.`,
		Example: "  ch8 doctor",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return doctor(c.Context(), c.OutOrStdout())
		},
	}
}

// finding is a line of the doctor: what was looked at, what was
// found, and the remedy if it is not well.
type finding struct {
	name, found, remedy string
	bad                 bool
}

func doctor(ctx context.Context, w io.Writer) error {
	if ctx == nil {
		ctx = context.Background()
	}
	rec, recErr := probe(ctx)
	findings := []finding{kernel(), goTool(), compiler(), recorder(rec, recErr)}
	if rec != nil {
		findings = append(findings, evidence(rec))
	}
	onLinux := runtime.GOOS == "linux"
	if onLinux {
		findings = append(findings, isolation(), terminals(), pidMax())
	}
	for _, f := range findings {
		mark := "ok  "
		if f.bad {
			mark = "LOOK"
		}
		printWrapped(w, fmt.Sprintf("%s %-10s ", mark, f.name), f.found)
		if f.bad {
			printWrapped(w, "     remedy     ", f.remedy)
		}
	}
	if onLinux {
		fmt.Fprintln(w, "\nHere, and not as in the book:")
		for _, d := range differences(rec) {
			printWrapped(w, "  * ", d)
		}
	}
	if recErr != nil {
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

// probe records a program that does nothing.
func probe(ctx context.Context) (*sandbox.Result, error) {
	if err := record.Probe(); err != nil {
		return nil, err
	}
	return sandbox.Run(ctx, sandbox.Command{Args: []string{"/bin/sh", "-c", "exit 0"}, Trace: &record.Options{}})
}

func kernel() finding {
	f := finding{name: "kernel", found: runtime.GOOS + "/" + runtime.GOARCH}
	if runtime.GOOS != "linux" {
		f.bad = true
		f.remedy = "the experiments need a Linux kernel: a virtual machine, a container or a cloud shell; ch8 walk fork/glob steps through a recording that comes with it, here too"
		return f
	}
	release := strings.TrimSpace(read("/proc/sys/kernel/osrelease"))
	f.found = "Linux " + release + ", " + runtime.GOARCH
	switch {
	case strings.Contains(strings.ToLower(release), "microsoft"):
		f.found += ", WSL2: work in your home folder, not below /mnt"
	case container() != "":
		f.found += ", in a container (" + container() + ")"
	}
	major, rest, _ := strings.Cut(release, ".")
	minor, _, _ := strings.Cut(rest, ".")
	ma, _ := strconv.Atoi(major)
	mi, _ := strconv.Atoi(minor)
	if ma < 5 || ma == 5 && mi < 3 {
		f.bad = true
		f.remedy = "the recorder needs Linux 5.3 or newer (PTRACE_GET_SYSCALL_INFO): update the kernel"
	}
	return f
}

// container names what kind of container this is, if it is one.
func container() string {
	switch {
	case exists("/.dockerenv"):
		return "docker"
	case exists("/run/.containerenv"):
		return "podman"
	}
	if c := os.Getenv("container"); c != "" {
		return c
	}
	return ""
}

// neededGo is the version in go.mod.
const neededGo = "1.26"

func goTool() finding {
	f := finding{name: "go"}
	out, err := exec.Command("go", "env", "GOVERSION").Output()
	if err != nil {
		f.found, f.bad = "not found; needed: go"+neededGo, true
		f.remedy = "install Go from your distribution or go.dev/dl; without it ch8 checks your own C programs, and ours can not be built"
		return f
	}
	found := strings.TrimSpace(string(out))
	f.found = fmt.Sprintf("%s; needed: go%s", found, neededGo)
	if !strings.HasPrefix(found, "go"+neededGo) {
		f.bad = true
		f.remedy = "the fork in ch8/proc was proved with the runtime of Go " + neededGo + ": install that"
	}
	return f
}

func compiler() finding {
	f := finding{name: "cc"}
	out, err := exec.Command("cc", "--version").Output()
	if err != nil {
		f.found, f.bad = "no C compiler", true
		f.remedy = "install gcc or clang: some experiments can only be done in C, and the C twins are skipped"
		return f
	}
	first, _, _ := bytes.Cut(out, []byte("\n"))
	f.found = string(first)
	return f
}

func recorder(rec *sandbox.Result, err error) finding {
	f := finding{name: "recorder"}
	if err != nil {
		f.bad = true
		f.found = "nothing can be recorded here"
		f.remedy = err.Error()
		return f
	}
	f.found = "ptrace works"
	if rec.Recording.Header.Seccomp {
		f.found += ", with the seccomp filter (only the calls of interest stop the program)"
	} else {
		f.found += ", without the seccomp filter: slower"
	}
	return f
}

// evidence is what the recording itself says it could not see.
func evidence(rec *sandbox.Result) finding {
	f := finding{name: "evidence", found: "address spaces and open file descriptions can be compared (kcmp)"}
	if missing := rec.Recording.Header.Missing; len(missing) > 0 {
		f.bad = true
		f.found = strings.Join(missing, "; ")
		f.remedy = "run as root, or in a container with --cap-add=SYS_PTRACE; the claims that need it are reported as cannot-check"
	}
	return f
}

func isolation() finding {
	f := finding{name: "isolation", found: "a stranger's program runs in a pid namespace of its own, and its processes are counted"}
	if err := sandbox.CanIsolate(); err != nil {
		f.bad = true
		f.found, f.remedy, _ = strings.Cut(err.Error(), "; ")
		f.found = "your own programs can not be isolated: " + f.found
		f.remedy += "; or ch8 check --plain, for a program you trust"
	}
	return f
}

func terminals() finding {
	f := finding{name: "terminals", found: "pseudo-terminals can be opened"}
	if err := sandbox.CanOpenPty(); err != nil {
		f.bad = true
		f.found, f.remedy, _ = strings.Cut(err.Error(), "; ")
		f.remedy += "; without it what is about a terminal can not be checked"
	}
	return f
}

func pidMax() finding {
	f := finding{name: "pids", found: "pid_max is " + strings.TrimSpace(read("/proc/sys/kernel/pid_max"))}
	if f.found == "pid_max is " {
		f.found = "pid_max is not known here"
	}
	return f
}

// differences are the sentences on what the book says otherwise.
func differences(rec *sandbox.Result) []string {
	var d []string
	if rec != nil {
		d = append(d, adopters()...)
	}
	pattern := strings.TrimSpace(read("/proc/sys/kernel/core_pattern"))
	switch {
	case strings.HasPrefix(pattern, "|"):
		d = append(d, "Core files go to a program ("+strings.Fields(pattern)[0][1:]+"), whatever ulimit -c says: \"core file generated\" may appear where you expect none, and no file with it.")
	case pattern != "":
		d = append(d, "Core files are called \""+pattern+"\" and are written only after ulimit -c unlimited.")
	}
	comm := strings.TrimSpace(read("/proc/2/comm"))
	switch {
	case comm == "kthreadd":
		d = append(d, "Pid 2 is kthreadd, the parent of the kernel's threads; the book has a page daemon there.")
	case comm != "":
		d = append(d, "Pid 2 is "+comm+", an ordinary process: this is a pid namespace of its own.")
	default:
		d = append(d, "There is no pid 2 here: this is a pid namespace of its own.")
	}
	if runtime.GOARCH == "arm64" {
		d = append(d, "An integer division by zero gives 0 on arm64, and no SIGFPE; and there are no system calls fork and vfork: libc makes them of clone.")
	}
	return append(d,
		"After fork the parent nearly always runs first; nothing promises it.",
		"vfork left POSIX in 2008. On Linux it suspends only the thread that called it.",
		"Cancelling the last thread of a process ends it normally, with status 0.")
}

// adopters says who adopts orphans here: the subreaper nearest to
// this process, found by making one.
func adopters() []string {
	adopter, comm, err := adopterHere()
	switch {
	case err != nil:
		return nil
	case adopter == 1:
		return []string{"An orphan's new parent is pid 1 (" + comm + "), as the book has it."}
	}
	why := "it made itself a child subreaper (prctl), and is the nearest one above this shell"
	switch {
	case comm == "systemd":
		why = "systemd --user is the subreaper of your session"
	case strings.Contains(strings.ToLower(read("/proc/sys/kernel/osrelease")), "microsoft"):
		why = "WSL2 starts each session from an init of its own"
	}
	return []string{fmt.Sprintf("An orphan's new parent is pid %d (%s), not 1: %s.", adopter, comm, why)}
}

// adopterHere makes an orphan, outside of the sandbox, and has it
// name its parent once its first parent has been waited for.
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
