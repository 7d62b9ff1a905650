package report

import (
	"io"
	"strconv"
	"time"

	"kartotek/internal/document"
	"kartotek/internal/locale"
)

// Subject is what a table is about; it decides the columns.
type Subject string

// What can be told. The names stand in commands and addresses.
const (
	OfBodies Subject = "body"  // members by body
	OfParts  Subject = "part"  // members by age, sex or year of joining
	OfHeads  Subject = "heads" // head-count from day to day
	OfMonths Subject = "month" // who came and went
	OfYears  Subject = "year"
)

// Title says what a table tells.
func (t *Table) Title(p *locale.Printer) string {
	key := "report.title." + string(t.Subject)
	if t.Subject == OfParts {
		key = "report.title." + t.By.String()
	}
	return p.T(key, "body", t.Body.Name)
}

// Label is what a line is about, in words.
func (t *Table) Label(p *locale.Printer, l *Line) string {
	switch t.Subject {
	case OfBodies:
		return l.Unit.Name
	case OfParts:
		return p.T("report.band."+l.Band, "year", l.Year)
	case OfMonths:
		return p.Month(l.Day.Month) + " " + strconv.Itoa(l.Day.Year)
	case OfYears:
		return strconv.Itoa(l.Day.Year)
	}
	return p.Date(l.Day)
}

// FlowKeys are the names of the numbers of a line of comings and goings.
var FlowKeys = []string{"came", "went", "joined", "arrived", "left", "moved"}

// Heads are the headings of a table's columns.
func (t *Table) Heads(p *locale.Printer) []string {
	switch t.Subject {
	case OfBodies:
		return []string{p.T("report.column.body"), p.T("report.column.members"), p.T("report.column.counted")}
	case OfParts:
		return []string{p.T("report.column." + t.By.String()), p.T("report.column.members"), p.T("report.column.share")}
	case OfHeads:
		return []string{p.T("report.column.counted"), p.T("report.column.members")}
	}
	heads := []string{p.T("report.column." + string(t.Subject))}
	for _, key := range FlowKeys {
		heads = append(heads, p.T("report.band."+key))
	}
	return heads
}

// Cells are a line's, as a person reads them. A number that is not told is a dash.
func (t *Table) Cells(p *locale.Printer, l *Line) []string {
	return t.cells(p, l, p.Number, func(l *Line) string { return p.ShortDate(l.Day) }, "–")
}

func (t *Table) cells(p *locale.Printer, l *Line, number func(int) string, day func(*Line) string, none string) []string {
	tell := func(at int) string {
		if at >= len(l.Numbers) || l.Numbers[at] < 0 {
			return none
		}
		return number(l.Numbers[at])
	}
	switch t.Subject {
	case OfBodies:
		if l.Numbers == nil {
			return []string{t.Label(p, l), none, none}
		}
		return []string{t.Label(p, l), tell(0), day(l)}
	case OfParts:
		return []string{t.Label(p, l), tell(0), p.T("report.percent", "value", Share(l.Numbers[0], t.Sum()))}
	case OfHeads:
		return []string{day(l), tell(0)}
	}
	cells := []string{t.Label(p, l)}
	for at := range FlowKeys {
		cells = append(cells, tell(at))
	}
	return cells
}

// Ends are the first and the last line that tell a number; nil without one.
func (t *Table) Ends() (first, last *Line) {
	for i := range t.Lines {
		if t.Lines[i].Numbers == nil {
			continue
		}
		if first == nil {
			first = &t.Lines[i]
		}
		last = &t.Lines[i]
	}
	return first, last
}

// Sum is how many the lines are about together.
func (t *Table) Sum() int {
	sum := 0
	for i := range t.Lines {
		if len(t.Lines[i].Numbers) > 0 {
			sum += t.Lines[i].Numbers[0]
		}
	}
	return sum
}

// Share is a whole percentage.
func Share(part, whole int) int {
	if whole == 0 {
		return 0
	}
	return (200*part + whole) / (2 * whole)
}

// Paper is what a printed or exported table says besides its rows.
type Paper struct {
	Sender string // the association
	Time   time.Time
	Zone   *time.Location
}

// Write writes the table as csv, xlsx or pdf.
func (t *Table) Write(w io.Writer, p *locale.Printer, format string, about Paper) error {
	var columns []document.Column
	for at, head := range t.Heads(p) {
		c := document.Column{Name: head, Type: document.Number}
		switch {
		case t.Subject == OfHeads && at == 0, t.Subject == OfBodies && at == 2:
			c.Type = document.Date
		case at == 0, t.Subject == OfParts && at == 2:
			c.Type = document.Text
		}
		columns = append(columns, c)
	}
	var out document.Writer
	switch format {
	case "xlsx":
		out = document.NewXLSX(w, columns, document.XLSXOptions{Sheet: p.T("report.sheet"), Title: t.Title(p), Time: about.Time})
	case "pdf":
		out = document.NewPDF(w, columns, document.ListTexts{
			Heading: t.Title(p), Lead: t.Remark(p), List: about.Sender, Recipient: t.Body.Name,
			Footer: p.T("report.footer", "at", p.DateTime(about.Time, about.Zone)), Page: p.T("report.page"),
		}, document.PDFOptions{Title: t.Title(p), Language: p.Lang(), Time: about.Time})
	default:
		separator := byte(';')
		if p.Lang() == "en" {
			separator = ','
		}
		out = document.NewCSV(w, columns, document.CSVOptions{BOM: true, Separator: separator})
	}
	number, day := strconv.Itoa, func(l *Line) string { return l.Day.String() }
	if format == "pdf" {
		number, day = p.Number, func(l *Line) string { return p.Date(l.Day) }
	}
	none := ""
	if format == "pdf" {
		none = "–"
	}
	for i := range t.Lines {
		if err := out.Write(t.cells(p, &t.Lines[i], number, day, none)); err != nil {
			return err
		}
	}
	return out.Close()
}

// Why says why a table without a number has none.
func (t *Table) Why() string {
	switch {
	case t.Began.IsZero():
		return "yet" // nobody has counted
	case t.At.Before(t.Began):
		return "before"
	}
	return "small"
}

// Remark says, below a table, what it leaves out and why.
func (t *Table) Remark(p *locale.Printer) string {
	text := p.T("report.remark.minimum", "count", t.Minimum)
	if t.Subject == OfParts && len(t.Lines) > 0 {
		text = p.T("report.remark.counted", "date", p.Date(t.Lines[0].Day)) + " " + text
	}
	if t.Subject == OfHeads || t.Subject == OfBodies {
		text += " " + p.T("report.remark.anew", "count", t.Minimum)
	}
	if t.Subject == OfMonths || t.Subject == OfYears {
		text += " " + p.T("report.remark.moves")
	}
	if t.Missed > 0 {
		text += " " + p.T("report.remark.missed", "count", t.Missed)
	}
	return text
}
