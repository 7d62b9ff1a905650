package agreement

import (
	"context"
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/database"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Daily follows posts that have changed hands, finishes what a stop cut off, and opens a
// new round where clauses, charter or sub-processors have changed, or whoever signed has
// left.
func (s *Service) Daily(ctx context.Context) error {
	var all []Agreement
	err := s.DB.Read(ctx, func(q database.Querier) (err error) {
		all, err = agreements(q, `state <> 'replaced'`)
		return err
	})
	if err != nil {
		return err
	}
	newest := map[unit.ID]bool{}
	for i := range all {
		a := &all[i]
		first := !newest[a.Unit]
		newest[a.Unit] = true
		b, bound := s.Bound(a.Unit)
		switch {
		case !bound:
		case a.State == Countersigned:
			if _, err := s.conclude(ctx, *a); err != nil {
				return err
			}
		case a.State == Concluded && first:
			err = s.again(ctx, &b, a)
		case a.State != Concluded:
			err = s.DB.Write(ctx, func(tx *database.Tx) error { return s.tend(tx, &b, a) })
		}
		if err != nil {
			return err
		}
	}
	return s.settleChanges(ctx)
}

// again opens a new round where the agreement in force no longer tells what holds (N2).
func (s *Service) again(ctx context.Context, b *Bound, a *Agreement) error {
	var why string
	err := s.DB.Read(ctx, func(q database.Querier) (err error) {
		why, err = s.stale(q, b, a)
		return err
	})
	if err != nil || why == "" {
		return err
	}
	return s.DB.Write(ctx, func(tx *database.Tx) error {
		fresh, err := s.open(tx, b, why)
		if err != nil {
			return err
		}
		return s.tend(tx, b, &fresh)
	})
}

// stale says why an agreement in force is to be signed anew, "" where it holds.
func (s *Service) stale(q database.Querier, b *Bound, a *Agreement) (string, error) {
	switch {
	case !a.KeepUntil.IsZero():
		return NewSign, nil
	case a.Version < Version(a.Kind) || a.Kind != b.Kind:
		return NewText, nil
	}
	all, err := s.bindingChain(q, b)
	return changed(a.Content.Terms, rules(s.Charter, b.Kind), all, s.Access.Today()), err
}

// keepUntil is the last day on which an agreement that ends today tells who signed it.
func (s *Service) keepUntil() civil.Date {
	today := s.Access.Today()
	return civil.DateOf(time.Date(today.Year+s.Charter.Agreements.KeepYears.Value, today.Month, today.Day, 0, 0, 0, 0, time.UTC))
}

// Kept is what stays of somebody who leaves: agreements that they signed.
type Kept struct {
	Number int64
	Unit   unit.ID
	Until  civil.Date
}

// Kept lists the agreements that keep the name of somebody who leaves, and until when
// (Art. 17(3)(e), 28(9)). One that nobody has countersigned yet keeps nothing: it is
// signed anew by whoever holds the post then.
func (s *Service) Kept(ctx context.Context, person vault.PersonID) (kept []Kept, err error) {
	err = s.DB.Read(ctx, func(q database.Querier) error {
		all, err := signedBy(q, person)
		for i := range all {
			if a := &all[i]; lasting(a) {
				until := a.KeepUntil
				if until.IsZero() {
					until = s.keepUntil()
				}
				kept = append(kept, Kept{a.Number, a.Unit, until})
			}
		}
		return err
	})
	return kept, err
}

func signedBy(q database.Querier, person vault.PersonID) ([]Agreement, error) {
	return agreements(q, `holder <> 0 AND (signer = $1 OR looked = $1 OR counter = $1)`, int64(person))
}

// lasting reports whether an agreement is kept though somebody who signed it leaves.
func lasting(a *Agreement) bool {
	return a.State == Countersigned || a.State == Concluded || a.State == Replaced
}

// Leaving follows, in the act that begins somebody's erasure, where they have signed:
// what is in force keeps their name until a day that is fixed now; what is not ends.
func (s *Service) Leaving(tx *database.Tx, person vault.PersonID) error {
	all, err := signedBy(tx, person)
	if err != nil {
		return err
	}
	for i := range all {
		a := &all[i]
		if a.KeepUntil.IsZero() {
			a.KeepUntil = s.keepUntil()
		}
		if !lasting(a) {
			a.State, a.EndedAt, a.KeepUntil = Replaced, tx.Now(), s.Charter.Today(tx.Now()).AddDays(-1)
			if b, bound := s.Bound(a.Unit); bound {
				if err := s.tend(tx, &b, a); err != nil {
					return err
				}
				fresh, err := s.open(tx, &b, NewSign)
				if err != nil {
					return err
				}
				if err := s.tend(tx, &b, &fresh); err != nil {
					return err
				}
			}
		}
		if err := update(tx, a); err != nil {
			return err
		}
	}
	return nil
}

// Due counts the agreements whose signatures end by a moment.
func (s *Service) Due(ctx context.Context, by time.Time) (due, all int, err error) {
	err = s.DB.Read(ctx, func(q database.Querier) error {
		if err := q.QueryRow(`SELECT COUNT(*) FROM agreement WHERE holder <> 0`).Scan(&all); err != nil {
			return err
		}
		return q.QueryRow(`SELECT COUNT(*) FROM agreement WHERE holder <> 0 AND keep_until < $1`, s.Charter.Today(by).String()).Scan(&due)
	})
	return due, all, err
}

// End destroys the keys of agreements that are kept no longer: who signed, the scan and
// the sealed PDF go with them. The text, which names nobody, stays.
func (s *Service) End(ctx context.Context, by time.Time) (ended int, err error) {
	var all []Agreement
	err = s.DB.Read(ctx, func(q database.Querier) error {
		all, err = agreements(q, `holder <> 0 AND keep_until < $1`, s.Charter.Today(by).String())
		return err
	})
	for i := range all {
		a := &all[i]
		if err := s.Eraser.Discard(ctx, a.holder); err != nil {
			return ended, err
		}
		if err := s.DB.Write(ctx, func(tx *database.Tx) error {
			a.holder, a.signer, a.looked, a.counter = 0, 0, 0, 0
			return update(tx, a)
		}); err != nil {
			return ended, err
		}
		ended++
	}
	return ended, err
}
