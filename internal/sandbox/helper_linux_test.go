package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
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

var scratch string // a folder that every user may pass

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "fixture" {
		fixture(os.Args[2:])
		return
	}
	// Some of these tests run as another user.
	if open := sampling.OpenTemp(); open != "" {
		os.Setenv("TMPDIR", open)
	}
	dir, err := os.MkdirTemp("", "sandbox-test-")
	if err == nil {
		err = os.Chmod(dir, 0o755)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	scratch = dir
	// Most of these tests wait for a deadline, not for a processor.
	flag.Parse()
	if n := flag.Lookup("test.parallel"); n.Value.String() == n.DefValue {
		flag.Set("test.parallel", "16")
	}
	status := m.Run()
	os.RemoveAll(dir)
	os.Exit(status)
}

// hostileC is the compiled testdata/hostile.c, "" without a C
// compiler.
var hostileC = sync.OnceValue(func() string {
	cc, err := exec.LookPath("cc")
	if err != nil {
		return ""
	}
	out := filepath.Join(scratch, "hostile")
	if text, err := build.C(cc, "testdata/hostile.c", out, "-w", "-O1", "-pthread"); err != nil {
		panic(string(text))
	}
	return out
})

// program returns the arguments that start a hostile program in C.
func program(t testing.TB, mode, cookie string, more ...string) []string {
	t.Helper()
	path := hostileC()
	if path == "" {
		t.Skip("no C compiler (cc) in PATH")
	}
	return append([]string{path, mode, cookie}, more...)
}

// programGo does so for one of the fixtures in Go.
func programGo(mode, cookie string, more ...string) []string {
	exe, err := os.Executable()
	if err != nil {
		panic(err)
	}
	return append([]string{exe, "fixture", mode, cookie}, more...)
}

func newCookie() string { return "cookie-" + strconv.FormatUint(rand.Uint64(), 36) }

// namespace is the pid namespace that the dangerous programs must
// not find themselves in.
func namespace() string {
	link, err := os.Readlink("/proc/self/ns/pid")
	if err != nil {
		panic(err)
	}
	return link
}

// survivors finds processes by the cookie in their arguments.
func survivors(cookie string) []string {
	var all []string
	look := func(file string) (empty bool) {
		b, err := os.ReadFile(file)
		if err == nil && strings.Contains(string(b), cookie) {
			all = append(all, file+" "+strings.ReplaceAll(string(b), "\x00", " "))
		}
		return err == nil && len(b) == 0
	}
	processes, _ := filepath.Glob("/proc/[0-9]*")
	for _, p := range processes {
		if !look(p + "/cmdline") {
			continue
		}
		// Where only the first thread has ended, another tells.
		if threads, _ := os.ReadDir(p + "/task"); len(threads) > 1 {
			for _, t := range threads {
				look(p + "/task/" + t.Name() + "/cmdline")
			}
		}
	}
	return all
}

// isRunning reports whether a process is there whose command line
// begins and ends so.
func isRunning(begin, cookie string) bool {
	for _, s := range survivors(cookie) {
		_, line, _ := strings.Cut(s, " ")
		if strings.HasPrefix(line, begin) && strings.HasSuffix(strings.TrimSpace(line), cookie) {
			return true
		}
	}
	return false
}

func noneLeft(t *testing.T, cookie string) {
	t.Helper()
	for _, s := range survivors(cookie) {
		t.Errorf("still there: %s", s)
	}
}

// goneSoon is noneLeft where nobody waits for the end.
func goneSoon(t *testing.T, cookie string) {
	t.Helper()
	for range 2000 {
		if len(survivors(cookie)) == 0 {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	noneLeft(t, cookie)
}

func mustIsolate(t testing.TB) {
	t.Helper()
	if err := CanIsolate(); err != nil {
		t.Skip(err)
	}
}

// A job is what the fixture "run" is asked to do: a Run in another
// process, under another user or in another state.
type job struct {
	Command Command
	Order   order
	Trace   bool
}

type jobResult struct {
	Result  *Result
	Err     string
	Refusal bool
}

func (j job) run(ctx context.Context) jobResult {
	if j.Trace {
		j.Command.Trace = &record.Options{}
	}
	var r jobResult
	var err error
	if !j.Order.NoUID && !j.Order.NoNproc && !j.Order.NoPidMax && !j.Order.NoIPC {
		r.Result, err = Run(ctx, j.Command)
	} else {
		r.Result, err = j.Command.start(ctx, j.Order)
	}
	if err != nil {
		r.Err = err.Error()
		var refusal *Refusal
		r.Refusal = errors.As(err, &refusal)
	}
	return r
}

// elsewhere makes the command of a fixture that does the job.
func elsewhere(t *testing.T, j job, cookie string) *exec.Cmd {
	t.Helper()
	b, err := json.Marshal(j)
	if err != nil {
		t.Fatal(err)
	}
	args := programGo("run", cookie, string(b))
	cmd := exec.Command("/proc/self/exe")
	cmd.Args = args
	cmd.Env = append(os.Environ(), "TMPDIR="+os.TempDir())
	return cmd
}

// result runs such a command.
func (j job) result(t *testing.T, cmd *exec.Cmd) jobResult {
	t.Helper()
	cmd.WaitDelay = time.Minute
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, stderr.String())
	}
	var r jobResult
	if err := json.Unmarshal(out, &r); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return r
}

