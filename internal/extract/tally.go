package extract

import (
	"cmp"
	"context"
	"io"
	"slices"
	"strconv"
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/document"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/locale"
	"kartotek/internal/unit"
)

// What became of the lists of a period, association by association and purpose by
// purpose, in numbers: nobody's name is in it (D12, D14).

// Tally is the numbers of one body's lists for one purpose. Body 0 is whoever keeps the
// register: staff pull lists of every body's members, and those are theirs to destroy.
type Tally struct {
	Body    unit.ID
	Purpose string // "" for all of the body's together

	Pulled   int
	Open     int // still out, in time
	Overdue  int // still out, past their day
	InTime   int // destroyed
	LateDone int // destroyed after their day
	Lost     int
	Days     int // from pulling to destruction, summed over those destroyed

	Asked   int // exceptions asked for
	Granted int
	Refused int
}

// Destroyed is how many are gone.
func (t *Tally) Destroyed() int { return t.InTime + t.LateDone }

// Mean is how many days a destroyed list lived, in tenths; -1 where none is.
func (t *Tally) Mean() int {
	if t.Destroyed() == 0 {
		return -1
	}
	return (t.Days*20 + t.Destroyed()) / (2 * t.Destroyed())
}

// add puts one list, as it stands today, into the numbers.
func (t *Tally) add(l *List, asked []Exception, day func(time.Time) civil.Date, today civil.Date) {
	t.Pulled++
	switch l.StateOn(today) {
	case Out:
		t.Open++
	case Overdue:
		t.Overdue++
	case Strayed:
		t.Lost++
	case Destroyed:
		gone := day(l.attested())
		t.Days += gone.DaysSince(day(l.PulledAt))
		if gone.After(l.DestroyBy) {
			t.LateDone++
		} else {
			t.InTime++
		}
	}
	for i := range asked {
		if asked[i].Standing.OfLoss() {
			continue
		}
		t.Asked++
		switch asked[i].Standing {
		case Granted:
			t.Granted++
		case Refused:
			t.Refused++
		}
	}
}

// sum adds another's numbers.
func (t *Tally) sum(o *Tally) {
	t.Pulled, t.Open, t.Overdue, t.InTime, t.LateDone, t.Lost = t.Pulled+o.Pulled, t.Open+o.Open, t.Overdue+o.Overdue, t.InTime+o.InTime, t.LateDone+o.LateDone, t.Lost+o.Lost
	t.Days, t.Asked, t.Granted, t.Refused = t.Days+o.Days, t.Asked+o.Asked, t.Granted+o.Granted, t.Refused+o.Refused
}

// Account is the numbers of a period.
type Account struct {
	From, Until civil.Date // the days on which the lists were pulled
	Body        unit.ID    // whose; 0 for everybody's
	Today       civil.Date // how the lists stand
	All         Tally      // together
	Bodies      []Tally    // by body: most overdue first, then by name
	Purposes    []Tally    // by body and purpose, in the order of Bodies
}

// Account counts what became of the lists pulled from a day to a day: of one body, for
// its officers who see who has access, or of everybody, for whoever keeps the register.
// The look is in the journal before it is answered (D12).
func (s *Service) Account(ctx context.Context, by access.Actor, body unit.ID, from, until civil.Date) (*Account, error) {
	scope, err := s.access.Require(ctx, by, access.Want{Act: charter.Access, Unit: body})
	if err != nil {
		return nil, err
	}
	if !from.IsValid() || !until.IsValid() || until.Before(from) {
		return nil, fault.New(fault.Invalid, "extract.error.period").With("from", "extract.error.period_days")
	}
	if body == 0 && !scope.All() {
		body = scope.Basis().Unit
	}
	e := scope.Entry(journal.Facts)
	e.Fields = []string{"destruction"}
	if _, err := s.journal.Read(ctx, &e); err != nil {
		return nil, err
	}
	a := &Account{From: from, Until: until, Body: body, Today: s.access.Today()}
	lines := map[[2]string]*Tally{}
	err = s.db.Read(ctx, func(q database.Querier) error {
		lists, err := query(q, `WHERE pulled_at >= $1 AND pulled_at < $2 ORDER BY number`,
			s.charter.Midnight(from).UnixMicro(), s.charter.Midnight(until.AddDays(1)).UnixMicro())
		if err != nil {
			return err
		}
		asked := map[int64][]Exception{}
		all, err := exceptions(q, ``)
		if err != nil {
			return err
		}
		for _, e := range all {
			asked[e.Number] = append(asked[e.Number], e)
		}
		for i := range lists {
			l := &lists[i]
			holder := s.holderBody(l)
			if !scope.All() && !scope.Covers(holder) || body != 0 && holder != body && !scope.Covers(holder) {
				continue
			}
			key := [2]string{strconv.Itoa(int(holder)), l.Purpose}
			if lines[key] == nil {
				lines[key] = &Tally{Body: holder, Purpose: l.Purpose}
			}
			lines[key].add(l, asked[l.Number], s.charter.Today, a.Today)
		}
		return nil
	})
	for _, t := range lines {
		a.Purposes = append(a.Purposes, *t)
	}
	a.arrange(s.bodyName)
	return a, err
}

