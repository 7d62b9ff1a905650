package access

import (
	"context"

	"github.com/golang-sql/civil"

	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Cover during a holiday. A cover is of one post, for days, with a reason, and
// ends by itself. The charter gives so many posts access and no more (D8), and
// two persons on one post would be one too many; so while the cover has the
// post, the holder's own access rests. They take it back at any moment by ending
// the cover, which needs nobody's leave. Covering gives no right to be covered
// in turn.

func (r *Register) fromCover(tree *unit.Tree, id uint64, c *Cover) holding {
	h := r.fromAppointment(tree, id, coverAppointment(c))
	h.basis.Right, h.basis.Of = ByCover, c.Of
	return h
}

// NameCover has a member of the body cover a post for some days. The holder
// names them, or whoever may fill the post; nobody names themselves.
func (r *Register) NameCover(ctx context.Context, by Actor, person vault.PersonID, of uint64, c Cover) (uint64, error) {
	scope, holder, post, err := r.coverable(ctx, by, of)
	if err != nil {
		return 0, err
	}
	if by.Person == person {
		return 0, r.refuse(ctx, scope, "access.denied.own")
	}
	c.Of, c.For, c.Unit, c.Post, c.By = of, holder, post.basis.Unit, post.basis.Code, by.Person
	var id uint64
	err = r.db.Write(ctx, func(tx *database.Tx) error {
		d := r.draft(tx)
		if err := r.checkCover(d.next, person, &c, r.charter.Today(tx.Now())); err != nil {
			return err
		}
		n, err := tx.Next("holding")
		if err != nil {
			return err
		}
		id = uint64(n)
		if err := record.Create(r.records, tx, Covers, person, id, &c); err != nil {
			return err
		}
		e := scope.Entry(journal.Cover, person, holder)
		e.Target, e.Number = uint32(c.Unit), n
		if _, err := r.journal.Append(tx, &e); err != nil {
			return err
		}
		d.put(person, r.fromCover(d.next.tree, id, &c), wordCover)
		return d.settle(tx)
	})
	return id, err
}

// coverable finds the post that is to be covered and decides who may have it
// covered: its holder, or whoever fills posts there.
func (r *Register) coverable(ctx context.Context, by Actor, of uint64) (Scope, vault.PersonID, holding, error) {
	holder, h := r.state.Load().find(of)
	if h == nil || h.basis.Right != ByPost || h.last < r.today().number {
		return Scope{}, 0, holding{}, fault.New(fault.NotFound, "access.error.no_holding")
	}
	want := Want{Act: charter.Appoint, Unit: h.basis.Unit}
	if by.Person == holder {
		want = Want{Self: true}
	}
	scope, err := r.Require(ctx, by, want)
	return scope, holder, *h, err
}

// checkCover says what is wrong with a cover.
func (r *Register) checkCover(state *snapshot, person vault.PersonID, c *Cover, today civil.Date) error {
	invalid := fault.New(fault.Invalid, "access.error.cover")
	holder, post := state.find(c.Of)
	if post == nil {
		return fault.New(fault.NotFound, "access.error.no_holding")
	}
	if post.may == 0 {
		return fault.New(fault.Conflict, "access.error.cover_nothing")
	}
	if c.Ground == "" {
		invalid = invalid.With("ground", "access.error.cover_ground")
	}
	if c.Until.IsZero() {
		invalid = invalid.With("until", "access.error.cover_until")
	}
	if invalid = checkTerm(invalid, c.From, c.Until); len(invalid.Fields) > 0 {
		return invalid
	}
	switch {
	case c.From.Before(today):
		invalid = invalid.With("from", "access.error.cover_past")
	case c.Until.DaysSince(c.From) >= r.charter.CoverDays:
		invalid = invalid.With("until", "access.error.cover_days", "limit", r.charter.CoverDays)
	case day(c.From) < post.first || day(c.Until) > post.last:
		invalid = invalid.With("until", "access.error.cover_term")
	}
	body, _ := r.units.Tree().ByID(c.Unit)
	switch {
	case person == holder:
		invalid = invalid.With("person", "access.error.cover_self")
	case r.isSuspended(person) || !r.belongs(person, body):
		invalid = invalid.With("person", "access.error.not_a_member")
	}
	if len(invalid.Fields) > 0 {
		return invalid
	}
	for _, rest := range state.rests[c.Of] {
		if rest.first <= day(c.Until) && rest.last >= day(c.From) {
			return fault.New(fault.Conflict, "access.error.cover_twice")
		}
	}
	held := state.held[person]
	for i := range held {
		h := &held[i]
		if !overlaps(c.From, c.Until, h.basis.From, h.basis.Until) {
			continue
		}
		if h.basis.OfPost() && h.basis.Unit == c.Unit && h.basis.Code == c.Post {
			return fault.New(fault.Conflict, "access.error.cover_same")
		}
		for _, rest := range state.rests[h.basis.ID] {
			if rest.first <= day(c.Until) && rest.last >= day(c.From) {
				return fault.New(fault.Conflict, "access.error.cover_absent")
			}
		}
	}
	return nil
}

// EndCover ends a cover with the given last day; yesterday or earlier ends it at
// once. The holder takes the post back, the one who covers gives it back, or
// whoever fills posts there ends it.
func (r *Register) EndCover(ctx context.Context, by Actor, person vault.PersonID, id uint64, last civil.Date) error {
	held, ok := r.holding(person, id, ByCover)
	if !ok {
		return fault.New(fault.NotFound, "access.error.no_holding")
	}
	want := Want{Act: charter.Appoint, Unit: held.basis.Unit}
	if holder, _ := r.state.Load().find(held.basis.Of); by.Person == holder || by.Person == person {
		want = Want{Self: true}
	}
	scope, err := r.Require(ctx, by, want)
	if err != nil {
		return err
	}
	return r.db.Write(ctx, func(tx *database.Tx) error {
		d := r.draft(tx)
		if err := r.uncover(tx, d, scope, last, wordEnded, func(_ vault.PersonID, b Basis) bool { return b.ID == id }); err != nil {
			return err
		}
		return d.settle(tx)
	})
}

// uncover ends, with a last day, the covers that are wanted, as part of an act.
// Without a Scope the program itself does it.
func (r *Register) uncover(tx *database.Tx, d *draft, scope Scope, last civil.Date, how string, want func(vault.PersonID, Basis) bool) error {
	type found struct {
		person vault.PersonID
		id     uint64
	}
	var all []found
	for person, held := range d.next.held {
		for i := range held {
			if h := &held[i]; h.basis.Right == ByCover && h.last > day(last) && h.first <= h.last && want(person, h.basis) {
				all = append(all, found{person, h.basis.ID})
			}
		}
	}
	for _, f := range all {
		var c Cover
		if err := record.Get(r.records, tx, Covers, f.person, f.id, &c); err != nil {
			return err
		}
		c.Until = lastDay(c.From, last)
		if err := record.Put(r.records, tx, Covers, f.person, f.id, &c); err != nil {
			return err
		}
		e := scope.Entry(journal.Dismiss, f.person)
		if !scope.Allowed() {
			e.Right, e.Via = string(System), string(System)
		}
		e.Target, e.Number = uint32(c.Unit), int64(f.id)
		if _, err := r.journal.Append(tx, &e); err != nil {
			return err
		}
		d.put(f.person, r.fromCover(d.next.tree, f.id, &c), how)
	}
	return nil
}
