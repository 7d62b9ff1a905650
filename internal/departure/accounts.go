package departure

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/document"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/locale"
	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// KeptLine is one line in the accounts of a body whose other side has left.
type KeptLine struct {
	Fact
	Year  int        // the accounting year, by the year it ends in
	Until civil.Date // kept until then
	Left  civil.Date // the day the erasure began
	Law   charter.Words
}

// KeptBody is a body with something kept.
type KeptBody struct {
	unit.Unit
	Persons int
}

// Accounts decides about what is kept of those who have left one body: for the
// accounts and for nothing else (L7, GDPR Art. 5(1)(b)).
func (s *Service) Accounts(ctx context.Context, by access.Actor, body unit.ID) (access.Scope, error) {
	return s.Access.Require(ctx, by, access.Want{Act: charter.Accounts, Unit: body, Purpose: charter.ForBookkeeping})
}

// KeptLines gives what is kept in the accounts of a body, the newest year first.
// The Scope must be decided by Accounts. Who is named in it is journaled before.
func (s *Service) KeptLines(ctx context.Context, scope access.Scope, body unit.ID) ([]KeptLine, error) {
	if err := forAccounts(scope); err != nil {
		return nil, err
	}
	if !scope.Covers(body) {
		return nil, fault.New(fault.NotFound, "departure.error.no_accounts")
	}
	at, _ := s.Units.Tree().ByID(body)
	today, persons := s.Charter.Today(s.Now()), roaring.New()
	var lines []KeptLine
	first, last := ofUnit(body)
	err := record.ScanBetween(s.Records, ctx, Accounts, first, last, func(person vault.PersonID, _ uint64, a *Account) error {
		if a.Until.Before(today) { // over, and about to be destroyed
			return nil
		}
		persons.Add(uint32(person))
		for _, f := range a.Facts {
			year, _ := charter.AccountingYear(f.On, s.Charter.YearEnds(at.YearEnds))
			lines = append(lines, KeptLine{Fact: f, Year: year, Until: a.Until, Left: a.Left, Law: s.Charter.Law(at.Seat).Cite})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(lines, func(a, b KeptLine) int {
		if a.Year != b.Year {
			return b.Year - a.Year
		}
		if a.On != b.On {
			return a.On.DaysSince(b.On)
		}
		return strings.Compare(a.Voucher, b.Voucher)
	})
	if persons.IsEmpty() {
		return nil, nil
	}
	e := scope.Entry(journal.Kept)
	e.Persons, e.Number, e.Target, e.Fields = persons, int64(len(lines)), uint32(body), []string{"kept"}
	if _, err := s.Journal.Read(ctx, &e); err != nil {
		return nil, err
	}
	return lines, nil
}

// KeptBodies lists the bodies in the Scope's reach that keep accounts or of which
// something is kept. It opens nothing and names nobody.
func (s *Service) KeptBodies(ctx context.Context, scope access.Scope) ([]KeptBody, error) {
	if err := forAccounts(scope); err != nil {
		return nil, err
	}
	persons := map[unit.ID]*roaring.Bitmap{}
	err := s.Records.IDs(ctx, Accounts.Number, func(person vault.PersonID, id uint64) error {
		body := unit.ID(id >> 16)
		if persons[body] == nil {
			persons[body] = roaring.New()
		}
		persons[body].Add(uint32(person))
		return nil
	})
	var all []KeptBody
	for _, u := range s.Units.Tree().All() {
		who := persons[u.ID]
		if !scope.Covers(u.ID) || who == nil && !u.Accounts {
			continue
		}
		k := KeptBody{Unit: u}
		if who != nil {
			k.Persons = int(who.GetCardinality())
		}
		all = append(all, k)
	}
	return all, err
}

func forAccounts(scope access.Scope) error {
	if scope.Act() != charter.Accounts || scope.Purpose() == nil || scope.Purpose().Code != charter.ForBookkeeping {
		return fault.New(fault.Denied, "access.denied.act", "act", charter.Accounts.String())
	}
	return nil
}

// KeptSheet is what is kept, as rows of a spreadsheet for whoever audits.
func KeptSheet(p *locale.Printer, lines []KeptLine) ([]document.Column, [][]string) {
	columns := []document.Column{
		{Name: p.T("departure.kept.accounting_year")}, {Name: p.T("departure.record.kept_voucher")},
		{Name: p.T("departure.record.kept_on"), Type: document.Date}, {Name: p.T("departure.record.kept_kind")},
		{Name: p.T("departure.record.kept_name")}, {Name: p.T("departure.record.kept_amount")}, {Name: p.T("departure.kept.currency")},
		{Name: p.T("departure.record.kept_reference")}, {Name: p.T("departure.kept.until"), Type: document.Date}, {Name: p.T("departure.kept.law")},
	}
	rows := make([][]string, len(lines))
	for i := range lines {
		l := &lines[i]
		rows[i] = []string{
			strconv.Itoa(l.Year), l.Voucher, l.On.String(), p.T("departure.fact." + string(l.Kind)), l.Name, locale.PlainAmount(l.Amount), l.Currency,
			l.Reference, l.Until.String(), l.Law.In(p.Lang()),
		}
	}
	return columns, rows
}
