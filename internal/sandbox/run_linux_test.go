package sandbox

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"apue/internal/build"
	"apue/internal/record"
	"apue/internal/sampling"
	"apue/internal/trace"
)

func sh(script string) []string { return []string{"sh", "-c", script} }

func mustRun(t *testing.T, c Command) *Result {
	t.Helper()
	r, err := Run(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	if r.Recording != nil && c.Trace.Sink == nil {
		for _, err := range trace.Check(r.Recording) {
			t.Error(err)
		}
	}
	return r
}

// both runs f plain and isolated.
func both(t *testing.T, f func(t *testing.T, isolated bool)) {
	for _, isolated := range []bool{false, true} {
		t.Run(fmt.Sprintf("isolated=%v", isolated), func(t *testing.T) {
			t.Parallel()
			if isolated {
				mustIsolate(t)
			}
			f(t, isolated)
		})
	}
}

// signalState prints the blocked and the ignored signals.
var signalState = []string{"grep", "-E", "^Sig(Blk|Ign)", "/proc/self/status"}

const noSignals = "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n"

// What a program finds when it starts.
func TestSurroundings(t *testing.T) {
	t.Parallel()
	script := `
		pwd; ls -A; umask; echo "env $(env | grep -Ev "^(PWD|SHLVL)=" | cut -d= -f1 | sort | xargs)"
		[ "$HOME" = "$PWD" ] && [ "$TMPDIR" = "$PWD" ] && echo home
		fds=; for n in 0 1 2 3 4 5 6 7 8 9 10 11 12; do [ -e /proc/$$/fd/$n ] && fds="$fds $n"; done; echo "fds$fds"
		echo "stdin $(readlink /proc/$$/fd/0)"
		echo "core $(ulimit -Sc)"
		set -- $(cat /proc/$$/stat)
		[ $1 = $5 ] && echo leads its group
		[ $1 != $6 ] && echo not the session
		[ $4 = $6 ] && echo its parent does
		cat /proc/$4/comm
		>&2 echo "on stderr"; exit 9`
	both(t, func(t *testing.T, isolated bool) {
		r := mustRun(t, Command{Args: sh(script), Isolate: isolated})
		lines := strings.Split(string(r.Stdout), "\n")
		if !isolated && !strings.HasSuffix(lines[0], "/work") || isolated && !strings.HasPrefix(lines[0], "/box") {
			t.Errorf("it ran in %s", lines[0])
		}
		if _, err := os.Stat(lines[0]); err == nil {
			t.Errorf("%s is still there", filepath.Dir(lines[0]))
		}
		comm := "lab"
		if isolated {
			comm = "sh"
		}
		want := []string{
			"0022", "env HOME LANG PATH TERM TMPDIR", "home", "fds 0 1 2", "stdin /dev/null", "core 0",
			"leads its group", "not the session", "its parent does", comm, "",
		}
		if !reflect.DeepEqual(lines[1:], want) {
			t.Errorf("it found\n%s\nwant\n%s", r.Stdout, strings.Join(want, "\n"))
		}
		if string(r.Stderr) != "on stderr\n" || r.Status != 9<<8 {
			t.Errorf("got %s", sum(r))
		}
		// Not through a shell: it sets its own mask.
		r = mustRun(t, Command{Args: signalState, Isolate: isolated})
		if string(r.Stdout) != noSignals {
			t.Errorf("it found %q", r.Stdout)
		}
		if isolated != r.Isolated || r.Adopter <= 1 || isolated && r.Adopter > 9999 {
			t.Errorf("Isolated %v, Adopter %d", r.Isolated, r.Adopter)
		}
	})
}

func TestStdout(t *testing.T) {
	t.Parallel()
	script := `[ -t 1 ] && echo terminal; [ -p /proc/self/fd/1 ] && echo pipe; [ -f /proc/self/fd/1 ] && echo file
		: >/dev/tty && stty size <&1 && set -- $(cat /proc/$$/stat) && [ $5 = $8 ] && echo in the foreground`
	want := map[Stdout]string{
		Pipe: "pipe\n", File: "file\n",
		Pty: "terminal\r\n24 80\r\nin the foreground\r\n",
	}
	both(t, func(t *testing.T, isolated bool) {
		for kind, text := range want {
			for _, dir := range []string{"", t.TempDir()} {
				r := mustRun(t, Command{Args: sh(script), Stdout: kind, Isolate: isolated, Dir: dir})
				if string(r.Stdout) != text {
					t.Errorf("%v: stdout is %q, want %q", kind, r.Stdout, text)
				}
			}
		}
	})
}

// An orphan on a terminal outlives the first process: nobody hangs
// up on it.
func TestOrphanOnTerminal(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, isolated bool) {
		r := mustRun(t, Command{
			Args:   sh(`mkfifo f; (read x <f; echo orphan) & exec 3>f; exec sh -c 'exit 4'`),
			Stdout: Pty, Isolate: isolated,
		})
		if r.Status != 4<<8 || string(r.Stdout) != "orphan\r\n" || r.TimedOut {
			t.Errorf("got %s", sum(r))
		}
	})
}

