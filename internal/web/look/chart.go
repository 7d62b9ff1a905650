package look

import (
	"context"
	"io"
	"math"

	"github.com/a-h/templ"

	"kartotek/internal/locale"
)

// Chart is a picture of numbers. The table with the same numbers belongs beside it:
// the picture is for the eye, the table for everybody.
type Chart struct {
	ID    string // "chart" unless given
	Title string // what it shows
	Text  string // what one sees in it, for whoever does not see it
	Kind  Picture
	Names []string // of the series, where there are two: what the key says
	Items []Item   // in their order, at most a few hundred
}

// Picture is the kind of a chart.
type Picture uint8

const (
	Course Picture = iota // a line through time
	Pairs                 // upright bars, one or two for each item
	Parts                 // lying bars, each under its name
)

// Item is one point, or one group of bars.
type Item struct {
	Name   string    // on the axis
	Mark   bool      // the name is shown; Parts show every name
	At     float64   // of a Course: where in time, any unit
	Values []float64 // one for each series; none: a gap
	Texts  []string  // the values, for reading
}

func (c Chart) Render(ctx context.Context, out io.Writer) error {
	return chart(c.plot(Printer(ctx))).Render(ctx, out)
}

// File writes the picture as a file of its own, which no style sheet goes along with:
// black on white, for a paper or another page.
func (c Chart) File(ctx context.Context, out io.Writer) error {
	p := c.plot(Printer(ctx))
	p.style = fileStyle
	return chart(p).Render(ctx, out)
}

// fileStyle is the style of a picture that is a file.
const fileStyle = `<style>.chart{font-family:sans-serif;background:#fff}.grid{fill:none;stroke:#ccc}.scale,.tick{font-size:11.5px;fill:#333}` +
	`.scale{text-anchor:end}.tick{text-anchor:middle}.part{font-size:13px}.value{font-weight:600}.bar{fill:#1a5c49;stroke:#1a5c49}` +
	`.second{fill:#fff;stroke:#000}.trend{fill:none;stroke:#1a5c49;stroke-width:2.2}.dot{fill:#fff;stroke:#1a5c49}</style>`

// Key says which series is which; nothing for one.
func (c Chart) Key() templ.Component { return chartKey(c.Names) }

// The measures of a chart, in units of its 420 wide drawing.
const (
	chartWide  = 420.0
	chartHigh  = 230.0
	chartLeft  = 46.0 // the scale stands to the left of it
	chartRight = 412.0
	chartTop   = 12.0
	chartFoot  = 200.0 // the axis
	partHigh   = 40.0  // of a lying bar with its name
)

// plot is a chart with everything in its place.
type plot struct {
	id, title, text, class string
	style                  string // of a file
	box                    string
	lines                  []rule // of the scale
	bars                   []bar
	paths                  []string // of a course: one for each stretch without a gap
	dots                   []dot
	names                  []legend
}

type rule struct{ y, base, text string }

type bar struct{ class, x, y, width, height string }

type dot struct{ x, y string }

type legend struct{ class, x, y, text string }

func (c *Chart) plot(words *locale.Printer) plot {
	p := plot{id: or(c.ID, "chart"), title: c.Title, text: c.Text, class: "course", box: frame(chartHigh)}
	switch c.Kind {
	case Parts:
		c.parts(&p)
		return p
	case Pairs:
		p.class = "pairs"
	}
	low, high, step := c.scale()
	y := func(v float64) float64 { return chartFoot - (v-low)/(high-low)*(chartFoot-chartTop) }
	for v := low; v <= high+step/2; v += step {
		p.lines = append(p.lines, rule{num(y(v)), num(y(v) + 4), words.Number(int(v))})
	}
	if c.Kind == Pairs {
		c.pairs(&p, y)
	} else {
		c.course(&p, y)
	}
	return p
}

func frame(height float64) string { return "0 0 " + num(chartWide) + " " + num(height) }

