package access

import (
	"errors"

	"github.com/golang-sql/civil"

	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// EndIn ends, in the transaction of an act that takes somebody out of a body, the
// posts that rest on belonging there: those in the body, and those above it unless
// another body they still belong to carries them. Future ones never begin. Each is
// journaled by a copy of the entry. It says how many there were (D8, D11).
func (r *Register) EndIn(tx *database.Tx, by journal.Entry, person vault.PersonID, left unit.ID, rest []unit.ID) (int, error) {
	tree := r.units.Tree()
	ended, err := r.endPosts(tx, by, person, func(a *Appointment) bool {
		return (a.Unit == left || tree.Under(a.Unit).Contains(uint32(left))) && !r.carried(a.Unit, rest)
	})
	if err != nil {
		return ended, err
	}
	d := r.draft(tx)
	grants, err := r.endGrants(tx, d, by, person, left, r.charter.Today(tx.Now()))
	if err != nil || grants == 0 {
		return ended, err
	}
	return ended + grants, d.settle(tx)
}

// EndPosts ends the posts somebody holds in a body though they still belong to it,
// as one does whose kind of membership gives none. It says how many there were.
func (r *Register) EndPosts(tx *database.Tx, by journal.Entry, person vault.PersonID, body unit.ID) (int, error) {
	return r.endPosts(tx, by, person, func(a *Appointment) bool { return a.Unit == body })
}

func (r *Register) endPosts(tx *database.Tx, by journal.Entry, person vault.PersonID, rests func(*Appointment) bool) (ended int, err error) {
	posts, err := record.All(r.records, tx, Appointments, person)
	if err != nil {
		return 0, err
	}
	today := r.charter.Today(tx.Now())
	d := r.draft(tx)
	for i := range posts {
		a := &posts[i].Value
		if a.over(today) || !rests(a) {
			continue
		}
		if err := r.stop(tx, d, by, person, posts[i].ID, a, today); err != nil {
			return ended, err
		}
		ended++
	}
	return ended, d.settle(tx)
}

// over reports whether the term has passed.
func (a *Appointment) over(today civil.Date) bool { return !a.Until.IsZero() && a.Until.Before(today) }

// carried reports whether belonging to some bodies carries a post in another: the
// rule of belongs, for bodies one is told of.
func (r *Register) carried(body unit.ID, belongs []unit.ID) bool {
	tree := r.units.Tree()
	at, _ := tree.ByID(body)
	below := tree.Under(body)
	level, known := r.charter.Level(at.Level)
	for _, id := range belongs {
		if id == body || known && !level.Members && below.Contains(uint32(id)) {
			return true
		}
	}
	return false
}

// stop ends one post yesterday, and what covers it, in somebody else's
// transaction.
func (r *Register) stop(tx *database.Tx, d *draft, by journal.Entry, person vault.PersonID, id uint64, a *Appointment, today civil.Date) error {
	a.Until = lastDay(a.From, today.AddDays(-1))
	if err := record.Put(r.records, tx, Appointments, person, id, a); err != nil {
		return err
	}
	if err := r.journalPost(tx, by, journal.Dismiss, person, id, a.Unit); err != nil {
		return err
	}
	d.put(person, r.fromAppointment(d.next.tree, id, a), wordEnded)
	return r.uncover(tx, d, Scope{}, a.Until, wordEnded, func(_ vault.PersonID, b Basis) bool { return b.Of == id })
}

func (r *Register) journalPost(tx *database.Tx, e journal.Entry, act journal.Act, person vault.PersonID, id uint64, body unit.ID) error {
	about := Scope{}.Entry(act, person)
	e.Act, e.Persons, e.Target, e.Number, e.Fields, e.Reason = act, about.Persons, uint32(body), int64(id), nil, ""
	_, err := r.journal.Append(tx, &e)
	return err
}

// Lost is a post that could not be given back.
type Lost struct {
	Post string
	Unit unit.ID
}

// Return is for the transaction in which somebody whose rights were suspended
// comes back: a post whose seat was filled meanwhile ends, since no body has more
// officers than the charter gives it seats (D8, D10). Those are told; Restore
// gives back the rest.
func (r *Register) Return(tx *database.Tx, by journal.Entry, person vault.PersonID) (lost []Lost, err error) {
	posts, err := record.All(r.records, tx, Appointments, person)
	if err != nil {
		return nil, err
	}
	today := r.charter.Today(tx.Now())
	d := r.draft(tx)
	for i := range posts {
		a := &posts[i].Value
		if a.over(today) {
			continue
		}
		again := *a
		if again.From.Before(today) {
			again.From = today
		}
		if !r.filled(posts[i].ID, again) {
			continue
		}
		lost = append(lost, Lost{a.Post, a.Unit})
		if err := r.stop(tx, d, by, person, posts[i].ID, a, today); err != nil {
			return nil, err
		}
	}
	return lost, d.settle(tx)
}

// filled reports whether others hold all seats of a post on some day of a term. A
// body that has become too small for the post keeps who held it.
func (r *Register) filled(id uint64, a Appointment) bool {
	post, known := r.charter.Post(a.Post)
	if !known {
		return false
	}
	taken := 0
	for _, held := range r.state.Load().held {
		for i := range held {
			h := &held[i]
			if h.basis.ID != id && h.basis.Right == ByPost && h.basis.Code == a.Post && h.basis.Unit == a.Unit &&
				overlaps(a.From, a.Until, h.basis.From, h.basis.Until) {
				taken++
			}
		}
	}
	return taken >= post.Seats
}

// Movable refuses to move the rights of somebody who is registered twice where
// that would give anybody something: a position in the secretariat was given to
// one person, on grounds of their own (D4).
func (r *Register) Movable(person vault.PersonID) error {
	today := r.today().number
	for _, h := range r.state.Load().held[person] {
		if h.basis.Right != ByPost && today <= h.last {
			return fault.New(fault.Conflict, "access.error.merge_position")
		}
	}
	return nil
}

// MovePosts gives the posts of somebody registered twice to their other entry, in
// the transaction that makes the two one, and says which. A post both hold at the
// same time stays the one it is, and reaches as far as either did.
func (r *Register) MovePosts(tx *database.Tx, by journal.Entry, from, to vault.PersonID) (moved []uint64, err error) {
	if err := r.Movable(from); err != nil {
		return nil, err
	}
	posts, err := record.All(r.records, tx, Appointments, from)
	if err != nil {
		return nil, err
	}
	kept, err := record.All(r.records, tx, Appointments, to)
	if err != nil {
		return nil, err
	}
	d := r.draft(tx)
	for i := range posts {
		a, id := posts[i].Value, posts[i].ID
		if twice := sameSeat(kept, &a); twice != nil {
			if err := r.stretch(tx, d, by, to, twice.ID, &twice.Value, &a); err != nil {
				return nil, err
			}
			continue
		}
		if err := r.movePost(tx, d, by, from, to, id, &a); err != nil {
			return nil, err
		}
		moved = append(moved, id)
	}
	return moved, d.settle(tx)
}

// sameSeat finds the post of a list that is held in the same body on a same day.
func sameSeat(all []record.Item[Appointment], a *Appointment) *record.Item[Appointment] {
	for i := range all {
		if b := &all[i].Value; b.Post == a.Post && b.Unit == a.Unit && overlaps(a.From, a.Until, b.From, b.Until) {
			return &all[i]
		}
	}
	return nil
}

// stretch makes a post last as long as either of two.
func (r *Register) stretch(tx *database.Tx, d *draft, by journal.Entry, person vault.PersonID, id uint64, a, other *Appointment) error {
	before := *a
	if other.From.Before(a.From) {
		a.From = other.From
	}
	if other.Until.IsZero() || !a.Until.IsZero() && a.Until.Before(other.Until) {
		a.Until = other.Until
	}
	if *a == before {
		return nil
	}
	if err := record.Put(r.records, tx, Appointments, person, id, a); err != nil {
		return err
	}
	if err := r.journalPost(tx, by, journal.Appoint, person, id, a.Unit); err != nil {
		return err
	}
	d.put(person, r.fromAppointment(d.next.tree, id, a), wordAppointed)
	return nil
}

// MovePostsBack undoes MovePosts for those that are still where they came to.
func (r *Register) MovePostsBack(tx *database.Tx, by journal.Entry, from, to vault.PersonID, ids []uint64) error {
	d := r.draft(tx)
	for _, id := range ids {
		var a Appointment
		err := record.Get(r.records, tx, Appointments, from, id, &a)
		if errors.Is(err, database.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		if err := r.movePost(tx, d, by, from, to, id, &a); err != nil {
			return err
		}
	}
	return d.settle(tx)
}

// movePost writes one post to another person, and what the history tells of it:
// they are one.
func (r *Register) movePost(tx *database.Tx, d *draft, by journal.Entry, from, to vault.PersonID, id uint64, a *Appointment) error {
	if err := record.Remove(tx, Appointments, from, id); err != nil {
		return err
	}
	if err := record.Create(r.records, tx, Appointments, to, id, a); err != nil {
		return err
	}
	if err := r.journalPost(tx, by, journal.Appoint, to, id, a.Unit); err != nil {
		return err
	}
	if err := moveChapters(tx, id, to); err != nil {
		return err
	}
	if d.next.halted(id) {
		if err := r.moveHalt(tx, from, to, id); err != nil {
			return err
		}
	}
	h := r.fromAppointment(d.next.tree, id, a)
	d.edit(func(s *snapshot) { s.drop(from, id) })
	d.put(to, h, wordAppointed)
	return nil
}

// drop takes one holding from somebody.
func (s *snapshot) drop(person vault.PersonID, id uint64) {
	var kept []holding
	for _, h := range s.held[person] {
		if h.basis.ID != id {
			kept = append(kept, h)
		}
	}
	if s.held[person] = kept; len(kept) == 0 {
		delete(s.held, person)
	}
}

// mayHold reports whether some membership that carries a post in a body is of a
// kind that may hold posts.
func (r *Register) mayHold(person vault.PersonID, body unit.Unit) bool {
	if level, known := r.charter.Level(body.Level); known && level.Members {
		return r.members.MayHold(person, body.ID)
	}
	for _, below := range r.units.Tree().Below(body.ID) {
		if r.members.MayHold(person, below.ID) {
			return true
		}
	}
	return false
}
