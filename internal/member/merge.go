package member

import (
	"context"
	"errors"
	"slices"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// Merging is what must be known to take a merging back. It is a record of the
// entry that goes, so it is gone when that is erased.
type Merging struct {
	Kept          vault.PersonID
	Number, Email string   // of the entry that goes
	Numbers       []string // its own former ones
	Household     Tie
	Posts         []uint64 // holdings that moved
	before, after stored   // the entry that stays
}

// Mergings are records of the person, id 1.
var Mergings = record.Declare(record.Kind[Merging]{
	Number: 80, Name: "merging", Class: vault.Membership, Retention: "membership",
	Encode: func(dst []byte, v *Merging) []byte {
		w := record.Writer{Bytes: dst}
		w.Uint(1, uint64(v.Kept)).String(2, v.Number).String(3, v.Email).Strings(4, v.Numbers).
			Blob(5, Ties.Encode(nil, &v.Household)).Blob(6, encodeStored(&v.before)).Blob(7, encodeStored(&v.after))
		for _, id := range v.Posts {
			w.Uint(8, id)
		}
		return w.Bytes
	},
	Decode: func(src []byte, v *Merging) (err error) {
		*v = Merging{}
		r := record.NewReader(src)
		for r.Next() && err == nil {
			switch r.Field() {
			case 1:
				v.Kept = vault.PersonID(r.Uint())
			case 2:
				v.Number = r.String()
			case 3:
				v.Email = r.String()
			case 4:
				v.Numbers = append(v.Numbers, r.String())
			case 5:
				err = Ties.Decode(r.Blob(), &v.Household)
			case 6:
				err = decodeStored(r.Blob(), &v.before)
			case 7:
				err = decodeStored(r.Blob(), &v.after)
			case 8:
				v.Posts = append(v.Posts, r.Uint())
			}
		}
		return errors.Join(err, r.Err())
	},
	Words: func(v *Merging) []record.Line {
		return []record.Line{{Key: "member.record.merged", Value: v.Number}}
	},
})

const mergingID = 1

func encodeStored(s *stored) []byte {
	var w record.Writer
	w.Blob(1, encodeProfile(nil, &s.profile))
	for i := range s.memberships {
		w.Blob(2, Memberships.Encode(nil, &s.memberships[i]))
	}
	return w.Blob(3, Ties.Encode(nil, &s.tie)).Bytes
}

func decodeStored(src []byte, s *stored) (err error) {
	r := record.NewReader(src)
	for r.Next() && err == nil {
		switch r.Field() {
		case 1:
			err = decodeProfile(r.Blob(), &s.profile)
		case 2:
			var m Membership
			err = Memberships.Decode(r.Blob(), &m)
			s.memberships = append(s.memberships, m)
		case 3:
			err = Ties.Decode(r.Blob(), &s.tie)
		}
	}
	return errors.Join(err, r.Err())
}

// Side is one value that two entries say differently, or only one of them.
type Side struct {
	Field         string // code; an address goes as one, by its first field
	Kept, Other   string // as stored; of an address its lines, of a covered one nothing
	Differ        bool   // there is something to choose
	FromOther     bool   // what stays without a choice
	KeptC, OtherC bool   // covered
}

// Comparison is two entries side by side, before they become one.
type Comparison struct {
	Kept, Other *Card
	Sides       []Side
	Objections  []string // purposes, of either
	Restricted  bool
	Secret      bool
	Joins       []Membership   // of the other, in bodies the kept one is not in
	Gone        []record.Tally // records of the other that no field moves, by kind
}

// Compare opens two members side by side. Both openings are journaled.
func (d *Directory) Compare(ctx context.Context, s access.Scope, kept, other vault.PersonID) (*Comparison, error) {
	if kept == other {
		return nil, refused("with", "member.error.merge_self")
	}
	c := &Comparison{}
	var err error
	if c.Kept, err = d.Card(ctx, s, kept); err != nil {
		return nil, err
	}
	if c.Other, err = d.Card(ctx, s, other); err != nil {
		return nil, err
	}
	p, q := &c.Kept.Profile, &c.Other.Profile
	for i := range d.charter.Fields {
		f := &d.charter.Fields[i]
		if !choosable(f) || groupOf(f.Code) != f.Code {
			continue
		}
		side := Side{Field: f.Code, Kept: p.Value(f.Code), Other: q.Value(f.Code)}
		if f.Code == wholeAddress[0] {
			side.Kept, side.Other = addressOf(p), addressOf(q)
			side.KeptC, side.OtherC = c.Kept.Covered, c.Other.Covered
		}
		side.Differ = (side.Kept != "" || side.KeptC) && (side.Other != "" || side.OtherC) && (side.Kept != side.Other || side.KeptC || side.OtherC)
		side.FromOther = side.Kept == "" && !side.KeptC && (side.Other != "" || side.OtherC)
		if side.Kept != "" || side.Other != "" || side.KeptC || side.OtherC {
			c.Sides = append(c.Sides, side)
		}
	}
	c.Restricted, c.Secret = p.Restricted || q.Restricted, p.SecretAddress || q.SecretAddress
	c.Objections = append(slices.Clone(p.Objections), q.Objections...)
	slices.Sort(c.Objections)
	c.Objections = slices.Compact(c.Objections)
	for _, m := range c.Other.Memberships {
		if !slices.ContainsFunc(c.Kept.Memberships, func(own Membership) bool { return own.Unit == m.Unit }) {
			c.Joins = append(c.Joins, m)
		}
	}
	moves := []string{Profiles.Name, Memberships.Name, Courses.Name, Ties.Name, Distincts.Name, "appointment", "dues-charge", "dues-entry", "dues-notice", "merge-proposal"}
	err = d.db.Read(ctx, func(q database.Querier) error {
		all, err := d.records.Tally(q, other, vault.Membership, vault.Evidence)
		c.Gone = slices.DeleteFunc(all, func(t record.Tally) bool { return slices.Contains(moves, t.Kind.Name) })
		return err
	})
	return c, err
}

func addressOf(p *Profile) string {
	out := ""
	for _, code := range wholeAddress {
		v := p.Value(code)
		switch {
		case v == "":
			continue
		case out == "":
		case code == "town" && p.Postal != "":
			out += " "
		default:
			out += ", "
		}
		out += v
	}
	return out
}

// Mergeable refuses a merging of an entry with itself, and of fields that nobody
// chooses.
func (d *Directory) Mergeable(kept, other vault.PersonID, take []string) error {
	if kept == other {
		return refused("with", "member.error.merge_self")
	}
	for _, code := range take {
		if f, known := d.charter.Field(code); !known || !choosable(f) {
			return refused(code, "member.error.no_field")
		}
	}
	return nil
}

// Merge makes one entry of two of the same person, for whoever closes memberships:
// the kept one gets what was chosen and all that protects, the other's number leads
// to it. What else the act does, closing the other among it, is done by also in the
// same transaction; it gives the posts that moved.
func (d *Directory) Merge(ctx context.Context, s access.Scope, kept, other vault.PersonID, take []string, also func(tx *database.Tx) ([]uint64, error)) error {
	x, err := d.enter(s, charter.Close)
	if err != nil {
		return err
	}
	if err := d.Mergeable(kept, other, take); err != nil {
		return err
	}
	for _, person := range []vault.PersonID{kept, other} {
		if !x.holds(reachOf(s), person) || x.isHidden(person) {
			return d.denyCard(ctx, x, s, person)
		}
	}
	chosen := map[string]bool{}
	for _, code := range take {
		chosen[groupOf(code)] = true
	}
	d.writing.Lock()
	defer d.writing.Unlock()
	changes, err := d.asTheyAre(ctx, other, kept)
	if err != nil {
		return err
	}
	goes, stays := &changes[0], &changes[1]
	v := Merging{
		Kept: kept, Number: goes.before.profile.Number, Email: goes.before.profile.Email,
		Numbers: goes.before.profile.Numbers, Household: goes.before.tie,
	}
	goes.yields = true
	stays.after = merged(d.charter, stays.before, goes.before, other, chosen, d.strict)
	goes.after.profile.Number, goes.after.profile.Email, goes.after.profile.Numbers = "", "", nil
	goes.after.tie = Tie{}
	if with := x.homeOf(other); goes.before.tie.Household != 0 && goes.before.tie == stays.before.tie && len(with) == 2 {
		stays.after.tie = Tie{} // they were a household of themselves
	}
	v.before, v.after = stays.before.clone(), stays.after.clone()
	changed := stays.fields(d.charter)
	return d.commitWith(ctx, changes, func(tx *database.Tx) error {
		e := s.Entry(journal.Merge, kept, other)
		e.Fields = changed
		if _, err := d.journal.Append(tx, &e); err != nil {
			return err
		}
		if v.Posts, err = also(tx); err != nil {
			return err
		}
		return record.Put(d.records, tx, Mergings, other, mergingID, &v)
	})
}

// asTheyAre reads persons as changes that change nothing yet.
func (d *Directory) asTheyAre(ctx context.Context, persons ...vault.PersonID) ([]change, error) {
	changes := make([]change, len(persons))
	err := d.db.Read(ctx, func(q database.Querier) error {
		for i, person := range persons {
			before, err := d.read(q, person)
			if err != nil {
				return err
			}
			changes[i] = change{person: person, before: before, after: before.clone()}
		}
		return nil
	})
	if errors.Is(err, errNobody) {
		return nil, notFound()
	}
	return changes, err
}

func (d *Directory) merging(ctx context.Context, person vault.PersonID) (*Merging, error) {
	var v Merging
	err := d.db.Read(ctx, func(q database.Querier) error {
		return record.Get(d.records, q, Mergings, person, mergingID, &v)
	})
	if errors.Is(err, database.ErrNotFound) || errors.Is(err, vault.ErrErased) {
		return nil, nil
	}
	return &v, err
}

// Part takes a merging back, where somebody was merged: both entries have what they
// had, but for what was changed in the kept one since. What else the act does is
// done by also in the same transaction, with the posts to move back and the entry
// they are with. It reports false, having done nothing, for whoever was not merged.
func (d *Directory) Part(ctx context.Context, s access.Scope, person vault.PersonID, also func(tx *database.Tx, kept vault.PersonID, posts []uint64) error) (bool, error) {
	if _, err := d.enter(s, charter.Close); err != nil {
		return false, err
	}
	d.writing.Lock()
	defer d.writing.Unlock()
	v, err := d.merging(ctx, person)
	if v == nil || err != nil {
		return false, err
	}
	changes, err := d.asTheyAre(ctx, v.Kept, person)
	if fault.Is(err, fault.NotFound) { // the kept one is gone: the other has only itself
		if changes, err = d.asTheyAre(ctx, person); err == nil {
			changes = append([]change{{}}, changes...)
		}
	}
	if err != nil {
		return false, err
	}
	back := &changes[1].after
	back.profile.Number, back.profile.Email, back.profile.Numbers, back.tie = v.Number, v.Email, v.Numbers, v.Household
	if changes[0].person == 0 {
		changes = changes[1:]
	} else {
		changes[0].yields = true
		changes[0].after = parted(d.charter, &v.before, &v.after, changes[0].before, person, back.profile.claimedNumbers())
	}
	return true, d.commitWith(ctx, changes, func(tx *database.Tx) error {
		if err := record.Remove(tx, Mergings, person, mergingID); err != nil {
			return err
		}
		if err := also(tx, v.Kept, v.Posts); err != nil {
			return err
		}
		return d.endPosts(tx, s.Entry(journal.Undo, changes[0].person), &changes[0])
	})
}

// OnceWas are the ids under which a person's other entry stood, on lists and in
// the journal, before it became one with theirs.
func (d *Directory) OnceWas(ctx context.Context, person vault.PersonID) ([]vault.PersonID, error) {
	p, err := d.ownProfile(ctx, person)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return p.Merged, nil
}