// scale is where the scale begins and ends, and its step: round numbers around all
// values. Bars begin at nought; a line does where its lowest value is not far from
// it.
func (c *Chart) scale() (low, high, step float64) {
	low, high = math.Inf(1), 1
	for i := range c.Items {
		for _, v := range c.Items[i].Values {
			low, high = math.Min(low, v), math.Max(high, v)
		}
	}
	if c.Kind != Course || low < high/2 || math.IsInf(low, 1) {
		low = 0
	}
	const steps = 4
	raw := (high - low) / steps
	power := math.Pow(10, math.Floor(math.Log10(math.Max(raw, 1))))
	for _, m := range []float64{1, 2, 5, 10} {
		if step = m * power; step >= raw {
			break
		}
	}
	low = math.Floor(low/step) * step
	high = math.Max(math.Ceil(high/step)*step, low+step)
	return low, high, step
}

func (c *Chart) course(p *plot, y func(float64) float64) {
	if len(c.Items) == 0 {
		return
	}
	first, last := c.Items[0].At, c.Items[len(c.Items)-1].At
	x := func(at float64) float64 {
		if last <= first {
			return (chartLeft + chartRight) / 2
		}
		return chartLeft + 4 + (at-first)/(last-first)*(chartRight-chartLeft-8)
	}
	path := ""
	for i := range c.Items {
		item := &c.Items[i]
		c.name(p, item, x(item.At))
		if len(item.Values) == 0 {
			if path != "" {
				p.paths, path = append(p.paths, path), ""
			}
			continue
		}
		at := point{x(item.At), y(item.Values[0])}
		if path == "" {
			path = "M" + at.String()
		} else {
			path += " L" + at.String()
		}
		if len(c.Items) <= 40 {
			p.dots = append(p.dots, dot{num(at.x), num(at.y)})
		}
	}
	if path != "" {
		p.paths = append(p.paths, path)
	}
}

func (c *Chart) pairs(p *plot, y func(float64) float64) {
	if len(c.Items) == 0 {
		return
	}
	room := (chartRight - chartLeft) / float64(len(c.Items))
	for i := range c.Items {
		item := &c.Items[i]
		from := chartLeft + room*float64(i)
		c.name(p, item, from+room/2)
		width := room * .8 / float64(max(1, len(item.Values)))
		for s, v := range item.Values {
			top := y(v)
			p.bars = append(p.bars, bar{series(s), num(from + room*.1 + width*float64(s)), num(top), num(math.Max(width-.6, .6)), num(chartFoot - top)})
		}
	}
}

// name puts an item's name under the axis, within the drawing.
func (c *Chart) name(p *plot, item *Item, x float64) {
	if item.Mark {
		p.names = append(p.names, legend{"tick", num(math.Min(math.Max(x, chartLeft), chartRight-14)), num(chartFoot + 18), item.Name})
	}
}

func (c *Chart) parts(p *plot) {
	p.class = "parts"
	most := 1.0
	for i := range c.Items {
		for _, v := range c.Items[i].Values {
			most = math.Max(most, v)
		}
	}
	const end = chartWide - 70 // a value stands to the right of its bar
	for i := range c.Items {
		item := &c.Items[i]
		top := partHigh * float64(i)
		p.names = append(p.names, legend{"part", num(2), num(top + 15), item.Name})
		for s, v := range item.Values {
			width := v / most * end
			p.bars = append(p.bars, bar{series(s), num(2), num(top + 20), num(width), num(14)})
			p.names = append(p.names, legend{"part value", num(width + 9), num(top + 32), textAt(item.Texts, s)})
		}
	}
	p.box = frame(partHigh*float64(len(c.Items)) + 4)
}

func series(n int) string {
	if n == 0 {
		return "bar"
	}
	return "bar second"
}

func textAt(all []string, n int) string {
	if n < len(all) {
		return all[n]
	}
	return ""
}
