package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"apue/internal/build"
	"apue/internal/procfs"
	"apue/internal/record"
	"apue/internal/sampling"
)

// nobody runs the command as a user without rights; it takes root.
func nobody(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if os.Getuid() != 0 || !capable(6, 7) { // CAP_SETGID, CAP_SETUID
		t.Skip("only root can become another user")
	}
	if sampling.OpenTemp() == "" {
		t.Skip("no folder for temporary files is open to other users")
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 64999, Gid: 64999}}
	// The path of this program leads through folders that are closed to
	// that user.
	cmd.Path = "/proc/self/exe"
}

// unshared runs the command as root of a new user and pid
// namespace, after the script.
func unshared(t *testing.T, cmd *exec.Cmd, script string) {
	t.Helper()
	path, err := exec.LookPath("unshare")
	if err != nil {
		t.Skip(err)
	}
	if err := exec.Command(path, "-Urpf", "--mount-proc", "true").Run(); err != nil {
		t.Skipf("unshare -Urpf --mount-proc: %v", err)
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Args = append([]string{"unshare", "-Urpf", "--mount-proc", "--kill-child",
		"sh", "-c", script + "\n" + `exec "$@"`, "sh", exe}, cmd.Args[1:]...)
	cmd.Path = path
}

// checkCount wants at least min and less than max forks.
func checkCount(t *testing.T, r *Result, min, max int) {
	t.Helper()
	n, err := strconv.Atoi(strings.TrimSpace(string(r.Stdout)))
	if err != nil || n < min || n >= max || r.Status != 0 || r.TimedOut {
		t.Errorf("got %s, want from %d to %d processes", sum(r), min, max)
	}
}

// Each way to isolate and to count that this machine offers, and
// each user.
func TestWays(t *testing.T) {
	t.Parallel()
	if !procfs.KernelAtLeast(5, 14) {
		t.Skip("Linux 5.14 or newer is needed")
	}
	plainly := func(*testing.T, *exec.Cmd) {}
	inside := func(t *testing.T, cmd *exec.Cmd) { unshared(t, cmd, "") }
	type way struct {
		name   string
		who    func(*testing.T, *exec.Cmd)
		order  order
		limit  int
		refuse string
	}
	for _, way := range sampling.Every(3, []way{
		{"this user", plainly, order{}, 40, ""},
		{"root in a user namespace", plainly, order{NoUID: true}, 41, ""},
		{"root uncounted", plainly, order{NoUID: true, NoNproc: true, NoPidMax: true}, 0, "cannot be counted"},
		{"nobody", nobody, order{NoPidMax: true}, 40, ""},
		{"nobody by pid_max", nobody, order{NoNproc: true}, 41, ""},
		{"nobody uncounted", nobody, order{NoNproc: true, NoPidMax: true}, 0, "cannot be counted"},
		{"in a container", inside, order{}, 41, ""},
	}) {
		t.Run(way.name, func(t *testing.T) {
			t.Parallel()
			if way.limit > 40 && !procfs.KernelAtLeast(6, 14) {
				t.Skip("a pid namespace has its own pid_max from Linux 6.14 on")
			}
			for _, traced := range []bool{false, true} {
				cookie := newCookie()
				j := job{Order: way.order, Trace: traced, Command: Command{
					Args: program(t, "count", cookie, namespace()), Isolate: true,
					Limits: Limits{Processes: 40}, Timeout: time.Minute,
				}}
				cmd := elsewhere(t, j, newCookie())
				way.who(t, cmd)
				r := j.result(t, cmd)
				noneLeft(t, cookie)
				if way.refuse != "" {
					if !r.Refusal || !strings.Contains(r.Err, way.refuse) {
						t.Errorf("error is %q, want a refusal: %s", r.Err, way.refuse)
					}
					continue
				}
				if r.Err != "" {
					t.Fatal(r.Err)
				}
				// Some pids were the sandbox's own threads'.
				checkCount(t, r.Result, way.limit-25, way.limit)

				j.Order = order{}
				j.Command = Command{Args: program(t, "orphan", cookie)}
				cmd = elsewhere(t, j, newCookie())
				way.who(t, cmd)
				if r := j.result(t, cmd); r.Err != "" ||
					string(r.Result.Stdout) != fmt.Sprintln(r.Result.Adopter) || r.Result.Isolated {
					t.Errorf("plain: %s, %+v", r.Err, r.Result)
				}
			}
		})
	}
}

// System V IPC has small limits in the box, of which the machine's are
// independent. Where they cannot be set there are no message queues, and
// each of the others is small.
func TestIPC(t *testing.T) {
	t.Parallel()
	mustIsolate(t)
	whole := procfs.ReadAll("/proc/sys/kernel/sem")
	self := copyOfSelf(t)
	for _, user := range []func(*testing.T, *exec.Cmd){func(*testing.T, *exec.Cmd) {}, nobody} {
		for _, none := range []bool{false, true} {
			args := programGo("ipc", newCookie())
			args[0] = self
			j := job{Order: order{NoIPC: none}, Command: Command{Args: args, Isolate: true}}
			cmd := elsewhere(t, j, newCookie())
			user(t, cmd)
			r := j.result(t, cmd)
			if r.Err != "" {
				t.Fatal(r.Err)
			}
			errno, limits, _ := strings.Cut(string(r.Result.Stdout), " 128 ")
			ok := errno == "0 0 0 0 0 22" && limits == "16384 250 4096 100 128 128 16384 "
			if none {
				// ENOSYS and EINVAL
				ok = strings.HasPrefix(string(r.Result.Stdout), "38 0 0 22 22 22 ")
			}
			if !ok {
				t.Errorf("none %v: %q", none, r.Result.Stdout)
			}
		}
	}
	if now := procfs.ReadAll("/proc/sys/kernel/sem"); now != whole {
		t.Errorf("the limits of the machine were %s, and are %s", whole, now)
	}
}

// Where namespaces are denied the refusal says which switch it is;
// on a machine that is disposable the run is plain.
func TestDenied(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ script, want string }{
		{"echo 0 >/proc/sys/user/max_user_namespaces", "user namespaces are switched off; sudo sysctl user.max_user_namespaces="},
		{"echo 0 >/proc/sys/user/max_pid_namespaces", "too many namespaces"},
	} {
		j := job{Command: Command{Args: sh("echo $$"), Isolate: true}}
		cmd := elsewhere(t, j, newCookie())
		unshared(t, cmd, c.script)
		if r := j.result(t, cmd); !r.Refusal || !strings.Contains(r.Err, c.want) {
			t.Errorf("%s: error is %q, want a refusal: %s", c.script, r.Err, c.want)
		}
		j.Command.Disposable = true
		cmd = elsewhere(t, j, newCookie())
		unshared(t, cmd, c.script)
		if r := j.result(t, cmd); r.Err != "" || r.Result.Isolated || len(r.Result.Stdout) == 0 {
			t.Errorf("%s: disposable: %q, %+v", c.script, r.Err, r.Result)
		}
	}
}

