package member

import (
	"context"
	"errors"
	"slices"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/journal"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Day is what a new day brought.
type Day struct {
	Changed int              // persons whose categories or memberships changed
	Aged    map[unit.ID]int  // by body, whose category ended by age
	Left    []vault.PersonID // whose last membership has ended: the secretariat closes it, or not (D6)
}

// Daily brings every member to today: planned changes of category come, leaves
// end, youth is outgrown, memberships that have ended go, and posts that rested on
// any of it. It is run at the start and when the day changes, may be run again at
// any time, and answers alike then but for what it did before. Each person is an act of
// their own, so nobody waits long.
func (d *Directory) Daily(ctx context.Context) (Day, error) {
	day := Day{Aged: map[unit.ID]int{}}
	x, err := d.open()
	if err != nil {
		return day, err
	}
	for _, person := range x.dueToday() {
		if err := ctx.Err(); err != nil {
			return day, err
		}
		if err := d.daily(ctx, person, &day); err != nil && !errors.Is(err, errNobody) {
			return day, err
		}
	}
	return day, nil
}

func (d *Directory) daily(ctx context.Context, person vault.PersonID, day *Day) error {
	d.writing.Lock()
	defer d.writing.Unlock()
	c := change{person: person}
	err := d.db.Read(ctx, func(q database.Querier) (err error) {
		c.before, err = d.read(q, person)
		return err
	})
	if err != nil {
		return err
	}
	today := d.charter.Today(d.now())
	c.after = c.before.clone()
	aged := c.after.live(d.charter, today)
	if len(c.after.memberships) > 0 && !c.after.memberships[0].activeOn(today) {
		day.Left = append(day.Left, person)
	}
	if len(c.fields(d.charter)) == 0 {
		// A last day that has passed leaves its record; only the index, and the posts
		// that rested on it, must learn.
		return d.lapse(ctx, &c)
	}
	if err := d.commit(ctx, []change{c}, func() *journal.Entry { return byItself(journal.Category, person) }); err != nil {
		return err
	}
	day.Changed++
	for _, m := range aged {
		day.Aged[m.Unit]++
	}
	return nil
}

// lapse takes somebody out of bodies in which their last day has passed.
func (d *Directory) lapse(ctx context.Context, c *change) error {
	in := d.subject(c.person, &c.after)
	if x, err := d.open(); err != nil || x.belongsAs(c.person, in.belongs) {
		return err
	}
	err := d.db.Write(ctx, func(tx *database.Tx) error {
		e := byItself(journal.Category, c.person)
		if _, err := d.journal.Append(tx, e); err != nil {
			return err
		}
		if err := d.tellLapsed(tx, c.person, in.belongs); err != nil {
			return err
		}
		tx.AfterCommit(func() { d.change(func(x *index) { x.put(in) }) })
		return d.endPosts(tx, *e, c)
	})
	return err
}

// tellLapsed tells whoever keeps news of the bodies somebody belongs to no more
// since their last day there has passed.
func (d *Directory) tellLapsed(tx *database.Tx, person vault.PersonID, still []belonging) error {
	x := d.loaded()
	if d.News == nil || x == nil {
		return nil
	}
	h := Happening{Person: person, Lapsed: true}
	for _, id := range d.Units(person) {
		if !slices.ContainsFunc(still, func(b belonging) bool { return b.unit == id }) {
			h.Gone = append(h.Gone, id)
		}
	}
	if len(h.Gone) == 0 {
		return nil
	}
	return d.News.Happened(tx, []Happening{h})
}

// belongsAs reports whether a person stands in the index as belonging so.
func (x *index) belongsAs(person vault.PersonID, belongs []belonging) bool {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if !x.known(person) {
		return true
	}
	has := x.belongsTo(person)
	if len(has) != len(belongs) {
		return false
	}
	for i := range has {
		if has[i] != belongs[i] {
			return false
		}
	}
	return true
}

// byItself is the entry of what happens because a day has come.
func byItself(act journal.Act, persons ...vault.PersonID) *journal.Entry {
	e := access.Scope{}.Entry(act, persons...)
	e.Right, e.Via = string(access.System), string(access.System)
	e.Fields = []string{charter.TypeCategory}
	return &e
}
