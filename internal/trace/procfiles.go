package trace

import (
	"strconv"
	"strings"
)

// ProcFiles are the files of one process in /proc, by their name
// below /proc/PID, as the kernel wrote them.
type ProcFiles map[string]string

// Stat is a field of /proc/PID/stat, counted from 1 as proc(5)
// does, for n ≥ 3; "" if there is none. Field 2, the name, may hold
// blanks and parentheses: it ends at the last one.
func (f ProcFiles) Stat(n int) string {
	stat := f["stat"]
	fields := strings.Fields(stat[strings.LastIndexByte(stat, ')')+1:])
	if n < 3 || n-3 >= len(fields) {
		return ""
	}
	return fields[n-3]
}

// StatNumber is a numeric field of /proc/PID/stat, −1 if there is
// none.
func (f ProcFiles) StatNumber(n int) int {
	v, err := strconv.Atoi(f.Stat(n))
	if err != nil {
		return -1
	}
	return v
}

// Status is the value of a line of /proc/PID/status, its words one
// blank apart; "" if there is none.
func (f ProcFiles) Status(key string) string {
	return strings.Join(strings.Fields(field(f["status"], key)), " ")
}

// field is the value of a line "NAME: VALUE" of a file of /proc.
func field(file, name string) string {
	for line := range strings.Lines(file) {
		if value, ok := strings.CutPrefix(line, name+":"); ok {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// Signals is a set of signals of /proc/PID/status (SigBlk, SigIgn
// …), signal n being bit n−1; 0 if there is none.
func (f ProcFiles) Signals(key string) uint64 {
	set, _ := strconv.ParseUint(f.Status(key), 16, 64)
	return set
}
