package review

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"

	"kartotek/internal/certificate"
	"kartotek/internal/document"
	"kartotek/internal/locale"
)

// attachedName is the signed report inside the PDF.
const attachedName = "access-review.json"

// FileName is what the file should be called, without its ending.
func (r *Report) FileName(p *locale.Printer) string {
	return p.T("review.paper.file") + "-" + strconv.FormatInt(r.Contents.Review, 10)
}

// PDF is the report on paper, with the signed file inside. It is the same for the same
// report, whenever it is made.
func (s *Signed) PDF() ([]byte, error) {
	file, err := s.JSON()
	if err != nil {
		return nil, err
	}
	r := &s.Report
	p := locale.For(r.Language)
	made, err := time.Parse(time.RFC3339Nano, r.Contents.ClosedAt)
	if err != nil {
		return nil, err
	}
	title := p.T("review.paper.title", "number", r.Contents.Review)
	var out bytes.Buffer
	w := document.NewPaper(&out, document.PaperTexts{
		Sender: r.Organisation, Title: title, Page: p.T("extract.print.page"), Footer: p.T("review.paper.footer", "number", r.Contents.Review),
	}, &document.Attachment{
		Name: attachedName, About: p.T("review.paper.attached"), Type: "application/json", Time: made, Contents: file,
	}, document.PDFOptions{Title: title, Language: p.Lang(), Time: made})
	for _, section := range append(r.sections(p), s.signedBy(p)) {
		if err := w.Write(section); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// paper puts a report into words.
type paper struct {
	*Report
	p *locale.Printer
}

func (r *Report) sections(p *locale.Printer) []document.Section {
	w := paper{r, p}
	all := []document.Section{w.head(), w.results(), w.compared(), w.found()}
	var last int64 = -1
	for i := range r.Contents.Lines {
		l := &r.Contents.Lines[i]
		if l.Unit != last {
			all = append(all, document.Section{Heading: r.Words[unitKey(l.Unit)], Paragraphs: w.handled(l.Unit)})
			last = l.Unit
		}
		at := &all[len(all)-1]
		at.Items = append(at.Items, w.line(l))
	}
	return all
}

func (w paper) head() document.Section {
	c := &w.Contents
	s := document.Section{Paragraphs: []string{
		w.p.T("review.paper.period", "since", w.day(c.Since), "date", w.at(c.OpenedAt), "by", w.day(c.AnswerBy)),
		w.p.T("review.paper.closed", "at", w.at(c.ClosedAt), "name", w.who(c.Closer)),
	}}
	if n := c.Erased(); n > 0 {
		s.Paragraphs = append(s.Paragraphs, w.p.T("review.paper.erased", "count", n))
	}
	for _, note := range c.Notes {
		s.Paragraphs = append(s.Paragraphs, w.p.T("review.paper.note", "name", w.who(note.Name), "text", note.Text))
	}
	return s
}

// results is how many lines came to which state.
func (w paper) results() document.Section {
	counts := map[string]int{}
	for i := range w.Contents.Lines {
		counts[w.Contents.Lines[i].State]++
	}
	s := document.Section{
		Heading: w.p.T("review.paper.results"), Paragraphs: []string{w.p.T("review.paper.lines", "count", len(w.Contents.Lines))},
	}
	for _, state := range []State{Confirmed, Ended, Expired, Lapsed, Kept} {
		if n := counts[string(state)]; n > 0 {
			s.Items = append(s.Items, w.p.T("review.paper.count", "what", w.p.T("review.state."+string(state)), "number", w.p.Number(n)))
		}
	}
	return s
}

// compared are the numbers of the whole, beside those of the review before.
func (w paper) compared() document.Section {
	s := document.Section{Heading: w.p.T("review.paper.numbers")}
	if w.Contents.Last != 0 {
		s.Paragraphs = []string{w.p.T("review.paper.beside", "number", w.Contents.Last)}
	}
	for _, n := range w.Contents.Numbers {
		if n.Unit != 0 || strings.Contains(n.What, ":") {
			continue
		}
		s.Items = append(s.Items, w.number(w.p.T("review.number."+n.What), n))
	}
	return s
}

// found is how often each thing was found, and what is found no more.
func (w paper) found() document.Section {
	s := document.Section{Heading: w.p.T("review.paper.findings")}
	for _, n := range w.Contents.Numbers {
		if why, is := strings.CutPrefix(n.What, FoundPrefix); is && n.Unit == 0 {
			s.Items = append(s.Items, w.number(Short(w.p, Why(why)), n))
		}
	}
	for _, n := range w.Contents.Numbers {
		if why, is := strings.CutPrefix(n.What, GonePrefix); is && n.Unit == 0 {
			s.Items = append(s.Items, w.p.T("review.paper.gone", "what", Short(w.p, Why(why)), "number", w.p.Number(n.Count)))
		}
	}
	if len(s.Items) == 0 {
		s.Paragraphs = []string{w.p.T("review.paper.nothing")}
	}
	return s
}

func (w paper) number(what string, n reportNumber) string {
	if n.Known {
		return w.p.T("review.paper.count_before", "what", what, "number", w.p.Number(n.Count), "before", w.p.Number(n.Before))
	}
	return w.p.T("review.paper.count", "what", what, "number", w.p.Number(n.Count))
}

// handled says in one line what became of a body's lists and hand-outs.
func (w paper) handled(body int64) []string {
	if body == 0 {
		return nil
	}
	counts := map[string]int{}
	for _, n := range w.Contents.Numbers {
		if n.Unit == body {
			counts[n.What] = n.Count
		}
	}
	return []string{w.p.T("review.paper.handled", "pulled", counts[CountPulled], "destroyed", counts[CountDestroyed],
		"overdue", counts[CountOverdue], "handouts", counts[CountHandouts])}
}

// line is everything about one access.
func (w paper) line(l *reportLine) string {
	role := w.Words[roleKey(l.Right, l.Role)]
	state := w.p.T("review.state." + l.State)
	if len(l.Salt) == 0 {
		return w.p.T("review.paper.line", "role", role, "name", w.who(""), "state", state)
	}
	said := []string{w.p.T("review.paper.line", "role", role, "name", l.Name, "state", state)}
	add := func(key string, pairs ...any) { said = append(said, w.p.T("review.paper."+key, pairs...)) }
	if l.Until != "" {
		add("term", "from", w.day(l.From), "until", w.day(l.Until))
	} else {
		add("from", "from", w.day(l.From))
	}
	if l.Ground != "" {
		add("ground", "text", told(l.Ground))
	}
	if l.SignedIn != "" {
		add("signed_in", "date", w.day(l.SignedIn))
	}
	if len(l.Factors) > 0 {
		var kinds []string
		for _, kind := range l.Factors {
			kinds = append(kinds, w.p.T("review.factor."+kind))
		}
		add("factor", "list", w.p.List(kinds))
	}
	add("lists", "pulled", l.Pulled, "open", l.Open, "overdue", l.Overdue)
	for _, f := range l.Findings {
		key := "finding_still"
		if f.New {
			key = "finding_new"
		}
		found := f.finding()
		add(key, "text", found.Words(w.p))
	}
	if l.Answered != "" && l.ByRole != "" {
		add("answered", "state", state, "name", w.who(l.By), "role", w.Words[byKey(l.ByRole)], "at", w.at(l.Answered))
	} else if l.Answered != "" {
		add("unanswered", "at", w.at(l.Answered))
	}
	if l.Reason != "" {
		add("reason", "text", told(l.Reason))
	}
	return strings.Join(said, " ")
}

// told is what somebody wrote, on one line and without its last full stop.
func told(text string) string { return strings.TrimRight(strings.Join(strings.Fields(text), " "), ".") }

func (w paper) who(name string) string {
	if name == "" {
		return w.p.T("review.erased")
	}
	return name
}

func (w paper) day(text string) string { return certificate.Day(w.p, text) }

func (w paper) at(text string) string { return certificate.Moment(w.p, w.Zone, text) }

// signedBy tells how the paper is checked, and what its signature means.
func (s *Signed) signedBy(p *locale.Printer) document.Section {
	hash, _ := s.Report.Contents.hash()
	return document.Section{
		Heading: p.T("review.paper.check"), Paragraphs: []string{p.T("review.paper.check_text", "file", attachedName), p.T("review.paper.meaning")},
		Codes: []string{
			p.T("review.paper.key", "key", certificate.Key(s.Key)),
			p.T("review.paper.mark", "hash", fmt.Sprintf("%x", hash)),
			p.T("review.paper.closing", "hash", s.Report.Closing),
		},
	}
}

// Words says what was found, with the counts.
func (f *Finding) Words(p *locale.Printer) string {
	if key := "review.finding." + string(f.Why); p.Has(key) {
		return p.T(key, "count", f.Count, "limit", f.Limit)
	}
	return p.T("access.finding."+string(f.Why), "seats", f.Seats, "taken", f.Taken, "members", f.Size, "limit", f.Limit)
}

// Remedy says what to do about it.
func (f *Finding) Remedy(p *locale.Printer) string { return p.T("review.remedy." + string(f.Why)) }

// Short names a kind of finding, without counts.
func Short(p *locale.Printer, why Why) string { return p.T("review.short." + string(why)) }
