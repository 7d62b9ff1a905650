package app

import (
	"bytes"
	"context"
	"errors"

	"kartotek/internal/database"
	"kartotek/internal/departure"
	"kartotek/internal/vault"
)

// ErrOtherKeyring is returned by Open when keyring and register belong to
// different houses.
var ErrOtherKeyring = errors.New("app: the keyring belongs to another register")

// match refuses a keyring that does not fit the register, before anything is
// done with either: one of another house, one with a shorter ledger, whose keys
// may be destroyed elsewhere, and one that would issue a person's id once more.
// The other way round, an old register under today's keyring, is what a
// departure's Resume makes good.
func (h *House) match(ctx context.Context) error {
	id := h.Keyring.ID()
	var known []byte
	var last vault.PersonID
	err := h.DB.Read(ctx, func(q database.Querier) error {
		err := q.QueryRow(`SELECT value FROM register WHERE name = 'keyring'`).Scan(&known)
		if err != nil && !errors.Is(err, database.ErrNotFound) {
			return err
		}
		last, err = h.Records.LastPerson(q)
		return err
	})
	switch {
	case err != nil:
		return err
	case known != nil && !bytes.Equal(known, id[:]):
		return ErrOtherKeyring
	case known == nil: // a new register
		err = h.DB.Write(ctx, func(tx *database.Tx) error {
			_, err := tx.Exec(`INSERT INTO register (name, value) VALUES ('keyring', $1)`, id[:])
			return err
		})
		if err != nil {
			return err
		}
	}
	if err := h.Keyring.KnownPerson(last); err != nil {
		return err
	}
	return departure.CheckLedger(ctx, h.DB, h.Keyring)
}
