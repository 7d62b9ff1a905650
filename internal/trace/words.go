package trace

import (
	"slices"
	"strconv"

	"github.com/golang-sql/civil"

	"kartotek/internal/locale"
	"kartotek/internal/member"
)

// Why says in sentences what speaks for a list and what against it, for a page and a
// console alike.
func (s *Service) Why(p *locale.Printer, r *Report, c *Candidate) []string {
	why := []string{p.T("trace.why.persons", "on", c.On, "count", r.Persons, "members", c.List.Members)}
	if others := r.Persons - c.On; others > 0 {
		why = append(why, p.T("trace.why.others", "count", others))
	}
	if c.Further > 0 {
		why = append(why, p.T("trace.why.further", "count", c.Further))
	}
	if c.Claimed > 0 {
		why = append(why, p.T("trace.why.claimed", "count", c.Claimed, "number", c.List.Number))
	}
	for _, columns := range [...]struct {
		key    string
		fields []string
	}{{"trace.why.same", c.Same}, {"trace.why.extra", c.Extra}, {"trace.why.dropped", c.Dropped}} {
		if len(columns.fields) > 0 {
			why = append(why, p.T(columns.key, "fields", s.fieldNames(p, columns.fields)))
		}
	}
	pulled := s.day(c)
	for _, v := range c.Agree {
		why = append(why, p.T("trace.why.agree", "line", v.Line, "field", s.fieldNames(p, []string{v.Field}), "span", s.spans(p, v.Theirs), "pulled", pulled))
	}
	for _, v := range c.Differ {
		why = append(why, p.T("trace.why.differ", "line", v.Line, "field", s.fieldNames(p, []string{v.Field}), "span", s.spans(p, v.Theirs), "pulled", pulled))
	}
	return why
}

// day is the civil day on which a list was pulled.
func (s *Service) day(c *Candidate) civil.Date { return s.Charter.Today(c.List.PulledAt) }

// fieldNames are fields in words.
func (s *Service) fieldNames(p *locale.Printer, codes []string) string {
	names := make([]string, 0, len(codes))
	for _, code := range codes {
		if f, known := s.Charter.Field(code); known {
			names = append(names, f.Name.In(p.Lang()))
		} else {
			names = append(names, p.T("trace.field.name"))
		}
	}
	return p.List(names)
}

// spans are the times a value was valid, in words.
func (s *Service) spans(p *locale.Printer, all []member.Span) string {
	var words []string
	for _, span := range all {
		from, until := s.Charter.Today(span.From), s.Charter.Today(span.Until)
		switch {
		case span.From.IsZero():
			words = append(words, p.T("trace.span.until", "until", until))
		case span.Until.IsZero():
			words = append(words, p.T("trace.span.from", "from", from))
		default:
			words = append(words, p.T("trace.span.between", "from", from, "until", until))
		}
	}
	return p.List(words)
}

// Verdict says in a sentence what the file comes from, and in another what that
// rests on.
func (s *Service) Verdict(p *locale.Printer, r *Report) (title, text string) {
	numbers := make([]string, 0, len(r.Together))
	for _, n := range r.Together {
		numbers = append(numbers, strconv.FormatInt(n, 10))
	}
	clear := len(r.Together) > 0 && !slices.ContainsFunc(r.Best, func(c Candidate) bool {
		return c.Level != Clear && slices.Contains(r.Together, c.List.Number)
	})
	switch {
	case r.Lists == 0:
		return p.T("trace.verdict.no_lists"), p.T("trace.verdict.no_lists_text")
	case r.Persons+r.Several == 0:
		return p.T("trace.verdict.nobody"), p.T("trace.verdict.nobody_text")
	case len(r.Together) == 0:
		return p.T("trace.verdict.none"), p.T("trace.verdict.none_text")
	case len(r.Together) > 1:
		return p.T("trace.verdict.several", "numbers", p.List(numbers)), p.T("trace.verdict.several_text", "count", r.Explains, "of", r.Persons)
	case clear:
		return p.T("trace.verdict.clear", "number", numbers[0]), p.T("trace.verdict.clear_text", "count", r.Explains, "of", r.Persons)
	}
	return p.T("trace.verdict.fits", "number", numbers[0]), p.T("trace.verdict.fits_text")
}

// LevelKey is a level's message key.
func (l Level) Key() string { return "trace.level." + string(l) }

// Counted says what was read and what it was held against.
func (s *Service) Counted(p *locale.Printer, r *Report) []string {
	lines := []string{p.T("trace.count.rows", "count", r.Rows, "persons", r.Persons)}
	if r.Several > 0 {
		lines = append(lines, p.T("trace.count.several", "count", r.Several))
	}
	if r.Common > 0 {
		lines = append(lines, p.T("trace.count.common", "count", r.Common))
	}
	if len(r.Nobody) > 0 {
		first := make([]string, 0, mostNobody)
		for _, line := range r.Nobody[:min(len(r.Nobody), mostNobody)] {
			first = append(first, strconv.Itoa(line))
		}
		if len(r.Nobody) > mostNobody {
			first = append(first, "…")
		}
		lines = append(lines, p.T("trace.count.nobody", "count", len(r.Nobody), "lines", p.List(first)))
	}
	if r.Lists > 0 {
		lines = append(lines, p.T("trace.count.lists", "count", r.Lists, "since", s.Charter.Today(r.Since)))
	}
	if !r.Values.IsZero() {
		lines = append(lines, p.T("trace.count.values", "since", s.Charter.Today(r.Values)))
	}
	return append(lines, p.T("trace.count.print", "print", r.Print))
}

// mostNobody is how many lines that are nobody are told.
const mostNobody = 20
