package sandbox

import (
	"bytes"
	"context"
	"debug/dwarf"
	"debug/elf"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"apue/internal/build"
	"apue/internal/record"
	"apue/internal/sampling"
)

// short is the deadline of programs that do not end; where it was
// too short for what the program does before, because the machine
// is busy, patient is tried.
const (
	short   = 400 * time.Millisecond
	patient = 10 * short
)

// A check returns what is wrong with a result, "" if nothing is.
type check func(r *Result, isolated, traced bool) string

// A hostile program, and what must come of it.
type hostile struct {
	mode   string
	limits Limits
	c      Command
	golang bool   // there is one in Go too
	only   string // "isolated"; "plain", and then not recorded either
	check  check
	fails  string // a part of the error wanted from a plain run
}

func exited(want int) check {
	return func(r *Result, _, _ bool) string {
		if r.Status != uint32(want)<<8 || r.TimedOut || len(r.Leftovers) > 0 {
			return fmt.Sprintf("got %s, want exit status %d", sum(r), want)
		}
		return ""
	}
}

// timedOut wants one process to be alive in the end, in the state.
func timedOut(status uint32, first bool, state string) check {
	return func(r *Result, isolated, _ bool) string {
		if !r.TimedOut || r.Status != status || len(r.Leftovers) != 1 {
			return fmt.Sprintf("got %s, want a timeout with one process left", sum(r))
		}
		l := r.Leftovers[0]
		if l.First != first || !strings.Contains(state, l.State) {
			return fmt.Sprintf("left is %+v, want state %s, first %v", l, state, first)
		}
		if isolated == (l.Pid == l.NSpid) || l.Comm == "" || len(l.Cmdline) == 0 {
			return fmt.Sprintf("left is described as %+v", l)
		}
		return ""
	}
}

// printed wants that on standard output, too.
func printed(want string, c check) check {
	return func(r *Result, isolated, traced bool) string {
		if string(r.Stdout) != want {
			return fmt.Sprintf("got %s, want %q", sum(r), want)
		}
		return c(r, isolated, traced)
	}
}

// when wants a condition to hold.
func when(what string, ok func(r *Result) bool) check {
	return func(r *Result, _, _ bool) string {
		if !ok(r) {
			return fmt.Sprintf("got %s, want %s", sum(r), what)
		}
		return ""
	}
}

func sum(r *Result) string {
	return fmt.Sprintf("status %#x, timeout %v, flood %v, %d left %+v, stdout %.60q, stderr %.200q",
		r.Status, r.TimedOut, r.Flooded, len(r.Leftovers), r.Leftovers, r.Stdout, r.Stderr)
}

const killed = uint32(unix.SIGKILL)

