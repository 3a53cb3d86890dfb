package trace

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

// appendJSON appends the header's JSON object, without a newline. A
// program that records is started anew for each run, and would have to
// get the encoder ready that reflection makes.
func (h *Header) appendJSON(b []byte) []byte {
	str := func(key, s string) {
		if s != "" {
			b = appendString(appendKey(b, key), s)
		}
	}
	num := func(key string, n int) {
		if n != 0 {
			b = strconv.AppendInt(appendKey(b, key), int64(n), 10)
		}
	}
	b = appendString(append(b, `{"kind":`...), string(KindHeader))
	num("schema", Schema)
	b = appendStrings(append(b, `,"command":`...), h.Command)
	str("dir", h.Dir)
	str("stdout", h.Stdout)
	str("kernel", h.Kernel)
	str("arch", h.Arch)
	str("start", h.Start)
	num("recorder", h.Recorder)
	num("adopter", h.Adopter)
	str("adopter_comm", h.AdopterComm)
	b = strconv.AppendBool(append(b, `,"seccomp":`...), h.Seccomp)
	str("set_id", h.SetID)
	sentences := func(key string, list []string) {
		if len(list) > 0 {
			b = appendStrings(appendKey(b, key), list)
		}
	}
	sentences("tampered", h.Tampered)
	sentences("changed", h.Changed)
	if len(h.Descriptors) > 0 {
		b = appendAny(b, "descriptors", h.Descriptors)
	}
	sentences("missing", h.Missing)
	return append(b, '}')
}

// MarshalJSON writes the event as one flat object: time, pid, process
// and kind first, then the kind's own keys. A key that is zero is left out
// unless zero is a fact for that kind.
func (e Event) MarshalJSON() ([]byte, error) {
	return e.AppendJSON(nil), nil
}

// AppendJSON appends the event's JSON object, without a newline. An event
// of a known kind has the keys of that kind only.
func (e *Event) AppendJSON(b []byte) []byte {
	start := len(b)
	if own, known := kindFields(e.Kind); known {
		for _, f := range own {
			b = f.add(b, f.key, e, f.keep)
		}
	} else {
		for i := range fields {
			b = fields[i].add(b, fields[i].key, e, i < len(firstKeys))
		}
	}
	b[start] = '{' // instead of the first comma
	return append(b, '}')
}

// A keptField is a field of a kind of event; keep says that it is written
// though it is zero.
type keptField struct {
	field
	keep bool
}

// kindFields are the fields that an event of a kind may have, in the order
// of fields. Most of the fields are of a few kinds: to ask an event for all
// of them took a third of a recorder's own time. They are found when the
// kind is first seen: most recordings have a few kinds.
func kindFields(kind Kind) (own []keptField, known bool) {
	if found, ok := foundFields.Load(kind); ok {
		return found.([]keptField), true
	}
	at := slices.IndexFunc(kinds, func(k kindInfo) bool { return k.kind == kind })
	if at < 0 {
		return nil, false
	}
	keys := strings.Fields(kinds[at].keys + " " + everyKey)
	for i, f := range fields {
		star := i < len(firstKeys) || slices.Contains(keys, f.key+"*")
		if star || slices.Contains(keys, f.key) {
			own = append(own, keptField{f, star})
		}
	}
	foundFields.Store(kind, own)
	return own, true
}

var foundFields sync.Map // of Kind to []keptField

// firstKeys are written in every event, zero or not.
var firstKeys = [...]string{"time", "pid", "process", "kind"}

// A keySet is a set of indexes of fields.
type keySet [2]uint64

func (s *keySet) add(i int)     { s[i/64] |= 1 << (i % 64) }
func (s keySet) has(i int) bool { return s[i/64]&(1<<(i%64)) != 0 }

// allowedKeys are, by kind, the keys that an event of the kind may have.
var allowedKeys = sync.OnceValue(func() map[Kind]keySet {
	index := map[string]int{}
	for i := range fields {
		index[fields[i].key] = i
	}
	allowed := map[Kind]keySet{}
	for _, k := range kinds {
		var set keySet
		for key := range strings.FieldsSeq(k.keys + " " + everyKey) {
			set.add(index[strings.TrimSuffix(key, "*")])
		}
		allowed[k.kind] = set
	}
	return allowed
})