func TestOutputIsCapped(t *testing.T) {
	t.Parallel()
	for _, kind := range []Stdout{Pipe, File, Pty} {
		r := mustRun(t, Command{
			Args:   sh(`head -c 300000 /dev/zero; head -c 200000 /dev/zero >&2`),
			Stdout: kind, Output: 100000,
		})
		if len(r.Stdout) != 100000 || len(r.Stderr) != 100000 || !r.Truncated || r.Flooded || r.Status != 0 {
			t.Errorf("%v: %d and %d bytes, truncated %v, status %#x",
				kind, len(r.Stdout), len(r.Stderr), r.Truncated, r.Status)
		}
		r = mustRun(t, Command{Args: sh(`head -c 100000 /dev/zero`), Stdout: kind, Output: 100000})
		if len(r.Stdout) != 100000 || r.Truncated {
			t.Errorf("%v: %d bytes, truncated %v", kind, len(r.Stdout), r.Truncated)
		}
	}
}

// A process outside may hold the other end of the output: its end
// is not waited for.
func TestOutputHeldOutside(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	fifo := filepath.Join(dir, "fifo")
	if err := unix.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	done := make(chan *Result)
	go func() {
		r, err := Run(context.Background(), Command{
			Args: sh(`echo $$ >fifo; read x <fifo; echo end`), Dir: dir,
		})
		if err != nil {
			t.Error(err)
		}
		done <- r
	}()
	pid, err := os.ReadFile(fifo)
	if err != nil {
		t.Fatal(err)
	}
	out, err := os.OpenFile(fmt.Sprintf("/proc/%s/fd/1", strings.TrimSpace(string(pid))), os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	if err := os.WriteFile(fifo, []byte("\n"), 0); err != nil {
		t.Fatal(err)
	}
	if r := <-done; r != nil && string(r.Stdout) != "end\n" {
		t.Errorf("stdout is %q", r.Stdout)
	}
}

// The files that a program leaves are read, whatever it did to
// them, and the folder goes.
func TestFiles(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, isolated bool) {
		name := newCookie()
		r := mustRun(t, Command{Isolate: isolated, Output: 4, Args: sh("a=" +
			name + `; mkdir -p $a/b closed; echo 1 >$a/b/c; echo 12345678 >d; ln -s /etc/passwd e; mkfifo f
			echo 2 >closed/g; chmod 0 closed/g closed; chmod 0 .; pwd`)})
		want := map[string][]byte{
			name + "/b/c": []byte("1\n"), "d": []byte("1234"), "closed/g": []byte("2\n"),
		}
		if !reflect.DeepEqual(r.Files, want) {
			t.Errorf("files are %q, want %q", r.Files, want)
		}
		if len(r.Stdout) != 4 {
			t.Errorf("stdout is %q", r.Stdout)
		}
		if left, _ := filepath.Glob(filepath.Join(os.TempDir(), "ch8-*", "work", name)); len(left) > 0 {
			t.Errorf("still there: %v", left)
		}
	})
}

