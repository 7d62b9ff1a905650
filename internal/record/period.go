package record

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"kartotek/internal/database"
	"kartotek/internal/vault"
)

// Period is the one-off key under which a room seals at present what is about many
// persons at once. Another is drawn when its life is over, so that what was sealed
// under one ends with it (N14).
type Period struct {
	Name string        // where it stands among the register's settings
	Life time.Duration // how long one key seals
}

// Ready sees to it that there is a key that still seals at a moment; a new one ends
// at another. It is called at start and once a day. The key is durable first.
func (p Period) Ready(ctx context.Context, db *database.DB, keys *vault.Keyring, now, ends time.Time) error {
	var key int64
	var began time.Time
	err := db.Read(ctx, func(q database.Querier) (err error) {
		key, began, err = p.read(q)
		return err
	})
	switch {
	case err != nil && !errors.Is(err, database.ErrNotFound):
		return err
	case err == nil && key != 0 && now.Sub(began) < p.Life && !now.Before(began):
		return nil
	}
	if key, err = keys.OneOff(ctx, ends); err != nil {
		return err
	}
	return db.Write(ctx, func(tx *database.Tx) error {
		value := strconv.FormatInt(key, 10) + " " + strconv.FormatInt(now.UnixMicro(), 10)
		_, err := tx.Exec(`INSERT INTO register (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
			p.Name, []byte(value))
		return err
	})
}

// Key is the key to seal under; database.ErrNotFound before Ready.
func (p Period) Key(q database.Querier) (int64, error) {
	key, _, err := p.read(q)
	return key, err
}

func (p Period) read(q database.Querier) (key int64, began time.Time, err error) {
	var value []byte
	if err := q.QueryRow(`SELECT value FROM register WHERE name = $1`, p.Name).Scan(&value); err != nil {
		return 0, began, err
	}
	id, at, _ := strings.Cut(string(value), " ")
	if key, err = strconv.ParseInt(id, 10, 64); err != nil {
		return 0, began, err
	}
	micros, err := strconv.ParseInt(at, 10, 64)
	return key, time.UnixMicro(micros), err
}
