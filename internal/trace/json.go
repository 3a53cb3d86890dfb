package trace

import (
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

// A field is a key of the header or of an event; keep says that it is
// written though it is zero.
type field struct {
	key   string
	index int // of the struct's field
	keep  bool
}

// fieldsOf are the keys that a struct's tags name, in their order.
func fieldsOf(t reflect.Type) []field {
	var all []field
	for i := range t.NumField() {
		key, option, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		all = append(all, field{key, i, option == ""})
	}
	return all
}

// eventFields are the keys of events. They have the place of Event's own
// fields; keep is for the four that every event begins with.
var eventFields = sync.OnceValue(func() []field {
	all := fieldsOf(reflect.TypeFor[Event]())
	for i := range all {
		all[i].keep = i < 4 // time, pid, process, kind
	}
	return all
})

var sourceFields = sync.OnceValue(func() []field { return fieldsOf(reflect.TypeFor[Source]()) })

// kindFields are the fields that an event of a kind may have, in the order
// of Event's. Most of the fields are of a few kinds: to ask an event for all
// of them took a third of a recorder's own time. They are found when the
// kind is first seen: most recordings have a few kinds.
func kindFields(kind Kind) (own []field, known bool) {
	if found, ok := foundFields.Load(kind); ok {
		return found.([]field), true
	}
	at := slices.IndexFunc(Kinds, func(k KindInfo) bool { return k.Kind == kind })
	if at < 0 {
		return nil, false
	}
	keys := strings.Fields(Kinds[at].Keys + " " + EveryKey)
	for _, f := range eventFields() {
		star := slices.Contains(keys, f.key+"*")
		if star || slices.Contains(keys, f.key) {
			own = append(own, field{f.key, f.index, star})
		}
	}
	foundFields.Store(kind, own)
	return own, true
}

var foundFields sync.Map // of Kind to []field

// appendJSON appends the header's JSON object, without a newline.
func (h *Header) appendJSON(b []byte) []byte {
	written := *h
	written.Kind, written.Schema = KindHeader, Schema
	return appendObject(b, reflect.ValueOf(&written).Elem(), fieldsOf(reflect.TypeFor[Header]()))
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
	own, known := kindFields(e.Kind)
	if !known {
		own = eventFields()
	}
	v := reflect.ValueOf(e).Elem()
	if e.FilePos == 0 && e.Path != "" && (e.Kind == KindWrite || e.Kind == KindRead) {
		// The file was looked at, and 0 is its offset.
		own = slices.Clone(own)
		own[slices.IndexFunc(own, func(f field) bool { return f.key == "file_pos" })].keep = true
	}
	return appendObject(b, v, own)
}

// appendObject appends the fields of a struct as a JSON object. A program
// that records is started anew for each run, and would have to get the
// encoder of encoding/json ready for each of the structs.
func appendObject(b []byte, v reflect.Value, fields []field) []byte {
	start := len(b)
	for _, f := range fields {
		if value := v.Field(f.index); f.keep || !isEmpty(value) {
			b = append(append(append(b, `,"`...), f.key...), `":`...)
			b = appendValue(b, value)
		}
	}
	b[start] = '{' // instead of the first comma
	return append(b, '}')
}

func isEmpty(v reflect.Value) bool {
	return v.IsZero() || v.Kind() == reflect.Slice && v.Len() == 0
}

func appendValue(b []byte, v reflect.Value) []byte {
	switch v.Kind() {
	case reflect.Int, reflect.Int64:
		return strconv.AppendInt(b, v.Int(), 10)
	case reflect.Uint32, reflect.Uint64:
		return strconv.AppendUint(b, v.Uint(), 10)
	case reflect.Bool:
		return strconv.AppendBool(b, v.Bool())
	case reflect.String:
		return appendString(b, v.String())
	}
	switch value := v.Interface().(type) {
	case *int, *bool:
		return appendValue(b, v.Elem())
	case *Source:
		return appendObject(b, v.Elem(), sourceFields())
	case []string:
		return appendStrings(b, value)
	default: // rare, or deep
		return appendAny(b, value)
	}
}

func appendAny(b []byte, v any) []byte {
	j, err := json.Marshal(v)
	if err != nil { // strings and numbers only: cannot happen
		return append(b, "null"...)
	}
	return append(b, j...)
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
			return appendAny(b, s)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}
