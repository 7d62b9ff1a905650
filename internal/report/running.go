package report

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/database"
	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// What happens is put down in the act's own transaction: how many, in which body, of
// what kind. Months and years are counted from it when they are over. Until then the
// numbers are small, so they lie sealed under a key that changes every month and
// ends with the charter's document-months.

// keyLife is how long one key seals.
const keyLife = 30 * 24 * time.Hour

// happened is a number of things of one kind, in a body, on a day.
type happened struct {
	day   civil.Date
	event Event
	n     int
}

const formTally = 1 // a group of the fields below

const (
	formUnit = iota + 1
	formKind
	formNumber
)

// encode puts numbers of one moment into their binary form.
func encode(tally map[Event]int) []byte {
	var w record.Writer
	events := slices.SortedFunc(maps.Keys(tally), func(a, b Event) int {
		return cmp.Or(cmp.Compare(a.Unit, b.Unit), cmp.Compare(a.Kind, b.Kind))
	})
	for _, e := range events {
		var group record.Writer
		w.Blob(formTally, group.Uint(formUnit, uint64(e.Unit)).Uint(formKind, uint64(e.Kind)).Uint(formNumber, uint64(tally[e])).Bytes)
	}
	return w.Bytes
}

func decode(day civil.Date, plain []byte) (all []happened, err error) {
	r := record.NewReader(plain)
	for r.Next() {
		if r.Field() != formTally {
			continue
		}
		h := happened{day: day}
		group := record.NewReader(r.Blob())
		for group.Next() {
			switch group.Field() {
			case formUnit:
				h.event.Unit = unit.ID(group.Uint())
			case formKind:
				h.event.Kind = Kind(group.Uint())
			case formNumber:
				h.n = int(group.Uint())
			}
		}
		if err := group.Err(); err != nil {
			return nil, err
		}
		all = append(all, h)
	}
	return all, r.Err()
}

// Happened puts events down, in the act's own transaction.
func (s *Service) Happened(tx *database.Tx, events ...Event) error {
	if len(events) == 0 {
		return nil
	}
	key, err := period.Key(tx)
	if err != nil {
		return err
	}
	tally := map[Event]int{}
	for _, e := range events {
		tally[e]++
	}
	sealed, err := s.Keyring.SealOnce(key, encode(tally))
	if err != nil {
		return err
	}
	id, err := tx.Next("report_running")
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO report_running (id, at, key_id, sealed) VALUES ($1, $2, $3, $4)`, id, tx.Now().UnixMicro(), key, sealed)
	return err
}

// running opens what was put down and still lies here.
func (s *Service) running(q database.Querier) (all []happened, err error) {
	rows, err := q.Query(`SELECT at, key_id, sealed FROM report_running ORDER BY id`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var at, key int64
		var sealed []byte
		if err := rows.Scan(&at, &key, &sealed); err != nil {
			return nil, err
		}
		plain, err := s.Keyring.OpenOnce(key, sealed)
		if errors.Is(err, vault.ErrOneOffSpent) {
			continue // its time is over; the row goes with the next sweep
		}
		if err != nil {
			return nil, err
		}
		more, err := decode(s.Charter.Today(time.UnixMicro(at)), plain)
		if err != nil {
			return nil, err
		}
		all = append(all, more...)
	}
	return all, rows.Err()
}

// period is the key that numbers are sealed under at present.
var period = record.Period{Name: "report", Life: keyLife}

// Ready sees to it that there is a key to seal under. It is called at start and once
// a day.
func (s *Service) Ready(ctx context.Context) error {
	now := s.Now()
	return period.Ready(ctx, s.DB, s.Keyring, now, s.over(now.Add(keyLife), 1))
}

// over is a moment as many months later, or earlier, as running numbers are kept.
func (s *Service) over(at time.Time, sign int) time.Time {
	return at.AddDate(0, sign*s.Charter.Parameters.DocumentMonths.Value, 0)
}

// Due counts the running numbers whose time is over by a moment, and all there are
// (N14).
func (s *Service) Due(ctx context.Context, by time.Time) (due, all int, err error) {
	err = s.DB.Read(ctx, func(q database.Querier) error {
		var n, total int64
		if err := q.QueryRow(`SELECT COUNT(*) FROM report_running WHERE at < $1`, s.over(by, -1).UnixMicro()).Scan(&n); err != nil {
			return err
		}
		err := q.QueryRow(`SELECT COUNT(*) FROM report_running`).Scan(&total)
		due, all = int(n), int(total)
		return err
	})
	return due, all, err
}

// End takes away the running numbers whose time was over by a moment, and says how
// many.
func (s *Service) End(ctx context.Context, by time.Time) (gone int, err error) {
	err = s.DB.Write(ctx, func(tx *database.Tx) error {
		n, err := tx.Exec(`DELETE FROM report_running WHERE at < $1`, s.over(by, -1).UnixMicro())
		gone = int(n)
		return err
	})
	return gone, err
}
