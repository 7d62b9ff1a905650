package web

import (
	"strconv"
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/report"
	"kartotek/internal/web/look"
)

// reportChart draws a report. What it shows stands in the table beside it, and its
// text says what one sees.
func (v *visit) reportChart(t *report.Table) *look.Chart {
	c := &look.Chart{ID: "report-chart", Title: t.Title(v.p)}
	first, last := t.Ends()
	switch t.Subject {
	case report.OfHeads:
		if first == last {
			return nil // a point is no course
		}
		c.Text = v.T("report.chart.heads", "first", v.p.Number(first.Numbers[0]), "from", first.Day, "last", v.p.Number(last.Numbers[0]), "to", last.Day)
		v.course(c, t)
	case report.OfMonths, report.OfYears:
		c.Kind = look.Pairs
		c.Names = []string{v.T("report.band.came"), v.T("report.band.went")}
		came, went := 0, 0
		for i := range t.Lines {
			l := &t.Lines[i]
			item := look.Item{Name: strconv.Itoa(l.Day.Year), Mark: t.Subject == report.OfYears || l.Day.Month == time.January || len(t.Lines) <= 6}
			if t.Subject == report.OfMonths && len(t.Lines) <= 6 {
				item.Name = v.p.MonthShort(l.Day.Month)
			}
			if l.Numbers != nil {
				item.Values = []float64{float64(l.Numbers[report.Came]), float64(l.Numbers[report.Went])}
				came, went = came+l.Numbers[report.Came], went+l.Numbers[report.Went]
			}
			c.Items = append(c.Items, item)
		}
		c.Text = v.T("report.chart.flow", "came", v.p.Number(came), "went", v.p.Number(went))
	default:
		c.Kind = look.Parts
		most, at := -1, ""
		for i := range t.Lines {
			l := &t.Lines[i]
			if l.Numbers == nil || t.Subject == report.OfBodies && l.Unit.ID == t.Body.ID {
				continue
			}
			name := t.Label(v.p, l)
			if l.Numbers[0] > most {
				most, at = l.Numbers[0], name
			}
			c.Items = append(c.Items, look.Item{Name: name, Values: []float64{float64(l.Numbers[0])}, Texts: []string{v.p.Number(l.Numbers[0])}})
		}
		if len(c.Items) == 0 {
			return nil
		}
		c.Text = v.T("report.chart.parts", "name", at, "most", v.p.Number(most))
	}
	return c
}

// course puts the head-counts on their days, with the years on the axis.
func (v *visit) course(c *look.Chart, t *report.Table) {
	begin := t.Lines[0].Day
	end := t.Lines[len(t.Lines)-1].Day
	at := func(d civil.Date) float64 { return float64(d.DaysSince(begin)) }
	year := begin.Year
	for i := range t.Lines {
		l := &t.Lines[i]
		item := look.Item{At: at(l.Day), Values: []float64{float64(l.Numbers[0])}}
		if i == 0 && begin.Year == end.Year {
			item.Mark, item.Name = true, v.p.MonthShort(begin.Month)+" "+strconv.Itoa(begin.Year)
		}
		if l.Day.Year > year {
			year, item.Mark, item.Name = l.Day.Year, true, strconv.Itoa(l.Day.Year)
		}
		c.Items = append(c.Items, item)
	}
}
