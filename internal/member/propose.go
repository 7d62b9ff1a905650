package member

import (
	"cmp"
	"context"
	"hash/maphash"
	"slices"
	"strings"

	"github.com/RoaringBitmap/roaring/v2"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/journal"
	"kartotek/internal/locale"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// Proposal is persons who may be a household: one address, and one family name or
// one mailbox. It is proposed, never made.
type Proposal struct {
	Persons       []Housemate
	Street, Place string // the address they share
	Family        bool   // one family name
	Mailbox       bool   // one e-mail address
}

// mostTogether: so many at one address are an institution and no household.
const mostTogether = 8

// resident is what is compared of a person: digests, so that no address stays in
// memory.
type resident struct {
	address, family, mailbox, apart uint64
	person                          vault.PersonID
}

// ProposeHouseholds looks among the members within a Scope for editing for those
// who may be a household, are not, and were not said to be apart (KeepApart), at
// most so many, by address. Whose address is secret is never among them. What is
// proposed is journaled as shown.
func (d *Directory) ProposeHouseholds(ctx context.Context, s access.Scope, most int) ([]Proposal, error) {
	x, err := d.enter(s, charter.Edit)
	if err != nil {
		return nil, err
	}
	x.mu.RLock()
	reached := x.reached(membersOf(s))
	reached.AndNot(x.secret)
	reached.AndNot(x.restricted)
	x.mu.RUnlock()
	all, err := d.residents(ctx, reached)
	if err != nil {
		return nil, err
	}
	var proposed []Proposal
	shown := roaring.New()
	x.mu.RLock()
	for len(all) > 0 && len(proposed) < most {
		n := slices.IndexFunc(all, func(r resident) bool { return r.address != all[0].address })
		if n < 0 {
			n = len(all)
		}
		for _, group := range likely(all[:n]) {
			if p := x.proposal(group); p != nil && len(proposed) < most {
				proposed = append(proposed, *p)
				for _, m := range p.Persons {
					shown.Add(uint32(m.Person))
				}
			}
		}
		all = all[n:]
	}
	x.mu.RUnlock()
	if shown.IsEmpty() {
		return nil, nil
	}
	for i := range proposed {
		if err := d.describe(ctx, &proposed[i]); err != nil {
			return nil, err
		}
	}
	e := s.Entry(journal.Shown)
	e.Persons, e.Fields = shown, []string{"given", "family", "address", "household"}
	if _, err := d.journal.Read(ctx, &e); err != nil {
		return nil, err
	}
	slices.SortStableFunc(proposed, func(a, b Proposal) int {
		return cmp.Or(cmp.Compare(a.Place, b.Place), cmp.Compare(a.Street, b.Street))
	})
	return proposed, nil
}

// describe says of a proposal what its persons have in common.
func (d *Directory) describe(ctx context.Context, p *Proposal) error {
	persons := make([]vault.PersonID, len(p.Persons))
	for i, m := range p.Persons {
		persons[i] = m.Person
	}
	var first *Profile
	p.Family, p.Mailbox = true, true
	return record.Fetch(d.records, ctx, Profiles, persons, func(_ vault.PersonID, _ uint64, at *Profile) error {
		if first == nil {
			own := *at
			first, p.Street, p.Place = &own, at.Street, strings.TrimSpace(at.Postal+" "+at.Town)
		}
		p.Family = p.Family && at.Family != "" && locale.Fold(at.Family) == locale.Fold(first.Family)
		p.Mailbox = p.Mailbox && at.Email != "" && locale.Fold(at.Email) == locale.Fold(first.Email)
		return nil
	})
}

// residents reads addresses, names and mailboxes as digests, by address.
func (d *Directory) residents(ctx context.Context, reached *roaring.Bitmap) ([]resident, error) {
	seed := maphash.MakeSeed()
	digest := func(parts ...string) uint64 {
		var h maphash.Hash
		h.SetSeed(seed)
		for _, part := range parts {
			h.WriteString(locale.Fold(part))
			h.WriteByte(0)
		}
		return h.Sum64() | 1
	}
	persons := make([]vault.PersonID, 0, reached.GetCardinality())
	for it := reached.Iterator(); it.HasNext(); {
		persons = append(persons, vault.PersonID(it.Next()))
	}
	var all []resident
	err := record.Fetch(d.records, ctx, Profiles, persons, func(person vault.PersonID, _ uint64, p *Profile) error {
		if p.Street == "" || p.Town == "" && p.Postal == "" {
			return nil
		}
		r := resident{person: person, address: digest(p.Street, p.Postal, p.Town, p.Country)}
		if p.Family != "" {
			r.family = digest(p.Family)
		}
		if p.Email != "" {
			r.mailbox = digest(p.Email)
		}
		all = append(all, r)
		return nil
	})
	if err != nil {
		return nil, err
	}
	apart := map[vault.PersonID]uint64{}
	err = record.Fetch(d.records, ctx, Ties, persons, func(person vault.PersonID, _ uint64, t *Tie) error {
		if t.Apart != 0 {
			apart[person] = t.Apart
		}
		return nil
	})
	for i := range all {
		all[i].apart = apart[all[i].person]
	}
	slices.SortFunc(all, func(a, b resident) int {
		switch {
		case a.address < b.address:
			return -1
		case a.address > b.address:
			return 1
		}
		return int(int64(a.person) - int64(b.person))
	})
	return all, err
}

// likely parts those at one address into groups with a family name or a mailbox
// in common.
func likely(at []resident) [][]vault.PersonID {
	var groups [][]resident
	for _, r := range at {
		joined := -1
		for i := 0; i < len(groups); i++ {
			alike := slices.ContainsFunc(groups[i], func(o resident) bool {
				apart := r.apart != 0 && r.apart == o.apart
				return !apart && (r.family != 0 && r.family == o.family || r.mailbox != 0 && r.mailbox == o.mailbox)
			})
			switch {
			case !alike:
			case joined < 0:
				groups[i], joined = append(groups[i], r), i
			default: // r brings two groups together
				groups[joined] = append(groups[joined], groups[i]...)
				groups = slices.Delete(groups, i, i+1)
				i--
			}
		}
		if joined < 0 {
			groups = append(groups, []resident{r})
		}
	}
	var found [][]vault.PersonID
	for _, group := range groups {
		if len(group) < 2 || len(group) > mostTogether {
			continue
		}
		persons := make([]vault.PersonID, len(group))
		for i, r := range group {
			persons[i] = r.person
		}
		slices.Sort(persons)
		found = append(found, persons)
	}
	return found
}

// proposal is a group as it is shown; nil where somebody is in another household
// already, or all are in one. The caller holds the lock.
func (x *index) proposal(group []vault.PersonID) *Proposal {
	places := map[uint32]bool{}
	alone := 0
	p := &Proposal{}
	for _, person := range group {
		if !x.visible.Contains(uint32(person)) {
			return nil
		}
		if place := x.homes.place(person); place != 0 {
			places[place] = true
		} else {
			alone++
		}
		p.Persons = append(p.Persons, Housemate{Person: person, Name: x.nameOf(person)})
	}
	if alone == 0 || len(places) > 1 {
		return nil
	}
	return p
}

// KeepApart says of members who look like a household that they are none: they are
// not proposed to each other again. Whoever is in a household stays in it.
func (d *Directory) KeepApart(ctx context.Context, s access.Scope, persons []vault.PersonID) error {
	if len(persons) < 2 {
		return refused("with", "member.error.household_self")
	}
	return d.editSeveral(ctx, s, persons, journal.Household, func(all []*change) error {
		apart := newHousehold()
		for _, c := range all {
			c.after.tie.Apart = apart
			if c.after.tie.Household == 0 {
				c.after.tie.Since = d.charter.Today(d.now())
			}
		}
		return nil
	})
}

// MakeHousehold makes one household of members who are in none, or joins them to
// the one that some of them are in. Nothing else of them changes.
func (d *Directory) MakeHousehold(ctx context.Context, s access.Scope, persons []vault.PersonID) error {
	if len(persons) < 2 {
		return refused("with", "member.error.household_self")
	}
	return d.editSeveral(ctx, s, persons, journal.Household, func(all []*change) error {
		tie := Tie{Since: d.charter.Today(d.now())}
		for _, c := range all {
			switch at := c.before.tie.Household; {
			case c.before.profile.SecretAddress && !s.All():
				return refused("with", "member.error.household_secret")
			case at != 0 && tie.Household != 0 && at != tie.Household:
				return refused("with", "member.error.household_other")
			case at != 0:
				tie.Household = at
			}
		}
		if tie.Household == 0 {
			tie.Household = newHousehold()
		}
		for _, c := range all {
			if c.before.tie.Household == 0 {
				c.after.tie = tie
			}
		}
		return nil
	})
}
