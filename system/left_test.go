//go:build linux

package main

import (
	"os/exec"
	"testing"

	"apue/internal/lab"
	"apue/internal/lab/labtest"
	"apue/internal/trace"
	"apue/system/checks"

	"golang.org/x/sys/unix"
)

// TestNothingIsLeft: the experiments that mount, make set-id files, turn
// accounting on or change nice values leave nothing of it behind. The
// programs may lack the privilege, and then change nothing at all.
func TestNothingIsLeft(t *testing.T) {
	before := labtest.LookAtMachine()
	for _, name := range []string{"hole", "account", "login", "priority"} {
		if out, err := exec.Command(labtest.Go(t, "."), name).CombinedOutput(); err != nil {
			if e, ok := err.(*exec.ExitError); !ok || e.ExitCode() != 2 {
				t.Errorf("%s: %v\n%s", name, err, out)
			}
		}
	}
	if after := labtest.LookAtMachine(); before != after {
		t.Errorf("before %+v, after %+v", before, after)
	}
}

// TestAccountingEnds: the kernel has no call that tells whether accounting
// is on. So the test looks at the calls. Accounting was turned on in a pid
// namespace that the program made, with whose end it ends too, and the
// process that turned it on turned it off.
func TestAccountingEnds(t *testing.T) {
	x := *checks.Account
	x.Claims = []lab.Claim{{
		Name: "ends", Says: "accounting is on in a pid namespace of its own only, and is turned off", Points: 1,
		Judge: accountingEnds,
	}}
	rep, err := lab.Check(t.Context(), &x, labtest.Reference(t, &x), "")
	if err != nil {
		t.Fatal(err)
	}
	switch r := rep.Results[0]; r.Status {
	case lab.Pass:
	case lab.CannotCheck:
		labtest.Cannot(t, "system/account/off-writes", r.Reason, r.Remedy)
	default:
		t.Error(labtest.Message(rep, lab.Style{}))
	}
}

func accountingEnds(b *lab.Bench) lab.Verdict {
	o := b.Run(lab.Watched())
	var on *trace.Event // while accounting is on
	n := 0
	for _, e := range o.Events(trace.KindAcct) {
		p := o.Process(e.Process)
		switch {
		case e.Errno != "":
		case p.Birth == nil || p.Birth.Flags&unix.CLONE_NEWPID == 0:
			return o.Fail(e.Process+" changed the accounting of the machine", "accounting should belong to the program's own pid namespace")
		case e.Path != "":
			on = e
			n++
		case on != nil && on.Process == e.Process:
			on = nil
		}
	}
	switch {
	case on != nil:
		return o.Fail(on.Process+" did not turn accounting off", "the kernel would go on writing records")
	case n == 0:
		return lab.Cannot("accounting was not turned on here", "run it as root, outside of a container")
	}
	return o.Passed("accounting was turned on %d times in a pid namespace of its own, and off again", n)
}
