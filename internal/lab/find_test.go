package lab

import (
	"strings"
	"testing"

	"apue/internal/sandbox"
	"apue/internal/trace"
)

// TestForked: a fork is what was made without CLONE_VM, also where
// kcmp is refused and nothing else tells.
func TestForked(t *testing.T) {
	const sigchld, vm, vfork = 17, 0x100, 0x4000
	yes, no := true, false
	for _, c := range []struct {
		kind   trace.Kind
		flags  uint64
		same   *bool
		forked bool
		says   string
	}{
		{trace.KindFork, sigchld, &no, true, "by fork"},
		{trace.KindFork, sigchld, nil, true, "by fork"},
		{trace.KindFork, vm | sigchld, &yes, false, "by clone with CLONE_VM"},
		{trace.KindFork, vm | sigchld, nil, false, "by clone with CLONE_VM"},
		{trace.KindFork, sigchld, &yes, false, "by clone with CLONE_VM"},
		{trace.KindClone, 0, nil, true, "by clone"},
		{trace.KindVfork, vm | vfork | sigchld, &yes, false, "by vfork"},
		{trace.KindVfork, vm | vfork | sigchld, nil, false, "by vfork"},
		{trace.KindVfork, vfork | sigchld, &no, true, "by clone with CLONE_VFORK and without CLONE_VM"},
		{trace.KindVfork, vfork | sigchld, nil, true, "by clone with CLONE_VFORK and without CLONE_VM"},
	} {
		o := &Observation{Result: &sandbox.Result{Recording: &trace.Recording{Events: []trace.Event{
			{Process: "P0", Kind: c.kind, ChildProcess: "P0.1", Flags: c.flags, SameVM: c.same},
			{Process: "P0.1", Kind: trace.KindExit},
		}}}}
		if got := len(Forked(o.Processes()[0])) == 1; got != c.forked {
			t.Errorf("%s with flags %#x: forked %v, want %v", c.kind, c.flags, got, c.forked)
		}
		if got := o.Family(); !strings.HasSuffix(got, c.says) {
			t.Errorf("%s with flags %#x: %q, want %q", c.kind, c.flags, got, c.says)
		}
		vforked := strings.Contains(strings.Join(tree(o, strings.Clone), "\n"), "vforked")
		if want := c.says == "by vfork"; vforked != want {
			t.Errorf("%s with flags %#x: vforked in the tree: %v", c.kind, c.flags, vforked)
		}
	}
}
