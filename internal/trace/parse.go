package trace

import (
	"encoding/base64"
	"math"
	"strconv"
	"unicode/utf8"
)

// parse reads an event's JSON as AppendJSON writes it, in one pass and
// without reflection: a recording may have a million lines. It reports
// whether it could. The rest is for encoding/json: what other programs
// may write, and to say what is wrong.
func (e *Event) parse(line []byte) bool {
	p := parser{rest: line}
	p.object(func(key []byte) { e.member(&p, key) })
	return !p.bad && len(p.rest) == 0
}

// member reads the value of a key.
func (e *Event) member(p *parser, key []byte) {
	switch string(key) {
	case "time":
		e.Time = p.number()
	case "pid":
		e.Pid = p.int()
	case "nspid":
		e.NSpid = p.int()
	case "tid":
		e.Tid = p.int()
	case "process":
		e.Process = p.text()
	case "kind":
		e.Kind = Kind(p.text())
	case "call":
		e.Call = p.text()
	case "errno":
		e.Errno = p.text()
	case "child":
		e.Child = p.int()
	case "child_nspid":
		e.ChildNSpid = p.int()
	case "child_process":
		e.ChildProcess = p.text()
	case "flags":
		e.Flags = p.unsigned(math.MaxInt64)
	case "same_vm":
		same := p.bool()
		e.SameVM = &same
	case "parent_state":
		e.ParentState = p.text()
	case "path":
		e.Path = p.text()
	case "argv":
		p.once(e.Argv == nil)
		p.array(func() { e.Argv = append(e.Argv, p.text()) })
	case "status":
		e.Status = uint32(p.unsigned(math.MaxUint32))
	case "exit_arg":
		arg := p.int()
		e.ExitArg = &arg
	case "discarded":
		e.Discarded = p.bool()
	case "wait_pid":
		e.WaitPid = p.int()
	case "idtype":
		e.IDType = p.int()
	case "id":
		e.ID = p.int()
	case "options":
		e.Options = p.int()
	case "entered":
		e.Entered = p.number()
	case "result":
		e.Result = p.number()
	case "result_pid":
		e.ResultPid = p.int()
	case "result_process":
		e.ResultProcess = p.text()
	case "null_status":
		e.NullStatus = p.bool()
	case "signal":
		e.Signal = p.int()
	case "si_code":
		e.SiCode = p.int()
	case "sender":
		e.Sender = p.int()
	case "sender_process":
		e.SenderProcess = p.text()
	case "target":
		e.Target = p.int()
	case "target_process":
		e.TargetProcess = p.text()
	case "old_parent":
		e.OldParent = p.int()
	case "old_parent_process":
		e.OldParentProcess = p.text()
	case "new_parent":
		e.NewParent = p.int()
	case "new_parent_nspid":
		e.NewParentNSpid = p.int()
	case "new_parent_process":
		e.NewParentProcess = p.text()
	case "new_parent_comm":
		e.NewParentComm = p.text()
	case "pgid":
		e.Pgid = p.int()
	case "mask":
		e.Mask = p.int()
	case "value":
		e.Value = p.int()
	case "command":
		e.Command = p.int()
	case "fd":
		e.Fd = p.int()
	case "newfd":
		e.NewFd = p.int()
	case "offset":
		e.Offset = p.number()
	case "whence":
		e.Whence = p.int()
	case "data":
		e.Data = p.base64()
	case "ofd":
		e.OFD = p.int()
	case "file_pos":
		e.FilePos = p.number()
	case "snapshot":
		p.once(e.Snapshot == nil)
		p.array(func() { e.Snapshot = append(e.Snapshot, p.procState()) })
	case "note":
		e.Note = p.text()
	case "leftovers":
		e.Leftovers = p.int()
	case "timeout":
		e.Timeout = p.bool()
	case "source":
		p.once(e.Source == nil)
		e.Source = p.source()
	case "no_source":
		e.NoSource = p.text()
	default: // words are rare, and others are not ours
		p.bad = true
	}
}

func (p *parser) source() *Source {
	s := new(Source)
	p.object(func(key []byte) {
		switch string(key) {
		case "file":
			s.File = p.text()
		case "line":
			s.Line = p.int()
		case "func":
			s.Func = p.text()
		default:
			p.bad = true
		}
	})
	return s
}

