package dues

import (
	"cmp"
	"context"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"
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

// Tally is what a charging does, or would do, in numbers.
type Tally struct {
	Year       int
	Categories []CategoryTally // in the charter's order; only those that somebody has
	Members    int             // charged
	Amount     int64
	PartYear   int   // of these, for a part of the year
	Exempt     int   // of a kind that pays nothing
	Already    int   // charged before
	NoRate     int   // of a kind without a rate, or whose body has set none
	Restricted int   // kept but not used (Art. 18)
	Carried    int64 // paid too much before and used now
	Run        int64 // 0 of a preview
}

// CategoryTally is the part of one kind of membership.
type CategoryTally struct {
	Category string
	Members  int
	Amount   int64
	Exempt   int
}

// bill is one person's charge about to be made.
type bill struct {
	person vault.PersonID
	id     uint64
	charge Charge
	moves  []carry // paid too much before, used now
}

// Preview counts what charging would do.
func (s *Service) Preview(ctx context.Context, by access.Actor, body unit.ID, year int) (Tally, error) {
	scope, err := s.charging(ctx, by, body, year)
	if err != nil {
		return Tally{}, err
	}
	_, tally, err := s.plan(ctx, scope, year)
	return tally, err
}

// Charge charges everybody within a body, or within the register, what they owe
// for a year and do not have on their account yet. It is one act: either all of
// them or nobody. What somebody paid too much before is used.
func (s *Service) Charge(ctx context.Context, by access.Actor, body unit.ID, year int) (Tally, error) {
	scope, err := s.charging(ctx, by, body, year)
	if err != nil {
		return Tally{}, err
	}
	s.booking.Lock()
	defer s.booking.Unlock()
	bills, tally, err := s.plan(ctx, scope, year)
	if err != nil {
		return Tally{}, err
	}
	if len(bills) == 0 {
		return tally, fault.New(fault.Conflict, "dues.error.nobody")
	}
	err = s.DB.Write(ctx, func(tx *database.Tx) error {
		run := Run{Unit: scope.Unit(), Year: year, By: by.Person, At: tx.Now(), Members: len(bills), Amount: tally.Amount}
		if scope.All() {
			run.Unit = 0
		}
		var err error
		if run.Number, err = tx.Next("dues_run"); err != nil {
			return err
		}
		tally.Run = run.Number
		if err := s.book(tx, scope, bills, run.Number); err != nil {
			return err
		}
		return insertRun(tx, &run)
	})
	s.written.Add(1)
	return tally, err
}

// book writes the charges, what is carried to them, and one entry of the journal
// with everybody charged.
func (s *Service) book(tx *database.Tx, scope access.Scope, bills []bill, run int64) error {
	charged := roaring.New()
	for i := range bills {
		bills[i].charge.Run = run
		charged.Add(uint32(bills[i].person))
	}
	err := record.CreateEach(s.Records, tx, Charges, func(yield func(vault.PersonID, uint64, *Charge) bool) {
		for i := range bills {
			if !yield(bills[i].person, bills[i].id, &bills[i].charge) {
				return
			}
		}
	})
	if err != nil {
		return err
	}
	for i := range bills {
		if err := s.carry(tx, bills[i].person, bills[i].moves); err != nil {
			return err
		}
	}
	charged.RunOptimize()
	e := scope.Entry(journal.Charge)
	e.Number, e.Persons = run, charged
	_, err = s.Journal.Append(tx, &e)
	return err
}

// charging decides that somebody charges, and whom.
func (s *Service) charging(ctx context.Context, by access.Actor, body unit.ID, year int) (access.Scope, error) {
	scope, err := s.scope(ctx, by, body)
	if err != nil {
		return access.Scope{}, err
	}
	if !scope.All() && s.Charter.Dues.Collects == charter.CollectsRoot && !s.everywhere(by) {
		return access.Scope{}, s.deny(ctx, scope, "dues.denied.collector")
	}
	if !s.mayYear(year) {
		return access.Scope{}, fault.New(fault.Invalid, "dues.error.charge").With("year", "dues.error.year")
	}
	return scope, nil
}

// everywhere reports whether somebody keeps the dues of the whole register, and
// only looks at a part of it now.
func (s *Service) everywhere(by access.Actor) bool {
	scope, err := s.Access.Decide(by, access.Want{Act: charter.Collect, Purpose: purpose})
	return err == nil && scope.All()
}

// plan works out who is to be charged what.
func (s *Service) plan(ctx context.Context, scope access.Scope, year int) (bills []bill, t Tally, err error) {
	t.Year = year
	rates := map[unit.ID]*Sheet{}
	err = s.DB.Read(ctx, func(q database.Querier) (err error) {
		rates, err = sheetsOf(q, year)
		return err
	})
	if err != nil {
		return nil, t, err
	}
	before, err := s.standing(ctx, scope)
	if err != nil {
		return nil, t, err
	}
	today, perCategory := s.today(), make([]CategoryTally, len(s.Charter.Categories))
	for i := range perCategory {
		perCategory[i].Category = s.Charter.Categories[i].Code
	}
	ends := s.Charter.AccountingYearBegins(year + 1)
	wanted, err := s.owing(ctx, scope, &t, ends)
	if err != nil {
		return nil, t, err
	}
	for i := range wanted {
		w := &wanted[i]
		of := &perCategory[w.place]
		id, known := chargeID(w.collector, year), before[w.person]
		if known.has(id) {
			t.Already++
			continue
		}
		sheet := rates[w.collector]
		rate, set := int64(0), false
		if sheet != nil {
			rate, set = sheet.Rates[s.Charter.Categories[w.place].Code]
		}
		switch {
		case !set:
			t.NoRate++
			continue
		case rate == 0:
			t.Exempt++
			of.Exempt++
			continue
		}
		amount := rate
		if sheet.PartYear {
			if amount = partOf(s.Charter, rate, w.from, year); amount < rate {
				t.PartYear++
			}
			if amount == 0 {
				continue
			}
		}
		b := bill{person: w.person, id: id, charge: Charge{
			Unit: w.collector, Body: w.body, Year: year, Category: s.Charter.Categories[w.place].Code, Amount: amount,
			Due: later(sheet.DueOn, today), Booked: today, Payee: s.payee(sheet),
		}}
		b.charge.Reference, b.charge.Slot = s.references.make(s.Charter.Dues.Reference, w.person, known.slot()+1)
		b.moves = known.carried(&b)
		for _, m := range b.moves {
			t.Carried += m.amount
		}
		known.took(w.person, before, b.charge.Slot)
		bills = append(bills, b)
		of.Members, of.Amount = of.Members+1, of.Amount+amount
		t.Members, t.Amount = t.Members+1, t.Amount+amount
	}
	t.Categories = slices.DeleteFunc(perCategory, func(c CategoryTally) bool { return c.Members+c.Exempt == 0 })
	return bills, t, nil
}

// daysToPay is how long somebody has who is charged after the usual day.
const daysToPay = 14

// later moves a due day that has passed, or is almost here, so that there is time
// to pay.
func later(due, today civil.Date) civil.Date {
	if least := today.AddDays(daysToPay); due.Before(least) {
		return least
	}
	return due
}

// owed is a membership for which somebody pays.
type owed struct {
	person    vault.PersonID
	collector unit.ID
	body      unit.ID
	place     int // of the category in the charter
	from      civil.Date
}

// owing lists who pays whom: for each membership its own body, or everybody once
// where the association itself collects, for the membership that is not a second
// one and began first.
func (s *Service) owing(ctx context.Context, scope access.Scope, t *Tally, ends civil.Date) (all []owed, err error) {
	places := map[string]int{}
	for i := range s.Charter.Categories {
		k := &s.Charter.Categories[i]
		places[k.Code] = i
	}
	root := s.root()
	t.Restricted, err = s.Directory.Payers(ctx, scope, func(person vault.PersonID, m *member.Membership) error {
		if !m.From.IsZero() && !m.From.Before(ends) {
			return nil // joins in a later year
		}
		o := owed{person: person, collector: collector(&s.Charter.Dues, root, m.Unit), body: m.Unit, place: places[m.Category], from: m.From}
		if last := len(all) - 1; last >= 0 && all[last].person == person && all[last].collector == o.collector {
			if s.first(&o, &all[last]) {
				all[last] = o
			}
			return nil
		}
		all = append(all, o)
		return nil
	})
	return all, err
}

// first reports whether one membership is paid for rather than another.
func (s *Service) first(a, b *owed) bool {
	dualA, dualB := s.Charter.Categories[a.place].Dual, s.Charter.Categories[b.place].Dual
	if dualA != dualB {
		return dualB
	}
	return cmp.Or(a.from.DaysSince(b.from), int(a.body)-int(b.body)) < 0
}
