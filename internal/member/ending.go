package member

import (
	"context"
	"errors"
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/database"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// What ends by itself while somebody stays a member (N14): names they had, the kinds
// of membership they were, mappings of files that nobody uses.

// endAtOnce is how many records one act ends, so that other acts need not wait long.
const endAtOnce = 500

// kept is where a record stands.
type kept struct {
	person vault.PersonID
	id     uint64
}

// formers finds the former names whose last day has passed by a moment, of how many.
func (d *Directory) formers(ctx context.Context, by time.Time) (over []kept, all int, err error) {
	today := d.charter.Today(by)
	err = record.Scan(d.records, ctx, Formers, func(person vault.PersonID, id uint64, f *Former) error {
		all++
		if f.Until.Before(today) {
			over = append(over, kept{person, id})
		}
		return nil
	})
	return over, all, err
}

// FormersDue counts the former names whose last day has passed by a moment, and all
// there are.
func (d *Directory) FormersDue(ctx context.Context, by time.Time) (due, all int, err error) {
	over, all, err := d.formers(ctx, by)
	return len(over), all, err
}

// EndFormers forgets the former names whose last day had passed by a moment, and
// says how many.
func (d *Directory) EndFormers(ctx context.Context, by time.Time) (int, error) {
	over, _, err := d.formers(ctx, by)
	if err != nil {
		return 0, err
	}
	return d.each(ctx, over, func(tx *database.Tx, k kept) error { return record.Remove(tx, Formers, k.person, k.id) })
}

// each does something to records, some at once, and says to how many.
func (d *Directory) each(ctx context.Context, all []kept, do func(*database.Tx, kept) error) (done int, err error) {
	for len(all) > 0 {
		some := all[:min(len(all), endAtOnce)]
		all = all[len(some):]
		err := d.db.Write(ctx, func(tx *database.Tx) error {
			var failed error
			for _, k := range some {
				failed = errors.Join(failed, do(tx, k))
			}
			return failed
		})
		if err != nil {
			return done, err
		}
		done += len(some)
	}
	return done, nil
}

// FormersOf tells how many former names of a person are kept, and the last day of
// the last of them.
func (d *Directory) FormersOf(ctx context.Context, person vault.PersonID) (count int, last civil.Date, err error) {
	err = d.db.Read(ctx, func(q database.Querier) error {
		all, err := record.All(d.records, q, Formers, person)
		for i := range all {
			if until := all[i].Value.Until; until.After(last) {
				last = until
			}
		}
		count = len(all)
		return err
	})
	return count, last, err
}

// courseDay is before which a step of a course must have ended to be forgotten.
func (d *Directory) courseDay(by time.Time) civil.Date {
	return monthsOn(d.charter.Today(by), -d.charter.Parameters.DocumentMonths.Value)
}

func (d *Directory) oldCourses(ctx context.Context, by time.Time) (over []kept, all int, err error) {
	before := d.courseDay(by)
	err = record.Scan(d.records, ctx, Courses, func(person vault.PersonID, id uint64, c *Course) error {
		all++
		if c.place(before) > 0 {
			over = append(over, kept{person, id})
		}
		return nil
	})
	return over, all, err
}

// CoursesDue counts the courses of membership that have something to forget by a
// moment: a kind of membership that ended longer ago than the charter keeps
// documents. And all there are.
func (d *Directory) CoursesDue(ctx context.Context, by time.Time) (due, all int, err error) {
	over, all, err := d.oldCourses(ctx, by)
	return len(over), all, err
}

// EndCourses forgets what had lain back too far by a moment, and says in how many
// courses. Today's kind of membership stays, and what is to come.
func (d *Directory) EndCourses(ctx context.Context, by time.Time) (int, error) {
	over, _, err := d.oldCourses(ctx, by)
	if err != nil {
		return 0, err
	}
	d.writing.Lock() // nobody else changes a course meanwhile
	defer d.writing.Unlock()
	before := d.courseDay(by)
	return d.each(ctx, over, func(tx *database.Tx, k kept) error {
		var c Course
		err := record.Get(d.records, tx, Courses, k.person, k.id, &c)
		if errors.Is(err, database.ErrNotFound) || errors.Is(err, vault.ErrErased) {
			return nil
		}
		if err != nil {
			return err
		}
		if c.forget(before); len(c.Steps) < 2 { // what is left stands in the membership
			return record.Remove(tx, Courses, k.person, k.id)
		}
		return record.Put(d.records, tx, Courses, k.person, k.id, &c)
	})
}

// mappingsBefore is before when a mapping must have been used last to go.
func (d *Directory) mappingsBefore(by time.Time) int64 {
	return d.charter.Midnight(monthsOn(d.charter.Today(by), -d.charter.Parameters.MappingMonths.Value)).UnixMicro()
}

// MappingsDue counts the saved mappings that nobody has used for so long by a moment
// that they go, and all there are.
func (d *Directory) MappingsDue(ctx context.Context, by time.Time) (due, all int, err error) {
	var n, total int64
	err = d.db.Read(ctx, func(q database.Querier) error {
		if err := q.QueryRow(`SELECT COUNT(*) FROM import_mapping WHERE used_at < $1`, d.mappingsBefore(by)).Scan(&n); err != nil {
			return err
		}
		return q.QueryRow(`SELECT COUNT(*) FROM import_mapping`).Scan(&total)
	})
	return int(n), int(total), err
}

// EndMappings deletes the saved mappings that nobody had used for so long by a
// moment, and says how many.
func (d *Directory) EndMappings(ctx context.Context, by time.Time) (gone int, err error) {
	err = d.db.Write(ctx, func(tx *database.Tx) error {
		n, err := tx.Exec(`DELETE FROM import_mapping WHERE used_at < $1`, d.mappingsBefore(by))
		gone = int(n)
		return err
	})
	return gone, err
}
