package extract

import (
	"context"
	"slices"
	"strings"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/duty"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/member"
	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Service does the acts of lists.
type Service struct {
	charter   *charter.Charter
	db        *database.DB
	journal   *journal.Journal
	access    *access.Register
	directory *member.Directory
	duties    *duty.Engine

	// Public, where app gives it, is how a person is called outside: a contact
	// that is exported again is then the same one.
	Public func(vault.PersonID) string
	// Orders, where app gives it, keeps who stands on which line of a list.
	Orders Sealer
	// Body, where app gives it, is what a body is called, for what is printed.
	Body func(unit.ID) string
	// Records keeps what persons wrote about exceptions; app gives it.
	Records *record.Store
	// Answers, where app gives it, tells whoever asked what was decided.
	Answers Answers
}

// New makes a Service.
func New(c *charter.Charter, db *database.DB, j *journal.Journal, rights *access.Register, d *member.Directory, duties *duty.Engine) *Service {
	return &Service{charter: c, db: db, journal: j, access: rights, directory: d, duties: duties}
}

// Prepare says what a list would be: who is on it in numbers, who is left out
// and why, which fields it has, when it must be destroyed. It reads no data of
// anybody, so nothing leaves and nothing is journaled but a denial.
func (s *Service) Prepare(ctx context.Context, by access.Actor, w Wish) (Slip, error) {
	scope, purpose, err := s.scope(ctx, by, w)
	if err != nil {
		return Slip{}, err
	}
	slip := s.slip(scope, purpose)
	slip.Late, _, err = s.late(ctx, scope, purpose)
	return slip, err
}

func (s *Service) scope(ctx context.Context, by access.Actor, w Wish) (access.Scope, *charter.Purpose, error) {
	if _, known := s.charter.Purpose(w.Purpose); !known { // purpose first: without one there is no list (L8)
		return access.Scope{}, nil, fault.New(fault.Invalid, "extract.error.wish").With("purpose", "extract.error.purpose")
	}
	scope, err := s.access.Require(ctx, by, access.Want{Act: charter.Pull, Unit: w.Unit, Purpose: w.Purpose})
	return scope, scope.Purpose(), err // of documented access with fewer fields than the charter's (D9)
}

func (s *Service) slip(scope access.Scope, purpose *charter.Purpose) Slip {
	reach := s.directory.Reach(scope)
	slip := Slip{
		Purpose: purpose, Members: reach.Members, Within: reach.Within,
		Objected: reach.Objected, Stopped: reach.Restricted, LeftOut: reach.LeftOut, Covered: reach.Covered,
		Latest: s.access.Today().AddDays(s.charter.ListDaysFor(purpose)),
	}
	slip.Fields, slip.Left = fields(s.charter, purpose)
	slip.Formats, slip.Households = Offers(s.charter, purpose), OffersHouseholds(s.charter, purpose)
	return slip
}

// Pull takes a list out. Journal entry, list and the duty to destroy it are
// committed before a byte leaves; the returned Delivery writes the file to
// whoever asked, once. Everybody on it is frozen now; who is erased before
// their line is written is left out (D2, D12, L8).
func (s *Service) Pull(ctx context.Context, by access.Actor, w Wish) (*Delivery, error) {
	scope, purpose, err := s.scope(ctx, by, w)
	if err != nil {
		return nil, err
	}
	if err := s.upToDate(ctx, scope, purpose); err != nil {
		return nil, err
	}
	slip := s.slip(scope, purpose)
	if err := w.check(s.charter, purpose, s.access.Today(), slip.Latest); err != nil {
		return nil, err
	}
	if slip.Members == 0 {
		return nil, fault.New(fault.NotFound, "extract.error.empty")
	}
	if w.Beside != nil && (w.Per != PerMember || w.Format.Posts() || w.Format == VCard) {
		return nil, fault.New(fault.Invalid, "extract.error.wish").With("format", "extract.error.format") // a line for each of them
	}
	if purpose.Code == charter.ForRoll && (w.Beside == nil || w.Format != PDF) { // a roll leaves as a meeting's attendance sheet, and in no other way
		return nil, fault.New(fault.Invalid, "extract.error.wish").With("purpose", "extract.error.roll")
	}
	if strings.HasPrefix(purpose.Code, charter.PassingPrefix) && w.Beside == nil { // what is passed on leaves as a batch, and in no other way (N12)
		return nil, fault.New(fault.Invalid, "extract.error.wish").With("purpose", "extract.error.purpose")
	}
	d := &Delivery{service: s, scope: scope, fields: w.narrowed(slip.Fields), lang: w.Lang, start: w.Start, beside: w.Beside}
	err = s.db.Write(ctx, func(tx *database.Tx) error {
		d.persons = s.directory.Select(scope)
		if d.beside != nil {
			if d.persons.And(d.beside.Among); d.persons.IsEmpty() {
				return fault.New(fault.NotFound, "extract.error.empty")
			}
		}
		number, err := tx.Next("list")
		if err != nil {
			return err
		}
		d.List = List{
			Number: number, Unit: scope.Unit(), Purpose: purpose.Code, Format: w.Format,
			Recipient: by.Person, Post: scope.Basis().Code, Members: int(d.persons.GetCardinality()),
			PulledAt: tx.Now(), DestroyBy: w.DestroyBy, Per: w.Per, Sheet: w.Sheet, Outcome: Outcome{Written: -1},
		}
		for _, f := range d.fields {
			d.List.Fields = append(d.List.Fields, f.Code)
		}
		e := scope.Entry(journal.List)
		e.Persons, e.Fields, e.Number = d.persons, d.List.Fields, number
		if d.beside != nil {
			e.Fields = append(slices.Clone(e.Fields), d.List.Purpose)
		}
		if d.List.Entry, err = s.journal.Append(tx, &e); err != nil {
			return err
		}
		if err := insert(tx, &d.List); err != nil {
			return err
		}
		_, err = s.duties.Add(tx, duty.Duty{
			Kind: duty.DestroyList, Subject: number, Unit: scope.Basis().Unit, Person: by.Person, DueOn: w.DestroyBy,
		})
		return err
	})
	return d, err
}

// Attest records that the recipient has destroyed the list on a medium; with
// both media attested the duty is done (D12). "There never was a print" is an
// attestation of paper too.
func (s *Service) Attest(ctx context.Context, by access.Actor, number int64, medium Medium) (List, error) {
	if medium != Digital && medium != Physical {
		return List{}, fault.New(fault.Invalid, "extract.error.medium")
	}
	scope, err := s.access.Require(ctx, by, access.Want{Self: true})
	if err != nil {
		return List{}, err
	}
	var after List
	err = s.db.Write(ctx, func(tx *database.Tx) error {
		found, err := query(tx, `WHERE number = $1`, number)
		if err != nil {
			return err
		}
		if found = s.own(found, by.Person); len(found) == 0 {
			return fault.New(fault.NotFound, "extract.error.none")
		}
		for _, p := range s.mine(&found[0], by.Person) {
			if err := attest(tx, number, p.ID, medium, by.Person); err != nil {
				return err
			}
		}
		now, err := query(tx, `WHERE number = $1`, number)
		if err != nil {
			return err
		}
		after = s.own(now, by.Person)[0]
		if err := s.finished(tx, &after, by.Person); err != nil {
			return err
		}
		e := scope.Entry(journal.Attest)
		e.Number, e.Reason = number, "extract.medium."+string(medium)
		_, err = s.journal.Append(tx, &e)
		return err
	})
	return after, err
}

// Mine lists the lists somebody has pulled or taken over, and those they answer
// for since nobody else is left to: those still to attest first, the newest first
// within each.
func (s *Service) Mine(ctx context.Context, by access.Actor) ([]List, error) {
	lists, err := s.list(ctx, `WHERE recipient = $1 OR number IN (SELECT number FROM extract_pass WHERE person = $1 OR person IS NULL)
		ORDER BY number DESC`, int64(by.Person))
	if err != nil {
		return nil, err
	}
	lists = s.own(lists, by.Person)
	slices.SortStableFunc(lists, func(a, b List) int {
		switch x, y := a.Mine.Done(), b.Mine.Done(); {
		case x == y:
			return 0
		case y:
			return -1
		}
		return 1
	})
	return lists, nil
}

// Overdue lists whose day has passed within a Scope decided for charter.Access:
// what the secretariat follows up, and an officer in their own body (D12, D14).
func (s *Service) Overdue(ctx context.Context, scope access.Scope) ([]List, error) {
	if scope.Act() != charter.Access {
		return nil, fault.New(fault.Denied, "access.denied.act", "act", charter.Access.String())
	}
	all, err := s.list(ctx, `WHERE destroy_by < $1 AND (digital_at IS NULL OR physical_at IS NULL OR number IN
		(SELECT number FROM extract_pass WHERE digital_at IS NULL OR physical_at IS NULL)) ORDER BY destroy_by, number`,
		s.access.Today().String())
	if err != nil {
		return nil, err
	}
	within := all[:0]
	for _, l := range all {
		if !l.Settled() && (scope.All() || scope.Covers(l.Unit)) {
			within = append(within, l)
		}
	}
	return within, nil
}

// With lists the lists a person is or was on, the newest first, as far back as
// the journal keeps who was on them (L2: the recipients are named).
func (s *Service) With(ctx context.Context, scope access.Scope) ([]List, error) {
	person, self := scope.Self()
	if !self {
		return nil, fault.New(fault.Denied, "access.denied.none", "act", charter.View.String())
	}
	return s.holding(ctx, person)
}

// Outstanding lists the lists with the person on them that are not destroyed.
// It tells numbers to the room that erases, and nothing to anybody else.
func (s *Service) Outstanding(ctx context.Context, person vault.PersonID) ([]List, error) {
	all, err := s.holding(ctx, person)
	if err != nil {
		return nil, err
	}
	out := all[:0]
	for _, l := range all {
		if !l.Destroyed() {
			out = append(out, l)
		}
	}
	return out, nil
}

// Holding lists every list a person is or was on, to the room that tells holders
// outside, and to nobody else.
func (s *Service) Holding(ctx context.Context, person vault.PersonID) ([]List, error) {
	return s.holding(ctx, person)
}

func (s *Service) holding(ctx context.Context, person vault.PersonID) ([]List, error) {
	numbers, err := s.journal.Lists(ctx, uint32(person))
	if err != nil {
		return nil, err
	}
	var all []List
	err = s.db.Read(ctx, func(q database.Querier) error {
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

func (s *Service) list(ctx context.Context, rest string, args ...any) ([]List, error) {
	var all []List
	err := s.db.Read(ctx, func(q database.Querier) (err error) {
		all, err = query(q, rest, args...)
		return err
	})
	return all, err
}

// uid is what a contact is called, the same whichever list it came on.
func (s *Service) uid(person vault.PersonID) string {
	if s.Public == nil {
		return ""
	}
	return "kartotek:" + s.Public(person)
}

// bodyName is what a list reaches, as paper names it; "" for the whole register.
func (s *Service) bodyName(id unit.ID) string {
	if s.Body == nil || id == 0 {
		return ""
	}
	return s.Body(id)
}
