package passing

import (
	"context"
	"errors"

	"github.com/RoaringBitmap/roaring/v2"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/fault"
	"kartotek/internal/member"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// standings are who is to stand with a recipient now, as sets of ids.
type standings struct {
	member.Sorted
	whole   *roaring.Bitmap // with all declared fields
	numbers *roaring.Bitmap // with number and body only
	refused *roaring.Bitmap
}

// standings asks everybody's ground at this moment.
func (s *Service) standings(ctx context.Context, scope access.Scope, r *charter.Receiver) (standings, error) {
	sorted, err := s.Members.Sort(scope)
	if err != nil {
		return standings{}, err
	}
	st := standings{Sorted: sorted, whole: sorted.On.Clone(), numbers: roaring.New(), refused: roaring.New()}
	if r.Asks() {
		agreed := roaring.New()
		if s.Consents != nil {
			if agreed, err = s.Consents.Among(ctx, scope, r.Consent); err != nil {
				return standings{}, err
			}
		}
		st.refused = roaring.AndNot(st.whole, agreed)
		st.whole.And(agreed)
		if r.Refusal == charter.RefusalNumberOnly {
			st.numbers = st.refused.Clone()
		}
	}
	return st, nil
}

// why says why somebody is not passed on.
func (st *standings) why(person vault.PersonID) Why {
	id := uint32(person)
	switch {
	case st.Restricted.Contains(id):
		return IsStopped
	case st.LeftOut.Contains(id):
		return LeftOut
	case st.Objecting.Contains(id):
		return Objects
	case st.refused.Contains(id):
		return NoConsent
	}
	return Gone
}

// found is one person as a survey meets them.
type found struct {
	person vault.PersonID
	passed *Passed // nil: the recipient never heard of them
	now    Now
	step   Step
}

// look is how much of everybody is looked at.
type look uint8

const (
	all       look = iota
	removals       // only those who may have to be taken back; reads nobody else
	everybody      // all of them are taken back: the passing on ends
)

// survey compares, for everybody, what a recipient has with what it should have. It
// reads the declared fields and makes prints of them; it keeps and tells nothing else.
// Memory is constant.
func (s *Service) survey(ctx context.Context, scope access.Scope, r *charter.Receiver, recipient int64, how look, fn func(*found) error) (Counts, error) {
	st, err := s.standings(ctx, scope, r)
	if err != nil {
		return Counts{}, err
	}
	narrow, err := s.numbered(scope, r)
	if err != nil {
		return Counts{}, err
	}
	known, err := s.known(ctx, recipient)
	if err != nil {
		return Counts{}, err
	}
	c := Counts{
		Objecting: int(st.Objecting.GetCardinality()), Stopped: int(st.Restricted.GetCardinality()), LeftOut: int(st.LeftOut.GetCardinality()),
		Numbers: int(st.numbers.GetCardinality()), Covered: int(st.whole.AndCardinality(st.Covered)),
	}
	if c.NoConsent = int(st.refused.GetCardinality()); c.Numbers > 0 {
		c.NoConsent = 0
	}
	todo := roaring.Or(roaring.Or(st.whole, st.numbers), known)
	switch how {
	case removals:
		settled := roaring.AndNot(st.whole, st.Covered)
		todo = roaring.AndNot(known, settled)
	case everybody:
		todo, st.whole, st.numbers = known, roaring.New(), roaring.New()
	}
	chunk := roaring.New()
	flush := func() error {
		met, err := s.meet(ctx, scope, narrow, r, recipient, &st, chunk, how)
		if err != nil {
			return err
		}
		chunk = roaring.New()
		for i := range met {
			f := &met[i]
			c.count(f)
			if f.step.Event != "" && fn != nil {
				if err := fn(f); err != nil {
					return err
				}
			}
		}
		return nil
	}
	for it := todo.Iterator(); it.HasNext(); {
		if chunk.Add(it.Next()); chunk.GetCardinality() >= record.PageSize {
			if err := flush(); err != nil {
				return c, err
			}
		}
	}
	return c, flush()
}

// count adds a person to the counts of a run.
func (c *Counts) count(f *found) {
	switch f.step.Event {
	case Join:
		c.Joins++
	case Change:
		c.Changes++
	case Leave:
		c.Leaves++
	case Restrict:
		c.Restricts++
	case Withhold:
		c.Withholds++
	default:
		switch {
		case f.passed != nil && f.passed.Batch != 0:
			c.OnWay++
		case f.now.On:
			c.Unchanged++
		}
	}
}

// known is who has a record with a recipient; it opens none.
func (s *Service) known(ctx context.Context, recipient int64) (*roaring.Bitmap, error) {
	known := roaring.New()
	if recipient == 0 {
		return known, nil
	}
	err := s.Records.IDs(ctx, Passes.Number, func(person vault.PersonID, id uint64) error {
		if id == uint64(recipient) {
			known.Add(uint32(person))
		}
		return nil
	})
	return known, err
}

// meet compares a page of persons.
func (s *Service) meet(ctx context.Context, scope, narrow access.Scope, r *charter.Receiver, recipient int64, st *standings, page *roaring.Bitmap, how look) ([]found, error) {
	if page.IsEmpty() {
		return nil, nil
	}
	passed, err := s.passes(ctx, recipient, page)
	if err != nil {
		return nil, err
	}
	prints := map[vault.PersonID]Prints{}
	read := func(scope access.Scope, of *roaring.Bitmap) error {
		return s.rows(ctx, scope, r.Code, roaring.And(page, of), func(person vault.PersonID, _ map[string]string, p Prints) error {
			prints[person] = p
			return nil
		})
	}
	if err := errors.Join(read(scope, st.whole), read(narrow, st.numbers)); err != nil {
		return nil, err
	}
	met := make([]found, 0, page.GetCardinality())
	for it := page.Iterator(); it.HasNext(); {
		id := it.Next()
		f := found{person: vault.PersonID(id), passed: passed[vault.PersonID(id)]}
		f.now.Prints, f.now.On = prints[f.person], prints[f.person] != nil
		f.now.Numbers = f.now.On && st.numbers.Contains(id)
		f.now.Stopped = st.Restricted.Contains(id)
		f.now.Covered = st.Covered.Contains(id)
		if f.now.Why = st.why(f.person); how == everybody {
			f.now.Why, f.now.Stopped = Ended, false
		}
		if f.step = next(f.passed, f.now); how == removals && (f.step.Event == Join || f.step.Event == Change) {
			f.step = Step{}
		}
		met = append(met, f)
	}
	return met, nil
}

// passes reads what a recipient has of some persons.
func (s *Service) passes(ctx context.Context, recipient int64, page *roaring.Bitmap) (map[vault.PersonID]*Passed, error) {
	passed := map[vault.PersonID]*Passed{}
	if recipient == 0 {
		return passed, nil
	}
	persons := make([]vault.PersonID, 0, page.GetCardinality())
	for it := page.Iterator(); it.HasNext(); {
		persons = append(persons, vault.PersonID(it.Next()))
	}
	err := record.Fetch(s.Records, ctx, Passes, persons, func(person vault.PersonID, id uint64, p *Passed) error {
		if id == uint64(recipient) {
			one := *p
			passed[person] = &one
		}
		return nil
	})
	return passed, err
}

// rows reads the declared fields of some persons, as they would leave: a field without
// a value, or covered, is not among them.
func (s *Service) rows(ctx context.Context, scope access.Scope, code string, persons *roaring.Bitmap, fn func(vault.PersonID, map[string]string, Prints) error) error {
	if persons.IsEmpty() {
		return nil
	}
	var fields []*charter.Field
	for _, name := range scope.Purpose().Fields {
		if f, known := s.Charter.Field(name); known {
			fields = append(fields, f)
		}
	}
	if len(fields) == 0 {
		return fault.New(fault.Denied, "passing.denied")
	}
	return s.Members.ExportSorted(ctx, scope, persons, member.ByNumber, func(row *member.Row) error {
		values, prints := make(map[string]string, len(fields)), make(Prints, len(fields))
		for _, f := range fields {
			value := row.Cell(f)
			if row.Covered && IsAddress(f.Code) {
				value = ""
			}
			if number := row.Code(f); number != "" { // the club's number (N9)
				value = number
			}
			if value != "" {
				values[f.Code], prints[f.Code] = value, s.print(code, row.Person, f.Code, value)
			}
		}
		return fn(row.Person, values, prints)
	})
}