// A /proc of another pid namespace shows the wrong processes.
func TestForeignProc(t *testing.T) {
	t.Parallel()
	j := job{Command: Command{Args: sh("echo")}}
	cmd := elsewhere(t, j, newCookie())
	unshared(t, cmd, "")
	cmd.Args = append([]string{"unshare", "-Urpf"}, cmd.Args[3:]...)
	if r := j.result(t, cmd); !r.Refusal || !strings.Contains(r.Err, "--mount-proc") {
		t.Errorf("error is %q", r.Err)
	}
}

// Runs at one time are counted one by one.
func TestCountedApart(t *testing.T) {
	t.Parallel()
	mustIsolate(t)
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			r, err := Run(context.Background(), Command{
				Args: program(t, "count", newCookie(), namespace()), Isolate: true,
				Limits: Limits{Processes: 60},
			})
			if err != nil {
				t.Error(err)
				return
			}
			checkCount(t, r, 50, 60)
		})
	}
	wg.Wait()
}

// What an isolated program sees of the world, and what it can do to it.
func TestWorld(t *testing.T) {
	mustIsolate(t)
	t.Parallel()
	cookie := newCookie()
	script := `
		for d in . /tmp /var/tmp /dev/shm; do echo x 2>/dev/null >$d/` + cookie + ` && echo "can write $d"; done
		for d in / /etc /usr /dev /proc/1; do echo x 2>/dev/null >$d/` + cookie + ` && echo "can write $d"; done
		echo $(ls /); ls -A /tmp | grep -v ^` + cookie + `
		echo $(cd /proc && echo [0-9]* | wc -w)
		grep -E '^(NoNewPrivs|CapEff)' /proc/self/status
		[ "$(id -u)" != 0 ] && echo not root, $(id -un)
		cat /proc/self/oom_score_adj; echo 0 2>/dev/null >/proc/self/oom_score_adj || echo read-only; hostname`
	for _, o := range []order{{}, {NoUID: true}} {
		r, err := Command{Args: sh(script), Isolate: true}.start(context.Background(), o)
		if err != nil {
			t.Fatal(err)
		}
		text := string(r.Stdout)
		want := "can write .\ncan write /tmp\ncan write /var/tmp\ncan write /dev/shm\n"
		if !strings.HasPrefix(text, want) || strings.Count(text, "can write") != 4 {
			t.Errorf("it says %s %s", text, r.Stderr)
		}
		rest := strings.Split(strings.TrimPrefix(text, want), "\n")
		if len(rest) != 9 || !regexp.MustCompile(`^bin box dev etc lib( lib\w*)* proc sbin tmp usr var$`).MatchString(rest[0]) ||
			!strings.HasSuffix(rest[2], "0000000000000000") || !strings.HasSuffix(rest[3], "\t1") ||
			rest[4] != "not root, user" || rest[5] != "1000" || rest[6] != "read-only" || rest[7] != "localhost" {
			t.Errorf("it says %q", rest)
		}
		if n, err := strconv.Atoi(rest[1]); err != nil || n < 3 || n > 6 {
			t.Errorf("it sees %s processes", rest[1])
		}

		// The kernel's own list of what is mounted, and how.
		r, err = Command{Args: []string{"cat", "/proc/self/mountinfo"}, Isolate: true}.start(context.Background(), o)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(r.Stdout)) {
			f := strings.Fields(line)
			ours := slices.Contains([]string{"/box", "/tmp", "/var/tmp", "/dev/shm"}, f[4]) || strings.HasPrefix(f[4], "/dev/")
			if !ours && !strings.HasPrefix(f[5], "ro") {
				t.Errorf("%s is mounted %s", f[4], f[5])
			}
		}
	}
}

