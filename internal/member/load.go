package member

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"kartotek/internal/database"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// Load makes the index from the records, once, at start, after settling what a
// crash left open: profiles and memberships are read side by side. Persons in hidden, whose membership is
// closed, are left out of search and lists. Progress, if given, is told how far
// the reading has come, in persons; the total is what the keyring ever issued.
func (d *Directory) Load(ctx context.Context, hidden []vault.PersonID, progress func(done, total int)) error {
	if err := d.sweep(ctx); err != nil {
		return err
	}
	x := newIndex(d.charter.Lang())
	x.kinds = newKinds(d.charter)
	x.hide(hidden...)
	b := newBuilder(x)
	total := int(d.keyring.LastPerson())
	highest, err := d.fill(ctx, b, func(person vault.PersonID) {
		if progress != nil && person%1024 == 0 {
			progress(int(person), total)
		}
	})
	if err != nil {
		return fmt.Errorf("member: making the index: %w", err)
	}
	b.finish()

	var given int64
	if err := d.db.Read(ctx, func(q database.Querier) (err error) {
		given, err = lastNumber(q)
		return err
	}); err != nil {
		return err
	}
	d.writing.Lock()
	d.last = max(given, highest, int64(d.charter.NumberFirst)-1)
	d.writing.Unlock()

	d.mu.Lock()
	defer d.mu.Unlock()
	for _, edit := range d.delayed {
		edit(x)
	}
	d.index, d.delayed = x, nil
	if progress != nil {
		progress(total, total)
	}
	return nil
}

// fill reads the records into a builder and gives the highest member number.
// Memberships are gathered in a goroutine of their own and filed at the end.
func (d *Directory) fill(ctx context.Context, b *builder, step func(vault.PersonID)) (highest int64, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	type membership struct {
		person vault.PersonID
		to     belonging
	}
	var memberships []membership
	var dated []uint32
	var failed error
	type tied struct {
		person    vault.PersonID
		household uint64
	}
	var ties []tied
	var both sync.WaitGroup
	today := d.charter.Today(d.now())
	both.Go(func() {
		failed = record.Scan(d.records, ctx, Memberships, func(person vault.PersonID, _ uint64, m *Membership) error {
			if !m.Until.IsZero() {
				dated = append(dated, uint32(person))
			}
			if m.activeOn(today) {
				memberships = append(memberships, membership{person, belonging{m.Unit, d.categoryPlace(m.Category)}})
			}
			return nil
		})
		if failed == nil {
			failed = record.Scan(d.records, ctx, Ties, func(person vault.PersonID, _ uint64, t *Tie) error {
				if t.Household != 0 {
					ties = append(ties, tied{person, t.Household})
				}
				return nil
			})
		}
		if failed == nil {
			failed = record.Scan(d.records, ctx, Courses, func(person vault.PersonID, _ uint64, _ *Course) error {
				dated = append(dated, uint32(person))
				return nil
			})
		}
		if failed != nil {
			cancel()
		}
	})
	err = record.Scan(d.records, ctx, Profiles, func(person vault.PersonID, _ uint64, p *Profile) error {
		in := d.profileSubject(person, p)
		b.add(&in)
		highest = max(highest, numberValue(p.Number))
		step(person)
		return nil
	})
	if err != nil {
		cancel()
	}
	both.Wait()
	if failed != nil && !errors.Is(failed, context.Canceled) {
		return 0, failed
	}
	if err != nil {
		return 0, err
	}
	b.x.dated.AddMany(dated)
	for _, m := range memberships {
		if b.x.known(m.person) {
			b.belongs(m.person, m.to)
		}
	}
	for _, t := range ties {
		if b.x.known(t.person) {
			b.x.homes.join(t.person, t.household)
		}
	}
	return highest, nil
}

// profileSubject is what the index takes in of a profile.
func (d *Directory) profileSubject(person vault.PersonID, p *Profile) subject {
	return subject{
		person: person, given: p.Given, family: p.Family,
		contact: contact{number: p.Number, email: p.Email, phone: p.Phone, mobile: p.Mobile, former: strings.Join(p.Numbers, " ")},
		secret:  p.SecretAddress, strict: d.strict(p), protected: p.Secrecy().Until, returned: p.Returned(), restricted: p.Restricted, objections: p.Objections,
	}
}

