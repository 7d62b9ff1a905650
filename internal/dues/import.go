package dues

import (
	"cmp"
	"context"
	"io"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/journal"
	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Outcome is what becomes of a payment in a bank's file.
type Outcome string

const (
	Matched    Outcome = "matched"     // pays what is owed
	Less       Outcome = "less"        // pays a part of it
	More       Outcome = "more"        // pays more; the rest stays on the account
	Again      Outcome = "again"       // nothing was owed any more; it stays on the account
	Repeated   Outcome = "repeated"    // entered before, from this file or one that overlaps
	CheckDigit Outcome = "check_digit" // the reference is misspelt
	Unknown    Outcome = "unknown"     // no such reference, or whoever it was of is gone
	Outgoing   Outcome = "outgoing"    // money that went out, or nothing
	Unreadable Outcome = "unreadable"  // no amount or no day
)

// Outcomes are all of them, in the order they are told.
var Outcomes = []Outcome{Matched, Less, More, Again, Repeated, CheckDigit, Unknown, Outgoing, Unreadable}

// entered reports whether a payment is entered in the books.
func (o Outcome) entered() bool { return o == Matched || o == Less || o == More || o == Again }

// Row is one payment of a file and what becomes of it. It names nobody.
type Row struct {
	BankRow
	Outcome Outcome
	Owed    int64 // before this payment
	Person  vault.PersonID
	Charge  uint64
}

// Report is what an import did, or would do.
type Report struct {
	Rows    []Row
	Counts  map[Outcome]int
	Entered int
	Amount  int64
	Format  string // "camt", "ocr" or "table"
	Dry     bool
}

// Import reads a bank's file and enters the payments whose references are of
// charges in one's own books. Dry, it only says what would happen. Of a reference
// that is not found it says no more than that: there is no telling one that never
// was from that of somebody who is gone, or is another body's (D7, D11).
func (s *Service) Import(ctx context.Context, by access.Actor, body unit.ID, file io.ReaderAt, size int64, dry bool) (Report, error) {
	scope, err := s.collects(ctx, by, s.Collector(s.ownBody(by, body)))
	if err != nil {
		return Report{}, err
	}
	rows, format, err := readBank(file, size)
	if err != nil {
		return Report{}, err
	}
	s.booking.Lock()
	defer s.booking.Unlock()
	r, touched, err := s.match(ctx, scope, rows)
	r.Format, r.Dry = format, dry
	if err != nil || dry || r.Entered == 0 {
		return r, err
	}
	return r, s.enterAll(ctx, scope, &r, touched)
}

// ownBody is the body an actor means who names none: that of the post they act by.
func (s *Service) ownBody(by access.Actor, body unit.ID) unit.ID {
	if body != 0 {
		return body
	}
	scope, err := s.Access.Decide(by, access.Want{Act: charter.Collect, Purpose: purpose})
	if err != nil || scope.All() {
		return 0
	}
	return scope.Unit()
}

// match says of every row what becomes of it. A payment changes what the next one
// of the same charge finds.
func (s *Service) match(ctx context.Context, scope access.Scope, rows []BankRow) (Report, []*Account, error) {
	r := Report{Counts: map[Outcome]int{}}
	var wanted []string
	for i := range rows {
		if Verify(s.Charter.Dues.Reference, rows[i].Reference) {
			wanted = append(wanted, rows[i].Reference)
		}
	}
	found, err := s.lookUp(ctx, scope, wanted)
	if err != nil {
		return r, nil, err
	}
	seen := repeats{}
	today := s.today()
	for _, b := range rows {
		row := Row{BankRow: b}
		h, known := found[b.Reference]
		switch {
		case b.Bad || !b.Date.IsValid() || b.Date.After(today.AddDays(7)) || abs(b.Amount) > mostAmount:
			row.Outcome = Unreadable
		case b.Amount <= 0:
			row.Outcome = Outgoing
		case b.Reference == "":
			row.Outcome = Unknown
		case !Verify(s.Charter.Dues.Reference, b.Reference):
			row.Outcome = CheckDigit
		case !known:
			row.Outcome = Unknown
		default:
			l := h.account.line(h.line)
			row.Person, row.Charge, row.Owed = h.account.Person, h.line, max(l.Open(), 0)
			row.Outcome = seen.judge(l, &b)
			if row.Outcome.entered() {
				l.Entries = append(l.Entries, Entry{Charge: h.line, Kind: Paid, Amount: b.Amount, Date: b.Date, Booked: today, Source: ByBank})
				r.Entered, r.Amount = r.Entered+1, r.Amount+b.Amount
			}
		}
		r.Counts[row.Outcome]++
		r.Rows = append(r.Rows, row)
	}
	return r, accountsOf(found), nil
}

// accountsOf are the accounts that references were found in, each once.
func accountsOf(found map[string]hit) (all []*Account) {
	for _, h := range found {
		all = append(all, h.account)
	}
	slices.SortFunc(all, func(a, b *Account) int { return cmp.Compare(a.Person, b.Person) })
	return slices.Compact(all)
}

// repeats counts payments of the same charge, day and sum: those of a file that
// are in the books already were entered from it, or from one that overlaps.
type repeats map[repeat]int

type repeat struct {
	line   *Line
	date   civil.Date
	amount int64
}

func (seen repeats) judge(l *Line, b *BankRow) Outcome {
	key := repeat{l, b.Date, b.Amount}
	seen[key]++
	before := 0
	for i := range l.Entries {
		if e := &l.Entries[i]; e.Number != 0 && e.Kind == Paid && e.Source == ByBank && e.Date == b.Date && e.Amount == b.Amount &&
			!slices.ContainsFunc(l.Entries, func(other Entry) bool { return other.Of == e.Number }) {
			before++
		}
	}
	switch open := l.Open(); {
	case seen[key] <= before:
		return Repeated
	case open <= 0:
		return Again
	case b.Amount < open:
		return Less
	case b.Amount > open:
		return More
	}
	return Matched
}

// enterAll writes everything that the rows enter, and what is carried after it,
// as one act.
func (s *Service) enterAll(ctx context.Context, scope access.Scope, r *Report, touched []*Account) error {
	persons := roaring.New()
	err := s.DB.Write(ctx, func(tx *database.Tx) error {
		next, err := tx.Take("dues_voucher", r.Entered)
		if err != nil {
			return err
		}
		first := next
		for _, a := range touched {
			for i := range a.Lines {
				for k := range a.Lines[i].Entries {
					if e := &a.Lines[i].Entries[k]; e.Number == 0 {
						e.Number, next = next, next+1
						persons.Add(uint32(a.Person))
					}
				}
			}
		}
		err = record.CreateEach(s.Records, tx, Entries, func(yield func(vault.PersonID, uint64, *Entry) bool) {
			for _, a := range touched {
				for i := range a.Lines {
					for k := range a.Lines[i].Entries {
						if e := &a.Lines[i].Entries[k]; e.Number >= first && !yield(a.Person, uint64(e.Number), e) {
							return
						}
					}
				}
			}
		})
		if err != nil {
			return err
		}
		for _, a := range touched {
			if err := s.carry(tx, a.Person, carries(a.Lines)); err != nil {
				return err
			}
		}
		e := scope.Entry(journal.Payment)
		e.Number, e.Reason, e.Persons = first, "bank", persons
		_, err = s.Journal.Append(tx, &e)
		return err
	})
	s.written.Add(1)
	return err
}