// fixture is a program of the tests in Go.
func fixture(args []string) {
	mode, arg := args[0], ""
	if len(args) > 2 {
		arg = args[2]
	}
	switch mode {
	case "bomb", "killall":
		if here, err := os.Readlink("/proc/self/ns/pid"); err != nil || arg == "" || here == arg {
			os.Exit(3)
		}
	}
	switch mode {
	case "run":
		var j job
		if err := json.Unmarshal([]byte(arg), &j); err != nil {
			panic(err)
		}
		json.NewEncoder(os.Stdout).Encode(j.run(context.Background()))
	case "probe":
		rows, err := Probe(context.Background())
		if err != nil {
			panic(err)
		}
		json.NewEncoder(os.Stdout).Encode(rows)
	case "bomb":
		n := 0
		for ; n < 500; n++ {
			cmd := exec.Command("/proc/self/exe", args[0], args[1])
			cmd.Args = programGo("forever", args[1])
			if cmd.Start() != nil {
				break
			}
		}
		fmt.Println(n)
		forever()
	case "killall":
		cmd := exec.Command("/proc/self/exe")
		cmd.Args = programGo("forever", args[1])
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
		if err := cmd.Start(); err != nil {
			panic(err)
		}
		unix.Kill(-1, unix.SIGKILL)
		unix.Kill(1, unix.SIGKILL)
		if err := cmd.Wait(); err != nil && err.Error() == "signal: killed" {
			fmt.Println("killed")
		}
	case "forever":
		forever()
	case "ignore":
		signal.Ignore()
		forever()
	case "spew":
		b := []byte(strings.Repeat("y", 4096))
		for {
			os.Stdout.Write(b)
		}
	case "daemon":
		cmd := exec.Command("/proc/self/exe")
		cmd.Args = programGo("forever", args[1])
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
		if err := cmd.Start(); err != nil {
			panic(err)
		}
		fmt.Println("parent")
	case "deep": // folders in each other, until there are no more files
		for os.WriteFile("file", []byte("text"), 0o600) == nil && os.Mkdir("folder", 0o700) == nil && os.Chdir("folder") == nil {
		}
	case "links": // many names of a long file that needs no space
		err := errors.Join(os.WriteFile("file", nil, 0o600), os.Truncate("file", 1<<20))
		for i := 0; i < 1500 && err == nil; i++ {
			err = os.Link("file", fmt.Sprint("link", i))
		}
		if err != nil {
			panic(err)
		}
	case "ipc": // the errors of some calls, and the limits
		const flags = unix.IPC_CREAT | 0o600
		for _, c := range [][3]uintptr{
			{unix.SYS_MSGGET, flags}, {unix.SYS_SEMGET, 16, flags}, {unix.SYS_SHMGET, 64 << 10, flags},
			{unix.SYS_SEMGET, 17, flags}, {unix.SYS_SHMGET, 64<<10 + 1, flags}, {unix.SYS_SHMGET, math.MaxUint, flags},
		} {
			_, _, errno := unix.RawSyscall(c[0], unix.IPC_PRIVATE, c[1], c[2])
			fmt.Print(int(errno), " ")
		}
		for _, name := range []string{"msgmni", "msgmnb", "sem", "shmmni", "shmall"} {
			fmt.Print(strings.Join(strings.Fields(procfs.ReadAll("/proc/sys/kernel/"+name)), " "), " ")
		}
	case "exit":
		n, _ := strconv.Atoi(arg)
		os.Exit(n)
	default:
		os.Exit(2)
	}
}

func forever() {
	for {
		time.Sleep(time.Hour)
	}
}
