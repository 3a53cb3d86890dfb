//go:build 386 || amd64 || arm64

package record

import (
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"apue/ch8/proc"
	"apue/internal/trace"
)

// notes are the texts of a recording's notes, a line each.
func notes(r run) string {
	var s strings.Builder
	for i := range r.Events {
		if e := &r.Events[i]; e.Kind == trace.KindNote {
			s.WriteString(e.Note + "\n")
		}
	}
	return s.String()
}

// TestLate: a signal that would have ended a parent in vfork at once is
// noted, whether the child ends or SIGKILL comes first. One that is ignored,
// caught or blocked, or that makes a core file, is not.
func TestLate(t *testing.T) {
	exe := cProgram(t, "late")
	for way, status := range map[string]uint32{"ends": uint32(unix.SIGQUIT), "killed": uint32(unix.SIGKILL)} {
		r := runProgram(t, Options{}, exe, way)
		equal(t, way+": notes", notes(r), "SIGALRM (14) came while P0.1 was suspended by vfork: without the recorder it would have ended P0.1 at once\n")
		equal(t, way+": status", r.one(t, "P0.1", trace.KindExit).Status&0x7f, status)
	}
}

// TestShortStop: a stop that no process was told of and that SIGCONT ended
// at once may be the recorder's doing.
func TestShortStop(t *testing.T) {
	exe := cProgram(t, "late")
	for range 20 {
		r := runProgram(t, Options{}, exe, "stop")
		stops := r.find("P0.1", trace.KindStop)
		ends := r.find("P0.1", trace.KindContinue)
		want := ""
		told := slices.ContainsFunc(r.find("P0", trace.KindSignal), func(e *trace.Event) bool {
			return e.SiCode == proc.CLD_STOPPED && len(ends) > 0 && e.Time < ends[0].Time
		})
		if len(stops) > 0 && len(ends) > 0 && ends[0].Time-stops[0].Time < int64(shortStop) && !told {
			want = "P0.1" + trace.NoteShortStop + "\n"
		}
		equal(t, "notes", notes(r), want)
		if want != "" {
			return
		}
	}
}

// TestForeignCalls: calls that a 64-bit program makes as a 32-bit one does
// are not recorded, and the recording says so, once for each process.
func TestForeignCalls(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("there is no other way to make a call")
	}
	exe := cProgram(t, "foreign80")
	if exec.Command(exe).Run() != nil {
		t.Skip("this kernel has no calls of 32-bit programs")
	}
	for _, noSeccomp := range []bool{false, true} {
		r := runProgram(t, Options{noSeccomp: noSeccomp}, exe)
		equal(t, "output", r.out, "int 0x80\n")
		equal(t, "fork", len(r.find("P0", trace.KindFork)), 1)
		equal(t, "notes of P0", strings.Count(notes(r), "P0 makes system calls as a program of another architecture does"), 1)
	}
}

// TestX32: a call with a number of the x32 ABI is one of those that are not
// recorded, whether the kernel has that ABI or not.
func TestX32(t *testing.T) {
	r := &recorder{started: true, seen: map[string]bool{}, calls: callTable(&Options{})}
	p := &process{name: "P0", pid: 7, pids: []int{7}}
	th := &thread{tid: 7, proc: p}
	for range 2 {
		r.entered(th, &syscallInfo{arch: nativeArch, nr: x32Bit + unix.SYS_KILL})
	}
	if len(r.queue) != 1 || r.queue[0].Kind != trace.KindNote || th.call != nil {
		t.Errorf("not one note, or the call is followed: %+v, %+v", r.queue, th.call)
	}
}

// TestChangedBytes: the bytes of a write are read from the process's memory,
// where another thread can change them meanwhile.
func TestChangedBytes(t *testing.T) {
	r := runProgram(t, Options{}, cProgram(t, "changing"))
	writes := r.find("P0", trace.KindWrite)
	if len(writes) != 2 {
		t.Fatalf("%d writes\n%s", len(writes), text(r.Recording))
	}
	for i, want := range []bool{true, false} {
		if got := strings.HasPrefix(writes[i].Note, "another thread changed the bytes"); got != want {
			t.Errorf("write %d: note %q", i, writes[i].Note)
		}
	}
}

// TestShortStopRule: a stop is doubted if it was short, and neither a wait nor
// a signal has told the parent of it.
func TestShortStopRule(t *testing.T) {
	for _, c := range []struct {
		name          string
		waited, heard bool
		lasted        time.Duration
		doubted       bool
	}{
		{"short", false, false, shortStop - 1, true},
		{"long", false, false, shortStop, false},
		{"a wait returned it", true, false, 1, false},
		{"its parent got SIGCHLD", false, true, 1, false},
	} {
		r := &recorder{started: true, seen: map[string]bool{}, now: int64(time.Second)}
		p := &process{
			name: "P0.1", pid: 7, pids: []int{7}, stopped: true, stoppedAt: r.now - int64(c.lasted),
			stopToTell: !c.waited, stopHeard: c.heard,
		}
		r.continued(p)
		doubted := len(r.queue) == 2 && r.queue[1].Note == "P0.1"+trace.NoteShortStop
		equal(t, c.name, doubted, c.doubted)
		equal(t, c.name+": it continues", r.queue[0].Kind, trace.KindContinue)
	}
}
