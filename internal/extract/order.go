package extract

import (
	"context"
	"encoding/binary"
	"errors"
	"time"

	"kartotek/internal/database"
	"kartotek/internal/vault"
)

// Every line of a list carries its number, so that a recipient finds it again
// however the file was sorted since: "list 317, line 214" (L3). Who stood on which
// line is kept as long as the list may lie somewhere, sealed under a one-off key of
// its own: in the order of their names ids tell more than the journal's set does.

// orderLife is how long after its last day the order of a list is kept, for those
// who are late.
const orderLife = 180 * 24 * time.Hour

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
	ends := l.DestroyBy.AddDays(1).In(time.UTC).Add(orderLife)
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

// DropOrders forgets the orders of lists that are destroyed, or whose end has come.
func (s *Service) DropOrders(ctx context.Context) error {
	if s.Orders == nil {
		return nil
	}
	var gone, keys []int64
	err := s.db.Write(ctx, func(tx *database.Tx) error {
		gone, keys = nil, nil
		found, err := query(tx, `WHERE number IN (SELECT number FROM extract_order) ORDER BY number`)
		if err != nil {
			return err
		}
		for i := range found {
			if found[i].Destroyed() {
				gone = append(gone, found[i].Number)
			}
		}
		rows, err := tx.Query(`SELECT number FROM extract_order WHERE ends_at <= $1 OR number NOT IN (SELECT number FROM extract)`, tx.Now().UnixMicro())
		if err != nil {
			return err
		}
		for rows.Next() {
			var number int64
			if err := rows.Scan(&number); err != nil {
				rows.Close()
				return err
			}
			gone = append(gone, number)
		}
		if err := rows.Err(); err != nil {
			return err
		}
		rows.Close()
		for _, number := range gone {
			var key int64
			if err := tx.QueryRow(`DELETE FROM extract_order WHERE number = $1 RETURNING key_id`, number).Scan(&key); err != nil && !errors.Is(err, database.ErrNotFound) {
				return err
			}
			if key != 0 {
				keys = append(keys, key)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return s.Orders.DropOneOff(ctx, keys...)
}
