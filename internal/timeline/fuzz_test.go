package timeline

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"apue/internal/trace"
)

// FuzzModel draws recordings that no recorder would write. Whatever
// is in one, the pictures are well-formed and hold no control
// character.
func FuzzModel(f *testing.F) {
	for _, r := range recordings[:7] {
		var b bytes.Buffer
		if err := r.make().Write(&b); err != nil {
			f.Fatal(err)
		}
		f.Add(b.Bytes())
	}
	f.Add([]byte("any bytes are a recording, whose events need not make sense: 0123456789abcdefghijklmnopqrstuvwxyz"))
	f.Fuzz(func(t *testing.T, data []byte) {
		rec, err := trace.ReadRecording(bytes.NewReader(data))
		if err != nil {
			rec = senseless(data)
		}
		if len(rec.Events) > 100 {
			return
		}
		for _, m := range []*Model{New(rec, nil), NewOf(rec, nil, func(*trace.Event) bool { return true })} {
			m = m.Step(len(m.Steps))
			for _, o := range []Options{{}, {ASCII: true, Axis: Time, Width: 50, Source: true}} {
				var b bytes.Buffer
				if err := m.Text(&b, o); err != nil {
					t.Fatal(err)
				}
				if i := strings.IndexFunc(b.String(), func(r rune) bool { return r < ' ' && r != '\n' || r == 0x7f }); i >= 0 {
					t.Fatalf("control character in %q", b.String()[i:min(i+40, b.Len())])
				}
			}
			for _, o := range []Options{{}, {Axis: Time, Pids: true}} {
				svgOf(t, "fuzz", func(w io.Writer) error { return m.SVG(w, o) })
			}
		}
	})
}

// senseless makes a recording of any bytes: each twelve of them are an
// event of some kind, with whatever fields.
func senseless(data []byte) *trace.Recording {
	kinds := []trace.Kind{
		trace.KindFork, trace.KindVfork, trace.KindClone, trace.KindVforkDone, trace.KindExec, trace.KindExit,
		trace.KindWait, trace.KindSignal, trace.KindStop, trace.KindContinue, trace.KindReparented, trace.KindKill,
		trace.KindWrite, trace.KindOpen, trace.KindDup, trace.KindSeek, trace.KindSetpgid, trace.KindNote,
		trace.KindEnd, trace.KindPipe, "other",
	}
	names := []string{"P0", "P0.1", "P0.2", "P0.1.1", "", "P0.10", "outside", "\x1b]"}
	pick := func(b byte) string { return names[int(b)%len(names)] }
	rec := &trace.Recording{Header: trace.Header{Start: "x", Command: []string{string(data[:min(8, len(data))])}}}
	for ; len(data) >= 12; data = data[12:] {
		d := data
		same := d[7]&1 != 0
		e := trace.Event{
			Kind: kinds[int(d[0])%len(kinds)], Process: pick(d[1]), Time: int64(int8(d[2])) << 20,
			ChildProcess: pick(d[3]), ResultProcess: pick(d[3]), SenderProcess: pick(d[4]), TargetProcess: pick(d[4]),
			OldParentProcess: pick(d[3]), NewParentProcess: pick(d[4]), NewParent: int(d[5]),
			Status: uint32(d[5])<<8 | uint32(d[6]), Result: int64(int8(d[7])), ResultPid: int(d[7]),
			Options: int(d[8]) * 0x01000001, Entered: int64(d[9]) << 20, Signal: int(int8(d[8])), SiCode: int(int8(d[9])),
			Sender: int(d[10]), Target: int(int8(d[10])), Fd: int(d[11] & 7), OFD: int(d[11] & 3), FilePos: int64(int8(d[10])),
			Data: d[:d[11]%12], SameVM: &same, Call: string(d[8:10]), Path: string(d[9:12]),
		}
		if d[6]&7 == 7 {
			e.Errno = string(d[10:12])
		}
		rec.Events = append(rec.Events, e)
	}
	return rec
}
