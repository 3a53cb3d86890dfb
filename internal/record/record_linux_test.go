//go:build 386 || amd64 || arm64

package record

import "testing"

func TestShell(t *testing.T) {
	needNativeShell(t)
	r := runProgram(t, Options{}, "sh", "-c", "echo hello; /bin/true & wait; (exit 3); exit 7")
	if r.out != "hello\n" {
		t.Errorf("output %q", r.out)
	}
	if got := r.Events[len(r.Events)-1].Status; got != 0x700 {
		t.Errorf("status %#x", got)
	}
	if n := len(r.Processes()); n != 3 {
		t.Errorf("%d processes\n%s", n, text(r.Recording))
	}
}