var hostiles = []hostile{
	{mode: "forever", golang: true, check: timedOut(killed, true, "S")},
	{mode: "ignore", golang: true, check: timedOut(killed, true, "S")},
	{mode: "zombie", check: timedOut(killed, true, "S")},
	{mode: "stop", check: timedOut(killed, true, "Tt")},
	{mode: "daemon", golang: true, check: printed("parent\n", timedOut(0, false, "S"))},
	{mode: "leaderless", check: printed("parent\n", timedOut(0, false, "S"))},
	{mode: "orphan", check: func(r *Result, isolated, traced bool) string {
		if r.Adopter <= 1 || isolated && r.Adopter > 9999 || r.AdopterComm != "lab" {
			return fmt.Sprintf("adopter is %d (%s)", r.Adopter, r.AdopterComm)
		}
		return printed(fmt.Sprintln(r.Adopter), exited(0))(r, isolated, traced)
	}},
	{mode: "closeall", check: exited(7)},
	{mode: "termparent", check: exited(0)},
	{mode: "killgroup", check: when("death by SIGKILL", func(r *Result) bool {
		return r.Status == killed && !r.TimedOut
	})},
	{mode: "traceme", check: func(r *Result, isolated, traced bool) string {
		if traced {
			return exited(6)(r, isolated, traced)
		}
		return timedOut(killed, true, "t")(r, isolated, traced)
	}},
	{mode: "spin", limits: Limits{CPU: 1}, only: "plain", c: Command{Timeout: time.Minute},
		check: when("the end by RLIMIT_CPU", func(r *Result) bool {
			return r.Status == killed && !r.TimedOut
		})},
	{mode: "spew", golang: true, c: Command{Output: 1000, Timeout: time.Minute},
		check: when("it ended for its output", func(r *Result) bool {
			return r.Flooded && !r.TimedOut && r.Truncated && len(r.Stdout) == 1000 && r.Status == killed
		})},
	{mode: "hog", limits: Limits{AddressSpace: 64 << 20}, c: Command{Timeout: time.Minute},
		check: when("a little less than 64 MiB and exit status 4", func(r *Result) bool {
			n, err := strconv.Atoi(strings.TrimSpace(string(r.Stdout)))
			return err == nil && n > 8 && n < 64 && r.Status == 4<<8
		})},
	{mode: "bigfile", limits: Limits{FileSize: 1 << 20}, c: Command{Timeout: time.Minute, Output: 5000},
		check: when("SIGXFSZ", func(r *Result) bool {
			return r.Status&0x7f == uint32(unix.SIGXFSZ) && len(r.Files["big"]) == 5000
		})},
	{mode: "killparent", fails: "was killed",
		check: when("a timeout, since an init cannot be killed from within", func(r *Result) bool {
			return r.TimedOut && len(r.Leftovers) == 2
		})},
	{mode: "escape", check: when("a timeout with three processes left", func(r *Result) bool {
		return r.TimedOut && r.Status == 0 && len(r.Leftovers) == 3
	})},
	{mode: "escapekill", fails: "was killed", check: when("a timeout with four processes left", func(r *Result) bool {
		return r.TimedOut && len(r.Leftovers) == 4
	})},
	{mode: "stopparent", check: timedOut(killed, true, "S")},
	{mode: "killall", golang: true, only: "isolated", check: printed("killed\n", exited(0))},
	{mode: "bomb", golang: true, only: "isolated", limits: Limits{Processes: 40}, c: Command{Timeout: 3 * short},
		check: when("fewer than 40 processes", func(r *Result) bool {
			n, err := strconv.Atoi(strings.TrimSpace(string(r.Stdout)))
			return err == nil && n > 0 && n < 40 && r.TimedOut && len(r.Leftovers) <= 40
		})},
}

// TestHostile runs each program plain and isolated, recorded and
// not: it must not outlive the run, nor harm it. Every sixth of these runs
// is in the sample.
func TestHostile(t *testing.T) {
	t.Parallel()
	n := 0
	for _, h := range hostiles {
		for _, lang := range []string{"c", "go"} {
			for _, isolated := range []bool{false, true} {
				for _, traced := range []bool{false, true} {
					if lang == "go" && (!h.golang || traced) || h.only == "isolated" && !isolated || h.only == "plain" && (isolated || traced) {
						continue
					}
					if n++; !sampling.Has(n, 6) {
						continue
					}
					name := fmt.Sprintf("%s/%s/isolated=%v/traced=%v", h.mode, lang, isolated, traced)
					t.Run(name, func(t *testing.T) {
						t.Parallel()
						h.run(t, lang, isolated, traced)
					})
				}
			}
		}
	}
}

func (h hostile) run(t *testing.T, lang string, isolated, traced bool) {
	if isolated {
		mustIsolate(t)
	}
	cookie := newCookie()
	c := h.c
	if lang == "c" {
		c.Args = program(t, h.mode, cookie, namespace())
	} else {
		c.Args = programGo(h.mode, cookie, namespace())
	}
	if c.Timeout == 0 {
		c.Timeout = short
	}
	if traced {
		c.Trace = &record.Options{}
		if c.Timeout < time.Second {
			c.Timeout *= 2
		}
	}
	c.Isolate, c.Limits = isolated, h.limits
	for {
		r, err := Run(context.Background(), c)
		noneLeft(t, cookie)
		wrong := ""
		switch {
		case h.fails != "" && !isolated:
			if err == nil || !strings.Contains(err.Error(), h.fails) {
				wrong = fmt.Sprintf("error is %v, want %q", err, h.fails)
			}
		case err != nil:
			wrong = err.Error()
		default:
			wrong = h.check(r, isolated, traced)
		}
		if wrong == "" {
			return
		}
		if c.Timeout >= patient {
			t.Fatal(wrong)
		}
		t.Logf("within %v: %s", c.Timeout, wrong)
		c.Timeout = patient
	}
}

