//go:build linux

package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// A usage is what the processors have done until now.
type usage struct {
	all    ticks         // of the first line of /proc/stat
	ours   time.Duration // by us and our reaped descendants
	looked time.Time
}

// ticks are the first numbers of a line of /proc/stat, see proc_stat(5), each a
// hundredth of a second.
type ticks [8]int

func look() usage {
	u := usage{ours: processorTime(), looked: time.Now()}
	b, _ := os.ReadFile("/proc/stat")
	line, _, _ := strings.Cut(strings.TrimPrefix(string(b), "cpu "), "\n")
	for i, word := range strings.Fields(line) {
		if i < len(u.all) {
			u.all[i], _ = strconv.Atoi(word)
		}
	}
	return u
}

// others are the shares, in per cent of the processors, of the processes that
// are not ours and of what a host gave to its other guests (steal).
func (u usage) others(later usage) (processes, host int) {
	const idle, iowait, steal = 3, 4, 7
	var sum int
	for i := range u.all {
		sum += later.all[i] - u.all[i]
	}
	if sum <= 0 {
		return 0, 0
	}
	passed := func(i int) int { return later.all[i] - u.all[i] }
	ours := int((later.ours - u.ours) / (10 * time.Millisecond))
	busy := sum - passed(idle) - passed(iowait) - passed(steal)
	return max(0, 100*(busy-ours)/sum), 100 * passed(steal) / sum
}

// meanwhile says what others did, if it is worth saying.
func (u usage) meanwhile(later usage) (said string) {
	processes, host := u.others(later)
	if processes >= 5 {
		said += fmt.Sprintf(" Other processes used %d %% of the processors meanwhile.", processes)
	}
	if host >= 1 {
		said += fmt.Sprintf(" The machine is a virtual one, whose host gave %d %% of the processors to others\nmeanwhile: the shortest times tell more than the medians.", host)
	}
	return said
}
