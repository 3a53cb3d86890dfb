//go:build linux

package main

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// chart draws the times of fork and vfork over the size of the
// parent as an SVG: both axes logarithmic.
func chart(rows []costRow) []byte {
	const width, height, left, bottom = 640, 360, 70, 50
	least, most := time.Duration(math.MaxInt64), time.Duration(1)
	for _, r := range rows {
		least = min(least, max(r.vfork, 1), max(r.fork, 1))
		most = max(most, r.fork, r.vfork)
	}
	x := func(mib int) float64 {
		all := math.Log(float64(rows[len(rows)-1].mib))
		return left + math.Log(float64(mib))/all*(width-left-80)
	}
	y := func(d time.Duration) float64 {
		low := math.Log(float64(least))
		part := (math.Log(float64(max(d, 1))) - low) /
			max(math.Log(float64(most))-low, 1e-9)
		return height - bottom - part*(height-bottom-30)
	}

	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" `+
		`viewBox="0 0 %d %d" font-family="sans-serif" font-size="13" `+
		`role="img"><title>fork and vfork as memory grows</title>`+"\n",
		width, height)
	fmt.Fprintf(&b, `<rect width="%d" height="%d" fill="white"/>`+"\n",
		width, height)
	for _, r := range rows {
		fmt.Fprintf(&b, `<text x="%.0f" y="%d" text-anchor="middle">`+
			"%d</text>\n", x(r.mib), height-bottom+20, r.mib)
	}
	fmt.Fprintf(&b, `<text x="%d" y="%d" text-anchor="middle">resident `+
		"memory of the parent, MiB</text>\n", width/2, height-8)
	for _, d := range []time.Duration{least, most} {
		fmt.Fprintf(&b, `<text x="%d" y="%.0f" text-anchor="end">`+
			"%d µs</text>\n", left-8, y(d)+4, d.Microseconds())
	}
	for _, line := range []struct {
		name, color, dash string
		of                func(costRow) time.Duration
	}{
		{"fork", "#b03020", "", func(r costRow) time.Duration { return r.fork }},
		{"vfork", "#2050a0", "6 4", func(r costRow) time.Duration { return r.vfork }},
	} {
		var at []string
		for _, r := range rows {
			at = append(at, fmt.Sprintf("%.1f,%.1f", x(r.mib), y(line.of(r))))
		}
		end := rows[len(rows)-1]
		fmt.Fprintf(&b, `<polyline points="%s" fill="none" stroke="%s" `+
			`stroke-width="2" stroke-dasharray="%s"/>`+"\n",
			strings.Join(at, " "), line.color, line.dash)
		fmt.Fprintf(&b, `<text x="%.0f" y="%.0f" fill="%s">%s</text>`+"\n",
			x(end.mib)+8, y(line.of(end))+4, line.color, line.name)
	}
	b.WriteString("</svg>\n")
	return []byte(b.String())
}
