package meeting

import (
	"context"
	"time"

	"kartotek/internal/database"
)

// personal are the kinds of records that tell of persons at a meeting.
var personal = []struct {
	kind    uint16
	meeting func(id uint64) int64
}{
	{95, func(id uint64) int64 { return int64(id) }},
	{96, func(id uint64) int64 { return int64(id / lines) }},
	{97, func(id uint64) int64 { return int64(id / lines) }},
}

// over gives the meetings whose day was so long before a moment that who came and who
// stood is forgotten: the charter's days after the meeting (N14), whether it was closed or not.
func (s *Service) over(q database.Querier, by time.Time) (map[int64]bool, error) {
	last := s.Charter.Today(by).AddDays(-s.Charter.Meetings.KeepDays.Value)
	all, err := query(q, `WHERE day < $1 OR state = 'cancelled'`, last.String())
	over := make(map[int64]bool, len(all))
	for i := range all {
		over[all[i].Number] = true
	}
	return over, err
}

type placed struct {
	kind   uint16
	person int64
	id     uint64
}

// stale gives the records of meetings that are over, and counts all of them.
func (s *Service) stale(q database.Querier, by time.Time) (due []placed, all int, err error) {
	over, err := s.over(q, by)
	if err != nil {
		return nil, 0, err
	}
	for _, k := range personal {
		rows, err := q.Query(`SELECT person, id FROM record WHERE kind = $1`, int64(k.kind))
		if err != nil {
			return nil, 0, err
		}
		for rows.Next() {
			var person, id int64
			if err := rows.Scan(&person, &id); err != nil {
				rows.Close()
				return nil, 0, err
			}
			if all++; over[k.meeting(uint64(id))] {
				due = append(due, placed{k.kind, person, uint64(id)})
			}
		}
		err = rows.Err()
		rows.Close()
		if err != nil {
			return nil, 0, err
		}
	}
	return due, all, nil
}

// Due counts who came, stood or counted at meetings that are over by a moment, and all
// there are.
func (s *Service) Due(ctx context.Context, by time.Time) (due, all int, err error) {
	err = s.DB.Read(ctx, func(q database.Querier) error {
		found, total, err := s.stale(q, by)
		due, all = len(found), total
		return err
	})
	return due, all, err
}

// End forgets them. The numbers of the meeting stay, about nobody.
func (s *Service) End(ctx context.Context, by time.Time) (gone int, err error) {
	err = s.DB.Write(ctx, func(tx *database.Tx) error {
		found, _, err := s.stale(tx, by)
		if err != nil {
			return err
		}
		for _, p := range found {
			if _, err := tx.Exec(`DELETE FROM record WHERE kind = $1 AND person = $2 AND id = $3`, int64(p.kind), p.person, int64(p.id)); err != nil {
				return err
			}
		}
		gone = len(found)
		return nil
	})
	return gone, err
}

// wordsBefore is before when a meeting must have ended for its words to go.
func (s *Service) wordsBefore(by time.Time) time.Time {
	return by.AddDate(0, -s.Charter.Parameters.DocumentMonths.Value, 0)
}

// WordsDue counts the meetings whose agenda, place and note end by a moment, and all that
// have any.
func (s *Service) WordsDue(ctx context.Context, by time.Time) (due, all int, err error) {
	err = s.DB.Read(ctx, func(q database.Querier) (err error) {
		due, all, err = worded(q, s.wordsBefore(by))
		return err
	})
	return due, all, err
}

// EndWords forgets them; the day and the numbers stay as facts.
func (s *Service) EndWords(ctx context.Context, by time.Time) (gone int, err error) {
	err = s.DB.Write(ctx, func(tx *database.Tx) (err error) {
		gone, err = forget(tx, s.wordsBefore(by))
		return err
	})
	return gone, err
}