// Names, arguments and the environment are any bytes but 0.
func TestBytes(t *testing.T) {
	t.Parallel()
	var all []byte
	for b := 1; b < 256; b++ {
		all = append(all, byte(b))
	}
	both(t, func(t *testing.T, isolated bool) {
		dir := filepath.Join(t.TempDir(), "d\xff\"\u2028")
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		program := filepath.Join(dir, "p\xfe")
		if err := build.WriteProgram(program, []byte("#!/bin/sh\n"+`printf %s "$1$V"; pwd`), 0o755); err != nil {
			t.Fatal(err)
		}
		r := mustRun(t, Command{
			Args: []string{program, string(all)}, Env: []string{"V=" + string(all), "PATH=/usr/bin:/bin"},
			Dir: dir, Isolate: isolated, Trace: &record.Options{},
		})
		if want := string(all) + string(all) + dir + "\n"; string(r.Stdout) != want {
			t.Errorf("it printed %q, want %q", r.Stdout, want)
		}
	})
}

// In a folder of the caller's the files stay.
func TestDir(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	r := mustRun(t, Command{Args: sh("pwd; echo x >f"), Dir: dir})
	if string(r.Stdout) != dir+"\n" || r.Files != nil {
		t.Errorf("ran in %q, files %q", r.Stdout, r.Files)
	}
	if b, err := os.ReadFile(filepath.Join(dir, "f")); string(b) != "x\n" {
		t.Errorf("%q, %v", b, err)
	}
}

func TestEnvironment(t *testing.T) {
	t.Parallel()
	r := mustRun(t, Command{Args: []string{"env"}, Env: []string{"PATH=/usr/bin:/bin", "A=1"}})
	if string(r.Stdout) != "PATH=/usr/bin:/bin\nA=1\n" {
		t.Errorf("environment is %q", r.Stdout)
	}
}

