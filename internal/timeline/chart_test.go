package timeline

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"apue/internal/show"
)

func TestCharts(t *testing.T) {
	var b bytes.Buffer
	for _, o := range []Options{{}, {ASCII: true, Width: 100}} {
		orderings().Text(&b, o)
		b.WriteString("\n")
	}
	golden(t, "charts.txt", b.Bytes())
	golden(t, "orderings.svg", svgOf(t, "orderings", orderings().SVG))
	golden(t, "cost.svg", svgOf(t, "cost", cost().SVG))
	for columns := 40; columns <= 120; columns++ {
		for _, ascii := range []bool{false, true} {
			o := Options{Width: columns, ASCII: ascii}
			var b bytes.Buffer
			if err := orderings().Text(&b, o); err != nil {
				t.Fatal(err)
			}
			for _, line := range strings.Split(b.String(), "\n") {
				if w := show.Width(line); w > columns {
					t.Fatalf("%d columns, more than %d: %q", w, columns, line)
				}
				if ascii && strings.ContainsFunc(line, func(r rune) bool { return r > 0x7e }) {
					t.Fatalf("not ASCII: %q", line)
				}
			}
		}
	}
}

// TestOddCharts draws what measurements can turn out to be.
func TestOddCharts(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []*LineChart{
		{},
		{Series: []Series{{}, {Name: "one", Points: []Point{{5, 7}}}}},
		{Series: []Series{{Points: []Point{{0, 0}, {-1, 3}, {nan, 1}, {1, inf}}}}},
		{Series: []Series{{Points: []Point{{8, 8}}}}},
		{Series: []Series{{Points: []Point{{1, 0}, {2, 0}}}}},
		{Series: []Series{{Points: []Point{{1, -5}, {1e300, 1e-300}}}}},
		{Series: make([]Series, 20)},
	} {
		doc := svgOf(t, "odd", c.SVG)
		if bytes.Contains(doc, []byte("NaN")) || bytes.Contains(doc, []byte("Inf")) {
			t.Errorf("no number in %s", doc)
		}
	}
	for _, h := range []*Histogram{
		{},
		{Bars: []Bar{{Label: "", Count: 0}, {Label: "less than none", Count: -3}}},
		{Bars: []Bar{{Label: strings.Repeat("long ", 40), Count: 1 << 30}}},
	} {
		var b bytes.Buffer
		h.Text(&b, Options{})
		svgOf(t, "odd", h.SVG)
	}
	for _, tc := range []struct {
		n, of int
		want  string
	}{{0, 200, "0 %"}, {1, 1000, "< 1 %"}, {999, 1000, "> 99 %"}, {200, 200, "100 %"}, {0, 0, ""}, {1, 3, "33 %"}} {
		if got := percent(tc.n, tc.of); got != tc.want {
			t.Errorf("%d of %d is %q, want %q", tc.n, tc.of, got, tc.want)
		}
	}
}
