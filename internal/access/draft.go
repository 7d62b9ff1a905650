package access

import (
	"maps"
	"slices"

	"kartotek/internal/database"
	"kartotek/internal/vault"
)

// draft is the state of all rights as an act is about to leave it. The act
// changes it together with the records, and settle writes what follows from it
// for who has access when, in the act's own transaction. The state that others
// read changes when the act is committed.
type draft struct {
	r       *Register
	before  *snapshot
	next    *snapshot
	touched map[uint64]string // holdings that changed, and how: a word of the history
	edits   []func(*snapshot)
}

// pending is how far the act that runs has changed the rights: an act may change
// them in several steps, each of which goes on where the one before stopped.
type pending struct {
	tx    *database.Tx
	state *snapshot
}

// draft begins a change in an act; the caller is the writer.
func (r *Register) draft(tx *database.Tx) *draft {
	before := r.state.Load()
	if r.pending.tx == tx {
		before = r.pending.state
	}
	next := blank(r.units.Tree())
	next.held, next.rests, next.halts = maps.Clone(before.held), before.rests, before.halts
	return &draft{r: r, before: before, next: next, touched: map[uint64]string{}}
}

// put adds a holding, or puts it in the place of the one with its number.
func (d *draft) put(person vault.PersonID, h holding, how string) {
	d.touch(h.basis, how)
	d.edit(func(s *snapshot) { s.replace(person, h) })
}

// drop takes a holding away.
func (d *draft) drop(person vault.PersonID, b Basis, how string) {
	d.touch(b, how)
	d.edit(func(s *snapshot) { s.drop(person, b.ID) })
}

// touch notes that a holding changes; with a cover the covered holding begins
// or ends to rest.
func (d *draft) touch(b Basis, how string) {
	d.touched[b.ID] = how
	if _, changed := d.touched[b.Of]; b.Right == ByCover && !changed {
		d.touched[b.Of] = wordCovered
	}
}

func (d *draft) edit(edit func(*snapshot)) {
	edit(d.next)
	d.edits = append(d.edits, edit)
}

// settle writes the history of what changed and lets the change be seen when
// the act is committed.
func (d *draft) settle(tx *database.Tx) error {
	d.next.settle()
	d.r.pending = pending{tx, d.next}
	for _, id := range slices.Sorted(maps.Keys(d.touched)) {
		person, h := d.next.find(id)
		if h == nil {
			if person, h = d.before.find(id); h == nil {
				continue
			}
			gone := *h
			gone.may = 0
			h = &gone
		}
		if err := d.r.chronicle(tx, person, h, d.next, d.touched[id]); err != nil {
			return err
		}
	}
	tx.AfterCommit(func() {
		d.r.change(func(next *snapshot) {
			for _, edit := range d.edits {
				edit(next)
			}
		})
	})
	return nil
}
