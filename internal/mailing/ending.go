package mailing

import (
	"context"
	"errors"
	"time"

	"kartotek/internal/database"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// What was written, and who got it, is kept from the mailing's end as long as the
// charter says; a draft that nobody handed in, from when it was last changed.

// over is the condition by which a mailing's time is over by a moment ($1), in micro-
// seconds and months before it.
const over = `(state IN ('sent', 'stopped') AND ended_at <= $1 OR state IN ('draft', 'refused') AND state_at <= $1)`

func (s *Service) before(by time.Time) int64 {
	return by.AddDate(0, -s.Charter.Mailings.KeepMonths.Value, 0).UnixMicro()
}

// Due counts the mailings whose time is over by a moment, and all there are (N14).
func (s *Service) Due(ctx context.Context, by time.Time) (due, all int, err error) {
	var n, total int64
	err = s.DB.Read(ctx, func(q database.Querier) error {
		if err := q.QueryRow(`SELECT COUNT(*) FROM mailing WHERE `+over, s.before(by)).Scan(&n); err != nil {
			return err
		}
		return q.QueryRow(`SELECT COUNT(*) FROM mailing`).Scan(&total)
	})
	return int(n), int(total), err
}

// atOnce is how many receipts one act forgets.
const atOnce = 1000

// End forgets the mailings whose time was over by a moment, with what says who got
// them, and gives how many they were.
func (s *Service) End(ctx context.Context, by time.Time) (int, error) {
	var all []Mailing
	err := s.DB.Read(ctx, func(q database.Querier) (err error) {
		all, err = query(q, `WHERE `+over+` ORDER BY id`, s.before(by))
		return err
	})
	if err != nil || len(all) == 0 {
		return 0, err
	}
	ended := map[uint64]bool{}
	var keys []int64
	for i := range all {
		ended[uint64(all[i].ID)] = true
		keys = append(keys, all[i].keys.text)
	}
	type receipt struct {
		person vault.PersonID
		id     uint64
	}
	var some []receipt
	forget := func() error {
		defer func() { some = some[:0] }()
		return s.DB.Write(ctx, func(tx *database.Tx) error {
			for _, r := range some {
				if err := record.Remove(tx, Receipts, r.person, r.id); err != nil && !errors.Is(err, database.ErrNotFound) {
					return err
				}
			}
			return nil
		})
	}
	var gone []receipt
	err = s.Records.IDs(ctx, Receipts.Number, func(person vault.PersonID, id uint64) error {
		if ended[id] {
			gone = append(gone, receipt{person, id})
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	for _, r := range gone {
		if some = append(some, r); len(some) == atOnce {
			if err := forget(); err != nil {
				return 0, err
			}
		}
	}
	if err := forget(); err != nil {
		return 0, err
	}
	err = s.DB.Write(ctx, func(tx *database.Tx) error {
		for i := range all {
			if _, err := tx.Exec(`DELETE FROM mailing WHERE id = $1`, all[i].ID); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return len(all), s.Keyring.DropOneOff(ctx, keys...)
}

// Of tells how many mailings a person got that are still remembered, and when the last
// of them is forgotten.
func (s *Service) Of(ctx context.Context, person vault.PersonID) (count int, last time.Time, err error) {
	err = s.DB.Read(ctx, func(q database.Querier) error {
		items, err := record.All(s.Records, q, Receipts, person)
		for i := range items {
			count++
			if ends := items[i].Value.At.AddDate(0, s.Charter.Mailings.KeepMonths.Value, 0); ends.After(last) {
				last = ends
			}
		}
		return err
	})
	return count, last, err
}

// Walk calls fn with what was written in every mailing: for whoever searches for what
// must be gone (D7).
func (s *Service) Walk(ctx context.Context, fn func(id int64, person vault.PersonID, texts []string, err error) error) error {
	var all []Mailing
	err := s.DB.Read(ctx, func(q database.Querier) (err error) {
		all, err = query(q, `ORDER BY id`)
		return err
	})
	if err != nil {
		return err
	}
	for i := range all {
		m := &all[i]
		err := s.open(m)
		if err := fn(m.ID, 0, []string{m.Subject, m.Text, m.ReplyTo, m.Grounds}, err); err != nil {
			return err
		}
	}
	return nil
}
