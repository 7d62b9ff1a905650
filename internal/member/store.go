package member

import (
	"errors"
	"slices"

	"kartotek/internal/database"
	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// stored is a person's records of this room.
type stored struct {
	profile     Profile
	memberships []Membership
	tie         Tie
	courses     []Course // of those memberships that have changed
}

// in is the membership of a body; nil if there is none.
func (s *stored) in(id unit.ID) *Membership {
	for i := range s.memberships {
		if s.memberships[i].Unit == id {
			return &s.memberships[i]
		}
	}
	return nil
}

// clone is a copy that shares nothing that can change.
func (s *stored) clone() stored {
	c := stored{profile: s.profile.clone(), memberships: slices.Clone(s.memberships), tie: s.tie}
	for i := range s.courses {
		c.courses = append(c.courses, s.courses[i].clone())
	}
	return c
}

// errNobody: there is no profile, or its key is destroyed.
var errNobody = errors.New("member: no such person")

// read gives a person's records; errNobody where there are none any more.
func (d *Directory) read(q database.Querier, person vault.PersonID) (*stored, error) {
	var s stored
	err := record.Get(d.records, q, Profiles, person, profileID, &s.profile)
	if errors.Is(err, database.ErrNotFound) || errors.Is(err, vault.ErrErased) {
		return nil, errNobody
	}
	if err != nil {
		return nil, err
	}
	items, err := record.All(d.records, q, Memberships, person)
	if err != nil {
		return nil, err
	}
	s.memberships = make([]Membership, len(items))
	for i, item := range items {
		s.memberships[i] = item.Value
	}
	if err := record.Get(d.records, q, Ties, person, tieID, &s.tie); err != nil && !errors.Is(err, database.ErrNotFound) {
		return nil, err
	}
	courses, err := record.All(d.records, q, Courses, person)
	if err != nil {
		return nil, err
	}
	for _, item := range courses {
		if len(item.Value.Steps) > 0 {
			s.courses = append(s.courses, item.Value)
		}
	}
	return &s, nil
}

// create writes a new person's records.
func (d *Directory) create(tx *database.Tx, person vault.PersonID, s *stored) error {
	if err := record.Create(d.records, tx, Profiles, person, profileID, &s.profile); err != nil {
		return err
	}
	for i := range s.memberships {
		m := &s.memberships[i]
		if err := record.Create(d.records, tx, Memberships, person, uint64(m.Unit), m); err != nil {
			return err
		}
	}
	return d.writeCourses(tx, person, nil, s)
}

// writeCourses brings the courses of a person's memberships from before to after;
// the course of a membership that is no more goes with it.
func (d *Directory) writeCourses(tx *database.Tx, person vault.PersonID, before []Course, after *stored) error {
	for i := range after.courses {
		c := &after.courses[i]
		if after.in(c.Unit) == nil || slices.ContainsFunc(before, func(was Course) bool { return was.same(c) }) {
			continue
		}
		if err := record.Put(d.records, tx, Courses, person, uint64(c.Unit), c); err != nil {
			return err
		}
	}
	for i := range before {
		id := before[i].Unit
		if after.in(id) != nil && slices.ContainsFunc(after.courses, func(c Course) bool { return c.Unit == id }) {
			continue
		}
		if err := record.Remove(tx, Courses, person, uint64(id)); err != nil {
			return err
		}
	}
	return nil
}

// counterNumber counts the member numbers given out.
const counterNumber = "member_number"

// lastNumber is the highest member number given out so far, 0 for none.
func lastNumber(q database.Querier) (int64, error) {
	var next int64
	err := q.QueryRow(`SELECT next FROM counter WHERE name = $1`, counterNumber).Scan(&next)
	if errors.Is(err, database.ErrNotFound) {
		return 0, nil
	}
	return next - 1, err
}

// saveLastNumber keeps the highest number, so that none is given out twice even
// when its bearer is erased.
func saveLastNumber(tx *database.Tx, number int64) error {
	_, err := tx.Exec(`INSERT INTO counter (name, next) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET next = excluded.next`,
		counterNumber, number+1)
	return err
}
