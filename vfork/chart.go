//go:build linux

package main

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// The chart's size in pixels, and the margins of the axes.
const width, height, left, bottom = 640, 360, 70, 50

// chart draws the times of fork and vfork over the size of the
// parent as an SVG: both axes logarithmic.
func chart(rows []costRow) []byte {
	least, most := time.Duration(math.MaxInt64), time.Duration(1)
	for _, r := range rows {
		least = min(least, max(r.vfork, 1), max(r.fork, 1))
		most = max(most, r.fork, r.vfork)
	}
	end := rows[len(rows)-1]
	x := func(mib int) float64 {
		part := math.Log(float64(mib)) / math.Log(float64(end.mib))
		return left + part*(width-left-80)
	}
	y := func(d time.Duration) float64 {
		low := math.Log(float64(least))
		all := max(math.Log(float64(most))-low, 1e-9)
		part := (math.Log(float64(max(d, 1))) - low) / all
		return height - bottom - part*(height-bottom-30)
	}

	var b strings.Builder
	text := func(x, y float64, anchor, color, s string) {
		fmt.Fprintf(&b, `<text x="%.0f" y="%.0f" fill="%s" `,
			x, y, color)
		fmt.Fprintf(&b, `text-anchor="%s">%s</text>`+"\n",
			anchor, s)
	}
	line := func(name, color, dash string,
		of func(costRow) time.Duration) {
		var at []string
		for _, r := range rows {
			at = append(at, fmt.Sprintf("%.1f,%.1f",
				x(r.mib), y(of(r))))
		}
		fmt.Fprintf(&b, `<polyline points="%s" fill="none" `,
			strings.Join(at, " "))
		fmt.Fprintf(&b, `stroke="%s" stroke-width="2" `, color)
		fmt.Fprintf(&b, `stroke-dasharray="%s"/>`+"\n", dash)
		text(x(end.mib)+8, y(of(end))+4, "start", color, name)
	}

	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" `)
	fmt.Fprintf(&b, `viewBox="0 0 %d %d" role="img" `,
		width, height)
	fmt.Fprintf(&b, `font-family="sans-serif" font-size="13">`+
		"<title>fork and vfork as memory grows</title>\n")
	fmt.Fprintf(&b, `<rect width="%d" height="%d" fill="white"/>`+
		"\n", width, height)
	for _, r := range rows {
		text(x(r.mib), height-bottom+20, "middle", "black",
			fmt.Sprint(r.mib))
	}
	text(width/2, height-8, "middle", "black",
		"resident memory of the parent, MiB")
	for _, d := range []time.Duration{least, most} {
		text(left-8, y(d)+4, "end", "black",
			fmt.Sprintf("%d µs", d.Microseconds()))
	}
	line("fork", "#b03020", "none",
		func(r costRow) time.Duration { return r.fork })
	line("vfork", "#2050a0", "6 4",
		func(r costRow) time.Duration { return r.vfork })
	b.WriteString("</svg>\n")
	return []byte(b.String())
}