// What cannot be started is said in one sentence.
func TestNotStarted(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := build.WriteProgram(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	// An ELF header of another machine (s390, as it happens).
	elf, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	foreign := append([]byte{}, elf[:4096]...)
	foreign[18], foreign[19] = 22, 0
	writable := write("busy", "#!/bin/sh\n", 0o755)
	for _, c := range []struct {
		path   string
		status int
		want   string
	}{
		{"no-such-program-here", 127, `^no-such-program-here: not found; .*PATH`},
		{"./no-such-program-here", 127, `^\./no-such-program-here: not found; `},
		{dir + "/busy/x", 127, `not found`},
		{dir, 126, `: it is a directory; `},
		{write("plain", "x", 0o644), 126, `: it is not marked executable; chmod \+x /`},
		{write("empty", "", 0o755), 126, `: it is empty; `},
		{write("text", "echo hello\n", 0o755), 126, `: it is a text without a first line #!; `},
		{write("script", "#!/no/such/sh -x\n", 0o755), 126, `: its interpreter /no/such/sh is not here; `},
		{write("dos", "#!/bin/sh\r\n", 0o755), 126, `: its interpreter .*carriage return`},
		{write("foreign", string(foreign), 0o755), 126, `: it was built for s390, this machine is `},
		{write("mac", "\xcf\xfa\xed\xfe\x00\x00", 0o755), 126, `: it was built for macOS; `},
		{write("pe", "MZ\x00\x00", 0o755), 126, `: it was built for Windows; `},
		{write("junk", "\x01\x02\x00", 0o755), 126, `: it is not an executable file; `},
		{writable, 126, `: it is open for writing; `},
	} {
		for _, traced := range []bool{false, true} {
			cmd := Command{Args: []string{c.path}}
			if traced {
				cmd.Trace = &record.Options{}
			}
			if c.path == writable {
				f, err := os.OpenFile(c.path, os.O_WRONLY, 0)
				if err != nil {
					t.Fatal(err)
				}
				defer f.Close()
			}
			_, err := Run(context.Background(), cmd)
			if err == nil || !regexp.MustCompile(c.want).MatchString(err.Error()) || ExitStatus(err) != c.status {
				t.Errorf("%s, traced %v: error is %q (exit status %d), want %q (%d)",
					c.path, traced, err, ExitStatus(err), c.want, c.status)
			}
		}
	}
	if _, err := Run(context.Background(), Command{}); ExitStatus(err) != 125 {
		t.Errorf("without a program: %v", err)
	}
	if _, err := Run(context.Background(), Command{Args: sh(""), Dir: "/no/such/folder"}); err == nil ||
		!strings.Contains(err.Error(), "working directory cannot be entered") {
		t.Errorf("without a folder: %v", err)
	}
	both(t, func(t *testing.T, isolated bool) {
		_, err := Run(context.Background(), Command{Args: []string{filepath.Join(dir, "text")}, Isolate: isolated})
		if ExitStatus(err) != 126 {
			t.Errorf("error is %v", err)
		}
	})
}

// A program named relative to the caller's folder, through a link.
func TestRelative(t *testing.T) {
	dir := t.TempDir()
	target := filepath.Join(dir, "real", "p")
	os.Mkdir(filepath.Dir(target), 0o700)
	os.Mkdir(filepath.Join(dir, "links"), 0o700)
	for name, text := range map[string]string{target: "#!/bin/sh\n. ${0%/*}/beside\n",
		filepath.Join(dir, "links", "beside"): "echo beside\n"} {
		if err := os.WriteFile(name, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	os.Symlink("../real/p", filepath.Join(dir, "links", "q"))
	t.Chdir(dir)
	for _, isolated := range []bool{false, true} {
		if isolated {
			mustIsolate(t)
		}
		r := mustRun(t, Command{Args: []string{"links/q"}, Isolate: isolated})
		if string(r.Stdout) != "beside\n" || r.Status != 0 {
			t.Errorf("isolated %v: got %s", isolated, sum(r))
		}
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, isolated bool) {
		for _, traced := range []bool{false, true} {
			cookie := newCookie()
			dir := t.TempDir()
			fifo := filepath.Join(dir, "fifo")
			if err := unix.Mkfifo(fifo, 0o666); err != nil {
				t.Fatal(err)
			}
			os.Chmod(fifo, 0o666)
			os.Chmod(dir, 0o777)
			ctx, cancel := context.WithCancel(context.Background())
			c := Command{Args: []string{"sh", "-c", `echo before; setsid sh -c 'while :; do sleep 100; done' ` +
				cookie + ` & echo >fifo; wait`, cookie}, Dir: dir, Isolate: isolated}
			if traced {
				c.Trace = &record.Options{}
			}
			go func() {
				os.ReadFile(fifo)
				cancel()
			}()
			r, err := Run(ctx, c)
			noneLeft(t, cookie)
			if !errors.Is(err, context.Canceled) || r == nil || string(r.Stdout) != "before\n" ||
				len(r.Leftovers) < 2 || r.TimedOut {
				t.Errorf("traced %v: error %v, got %+v", traced, err, r)
			}
			if r, err := Run(ctx, c); err != context.Canceled || r != nil {
				t.Errorf("afterwards: %v, %v", r, err)
			}
		}
	})
}

// The process that called Run is killed: nothing stays.
func TestCallerKilled(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, isolated bool) {
		for _, traced := range []bool{false, true} {
			cookie := newCookie()
			j := job{Command: Command{
				Args:    append(sh(`setsid sh -c 'sleep 100; :' `+cookie+`-daemon & wait`), cookie),
				Timeout: time.Minute, Isolate: isolated,
			}, Trace: traced}
			cmd := elsewhere(t, j, cookie)
			work := t.TempDir()
			os.Chmod(work, 0o755)
			cmd.Env = append(cmd.Env, "TMPDIR="+work)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			for !isRunning("sh -c sleep", cookie+"-daemon") {
				time.Sleep(time.Millisecond)
			}
			cmd.Process.Kill()
			cmd.Wait()
			goneSoon(t, cookie)
			for range 1000 {
				if left, _ := filepath.Glob(work + "/*"); len(left) == 0 {
					break
				}
				time.Sleep(5 * time.Millisecond)
			}
			if left, _ := filepath.Glob(work + "/*"); len(left) > 0 {
				t.Errorf("traced %v: still there: %v", traced, left)
			}
		}
	})
}

