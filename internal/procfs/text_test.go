package procfs

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestStat(t *testing.T) {
	s, ok := ParseStat("4711 (a) S (b c) Z 1 42 42 0 -1\n")
	if !ok || s.Pid() != 4711 || s.Comm() != "a) S (b c" || s.State() != 'Z' || !s.Ended() || s.PPid() != 1 {
		t.Errorf("%v: pid %d, name %q, state %c, parent %d", ok, s.Pid(), s.Comm(), s.State(), s.PPid())
	}
	for n, want := range map[int]string{-1: "", 0: "", 1: "4711", 2: "a) S (b c", 3: "Z", 5: "42", 8: "-1", 9: "", 60: ""} {
		if got := s.Field(n); got != want {
			t.Errorf("field %d is %q, want %q", n, got, want)
		}
	}
	if s.Number(8) != -1 || s.Number(3) != -1 || s.Number(5) != 42 {
		t.Errorf("numbers %d, %d, %d", s.Number(8), s.Number(3), s.Number(5))
	}
	full, _ := ParseStat("1 (init) S 0 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 3 0 987 10 11")
	if full.ThreadCount() != 3 || full.Start() != 987 || full.Ended() {
		t.Errorf("%d threads, started at %d, ended: %v", full.ThreadCount(), full.Start(), full.Ended())
	}
	for _, text := range []string{"", ")(", "1 (a)", "1 (a) S", "1 (a) S x", "1 (a) SS 1", "1 a S 1"} {
		if s, ok := ParseStat(text); ok || s.Field(3) != "" || s.State() != 0 || s.PPid() != -1 {
			t.Errorf("%q was read as a stat file", text)
		}
	}
}

