package procedure

import (
	"context"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/document"
	"kartotek/internal/duty"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/locale"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Sources are what the year paper takes from other rooms.
type Sources interface {
	// Names gives the names of those who hold a right, and journals that they were shown.
	Names(ctx context.Context, s access.Scope, persons []vault.PersonID) (map[vault.PersonID]string, error)
	// OpenLists are a body's lists that nobody has attested destroyed.
	OpenLists(ctx context.Context, s access.Scope, body unit.ID) ([]OpenList, error)
}

// OpenList is a list that is still out.
type OpenList struct {
	Number    int64
	Purpose   string
	Post      string // whose it is, by the post
	DestroyBy civil.Date
}

// YearPaper is one body's year on one page: who has access, what is out, what comes. No
// member's data are on it but the names of those who hold a right.
type YearPaper struct {
	Body      unit.Unit
	Made      civil.Date
	Holders   []Holder
	Lists     []OpenList
	Deadlines []Deadline
}

// Holder is somebody with access.
type Holder struct {
	Name   string
	Basis  access.Basis
	May    charter.Acts
	Grant  *access.Grant
	Person vault.PersonID
}

// Deadline is a day of the coming year: a duty, or what is known to come.
type Deadline struct {
	On    civil.Date
	Duty  *duty.Duty
	Ahead *duty.Ahead
	Count int // of one kind in one month
}

// Words say what is to be done, of nobody.
func (d *Deadline) Words(p *locale.Printer) string {
	switch {
	case d.Ahead != nil:
		return p.T("duty.ahead."+d.Ahead.Code, d.Ahead.Args...)
	case d.Count > 1:
		return p.T("web.home.mark."+string(d.Duty.Kind), "count", d.Count)
	}
	return p.T("duty.kind."+string(d.Duty.Kind), "number", d.Duty.Subject)
}

// yearDays is how far ahead the paper looks.
const yearDays = 365

// YearPaper puts a body's paper together, for whoever sees who has access there; it is
// journaled with those it names (D3).
func (s *Service) YearPaper(ctx context.Context, by access.Actor, body unit.ID) (YearPaper, error) {
	u, known := s.Units.Tree().ByID(body)
	if !known {
		return YearPaper{}, fault.New(fault.NotFound, "unit.error.unknown")
	}
	scope, err := s.Access.Require(ctx, by, access.Want{Act: charter.Access, Unit: body})
	if err != nil {
		return YearPaper{}, err
	}
	paper := YearPaper{Body: u, Made: s.Access.Today()}
	held, err := s.Access.Holders(scope)
	if err != nil {
		return paper, err
	}
	held = slices.DeleteFunc(held, func(h access.Holding) bool { return h.Basis.Unit != body || !h.Basis.InBody() })
	var persons []vault.PersonID
	for _, h := range held {
		persons = append(persons, h.Person)
	}
	names, err := s.Paper.Names(ctx, scope, persons)
	if err != nil {
		return paper, err
	}
	for _, h := range held {
		if name, there := names[h.Person]; there {
			paper.Holders = append(paper.Holders, Holder{Name: name, Basis: h.Basis, May: h.May, Grant: h.Grant, Person: h.Person})
		}
	}
	if paper.Lists, err = s.Paper.OpenLists(ctx, scope, body); err != nil {
		return paper, err
	}
	if paper.Deadlines, err = s.deadlines(ctx, body, paper.Made); err != nil {
		return paper, err
	}
	e := scope.Entry(journal.YearPaper, persons...)
	_, err = s.Journal.Read(ctx, &e)
	return paper, err
}

// deadlines are the open duties of a body, and what comes within a year; several of one
// kind in a month are one line. Lists have lines of their own.
func (s *Service) deadlines(ctx context.Context, body unit.ID, today civil.Date) ([]Deadline, error) {
	var all []Deadline
	last := today.AddDays(yearDays)
	for year := today.Year; year <= last.Year; year++ {
		duties, err := s.Duties.YearIn(ctx, body, year)
		if err != nil {
			return nil, err
		}
		for i := range duties {
			d := &duties[i]
			if !d.DoneAt.IsZero() || d.DueOn.After(last) || d.Kind == duty.DestroyList {
				continue
			}
			if at := slices.IndexFunc(all, func(o Deadline) bool {
				return o.Duty.Kind == d.Kind && o.On.Year == d.DueOn.Year && o.On.Month == d.DueOn.Month
			}); at >= 0 {
				all[at].Count++
				continue
			}
			all = append(all, Deadline{On: d.DueOn, Duty: d, Count: 1})
		}
	}
	ahead, err := s.Duties.AheadIn(ctx, body, today.AddDays(1), last)
	if err != nil {
		return nil, err
	}
	for i := range ahead {
		all = append(all, Deadline{On: ahead[i].On, Ahead: &ahead[i], Count: 1})
	}
	slices.SortStableFunc(all, func(a, b Deadline) int { return a.On.DaysSince(b.On) })
	return all, nil
}

// PaperBodies are the bodies whose papers somebody may make in one file: those with
// members that are open.
func (s *Service) PaperBodies(ctx context.Context, by access.Actor) ([]unit.Unit, error) {
	scope, err := s.Access.Require(ctx, by, access.Want{Act: charter.Access})
	if err != nil {
		return nil, err
	}
	var all []unit.Unit
	for _, u := range s.Units.Tree().All() {
		level, known := s.Charter.Level(u.Level)
		if known && level.Members && !u.Closed && scope.Covers(u.ID) {
			all = append(all, u)
		}
	}
	return all, nil
}

// How many lines each part of the paper has room for; the rest are a number.
const (
	paperHolders   = 10
	paperLists     = 6
	paperDeadlines = 12
)

// Call are the lines of whom to ask, from the charter.
func (s *Service) Call(p *locale.Printer) []string {
	lines := []string{p.T("procedure.paper.office")}
	if sender := s.Charter.Letters.Sender; len(sender) > 0 {
		lines = append(lines, strings.Join(sender, ", "))
	}
	return append(lines, p.T("procedure.paper.published"))
}

// Title names a right on the paper.
func (s *Service) holderWords(h *Holder, p *locale.Printer) string {
	term := p.T("procedure.paper.no_end")
	if !h.Basis.Until.IsZero() {
		term = p.T("procedure.paper.until", "date", p.Date(h.Basis.Until))
	}
	return p.T("procedure.paper.holder", "name", h.Name, "post", s.Access.Title(p, h.Basis), "term", term)
}

// lines are the parts of the paper in words.
func (s *Service) paperSections(y *YearPaper, p *locale.Printer) []document.Section {
	holders := document.Section{Heading: p.T("procedure.paper.access")}
	for i := range y.Holders[:min(len(y.Holders), paperHolders)] {
		holders.Items = append(holders.Items, s.holderWords(&y.Holders[i], p))
	}
	lists := document.Section{Heading: p.T("procedure.paper.lists")}
	for _, l := range y.Lists[:min(len(y.Lists), paperLists)] {
		lists.Items = append(lists.Items, s.ListWords(&l, p))
	}
	deadlines := document.Section{Heading: p.T("procedure.paper.deadlines", "date", y.Made.AddDays(yearDays))}
	for i := range y.Deadlines[:min(len(y.Deadlines), paperDeadlines)] {
		d := &y.Deadlines[i]
		deadlines.Items = append(deadlines.Items, p.ShortDate(d.On)+"  "+d.Words(p))
	}
	for _, part := range []struct {
		section      *document.Section
		all, most    int
		none, beyond string
	}{
		{&holders, len(y.Holders), paperHolders, "procedure.paper.nobody", "procedure.paper.more"},
		{&lists, len(y.Lists), paperLists, "procedure.paper.no_lists", "procedure.paper.more"},
		{&deadlines, len(y.Deadlines), paperDeadlines, "procedure.paper.no_deadlines", "procedure.paper.more"},
	} {
		switch {
		case part.all == 0:
			part.section.Paragraphs = []string{p.T(part.none)}
		case part.all > part.most:
			part.section.Items = append(part.section.Items, p.T(part.beyond, "count", part.all-part.most))
		}
	}
	line := strings.Repeat("_", 26)
	return []document.Section{
		holders, lists, deadlines,
		{Heading: p.T("procedure.paper.call"), Paragraphs: []string{strings.Join(s.Call(p), "\n")}},
		{Heading: p.T("procedure.paper.signed"), Paragraphs: []string{
			"\n" + p.T("procedure.paper.old") + ": " + line + "   " + p.T("procedure.paper.dated") + ": " + line[:12],
			"\n" + p.T("procedure.paper.new") + ": " + line + "   " + p.T("procedure.paper.dated") + ": " + line[:12],
		}},
	}
}

// ListWords tell of a list that is out.
func (s *Service) ListWords(l *OpenList, p *locale.Printer) string {
	purpose := l.Purpose
	if known, there := s.Charter.Purpose(l.Purpose); there {
		purpose = known.Name.In(p.Lang())
	}
	return p.T("procedure.paper.list", "number", l.Number, "purpose", lowered(purpose), "date", p.Date(l.DestroyBy))
}

// PrintPapers writes papers as one PDF, each on a page of its own.
func (s *Service) PrintPapers(w io.Writer, papers []YearPaper, p *locale.Printer, made time.Time) error {
	if len(papers) == 0 {
		return fault.New(fault.NotFound, "unit.error.unknown")
	}
	texts := func(y *YearPaper) document.PaperTexts {
		return document.PaperTexts{
			Sender: s.name(p.Lang()), Title: p.T("procedure.paper.title", "body", y.Body.Name),
			Footer: p.T("procedure.paper.footer", "date", y.Made), Page: p.T("extract.print.page"),
		}
	}
	first := texts(&papers[0])
	out := document.NewPaper(w, first, nil, document.PDFOptions{Title: p.T("procedure.paper.name"), Language: p.Lang(), Time: made})
	for i := range papers {
		if i > 0 {
			out.Another(texts(&papers[i]))
		}
		for _, section := range s.paperSections(&papers[i], p) {
			if err := out.Write(section); err != nil {
				return err
			}
		}
	}
	return out.Close()
}
