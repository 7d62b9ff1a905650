package signin

import (
	"context"
	"errors"
	"time"

	"kartotek/internal/database"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// at is where a record stands.
type at struct {
	person vault.PersonID
	id     uint64
}

// ended are the rows that have ended by a moment, by table.
var ended = [...]struct{ table, condition string }{
	{"signin_code", "expires_at <= $1"}, {"signin_limit", "ends_at <= $1"}, {"session", "idle_at <= $1"},
}

// Due counts the codes, limits, sessions and devices that have ended by a moment,
// with the record of each session, and all there are.
func (s *Service) Due(ctx context.Context, by time.Time) (due, all int, err error) {
	err = s.db.Read(ctx, func(q database.Querier) error {
		due, all = 0, 0
		for _, e := range ended {
			var over, total int64
			if err := q.QueryRow(`SELECT COUNT(*) FROM `+e.table+` WHERE `+e.condition, by.UnixMicro()).Scan(&over); err != nil {
				return err
			}
			if err := q.QueryRow(`SELECT COUNT(*) FROM ` + e.table).Scan(&total); err != nil {
				return err
			}
			due, all = due+int(over), all+int(total)
		}
		return nil
	})
	if err != nil {
		return 0, 0, err
	}
	devices, total, err := s.devices(ctx, by)
	return due + len(devices), all + total, err
}

// End deletes codes, choices, demo links, limits, sessions and remembered devices
// that had ended by a moment, and says how many. Nothing depends on it: what has
// ended is refused either way.
func (s *Service) End(ctx context.Context, by time.Time) (gone int, err error) {
	devices, _, err := s.devices(ctx, by)
	if err != nil {
		return 0, err
	}
	err = s.db.Write(ctx, func(tx *database.Tx) error {
		gone = len(devices)
		for _, e := range ended {
			n, err := tx.Exec(`DELETE FROM `+e.table+` WHERE `+e.condition, by.UnixMicro())
			if err != nil {
				return err
			}
			gone += int(n)
		}
		for _, d := range devices {
			if err := record.Remove(tx, Devices, d.person, d.id); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return gone, s.tidyVisits(ctx)
}

// devices finds the remembered devices whose time is over by a moment, of how many.
func (s *Service) devices(ctx context.Context, by time.Time) (over []at, all int, err error) {
	err = record.Scan(s.o.Records, ctx, Devices, func(person vault.PersonID, id uint64, d *Device) error {
		all++
		if !by.Before(d.Until) {
			over = append(over, at{person, id})
		}
		return nil
	})
	return over, all, err
}

// Of tells how many devices are remembered for a person, and until when.
func (s *Service) Of(ctx context.Context, person vault.PersonID) (count int, last time.Time, err error) {
	err = s.db.Read(ctx, func(q database.Querier) error {
		all, err := record.All(s.o.Records, q, Devices, person)
		for i := range all {
			if all[i].Value.Until.After(last) {
				last = all[i].Value.Until
			}
		}
		count = len(all)
		return err
	})
	return count, last, err
}

// tidyVisits takes away the records of sessions that are no more.
func (s *Service) tidyVisits(ctx context.Context) error {
	sessions := map[at][]byte{}
	err := record.Scan(s.o.Records, ctx, Visits, func(person vault.PersonID, id uint64, v *Visit) error {
		sessions[at{person, id}] = v.Session
		return nil
	})
	if err != nil || len(sessions) == 0 {
		return err
	}
	return s.db.Write(ctx, func(tx *database.Tx) error {
		for place, session := range sessions {
			switch _, err := findSession(tx, session); {
			case errors.Is(err, database.ErrNotFound):
				if err := record.Remove(tx, Visits, place.person, place.id); err != nil {
					return err
				}
			case err != nil:
				return err
			}
		}
		return nil
	})
}
