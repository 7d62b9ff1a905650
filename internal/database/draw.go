package database

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
)

// Draw gives a new row of a table an id of eight digits that is not taken and that
// nobody can count from: a running number would tell how many came between.
func Draw(q Querier, table string) (int64, error) {
	for {
		var b [8]byte
		rand.Read(b[:]) // never fails
		id := 10_000_000 + int64(binary.LittleEndian.Uint64(b[:])%90_000_000)
		var known int64
		err := q.QueryRow(`SELECT id FROM `+table+` WHERE id = $1`, id).Scan(&known)
		if errors.Is(err, ErrNotFound) {
			return id, nil
		}
		if err != nil {
			return 0, err
		}
	}
}
