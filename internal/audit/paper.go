package audit

import (
	"bytes"
	"strconv"
	"time"

	"kartotek/internal/certificate"
	"kartotek/internal/document"
	"kartotek/internal/locale"
)

// attachedName is the signed report inside the PDF.
const attachedName = "audit.json"

// FileName is what the file should be called, without its ending.
func (r *Report) FileName(p *locale.Printer) string {
	return p.T("audit.paper.file") + "-" + strconv.FormatInt(r.Contents.Audit, 10) + "-" + r.Contents.Code
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
	made, err := time.Parse(time.RFC3339Nano, r.Contents.DoneAt)
	if err != nil {
		return nil, err
	}
	w := paper{r, p}
	title := p.T("audit.paper.title", "number", r.Contents.Audit, "body", r.Words["unit"])
	var out bytes.Buffer
	d := document.NewPaper(&out, document.PaperTexts{
		Sender: r.Organisation, Title: title, Page: p.T("extract.print.page"), Footer: p.T("audit.paper.footer", "number", r.Contents.Audit),
	}, &document.Attachment{
		Name: attachedName, About: p.T("audit.paper.attached"), Type: "application/json", Time: made, Contents: file,
	}, document.PDFOptions{Title: title, Language: p.Lang(), Time: made})
	for _, section := range []document.Section{w.head(), w.roll(), w.heads(), w.checks(), w.cases(), s.signedBy(p)} {
		if err := d.Write(section); err != nil {
			return nil, err
		}
	}
	if err := d.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// paper puts a report into words.
type paper struct {
	*Report
	p *locale.Printer
}

func (w paper) head() document.Section {
	c := &w.Contents
	s := document.Section{Paragraphs: []string{w.p.T("audit.paper.lead", "date", w.day(c.Day), "by", w.day(c.AnswerBy))}}
	if c.SaidAt != "" {
		s.Paragraphs = append(s.Paragraphs, w.p.T("audit.paper.said", "role", w.Words["as "+c.SaidAs], "body", w.Words["unit"], "at", w.at(c.SaidAt)))
	} else {
		s.Paragraphs = append(s.Paragraphs, w.p.T("audit.paper.unsaid", "body", w.Words["unit"]))
	}
	if c.DoneAs != "" {
		s.Paragraphs = append(s.Paragraphs, w.p.T("audit.paper.done", "role", w.Words["as "+c.DoneAs], "at", w.at(c.DoneAt)))
	} else {
		s.Paragraphs = append(s.Paragraphs, w.p.T("audit.paper.lapsed", "at", w.at(c.DoneAt)))
	}
	return s
}

func (w paper) roll() document.Section {
	c := &w.Contents
	s := document.Section{Heading: w.p.T("audit.paper.roll"), Paragraphs: []string{w.p.T("audit.paper.members", "count", c.Members)}}
	if c.Last != 0 {
		s.Paragraphs = append(s.Paragraphs, w.p.T("audit.paper.beside", "number", c.Last))
	}
	for _, state := range States {
		n, before := c.States[state.Code()], c.Before[state.Code()]
		if n == 0 && before == 0 {
			continue
		}
		what := w.p.T("audit.state." + state.Code())
		if c.Last != 0 {
			s.Items = append(s.Items, w.p.T("audit.paper.count_before", "what", what, "number", w.p.Number(n), "before", w.p.Number(before)))
		} else {
			s.Items = append(s.Items, w.p.T("audit.paper.count", "what", what, "number", w.p.Number(n)))
		}
	}
	if n := c.States[Silent.Code()]; n > 0 {
		s.Paragraphs = append(s.Paragraphs, w.p.T("audit.paper.silent", "count", n))
	}
	return s
}

func (w paper) heads() document.Section {
	s := document.Section{Heading: w.p.T("audit.paper.heads")}
	for _, h := range w.Contents.Heads {
		switch {
		case !h.Counted:
			s.Items = append(s.Items, w.p.T("audit.paper.uncounted", "date", w.day(h.CutOff)))
		default:
			said := w.p.T("audit.verdict." + verdictCode(Verdict(h.Answer)))
			line := w.p.T("audit.paper.head", "date", w.day(h.CutOff), "members", w.p.Number(h.Members), "paying", w.p.Number(h.Paying), "said", said)
			if h.Case != 0 {
				line += " " + w.p.T("audit.paper.case_of", "number", h.Case)
			}
			s.Items = append(s.Items, line)
		}
	}
	if len(s.Items) == 0 {
		s.Paragraphs = []string{w.p.T("audit.paper.no_heads")}
	}
	return s
}

// verdictCode is the word of a verdict, also where nothing was said.
func verdictCode(v Verdict) string {
	if v == Unsaid {
		return "unsaid"
	}
	return string(v)
}

func (w paper) checks() document.Section {
	s := document.Section{Heading: w.p.T("audit.paper.checks")}
	for _, c := range w.Contents.Checks {
		answer := c.Answer
		if answer == "" {
			answer = "unsaid"
		}
		key := "audit.paper.check_said"
		if c.Known {
			key = "audit.paper.check_known"
		}
		line := w.p.T(key, "what", w.Words["check "+c.Code], "answer", w.p.T("audit.answer."+answer))
		if c.Lacks != "" {
			line += " " + w.p.T("audit.lacks."+c.Lacks)
		}
		s.Items = append(s.Items, line)
	}
	return s
}

func (w paper) cases() document.Section {
	s := document.Section{Heading: w.p.T("audit.paper.cases")}
	for _, c := range w.Contents.Cases {
		outcome := c.Outcome
		if outcome == "" {
			outcome = "open"
		}
		s.Items = append(s.Items, w.p.T("audit.paper.case", "number", c.Number, "what", w.p.T("audit.what."+c.What), "outcome", w.p.T("audit.outcome."+outcome)))
	}
	if len(s.Items) == 0 {
		s.Paragraphs = []string{w.p.T("audit.paper.no_cases")}
	}
	return s
}

// signedBy tells how the paper is checked, and what its signature means.
func (s *Signed) signedBy(p *locale.Printer) document.Section {
	return document.Section{
		Heading: p.T("audit.paper.check"), Paragraphs: []string{p.T("audit.paper.check_text", "file", attachedName), p.T("audit.paper.meaning")},
		Codes: []string{p.T("review.paper.key", "key", certificate.Key(s.Key)), p.T("review.paper.mark", "hash", s.Report.Contents.Hash())},
	}
}

func (w paper) day(text string) string { return certificate.Day(w.p, text) }

func (w paper) at(text string) string { return certificate.Moment(w.p, w.Zone, text) }
