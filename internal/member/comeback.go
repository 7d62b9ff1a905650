package member

import (
	"context"
	"errors"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/vault"
)

// Returning finds whoever left within the window and could be the new member of a
// draft: the same number or e-mail address, or name and birth date. Only whoever
// closes memberships is told, since nobody else sees who is leaving (D7); they may
// bring the person back instead. Whoever is erased is not recognised by anybody:
// there is nothing left to recognise them by. It is journaled as shown.
func (d *Directory) Returning(ctx context.Context, s access.Scope, values map[string]string) ([]vault.PersonID, error) {
	x, err := d.enter(s, charter.Close)
	if err != nil {
		return nil, err
	}
	if !s.All() {
		return nil, notFound()
	}
	check := newChecker(d.charter, d.charter.Today(d.now()))
	var p Profile
	_ = check.setAll(&p, values, fault.New(fault.Invalid, "member.error.invalid")) // what is wrong is told by who creates
	wanted := signsOf(&p)
	x.mu.RLock()
	hidden := personsOf(x.hidden)
	x.mu.RUnlock()
	var found []vault.PersonID
	err = d.db.Read(ctx, func(q database.Querier) error {
		for _, person := range hidden {
			is, err := d.read(q, person)
			if errors.Is(err, errNobody) || err == nil && len(is.profile.claimedNumbers()) == 0 {
				continue // going already, or an entry that was merged into another
			}
			if err != nil {
				return err
			}
			if returns(&p, &wanted, &is.profile) {
				found = append(found, person)
			}
		}
		return nil
	})
	if err != nil || len(found) == 0 {
		return nil, err
	}
	e := s.Entry(journal.Shown)
	e.Persons, e.Fields = roaring.New(), []string{"given", "family"}
	for _, person := range found {
		e.Persons.Add(uint32(person))
	}
	if _, err := d.journal.Read(ctx, &e); err != nil {
		return nil, err
	}
	return found, nil
}

// returns reports whether somebody who left could be the one who comes.
func returns(p *Profile, wanted *signs, left *Profile) bool {
	t := signsOf(left)
	name := wanted.name != "" && wanted.name == t.name
	return p.Number != "" && slices.Contains(left.claimedNumbers(), claimedNumber(p.Number)) ||
		wanted.email != "" && wanted.email == t.email && firstWord(wanted.given) == firstWord(t.given) ||
		name && !wanted.birth.IsZero() && wanted.birth == t.birth
}
