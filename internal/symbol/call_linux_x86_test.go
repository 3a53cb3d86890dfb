//go:build linux && (386 || amd64)

package symbol

import "testing"

// TestEndsInCall: indirect calls as an assembler writes them, and what
// looks like them.
func TestEndsInCall(t *testing.T) {
	for code, want := range map[string]bool{
		"\x90\x90\x90\x90\x90\xff\xd0": true,  // call *%rax
		"\x90\x90\x90\x90\x41\xff\xd4": true,  // call *%r12
		"\x90\xff\x15\x01\x02\x03\x04": true,  // call *0x4030201(%rip)
		"\x90\x90\x90\x90\xff\x50\x08": true,  // call *8(%rax)
		"\x90\xff\x90\x00\x01\x00\x00": true,  // call *0x100(%rax)
		"\x90\x90\x90\xff\x54\x24\x08": true,  // call *8(%rsp)
		"\xff\x14\xc5\x00\x00\x00\x00": true,  // call *0(,%rax,8)
		"\x90\x90\x90\x90\xff\x14\xc8": true,  // call *(%rax,%rcx,8)
		"\x90\x90\xe8\x00\x00\x00\x00": false, // call of a function that is there
		"\x90\x90\x90\x90\x90\xff\xe0": false, // jmp *%rax
		"\x90\x90\x90\x90\xff\x50\x90": true,
		"\xff\xd0\x90\x90\x90\x90\x90": false,
		"\x90\x90\x90\x90\x90\xff\x15": false, // cut off
		"\x90\x90\xff\x15\x01\x02\x03": false,
	} {
		if got := endsInCall([]byte(code)); got != want {
			t.Errorf("% x: %v", code, got)
		}
	}
}
