//go:build 386 || amd64 || arm64

package record

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"apue/internal/procfs"
	"apue/internal/trace"
)

// The table of the documentation of package trace that says what can be
// read when.
const (
	readableAlways = "stat status limits cmdline exe cwd root fd fdinfo environ auxv schedstat autogroup loginuid cgroup task"
	ofZombie       = "of a zombie: stat status limits schedstat autogroup loginuid cgroup."
	notOfZombie    = "Not: cmdline environ auxv timers exe cwd root fd fdinfo."
	ofUndumpable   = "of a process that is not dumpable, for its own user: stat status limits cmdline schedstat autogroup loginuid cgroup."
	notUndumpable  = "Not: environ auxv timers exe cwd root fd fdinfo."
)

// files are the names in a sentence of the table.
func files(sentence string) []string {
	_, names, _ := strings.Cut(sentence, ": ")
	return strings.Fields(strings.TrimSuffix(names, "."))
}

// TestTableOfReadable: the documentation has those sentences.
func TestTableOfReadable(t *testing.T) {
	b, err := os.ReadFile("../trace/doc.go")
	if err != nil {
		t.Fatal(err)
	}
	doc := strings.Join(strings.Fields(strings.ReplaceAll(string(b), "//", "")), " ")
	for _, sentence := range []string{ofZombie, notOfZombie, ofUndumpable, notUndumpable} {
		if !strings.Contains(doc, sentence) {
			t.Errorf("the documentation does not say %q", sentence)
		}
	}
}

// readable tells whether a file of a process, by its name in the table,
// holds something, and whether this kernel tells the same of ourselves: a
// kernel may lack the file, and autogroup is empty where nobody has called
// setsid since the machine started.
func readable(pid int, name string) (holds, known bool) {
	return holding(procfs.Path(pid, name)), holding("/proc/self/" + name)
}

// holding tells whether a file, a folder or a link holds something.
func holding(path string) bool {
	if link, err := os.Readlink(path); err == nil {
		return link != ""
	}
	if entries, err := os.ReadDir(path); err == nil {
		return len(entries) > 0
	}
	b, err := os.ReadFile(path)
	return err == nil && len(b) > 0
}

// TestReadableOfZombie: the kernel keeps of a zombie what the table says.
func TestReadableOfZombie(t *testing.T) {
	p, err := os.StartProcess("/bin/true", []string{"true"}, &os.ProcAttr{})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Wait()
	for s, _ := procfs.ReadStat(p.Pid); s.State() != 'Z'; s, _ = procfs.ReadStat(p.Pid) {
		time.Sleep(time.Millisecond)
	}
	for _, name := range files(ofZombie) {
		if holds, known := readable(p.Pid, name); known && !holds {
			t.Errorf("%s of a zombie cannot be read", name)
		}
	}
	for _, name := range files(notOfZombie) {
		if holds, _ := readable(p.Pid, name); holds {
			t.Errorf("%s of a zombie can be read", name)
		}
	}
}

// TestReadableMoments: at an exec's entry and success, and at the stop
// before the end, every file can be read.
func TestReadableMoments(t *testing.T) {
	needNativeShell(t)
	r := runProgram(t, Options{SnapshotExec: true, Snapshots: true}, "sh", "-c", "exec /bin/true")
	seen := map[string]bool{}
	for _, e := range r.find("P0", trace.KindSnapshot) {
		seen[e.At] = true
		all := e.Snapshot[0].Files
		for _, name := range strings.Fields(readableAlways) {
			_, known := readable(os.Getpid(), name)
			switch name {
			case "exe":
				continue // the exec's event has it
			case "fd", "fdinfo":
				name += "/1"
			case "task":
				name += "/" + itoa(e.Pid) + "/status"
			}
			if known && all[name] == "" {
				t.Errorf("at %s there is no %s", e.At, name)
			}
		}
	}
	equal(t, "moments", seen, map[string]bool{"exec-entry": true, "exec": true, "exit": true})
}

// TestReadableUndumpable: a process that executes a file which its user cannot
// read shows its user what the table says.
func TestReadableUndumpable(t *testing.T) {
	const nobody = 65534
	dir, err := os.MkdirTemp("/tmp", "record")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	b, err := os.ReadFile("/bin/cat")
	if err != nil {
		t.Fatal(err)
	}
	closed := filepath.Join(dir, "cat")
	if err := os.WriteFile(closed, b, 0o111); err != nil {
		t.Fatal(err)
	}
	as := &syscall.SysProcAttr{}
	if os.Geteuid() == 0 {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		as.Credential = &syscall.Credential{Uid: nobody, Gid: nobody}
	}
	cmd := exec.Command(closed)
	cmd.SysProcAttr = as
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait()
	defer in.Close()
	in.Write([]byte("x"))
	if _, err := io.ReadFull(out, make([]byte, 1)); err != nil {
		t.Fatal(err) // it has been executed now
	}
	look := exec.Command("sh", "-c", `cd /proc/$1; shift; for f; do
		if cat $f 2>/dev/null | grep -q . || ls $f/ 2>/dev/null | grep -q .; then echo $f; fi; done`, "sh", itoa(cmd.Process.Pid))
	look.Args = append(append(look.Args, files(ofUndumpable)...), files(notUndumpable)...)
	look.SysProcAttr = as
	shown, err := look.Output()
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, name := range files(ofUndumpable) {
		if _, known := readable(os.Getpid(), name); known {
			want = append(want, name)
		}
	}
	equal(t, "shown to its user", strings.Fields(string(shown)), want)
}
