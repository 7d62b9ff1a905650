package consent

import (
	"context"

	"github.com/RoaringBitmap/roaring/v2"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/journal"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Answers are how the members of a body have answered one question, in numbers.
type Answers struct {
	Code  string
	Yes   int // it stands
	Again int // asked again and not answered
	Back  int // withdrawn
}

// Overview is an officer's sight of one body: who was told, and what is agreed to.
type Overview struct {
	Standing
	Answers []Answers
	Scope   access.Scope
	Informs bool // whoever looks may tell those who were not told
}

// Overview counts for one body (N10, L9): who of its own members was told, and what is
// agreed to in it and in all beneath. It names nobody.
func (s *Service) Overview(ctx context.Context, by access.Actor, body unit.ID) (o Overview, err error) {
	if o.Standing, o.Scope, err = s.Informing(ctx, by, body); err != nil {
		return o, err
	}
	may, err := s.Access.Decide(by, access.Want{Act: charter.Edit, Unit: body})
	o.Informs = err == nil && may.Allowed()
	at := map[string]int{}
	for _, k := range s.Charter.AsksConsent() {
		at[k.Code] = len(o.Answers)
		o.Answers = append(o.Answers, Answers{Code: k.Code})
	}
	members, now := s.Members.Present(o.Scope, s.beneath(body)), s.Now()
	err = s.each(ctx, func(person vault.PersonID, c *Consent) error {
		i, asked := at[c.Code]
		if !asked || !members.Contains(uint32(person)) {
			return nil
		}
		switch c.State(now) {
		case Given:
			o.Answers[i].Yes++
		case Again:
			o.Answers[i].Again++
		case Withdrawn:
			o.Answers[i].Back++
		}
		return nil
	})
	return o, err
}

// beneath are the members of a body and of all under it.
func (s *Service) beneath(body unit.ID) *roaring.Bitmap {
	all := roaring.New()
	for it := s.Units.Tree().Under(body).Iterator(); it.HasNext(); {
		all.Or(s.Members.MembersOf(unit.ID(it.Next())))
	}
	return all
}

// Below tells how the members of each body under one stand with the declaration that is
// theirs (L9), in reading order, a page at a time and page from 0. Bodies without members
// are passed over; found is how many there are.
func (s *Service) Below(ctx context.Context, by access.Actor, body unit.ID, page, size int) (all []Standing, found int, err error) {
	scope, err := s.Access.Require(ctx, by, access.Want{Act: charter.Search, Unit: body})
	if err != nil {
		return nil, 0, err
	}
	for _, u := range s.Units.Tree().Below(body) {
		members := s.Members.Present(scope, s.Members.MembersOf(u.ID))
		if members.IsEmpty() {
			continue
		}
		found++
		if found <= page*size || len(all) == size {
			continue
		}
		st, err := s.standing(ctx, u.ID, members)
		if err != nil {
			return nil, 0, err
		}
		all = append(all, st)
	}
	return all, found, nil
}

// most is how many names are shown at a time.
const most = 200

// Names gives the names of some of a body's members: those who were not told, or those
// who agreed to something. It is for whoever may see the body's members, and journaled.
func (s *Service) Names(ctx context.Context, by access.Actor, body unit.ID, code string) (map[vault.PersonID]string, int, error) {
	st, _, err := s.Informing(ctx, by, body)
	if err != nil {
		return nil, 0, err
	}
	wanted := st.Not
	if code != "" {
		agreed, err := s.Agreed(ctx, code)
		if err != nil {
			return nil, 0, err
		}
		wanted = roaring.And(agreed, s.beneath(body))
	}
	scope, err := s.Access.Require(ctx, by, access.Want{Act: charter.View, Unit: body})
	if err != nil {
		return nil, 0, err
	}
	some := ids(s.Members.Present(s.searching(by, body), wanted))
	all := len(some)
	some = some[:min(most, len(some))]
	e := scope.Entry(journal.Shown, some...)
	e.Fields = []string{"given", "family", "consent"}
	if len(some) > 0 {
		if _, err := s.Journal.Read(ctx, &e); err != nil {
			return nil, 0, err
		}
	}
	names, err := s.Members.Names(ctx, scope, some)
	return names, all, err
}

func (s *Service) searching(by access.Actor, body unit.ID) access.Scope {
	scope, err := s.Access.Decide(by, access.Want{Act: charter.Search, Unit: body})
	if err != nil {
		return access.Scope{}
	}
	return scope
}
