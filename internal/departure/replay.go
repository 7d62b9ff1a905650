package departure

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"kartotek/internal/database"
	"kartotek/internal/vault"
)

// Resume rolls every begun erasure forward, and deletes again the rows of
// everybody whom the ledger has called erased since this register last looked:
// an old copy of it brings nobody back (D7, N14). It runs at every start, before
// anything is served.
func (s *Service) Resume(ctx context.Context) error {
	if err := s.rollForward(ctx); err != nil {
		return err
	}
	size, _, err := noted(ctx, s.DB)
	if err != nil {
		return err
	}
	entries, err := s.Keyring.Ledger(ctx, size+1)
	if err != nil {
		return err
	}
	if err := s.replay(ctx, entries); err != nil || len(entries) == 0 {
		return err
	}
	return s.rollForward(ctx)
}

// rollForward goes on with every erasure that has begun.
func (s *Service) rollForward(ctx context.Context) error {
	begun, err := s.due(ctx, func(d *Departure) bool { return d.State == Erasing })
	if err != nil {
		return err
	}
	_, err = s.eraseAll(ctx, begun)
	return err
}

// Replayed is what a start had to delete again.
type Replayed struct {
	Persons int   // who had rows though the ledger calls them erased
	Rows    int64 // theirs
}

// Replayed tells what Resume deleted again at this start: more than nobody means
// that the register is an older one.
func (s *Service) Replayed() Replayed { return s.replayed }

// NotedLedger reads how many entries of the ledger a register has followed.
func NotedLedger(ctx context.Context, db *database.DB) (entries int64, err error) {
	entries, _, err = noted(ctx, db)
	return entries, err
}

// replay deletes whatever rows the persons of ledger entries have, letters too,
// and ends their departures. The note of the ledger comes last, when their bytes are
// gone too, so that a stop in between leaves nobody out.
func (s *Service) replay(ctx context.Context, entries []vault.LedgerEntry) error {
	if len(entries) == 0 {
		return nil
	}
	deleted, err := s.replayEnded(ctx, entries)
	if err != nil {
		return err
	}
	entries = slices.DeleteFunc(slices.Clone(entries), func(e vault.LedgerEntry) bool { return e.Class.Ends() })
	back := map[vault.PersonID]bool{}
	for some := range slices.Chunk(entries, together) {
		rows, err := s.replayErased(ctx, some, back)
		if err != nil {
			return err
		}
		deleted += rows
	}
	s.replayed = Replayed{len(back), deleted}
	// Also where nothing was left to delete: the stop may have come just after it.
	if err := s.DB.Forget(ctx); err != nil {
		return err
	}
	return s.DB.Write(ctx, s.note)
}

// replayErased deletes the rows of many persons, letters too, and counts among the
// persons that are back who had any.
func (s *Service) replayErased(ctx context.Context, entries []vault.LedgerEntry, back map[vault.PersonID]bool) (deleted int64, err error) {
	var whole []vault.PersonID // of whom not only what a law ordered kept is gone
	for i := range entries {
		if entries[i].Class == vault.Membership {
			whole = append(whole, entries[i].Person)
		}
	}
	if len(whole) > 0 {
		if err := s.Letters.Forget(ctx, whole...); err != nil {
			return 0, err
		}
	}
	for _, person := range whole {
		s.Directory.Forget(person)
	}
	err = s.DB.Write(ctx, func(tx *database.Tx) error {
		deleted = 0
		for i := range entries {
			person, class := entries[i].Person, entries[i].Class
			rows, err := s.Records.Delete(tx, person, class)
			if rows > 0 {
				back[person] = true
			}
			if deleted += rows; err != nil {
				return err
			}
			if class != vault.Membership {
				continue
			}
			if err := s.finish(tx, person); err != nil {
				return err
			}
			if err := s.Access.Forget(tx, person, entries[i].At); err != nil {
				return err
			}
			if err := rollOn(tx, person); err != nil {
				return err
			}
		}
		return nil
	})
	return deleted, err
}

// replayEnded deletes the rows of what law kept and keeps no longer, a month and
// many persons at a time.
func (s *Service) replayEnded(ctx context.Context, entries []vault.LedgerEntry) (deleted int64, err error) {
	ended := map[vault.Class][]vault.PersonID{}
	for i := range entries {
		if class := entries[i].Class; class.Ends() {
			ended[class] = append(ended[class], entries[i].Person)
		}
	}
	for class, persons := range ended {
		for some := range slices.Chunk(persons, together) {
			err := s.DB.Write(ctx, func(tx *database.Tx) error {
				rows, err := s.Records.DeleteMany(tx, class, some)
				deleted += rows
				return err
			})
			if err != nil {
				return deleted, err
			}
		}
	}
	return deleted, nil
}

// note keeps the head of the ledger beside the rows deleted with it: from now
// on a start with an older ledger is refused.
func (s *Service) note(tx *database.Tx) error {
	size, hash := s.Keyring.LedgerHead()
	_, err := tx.Exec(`INSERT INTO register (name, value) VALUES ('ledger', $1)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value`, fmt.Appendf(nil, "%d %x", size, hash))
	return err
}

// noted reads what note wrote; size 0 before anybody was erased.
func noted(ctx context.Context, db *database.DB) (size int64, hash [32]byte, err error) {
	var value, digest []byte
	err = db.Read(ctx, func(q database.Querier) error {
		return q.QueryRow(`SELECT value FROM register WHERE name = 'ledger'`).Scan(&value)
	})
	if errors.Is(err, database.ErrNotFound) {
		return 0, hash, nil
	}
	if err != nil {
		return 0, hash, err
	}
	if _, err := fmt.Sscanf(string(value), "%d %x", &size, &digest); err != nil || len(digest) != len(hash) {
		return 0, hash, fmt.Errorf("departure: the register's note of the ledger is damaged: %w", err)
	}
	return size, [32]byte(digest), nil
}

// CheckLedger refuses a keyring whose ledger is older than the register has
// seen: keys that were destroyed might come back with it.
func CheckLedger(ctx context.Context, db *database.DB, k *vault.Keyring) error {
	size, hash, err := noted(ctx, db)
	if err != nil {
		return err
	}
	return k.KnownHead(size, hash)
}
