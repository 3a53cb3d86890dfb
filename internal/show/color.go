package show

// The colours of text on a terminal, as parameters of SGR. A program
// cannot know whether a terminal is black or white, and the eight colours
// of old terminals are not the same on any two: xterm's cyan on white and
// its blue on black cannot be read. These are from the 256 colours, whose
// values are fixed, and each has a contrast of 4 and more against both.
const (
	Green  = "38;5;28"
	Cyan   = "38;5;30"
	Blue   = "38;5;63"
	Brown  = "38;5;130"
	Red    = "38;5;161"
	Gray   = "38;5;243"
	Bold   = "1"
	Normal = "0"
)

// Colored puts a text between the code of a colour and that of the normal
// one.
func Colored(color, s string) string {
	return "\x1b[" + color + "m" + s + "\x1b[" + Normal + "m"
}
