//go:build linux

package main

import (
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"apue/internal/lab/labtest"
	"apue/internal/sampling"
)

// model says what a call does to a process with the ids: the rules of
// setuid(2), setreuid(2) and setresuid(2) in the words of Figure 8.19.
func model(call string, from [3]int, args []int) (to [3]int, errno string) {
	const eperm = "operation not permitted"
	real, effective, saved := from[0], from[1], from[2]
	privileged := effective == root
	mine := func(id int, choices ...int) bool { return privileged || id == keep || slices.Contains(choices, id) }
	value := func(id, old int) int {
		if id == keep {
			return old
		}
		return id
	}
	a := args[0]
	switch call {
	case "setuid":
		switch {
		case a == keep:
			return from, "invalid argument"
		case privileged:
			return [3]int{a, a, a}, "0"
		case !mine(a, real, saved):
			return from, eperm
		}
		return [3]int{real, a, saved}, "0"
	case "seteuid":
		switch {
		case a == keep:
			return from, "invalid argument"
		case !mine(a, real, effective, saved):
			return from, eperm
		}
		return [3]int{real, a, saved}, "0"
	case "setreuid":
		if !mine(a, real, effective) || !mine(args[1], real, effective, saved) {
			return from, eperm
		}
		to = [3]int{value(a, real), value(args[1], effective), saved}
		if a != keep || args[1] != keep && args[1] != real {
			to[2] = to[1]
		}
		return to, "0"
	}
	for _, id := range args {
		if !mine(id, real, effective, saved) {
			return from, eperm
		}
	}
	return [3]int{value(a, real), value(args[1], effective), value(args[2], saved)}, "0"
}

// TestEveryRule compares all 16,896 calls with the model.
func TestEveryRule(t *testing.T) {
	if !sampling.All() {
		t.Skip("16,896 forks: CH8_TEST_ALL=1 makes them")
	}
	out, err := exec.Command(labtest.Go(t, "."), "rules", "--all").Output()
	if e, ok := err.(*exec.ExitError); ok && e.ExitCode() == 2 {
		labtest.Cannot(t, "setuid/rules/setresuid", string(e.Stderr), "run it as root")
	}
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for line := range strings.Lines(string(out)) {
		call, numbers, result := readRule(t, strings.TrimSpace(line))
		args := numbers[3 : len(numbers)-3]
		to, errno := model(call, [3]int(numbers[:3]), args)
		if got := [3]int(numbers[len(numbers)-3:]); got != to || result != errno {
			t.Errorf("%s%v from %v: %v, %q; the model says %v, %q", call, args, numbers[:3], got, result, to, errno)
		}
		n++
	}
	if n != 16_896 {
		t.Errorf("%d calls, want 16,896", n)
	}
}

// readRule reads a line like "setuid [0 0 0] [7000001] [7000001 7000001
// 7000001] 0".
func readRule(t *testing.T, line string) (call string, numbers []int, result string) {
	call, rest, _ := strings.Cut(line, " ")
	lists, result, ok := cutLast(rest, "] ")
	if !ok {
		t.Fatalf("no rule: %q", line)
	}
	for word := range strings.FieldsSeq(strings.NewReplacer("[", " ", "]", " ").Replace(lists)) {
		var n int
		if _, err := fmt.Sscan(word, &n); err != nil {
			t.Fatalf("no rule: %q", line)
		}
		numbers = append(numbers, n)
	}
	if len(numbers) < 7 {
		t.Fatalf("no rule: %q", line)
	}
	return call, numbers, result
}

func cutLast(s, sep string) (before, after string, ok bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}
