//go:build amd64 || arm64

package trace

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// FuzzProc reads files of /proc whose text is anything, and stat files
// of processes that are called anything: prctl(PR_SET_NAME) takes all.
func FuzzProc(f *testing.F) {
	for _, s := range []string{
		"", "cat", "a) Z 1 2 3 (", ")", "(", "\n", "a\x00b", "\x1b[2J", ") R 1\n4712 (b) S 1",
		"Pid:\t7\nNSpid:\t1 2 3\npos:\t-1\n", "Pid:", "Pid:99999999999999999999\n", "NSpid:\t1 x\n",
		"00400000-00401000 r-xp 00000000 08:01 12   /tmp/a b (deleted)\n",
		"7f00-7f01 rw-p 0 00:00 0   [anon:a/b]\nffffffffff600000-ffffffffff601000 --xp 0 0:0 0 [vsyscall]\n",
		"- - - - - /", "1-2 r-xp 0 0:0 0 /a\\012b",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		for _, m := range parseMaps(string(in)) {
			if m.perms == "" || strings.HasPrefix(m.name, "/") && !strings.Contains(string(in), m.name) {
				t.Errorf("%+v", m)
			}
		}
		for _, name := range []string{"Pid", "NSpid", "pos"} {
			if v := field(string(in), name); strings.ContainsAny(v, "\n") || v != strings.TrimSpace(v) {
				t.Errorf("%s is %q", name, v)
			}
			numbers(field(string(in), name))
		}
		parseStat(in)
		files := ProcFiles{"stat": string(in), "status": string(in)}
		for n := -1; n < 60; n++ {
			files.Stat(n)
			files.StatNumber(n)
		}
		files.Signals("SigBlk")

		stat := fmt.Sprintf("4711 (%s) S 42 43 44 0 -1", in)
		state, ppid, ok := parseStat([]byte(stat))
		files["stat"] = stat
		if state != 'S' || ppid != 42 || !ok || files.StatNumber(4) != 42 || files.StatNumber(8) != -1 {
			t.Errorf("a process called %q has state %c and parent %d", in, state, ppid)
		}
	})
}

// TestNamedMemory: a name that a program has given its memory is not
// the path of a file.
func TestNamedMemory(t *testing.T) {
	maps := parseMaps("1000-2000 r-xp 00000000 00:00 0   [anon:x/bin/sh]\n3000-4000 r-xp 00001000 08:01 5   /a b\n5000-6000 rw-p 0 0:0 0\n")
	var names []string
	for _, m := range maps {
		names = append(names, m.name)
	}
	equal(t, "names", names, []string{"[anon:x/bin/sh]", "/a b", ""})
}

// TestManyGroups: the groups of a process come before its pids in its
// status, and may be more than a buffer takes.
func TestManyGroups(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root may choose its groups")
	}
	cat := exec.Command("cat")
	groups := make([]uint32, 4000)
	for i := range groups {
		groups[i] = uint32(i)
	}
	cat.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Groups: groups}}
	stdin, err := cat.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cat.Start(); err != nil {
		t.Skip(err)
	}
	pids := nsPids(cat.Process.Pid)
	stdin.Close()
	cat.Wait()
	if len(pids) == 0 || pids[0] != cat.Process.Pid {
		t.Errorf("pids %v of process %d", pids, cat.Process.Pid)
	}
}
