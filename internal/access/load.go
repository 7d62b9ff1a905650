package access

import (
	"context"
	"slices"
	"time"

	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// Load reads every right into memory and brings the history up to what the
// rules say today. Persons in hidden hold nothing until Restore.
func (r *Register) Load(ctx context.Context, hidden []vault.PersonID) error {
	next, away := blank(r.units.Tree()), blank(r.units.Tree())
	add := func(person vault.PersonID, h holding) error {
		into := next
		if slices.Contains(hidden, person) {
			into = away
		}
		into.held[person] = append(into.held[person], h)
		return nil
	}
	if err := record.Scan(r.records, ctx, Appointments, func(person vault.PersonID, id uint64, a *Appointment) error {
		return add(person, r.fromAppointment(next.tree, id, a))
	}); err != nil {
		return err
	}
	if err := record.Scan(r.records, ctx, Positions, func(person vault.PersonID, id uint64, p *Position) error {
		return add(person, r.fromPosition(id, p))
	}); err != nil {
		return err
	}
	if err := record.Scan(r.records, ctx, Covers, func(person vault.PersonID, id uint64, c *Cover) error {
		return add(person, r.fromCover(next.tree, id, c))
	}); err != nil {
		return err
	}
	if err := record.Scan(r.records, ctx, Substitutes, func(person vault.PersonID, id uint64, s *Substitute) error {
		return add(person, fromSubstitute(id, s))
	}); err != nil {
		return err
	}
	if err := record.Scan(r.records, ctx, Granted, func(person vault.PersonID, id uint64, g *Grant) error {
		return add(person, r.fromGrant(id, g))
	}); err != nil {
		return err
	}
	halts, err := r.readHalts(ctx)
	if err != nil {
		return err
	}
	next.halts, away.halts = halts, halts
	next.settle()
	r.changing.Lock()
	for _, person := range hidden {
		r.suspended[person] = true
	}
	r.state.Store(next)
	r.changing.Unlock()
	return r.catchUp(ctx, next, away)
}

// catchUp writes what the history does not tell yet. At its beginning that is
// every holding on record, past ones too, as far as the records tell; later it
// is what a changed charter gives or takes.
func (r *Register) catchUp(ctx context.Context, state, away *snapshot) error {
	return r.db.Write(ctx, func(tx *database.Tx) error {
		begun, err := historyBegun(tx)
		if err != nil {
			return err
		}
		if begun == 0 {
			for _, s := range []*snapshot{state, away} {
				if err := firstChapters(tx, s, s == away); err != nil {
					return err
				}
			}
			if err := beginHistory(tx); err != nil {
				return err
			}
		}
		today := day(r.charter.Today(tx.Now()))
		told, err := tellable(tx)
		if err != nil {
			return err
		}
		for person, held := range state.held {
			for i := range held {
				h := &held[i]
				open := told[h.basis.ID]
				delete(told, h.basis.ID)
				if !agrees(open, state.plan(h, today), h.may, today) {
					if err := r.chronicle(tx, person, h, state, wordCharter); err != nil {
						return err
					}
				}
			}
		}
		for id, open := range told { // holdings that are not on record any more
			for _, c := range open {
				if _, last := term(c.from, c.until); last < today {
					continue
				}
				h := holding{basis: Basis{ID: id, Right: c.right, Code: c.code, Unit: c.unit}}
				if err := r.chronicle(tx, c.person, &h, state, wordEnded); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// firstChapters begin the history with a holding's whole term.
func firstChapters(tx *database.Tx, s *snapshot, hidden bool) error {
	for person, held := range s.held {
		for i := range held {
			h := &held[i]
			if h.may == 0 || h.first > h.last {
				continue
			}
			c := chapter{
				holding: h.basis.ID, person: person, right: h.basis.Right, code: h.basis.Code, unit: h.basis.Unit, may: h.may,
				from: h.basis.From, until: h.basis.Until, begunAt: time.Unix(0, 0), began: wordBefore, planned: h.basis.Until,
			}
			if hidden {
				c.endedAt, c.ended = tx.Now(), wordClosed
			}
			if _, err := insertChapter(tx, &c); err != nil {
				return err
			}
		}
	}
	return nil
}

// tellable are the chapters that were not cut short, by holding.
func tellable(tx *database.Tx) (map[uint64][]chapter, error) {
	all, err := chapters(tx, `WHERE ended_at IS NULL AND holding IS NOT NULL ORDER BY id`)
	byHolding := map[uint64][]chapter{}
	for _, c := range all {
		byHolding[c.holding] = append(byHolding[c.holding], c)
	}
	return byHolding, err
}

// agrees reports whether chapters say from today on what the plan says.
func agrees(open []chapter, plan []span, may charter.Acts, today int32) bool {
	n := 0
	for i := range open {
		first, last := term(open[i].from, open[i].until)
		if last < today {
			continue
		}
		if n == len(plan) || open[i].may != may || max(first, today) != plan[n].first || last != plan[n].last {
			return false
		}
		n++
	}
	return n == len(plan)
}

// Suspend takes a hidden person's rights at once (D7), in the transaction of
// the closing; the records stay. Covers end for good: whoever was covered has
// the post back.
func (r *Register) Suspend(tx *database.Tx, person vault.PersonID) error {
	d := r.draft(tx)
	held := d.next.held[person]
	own := map[uint64]bool{}
	for i := range held {
		own[held[i].basis.ID] = true
	}
	yesterday := r.charter.Today(tx.Now()).AddDays(-1)
	err := r.uncover(tx, d, Scope{}, yesterday, wordClosed, func(by vault.PersonID, b Basis) bool { return by == person || own[b.Of] })
	if err != nil {
		return err
	}
	for i := range held {
		d.drop(person, held[i].basis, wordClosed)
	}
	tx.AfterCommit(func() {
		r.changing.Lock()
		defer r.changing.Unlock()
		r.suspended[person] = true
	})
	return d.settle(tx)
}

// Restore gives an unhidden person what their records still say they hold, in
// the transaction that undoes the closing.
func (r *Register) Restore(tx *database.Tx, person vault.PersonID) error {
	d := r.draft(tx)
	posts, err := record.All(r.records, tx, Appointments, person)
	if err != nil {
		return err
	}
	for _, item := range posts {
		d.put(person, r.fromAppointment(d.next.tree, item.ID, &item.Value), wordRestored)
	}
	positions, err := record.All(r.records, tx, Positions, person)
	if err != nil {
		return err
	}
	for _, item := range positions {
		d.put(person, r.fromPosition(item.ID, &item.Value), wordRestored)
	}
	covers, err := record.All(r.records, tx, Covers, person)
	if err != nil {
		return err
	}
	for _, item := range covers {
		d.put(person, r.fromCover(d.next.tree, item.ID, &item.Value), wordRestored)
	}
	substitutes, err := record.All(r.records, tx, Substitutes, person)
	if err != nil {
		return err
	}
	for _, item := range substitutes {
		d.put(person, fromSubstitute(item.ID, &item.Value), wordRestored)
	}
	grants, err := record.All(r.records, tx, Granted, person)
	if err != nil {
		return err
	}
	for _, item := range grants {
		d.put(person, r.fromGrant(item.ID, &item.Value), wordRestored)
	}
	tx.AfterCommit(func() {
		r.changing.Lock()
		defer r.changing.Unlock()
		delete(r.suspended, person)
	})
	return d.settle(tx)
}

// isSuspended reports whether a person is hidden and holds nothing.
func (r *Register) isSuspended(person vault.PersonID) bool {
	r.changing.Lock()
	defer r.changing.Unlock()
	return r.suspended[person]
}
