package lab

import (
	"strconv"
	"strings"
)

// CPUs counts the processors that are allowed and online, two lists as
// the kernel writes them (cpuset(7), List format: 0-3,8). A machine may
// allow more than it has, for those that can be plugged in;
// sched_getaffinity leaves them out. Without a list of those online all
// count.
func CPUs(allowed, online string) int {
	may, are := cpuList(allowed), cpuList(online)
	n := 0
	for cpu := range may {
		if are[cpu] || len(are) == 0 {
			n++
		}
	}
	return n
}

func cpuList(list string) map[int]bool {
	all := map[int]bool{}
	for part := range strings.SplitSeq(strings.TrimSpace(list), ",") {
		first, last, span := strings.Cut(part, "-")
		if !span {
			last = first
		}
		from, err := strconv.Atoi(first)
		to, err2 := strconv.Atoi(last)
		for cpu := from; err == nil && err2 == nil && cpu <= to; cpu++ {
			all[cpu] = true
		}
	}
	return all
}
