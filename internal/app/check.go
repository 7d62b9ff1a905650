package app

import (
	"context"
	"fmt"

	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// Health is what a check of everything stored has found.
type Health struct {
	Register   []string     // what does not fit together in the register's file, in the engine's words
	Keyring    vault.Health //
	Records    int          // that open
	Unreadable int          // that do not, though their key stands
	Journal    int          // what is wrong with the journal
}

// Sound reports whether nothing is wrong.
func (h *Health) Sound() bool {
	return len(h.Register)+len(h.Keyring.Problems)+h.Keyring.Bad+h.Unreadable+h.Journal == 0
}

// Check reads everything that is stored and says what is damaged: a bit that a
// disk has turned shows here and not on the day the record is wanted. Nobody is
// told anything of anybody, so no reading is journaled.
func (h *House) Check(ctx context.Context) (found Health, err error) {
	if found.Register, err = h.DB.Check(ctx); err != nil {
		return found, err
	}
	if found.Keyring, err = h.Keyring.Check(ctx); err != nil {
		return found, err
	}
	err = h.Records.Everything(ctx, func(u *record.Unsealed) error {
		if u.Err != nil {
			found.Unreadable++
		} else {
			found.Records++
		}
		return nil
	})
	if err != nil {
		return found, err
	}
	report, err := h.Journal.Verify(ctx, nil)
	found.Journal = len(report.Problems)
	return found, err
}

// checkDaily checks once a day and lets the log say what is wrong, in numbers.
func (h *House) checkDaily(ctx context.Context) error {
	found, err := h.Check(ctx)
	if err == nil && !found.Sound() {
		err = fmt.Errorf("app: stored data are damaged: register %d, keyring %d, keys %d, records %d, journal %d; run 'kartotek check'",
			len(found.Register), len(found.Keyring.Problems), found.Keyring.Bad, found.Unreadable, found.Journal)
	}
	return err
}
