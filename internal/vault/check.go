package vault

import (
	"context"
	"errors"
	"fmt"

	"kartotek/internal/database"
)

// Health is what Check has found out about a keyring.
type Health struct {
	Keys     int      // that open under the master key
	Bad      int      // that do not: somebody's records cannot be read
	Problems []string // of the file, in the engine's words
}

// Check reads the keyring's whole file again: whether it fits together, whether
// every key in it opens, whether the ledger is the one that was signed. The error
// is one of reading, or ErrLedgerTampered.
func (k *Keyring) Check(ctx context.Context) (h Health, err error) {
	if h.Problems, err = k.db.Check(ctx); err != nil {
		return h, err
	}
	err = k.db.Read(ctx, func(q database.Querier) error {
		h.Keys, h.Bad = 0, 0
		w := wrapper{master: k.master.Load().cipher}
		try := func(key *wrappedKey, about []byte) {
			if key.none() {
				return
			}
			w.sealed = *key
			if w.unwrap(about) != nil {
				h.Bad++
				return
			}
			clear(w.key[:])
			h.Keys++
		}
		err := eachDrawer(q, keyDrawers, func(id int64, d *drawer) error {
			for slot := range keysInDrawer {
				try(d.key(slot), keyAt(id, slot).append(w.about[:0]))
			}
			return ctx.Err()
		})
		return errors.Join(err, eachDrawer(q, oneOffDrawers, func(at int64, d *drawer) error {
			for slot := range oneOffsInDrawer {
				try(d.oneOff(slot).key(), appendOneOff(w.about[:0], at*oneOffsInDrawer+int64(slot)))
			}
			return ctx.Err()
		}))
	})
	if err != nil {
		return h, err
	}
	return h, k.VerifyLedger(ctx)
}

// damagedSecret is the error of a secret that is not where it was written.
func damagedSecret(err error) error {
	if errors.Is(err, database.ErrNotFound) {
		return fmt.Errorf("%w: a secret is missing", database.ErrCorrupt)
	}
	return err
}