// TestPriority: a caller that runs before others gives its program no part
// of that, if it is isolated.
func TestPriority(t *testing.T) {
	mustIsolate(t)
	t.Parallel()
	look := sh("nice; sed -n 's/^policy *: *//p' /proc/self/sched")
	for _, c := range []struct {
		as   []string
		bare string // the caller's own
	}{
		{[]string{"nice", "-n", "-10"}, "-10\n0\n"},
		{[]string{"chrt", "-f", "1"}, "0\n1\n"},
	} {
		for _, isolate := range []bool{false, true} {
			j := job{Command: Command{Args: look, Isolate: isolate}}
			cmd := elsewhere(t, j, newCookie())
			said, err := exec.Command(c.as[0], append(c.as[1:], look...)...).Output()
			if err != nil || string(said) != c.bare {
				t.Logf("%s gives %q here, %v", c.as[0], said, err)
				continue
			}
			env := cmd.Env
			cmd = exec.Command(c.as[0], append(c.as[1:], cmd.Args...)...)
			cmd.Env = env
			want := c.bare
			if isolate {
				want = "0\n0\n"
			}
			r := j.result(t, cmd)
			if r.Result == nil {
				t.Fatal(r.Err)
			}
			if got := string(r.Result.Stdout); got != want {
				t.Errorf("%s, isolated %v: it is %q, want %q", c.as[0], isolate, got, want)
			}
		}
	}
}

// A program in a folder that only its owner may enter, with files
// beside it, also right in /tmp.
func TestReach(t *testing.T) {
	mustIsolate(t)
	t.Parallel()
	for _, at := range []string{"open/%s", "%s/closed/open/p", "%s/closed/closed2/p", "/tmp/%s"} {
		path := fmt.Sprintf(at, newCookie())
		if !filepath.IsAbs(path) {
			path = filepath.Join(t.TempDir(), path)
			for dir := filepath.Dir(path); strings.HasPrefix(dir, os.TempDir()+"/Test"); dir = filepath.Dir(dir) {
				defer os.Chmod(dir, 0o755)
			}
			os.MkdirAll(filepath.Dir(path), 0o755)
			os.WriteFile(filepath.Join(filepath.Dir(path), "beside"), []byte("beside\n"), 0o644)
			for dir := filepath.Dir(path); strings.HasPrefix(dir, os.TempDir()+"/Test"); dir = filepath.Dir(dir) {
				if strings.Contains(filepath.Base(dir), "closed") {
					os.Chmod(dir, 0o700)
				}
			}
		}
		for _, mode := range []os.FileMode{0o755, 0o700} {
			os.Remove(path)
			b, err := os.ReadFile("/bin/cat")
			if err != nil {
				t.Fatal(err)
			}
			if err := build.WriteProgram(path, b, mode); err != nil {
				t.Fatal(err)
			}
			os.Chmod(path, mode)
			beside := filepath.Join(filepath.Dir(path), "beside")
			want := "beside\n"
			if strings.HasPrefix(at, "/tmp") {
				beside, want = "/proc/self/comm", filepath.Base(path)[:15]+"\n"
			}
			r := mustRun(t, Command{Args: []string{path, beside}, Isolate: true})
			if string(r.Stdout) != want || r.Status != 0 {
				t.Errorf("%s, mode %v: %s", path, mode, sum(r))
			}
		}
		if filepath.Dir(path) == "/tmp" {
			os.Remove(path)
		}
	}
}

