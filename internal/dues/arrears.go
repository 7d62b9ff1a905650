package dues

import (
	"context"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/journal"
	"kartotek/internal/member"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

type querier = database.Querier

func (s *Service) read(ctx context.Context, fn func(q querier) error) error {
	return s.DB.Read(ctx, fn)
}

// Which says which accounts a list is of.
type Which string

const (
	InArrears  Which = "late"    // something is past its day
	Unpaid     Which = "open"    // something is owed, due or not
	Overpaid   Which = "over"    // too much was paid
	Patience   Which = "propose" // closing may be proposed
	EveryState Which = "all"     // everybody who was charged
)

// Whiches are those one can choose among.
var Whiches = []Which{InArrears, Unpaid, Patience, Overpaid, EveryState}

// Debtor is one line of a list of accounts.
type Debtor struct {
	member.Hit
	Charged int64
	Open    int64      // owed; negative: paid too much
	Since   civil.Date // the oldest day past which something is owed
	Level   int        // of the last notice; -1: none was sent
	Lines   int
	Until   civil.Date // patience ends: the data are to be gone
}

// Listing is a page of a list of accounts.
type Listing struct {
	Total int
	Open  int64 // of all pages
	Rows  []Debtor
	Page  int // from 1
	Pages int
}

// debtor sums an account up; false where it is not of the kind asked for.
func (s *Service) debtor(a *Account, which Which, today civil.Date) (Debtor, bool) {
	d, take := Debtor{Level: -1, Lines: len(a.Lines)}, which == EveryState
	d.Person = a.Person
	for i := range a.Lines {
		l := &a.Lines[i]
		open := l.Open()
		d.Charged, d.Open = d.Charged+l.Amount, d.Open+open
		for _, n := range l.Notices {
			if open > 0 {
				d.Level = max(d.Level, n.Level)
			}
		}
		late := l.StateOn(today) == Late
		if late && (d.Since.IsZero() || l.Due.Before(d.Since)) {
			d.Since, d.Until = l.Due, s.Charter.PatienceEnds(l.Due)
		}
		switch which {
		case InArrears:
			take = take || late
		case Unpaid:
			take = take || open > 0
		case Overpaid:
			take = take || open < 0
		case Patience:
			take = take || l.proposable(&s.Charter.Dues, today)
		}
	}
	return d, take
}

// Arrears lists who owes what, a page at a time by name, of those within a body
// or the register, in year or, with 0, in any. Whom the page shows is journaled
// before it is answered.
func (s *Service) Arrears(ctx context.Context, by access.Actor, body unit.ID, year int, which Which, page, size int) (Listing, error) {
	scope, err := s.listing(ctx, by, body, which)
	if err != nil {
		return Listing{}, err
	}
	all, err := s.debtors(ctx, scope, year, which)
	if err != nil {
		return Listing{}, err
	}
	l := Listing{Total: len(all), Pages: max(1, (len(all)+size-1)/size)}
	l.Page = min(max(page, 1), l.Pages)
	for i := range all {
		l.Open += all[i].Open
	}
	l.Rows = all[(l.Page-1)*size : min(l.Page*size, len(all))]
	if len(l.Rows) == 0 {
		return l, nil
	}
	return l, s.name(ctx, scope, l.Rows)
}

// listing decides that somebody sees a list of accounts: whoever keeps the dues,
// and, where patience has ended, whoever closes (D6, N14).
func (s *Service) listing(ctx context.Context, by access.Actor, body unit.ID, which Which) (access.Scope, error) {
	if which == Patience {
		if scope, err := s.Access.Decide(by, access.Want{Act: charter.Close, Unit: body, Purpose: purpose}); err == nil && s.Any() {
			return scope, nil
		}
	}
	return s.scope(ctx, by, body)
}

// debtors are all accounts of a kind, in the order of names, without names.
func (s *Service) debtors(ctx context.Context, scope access.Scope, year int, which Which) (all []Debtor, err error) {
	persons, err := s.charged(ctx, scope)
	if err != nil {
		return nil, err
	}
	today := s.today()
	may := func(c *Charge) bool { return s.sees(scope, c) && (year == 0 || c.Year == year) }
	err = s.accounts(ctx, persons, may, func(a *Account) error {
		if d, take := s.debtor(a, which, today); take {
			all = append(all, d)
		}
		return nil
	})
	return all, err
}

// name journals whom rows show and gives them their names.
func (s *Service) name(ctx context.Context, scope access.Scope, rows []Debtor) error {
	shown, persons := roaring.New(), make([]vault.PersonID, 0, len(rows))
	for i := range rows {
		persons = append(persons, rows[i].Person)
		shown.Add(uint32(rows[i].Person))
	}
	hits, err := s.Directory.Paying(scope, persons)
	if err != nil {
		return err
	}
	e := scope.Entry(journal.Arrears)
	e.Persons, e.Fields = shown, []string{"number", "given", "family", "unit", "dues"}
	if _, err := s.Journal.Read(ctx, &e); err != nil {
		return err
	}
	for i := range rows {
		for _, h := range hits {
			if h.Person == rows[i].Person {
				rows[i].Hit = h
			}
		}
	}
	return nil
}

// Among is the set of those whose accounts are of a kind, for a list pulled of
// them by the way every list goes (D12). It tells no names.
func (s *Service) Among(ctx context.Context, by access.Actor, body unit.ID, year int, which Which) (*roaring.Bitmap, map[vault.PersonID]Debtor, error) {
	scope, err := s.scope(ctx, by, body)
	if err != nil {
		return nil, nil, err
	}
	all, err := s.debtors(ctx, scope, year, which)
	set, of := roaring.New(), make(map[vault.PersonID]Debtor, len(all))
	for _, d := range all {
		set.Add(uint32(d.Person))
		of[d.Person] = d
	}
	return set, of, err
}

// Named gives the name and number of one member as the purpose allows, for the
// page of their account, which journals the looking.
func (s *Service) Named(by access.Actor, person vault.PersonID) (member.Hit, error) {
	scope, err := s.Access.Decide(by, access.Want{Act: charter.Collect, Purpose: purpose})
	if err != nil {
		return member.Hit{}, err
	}
	hits, err := s.Directory.Paying(scope, []vault.PersonID{person})
	if err != nil || len(hits) == 0 {
		return member.Hit{}, err
	}
	return hits[0], nil
}
