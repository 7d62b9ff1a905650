package web

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"kartotek/internal/document"
	"kartotek/internal/extract"
	"kartotek/internal/locale"
	"kartotek/internal/web/look"
)

// paperView is how the file of a list is wished for. All of it stands in the
// address of the page, since none of it is about a person.
type paperView struct {
	Per      string // "member" or "household"
	Sheet    string // of labels
	Envelope string // a size
	Start    string // as typed: the first label
}

// paper reads how a file is wished for, from a form or an address.
func (f form) paper() paperView {
	p := paperView{Per: f.text("per"), Sheet: f.text("sheet"), Envelope: f.text("envelope"), Start: f.text("start")}
	if p.Per == "" {
		p.Per = "member"
	}
	return p
}

// enter puts it into a wish. What is no number is as wrong as a number that no
// label has.
func (p paperView) enter(w *extract.Wish) {
	if p.Per != "member" {
		w.Per = extract.Per(p.Per)
	}
	switch w.Format {
	case extract.Labels:
		w.Sheet = p.Sheet
		if n, err := strconv.Atoi(p.Start); err == nil {
			w.Start = n
		} else if p.Start != "" {
			w.Start = -1
		}
	case extract.Envelopes:
		w.Sheet = p.Envelope
	}
}

func (view *pullView) pers(p *locale.Printer) look.Choices {
	c := look.Choices{Name: "per", Legend: p.T("lists.pull.per"), Heading: true, Error: view.Problems.For("per")}
	for _, per := range []string{"member", string(extract.PerHousehold)} {
		c.Options = append(c.Options, look.Choice{
			Value: per, Text: p.T("extract.per." + per), Hint: p.T("extract.per_hint." + per), Checked: per == view.Paper.Per,
		})
	}
	return c
}

// sheets are the sheets of labels, by what stands on the box.
func sheets() []look.Option {
	options := make([]look.Option, len(document.LabelSheets))
	for i, s := range document.LabelSheets {
		options[i] = look.Option{Value: s.Code(), Text: s.Name}
	}
	return options
}

func envelopes() []look.Option {
	options := make([]look.Option, len(document.Envelopes))
	for i, e := range document.Envelopes {
		options[i] = look.Option{Value: e.Name, Text: e.Name + " (" + strconv.Itoa(int(e.Width)) + " × " + strconv.Itoa(int(e.Height)) + " mm)"}
	}
	return options
}

// offers says which kinds of file each purpose can be had as.
func (view *pullView) offers(p *locale.Printer) []string {
	var said []string
	for _, s := range view.Slips {
		names := make([]string, len(s.Formats))
		for i, f := range s.Formats {
			names[i] = strings.ToLower(p.T("extract.format." + string(f)))
		}
		text := p.T("lists.pull.offers", "formats", p.List(names))
		if !s.Households {
			text += " " + p.T("lists.pull.single")
		}
		said = append(said, text)
	}
	return append(said, p.T("lists.pull.choose_first"))
}

// labelsView is a sheet of labels, to point at the first that is left.
type labelsView struct {
	Sheet document.LabelSheet
	Start int
	Rest  url.Values // what else was wished for
}

// labelsPage shows a sheet of labels as it lies in the printer.
func labelsPage(v *visit) error {
	q := v.query()
	view := labelsView{Sheet: document.LabelSheets[0], Start: int(max(q.number("start"), 1)), Rest: url.Values{}}
	if sheet, known := document.LabelSheetNamed(q.text("sheet")); known {
		view.Sheet = sheet
	}
	if view.Start > view.Sheet.Columns*view.Sheet.Rows {
		view.Start = 1
	}
	for _, name := range []string{"unit", "purpose", "per"} {
		if value := q.text(name); value != "" {
			view.Rest.Set(name, value)
		}
	}
	return v.show(page{title: v.T("lists.labels.title"), tab: tabLists, body: labelsBody(view)})
}

// at is the form with a label as the first.
func (view *labelsView) at(start int) string {
	q := url.Values{}
	for name, values := range view.Rest {
		q[name] = slices.Clone(values)
	}
	q.Set("format", string(extract.Labels))
	q.Set("sheet", view.Sheet.Code())
	q.Set("start", strconv.Itoa(start))
	return pullPath + "?" + q.Encode()
}

func (view *labelsView) rest() []look.Value {
	var values []look.Value
	for _, name := range []string{"unit", "purpose", "per"} {
		if value := view.Rest.Get(name); value != "" {
			values = append(values, look.Value{Name: name, Value: value})
		}
	}
	return values
}

// labelsPath leads to the sheet, with what is wished for so far.
func (view *pullView) labelsPath() string {
	q := url.Values{}
	for name, value := range map[string]string{"unit": view.Body.Code, "sheet": view.Paper.Sheet, "start": view.Paper.Start} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if view.Chosen < len(view.Slips) {
		q.Set("purpose", view.Slips[view.Chosen].Purpose.Code)
	}
	if view.Paper.Per != "member" {
		q.Set("per", view.Paper.Per)
	}
	return labelsPath + "?" + q.Encode()
}

// outcome says what only the writing of a file could tell: who got no label and
// why, and what to look for before posting.
func outcome(p *locale.Printer, l *extract.List) (said []string) {
	o := &l.Outcome
	if o.Written < 0 {
		return []string{p.T("extract.outcome.broken")}
	}
	if l.Format.Posts() || l.Per == extract.PerHousehold {
		said = append(said, p.T("extract.outcome.written", "count", o.Written, "members", p.Number(l.Members)))
	}
	for _, left := range []struct {
		key   string
		count int
	}{
		{"extract.outcome.covered", o.Covered}, {"extract.outcome.returned", o.Returned},
		{"extract.outcome.nowhere", o.Nowhere}, {"extract.outcome.missing", o.Missing},
	} {
		if left.count > 0 {
			said = append(said, p.T(left.key, "count", left.count))
		}
	}
	if len(o.Cramped) > 0 {
		numbers := make([]string, len(o.Cramped))
		for i, n := range o.Cramped {
			numbers[i] = strconv.Itoa(n)
		}
		said = append(said, p.T("extract.outcome.cramped", "count", len(o.Cramped), "places", strings.Join(numbers, ", ")))
	}
	return said
}

// attention reports whether somebody should look at the file before using it.
func attention(l *extract.List) bool {
	o := &l.Outcome
	return o.Written < 0 || o.Unposted() > 0 || o.Missing > 0 || len(o.Cramped) > 0
}

// form is what kind of file a list is, in words.
func (l listView) form(p *locale.Printer) string {
	text := p.T("extract.format." + string(l.Format))
	if l.Sheet != "" {
		text += " " + l.Sheet
	}
	if l.Per == extract.PerHousehold {
		text += ", " + p.T("lists.per_household")
	}
	return text
}
