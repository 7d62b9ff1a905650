package member

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// change is one person as they were and as they shall be.
type change struct {
	person vault.PersonID // of a new person only once the keyring has issued it
	before *stored        // nil: a new person
	after  stored
	former *Former // the name that goes, where it is to be kept
	keyed  bool    // a new person whom the keyring knows already (relocate.go)

	yields bool // lets its numbers go at once, to another of the same act
}

// leave releases the numbers that the change leaves behind.
func (c *change) leave(tx *vault.Tx) error {
	is := c.after.profile.claimedNumbers()
	for _, was := range c.before.profile.claimedNumbers() {
		if slices.Contains(is, was) {
			continue
		}
		if err := tx.Release(vault.ClaimNumber, was, c.person); err != nil {
			return err
		}
	}
	return nil
}

// manySubjects: so many changes of the index at once are not waited for.
const manySubjects = 64

// commit makes changes stand in keyring, register and index. The order lets a
// crash at any point be made good at the next start (Load):
//
//  1. keyring, durable: keys and claims of new persons, new claims of others,
//     and all of them marked pending
//  2. register, durable: rows and journal entry; then the index, soon
//  3. keyring: the claims no longer held let go, the marks cleared
//
// The caller holds d.writing. The entry is asked for once the persons have ids.
func (d *Directory) commit(ctx context.Context, changes []change, entry func() *journal.Entry) error {
	return d.commitWith(ctx, changes, func(tx *database.Tx) error {
		e := entry()
		if _, err := d.journal.Append(tx, e); err != nil {
			return err
		}
		for i := range changes {
			if err := d.endPosts(tx, *e, &changes[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// commitWith is commit for an act that has more to write than one entry.
func (d *Directory) commitWith(ctx context.Context, changes []change, also func(tx *database.Tx) error) error {
	for i := range changes {
		changes[i].settleMail()
	}
	touched, err := d.claimAhead(ctx, changes)
	if err != nil {
		return err
	}
	d.at("claimed")
	err = d.db.Write(ctx, func(tx *database.Tx) error {
		subjects := make([]subject, len(changes))
		for i := range changes {
			c := &changes[i]
			if err := d.write(tx, c); err != nil {
				return err
			}
			d.last = max(d.last, numberValue(c.after.profile.Number))
			subjects[i] = d.subject(c.person, &c.after)
		}
		if err := saveLastNumber(tx, d.last); err != nil {
			return err
		}
		if err := also(tx); err != nil {
			return err
		}
		if err := d.tell(tx, changes); err != nil {
			return err
		}
		tx.AfterCommit(func() {
			if put := func(x *index) { x.put(subjects...) }; len(subjects) < manySubjects {
				d.change(put)
			} else {
				d.changeSoon(put)
			}
		})
		return nil
	})
	if err != nil {
		// Whether the rows stand or not only the register can tell now.
		return errors.Join(err, d.settle(context.WithoutCancel(ctx), touched))
	}
	d.at("written")
	err = d.letGo(context.WithoutCancel(ctx), changes, touched)
	d.at("let go")
	return err
}

// claimAhead gives new persons ids, keys and claims, and others their new claims,
// in one durable transaction of the keyring, and says whom it marked pending.
func (d *Directory) claimAhead(ctx context.Context, changes []change) (touched []vault.PersonID, err error) {
	if !slices.ContainsFunc(changes, func(c change) bool { return c.before == nil || !c.sameClaims() }) {
		return nil, nil
	}
	err = d.keyring.Write(ctx, func(tx *vault.Tx) error {
		touched = touched[:0]
		for i := range changes {
			c := &changes[i]
			if c.before != nil && c.sameClaims() {
				continue
			}
			switch {
			case c.keyed: // whatever a stop left claimed is claimed anew
				if err := tx.ReleaseAll(c.person); err != nil {
					return err
				}
			case c.before == nil:
				var err error
				if c.person, err = tx.NewPerson(); err != nil {
					return err
				}
			}
			touched = append(touched, c.person)
			if err := tx.Pending(c.person); err != nil {
				return err
			}
			if c.yields {
				if err := c.leave(tx); err != nil {
					return err
				}
			}
			if err := claim(tx, c.person, &c.after.profile); err != nil {
				return err
			}
		}
		return nil
	})
	if errors.Is(err, vault.ErrTaken) {
		err = fault.New(fault.Conflict, "member.error.invalid").With("number", "member.error.number_taken")
	}
	return touched, err
}

// sameClaims reports whether number and address stay as they are claimed.
func (c *change) sameClaims() bool {
	return slices.Equal(c.before.profile.claimedNumbers(), c.after.profile.claimedNumbers()) && c.before.profile.Email == c.after.profile.Email
}

// letGo releases the claims that the changes have left behind.
func (d *Directory) letGo(ctx context.Context, changes []change, touched []vault.PersonID) error {
	left := slices.ContainsFunc(changes, func(c change) bool { return c.before != nil && !c.sameClaims() })
	if left {
		err := d.keyring.Write(ctx, func(tx *vault.Tx) error {
			for i := range changes {
				c := &changes[i]
				if c.before == nil {
					continue
				}
				if err := c.leave(tx); err != nil {
					return err
				}
				if was := c.before.profile.Email; was != "" && was != c.after.profile.Email {
					if err := tx.Release(vault.ClaimEmail, was, c.person); err != nil {
						return err
					}
				}
			}
			return nil
		})
		if err != nil {
			return err // still marked: the next start lets them go
		}
	}
	return d.keyring.Settle(ctx, touched...)
}

// write brings a person's rows from before to after.
func (d *Directory) write(tx *database.Tx, c *change) error {
	if c.before == nil {
		return d.create(tx, c.person, &c.after)
	}
	if !bytes.Equal(encodeProfile(nil, &c.before.profile), encodeProfile(nil, &c.after.profile)) {
		if err := record.Put(d.records, tx, Profiles, c.person, profileID, &c.after.profile); err != nil {
			return err
		}
		if err := d.writePast(tx, c); err != nil {
			return err
		}
	}
	if err := d.writeTie(tx, c); err != nil {
		return err
	}
	if err := d.writeFormer(tx, c); err != nil {
		return err
	}
	for i := range c.after.memberships {
		m := &c.after.memberships[i]
		if slices.Contains(c.before.memberships, *m) {
			continue
		}
		if err := record.Put(d.records, tx, Memberships, c.person, uint64(m.Unit), m); err != nil {
			return err
		}
	}
	for _, m := range c.before.memberships {
		if c.after.in(m.Unit) == nil {
			if err := record.Remove(tx, Memberships, c.person, uint64(m.Unit)); err != nil {
				return err
			}
		}
	}
	return d.writeCourses(tx, c.person, c.before.courses, &c.after)
}
