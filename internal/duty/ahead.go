package duty

import (
	"context"
	"slices"
	"strings"

	"github.com/golang-sql/civil"

	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Ahead is a deadline that is known although there is no duty yet: the charter says
// that it comes back, or something on record ends on a day. It names nobody.
type Ahead struct {
	On   civil.Date
	Code string // its words are duty.ahead.<code>
	Args []any  // of the words: the charter's own, never a person

	Unit unit.ID // 0: in the secretariat
	Act  string  // whoever holds this right there answers for it
	Each bool    // it comes in every body; Unit is 0 then
}

// Forecaster tells what comes between two days, both included. Rooms hand theirs in
// through app.
type Forecaster func(ctx context.Context, first, last civil.Date) ([]Ahead, error)

// Foresee hands forecasters in, before anything is asked.
func (e *Engine) Foresee(f ...Forecaster) { e.forecasters = append(e.forecasters, f...) }

// Ahead lists what somebody will answer for between two days, by day. What has become
// a duty by then stands among the duties instead.
func (e *Engine) Ahead(ctx context.Context, r Responsible, first, last civil.Date) ([]Ahead, error) {
	return e.ahead(ctx, first, last, func(a *Ahead) bool { return r.foresees(a) })
}

// AheadIn lists what comes for one body between two days, whoever answers for it.
func (e *Engine) AheadIn(ctx context.Context, body unit.ID, first, last civil.Date) ([]Ahead, error) {
	return e.ahead(ctx, first, last, func(a *Ahead) bool { return a.Each || a.Unit == body })
}

func (e *Engine) ahead(ctx context.Context, first, last civil.Date, want func(*Ahead) bool) ([]Ahead, error) {
	var all []Ahead
	for _, f := range e.forecasters {
		told, err := f(ctx, first, last)
		if err != nil {
			return nil, err
		}
		for i := range told {
			if a := &told[i]; !a.On.Before(first) && !a.On.After(last) && want(a) {
				all = append(all, *a)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b Ahead) int {
		if d := a.On.DaysSince(b.On); d != 0 {
			return d
		}
		return strings.Compare(a.Code, b.Code)
	})
	return all, nil
}

// foresees reports whether the deadline is among what r will answer for.
func (r *Responsible) foresees(a *Ahead) bool {
	act, known := charter.ParseAct(a.Act)
	if !known {
		return false
	}
	if !a.Each {
		return r.Acts[a.Unit].Has(act)
	}
	for body, acts := range r.Acts {
		if body != 0 && acts.Has(act) {
			return true
		}
	}
	return false
}

// YearIn lists the duties of one body whose deadline is in a civil year, whoever answers
// for them: what the secretariat follows up.
func (e *Engine) YearIn(ctx context.Context, body unit.ID, year int) (all []Duty, err error) {
	first, last := civil.Date{Year: year, Month: 1, Day: 1}, civil.Date{Year: year, Month: 12, Day: 31}
	err = e.db.Read(ctx, func(q database.Querier) error {
		all, err = query(q, `unit = $1 AND due_on BETWEEN $2 AND $3`, int64(body), first.String(), last.String())
		return err
	})
	return all, err
}

// Together puts what several hats answer for into one.
func Together(person vault.PersonID, acts ...map[unit.ID]charter.Acts) Responsible {
	r := Responsible{Person: person, Acts: map[unit.ID]charter.Acts{}}
	for _, of := range acts {
		for body, may := range of {
			r.Acts[body] |= may
		}
	}
	return r
}