// An adder appends a key and its value, if the value is not zero or
// keep says so.
type adder func(b []byte, key string, e *Event, keep bool) []byte

func number(get func(*Event) int64) adder {
	return func(b []byte, key string, e *Event, keep bool) []byte {
		if n := get(e); n != 0 || keep {
			b = strconv.AppendInt(appendKey(b, key), n, 10)
		}
		return b
	}
}

func unsigned(get func(*Event) uint64) adder {
	return func(b []byte, key string, e *Event, keep bool) []byte {
		if n := get(e); n != 0 || keep {
			b = strconv.AppendUint(appendKey(b, key), n, 10)
		}
		return b
	}
}

func textual(get func(*Event) string) adder {
	return func(b []byte, key string, e *Event, keep bool) []byte {
		if s := get(e); s != "" || keep {
			b = appendString(appendKey(b, key), s)
		}
		return b
	}
}

func boolean(get func(*Event) bool) adder {
	return func(b []byte, key string, e *Event, keep bool) []byte {
		if v := get(e); v || keep {
			b = strconv.AppendBool(appendKey(b, key), v)
		}
		return b
	}
}

func list(get func(*Event) []string) adder {
	return func(b []byte, key string, e *Event, _ bool) []byte {
		if l := get(e); len(l) > 0 {
			b = appendStrings(appendKey(b, key), l)
		}
		return b
	}
}

func pointer(get func(*Event) *int) adder {
	return func(b []byte, key string, e *Event, _ bool) []byte {
		if p := get(e); p != nil {
			b = strconv.AppendInt(appendKey(b, key), int64(*p), 10)
		}
		return b
	}
}

// rare is for a value that is deep and seldom there.
func rare(get func(*Event) (any, bool)) adder {
	return func(b []byte, key string, e *Event, _ bool) []byte {
		if v, ok := get(e); ok {
			b = appendAny(b, key, v)
		}
		return b
	}
}

func truth(b []byte, key string, e *Event, _ bool) []byte {
	if e.SameVM != nil {
		b = strconv.AppendBool(appendKey(b, key), *e.SameVM)
	}
	return b
}

func data(b []byte, key string, e *Event, _ bool) []byte {
	if len(e.Data) > 0 {
		b = append(appendKey(b, key), '"')
		b = base64.StdEncoding.AppendEncode(b, e.Data)
		b = append(b, '"')
	}
	return b
}

// filePos writes an offset of 0 where the file of a write or read was
// looked at.
func filePos(b []byte, key string, e *Event, _ bool) []byte {
	looked := (e.Kind == KindWrite || e.Kind == KindRead) && e.Path != ""
	if e.FilePos != 0 || looked {
		b = strconv.AppendInt(appendKey(b, key), e.FilePos, 10)
	}
	return b
}

func source(b []byte, key string, e *Event, _ bool) []byte {
	if e.Source != nil {
		b = e.Source.appendJSON(appendKey(b, key))
	}
	return b
}

// appendKey appends a key that is not an object's first.
func appendKey(b []byte, key string) []byte {
	return append(append(append(b, `,"`...), key...), `":`...)
}

// appendAny appends a key whose value is rare or deep.
func appendAny(b []byte, key string, v any) []byte {
	b = appendKey(b, key)
	j, err := json.Marshal(v)
	if err != nil { // strings and numbers only: cannot happen
		return append(b, "null"...)
	}
	return append(b, j...)
}

// appendJSON appends where a call was made as a JSON object.
func (s *Source) appendJSON(b []byte) []byte {
	b = appendString(append(b, `{"file":`...), s.File)
	b = strconv.AppendInt(append(b, `,"line":`...), int64(s.Line), 10)
	if s.Func != "" {
		b = appendString(append(b, `,"func":`...), s.Func)
	}
	return append(b, '}')
}

// appendStrings appends an array.
func appendStrings(b []byte, list []string) []byte {
	b = append(b, '[')
	for i, s := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, s)
	}
	return append(b, ']')
}

// appendString appends s quoted. Bytes that are not UTF-8 become
// U+FFFD: JSON has no other way.
func appendString(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf || c == 0x7f {
			j, err := json.Marshal(s)
			if err != nil { // a string: cannot happen
				return append(b, `""`...)
			}
			return append(b, j...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}
