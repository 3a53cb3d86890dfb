package proc

import (
	"fmt"
	"testing"
)

func ExampleWaitStatus() {
	for _, word := range []WaitStatus{0x0700, 0x0006, 0x0086, 0x137f, 0xffff} {
		fmt.Printf("0x%04x %s\n", uint32(word), word)
	}
	// Output:
	// 0x0700 normal termination, exit status = 7
	// 0x0006 abnormal termination, signal number = 6
	// 0x0086 abnormal termination, signal number = 6 (core file generated)
	// 0x137f child stopped, signal number = 19
	// 0xffff child continued
}

// Exactly one of the four holds for every word that the kernel
// makes, and the values fit.
func TestWaitStatus(t *testing.T) {
	one := func(w WaitStatus, exit, term, stop int) {
		t.Helper()
		n := 0
		for _, b := range []bool{w.Exited(), w.Signaled(), w.Stopped(), w.Continued()} {
			if b {
				n++
			}
		}
		if n != 1 || w.ExitStatus() != exit || w.TermSig() != term || w.StopSig() != stop {
			t.Errorf("%#x: %d of four, exit %d term %d stop %d, want %d %d %d",
				uint32(w), n, w.ExitStatus(), w.TermSig(), w.StopSig(), exit, term, stop)
		}
	}
	for n := range 256 {
		one(WaitStatus(n<<8), n, -1, -1)
	}
	for sig := 1; sig <= 64; sig++ {
		one(WaitStatus(sig), -1, sig, -1)
		one(WaitStatus(sig|0x80), -1, sig, -1)
		one(WaitStatus(sig<<8|0x7f), -1, -1, sig)
	}
	one(0xffff, -1, -1, -1)
}

// TestShort: each kind of status in few words.
func TestShort(t *testing.T) {
	for word, want := range map[WaitStatus]string{
		0x0700: "exited 7",
		0xff00: "exited 255",
		0x0009: "killed by SIGKILL (9)",
		0x0086: "killed by SIGABRT (6), core dumped",
		0x0022: "killed by SIGRTMIN+0 (34)",
		0x0020: "killed by signal 32",
		0x137f: "stopped by SIGSTOP (19)",
		0xffff: "continued",
	} {
		if got := word.Short(); got != want {
			t.Errorf("%#04x.Short() = %q, want %q", uint32(word), got, want)
		}
	}
}
