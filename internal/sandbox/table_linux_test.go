package sandbox

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"apue/internal/build"
)

var update = flag.Bool("update", false, "write the table of docs/grading.md")

// documented is what the manuals of isolate and nsjail say of their
// defaults; "–" where they say nothing.
var documented = map[string][2]string{
	"read a file of the person who grades":          {"only /bin, /dev, /lib, /lib64, /usr, /proc are bound", "only what the call binds"},
	"list /home":                                    {"not bound", "only what the call binds"},
	"list /root":                                    {"not bound", "only what the call binds"},
	"list /run":                                     {"not bound", "only what the call binds"},
	"list /srv, /mnt, /media and /opt":              {"not bound", "only what the call binds"},
	"read /etc/shadow":                              {"not bound", "only what the call binds"},
	"write to /usr":                                 {"read-only", "read-only"},
	"write to /":                                    {"read-only", "read-only"},
	"write to its working directory":                {"yes, /box", "only what the call binds writable"},
	"write to /tmp":                                 {"yes, a fresh one", "only what the call mounts"},
	"connect to 127.0.0.1 outside":                  {"no, a network namespace", "no, a network namespace"},
	"connect to an abstract socket outside":         {"no, a network namespace", "no, a network namespace"},
	"serve on its own loopback":                     {"yes", "yes"},
	"make a socket of AF_VSOCK":                     {"–", "–"},
	"make a packet socket":                          {"no privilege", "no privilege"},
	"open /dev/tty":                                 {"no terminal, unless --tty-hack", "no terminal, a new session"},
	"open a terminal in /dev/pts":                   {"/dev is the machine's", "only what the call binds"},
	"make a pseudo-terminal of its own":             {"/dev is the machine's", "only what the call binds"},
	"find a key of the session":                     {"–", "–"},
	"add a key to the user's keyring":               {"–", "–"},
	"open any other device":                         {"/dev is the machine's", "only what the call binds"},
	"io_uring_setup":                                {"–", "no filter, unless given"},
	"seccomp with a listener":                       {"–", "no filter, unless given"},
	"clone with CLONE_UNTRACED":                     {"–", "no filter, unless given"},
	"a new user namespace":                          {"–", "–"},
	"make a child in a new user namespace":          {"–", "–"},
	"set the clock":                                 {"no privilege", "no, capabilities are dropped"},
	"run before all others":                         {"no privilege", "no, capabilities are dropped"},
	"open 100 files at once":                        {"64", "32"},
	"write a file of 2 MiB":                         {"only with --fsize", "1 MiB a file"},
	"read the names of keys in /proc/keys":          {"–", "–"},
	"read the kernel's log":                         {"–", "no filter, unless given"},
	"hear of the machine's devices (netlink)":       {"–", "no, a network namespace"},
	"io_setup":                                      {"–", "no filter, unless given"},
	"queue 2,000 signals":                           {"–", "not limited"},
	"bpf":                                           {"–", "no filter, unless given"},
	"perf_event_open":                               {"–", "no filter, unless given"},
	"userfaultfd":                                   {"–", "no filter, unless given"},
	"become root":                                   {"no, a user of its own", "no, capabilities are dropped"},
	"mount a file system":                           {"no privilege", "no, capabilities are dropped"},
	"gain privilege by exec":                        {"mounted nosuid", "no_new_privs"},
	"see a process that is not of this run":         {"no, a pid namespace", "no, a pid namespace"},
	"have 100 children":                             {"1 process, unless --processes", "not limited"},
	"trace its parent":                              {"no privilege", "no privilege"},
	"read its parent's memory":                      {"no privilege", "/proc is not mounted"},
	"set oom_score_adj to 0":                        {"–", "/proc is not mounted, or read-only"},
	"use 256 MiB in 4 processes, allowed 128":       {"only with --cg --cg-mem", "each 4 GiB of address space"},
	"make 1,000 message queues":                     {"–", "–"},
	"make 1,000 sets of semaphores":                 {"–", "–"},
	"make 128 segments of 1 MiB of shared memory":   {"–", "–"},
	"make a pipe of 2 MiB":                          {"–", "–"},
	"have 4 MiB in a socket that nobody reads":      {"–", "–"},
	"have 4 MiB in a connection that nobody reads":  {"–", "–"},
	"have 1,000 descriptors in messages":            {"–", "–"},
	"lock 4 MiB in memory":                          {"–", "the caller's limit"},
	"make 100 instances of inotify":                 {"–", "–"},
	"read its parent's environment":                 {"no privilege", "/proc is not mounted"},
	"take a descriptor of its parent":               {"no privilege", "no privilege"},
	"prepare a mount (fsopen)":                      {"no privilege", "no, capabilities are dropped"},
	"open a file by its handle":                     {"no privilege", "no, capabilities are dropped"},
	"make a device":                                 {"no privilege", "no, capabilities are dropped"},
	"change a setting of the kernel":                {"no privilege", "/proc is not mounted, or read-only"},
	"run in real time":                              {"no privilege", "no, capabilities are dropped"},
	"keep 20 MiB in attributes of files, allowed 8": {"–", "–"},
	"run for ever":                                  {"only with --time, --wall-time", "600 s"},
	"make 1,000 files":                              {"only with --quota", "–"},
	"write 20 MiB, allowed 8":                       {"only with --fsize, --quota", "1 MiB a file"},
}

