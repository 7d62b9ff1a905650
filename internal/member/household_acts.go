package member

import (
	"context"
	"slices"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// writeTie brings a person's household from before to after.
func (d *Directory) writeTie(tx *database.Tx, c *change) error {
	switch {
	case c.before.tie == c.after.tie:
		return nil
	case c.after.tie == Tie{}:
		return record.Remove(tx, Ties, c.person, tieID)
	}
	return record.Put(d.records, tx, Ties, c.person, tieID, &c.after.tie)
}

// JoinHousehold puts a member into the household of another, which is made where
// there is none. With sameAddress the member's address becomes the other's; that
// is all they share. Whoever is in another household leaves that first.
func (d *Directory) JoinHousehold(ctx context.Context, s access.Scope, person, with vault.PersonID, sameAddress bool) error {
	if person == with {
		return refused("with", "member.error.household_self")
	}
	return d.editSeveral(ctx, s, []vault.PersonID{person, with}, journal.Household, func(all []*change) error {
		one, other := &all[0].after, &all[1].after
		if (one.profile.SecretAddress || other.profile.SecretAddress) && !s.All() {
			return refused("with", "member.error.household_secret") // to stand beside somebody tells where they live
		}
		switch {
		case one.tie.Household != 0 && one.tie.Household == other.tie.Household:
			return fault.New(fault.Conflict, "member.error.invalid").With("with", "member.error.household_already")
		case one.tie.Household != 0:
			return fault.New(fault.Conflict, "member.error.invalid").With("with", "member.error.household_other")
		}
		today := d.charter.Today(d.now())
		if other.tie.Household == 0 {
			other.tie = Tie{Household: newHousehold(), Since: today}
		}
		one.tie = Tie{Household: other.tie.Household, Since: today}
		if sameAddress {
			one.profile.Street, one.profile.Postal = other.profile.Street, other.profile.Postal
			one.profile.Town, one.profile.Country = other.profile.Town, other.profile.Country
		}
		return nil
	})
}

// LeaveHousehold takes a member out of their household. Of two nobody is left in
// one: a household of one is none, and the two are not proposed again.
func (d *Directory) LeaveHousehold(ctx context.Context, s access.Scope, person vault.PersonID) error {
	x, err := d.enter(s, charter.Edit)
	if err != nil {
		return err
	}
	persons := []vault.PersonID{person}
	if with := x.homeOf(person); len(with) == 2 {
		for _, p := range with {
			if p != person {
				persons = append(persons, p)
			}
		}
	}
	return d.editLed(ctx, s, persons, journal.Household, func(all []*change) error {
		if all[0].before.tie.Household == 0 {
			return fault.New(fault.Conflict, "member.error.household_none")
		}
		parted := Tie{Apart: newHousehold(), Since: d.charter.Today(d.now())}
		for _, c := range all {
			if c.before.tie.Household == all[0].before.tie.Household {
				c.after.tie = parted
			}
		}
		return nil
	})
}

// homeOf are all persons of a household, copied; none for somebody alone.
func (x *index) homeOf(person vault.PersonID) []vault.PersonID {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return append([]vault.PersonID(nil), x.homes.with(person)...)
}

// editSeveral changes several members in one act: all or none, each with an
// entry of their own, so that nobody's log tells of another's change. All must
// be within the Scope.
func (d *Directory) editSeveral(ctx context.Context, s access.Scope, persons []vault.PersonID, act journal.Act, fn func(all []*change) error) error {
	x, err := d.enter(s, charter.Edit)
	if err != nil {
		return err
	}
	for _, person := range persons {
		if !x.holds(reachOf(s), person) || x.isHidden(person) {
			return d.denyCard(ctx, x, s, person)
		}
	}
	return d.editThese(ctx, s, persons, act, fn)
}

// editLed is editSeveral where only the first must be within the Scope: the others
// lose what they had in common with the first, and nothing else.
func (d *Directory) editLed(ctx context.Context, s access.Scope, persons []vault.PersonID, act journal.Act, fn func(all []*change) error) error {
	x, err := d.enter(s, charter.Edit)
	if err != nil {
		return err
	}
	if !x.holds(reachOf(s), persons[0]) || x.isHidden(persons[0]) {
		return d.denyCard(ctx, x, s, persons[0])
	}
	return d.editThese(ctx, s, persons, act, fn)
}

func (d *Directory) editThese(ctx context.Context, s access.Scope, persons []vault.PersonID, act journal.Act, fn func(all []*change) error) error {
	d.writing.Lock()
	defer d.writing.Unlock()
	changes, err := d.asTheyAre(ctx, persons...)
	if err != nil {
		return err
	}
	all := make([]*change, len(changes))
	for i := range changes {
		all[i] = &changes[i]
	}
	if err := fn(all); err != nil {
		return err
	}
	return d.commitEach(ctx, s, act, changes)
}

// commitEach commits changes with an entry for each person that says which of
// their fields changed; whoever nothing changed of is left out.
func (d *Directory) commitEach(ctx context.Context, s access.Scope, act journal.Act, changes []change) error {
	var changed []change
	for i := range changes {
		changes[i].settleMail()
		if len(changes[i].fields(d.charter)) > 0 {
			changed = append(changed, changes[i])
		}
	}
	if len(changed) == 0 {
		return nil
	}
	return d.commitWith(ctx, changed, func(tx *database.Tx) error {
		for i := range changed {
			e := s.Entry(act, changed[i].person)
			e.Fields = changed[i].fields(d.charter)
			if _, err := d.journal.Append(tx, &e); err != nil {
				return err
			}
		}
		return nil
	})
}

// UpdateTogether is Update of a member whose new address is that of others in the
// household too: those named, who must be within the Scope and told of on the
// card. All or none.
func (d *Directory) UpdateTogether(ctx context.Context, s access.Scope, person vault.PersonID, ch Changes, others []vault.PersonID) error {
	x, err := d.enter(s, charter.Edit)
	if err != nil {
		return err
	}
	told := x.housemates(s, person, s.All())
	persons := []vault.PersonID{person}
	for _, other := range others {
		if !slices.ContainsFunc(told, func(m Housemate) bool { return m.Person == other }) {
			return d.denyCard(ctx, x, s, other)
		}
		persons = append(persons, other)
	}
	return d.editSeveral(ctx, s, persons, journal.Edit, func(all []*change) error {
		if err := d.update(s, all[0], &ch); err != nil {
			return err
		}
		before, after := &all[0].before.profile, &all[0].after.profile
		if sameAddress(before, after) {
			return nil
		}
		for _, c := range all[1:] {
			p := &c.after.profile
			p.Street, p.Postal, p.Town, p.Country = after.Street, after.Postal, after.Town, after.Country
		}
		return nil
	})
}
