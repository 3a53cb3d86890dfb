//go:build 386 || amd64 || arm64

package symbol

import (
	"encoding/binary"
	"testing"
)

// TestLongEntry: the length of an entry is a number of 32 bits, of which an
// int of 386 makes a negative one. No entry ends outside of the section.
func TestLongEntry(t *testing.T) {
	frame := binary.LittleEndian.AppendUint32(make([]byte, 0, 64), 0x80000000)
	frame = append(frame, 0, 0, 0, 0, 1, 0, 1, 1, 0, 0, 0, 0)
	frame = append(frame, 0, 0, 0, 0x80, 20, 0, 0, 0)
	frame = append(frame, make([]byte, 32)...)
	c := &cfiTable{frame: frame, index: []cfiEntry{{start: 0, at: 16}}}
	c.look(0)
	c.common(0)
	for _, at := range []int{0, 16, len(frame)} {
		r := cfiReader{b: frame, pos: at}
		if end := r.length(); end < at || end > len(frame) {
			t.Errorf("the entry at %d ends at %d, of %d", at, end, len(frame))
		}
	}
}
