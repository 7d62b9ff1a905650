package extract

import (
	"context"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/duty"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/vault"
)

// A list for somebody without access (D5, D13) is a list like any other: its number,
// its last day, the duty to destroy it, who stands on which line. It differs in who
// holds it, and by which Scope it is made: that of an approved requisition.

// Handing is how a list for somebody without access is made.
type Handing struct {
	Format    Format
	Lang      string
	DestroyBy civil.Date
	Name      string          // of the recipient, for every line
	Only      *roaring.Bitmap // those who have consented to it; nil where no consent is needed
	// With is what else the act commits, with the list that is made.
	With func(tx *database.Tx, l *List) error
}

// HandedFormats are what such a list can be made as: a file in which every line can
// tell whose it is and until when.
var HandedFormats = []Format{XLSX, CSV, PDF}

// Foresee says what a list of a Scope for pulling would be if it held only some; the
// second number is how many are left out because they have not consented. It reads
// no data of anybody.
func (s *Service) Foresee(scope access.Scope, only *roaring.Bitmap) (Slip, int) {
	slip := s.slip(scope, scope.Purpose())
	if only == nil {
		return slip, 0
	}
	kept := s.directory.Select(scope)
	kept.And(only)
	without := slip.Members - int(kept.GetCardinality())
	slip.Members -= without
	return slip, without
}

// HandOver makes the list of an approved requisition, as Pull makes one's own: what
// is said of it stands before a byte leaves. The Scope says who gets it (D5, D12, D13).
func (s *Service) HandOver(ctx context.Context, scope access.Scope, h Handing) (*Delivery, error) {
	if scope.Basis().Right != access.ByHandout || scope.Act() != charter.Pull {
		return nil, fault.New(fault.Denied, "access.denied.none", "act", charter.Pull.String())
	}
	purpose := scope.Purpose()
	if err := s.upToDate(ctx, scope, purpose); err != nil {
		return nil, err
	}
	w := Wish{Purpose: purpose.Code, Format: h.Format, Lang: h.Lang, DestroyBy: h.DestroyBy}
	slip, _ := s.Foresee(scope, h.Only)
	if !slices.Contains(HandedFormats, w.Format) {
		return nil, fault.New(fault.Invalid, "extract.error.wish").With("format", "extract.error.format")
	}
	if err := w.check(s.charter, purpose, s.access.Today(), slip.Latest); err != nil {
		return nil, err
	}
	d := &Delivery{service: s, scope: scope, fields: slip.Fields, lang: h.Lang, name: h.Name}
	err := s.db.Write(ctx, func(tx *database.Tx) error {
		d.persons = s.directory.Select(scope)
		if h.Only != nil {
			d.persons.And(h.Only)
		}
		if d.persons.IsEmpty() {
			return fault.New(fault.NotFound, "extract.error.empty")
		}
		number, err := tx.Next("list")
		if err != nil {
			return err
		}
		to := scope.Actor().Person
		d.List = List{
			Number: number, Unit: scope.Unit(), Purpose: purpose.Code, Format: w.Format, Recipient: to, Post: scope.Basis().Code,
			Members: int(d.persons.GetCardinality()), PulledAt: tx.Now(), DestroyBy: w.DestroyBy, Outcome: Outcome{Written: -1},
		}
		for _, f := range d.fields {
			d.List.Fields = append(d.List.Fields, f.Code)
		}
		e := scope.Entry(journal.List)
		e.Persons, e.Fields, e.Number = d.persons, d.List.Fields, number
		if d.List.Entry, err = s.journal.Append(tx, &e); err != nil {
			return err
		}
		if err := insert(tx, &d.List); err != nil {
			return err
		}
		if _, err := s.duties.Add(tx, duty.Duty{
			Kind: duty.DestroyList, Subject: number, Unit: scope.Basis().Unit, Person: to, DueOn: w.DestroyBy,
		}); err != nil {
			return err
		}
		return h.With(tx, &d.List)
	})
	return d, err
}

// AttestHanded takes the word of a recipient without access that a list they were
// handed is destroyed on some media; with both the duty is done (D12). The room that
// knows whom it was handed to says who attests; note is its beginning of the entry.
func (s *Service) AttestHanded(tx *database.Tx, number int64, by vault.PersonID, note journal.Entry, media ...Medium) (List, error) {
	found, err := query(tx, `WHERE number = $1 AND recipient = $2`, number, int64(by))
	if err != nil {
		return List{}, err
	}
	if len(found) == 0 {
		return List{}, fault.New(fault.NotFound, "extract.error.none")
	}
	for _, m := range media {
		if m != Digital && m != Physical {
			return List{}, fault.New(fault.Invalid, "extract.error.medium")
		}
		if part := found[0].recipient(); m == Digital && !part.DigitalAt.IsZero() || m == Physical && !part.PhysicalAt.IsZero() {
			continue // said before
		}
		if err := attest(tx, number, 0, m, by); err != nil {
			return List{}, err
		}
		e := note
		e.Act, e.Number, e.Reason = journal.Attest, number, "extract.medium."+string(m)
		if _, err := s.journal.Append(tx, &e); err != nil {
			return List{}, err
		}
	}
	if found, err = query(tx, `WHERE number = $1`, number); err != nil {
		return List{}, err
	}
	return found[0], s.finished(tx, &found[0], by)
}

// Withheld reports whether a list past its day keeps somebody from one for a purpose,
// as it would keep them from pulling one (D12).
func (s *Service) Withheld(ctx context.Context, person vault.PersonID, p *charter.Purpose) (bool, error) {
	if !blocks(s.charter, p) {
		return false, nil
	}
	numbers, err := s.lateOf(ctx, person)
	return len(numbers) > 0, err
}

// Numbered gives lists by their numbers, to the room that handed them out and to
// nobody else.
func (s *Service) Numbered(ctx context.Context, numbers ...int64) (all []List, err error) {
	err = s.db.Read(ctx, func(q database.Querier) error {
		all = nil
		for _, number := range numbers {
			found, err := query(q, `WHERE number = $1`, number)
			if err != nil {
				return err
			}
			all = append(all, found...)
		}
		return nil
	})
	return all, err
}
