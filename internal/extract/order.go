package extract

import (
	"context"
	"encoding/binary"
	"errors"
	"slices"
	"time"

	"kartotek/internal/database"
	"kartotek/internal/vault"
)

// Every line of a list carries its number, so that a recipient finds it again
// however the file was sorted since: "list 317, line 214" (L3). Who stood on which
// line is kept as long as the list may lie somewhere, sealed under a one-off key of
// its own: in the order of their names ids tell more than the journal's set does.

// Sealer holds the one-off keys of orders; the keyring is it.
type Sealer interface {
	OneOff(ctx context.Context, endsAt time.Time) (int64, error)
	SealOnce(id int64, plain []byte) ([]byte, error)
	OpenOnce(id int64, sealed []byte) ([]byte, error)
	DropOneOff(ctx context.Context, ids ...int64) error
}

// order is who stands on which line, in the order of the file.
type order struct {
	bytes []byte
	lines int
}

// sameLine marks a person who stands on the line of the one before.
const sameLine = 1 << 31

// add begins the next line.
func (o *order) add(persons ...vault.PersonID) {
	o.lines++
	for i, person := range persons {
		n := uint32(person)
		if i > 0 {
			n |= sameLine
		}
		o.bytes = binary.LittleEndian.AppendUint32(o.bytes, n)
	}
}

// lineOf finds the lines of persons; those who are not there have none.
func lineOf(bytes []byte, persons map[vault.PersonID]int) {
	line := 0
	for ; len(bytes) >= 4; bytes = bytes[4:] {
		n := binary.LittleEndian.Uint32(bytes)
		if n&sameLine == 0 {
			line++
		}
		if _, wanted := persons[vault.PersonID(n&^sameLine)]; wanted {
			persons[vault.PersonID(n&^sameLine)] = line
		}
	}
}

// keepOrder seals what was written of a list, all of it or a part.
func (s *Service) keepOrder(ctx context.Context, l *List, o *order) error {
	if s.Orders == nil || o.lines == 0 {
		return nil
	}
	ends := l.DestroyBy.AddDays(1 + s.charter.Parameters.ListLineDays.Value).In(time.UTC) // for those who are late
	key, err := s.Orders.OneOff(ctx, ends)
	if err != nil {
		return err
	}
	sealed, err := s.Orders.SealOnce(key, o.bytes)
	if err == nil {
		err = s.db.Write(ctx, func(tx *database.Tx) error {
			_, err := tx.Exec(`INSERT INTO extract_order (number, key_id, sealed, ends_at) VALUES ($1, $2, $3, $4)`, l.Number, key, sealed, ends.UnixMicro())
			return err
		})
	}
	if err != nil {
		return errors.Join(err, s.Orders.DropOneOff(context.WithoutCancel(ctx), key))
	}
	return nil
}

// LinesOn says on which line of a list persons stand, as it was written; 0 where
// the order is not kept any more.
func (s *Service) LinesOn(ctx context.Context, number int64, persons []vault.PersonID) (map[vault.PersonID]int, error) {
	lines := make(map[vault.PersonID]int, len(persons))
	for _, person := range persons {
		lines[person] = 0
	}
	var key int64
	var sealed []byte
	err := s.db.Read(ctx, func(q database.Querier) error {
		return q.QueryRow(`SELECT key_id, sealed FROM extract_order WHERE number = $1`, number).Scan(&key, &sealed)
	})
	if errors.Is(err, database.ErrNotFound) || s.Orders == nil {
		return lines, nil
	}
	if err != nil {
		return nil, err
	}
	plain, err := s.Orders.OpenOnce(key, sealed)
	if errors.Is(err, vault.ErrOneOffSpent) {
		return lines, nil
	}
	if err != nil {
		return nil, err
	}
	lineOf(plain, lines)
	return lines, nil
}

// attested is when the destruction of a list was whole; zero while it is not.
func (l *List) attested() (last time.Time) {
	if !l.Destroyed() {
		return time.Time{}
	}
	for _, p := range append(l.parts(), l.recipient()) {
		for _, at := range []time.Time{p.DigitalAt, p.PhysicalAt} {
			if at.After(last) {
				last = at
			}
		}
	}
	return last
}

// orders lists, by a moment, the lists whose order is over: destroyed, past their
// end, or not known any more; and how many orders there are.
func (s *Service) orders(ctx context.Context, by time.Time) (over []int64, all int, err error) {
	err = s.db.Read(ctx, func(q database.Querier) error {
		lists, err := query(q, `WHERE number IN (SELECT number FROM extract_order) ORDER BY number`)
		if err != nil {
			return err
		}
		known := map[int64]*List{}
		for i := range lists {
			known[lists[i].Number] = &lists[i]
		}
		rows, err := q.Query(`SELECT number, ends_at FROM extract_order ORDER BY number`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for over, all = nil, 0; rows.Next(); all++ {
			var number, ends int64
			if err := rows.Scan(&number, &ends); err != nil {
				return err
			}
			l := known[number]
			if l == nil || ends <= by.UnixMicro() || l.Destroyed() && !l.attested().After(by) {
				over = append(over, number)
			}
		}
		return rows.Err()
	})
	return over, all, err
}

// OrdersDue counts the orders that are over by a moment, and all there are.
func (s *Service) OrdersDue(ctx context.Context, by time.Time) (due, all int, err error) {
	over, all, err := s.orders(ctx, by)
	return len(over), all, err
}

// EndOrders forgets who stood on which line of lists that were destroyed by a moment,
// or whose end had come, keys first, and says of how many lists.
func (s *Service) EndOrders(ctx context.Context, by time.Time) (done int, err error) {
	over, _, err := s.orders(ctx, by)
	if err != nil || s.Orders == nil {
		return 0, err
	}
	for some := range slices.Chunk(over, atOnce) {
		var keys []int64
		for _, number := range some {
			key, err := s.orderKey(ctx, number)
			if err != nil {
				return done, err
			}
			keys = append(keys, key)
		}
		if err := s.Orders.DropOneOff(ctx, keys...); err != nil {
			return done, err
		}
		err := s.db.Write(ctx, func(tx *database.Tx) error {
			for _, number := range some {
				if _, err := tx.Exec(`DELETE FROM extract_order WHERE number = $1`, number); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return done, err
		}
		done += len(some)
	}
	return done, nil
}

func (s *Service) orderKey(ctx context.Context, number int64) (key int64, err error) {
	err = s.db.Read(ctx, func(q database.Querier) error {
		return q.QueryRow(`SELECT key_id FROM extract_order WHERE number = $1`, number).Scan(&key)
	})
	return key, err
}
