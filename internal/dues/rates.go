package dues

import (
	"context"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/unit"
)

// mostAmount is the highest rate there is: a slip of the comma is more.
const mostAmount = 100_000_00

// mayYear refuses years nobody charges for.
func (s *Service) mayYear(year int) bool {
	now := s.Charter.AccountingYear(s.today())
	return year >= now-6 && year <= now+2
}

// ThisYear is the accounting year of today.
func (s *Service) ThisYear() int { return s.Charter.AccountingYear(s.today()) }

// Collector is the body in whose books an actor's body stands: itself, or the
// association.
func (s *Service) Collector(body unit.ID) unit.ID {
	if body == 0 {
		return s.root()
	}
	return collector(&s.Charter.Dues, s.root(), body)
}

// SetRates sets what a body has its members pay in a year, in place of what was
// set before, which is kept as history. Charges already made stay as they are.
func (s *Service) SetRates(ctx context.Context, by access.Actor, sheet Sheet) (Sheet, error) {
	if sheet.Unit == 0 {
		sheet.Unit = s.root()
	}
	scope, err := s.collects(ctx, by, sheet.Unit)
	if err != nil {
		return Sheet{}, err
	}
	if err := s.check(&sheet); err != nil {
		return Sheet{}, err
	}
	s.booking.Lock()
	defer s.booking.Unlock()
	err = s.DB.Write(ctx, func(tx *database.Tx) error {
		sheet.By, sheet.At = by.Person, tx.Now()
		if err := insertSheet(tx, &sheet); err != nil {
			return err
		}
		e := scope.Entry(journal.DuesRates)
		e.Target, e.Number = uint32(sheet.Unit), int64(sheet.Year)
		_, err := s.Journal.Append(tx, &e)
		return err
	})
	s.written.Add(1)
	return sheet, err
}

// check settles a sheet: a day in the year, somebody to pay to, rates of kinds of
// membership that there are.
func (s *Service) check(sheet *Sheet) error {
	d := &s.Charter.Dues
	invalid := fault.New(fault.Invalid, "dues.error.rates")
	if body, known := s.Units.Tree().ByID(sheet.Unit); !known || body.Closed || s.Collector(sheet.Unit) != sheet.Unit {
		invalid = invalid.With("unit", "dues.error.unit")
	}
	if !s.mayYear(sheet.Year) {
		invalid = invalid.With("year", "dues.error.year")
	}
	if sheet.DueOn.IsZero() {
		sheet.DueOn = s.Charter.DuesDay(sheet.Year)
	}
	if !sheet.DueOn.IsValid() || s.Charter.AccountingYear(sheet.DueOn) < sheet.Year-1 || s.Charter.AccountingYear(sheet.DueOn) > sheet.Year+1 {
		invalid = invalid.With("due", "dues.error.due")
	}
	switch {
	case sheet.Payee != "" && !charter.Payable(d.Reference, sheet.Payee):
		invalid = invalid.With("payee", "charter.error.payee")
	case sheet.Payee == "" && s.payee(sheet) == "":
		invalid = invalid.With("payee", "dues.error.no_payee")
	}
	if len(sheet.Rates) == 0 {
		invalid = invalid.With("rates", "dues.error.no_rates")
	}
	for category, amount := range sheet.Rates {
		if _, known := s.Charter.Category(category); !known {
			invalid = invalid.With("rates", "dues.error.category", "code", category)
		} else if amount < 0 || amount > mostAmount {
			invalid = invalid.With("rate-"+category, "dues.error.amount")
		}
	}
	if len(invalid.Fields) > 0 {
		return invalid
	}
	return nil
}

// payee is whom a sheet has people pay to: its own, or the association's as the
// charter has it.
func (s *Service) payee(sheet *Sheet) string {
	if sheet.Payee == "" && sheet.Unit == s.root() {
		return s.Charter.Dues.Payee
	}
	return sheet.Payee
}

// Rates gives the sheets of a body and year, the newest first: that one is in
// force. Year 0 is every year. They are of no person.
func (s *Service) Rates(ctx context.Context, by access.Actor, body unit.ID, year int) (all []Sheet, err error) {
	if body == 0 {
		body = s.root()
	}
	if body != s.root() { // what the association itself collects is no secret from its bodies
		if _, err := s.scope(ctx, by, body); err != nil {
			return nil, err
		}
	} else if _, err := s.scope(ctx, by, 0); err != nil {
		return nil, err
	}
	err = s.DB.Read(ctx, func(q database.Querier) (err error) {
		all, err = sheets(q, body, year)
		return err
	})
	return all, err
}
