package dues

import (
	"context"
	"slices"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/member"
	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Count is the head-count of a kind of membership in a body on a cut-off date,
// as it was counted then. It is of no person and stays as it is.
type Count struct {
	Unit     unit.ID
	CutOff   civil.Date
	Category string
	Members  int
	Paying   int   // of a kind that pays: those are settled for
	Amount   int64 // for one head
}

// Sum is what is settled for.
func (c *Count) Sum() int64 { return int64(c.Paying) * c.Amount }

// Statement is what a body settles with the body above for a year.
type Statement struct {
	Unit   unit.ID
	With   unit.ID // the body above; 0 where there is none
	Counts []Count
	Amount int64
	Share  bool // the body gets it; otherwise it owes
}

// CountHeads counts on the cut-off dates that have come and were not counted yet.
// It is done by the scheduled work: a date that nobody counted on is counted on
// the first day after it, since who was a member then is not kept (N14).
func (s *Service) CountHeads(ctx context.Context) error {
	if !s.Any() || !s.Charter.Dues.PerCapita.Settles() {
		return nil
	}
	today := s.today()
	for _, year := range []int{s.ThisYear() - 1, s.ThisYear()} {
		for _, day := range s.Charter.CutOffs(year) {
			if day.After(today) || day.Before(today.AddDays(-countedWithin)) {
				continue
			}
			if err := s.countOn(ctx, day, year); err != nil {
				return err
			}
		}
	}
	return nil
}

// countedWithin is for how many days a missed cut-off date is made good: later the
// heads of today say nothing of it.
const countedWithin = 31

func (s *Service) countOn(ctx context.Context, day civil.Date, year int) error {
	var done bool
	rates := map[unit.ID]*Sheet{}
	err := s.DB.Read(ctx, func(q database.Querier) (err error) {
		if done, err = countedOn(q, day); err != nil || done {
			return err
		}
		rates, err = sheetsOf(q, year)
		return err
	})
	if err != nil || done {
		return err
	}
	heads, err := s.heads(ctx, rates)
	if err != nil || len(heads) == 0 {
		return err
	}
	return s.DB.Write(ctx, func(tx *database.Tx) error {
		if done, err := countedOn(tx, day); err != nil || done {
			return err
		}
		for i := range heads {
			c := &heads[i]
			c.CutOff, c.Amount = day, int64(s.Charter.Dues.PerCapita.Amount.Value)
			if err := insertCount(tx, c); err != nil {
				return err
			}
		}
		_, err := s.Journal.Append(tx, &journal.Entry{
			Act: journal.DuesRates, Right: string(access.System), Via: string(access.System), Reason: "counted", Number: int64(len(heads)),
		})
		return err
	})
}

// heads counts everybody by body and kind of membership. Somebody pays who is of
// a kind with a rate; where no rate is set yet, whoever the charter has on the
// lists for dues.
func (s *Service) heads(ctx context.Context, rates map[unit.ID]*Sheet) (all []Count, err error) {
	type key struct {
		body     unit.ID
		category string
	}
	at := map[key]int{}
	d := &s.Charter.Dues
	err = record.Scan(s.Records, ctx, member.Memberships, func(person vault.PersonID, _ uint64, m *member.Membership) error {
		if s.Directory.Leaving(person) || !m.Until.IsZero() && m.Until.Before(s.today()) {
			return nil
		}
		category := s.Charter.CategoryOr(m.Category)
		k := key{m.Unit, category.Code}
		i, known := at[k]
		if !known {
			i = len(all)
			at[k] = i
			all = append(all, Count{Unit: m.Unit, Category: category.Code})
		}
		all[i].Members++
		if pays(category, rates[collector(d, s.root(), m.Unit)]) {
			all[i].Paying++
		}
		return nil
	})
	return all, err
}

func pays(k *charter.Category, sheet *Sheet) bool {
	if sheet != nil {
		return sheet.Rates[k.Code] > 0
	}
	return !slices.Contains(k.LeftOut, purpose)
}

// Statements gives what bodies settle for a year, of those within a Scope, from
// what was counted. Nobody is in it.
func (s *Service) Statements(ctx context.Context, by access.Actor, body unit.ID, year int) ([]Statement, error) {
	scope, err := s.scope(ctx, by, body)
	if err != nil {
		return nil, err
	}
	per := &s.Charter.Dues.PerCapita
	if !per.Settles() {
		return nil, fault.New(fault.Conflict, "dues.error.no_per_capita")
	}
	var counted []Count
	err = s.DB.Read(ctx, func(q database.Querier) (err error) {
		counted, err = counts(q, s.Charter.AccountingYearBegins(year), s.Charter.AccountingYearBegins(year+1).AddDays(-1))
		return err
	})
	if err != nil {
		return nil, err
	}
	tree := s.Units.Tree()
	of := map[unit.ID]*Statement{}
	for _, c := range counted {
		if !scope.Covers(c.Unit) || c.Unit == s.root() {
			continue
		}
		st := of[c.Unit]
		if st == nil {
			st = &Statement{Unit: c.Unit, With: s.above(c.Unit), Share: per.Share}
			of[c.Unit] = st
		}
		st.Counts = append(st.Counts, c)
		st.Amount += c.Sum()
	}
	var all []Statement
	for _, u := range tree.All() { // in reading order
		if st := of[u.ID]; st != nil {
			all = append(all, *st)
		}
	}
	return all, nil
}

// above is the body that another settles with.
func (s *Service) above(body unit.ID) unit.ID {
	path := s.Units.Tree().Path(body)
	for i := len(path) - 2; i >= 0; i-- {
		if path[i].Level == s.Charter.Dues.PerCapita.With {
			return path[i].ID
		}
	}
	return 0
}
