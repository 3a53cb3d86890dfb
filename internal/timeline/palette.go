package timeline

import (
	"fmt"
	"strings"
)

// A color in light and in dark surroundings. Each pair was chosen
// to have a contrast of 4.5 and more for text, 3 for shapes,
// against the background.
type color struct{ light, dark string }

var (
	paperColor  = color{"#ffffff", "#14171c"}
	inkColor    = color{"#16191d", "#eef1f5"}
	faintColor  = color{"#596273", "#a3adbc"}
	hairColor   = color{"#e3e6eb", "#2b313a"}
	runColor    = color{"#1f66ad", "#6fb1f2"}
	vforkColor  = color{"#78818f", "#8d97a6"}
	stopColor   = color{"#8b45b0", "#c893e6"}
	zombieColor = color{"#b4351f", "#ff8f78"}
	adoptColor  = color{"#0d7350", "#4fd0a0"}
)

// rules are the style of every shape, for a page of its own and
// inside the HTML file. They are written out, and not left to
// variables of CSS, because some programs that turn SVG into
// something else know no variables.
func rules(pick func(color) string) string {
	var b strings.Builder
	p := func(format string, args ...any) { fmt.Fprintf(&b, format, args...) }
	p(".paper{fill:%s}", pick(paperColor))
	p(".ink{fill:%s}", pick(inkColor))
	p(".faint{fill:%s}", pick(faintColor))
	p(".hair{stroke:%s}", pick(hairColor))
	p(".run,.wait{stroke:%s}", pick(runColor))
	p(".vfork{stroke:%s}", pick(vforkColor))
	p(".stop{stroke:%s}", pick(stopColor))
	p(".zombie{stroke:%s}", pick(zombieColor))
	p(".zfill{fill:%s}", pick(zombieColor))
	p(".hollow{stroke:%s}", pick(paperColor))
	p(".out{stroke:%s}", pick(faintColor))
	p(".line{stroke:%s}", pick(inkColor))
	p(".head{fill:%s}", pick(inkColor))
	p(".adopt{stroke:%s}", pick(adoptColor))
	p(".adopth{fill:%s}", pick(adoptColor))
	p(".disc{fill:%s;stroke:%s}", pick(paperColor), pick(inkColor))
	p(".dot{fill:%s;stroke:%s}", pick(inkColor), pick(paperColor))
	return b.String()
}
