package app

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"kartotek/internal/access"
	"kartotek/internal/backup"
	"kartotek/internal/database"
	"kartotek/internal/durable"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/mail"
	"kartotek/internal/vault"
)

// RestoreWish is which archive is to be brought back, and where to is Config.
type RestoreWish struct {
	Source     string    // the place's address
	Archive    string    // its name; "" is the newest, or the newest not after At
	At         time.Time // zero is now
	Checkpoint []byte    // of the journal, kept outside; nil if there is none
	Replace    bool      // a register stands there and is to be moved aside
	OSUser     string    // who typed the command, for the journal
	Progress   func(stage string, done, total int)
}

// Restored is what became of it.
type Restored struct {
	Archive backup.Archive
	Tables  map[string]int64 // rows of each, as they were in the archive
	Epoch   int64            // of the journal from now on
	Lost    int64            // entries of the journal known to be lost
	Broken  int              // problems the journal's verification found
	Persons int              // erased since the archive, whose rows were deleted again
	Rows    int64            // theirs
	Mails   int              // not sent again
	Letters int              // that wait to be posted: some may have been
	Newer   []vault.PersonID // who have keys and no row: registered after the archive
	Aside   string           // where the old register was moved; "" for none
	Schema  string           // on PostgreSQL the schema it was moved into; "" for none
}

// Names in the data directory while a register is brought back.
const (
	scratchName = "restoring"
	wholeName   = "whole" // in scratch: it is complete, only names are to be changed
	registerDB  = "register.db"
	charterTOML = "charter.toml"
)

// Restore brings an archive back (D7, N14). The new register is made beside the
// old one, on PostgreSQL in a schema of its own, every chunk checked, the journal
// taken up in a new epoch and the ledger of erasures replayed, all before it is
// given the register's place: a stop anywhere leaves the old register or the new
// one. The charter, without which nothing serves, comes last.
func Restore(ctx context.Context, c Config, w RestoreWish) (report Restored, err error) {
	c.settle()
	if w.Progress == nil {
		w.Progress = func(string, int, int) {}
	}
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return report, err
	}
	if err := finishRestore(ctx, &c); err != nil {
		return report, err
	}
	release, err := database.HoldFile(c.register())
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, release()) }()
	if err := mayRestore(ctx, &c, w.Replace); err != nil {
		return report, err
	}
	var server *database.Server
	if c.DSN != "" {
		if server, err = database.HoldServer(ctx, c.DSN); err != nil {
			return report, err
		}
		defer func() { err = errors.Join(err, server.Release()) }()
	}
	scratch := filepath.Join(c.Data, scratchName)
	if err := backup.Shred(scratch); err != nil {
		return report, err
	}
	if err := os.Mkdir(scratch, 0o700); err != nil {
		return report, err
	}
	whole := false // from then on it only rolls forward
	defer func() {
		if err != nil && !whole {
			err = errors.Join(err, backup.Shred(scratch))
		}
	}()
	into := c
	into.Data, into.Backups = scratch, nil
	if server != nil {
		if into.schema, err = server.Make(rand.Text()); err != nil {
			return report, fault.New(fault.Unavailable, "backup.error.schema").Because(err)
		}
		defer func() {
			if err != nil && !whole {
				err = errors.Join(err, server.Drop(into.schema))
			}
		}()
	}
	into.restored = &restored{entry: journal.Entry{
		Act: journal.Restore, Right: string(access.System), Via: string(access.Console), OSUser: w.OSUser, Reason: "backup.restored",
	}}
	if err := loadArchive(ctx, &into, w, &report); err != nil {
		return report, err
	}
	into.restored.given = w.Checkpoint
	into.restored.checkpoints = append(into.restored.checkpoints, lastSigned(ctx, &c)...)
	if err := beginAgain(ctx, into, w, &report); err != nil {
		return report, err
	}
	p := places{server: server, Fresh: into.schema}
	if w.Replace {
		p.Aside = "replaced-" + strings.Replace(c.Now().UTC().Format("20060102T150405.000Z"), ".", "", 1) // two restores may come within a second
		report.Aside = filepath.Join(c.Data, p.Aside)
	}
	if server != nil {
		if w.Replace {
			p.Schema = "kartotek_" + strings.ReplaceAll(strings.ToLower(p.Aside), "-", "_")
		}
		if err := server.Rehearse(p.Fresh, p.Schema); err != nil {
			return report, fault.New(fault.Unavailable, "backup.error.schema").Because(err)
		}
		report.Schema = p.Schema
	}
	for _, name := range []string{registerDB, charterTOML} {
		if err := durable.Sync(filepath.Join(scratch, name)); err != nil && !errors.Is(err, fs.ErrNotExist) { // PostgreSQL has no register file
			return report, err
		}
	}
	text, err := json.Marshal(&p)
	if err != nil {
		return report, err
	}
	if err := durable.Replace(filepath.Join(scratch, wholeName), text); err != nil {
		return report, err
	}
	whole = true
	return report, p.change(c.Data)
}

