package dues

import (
	"context"
	"slices"
	"sync"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/unit"
)

// Sum is where the dues of a year stand, in numbers. It is of no person.
type Sum struct {
	Year       int
	Members    int // charged
	Charged    int64
	Settled    int64 // paid, written off and carried
	Open       int64 // owed
	Over       int64 // paid too much
	States     map[State]int
	Late       int64 // of what is owed: past its day
	Due        int   // bills and reminders that could go out today
	Proposable int   // patience has ended
	Categories []CategorySum
	Runs       []Run
}

// CategorySum is the part of one kind of membership.
type CategorySum struct {
	Category string
	Members  int
	Charged  int64
	Open     int64
}

// sums keeps the last sums in memory, since a page shows them often and a million
// accounts take seconds to read.
type sums struct {
	mu   sync.Mutex
	kept map[sumOf]keptSum
}

type sumOf struct {
	unit unit.ID
	all  bool
	year int
}

type keptSum struct {
	sum     Sum
	written int64
	at      time.Time
}

// sumsLast is how long sums are shown while nothing is entered: closings and
// moves change them too.
const sumsLast = time.Minute

// Sum gives where the dues of a body's members stand for a year. It reads
// accounts and tells numbers only, so nobody is named in the journal.
func (s *Service) Sum(ctx context.Context, by access.Actor, body unit.ID, year int) (Sum, error) {
	scope, err := s.scope(ctx, by, body)
	if err != nil {
		return Sum{}, err
	}
	key := sumOf{scope.Unit(), scope.All(), year}
	written, now := s.written.Load(), s.Now()
	s.sums.mu.Lock()
	kept, known := s.sums.kept[key]
	s.sums.mu.Unlock()
	if known && kept.written == written && now.Sub(kept.at) < sumsLast && now.Sub(kept.at) >= 0 {
		return kept.sum, nil
	}
	sum, err := s.sum(ctx, scope, year)
	if err != nil {
		return sum, err
	}
	s.sums.mu.Lock()
	if s.sums.kept == nil || len(s.sums.kept) > 200 {
		s.sums.kept = map[sumOf]keptSum{}
	}
	s.sums.kept[key] = keptSum{sum, written, now}
	s.sums.mu.Unlock()
	return sum, nil
}

func (s *Service) sum(ctx context.Context, scope access.Scope, year int) (Sum, error) {
	sum := Sum{Year: year, States: map[State]int{}}
	persons, err := s.charged(ctx, scope)
	if err != nil {
		return sum, err
	}
	today, per := s.today(), map[string]*CategorySum{}
	err = s.accounts(ctx, persons, func(c *Charge) bool { return c.Year == year && s.sees(scope, c) }, func(a *Account) error {
		for i := range a.Lines {
			l := &a.Lines[i]
			of := per[l.Category]
			if of == nil {
				of = &CategorySum{Category: l.Category}
				per[l.Category] = of
			}
			open, state := l.Open(), l.StateOn(today)
			sum.Members, sum.Charged, sum.Settled = sum.Members+1, sum.Charged+l.Amount, sum.Settled+l.Settled()
			of.Members, of.Charged = of.Members+1, of.Charged+l.Amount
			sum.States[state]++
			if open < 0 {
				sum.Over -= open
				continue
			}
			sum.Open, of.Open = sum.Open+open, of.Open+open
			if state == Late {
				sum.Late += open
			}
			if _, due := l.nextNotice(&s.Charter.Dues, today); due {
				sum.Due++
			}
			if l.proposable(&s.Charter.Dues, today) {
				sum.Proposable++
			}
		}
		return nil
	})
	if err != nil {
		return sum, err
	}
	for i := range s.Charter.Categories {
		if of := per[s.Charter.Categories[i].Code]; of != nil {
			sum.Categories = append(sum.Categories, *of)
		}
	}
	sum.Runs, err = s.runs(ctx, scope, year)
	return sum, err
}

// runs gives the chargings that a Scope sees.
func (s *Service) runs(ctx context.Context, scope access.Scope, year int) (all []Run, err error) {
	err = s.read(ctx, func(q querier) (err error) {
		all, err = runs(q, year)
		return err
	})
	return slices.DeleteFunc(all, func(r Run) bool {
		return !scope.All() && (r.Unit == 0 || !scope.Covers(r.Unit))
	}), err
}