func (p *parser) procState() (s ProcState) {
	p.object(func(key []byte) {
		switch string(key) {
		case "process":
			s.Process = p.text()
		case "pid":
			s.Pid = p.int()
		case "files":
			p.once(s.Files == nil)
			s.Files = ProcFiles{}
			p.object(func(key []byte) {
				name := string(key)
				s.Files[name] = p.text()
			})
		default:
			p.bad = true
		}
	})
	return s
}

// A parser reads JSON without blanks. What it returns once it is bad is
// of no use.
type parser struct {
	rest []byte
	bad  bool
	buf  []byte // holds a string that had escapes
}

// once is for what a second value of the same key would be joined with.
func (p *parser) once(first bool) { p.bad = p.bad || !first }

// took takes the byte if it is the next.
func (p *parser) took(c byte) bool {
	if len(p.rest) == 0 || p.rest[0] != c {
		return false
	}
	p.rest = p.rest[1:]
	return true
}

func (p *parser) want(c byte) { p.bad = !p.took(c) || p.bad }

// object calls member for each key, to read its value. The key is
// valid until then. No object is empty.
func (p *parser) object(member func(key []byte)) {
	p.want('{')
	for !p.bad {
		key := p.string()
		if p.want(':'); p.bad {
			return
		}
		member(key)
		if p.took('}') {
			return
		}
		p.want(',')
	}
}

// array calls element for each, to read it. No array is empty.
func (p *parser) array(element func()) {
	p.want('[')
	for !p.bad {
		element()
		if p.took(']') {
			return
		}
		p.want(',')
	}
}

func (p *parser) text() string { return string(p.string()) }

// string reads a string of ASCII characters. It is valid until the next
// is read.
func (p *parser) string() []byte {
	p.want('"')
	for i, c := range p.rest {
		switch {
		case c == '"':
			s := p.rest[:i]
			p.rest = p.rest[i+1:]
			return s
		case c == '\\':
			return p.unquoted(i)
		case c < ' ' || c >= utf8.RuneSelf:
			p.bad = true
			return nil
		}
	}
	p.bad = true
	return nil
}

// escapes are those of one letter.
var escapes = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// unquoted reads a string whose first escape is at i.
func (p *parser) unquoted(i int) []byte {
	p.buf = append(p.buf[:0], p.rest[:i]...)
	for s := p.rest[i:]; len(s) > 1; {
		c := s[0]
		switch {
		case c == '"':
			p.rest = s[1:]
			return p.buf
		case c < ' ' || c >= utf8.RuneSelf:
			p.bad = true
			return nil
		case c != '\\':
			s = s[1:]
		case s[1] == 'u':
			if len(s) < 6 {
				p.bad = true
				return nil
			}
			n, err := strconv.ParseUint(string(s[2:6]), 16, 7) // ASCII again
			if err != nil {
				p.bad = true
				return nil
			}
			c, s = byte(n), s[6:]
		default:
			if c = escapes[s[1]]; c == 0 {
				p.bad = true
				return nil
			}
			s = s[2:]
		}
		p.buf = append(p.buf, c)
	}
	p.bad = true
	return nil
}

// number reads a whole number of at most 18 digits, which any int64 can
// hold.
func (p *parser) number() int64 {
	minus := p.took('-')
	var n int64
	i := 0
	for ; i < len(p.rest) && '0' <= p.rest[i] && p.rest[i] <= '9'; i++ {
		if i == 18 {
			p.bad = true
			return 0
		}
		n = 10*n + int64(p.rest[i]-'0')
	}
	if i == 0 || i > 1 && p.rest[0] == '0' {
		p.bad = true
	}
	p.rest = p.rest[i:]
	if minus {
		return -n
	}
	return n
}

func (p *parser) int() int {
	n := p.number()
	p.bad = p.bad || n != int64(int(n))
	return int(n)
}

func (p *parser) unsigned(most int64) uint64 {
	p.bad = p.bad || p.took('-')
	n := p.number()
	p.bad = p.bad || n < 0 || n > most
	return uint64(n)
}

func (p *parser) bool() bool {
	for _, word := range []string{"true", "false"} {
		if len(p.rest) >= len(word) && string(p.rest[:len(word)]) == word {
			p.rest = p.rest[len(word):]
			return word == "true"
		}
	}
	p.bad = true
	return false
}

func (p *parser) base64() []byte {
	s := p.string()
	data := make([]byte, base64.StdEncoding.DecodedLen(len(s)))
	n, err := base64.StdEncoding.Decode(data, s)
	p.bad = p.bad || err != nil
	return data[:n]
}
