//go:build linux

package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"apue/fork/checks"
	"apue/internal/lab"
	"apue/internal/lab/labtest"
	"apue/internal/trace"

	"golang.org/x/sys/unix"
)

func TestDoctoredRace(t *testing.T) {
	t.Parallel()
	// As if the first child had written its first character first.
	early := func(child string) doctor {
		return func(o *lab.Observation) {
			for _, e := range o.Events(trace.KindWrite) {
				if e.Process == child && string(e.Data) == "o" {
					e.Time = 1
					return
				}
			}
		}
	}
	lost := func(o *lab.Observation) {
		for _, e := range o.Events(trace.KindWrite) {
			if string(e.Data) == "d" {
				e.Result = -1
				return
			}
		}
	}
	// As if the parents had collected the children.
	reaped := func(o *lab.Observation) {
		for i, e := range o.Events(trace.KindWait) {
			e.Process = []string{"P0.1", "P0.2", "P0.3"}[i%3]
			e.ResultProcess = e.Process + ".1"
			e.Result = 1
		}
	}
	two := func(o *lab.Observation) {
		for _, e := range o.Events(trace.KindWrite) {
			if string(e.Data) == "2" {
				e.Time = 1
				return
			}
		}
	}
	doctored(t, checks.Race, map[string]doctor{
		"child-told": early("P0"), "both-told": two, "child-first-three": early("P0.1"),
		"told": early("P0.1"), "complete": lost, "three": early("P0.1.1"), "mixes": reaped,
	})
}

// TestRaceWithoutReader takes the reader away after so many bytes:
// the program ends, and leaves nobody behind who waits.
func TestRaceWithoutReader(t *testing.T) {
	t.Parallel()
	for _, program := range [][]string{{labtest.Go(t, "."), "race"}, {labtest.C(t, "c/race.c")}} {
		for _, args := range []string{"-n 100", "-three", "-three -nowait"} {
			for _, fit := range []int{0, 10, 19, 25, 45, 60} {
				t.Run(program[0][strings.LastIndexByte(program[0], '/')+1:]+" "+args, func(t *testing.T) {
					t.Parallel()
					withoutReader(t, append(program[:len(program):len(program)], strings.Fields(args)...), fit)
				})
			}
		}
	}
}

func withoutReader(t *testing.T, args []string, fit int) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	size, err := unix.FcntlInt(w.Fd(), unix.F_SETPIPE_SZ, os.Getpagesize())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(make([]byte, size-fit)); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stdout = w
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	group := -cmd.Process.Pid
	deadline := time.Now().Add(20 * time.Second)
	for n := 0; n < size && time.Now().Before(deadline); { // until it waits for room
		if n, err = unix.IoctlGetInt(int(r.Fd()), unix.TIOCINQ); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Millisecond)
	}
	r.Close()
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case err := <-ended:
		if err == nil {
			t.Error("it ended with status 0, though nobody read")
		}
	case <-time.After(20 * time.Second):
		syscall.Kill(group, syscall.SIGKILL)
		t.Fatal("it did not end")
	}
	for living(-group) {
		if time.Now().After(deadline) {
			syscall.Kill(group, syscall.SIGKILL)
			t.Fatal("it has left processes behind")
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// living says whether a process of the group has not ended. Zombies of
// it may stay for long: some containers have an init that does not wait.
func living(group int) bool {
	if syscall.Kill(-group, 0) == syscall.ESRCH {
		return false // not even a zombie
	}
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, stat := range stats {
		b, _ := os.ReadFile(stat)
		// Behind the name: state, parent, process group.
		f := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:]))
		if len(f) > 2 && f[2] == strconv.Itoa(group) && f[0] != "Z" && f[0] != "X" {
			return true
		}
	}
	return false
}
