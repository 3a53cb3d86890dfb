package checks

import (
	"testing"

	"apue/internal/lab"
	"apue/internal/sandbox"
	"apue/internal/trace"
)

// Where no fork succeeds at all there is no zombie that could count.
func TestLimitZombies(t *testing.T) {
	f := &limited{failed: []*trace.Event{{Errno: "EAGAIN"}, {Errno: "EAGAIN"}}}
	if v := limitZombies(&lab.Observation{}, f); v.Status != lab.Fail {
		t.Errorf("without a child: %s, %s", v.Status, v.Observed)
	}
}

// A panic of Go has status 2 too.
func TestLacks(t *testing.T) {
	for said, want := range map[string]bool{
		"fork ids: no pid namespace here: operation not permitted\n": true,
		"panic: runtime error: index out of range\n":                 false,
		"": false,
	} {
		o := &lab.Observation{Result: &sandbox.Result{Status: 2 << 8, Stderr: []byte(said)}}
		if _, cannot := lacks(o); cannot != want {
			t.Errorf("%q: %t", said, cannot)
		}
	}
}