// holderBody is the body whose officer took a list; 0 for staff.
func (s *Service) holderBody(l *List) unit.ID {
	if _, staff := s.charter.Position(l.Post); staff {
		return 0
	}
	return l.Unit
}

// arrange sums and puts in order.
func (a *Account) arrange(name func(unit.ID) string) {
	bodies := map[unit.ID]*Tally{}
	for i := range a.Purposes {
		t := &a.Purposes[i]
		if bodies[t.Body] == nil {
			bodies[t.Body] = &Tally{Body: t.Body}
		}
		bodies[t.Body].sum(t)
		a.All.sum(t)
	}
	for _, t := range bodies {
		a.Bodies = append(a.Bodies, *t)
	}
	before := func(x, y *Tally) int {
		return cmp.Or(cmp.Compare(y.Overdue, x.Overdue), cmp.Compare(name(x.Body), name(y.Body)), cmp.Compare(x.Body, y.Body))
	}
	slices.SortFunc(a.Bodies, func(x, y Tally) int { return before(&x, &y) })
	slices.SortFunc(a.Purposes, func(x, y Tally) int {
		return cmp.Or(before(bodies[x.Body], bodies[y.Body]), cmp.Compare(x.Purpose, y.Purpose))
	})
}

// AccountHeads are the headings of its columns.
func AccountHeads(p *locale.Printer) []string {
	keys := []string{"body", "purpose", "pulled", "open", "overdue", "in_time", "late", "lost", "mean", "asked", "granted", "refused"}
	for i, key := range keys {
		keys[i] = p.T("extract.tally." + key)
	}
	return keys
}

// Cells are a line's, as a person reads them.
func (t *Tally) Cells(p *locale.Printer, body, purpose string) []string {
	mean := ""
	if m := t.Mean(); m >= 0 {
		mean = p.T("extract.tally.days", "value", strconv.Itoa(m/10)+p.T("extract.tally.point")+strconv.Itoa(m%10))
	}
	cells := []string{body, purpose}
	for _, n := range []int{t.Pulled, t.Open, t.Overdue, t.InTime, t.LateDone, t.Lost} {
		cells = append(cells, p.Number(n))
	}
	cells = append(cells, mean)
	for _, n := range []int{t.Asked, t.Granted, t.Refused} {
		cells = append(cells, p.Number(n))
	}
	return cells
}

// AccountPaper is what a file of it says besides its rows.
type AccountPaper struct {
	Sender  string
	Body    string
	Time    time.Time
	Zone    *time.Location
	Name    func(unit.ID) string
	Purpose func(code string) string
}

// Write writes it as csv, xlsx or pdf.
func (a *Account) Write(w io.Writer, p *locale.Printer, format string, about AccountPaper) error {
	var columns []document.Column
	for i, head := range AccountHeads(p) {
		c := document.Column{Name: head, Type: document.Number}
		if i < 2 {
			c.Type = document.Text
		}
		columns = append(columns, c)
	}
	title := p.T("extract.tally.title", "body", about.Body)
	var out document.Writer
	switch format {
	case "xlsx":
		out = document.NewXLSX(w, columns, document.XLSXOptions{Sheet: p.T("extract.tally.sheet"), Title: title, Time: about.Time})
	case "pdf":
		out = document.NewPDF(w, columns, document.ListTexts{
			Heading: title, Lead: p.T("extract.tally.period", "from", a.From, "until", a.Until, "date", a.Today), List: about.Sender, Recipient: about.Body,
			Footer: p.T("extract.tally.footer", "at", p.DateTime(about.Time, about.Zone)), Page: p.T("extract.print.page"),
		}, document.PDFOptions{Title: title, Language: p.Lang(), Time: about.Time})
	default:
		separator := byte(';')
		if p.Lang() == "en" {
			separator = ','
		}
		out = document.NewCSV(w, columns, document.CSVOptions{BOM: true, Separator: separator})
	}
	for i := range a.Purposes {
		t := &a.Purposes[i]
		cells := t.Cells(p, about.Name(t.Body), about.Purpose(t.Purpose))
		if format != "pdf" {
			cells = t.plain(cells[0], cells[1])
		}
		if err := out.Write(cells); err != nil {
			return err
		}
	}
	return out.Close()
}

// plain are the cells as programs read them.
func (t *Tally) plain(body, purpose string) []string {
	mean := ""
	if m := t.Mean(); m >= 0 {
		mean = strconv.Itoa(m/10) + "." + strconv.Itoa(m%10)
	}
	cells := []string{body, purpose}
	for _, n := range []int{t.Pulled, t.Open, t.Overdue, t.InTime, t.LateDone, t.Lost} {
		cells = append(cells, strconv.Itoa(n))
	}
	cells = append(cells, mean)
	for _, n := range []int{t.Asked, t.Granted, t.Refused} {
		cells = append(cells, strconv.Itoa(n))
	}
	return cells
}
