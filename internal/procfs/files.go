package procfs

// Files are the files of one process in /proc, by their name below
// /proc/PID, as the kernel wrote them: "stat", "status", "fdinfo/1". Of a
// link, "cwd" or "fd/1", the text is what it leads to.
type Files map[string]string

// Stat returns field n of stat as proc_pid_stat(5) counts them; "" if
// there is none.
func (f Files) Stat(n int) string {
	s, _ := ParseStat(f["stat"])
	return s.Field(n)
}

// StatNumber returns a numeric field of stat, −1 if there is none.
func (f Files) StatNumber(n int) int {
	s, _ := ParseStat(f["stat"])
	return s.Number(n)
}

// Status returns the value of a line of status, its words one blank
// apart; "" if there is none.
func (f Files) Status(name string) string { return Status(f["status"]).Line(name) }

// Signals returns a set of signals of status (SigBlk, SigIgn …): bit
// n−1 is signal n. It returns 0 if there is none.
func (f Files) Signals(name string) uint64 { return Status(f["status"]).Signals(name) }

// Limit returns a limit by its name in limits, "Max processes".
func (f Files) Limit(name string) (Limit, bool) { return ParseLimit(f["limits"], name) }

// Fdinfo returns what fdinfo says of a descriptor; ok is false if it is
// not open.
func (f Files) Fdinfo(fd string) (info Fdinfo, ok bool) {
	text, ok := f["fdinfo/"+fd]
	return Fdinfo(text), ok
}
