package procfs

import (
	"strconv"
	"strings"
)

// Line returns the value of the line "NAME: VALUE" of a file such as
// status or fdinfo/N, without blanks around it; "" if there is none.
func Line(text, name string) string {
	for line := range strings.Lines(text) {
		if value, ok := strings.CutPrefix(line, name); ok {
			if value, ok = strings.CutPrefix(value, ":"); ok {
				return strings.TrimSpace(value)
			}
		}
	}
	return ""
}

// A Stat is the text of /proc/PID/stat or /proc/PID/task/TID/stat.
type Stat struct {
	text      string
	open, end int // the parentheses around the name
}

// ParseStat reads the text of a stat file. ok is false for a text that
// is not one: without a name in parentheses, or with fewer fields than the
// state and the parent.
func ParseStat(text string) (s Stat, ok bool) {
	// The name, field 2, may hold blanks and parentheses. It ends at the
	// last one.
	s = Stat{text, strings.IndexByte(text, '('), strings.LastIndexByte(text, ')')}
	if s.open < 0 || s.end < s.open || len(s.Field(statState)) != 1 {
		return Stat{}, false
	}
	if _, err := strconv.Atoi(s.Field(statParent)); err != nil {
		return Stat{}, false
	}
	return s, true
}

// Numbers of fields, as proc_pid_stat(5) counts them.
const (
	statState   = 3
	statParent  = 4
	statThreads = 20
	statStart   = 22
)

// Field returns field n as proc_pid_stat(5) counts them, from 1; "" if
// there is none.
func (s Stat) Field(n int) string {
	switch {
	case s.text == "" || n < 1:
		return ""
	case n == 1:
		return strings.TrimSpace(s.text[:s.open])
	case n == 2:
		return s.text[s.open+1 : s.end]
	}
	for field := range strings.FieldsSeq(s.text[s.end+1:]) {
		if n--; n == 2 {
			return field
		}
	}
	return ""
}

// Number returns a numeric field, −1 if there is none.
func (s Stat) Number(n int) int {
	v, err := strconv.Atoi(s.Field(n))
	if err != nil {
		return -1
	}
	return v
}

// Pid is the process's id, or the thread's.
func (s Stat) Pid() int { return s.Number(1) }

// Comm is the name of the program, at most 15 bytes, without its
// parentheses.
func (s Stat) Comm() string { return s.Field(2) }

// State is the state's letter: R running, S sleeping, D in a wait that
// no signal ends, T stopped, t stopped by a tracer, Z zombie, X dead.
func (s Stat) State() byte {
	if f := s.Field(statState); f != "" {
		return f[0]
	}
	return 0
}

// Ended says that the process, or the thread, is a zombie or dead.
func (s Stat) Ended() bool { return s.State() == 'Z' || s.State() == 'X' }

// PPid is the id of the parent, 0 if that is not in our pid namespace.
func (s Stat) PPid() int { return s.Number(statParent) }

// ThreadCount is how many threads the process has. A first thread that
// ended before the others counts.
func (s Stat) ThreadCount() int { return s.Number(statThreads) }

// Start is when the process began, in clock ticks since the system was
// started. With the pid it identifies the process.
func (s Stat) Start() uint64 {
	n, _ := strconv.ParseUint(s.Field(statStart), 10, 64)
	return n
}

// A Status is the text of /proc/PID/status.
type Status string

// Line returns the value of a line, its words one blank apart; "" if
// there is none.
func (s Status) Line(name string) string {
	return strings.Join(strings.Fields(Line(string(s), name)), " ")
}

// Int returns the number on a line, −1 if there is none.
func (s Status) Int(name string) int {
	n, err := strconv.Atoi(Line(string(s), name))
	if err != nil {
		return -1
	}
	return n
}

// Ints returns the numbers on a line, such as NSpid's: the pids of the
// process in its pid namespaces, from that of /proc inwards. It returns
// nil if the line is absent or holds anything else.
func (s Status) Ints(name string) []int {
	var list []int
	for f := range strings.FieldsSeq(Line(string(s), name)) {
		n, err := strconv.Atoi(f)
		if err != nil {
			return nil
		}
		list = append(list, n)
	}
	return list
}

// Signals returns the set of signals on a line (SigBlk, SigIgn …): bit
// n−1 is signal n. It returns 0 if there is none.
func (s Status) Signals(name string) uint64 {
	set, _ := strconv.ParseUint(Line(string(s), name), 16, 64)
	return set
}

// A Fdinfo is the text of /proc/PID/fdinfo/N.
type Fdinfo string

// Pos is the file offset, in bytes.
func (f Fdinfo) Pos() (n int64, ok bool) {
	n, err := strconv.ParseInt(Line(string(f), "pos"), 10, 64)
	return n, err == nil
}

// Flags are the flags of the open file description (O_APPEND …) with
// O_CLOEXEC of the descriptor; 0 if they are absent.
func (f Fdinfo) Flags() int {
	n, _ := strconv.ParseInt(Line(string(f), "flags"), 8, 64)
	return int(n)
}

// Pid is the process that a pidfd refers to, as our pid namespace
// numbers it: −1 if the process was reaped, 0 if it is not in our
// namespace or the descriptor is not a pidfd.
func (f Fdinfo) Pid() int {
	n, _ := strconv.Atoi(Line(string(f), "Pid"))
	return n
}

// A Map is one line of /proc/PID/maps: a range of addresses.
type Map struct {
	Start, End uint64
	Perms      string // "r-xp": read, write, execute, private or shared
	Offset     uint64 // of Start in the file, in bytes
	// Name is the path of the file, or a name in brackets: "[heap]".
	// It is "" for memory without either.
	Name string
}

// ParseMaps reads the text of /proc/PID/maps. Lines that are not one
// are left out.
func ParseMaps(text string) []Map {
	var maps []Map
	for line := range strings.Lines(text) {
		if m, ok := parseMap(line); ok {
			maps = append(maps, m)
		}
	}
	return maps
}

// parseMap reads "START-END PERMS OFFSET DEVICE INODE   NAME".
func parseMap(line string) (m Map, ok bool) {
	f := strings.Fields(line)
	if len(f) < 5 {
		return m, false
	}
	from, to, _ := strings.Cut(f[0], "-")
	var err [3]error
	m.Start, err[0] = strconv.ParseUint(from, 16, 64)
	m.End, err[1] = strconv.ParseUint(to, 16, 64)
	m.Offset, err[2] = strconv.ParseUint(f[2], 16, 64)
	m.Perms = f[1]
	if len(f) > 5 {
		// A path may hold blanks. A name that a program has given its
		// memory, "[anon:a/b]", is not a path.
		m.Name = f[5]
		if m.Name[0] == '/' {
			m.Name = strings.TrimSuffix(line[strings.IndexByte(line, '/'):], "\n")
		}
	}
	return m, err == [3]error{} && m.Start < m.End
}

// Executable says that the range holds code.
func (m Map) Executable() bool { return len(m.Perms) > 2 && m.Perms[2] == 'x' }

// A Limit is one line of /proc/PID/limits: a number, or "unlimited".
type Limit struct{ Soft, Hard string }

// ParseLimit finds a limit by its name in /proc/PID/limits, "Max
// processes". ok is false if there is none.
func ParseLimit(text, name string) (l Limit, ok bool) {
	for line := range strings.Lines(text) {
		rest, found := strings.CutPrefix(line, name)
		if f := strings.Fields(rest); found && len(f) >= 2 && rest[0] == ' ' {
			return Limit{f[0], f[1]}, true
		}
	}
	return Limit{}, false
}
