package look

import (
	"context"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/a-h/templ"
	"github.com/golang-sql/civil"

	"kartotek/internal/locale"
)

// Wheel is the compliance year: twelve months with January on top, a hand at
// today, a numbered mark for each deadline. Its Key says the same in words and
// belongs beside it.
type Wheel struct {
	ID    string // "wheel" unless given
	Title string // "Årshjul 2026 for Gentofte"
	Year  int
	Today civil.Date
	Marks []Mark // in any order; those of other years are left out
}

// Mark is a deadline of the year.
type Mark struct {
	Date  civil.Date
	Tone  Tone // OK, Late, Soon, or Note for later
	Text  string
	State string // "klaret"; the tone's own word unless given
	URL   string // where to read more
}

func (w Wheel) Render(ctx context.Context, out io.Writer) error {
	return wheel(w.face(Printer(ctx))).Render(ctx, out)
}

// Key is the list beside the wheel.
func (w Wheel) Key() templ.Component { return wheelKey(w.year()) }

// year returns the marks of the year in order of their dates.
func (w Wheel) year() []Mark {
	var marks []Mark
	for _, m := range w.Marks {
		if m.Date.Year == w.Year {
			marks = append(marks, m)
		}
	}
	slices.SortStableFunc(marks, func(a, b Mark) int { return a.Date.DaysSince(b.Date) })
	return marks
}

// The wheel's measures, in units of its 420 wide drawing.
const (
	centre     = 210.0
	outerEdge  = 203.0 // of the months
	innerEdge  = 167.0
	monthText  = 185.0 // the middle of the months
	weekOuter  = 165.0
	weekInner  = 158.0
	goneRadius = 164.0
	markSize   = 30.0 // what a mark needs, edge to edge
	textDrop   = 4.5  // from the middle of a letter to its baseline
)

// rings are where marks may stand, from the outside; one that finds no room on
// the first moves inward. If no ring has room at its day it moves aside by a few
// days, since its number leads to the list, which has the date.
var (
	rings  = [...]float64{139, 109, 79}
	asides = [...]float64{0, .011, -.011, .022, -.022, .033, -.033, .044, -.044, .055, -.055, .066, -.066} // of a turn
)

// face is the wheel as it is drawn.
type face struct {
	id, title, text string
	year, today     string
	gone            string // the part of the year that is over, as a path
	hand, tip       string // paths; empty outside the year
	weeks           []tick
	months          []sector
	marks           []spot
}

type tick struct{ class, path string }

type sector struct {
	class, textClass, path, x, y, name string
}

type spot struct {
	class  string
	circle bool
	x, y   string // of the middle
	path   string // of a shape that is no circle
	number string
	base   string // of the number
}

type point struct{ x, y float64 }

// at is the point on a radius at a part of the year: 0 is midnight of New Year, on top.
func at(part, radius float64) point {
	sin, cos := math.Sincos(2 * math.Pi * part)
	return point{centre + radius*sin, centre - radius*cos}
}

func (p point) String() string { return num(p.x) + " " + num(p.y) }

func num(f float64) string { return strconv.FormatFloat(f, 'f', 1, 64) }

// face computes the drawing.
func (w Wheel) face(p *locale.Printer) face {
	first := civil.Date{Year: w.Year, Month: time.January, Day: 1}
	days := float64(civil.Date{Year: w.Year + 1, Month: time.January, Day: 1}.DaysSince(first))
	part := func(d civil.Date) float64 { return float64(d.DaysSince(first)) / days }
	today := min(max(part(w.Today), 0), 1)

	f := face{id: or(w.ID, "wheel"), title: w.Title, year: strconv.Itoa(w.Year)}
	marks := w.year()
	f.text = p.T("look.wheel.text", "count", len(marks))
	if w.Today.Year == w.Year {
		f.text = p.T("look.wheel.hand", "date", p.WeekdayDate(w.Today)) + " " + f.text
		f.today = dayMonth(p, w.Today)
		f.hand = fmt.Sprintf("M%sL%s", at(today, 76), at(today, 54))
		f.tip = tip(today)
	}
	switch {
	case today >= 1:
		f.gone = fmt.Sprintf("M%sA%[2]g %[2]g 0 1 1 %sZ", at(0, goneRadius), goneRadius, at(.9999, goneRadius))
	case today > 0:
		f.gone = fmt.Sprintf("M%[1]g %[1]gL%sA%[3]g %[3]g 0 %d 1 %sZ", centre, at(0, goneRadius), goneRadius, flag(today > .5), at(today, goneRadius))
	}
	for day := 0.0; day < days; day += 7 {
		f.weeks = append(f.weeks, tick{
			class: classes("week", when(day/days <= today, "past")),
			path:  fmt.Sprintf("M%sL%s", at(day/days, weekOuter), at(day/days, weekInner)),
		})
	}
	for m := time.January; m <= time.December; m++ {
		f.months = append(f.months, w.sector(p, m, part))
	}
	f.marks = place(marks, part)
	return f
}