// TestTable: docs/grading.md has a row for each attempt. With -update the
// attempts are made, in the box as root and as an ordinary user and under
// bubblewrap, and the table is written anew.
func TestTable(t *testing.T) {
	t.Parallel()
	const begin, end = "<!-- the box: go test ./internal/sandbox -run Table -update -->\n", "<!-- end -->\n"
	file := "../../docs/grading.md"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, _ := strings.Cut(string(text), begin)
	table, after, ok := strings.Cut(rest, end)
	if !ok {
		t.Fatalf("%s has no place for the table: %s", file, begin)
	}
	for _, a := range attempts {
		if documented[a.tried] == [2]string{} {
			t.Errorf("nobody has looked up what isolate and nsjail do about %q", a.tried)
		}
		if !*update && !strings.Contains(table, "| "+a.tried+" | ") {
			t.Errorf("%s has no row %q", file, a.tried)
		}
	}
	if !*update {
		return
	}
	mustIsolate(t)
	root, err := Probe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	user, bubble := probeAs(t, root), probeBubblewrap(t)
	var b strings.Builder
	b.WriteString("| tried | in the box, root grades | in the box, a user grades | bubblewrap 0.8 | isolate's manual | nsjail's defaults |\n|---|---|---|---|---|---|\n")
	area := ""
	for i, r := range root {
		if r.Area != area {
			area = r.Area
			fmt.Fprintf(&b, "| **%s** | | | | | |\n", area)
		}
		d := documented[r.Tried]
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n", r.Tried, r.Got, user[i].Got, bubble[r.Tried], d[0], d[1])
	}
	if err := os.WriteFile(file, []byte(before+begin+b.String()+end+after), 0o644); err != nil {
		t.Fatal(err)
	}
}

// copyOfSelf is this test program where every user can execute it.
func copyOfSelf(t *testing.T) string {
	t.Helper()
	exe, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(scratch, "probe-"+newCookie())
	if err := build.WriteProgram(path, exe, 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

// probeAs makes the attempts in the box of an ordinary user.
func probeAs(t *testing.T, want []ProbeRow) (rows []ProbeRow) {
	t.Helper()
	cmd := exec.Command("/proc/self/exe")
	cmd.Args = programGo("probe", newCookie())
	cmd.Env = append(os.Environ(), "TMPDIR="+os.TempDir())
	nobody(t, cmd)
	cmd.Path = copyOfSelf(t) // that user has to reach the program itself
	out, err := cmd.CombinedOutput()
	if err == nil {
		err = json.Unmarshal(out, &rows)
	}
	if err != nil || want != nil && len(rows) != len(want) {
		t.Fatalf("%v: %s", err, out)
	}
	return rows
}

// probeBubblewrap makes the attempts under bubblewrap, with all namespaces
// and the same folders.
func probeBubblewrap(t *testing.T) map[string]string {
	t.Helper()
	bwrap, err := exec.LookPath("bwrap")
	if err != nil {
		t.Skip(err)
	}
	b, done, err := makeBait()
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, bwrap, "--unshare-all", "--die-with-parent", "--new-session", "--ro-bind", "/usr", "/usr",
		"--symlink", "usr/bin", "/bin", "--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64", "--proc", "/proc",
		"--dev", "/dev", "--tmpfs", "/tmp", "--tmpfs", "/box", "--chdir", "/box", "--ro-bind", copyOfSelf(t), "/probe",
		"bash", "-c", "exec -a sh /probe")
	cmd.Env = append(b.env(), "PATH=/usr/bin:/bin")
	out, err := cmd.Output()
	if err != nil {
		t.Logf("bwrap: %v: %s", err, out)
	}
	got := map[string]string{}
	for _, r := range ProbeRows(string(out)) {
		got[r.Tried] = r.Got
	}
	return got
}