// A caller in a bad state: SIGCHLD and the stop signals ignored,
// signals blocked by its parent, standard input closed, in a folder
// that cannot be written, without TERM, with open descriptors.
func TestBadCaller(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, isolated bool) {
		for _, c := range []struct {
			args []string
			want string
		}{
			{signalState, noSignals},
			{sh(`echo $TERM; [ -e /proc/$$/fd/7 ] && echo open; (exit 3) & wait $!; echo $?`), "dumb\n3\n"},
		} {
			j := job{Command: Command{Isolate: isolated, Args: c.args}}
			inner := elsewhere(t, j, newCookie())
			cmd := exec.Command("sh", append([]string{"-c",
				`trap '' CHLD HUP INT TSTP TTIN TTOU QUIT TERM PIPE; cd /proc; unset TERM; exec "$@" <&- 7</dev/null`, "sh",
				inner.Args[0]}, inner.Args[1:]...)...)
			cmd.Env = inner.Env
			if r := j.result(t, cmd); r.Err != "" || string(r.Result.Stdout) != c.want {
				t.Errorf("error %q, stdout %q, want %q", r.Err, r.Result.Stdout, c.want)
			}
		}
	})
}

// Runs side by side, and os/exec beside them.
func TestParallel(t *testing.T) {
	t.Parallel()
	stop := make(chan struct{})
	var beside, runs sync.WaitGroup
	for range 2 {
		beside.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				time.Sleep(5 * time.Millisecond)
				err := exec.Command("sh", "-c", fmt.Sprintf("exit %d", n%3)).Run()
				var exit *exec.ExitError
				if n%3 == 0 && err != nil || n%3 != 0 && (!errors.As(err, &exit) || exit.ExitCode() != n%3) {
					t.Errorf("os/exec beside: exit %d gave %v", n%3, err)
					return
				}
			}
		})
	}
	for i := range sampling.Number(6, 12) {
		runs.Go(func() {
			c := Command{Args: sh(fmt.Sprintf("echo %d; (sleep 0.1; echo orphan) & exit %d", i, i)), Isolate: i%2 == 1}
			if i%3 == 0 {
				c.Trace = &record.Options{}
			}
			if c.Isolate && CanIsolate() != nil {
				c.Isolate = false
			}
			r, err := Run(context.Background(), c)
			if err != nil {
				t.Error(err)
			} else if string(r.Stdout) != fmt.Sprintf("%d\norphan\n", i) || r.Status != uint32(i)<<8 {
				t.Errorf("run %d: %s", i, sum(r))
			}
		})
	}
	runs.Wait()
	close(stop)
	beside.Wait()
}

func TestRusage(t *testing.T) {
	t.Parallel()
	r := mustRun(t, Command{Args: sh(`sh -c 'i=0; while [ $i -lt 40000 ]; do i=$((i+1)); done'`)})
	if r.Rusage.User < 5*time.Millisecond || r.Rusage.MaxRSS < 100<<10 || r.Elapsed < r.Rusage.User/4 {
		t.Errorf("%+v in %v", r.Rusage, r.Elapsed)
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, isolated bool) {
		r := mustRun(t, Command{
			Args:   sh(`ulimit -n; ulimit -v; ulimit -f; ulimit -Ht`),
			Limits: Limits{OpenFiles: 20, AddressSpace: 1 << 30, FileSize: 1 << 20, CPU: 1}, Isolate: isolated,
		})
		if string(r.Stdout) != "20\n1048576\n2048\n1\n" {
			t.Errorf("got %s", sum(r))
		}
		r = mustRun(t, Command{Args: sh(`ulimit -v; ulimit -f; ulimit -t`), Isolate: isolated,
			Limits: Limits{AddressSpace: -1, FileSize: -1, CPU: -1}})
		if string(r.Stdout) != "unlimited\nunlimited\nunlimited\n" {
			t.Errorf("without limits: %q", r.Stdout)
		}
		if !isolated {
			return
		}
		// Under its limit the launcher could not map memory any more, and
		// so many arguments take more than a heap has left.
		many := slices.Repeat([]string{strings.Repeat("x", 100<<10)}, 15)
		r = mustRun(t, Command{Args: append(sh(`echo $#`), many...), Limits: Limits{AddressSpace: 64 << 20}, Isolate: true})
		if string(r.Stdout) != "14\n" {
			t.Errorf("with 1.5 MB of arguments: %s", sum(r))
		}
	})
}