func TestStatus(t *testing.T) {
	s := Status("Name:\ta) S (b c\nState:\tZ (zombie)\nUid:\t1\t2\t3\t4\nSigBlk:\t0000000000000200\nNSpid:\t7 1\n")
	for name, want := range map[string]string{"Uid": "1 2 3 4", "Gid": "", "Sig": "", "State": "Z (zombie)", "Name": "a) S (b c"} {
		if got := s.Line(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if s.Signals("SigBlk") != 1<<9 || s.Signals("SigIgn") != 0 {
		t.Errorf("signals %#x, %#x", s.Signals("SigBlk"), s.Signals("SigIgn"))
	}
	if got := s.Ints("NSpid"); !slices.Equal(got, []int{7, 1}) {
		t.Errorf("NSpid %v", got)
	}
	if s.Ints("State") != nil || s.Ints("NStgid") != nil || s.Int("Uid") != -1 {
		t.Error("what is not numbers was read as numbers")
	}
}

func TestFdinfo(t *testing.T) {
	f := Fdinfo("pos:\t17\nflags:\t02100001\nmnt_id:\t9\nPid:\t55\n")
	if pos, ok := f.Pos(); !ok || pos != 17 {
		t.Errorf("offset %d, %v", pos, ok)
	}
	if f.Flags() != 0o2100001 || f.Pid() != 55 {
		t.Errorf("flags %#o, pid %d", f.Flags(), f.Pid())
	}
	if _, ok := Fdinfo("flags: 0").Pos(); ok {
		t.Error("an offset was read that is not there")
	}
}

// TestMaps: a name that a program has given its memory is not the path of
// a file, and a path may hold blanks.
func TestMaps(t *testing.T) {
	maps := ParseMaps("1000-2000 r-xp 00000000 00:00 0   [anon:x/bin/sh]\n" +
		"3000-4000 r-xp 00001000 08:01 5   /a b (deleted)\nx\n2-1 r-xp 0 0:0 0\n5000-6000 rw-p 0 0:0 0\n")
	want := []Map{
		{0x1000, 0x2000, "r-xp", 0, "[anon:x/bin/sh]"},
		{0x3000, 0x4000, "r-xp", 0x1000, "/a b (deleted)"},
		{0x5000, 0x6000, "rw-p", 0, ""},
	}
	if !slices.Equal(maps, want) {
		t.Errorf("%v, want %v", maps, want)
	}
	if !maps[0].Executable() || maps[2].Executable() {
		t.Error("the permissions were misread")
	}
}

func TestLimit(t *testing.T) {
	text := "Limit                     Soft Limit           Hard Limit           Units     \n" +
		"Max processes             63                   unlimited            processes \n" +
		"Max processes more        1                    2                    x\n"
	if l, ok := ParseLimit(text, "Max processes"); !ok || l != (Limit{"63", "unlimited"}) {
		t.Errorf("%v, %v", l, ok)
	}
	if _, ok := ParseLimit(text, "Max proc"); ok {
		t.Error("half a name was found")
	}
}

func TestFiles(t *testing.T) {
	f := Files{
		"stat":   "4711 (a) Z 1 42 42 0 -1\n",
		"status": "Uid:\t1\t2\nSigBlk:\t0000000000000200\n",
		"limits": "Max processes  5  6  processes\n", "fdinfo/3": "flags:\t01\n",
	}
	info, ok := f.Fdinfo("3")
	limit, _ := f.Limit("Max processes")
	got := []any{f.Stat(3), f.StatNumber(4), f.StatNumber(99), f.Status("Uid"), f.Signals("SigBlk"), info.Flags(), ok, limit.Soft}
	want := []any{"Z", 1, -1, "1 2", uint64(1 << 9), 1, true, "5"}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	var none Files
	if _, ok := none.Fdinfo("3"); ok || none.Stat(3) != "" || none.Status("Uid") != "" || none.StatNumber(3) != -1 {
		t.Error("no files say nothing")
	}
}

// FuzzText reads files of /proc whose text is anything, and stat files of
// processes that are called anything: prctl(PR_SET_NAME) takes all.
func FuzzText(f *testing.F) {
	for _, s := range []string{
		"", "cat", "a) Z 1 2 3 (", ")", "(", "\n", "a\x00b", "\x1b[2J", ") R 1\n4712 (b) S 1",
		"Pid:\t7\nNSpid:\t1 2 3\npos:\t-1\n", "Pid:", "Pid:99999999999999999999\n", "NSpid:\t1 x\n", "flags:\t8\n",
		"00400000-00401000 r-xp 00000000 08:01 12   /tmp/a b (deleted)\n", "Max processes", "Max processes ",
		"7f00-7f01 rw-p 0 00:00 0   [anon:a/b]\nffffffffff600000-ffffffffff601000 --xp 0 0:0 0 [vsyscall]\n",
		"- - - - - /", "1-2 r-xp 0 0:0 0 /a\\012b",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		text := string(in)
		for _, m := range ParseMaps(text) {
			if m.Perms == "" || m.Start >= m.End || strings.HasPrefix(m.Name, "/") && !strings.Contains(text, m.Name) {
				t.Errorf("%+v", m)
			}
		}
		for _, name := range []string{"Pid", "NSpid", "pos", ""} {
			if v := Line(text, name); strings.ContainsAny(v, "\n") || v != strings.TrimSpace(v) {
				t.Errorf("%s is %q", name, v)
			}
			Status(text).Ints(name)
			Status(text).Signals(name)
			ParseLimit(text, name)
		}
		Fdinfo(text).Pos()
		Fdinfo(text).Flags()
		Fdinfo(text).Pid()
		files := Files{"stat": text, "status": text, "limits": text}
		for n := -1; n < 60; n++ {
			files.Stat(n)
			files.StatNumber(n)
		}

		s, ok := ParseStat(fmt.Sprintf("4711 (%s) S 42 43 44 0 -1", in))
		if !ok || s.Pid() != 4711 || s.Comm() != text || s.State() != 'S' || s.PPid() != 42 || s.Number(8) != -1 {
			t.Errorf("a process called %q has state %c and parent %d", in, s.State(), s.PPid())
		}
	})
}
