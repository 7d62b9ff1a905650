package meeting

import (
	"context"
	"io"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/document"
	"kartotek/internal/locale"
	"kartotek/internal/vault"
)

// Sheet is the roll on its way to paper: the attendance sheet at the door. It leaves the
// house as a list like every other, with a number, a recipient and a day by which it is
// destroyed, which room extract sees to; here is what it says of each person.
type Sheet struct {
	Meeting   Meeting
	Among     *roaring.Bitmap
	DestroyBy civil.Date
	Columns   []document.Column

	service *Service
	p       *locale.Printer
	lines   map[vault.PersonID]*Line
	roll    *Roll
}

// Sheet works the attendance sheet out, in a language. Nothing of it may be shown before
// the list it becomes is journaled.
func (s *Service) Sheet(ctx context.Context, by access.Actor, number int64, p *locale.Printer) (*Sheet, error) {
	r, err := s.roll(ctx, by, number)
	if err != nil {
		return nil, err
	}
	sheet := &Sheet{
		Meeting: r.Meeting, Among: roaring.New(), DestroyBy: r.Meeting.Day.AddDays(s.Charter.Meetings.RollDays.Value), service: s, p: p, roll: r,
		Columns: []document.Column{{Name: p.T("meeting.sheet.vote")}, {Name: p.T("meeting.sheet.why")}},
		lines:   make(map[vault.PersonID]*Line, len(r.Lines)),
	}
	if today := s.Access.Today(); sheet.DestroyBy.Before(today) { // printed for an evening entered later
		sheet.DestroyBy = today
	}
	for i := range r.Lines {
		l := &r.Lines[i]
		sheet.Among.Add(uint32(l.Person))
		sheet.lines[l.Person] = l
	}
	return sheet, nil
}

// Cells are what the sheet adds to a person's fields: whether they have a vote, and why.
func (t *Sheet) Cells(person vault.PersonID) []string {
	l := t.lines[person]
	if l == nil { // has joined since
		return []string{"", ""}
	}
	mark := "meeting.sheet.no"
	if l.Vote {
		mark = "meeting.sheet.yes"
	}
	return []string{t.p.T(mark), t.service.Why(&l.Verdict, t.p)}
}

// Why says a verdict's reasons in words, one after the other; empty for a plain vote.
func (s *Service) Why(v *Verdict, p *locale.Printer) string {
	text := ""
	for _, r := range v.Reasons {
		if text != "" {
			text += " "
		}
		kind := ""
		if k, known := s.Charter.Category(r.Category); known {
			kind = k.Name.In(p.Lang())
		}
		switch r.Code {
		case "age":
			text += p.T("meeting.why.age", "age", r.Wants)
		case "days", "days_ok":
			text += p.T("meeting.why."+r.Code, "count", r.Has, "wants", r.Wants)
		case "unknown":
			text += p.T("meeting.why.unknown")
		case "category":
			text += p.T("meeting.why.category", "category", kind)
		case "arrears":
			text += p.T("meeting.why.arrears")
		default:
			text += p.T("meeting.why.passive")
		}
	}
	return text
}

// About is what every page of the sheet says of its list.
type About struct {
	Number    int64
	Recipient string
	DestroyBy civil.Date
	Fields    []string // the fields' codes, in the order of the cells
}

// Print begins the sheet on paper: a line for each person in big letters, with room for
// a signature. Number, recipient and last day stand on every page (D12).
func (t *Sheet) Print(w io.Writer, a About) document.Writer {
	p, m := t.p, &t.Meeting
	u, _ := t.service.Units.Tree().ByID(m.Unit)
	title := p.T("extract.print.list", "number", a.Number)
	lead := []string{
		p.T("meeting.sheet.lead", "body", u.Name, "date", p.WeekdayDate(m.Day), "clock", m.Clock, "place", m.Place),
		p.T("meeting.sheet.numbers", "count", t.roll.Entitled, "without", t.roll.Without),
		t.service.VoteRule(p),
	}
	if t.roll.Restricted > 0 {
		lead = append(lead, p.T("meeting.sheet.restricted", "count", t.roll.Restricted))
	}
	out := document.NewRoll(w, document.RollTexts{
		Heading: p.T("meeting.sheet.title." + string(m.Kind)), Lead: lead,
		List: title, Recipient: p.T("extract.print.recipient", "name", a.Recipient), DestroyBy: p.T("extract.print.destroy_by", "date", p.Date(a.DestroyBy)),
		Name: p.T("meeting.sheet.name"), Vote: p.T("meeting.sheet.vote"), Signature: p.T("meeting.sheet.signature"),
		Footer: p.T("meeting.sheet.footer"), Page: p.T("extract.print.page"),
	}, document.PDFOptions{Title: title, Language: p.Lang(), Time: t.service.Now()})
	return &printed{out, a.Fields, p.T("meeting.sheet.yes")}
}

// printed makes rows of an attendance sheet from a list's cells.
type printed struct {
	*document.RollWriter
	fields []string
	yes    string
}

// Write takes the cells of the fields, and after them those of Cells.
func (w *printed) Write(cells []string) error {
	field := func(code string) string {
		if at := slices.Index(w.fields, code); at >= 0 {
			return cells[at]
		}
		return ""
	}
	mark, why := cells[len(cells)-2], cells[len(cells)-1]
	row := document.RollRow{Name: field("given") + " " + field("family"), Number: locale.MemberNumber(field("number")), Mark: mark, Vote: mark == w.yes}
	if why != "" {
		row.Notes = []string{why}
	}
	return w.RollWriter.Write(row)
}

// CountRule says how votes count, in a sentence.
func (s *Service) CountRule(p *locale.Printer) string {
	m := &s.Charter.Meetings
	return p.T("meeting.rule.count."+m.Count) + " " + p.T("meeting.rule.tie."+m.Tie)
}

// QuorumRule says how many must have come for the meeting to decide.
func (s *Service) QuorumRule(p *locale.Printer, n *Numbers) string {
	if s.Charter.Meetings.QuorumPercent.Value == 0 {
		return p.T("meeting.rule.no_quorum")
	}
	return p.T("meeting.rule.quorum", "percent", s.Charter.Meetings.QuorumPercent.Value, "count", Quorum(&s.Charter.Meetings, n.Entitled+n.Unlisted))
}
