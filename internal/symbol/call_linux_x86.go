//go:build linux && (386 || amd64)

package symbol

// longestCall is the size in bytes of the longest instruction that calls a
// function by its address, without a prefix.
const longestCall = 7

// endsInCall says whether code ends in an indirect call: opcode 0xff, a
// ModRM byte with the extension 2, perhaps a SIB byte, and no displacement,
// or one of one or four bytes.
func endsInCall(code []byte) bool {
	for size := 2; size <= min(longestCall, len(code)); size++ {
		c := code[len(code)-size:]
		if c[0] != 0xff || c[1]>>3&7 != 2 {
			continue
		}
		mod, rm := c[1]>>6, c[1]&7
		want := 2
		if mod != 3 && rm == 4 {
			want++
		}
		switch {
		case mod == 1:
			want++
		case mod == 2, mod == 0 && rm == 5, mod == 0 && rm == 4 && size > 2 && c[2]&7 == 5:
			want += 4
		}
		if want == size {
			return true
		}
	}
	return false
}
