package sandbox

import (
	"os"
	"strings"
	"testing"

	"apue/internal/procfs"
)

// TestProbe: a program in the box reaches nothing that it should not, as
// root and as an ordinary user, who also lacks cgroups.
func TestProbe(t *testing.T) {
	t.Parallel()
	mustIsolate(t)
	check := func(t *testing.T, rows []ProbeRow) {
		t.Helper()
		if len(rows) != len(attempts) {
			t.Errorf("%d of %d attempts were made", len(rows), len(attempts))
		}
		for _, r := range rows {
			if !r.OK {
				t.Errorf("%s: %s: %s", r.Area, r.Tried, r.Got)
			}
		}
	}
	rows, err := Probe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	check(t, rows)
	t.Run("user", func(t *testing.T) {
		rows := probeAs(t, nil)
		check(t, rows)
	})
}

// TestProbeOutside: outside of the box the same attempts succeed, or the
// probe would say nothing.
func TestProbeOutside(t *testing.T) {
	t.Parallel()
	b, done, err := makeBait()
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	for _, a := range attempts[:12] {
		if strings.HasPrefix(a.tried, "read a file of") || strings.HasPrefix(a.tried, "connect to") || a.tried == "list /run" {
			if ok, said := a.try(b); !ok {
				t.Errorf("%s: %s", a.tried, said)
			}
		}
	}
}

// A process's own ids are in the maps of its namespace, also where the
// map has all ids and an int has 32 bits.
func TestMapped(t *testing.T) {
	if !mapped("uid_map", os.Getuid()) || !mapped("gid_map", os.Getgid()) {
		t.Errorf("user %d or group %d is in no map: %q, %q", os.Getuid(), os.Getgid(),
			procfs.ReadAll("/proc/self/uid_map"), procfs.ReadAll("/proc/self/gid_map"))
	}
}