// The recording of a double fork, on each kind of output: the
// orphan's new parent is the adopter.
func TestTrace(t *testing.T) {
	t.Parallel()
	if err := record.Probe(); err != nil {
		t.Skip(err)
	}
	both(t, func(t *testing.T, isolated bool) {
		for _, kind := range []Stdout{Pipe, File, Pty} {
			c := Command{Args: program(t, "orphan", newCookie()), Stdout: kind, Isolate: isolated, Trace: &record.Options{}}
			r := mustRun(t, c)
			rec := r.Recording
			h := rec.Header
			if h.Adopter != r.Adopter || h.AdopterComm != "lab" || h.Stdout != kind.String() ||
				isolated != strings.HasPrefix(h.Dir, "/box") || !reflect.DeepEqual(h.Command, c.Args) {
				t.Errorf("%v: header %+v", kind, h)
			}
			var adopted, written, ended bool
			for _, e := range rec.Events {
				switch e.Kind {
				case trace.KindReparented:
					if e.Process == "P0.1.1" && e.NewParentNSpid == r.Adopter && e.NewParentComm == "lab" {
						adopted = true
					}
				case trace.KindWrite:
					if e.Process == "P0.1.1" && string(e.Data) == fmt.Sprintln(r.Adopter) {
						written = true
					}
				case trace.KindEnd:
					ended = e.Status == 0 && !e.Timeout && e.Leftovers == 0
				}
			}
			p0 := rec.Process("P0")
			if !adopted || !written || !ended || p0 == nil || isolated == (p0.Pid == p0.NSpid) {
				t.Errorf("%v: adopted %v, written %v, ended %v, first %+v", kind, adopted, written, ended, p0)
				for i := range rec.Events {
					t.Log(trace.Text(&rec.Events[i]))
				}
			}
			if strings.TrimSpace(string(r.Stdout)) != fmt.Sprint(r.Adopter) || r.Status != 0 {
				t.Errorf("%v: got %s", kind, sum(r))
			}
		}
	})
}

// With a Sink the events go there; its error ends the run.
func TestSink(t *testing.T) {
	t.Parallel()
	var begun int
	var kinds []trace.Kind
	o := &record.Options{
		Begin: func(h *trace.Header) error { begun++; return nil },
		Sink:  func(e *trace.Event) error { kinds = append(kinds, e.Kind); return nil },
	}
	r := mustRun(t, Command{Args: sh("exit 5"), Trace: o})
	if begun != 1 || len(kinds) < 3 || kinds[0] != trace.KindExec || kinds[len(kinds)-1] != trace.KindEnd ||
		len(r.Recording.Events) != 0 || r.Status != 5<<8 {
		t.Errorf("begun %d, kinds %v, recording %+v, %s", begun, kinds, r.Recording, sum(r))
	}
	full := errors.New("the disk is full")
	o = &record.Options{Sink: func(*trace.Event) error { return full }}
	cookie := newCookie()
	r, err := Run(context.Background(), Command{Args: append(sh("sleep 100"), cookie), Trace: o})
	noneLeft(t, cookie)
	if !errors.Is(err, full) || r == nil || r.TimedOut {
		t.Errorf("error is %v, result %+v", err, r)
	}
}