// TestStoppedKeeper: a keeper that does not answer is given up, and its
// tree swept.
func TestStoppedKeeper(t *testing.T) {
	t.Parallel()
	cookie := newCookie()
	c := Command{Args: program(t, "stopparent", cookie, namespace()), Timeout: patient}
	r, err := c.start(context.Background(), order{patience: short - patient})
	if err == nil || !strings.Contains(err.Error(), "did not answer in time") {
		t.Errorf("%v, error %v", r, err)
	}
	noneLeft(t, cookie)
}

// TestChains: where the keeper is killed, processes that fork away from
// every look at them are found and killed all the same.
func TestChains(t *testing.T) {
	// Not beside other runs: the chains use all processors until they are
	// caught.
	cookie := newCookie()
	_, err := Run(context.Background(), Command{Args: program(t, "chains", cookie, namespace()), Timeout: time.Minute})
	if err == nil || !strings.Contains(err.Error(), "was killed") {
		t.Errorf("error is %v", err)
	}
	noneLeft(t, cookie)
}

// TestCancelStopped: who stops the keeper does not escape the caller.
func TestCancelStopped(t *testing.T) {
	t.Parallel()
	cookie := newCookie()
	ctx, cancel := context.WithTimeout(context.Background(), short)
	defer cancel()
	_, err := Run(ctx, Command{Args: program(t, "stopparent", cookie, namespace()), Timeout: time.Minute})
	if err != context.DeadlineExceeded {
		t.Error(err)
	}
	noneLeft(t, cookie)
}

// TestAttached: a program that traces its recorder makes both stand
// still, and is ended with a sentence all the same. It cannot where it
// is isolated.
func TestAttached(t *testing.T) {
	t.Parallel()
	cookie := newCookie()
	c := Command{Args: program(t, "attach", cookie, namespace()), Timeout: short, Trace: &record.Options{}}
	r, err := Run(context.Background(), c)
	for err == nil && r.TimedOut && c.Timeout < 5*patient { // it was not that far
		c.Timeout *= 5
		r, err = Run(context.Background(), c)
	}
	switch {
	case err == nil && r.Status == 6<<8:
		t.Log("the kernel does not let it")
	case err == nil || !strings.Contains(err.Error(), "stopped or traced it"):
		t.Errorf("error is %v", err)
	}
	noneLeft(t, cookie)
	mustIsolate(t)
	c.Isolate = true
	if r, err = Run(context.Background(), c); err != nil || r.Status != 5<<8 {
		t.Errorf("isolated: %v, %v", r, err)
	}
}

