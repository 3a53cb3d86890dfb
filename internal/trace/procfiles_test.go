package trace

import "testing"

func TestProcFiles(t *testing.T) {
	f := ProcFiles{
		"stat":   "4711 (a) S (b c) Z 1 42 42 0 -1\n",
		"status": "Name:\ta) S (b c\nState:\tZ (zombie)\nUid:\t1\t2\t3\t4\nSigBlk:\t0000000000000200\n",
	}
	for _, c := range []struct {
		n    int
		want string
	}{{3, "Z"}, {4, "1"}, {8, "-1"}, {9, ""}, {2, ""}} {
		if got := f.Stat(c.n); got != c.want {
			t.Errorf("Stat(%d) = %q, want %q", c.n, got, c.want)
		}
	}
	if f.StatNumber(5) != 42 || f.StatNumber(3) != -1 || f.StatNumber(99) != -1 {
		t.Errorf("StatNumber: %d, %d, %d", f.StatNumber(5), f.StatNumber(3), f.StatNumber(99))
	}
	if f.Status("Uid") != "1 2 3 4" || f.Status("Gid") != "" || f.Status("Sig") != "" {
		t.Errorf("Status: %q, %q, %q", f.Status("Uid"), f.Status("Gid"), f.Status("Sig"))
	}
	if f.Signals("SigBlk") != 1<<9 || f.Signals("SigIgn") != 0 {
		t.Errorf("Signals: %#x, %#x", f.Signals("SigBlk"), f.Signals("SigIgn"))
	}
	var none ProcFiles
	if none.Stat(3) != "" || none.Status("Uid") != "" {
		t.Error("no files say nothing")
	}
}