func flag(large bool) int {
	if large {
		return 1
	}
	return 0
}

// tip is the head of the hand, a triangle that points outward.
func tip(today float64) string {
	const half = .0144 // of a turn, at the radius of the base
	return fmt.Sprintf("M%sL%sL%sZ", at(today, 92), at(today+half, 74), at(today-half, 74))
}

// sector is a month on the rim.
func (w Wheel) sector(p *locale.Printer, m time.Month, part func(civil.Date) float64) sector {
	from := part(civil.Date{Year: w.Year, Month: m, Day: 1})
	until := part(civil.DateOf(time.Date(w.Year, m+1, 1, 0, 0, 0, 0, time.UTC)))
	text := at((from+until)/2, monthText)
	s := sector{
		class: "month", textClass: "mon", name: p.MonthShort(m),
		x: num(text.x), y: num(text.y + textDrop),
		path: fmt.Sprintf("M%sA%[2]g %[2]g 0 0 1 %sL%sA%[5]g %[5]g 0 0 0 %sZ",
			at(from, outerEdge), outerEdge, at(until, outerEdge), at(until, innerEdge), innerEdge, at(from, innerEdge)),
	}
	switch {
	case w.Today.Year > w.Year || w.Today.Year == w.Year && w.Today.Month > m:
		s.class = "month past"
	case w.Today.Year == w.Year && w.Today.Month == m:
		s.class, s.textClass = "month now", "mon now"
	}
	return s
}

// place numbers the marks and finds room for each.
func place(marks []Mark, part func(civil.Date) float64) []spot {
	taken := make([]point, 0, len(marks))
	spots := make([]spot, len(marks))
	for i, m := range marks {
		p := free(part(m.Date), taken)
		taken = append(taken, p)
		spots[i] = spotOf(m.Tone, p, i+1)
	}
	return spots
}

// free is the first place near a part of the year where a mark covers none of
// those taken, or the least crowded one.
func free(part float64, taken []point) point {
	var best point
	most := -1.0
	for _, aside := range asides {
		for _, radius := range rings {
			p := at(part+aside, radius)
			room := math.Inf(1)
			for _, q := range taken {
				room = min(room, math.Hypot(p.x-q.x, p.y-q.y))
			}
			if room >= markSize {
				return p
			}
			if room > most {
				best, most = p, room
			}
		}
	}
	return best
}

// spotOf draws a mark in the shape of its tone.
func spotOf(tone Tone, p point, number int) spot {
	s := spot{class: tone.class(), x: num(p.x), y: num(p.y), number: strconv.Itoa(number), base: num(p.y + textDrop)}
	switch tone {
	case Late:
		s.path = fmt.Sprintf("M%sl14 24h-28z", point{p.x, p.y - 16})
	case Soon:
		s.path = fmt.Sprintf("M%sl14 14l-14 14l-14 -14z", point{p.x, p.y - 14})
	case Calm:
		s.path = fmt.Sprintf("M%sh22v22h-22z", point{p.x - 11, p.y - 11})
	default:
		s.circle = true
	}
	return s
}

// state is the mark's word: its own, or its tone's.
func (m Mark) state(p *locale.Printer) string {
	if m.State != "" {
		return m.State
	}
	return p.T("look.wheel.tone." + m.Tone.class())
}

// month is a month short enough for a calendar leaf, "nov." or "marts".
func month(p *locale.Printer, m time.Month) string {
	return p.T("look.month." + strconv.Itoa(int(m)))
}

// dayMonth is a day of the year at hand: "23. nov."
func dayMonth(p *locale.Printer, d civil.Date) string {
	return p.T("look.day", "day", d.Day, "month", month(p, d.Month))
}