// hostileDWARF is the fixture in C, of which its DWARF is changed, as
// another program.
func hostileDWARF(t *testing.T, name string, change func(f *elf.File, file []byte) []byte) string {
	path := filepath.Join(scratch, name)
	cc, err := exec.LookPath("cc")
	if err != nil {
		t.Skip("no C compiler (cc) in PATH")
	}
	if text, err := build.C(cc, "testdata/hostile.c", path, "-w", "-g", "-gdwarf-5", "-pthread"); err != nil {
		t.Fatal(string(text))
	}
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	f, err := elf.NewFile(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	if s := f.Section(".debug_line"); s == nil || s.Flags&elf.SHF_COMPRESSED != 0 {
		t.Skip("this compiler's line tables cannot be changed in place")
	}
	program := path + "-changed"
	if err := build.WriteProgram(program, change(f, file), 0o755); err != nil {
		t.Fatal(err)
	}
	return program
}

// TestHugeTable: an executable that says of itself that it was made of
// 2²⁸ files is recorded as any other.
func TestHugeTable(t *testing.T) {
	t.Parallel()
	// A header (DWARF 5, section 6.2.4): nothing is said of each file,
	// so none takes a byte.
	body := []byte{1, 1, 1, 0xfb, 14, 13, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0x80, 0x80, 0x80, 0x80, 0x01}
	header := binary.LittleEndian.AppendUint32(nil, uint32(len(body)+8+3))
	header = append(header, 5, 0, 8, 0)
	header = binary.LittleEndian.AppendUint32(header, uint32(len(body)))
	header = append(append(header, body...), 0, 1, 1)
	program := hostileDWARF(t, "hugetable", func(f *elf.File, file []byte) []byte {
		d, err := f.DWARF()
		if err != nil {
			t.Fatal(err)
		}
		for r := d.Reader(); ; r.SkipChildren() {
			unit, err := r.Next()
			if err != nil || unit == nil {
				return file
			}
			if at, ok := unit.Val(dwarf.AttrStmtList).(int64); ok {
				copy(file[int64(f.Section(".debug_line").Offset)+at:], header)
			}
		}
	})
	r := mustRun(t, Command{Args: []string{program, "orphan", newCookie()}, Trace: &record.Options{}, Timeout: patient})
	if r.Status != 0 || len(r.Stdout) == 0 || r.Recording == nil || r.RecordingFull {
		t.Errorf("status %d, output %q, recording %v", r.Status, r.Stdout, r.Recording)
	}
}

// TestHugeSections: programs whose sections are together larger than what
// the keeper may have end it, and the error says what to do.
func TestHugeSections(t *testing.T) {
	t.Parallel()
	if !sampling.All() {
		t.Skip("fills the memory that a keeper may have: make test-all runs it")
	}
	const size = 250 << 20 // a file of 256 MiB is not read
	program := hostileDWARF(t, "hugesections", func(f *elf.File, file []byte) []byte {
		i := slices.IndexFunc(f.Sections, func(s *elf.Section) bool { return s.Name == ".debug_str" })
		if i < 0 || f.Class != elf.ELFCLASS64 {
			t.Skip("no section of a 64-bit program to change")
		}
		var header elf.Header64
		binary.Decode(file, f.ByteOrder, &header)
		var section elf.Section64
		of := file[header.Shoff+uint64(i)*uint64(header.Shentsize):]
		binary.Decode(of, f.ByteOrder, &section)
		section.Off, section.Size = uint64(len(file)), size
		binary.Encode(of, f.ByteOrder, &section)
		return file
	})
	file, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	args := append(sh(`for p; do "$p" orphan "$0"; done`), newCookie())
	for i := range 12 {
		p := fmt.Sprintf("%s-%d", program, i)
		if err := build.WriteProgram(p, file, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(p, int64(len(file))+size); err != nil { // most of it is a hole
			t.Fatal(err)
		}
		args = append(args, p)
	}
	_, err = Run(context.Background(), Command{Args: args, Trace: &record.Options{}, Timeout: 5 * patient})
	if err == nil || !strings.Contains(err.Error(), "memory") {
		t.Errorf("error %v", err)
	}
}

// TestOwnMemory: the program may have what the keeper may not.
func TestOwnMemory(t *testing.T) {
	t.Parallel()
	r := mustRun(t, Command{Args: sh("ulimit -Sd; grep 'Max data' /proc/$PPID/limits")})
	var was unix.Rlimit
	unix.Getrlimit(unix.RLIMIT_DATA, &was)
	own, limits, _ := strings.Cut(string(r.Stdout), "\n")
	if !strings.Contains(limits, " 2147483648 ") || (own == "unlimited") != (was.Cur == unix.RLIM_INFINITY) {
		t.Errorf("the program's and the keeper's RLIMIT_DATA: %s", r.Stdout)
	}
}

// The dangerous programs of these tests check where they are.
func TestGuard(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		program(t, "bomb", newCookie(), namespace()),
		program(t, "bomb", newCookie()),
		programGo("bomb", newCookie(), namespace()),
		programGo("bomb", newCookie()),
	} {
		r, err := Run(context.Background(), Command{Args: args})
		if err != nil {
			t.Fatal(err)
		}
		if wrong := exited(3)(r, false, false); wrong != "" {
			t.Error(wrong)
		}
	}
}