// A script is an argument: it is found in a fresh folder, in one that
// only its owner may enter, by way of a link, and if only its owner may
// read it.
func TestReachArgument(t *testing.T) {
	mustIsolate(t)
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "closed", "open")
	os.MkdirAll(dir, 0o755)
	os.Chmod(filepath.Dir(dir), 0o700)
	script, link := filepath.Join(dir, "script"), filepath.Join(dir, "link")
	for _, mode := range []os.FileMode{0o644, 0o600, 0o700} {
		os.Remove(script)
		if err := build.WriteProgram(script, []byte("echo $1 $0\n"), mode); err != nil {
			t.Fatal(err)
		}
		os.Symlink("script", link)
		for _, path := range []string{script, link} {
			for _, o := range []order{{}, {NoUID: true}} {
				// A folder and a missing file are arguments like any other.
				c := Command{Args: []string{"sh", path, "found", dir, "/tmp/missing"}, Isolate: true}
				r, err := c.start(context.Background(), o)
				if err != nil {
					t.Fatal(err)
				}
				if want := "found " + path + "\n"; string(r.Stdout) != want || r.Status != 0 {
					t.Errorf("%s, mode %v, %+v: %s", path, mode, o, sum(r))
				}
			}
		}
	}
}

// The same elsewhere than in /tmp, where no fresh folder hides the
// closed ones.
func TestReachClosed(t *testing.T) {
	t.Parallel()
	mustIsolate(t)
	if os.Getuid() != 0 || !capable(21) { // CAP_SYS_ADMIN
		t.Skip("only root can mount a folder for it")
	}
	j := job{Command: Command{Args: []string{"/mnt/closed/in/p", "/mnt/closed/in/beside"}, Isolate: true}}
	inner := elsewhere(t, j, newCookie())
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("sh", append([]string{"-c", `set -e
		mount -t tmpfs tmpfs /mnt
		mkdir -p /mnt/closed/in; chmod 700 /mnt/closed
		cp /bin/cat /mnt/closed/in/p; echo beside >/mnt/closed/in/beside
		exec "$@"`, "sh", exe}, inner.Args[1:]...)...)
	cmd.Env = inner.Env
	cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS}
	if r := j.result(t, cmd); r.Err != "" || string(r.Result.Stdout) != "beside\n" {
		t.Errorf("%s: %+v", r.Err, r.Result)
	}
}

// TestRefusedNamespace: where there can be no more namespaces that is
// said, and nobody else is harmed over it. It happens in a pid namespace
// whose init is the shell.
func TestRefusedNamespace(t *testing.T) {
	mustIsolate(t)
	t.Parallel()
	j := job{Command: Command{Args: []string{"true"}, Isolate: true}}
	inner := elsewhere(t, j, newCookie())
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("sh", append([]string{"-c", `[ $$ = 1 ] || exit 1
		mount -t proc proc /proc && echo 0 >/proc/sys/user/max_pid_namespaces || exit 1
		sleep 1000 & bystander=$!
		"$@"; status=$?
		kill -0 $bystander && kill $bystander && wait
		exit $status`, "sh", exe}, inner.Args[1:]...)...)
	cmd.Env = inner.Env
	id := []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWPID | syscall.CLONE_NEWNS,
		UidMappings: id,
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
	if r := j.result(t, cmd); !r.Refusal || !strings.Contains(r.Err, "max_pid_namespaces") {
		t.Errorf("%+v", r)
	}
}

// The refusal is one sentence that ends in what to do.
func TestRefusalText(t *testing.T) {
	var err error = &Refusal{Reason: "a", Remedy: "b"}
	var refusal *Refusal
	if !errors.As(err, &refusal) || err.Error() != "a; b" {
		t.Error(err)
	}
}

