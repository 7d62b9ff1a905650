package retention

import (
	"context"
	"slices"
	"strings"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/locale"
	"kartotek/internal/vault"
)

// Fate is something kept about a person, with the rule that ends it.
type Fate struct {
	Rule  *Rule
	What  string    // a message key
	Count int       // 0 where it is not counted
	Until time.Time // when the last of it ends by itself; zero where that hangs on something else
}

// Why tells what is kept about a person, until when and under which rule: to the
// person, or to whoever may open their card. It is journaled before it is answered
// (N14, GDPR Art. 13(2)(a)).
func (s *Service) Why(ctx context.Context, by access.Actor, of vault.PersonID) ([]Fate, error) {
	scope, err := s.allowed(ctx, by, of)
	if err != nil {
		return nil, err
	}
	fates, err := s.fates(ctx, of)
	if err != nil {
		return nil, err
	}
	e := scope.Entry(journal.Opened, of)
	if by.Person == of {
		e = scope.Entry(journal.Answer, of)
	}
	e.Fields = []string{"retention"}
	if _, err := s.Journal.Read(ctx, &e); err != nil {
		return nil, err
	}
	return fates, nil
}

func (s *Service) allowed(ctx context.Context, by access.Actor, of vault.PersonID) (access.Scope, error) {
	if by.Person == of {
		return s.Access.Require(ctx, by, access.Want{Self: true})
	}
	scope, err := s.Access.Require(ctx, by, access.Want{Act: charter.View})
	if err != nil || s.Directory.Within(scope, of) {
		return scope, err
	}
	e := scope.Entry(journal.Denied)
	e.Reason = "retention.error.nobody"
	if _, err := s.Journal.Read(ctx, &e); err != nil {
		return access.Scope{}, err
	}
	return access.Scope{}, fault.New(fault.NotFound, "retention.error.nobody")
}

// fates walks the person's records by kind, and asks every rule that knows persons.
func (s *Service) fates(ctx context.Context, of vault.PersonID) ([]Fate, error) {
	counts := map[string]Fate{} // by what
	err := s.DB.Read(ctx, func(q database.Querier) error {
		tally, err := s.Records.Tally(q, of, vault.Membership, vault.Evidence, vault.Bookkeeping)
		for _, t := range tally {
			if t.Kind.Name == "" {
				continue
			}
			rule := s.rule(t.Kind.Retention)
			if rule == nil {
				rule = s.rule(unruled)
			}
			what := "record.kind." + t.Kind.Name
			f := counts[what]
			f.Rule, f.What, f.Count = rule, what, f.Count+int(t.Count)
			counts[what] = f
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	var all []Fate
	for i := range s.rules {
		r := &s.rules[i]
		var more []Fate
		for _, f := range counts {
			if f.Rule != nil && f.Rule.Code == r.Code {
				more = append(more, f)
			}
		}
		slices.SortFunc(more, func(a, b Fate) int { return strings.Compare(a.What, b.What) })
		if about, knows := r.Work.(Of); knows {
			told, err := about.Of(ctx, of)
			if err != nil {
				return nil, err
			}
			for _, h := range told {
				more = append(more, Fate{Rule: r, What: h.What, Count: h.Count, Until: h.Until})
			}
		}
		all = append(all, more...)
	}
	return all, nil
}

// unruled is the rule of a kind that states none of the sweep's: it goes with the
// person. A test sees to it that there is no such kind.
const unruled = "membership"

// Line is a rule in words: a row of the retention guideline that is published (D12,
// D15). It comes from what the sweep does, so text and behaviour cannot drift apart.
type Line struct {
	Code    string `json:"rule"`
	Name    string `json:"name"`
	What    string `json:"what"`             // what it is about
	Period  string `json:"period,omitempty"` // "24 months"; empty where no period is set
	Ends    string `json:"ends"`             // what it is counted from, and what happens then
	Source  string `json:"source,omitempty"` // where the period is from
	Checked string `json:"checked,omitempty"`
}

// Guideline is every rule in words, in the language of the printer.
func (s *Service) Guideline(p *locale.Printer) []Line {
	lines := make([]Line, 0, len(s.rules))
	for i := range s.rules {
		lines = append(lines, s.Words(p, &s.rules[i]))
	}
	return lines
}

// Words puts one rule into words.
func (s *Service) Words(p *locale.Printer, r *Rule) Line {
	key := "retention.rule." + r.key()
	l := Line{Code: r.Code, Name: p.T(key + ".name"), What: p.T(key + ".what"), Ends: p.T(key + ".ends")}
	if limit, known := s.Charter.Limit(r.Parameter); known {
		l.Period, l.Source, l.Checked = limit.Text(p), limit.Source.In(p.Lang()), limit.Checked
	}
	return l
}

// RuleWords puts the rule of a code into words; false for none.
func (s *Service) RuleWords(p *locale.Printer, code string) (Line, bool) {
	r := s.rule(code)
	if r == nil {
		return Line{}, false
	}
	return s.Words(p, r), true
}
