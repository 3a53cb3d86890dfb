package trace

import (
	"encoding/base64"
	"encoding/json"
	"strconv"
	"unicode/utf8"
)

// keys is a set of keys whose zero is a fact for some kinds of
// event: exit status 0 is written, the status of a kill is not.
type keys uint32

const (
	keyStatus keys = 1 << iota
	keyResult
	keyFd
	keyNewFd
	keyOffset
	keyWhence
	keyMask
	keyValue
	keyTarget
	keyPgid
	keySignal
	keyOptions
	keyNewParent
	keyCommand
	keyFlags
)

var zeroIsFact = map[Kind]keys{
	KindFork:       keyFlags,
	KindVfork:      keyFlags,
	KindClone:      keyFlags,
	KindExit:       keyStatus,
	KindWait:       keyStatus | keyResult | keyOptions,
	KindEnd:        keyStatus,
	KindReparented: keyNewParent,
	KindSetsid:     keyResult,
	KindSetpgid:    keyTarget | keyPgid,
	KindKill:       keyTarget | keySignal,
	KindUmask:      keyMask,
	KindSubreaper:  keyValue,
	KindOpen:       keyFd | keyFlags,
	KindClose:      keyFd,
	KindDup:        keyFd | keyNewFd,
	KindPipe:       keyFd | keyNewFd,
	KindSeek:       keyFd | keyOffset | keyWhence | keyResult,
	KindTruncate:   keyOffset,
	KindFcntl:      keyFd | keyCommand | keyValue,
	KindWrite:      keyFd | keyResult,
}

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
	if len(h.Missing) > 0 {
		b = appendStrings(append(b, `,"missing":`...), h.Missing)
	}
	return append(b, '}')
}

// MarshalJSON writes the event as one flat object: time, pid,
// process and kind first, then the kind's own keys. A key that is
// zero is left out unless zero is a fact for that kind.
func (e Event) MarshalJSON() ([]byte, error) {
	return e.AppendJSON(nil), nil
}

// AppendJSON appends the event's JSON object, without a newline.
func (e *Event) AppendJSON(b []byte) []byte {
	zero := zeroIsFact[e.Kind]
	num := func(key string, n int64, keep bool) {
		if n != 0 || keep {
			b = strconv.AppendInt(appendKey(b, key), n, 10)
		}
	}
	str := func(key, s string) {
		if s != "" {
			b = appendString(appendKey(b, key), s)
		}
	}

	b = strconv.AppendInt(append(b, `{"time":`...), e.Time, 10)
	num("pid", int64(e.Pid), true)
	b = appendString(append(b, `,"process":`...), e.Process)
	b = appendString(append(b, `,"kind":`...), string(e.Kind))
	num("nspid", int64(e.NSpid), false)
	num("tid", int64(e.Tid), false)
	str("call", e.Call)
	str("errno", e.Errno)

	num("child", int64(e.Child), false)
	num("child_nspid", int64(e.ChildNSpid), false)
	str("child_process", e.ChildProcess)
	if e.Flags != 0 || zero&keyFlags != 0 {
		b = strconv.AppendUint(append(b, `,"flags":`...), e.Flags, 10)
	}
	if e.SameVM != nil {
		b = strconv.AppendBool(append(b, `,"same_vm":`...), *e.SameVM)
	}
	str("parent_state", e.ParentState)
	if len(e.Words) != 0 {
		b = appendAny(b, "words", e.Words)
	}

	str("path", e.Path)
	if len(e.Argv) != 0 {
		b = appendStrings(append(b, `,"argv":`...), e.Argv)
	}

	num("wait_pid", int64(e.WaitPid), false)
	num("idtype", int64(e.IDType), false)
	num("id", int64(e.ID), false)
	num("options", int64(e.Options), zero&keyOptions != 0)
	num("entered", e.Entered, false)
	num("result", e.Result, zero&keyResult != 0)
	num("result_pid", int64(e.ResultPid), false)
	str("result_process", e.ResultProcess)
	num("status", int64(e.Status), zero&keyStatus != 0)
	if e.ExitArg != nil {
		num("exit_arg", int64(*e.ExitArg), true)
	}
	if e.Discarded {
		b = append(b, `,"discarded":true`...)
	}
	if e.NullStatus {
		b = append(b, `,"null_status":true`...)
	}

	num("signal", int64(e.Signal), zero&keySignal != 0)
	num("si_code", int64(e.SiCode), false)
	num("sender", int64(e.Sender), false)
	str("sender_process", e.SenderProcess)
	num("target", int64(e.Target), zero&keyTarget != 0)
	str("target_process", e.TargetProcess)

	num("old_parent", int64(e.OldParent), false)
	str("old_parent_process", e.OldParentProcess)
	num("new_parent", int64(e.NewParent), zero&keyNewParent != 0)
	num("new_parent_nspid", int64(e.NewParentNSpid), zero&keyNewParent != 0)
	str("new_parent_process", e.NewParentProcess)
	str("new_parent_comm", e.NewParentComm)

	num("pgid", int64(e.Pgid), zero&keyPgid != 0)
	num("mask", int64(e.Mask), zero&keyMask != 0)
	num("value", int64(e.Value), zero&keyValue != 0)
	num("command", int64(e.Command), zero&keyCommand != 0)
	num("fd", int64(e.Fd), zero&keyFd != 0)
	num("newfd", int64(e.NewFd), zero&keyNewFd != 0)
	num("offset", e.Offset, zero&keyOffset != 0)
	num("whence", int64(e.Whence), zero&keyWhence != 0)
	if len(e.Data) != 0 {
		b = append(b, `,"data":"`...)
		b = base64.StdEncoding.AppendEncode(b, e.Data)
		b = append(b, '"')
	}
	num("ofd", int64(e.OFD), false)
	num("file_pos", e.FilePos, e.Kind == KindWrite && e.OFD != 0)

	if len(e.Snapshot) != 0 {
		b = appendAny(b, "snapshot", e.Snapshot)
	}
	str("note", e.Note)
	num("leftovers", int64(e.Leftovers), false)
	if e.Timeout {
		b = append(b, `,"timeout":true`...)
	}
	if e.Source != nil {
		b = e.Source.appendJSON(append(b, `,"source":`...))
	}
	str("no_source", e.NoSource)
	return append(b, '}')
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
