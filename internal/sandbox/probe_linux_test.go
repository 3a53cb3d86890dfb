package sandbox

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"apue/internal/build"
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
		cmd := exec.Command("/proc/self/exe")
		cmd.Args = programGo("probe", newCookie())
		cmd.Env = append(os.Environ(), "TMPDIR="+os.TempDir())
		nobody(t, cmd)
		// That user has to reach the program itself.
		exe, err := os.ReadFile("/proc/self/exe")
		if err != nil {
			t.Fatal(err)
		}
		cmd.Path = filepath.Join(scratch, "probe")
		if err := build.WriteProgram(cmd.Path, exe, 0o755); err != nil {
			t.Fatal(err)
		}
		out, err := cmd.CombinedOutput()
		var rows []ProbeRow
		if err == nil {
			err = json.Unmarshal(out, &rows)
		}
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
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