// subject is what the index takes in of a person's records.
func (d *Directory) subject(person vault.PersonID, s *stored) subject {
	in := d.profileSubject(person, &s.profile)
	in.household = s.tie.Household
	in.dated = s.dated()
	today := d.charter.Today(d.now())
	for i := range s.memberships {
		if m := &s.memberships[i]; m.activeOn(today) {
			in.belongs = append(in.belongs, belonging{m.Unit, d.categoryPlace(m.Category)})
		}
	}
	return in
}

// numberValue is a member number as the counter counts them: digits only, not
// so many that a slip would use the numbers up. Others are 0.
func numberValue(number string) int64 {
	if len(number) > 9 {
		return 0
	}
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// sweep settles what a crash left between keyring and register, at start before
// anybody writes: a person with keys and no rows is dropped, and of one with
// rows the claims are made again from the record.
func (d *Directory) sweep(ctx context.Context) error {
	return d.settle(ctx, d.keyring.PendingPersons())
}

// settle decides by the register what becomes of persons marked pending.
func (d *Directory) settle(ctx context.Context, pending []vault.PersonID) error {
	var settled []vault.PersonID
	if len(pending) > 1 { // of two who became one either may hold the other's number yet
		if err := d.letAllGo(ctx, pending); err != nil {
			return err
		}
	}
	for _, person := range pending {
		found, elsewhere, err := d.rows(ctx, person)
		if err != nil {
			return fmt.Errorf("member: settling: %w", err)
		}
		if elsewhere {
			continue // another room's, or an erasure on its way
		}
		err = d.keyring.Write(ctx, func(tx *vault.Tx) error {
			if found == nil {
				return tx.Drop(person)
			}
			if err := tx.ReleaseAll(person); err != nil {
				return err
			}
			return claim(tx, person, &found.profile)
		})
		if err != nil && !errors.Is(err, vault.ErrErased) && !errors.Is(err, vault.ErrNotPending) {
			return fmt.Errorf("member: settling: %w", err)
		}
		if found != nil {
			d.change(func(x *index) { x.put(d.subject(person, found)) })
		}
		settled = append(settled, person)
	}
	return d.keyring.Settle(ctx, settled...)
}

// rows gives a person's records of this room, or says that there are only
// others.
func (d *Directory) rows(ctx context.Context, person vault.PersonID) (found *stored, elsewhere bool, err error) {
	err = d.db.Read(ctx, func(q database.Querier) error {
		found, err = d.read(q, person)
		if !errors.Is(err, errNobody) {
			return err
		}
		others, err := d.records.Count(q, person, vault.Membership, vault.Bookkeeping, vault.Evidence)
		elsewhere = others > 0
		return err
	})
	return found, elsewhere, err
}

// claim ties a person's member number and e-mail address to them.
func claim(tx *vault.Tx, person vault.PersonID, p *Profile) error {
	for _, number := range p.claimedNumbers() {
		if err := tx.Claim(vault.ClaimNumber, number, person); err != nil {
			return err
		}
	}
	if p.Email != "" {
		return tx.Claim(vault.ClaimEmail, p.Email, person)
	}
	return nil
}

// letAllGo releases the claims of pending persons that the register knows, before
// they are made again from their records.
func (d *Directory) letAllGo(ctx context.Context, pending []vault.PersonID) error {
	var known []vault.PersonID
	for _, person := range pending {
		found, _, err := d.rows(ctx, person)
		if err != nil {
			return fmt.Errorf("member: settling: %w", err)
		}
		if found != nil {
			known = append(known, person)
		}
	}
	return d.keyring.Write(ctx, func(tx *vault.Tx) error {
		for _, person := range known {
			if err := tx.ReleaseAll(person); err != nil && !errors.Is(err, vault.ErrErased) {
				return err
			}
		}
		return nil
	})
}
