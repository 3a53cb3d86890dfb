//go:build 386 || amd64 || arm64

package record

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"apue/internal/symbol"
	"apue/internal/trace"
)

func init() {
	goPrograms["nil"] = func() {
		var p *int
		fmt.Println(*p) // mark: nil
	}
}

// crashes are how the children of testdata/crashes.c end: by which signal,
// with what the kernel says of it, on which line. An * stands for an
// address that differs from run to run.
var crashes = []struct {
	signal     int
	says, line string
}{
	{11, "SEGV_MAPERR at address 0x0", "null"},
	{11, "SEGV_ACCERR at address *", "readonly"},
	{8, "FPE_INTDIV", "inlined"},
	{7, "BUS_ADRERR at address *", "beyond"},
	{4, "ILL_ILLOPN", "illegal"},
	{5, "SI_KERNEL", "trap"},
	{6, "", "abort"},
	{11, "SEGV_MAPERR at address 0x0", "call"},
	{11, "SEGV_MAPERR at address 0x10", "thread"},
	{11, "SEGV_MAPERR at address 0x0", "caught"},
	{8, "", "raise"},
	{11, "SEGV_MAPERR at address 0x123", "library"},
	{11, "SI_KERNEL", "form"},
}

// TestCrashes: a fault has its line, its address and the name of its
// si_code, in the signal's event and in that of the end, with and without
// optimisation. Without debug information the line is missing and the rest
// is there.
func TestCrashes(t *testing.T) {
	if runtime.GOARCH == "arm64" {
		t.Skip("arm64 divides by zero, and names its codes otherwise")
	}
	line := marks(t, "testdata/crashes.c")
	for _, flags := range []string{"-g", "-g -O2", "-s"} {
		r := runProgram(t, Options{}, cProgram(t, "crashes", strings.Fields(flags)...))
		for i, want := range crashes {
			name := fmt.Sprintf("P0.%d", i+1)
			p := r.Process(name)
			if longSize == 4 && want.line == "form" {
				continue // every address of 32 bits can exist
			}
			signals := r.find(name, trace.KindSignal)
			if p == nil || len(signals) == 0 {
				t.Errorf("%s: %s: no such process, or no signal", flags, want.line)
				continue
			}
			for _, e := range []*trace.Event{signals[len(signals)-1], p.Exit} {
				says := e.CrashText()
				if beginning, ok := strings.CutSuffix(want.says, "*"); ok && strings.HasPrefix(says, beginning+"0x") {
					says = want.says
				}
				// The library may store from the end.
				if want.line == "library" && strings.HasPrefix(says, want.says) {
					says = want.says
				}
				at := fmt.Sprintf("crashes.c:%d", line[want.line])
				got, function, _ := strings.Cut(place(e), " ")
				if want.line == "inlined" && flags != "-s" {
					equal(t, "function", function, "quotient")
				}
				if flags == "-s" {
					at, got = symbol.NoDebugInfo, place(e)
				}
				equal(t, flags+": "+want.line+" "+string(e.Kind), []string{says, got}, []string{want.says, at})
				if want.line == "form" && e.Unknown["fault_addr"] == "" {
					t.Errorf("%s: nobody says why the address is not known: %+v", flags, e)
				}
			}
			equal(t, flags+": "+want.line, int(p.Exit.Status&0x7f), want.signal)
		}
		// A signal that another process sent has no address, and no line
		// of this one.
		for i := range r.Events {
			e := &r.Events[i]
			if e.Kind == trace.KindSignal && e.SenderProcess == "P0" {
				equal(t, "sent", []any{e.Signal, e.FaultAddr, e.CrashText(), place(e)}, []any{11, "", "", ""})
			}
		}
		if t.Failed() {
			t.Fatal(text(r.Recording))
		}
	}
}

// TestCrashGo: in Go a fault is a panic, and the process exits with 2. The
// signal's event has the fault's line all the same.
func TestCrashGo(t *testing.T) {
	r := goProgram(t, Options{}, "nil")
	equal(t, "status", r.one(t, "P0", trace.KindExit).Status, uint32(0x200))
	var signal *trace.Event
	for _, e := range r.find("P0", trace.KindSignal) {
		if e.Signal == int(unix.SIGSEGV) {
			signal = e
		}
	}
	if signal == nil {
		t.Fatalf("no SIGSEGV\n%s", text(r.Recording))
	}
	equal(t, "code and address", signal.CrashText(), "SEGV_MAPERR at address 0x0")
	if longSize == 8 {
		at, _, _ := strings.Cut(place(signal), " ")
		equal(t, "line", at, fmt.Sprintf("crash_linux_test.go:%d", marks(t, "crash_linux_test.go")["nil"]))
	}
	equal(t, "exit", r.one(t, "P0", trace.KindExit).CrashText(), "")
}