// A root folder that is not a mount point is that of a chroot: the kernel
// lacks nothing.
func TestRefusedInChroot(t *testing.T) {
	if procfs.ReadStatus(os.Getpid()).Line("Seccomp") == "2" {
		t.Skip("a seccomp filter is named first")
	}
	err := isolation{}.refusal("pivot_root", syscall.EINVAL)
	if !strings.Contains(err.Error(), "mount --bind DIR DIR") {
		t.Error(err)
	}
}

// TestClone3: the flags of clone3 are in memory, where a filter cannot see
// them. A child that the recorder would not get is refused all the same,
// and a plain one is not.
func TestClone3(t *testing.T) {
	t.Parallel()
	mustIsolate(t)
	dir := t.TempDir()
	source, exe := filepath.Join(dir, "a.c"), filepath.Join(dir, "a")
	const text = `#define _GNU_SOURCE
#include <errno.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
int main(void)
{
	unsigned long long flags[] = { 0, 0x00800000 /* CLONE_UNTRACED */, CLONE_NEWUSER };
	for (int i = 0; i < 3; i++) {
		struct clone_args a = { .flags = flags[i], .exit_signal = SIGCHLD };
		int pid = syscall(SYS_clone3, &a, sizeof a);
		if (pid == 0)
			_exit(0);
		printf("%s ", pid > 0 ? "made" : errno == ENOSYS ? "ENOSYS" : errno == EFAULT ? "EFAULT" : "?");
		if (pid > 0)
			waitpid(pid, NULL, __WALL);
	}
	return 0;
}
`
	if err := os.WriteFile(source, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	if out, err := build.C("cc", source, exe); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	r := mustRun(t, Command{Args: []string{exe}, Isolate: true, Trace: &record.Options{}})
	if got := string(r.Stdout); got != "made EFAULT EFAULT " {
		t.Errorf("recorded: %q", got)
	}
	r = mustRun(t, Command{Args: []string{exe}, Isolate: true})
	if got := string(r.Stdout); got != "ENOSYS ENOSYS ENOSYS " {
		t.Errorf("not recorded: %q", got)
	}
}

// TestLowIDs: in a container with 65,536 ids the programs of several runs
// at one time are different users, of the range for dynamic users.
func TestLowIDs(t *testing.T) {
	t.Parallel()
	mustIsolate(t)
	if !capable(unix.CAP_SYS_ADMIN, unix.CAP_SETUID, unix.CAP_SETGID) {
		t.Skip("only root can map 65,536 ids")
	}
	const runs = 3
	// Each one waits until all have begun.
	j := job{Command: Command{Args: sh("id -u; id -g; sleep 1"), Isolate: true}}
	self := copyOfSelf(t)
	dir := filepath.Join(scratch, "ids-"+newCookie())
	if err := errors.Join(os.Mkdir(dir, 0o777), os.Chmod(dir, 0o777)); err != nil {
		t.Fatal(err)
	}
	cmd := elsewhere(t, j, newCookie())
	cmd.Args = append([]string{"sh", "-c", `set -e; mount -t proc proc /proc; cd "$0"; for i in ` + strings.Repeat("i ", runs) +
		`; do n=$((n+1)); "$@" >$n & done; wait`, dir, self}, cmd.Args[1:]...)
	cmd.Path = "/bin/sh"
	ids := []syscall.SysProcIDMap{{ContainerID: 0, HostID: 100000, Size: 65536}}
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWPID | syscall.CLONE_NEWNS,
		UidMappings: ids, GidMappings: ids, GidMappingsEnableSetgroups: true,
		Credential: &syscall.Credential{Uid: 0, Gid: 0},
	}
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Skipf("no such user namespace can be made: %v: %s", err, said)
	}
	seen := map[string]bool{}
	for n := range runs {
		b, err := os.ReadFile(filepath.Join(dir, strconv.Itoa(n+1)))
		if err != nil {
			t.Fatal(err)
		}
		var r jobResult
		if err := json.Unmarshal(b, &r); err != nil || r.Err != "" {
			t.Fatalf("%v, %s", err, b)
		}
		var uid, gid int
		if fmt.Sscan(string(r.Result.Stdout), &uid, &gid); uid < lowIDs || uid >= lowIDs+numLowIDs || gid != uid {
			t.Errorf("user and group %q, want both from %d to %d", r.Result.Stdout, lowIDs, lowIDs+numLowIDs-1)
		}
		seen[string(r.Result.Stdout)] = true
	}
	if len(seen) != runs {
		t.Errorf("%d runs had the users and groups %v", runs, seen)
	}
}