// mayRestore refuses to write where a register stands.
func mayRestore(ctx context.Context, c *Config, replace bool) error {
	if c.DSN != "" {
		empty, err := database.Empty(ctx, database.Options{DSN: c.DSN})
		if err == nil && !empty && !replace {
			err = fault.New(fault.Conflict, "backup.error.not_empty")
		}
		if err != nil {
			return err
		}
	}
	if replace {
		return nil
	}
	for _, name := range []string{registerDB, charterTOML} {
		if _, err := os.Stat(filepath.Join(c.Data, name)); err == nil {
			return fault.New(fault.Conflict, "backup.error.stands", "path", c.Data)
		}
	}
	return nil
}

// loadArchive finds the archive and writes its rows and charter.
func loadArchive(ctx context.Context, c *Config, w RestoreWish, report *Restored) (err error) {
	ring, err := c.openKeyring(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, ring.Close()) }()
	options := c.backups()
	identities, err := backup.LoadIdentities(append([]string{options.Identity}, options.Identities...)...)
	if err != nil {
		return err
	}
	reader, err := backup.NewReader(ring, identities)
	if err != nil {
		return err
	}
	p, err := backup.OpenPlace(w.Source)
	if err != nil {
		return err
	}
	all, err := reader.List(ctx, p)
	if err != nil {
		return err
	}
	chosen, err := backup.Choose(all, w.Archive, w.At)
	if err != nil {
		return err
	}
	archive, err := reader.Open(ctx, p, chosen.ID)
	if err != nil {
		return err
	}
	report.Archive, report.Tables = archive.Archive, archive.Tally()
	if archive.Checkpoint != nil {
		c.restored.checkpoints = append(c.restored.checkpoints, archive.Checkpoint)
	}
	if err := ring.KnownPerson(archive.Persons); err != nil { // an older keyring would issue their ids once more
		return err
	}
	db, err := database.Open(ctx, database.Options{Path: c.register(), DSN: c.DSN, Schema: c.schema, Scratch: true, UpTo: archive.Schema, Clock: c.Now})
	if errors.Is(err, database.ErrNewer) {
		return fault.New(fault.Conflict, "backup.error.newer", "archive", archive.ID)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := reader.Load(ctx, p, archive, db, func(done, total int) { w.Progress("restore", done, total) }); err != nil {
		return err
	}
	err = db.Write(ctx, func(tx *database.Tx) error {
		report.Mails, err = mail.DropServed(tx, ring)
		return err
	})
	if err != nil {
		return err
	}
	// Whoever was registered shortly before a stop may still be marked as waiting
	// for a row. In an older register there is none, and the start would sweep a
	// key that a newer archive needs.
	if err := ring.Settle(ctx, ring.PendingPersons()...); err != nil {
		return err
	}
	return os.WriteFile(c.charterFile(), archive.Charter, 0o600)
}

// beginAgain opens the new register once where nobody is served from it: the
// journal's new epoch begins, the ledger is replayed.
func beginAgain(ctx context.Context, c Config, w RestoreWish, report *Restored) (err error) {
	c.Progress = w.Progress
	h, err := Open(ctx, c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	again := h.Departures.Replayed()
	report.Persons, report.Rows, report.Lost = again.Persons, again.Rows, c.restored.lost
	verified, err := h.Journal.Verify(ctx, nil)
	if err != nil {
		return err
	}
	report.Epoch, report.Broken = verified.Epoch, len(verified.Problems)+verified.More
	err = h.DB.Read(ctx, func(q database.Querier) error {
		return q.QueryRow(`SELECT count(*) FROM letter WHERE state = 'waiting'`).Scan(&report.Letters)
	})
	if err != nil {
		return err
	}
	report.Newer, err = h.WithoutRows(ctx)
	return err
}

// WithoutRows lists who has a key and no record: registered after the archive
// that was brought back. Their member numbers and addresses stay taken until
// their keys are destroyed, or a newer archive brings their rows back.
func (h *House) WithoutRows(ctx context.Context) (persons []vault.PersonID, err error) {
	present := roaring.New()
	err = h.DB.Read(ctx, func(q database.Querier) error {
		rows, err := q.Query(`SELECT DISTINCT person FROM record`)
		if err != nil {
			return err
		}
		for rows.Next() {
			var person uint32
			if err := rows.Scan(&person); err != nil {
				return err
			}
			present.Add(person)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, err
	}
	for person := vault.PersonID(1); person <= h.Keyring.LastPerson(); person++ {
		if h.Keyring.Holds(person, vault.Membership) && !present.Contains(uint32(person)) {
			persons = append(persons, person)
		}
	}
	return persons, nil
}
