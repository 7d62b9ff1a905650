package app

import (
	"context"
	"path/filepath"

	"golang.org/x/mod/sumdb/note"

	"kartotek/internal/backup"
	"kartotek/internal/database"
	"kartotek/internal/departure"
	"kartotek/internal/journal"
)

// backups settles what was not said of backups.
func (c *Config) backups() backup.Options {
	o := c.Backup
	o.Places = c.Backups
	if o.Identity == "" {
		o.Identity = filepath.Join(c.Keys, "backup.key")
	}
	if o.DrillDir == "" {
		o.DrillDir = filepath.Join(c.Data, "drill")
	}
	return o
}

// connectBackup makes the room that writes archives and tries them.
func (h *House) connectBackup(ctx context.Context) (err error) {
	h.Backup, err = backup.New(ctx, backup.Parts{
		Options: h.backups(), Charter: h.Charter, DB: h.DB, Keyring: h.Keyring, Journal: h.Journal, Duties: h.Duties,
		Now: h.Now, Log: h.Log, Noted: departure.NotedLedger, View: h.view,
	})
	if err != nil {
		return err
	}
	h.closers = append(h.closers, h.Backup.Close)
	return nil
}

// view opens the journal of another copy of this register, for reading.
func (h *House) view(db *database.DB) (*journal.Journal, error) {
	verifier, err := note.NewVerifier(h.Keyring.VerifierKey(origin))
	if err != nil {
		return nil, err
	}
	return journal.View(db, h.Keyring.Signer(origin), verifier, origin)
}