// A recording holds the text of the source files that its events name. It
// is read by the caller: Source may refuse it.
func TestSources(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	source, exe := filepath.Join(dir, "a.c"), filepath.Join(dir, "a")
	const text = "#include <unistd.h>\nint main(void) {\n_exit(fork() != 0);\n}\n"
	if err := os.WriteFile(source, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	if out, err := build.C("cc", source, exe, "-g"); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	r := mustRun(t, Command{Args: []string{exe}, Trace: &record.Options{}})
	if f := r.Recording.Source(source); f == nil || f.Text != text {
		t.Errorf("the recording holds %+v", r.Recording.Sources)
	}
	asked := ""
	refuse := func(name string) ([]byte, error) { asked = name; return nil, errors.New("not yours") }
	r = mustRun(t, Command{Args: []string{exe}, Trace: &record.Options{Source: refuse}})
	if s := r.Recording.Sources; asked != source || len(s) != 1 || s[0].Text != "" || s[0].NoText != "not yours" {
		t.Errorf("asked for %q, the recording holds %+v", asked, s)
	}
	// A stranger's program names any file: none is read unless the caller
	// says how.
	r = mustRun(t, Command{Args: []string{exe}, Isolate: true, Trace: &record.Options{}})
	if s := r.Recording.Sources; len(s) != 1 || s[0].Text != "" || !strings.Contains(s[0].NoText, "not read") {
		t.Errorf("the recording of an isolated run holds %+v", s)
	}
}

// A recorded run that does not end is recorded to its end.
func TestTraceTimeout(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, isolated bool) {
		cookie := newCookie()
		r := mustRun(t, Command{Args: program(t, "daemon", cookie), Timeout: patient / 2, Isolate: isolated, Trace: &record.Options{}})
		noneLeft(t, cookie)
		end := r.Recording.Events[len(r.Recording.Events)-1]
		if end.Kind != trace.KindEnd || !end.Timeout || end.Leftovers != 1 || !r.TimedOut || len(r.Leftovers) != 1 {
			t.Errorf("end %+v, %s", end, sum(r))
		}
	})
}

// Under another tracer a run can be made and cannot be recorded.
func TestTraced(t *testing.T) {
	t.Parallel()
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Skip(err)
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, traced := range []bool{false, true} {
		j := job{Command: Command{Args: sh("echo x")}, Trace: traced}
		cmd := elsewhere(t, j, newCookie())
		cmd.Args = append([]string{"strace", "-f", "-o", "/dev/null", "-e", "trace=none", exe}, cmd.Args[1:]...)
		cmd.Path = strace
		r := j.result(t, cmd)
		switch {
		case traced && (!r.Refusal || !strings.Contains(r.Err, "(strace)")):
			t.Errorf("recorded: error is %q, want a refusal that names the tracer", r.Err)
		case !traced && (r.Err != "" || string(r.Result.Stdout) != "x\n"):
			t.Errorf("not recorded: %q, %+v", r.Err, r.Result)
		}
	}
}

// TestWriteProgram executes programs as soon as they are written, while
// others are started all the time: one in twenty is busy if that is done
// with os.WriteFile.
func TestWriteProgram(t *testing.T) {
	t.Parallel()
	dir, over := t.TempDir(), make(chan struct{})
	var wg sync.WaitGroup
	defer wg.Wait()
	defer close(over)
	for range 3 {
		wg.Go(func() {
			for {
				select {
				case <-over:
					return
				default:
					exec.Command("true").Run()
				}
			}
		})
	}
	for i := range sampling.Number(20, 60) {
		program := filepath.Join(dir, strconv.Itoa(i))
		if err := build.WriteProgram(program, []byte("#!/bin/sh\n"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := exec.Command(program).Run(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestReaped: the program's status is not overwritten by that of a later
// orphan with the same pid, and a stop is no status.
func TestReaped(t *testing.T) {
	k := &keeperState{pid: 100}
	for _, ws := range []unix.WaitStatus{0x137f, 0x300, 0x900, 9} {
		k.reaped(99, 0x500)
		k.reaped(100, ws)
	}
	if !k.known || k.Status != 0x300 {
		t.Errorf("status %#x, want 0x300", k.Status)
	}
}

// TestKeeperSignals: no signal but SIGKILL and SIGSTOP ends or stops the
// keeper, the parent of a trusted program: also not the two that C
// libraries keep for themselves.
func TestKeeperSignals(t *testing.T) {
	t.Parallel()
	const script = `n=1; while [ $n -le 64 ]; do case $n in 9|19) ;; *) kill -$n $PPID || exit 2;; esac; n=$((n+1)); done; exit 3`
	r := mustRun(t, Command{Args: []string{"bash", "-c", script}})
	if r.Status != 3<<8 {
		t.Errorf("status %#x, %s", r.Status, r.Stderr)
	}
}
