package cli

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/app"
	"kartotek/internal/backup"
	"kartotek/internal/charter"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/locale"
	"kartotek/internal/place"
)

// backupFlags are how archives are written, as whoever runs the register decides.
type backupFlags struct {
	Backups          []string `group:"serve" name:"backup" placeholder:"ADDRESS" env:"KARTOTEK_BACKUPS"`
	BackupRecipients []string `group:"serve" name:"backup-recipient" placeholder:"AGE" env:"KARTOTEK_BACKUP_RECIPIENTS"`
	BackupAt         string   `group:"serve" name:"backup-at" placeholder:"HH:MM" default:"02:30" env:"KARTOTEK_BACKUP_AT"`
	BackupTimes      int      `group:"serve" name:"backup-times" placeholder:"N" default:"1" env:"KARTOTEK_BACKUP_TIMES"`
	BackupKeys       []string `group:"serve" name:"backup-key" placeholder:"FILE" env:"KARTOTEK_BACKUP_KEYS"`
	DrillDir         string   `group:"serve" name:"drill-dir" placeholder:"DIR" env:"KARTOTEK_DRILL_DIR"`
}

// settle puts the flags into a configuration.
func (f *backupFlags) settle(c *app.Config) {
	c.Backups = f.Backups
	c.Backup = backup.Options{
		Recipients: f.BackupRecipients, At: f.BackupAt, Times: f.BackupTimes, Identities: f.BackupKeys, DrillDir: f.DrillDir,
	}
}

// backupKeyFile is where the register's own identity for archives lies.
func (g *grammar) backupKeyFile() string { return filepath.Join(g.keysDir(), "backup.key") }

type backupMakeCommand struct {
	inHouse
	Dest string `arg:"" name:"DEST"`
}

type backupListCommand struct {
	inHouse
	Dest string `arg:"" name:"DEST"`
}

type backupVerifyCommand struct {
	inHouse
	Dest    string `arg:"" name:"DEST"`
	Archive string `placeholder:"ARCHIVE"`
}

type backupDrillCommand struct {
	inHouse
	Dest string `arg:"" name:"DEST"`
}

type backupKeyCommand struct{}

type backupNewerCommand struct {
	inHouse
	asWho
	Forget bool
}

// archiveAnswer is an archive in an answer.
type archiveAnswer struct {
	Archive  string `json:"archive"`
	At       string `json:"at"`
	Rows     int64  `json:"rows"`
	Bytes    int64  `json:"bytes"`
	Chunks   int    `json:"chunks"`
	Fresh    int64  `json:"fresh,omitempty"` // bytes newly written
	Verified string `json:"verified,omitempty"`
	Deleted  int    `json:"deleted,omitempty"` // archives whose time was over
	Problem  string `json:"problem,omitempty"`
}

func answerOf(a *backup.Archive) archiveAnswer {
	return archiveAnswer{Archive: a.ID, At: isoTime(a.At), Rows: a.Rows, Bytes: a.Bytes, Chunks: len(a.Chunks)}
}

// console is who acts through the console without being named.
func (d *desk) console() journal.Entry {
	return journal.Entry{Right: string(access.System), Via: string(access.Console), OSUser: d.osUser}
}

// placed refuses an address that means something else to the server than to
// whoever typed it.
func (d *desk) placed(address string) (place.Place, error) {
	if d.served && !strings.Contains(address, "://") && !filepath.IsAbs(address) {
		return nil, fault.New(fault.Invalid, "backup.error.relative")
	}
	return backup.OpenPlace(address)
}

// archives lists what lies in a place, with what reads it.
func (d *desk) archives(ctx context.Context, address string) (place.Place, *backup.Reader, []backup.Archive, error) {
	p, err := d.placed(address)
	if err != nil {
		return nil, nil, nil, err
	}
	reader, err := d.house.Backup.Reader()
	if err != nil {
		return nil, nil, nil, err
	}
	all, err := reader.List(ctx, p)
	return p, reader, all, err
}

func (c *backupMakeCommand) run(ctx context.Context, d *desk) error {
	if _, err := d.placed(c.Dest); err != nil {
		return err
	}
	done, err := d.house.Backup.Archive(ctx, d.console(), c.Dest)
	if err != nil {
		return err
	}
	a := answerOf(&done.Archive)
	a.Fresh, a.Deleted, a.Verified = done.Fresh, done.Pruned.Archives, "bytes"
	if done.Decrypted {
		a.Verified = "opened"
	}
	return d.answer(a, func() {
		d.say("cli.backup.done", "archive", a.Archive, "count", a.Rows, "size", d.p.Size(a.Bytes), "fresh", d.p.Size(a.Fresh))
		d.say("cli.backup." + a.Verified)
		if a.Deleted > 0 {
			d.say("cli.backup.deleted", "count", a.Deleted)
		}
	})
}

func (c *backupListCommand) run(ctx context.Context, d *desk) error {
	_, _, all, err := d.archives(ctx, c.Dest)
	if err != nil {
		return err
	}
	answers := make([]archiveAnswer, 0, len(all))
	t := d.newTable("archive", "taken", "rows", "size", "state")
	t.right[2], t.right[3] = true, true
	for i := range all {
		a := answerOf(&all[i])
		if all[i].Problem != nil {
			a.Problem = locale.Error(d.p, fault.From(all[i].Problem))
		}
		answers = append(answers, a)
		t.add(a.Archive, d.p.DateTime(all[i].At, d.house.Charter.Location()), d.p.Number(int(a.Rows)), d.p.Size(a.Bytes), a.Problem)
	}
	return d.answer(answers, func() {
		d.print(t)
		d.say("cli.backup.count", "count", len(answers))
	})
}

func (c *backupVerifyCommand) run(ctx context.Context, d *desk) error {
	p, reader, all, err := d.archives(ctx, c.Dest)
	if err != nil {
		return err
	}
	chosen, err := backup.Choose(all, c.Archive, time.Time{})
	if err != nil {
		return err
	}
	verified, err := reader.Verify(ctx, p, chosen.ID, func(int, int) {})
	if err != nil {
		return err
	}
	a := answerOf(&verified.Archive)
	a.Verified = "bytes"
	if verified.Decrypted {
		a.Verified = "opened"
	}
	return d.answer(a, func() {
		d.say("cli.backup.sound", "archive", a.Archive, "count", a.Rows)
		d.say("cli.backup." + a.Verified)
	})
}

func (c *backupDrillCommand) run(ctx context.Context, d *desk) error {
	if _, err := d.placed(c.Dest); err != nil {
		return err
	}
	drill, err := d.house.Backup.Drill(ctx, d.console(), c.Dest)
	if err != nil {
		return err
	}
	return d.answer(map[string]any{
		"archive": drill.Archive.ID, "rows": drill.Archive.Rows, "erased_again": drill.Persons, "rows_deleted_again": drill.Rows,
		"journal_entries": drill.Entries, "records_opened": drill.Opened,
	}, func() {
		d.say("cli.backup.drill", "archive", drill.Archive.ID, "rows", drill.Archive.Rows, "entries", drill.Entries, "opened", drill.Opened)
		if drill.Persons > 0 {
			d.say("cli.restore.erased", "count", drill.Persons, "rows", drill.Rows)
		}
	})
}

func (c *backupKeyCommand) run(_ context.Context, d *desk) error {
	path := d.grammar.backupKeyFile()
	recipient, err := backup.RecipientOf(path)
	made := errors.Is(err, fs.ErrNotExist)
	if made {
		recipient, err = backup.NewIdentity(path)
	}
	if err != nil {
		return err
	}
	return d.answer(map[string]any{"recipient": recipient, "file": path, "made": made}, func() {
		d.say("cli.backup.key", "recipient", recipient, "path", path)
		d.say("cli.backup.key_copy")
	})
}

// run lists who was registered after the archive that was brought back, and with
// --forget destroys their keys, so that their numbers and addresses are free.
func (c *backupNewerCommand) run(ctx context.Context, d *desk) error {
	scope, err := d.decide(ctx, c.As, access.Want{Act: charter.Close})
	if err != nil {
		return err
	}
	persons, err := d.house.WithoutRows(ctx)
	if err != nil {
		return err
	}
	ids := make([]string, len(persons))
	for i, person := range persons {
		ids[i] = d.house.Keyring.PublicID(person)
	}
	if c.Forget {
		if err := d.house.ForgetWithoutRows(ctx, scope, persons); err != nil {
			return err
		}
	}
	return d.answer(map[string]any{"persons": ids, "forgotten": c.Forget}, func() {
		d.say("cli.restore.newer", "count", len(ids))
		switch {
		case len(ids) == 0:
		case c.Forget:
			d.say("cli.backup.forgotten", "count", len(ids))
		default:
			d.say("cli.restore.newer_next")
		}
	})
}

type restoreCommand struct {
	Source     string `arg:"" name:"SOURCE"`
	Archive    string `placeholder:"ARCHIVE"`
	At         string `placeholder:"TIME"`
	Checkpoint string `placeholder:"FILE"`
	Replace    bool
}

// restoreAnswer is what came of a restore.
type restoreAnswer struct {
	Archive     string   `json:"archive"`
	At          string   `json:"at"`
	Rows        int64    `json:"rows"`
	Epoch       int64    `json:"epoch"`
	EntriesLost int64    `json:"entries_lost"`
	Problems    int      `json:"journal_problems"`
	ErasedAgain int      `json:"erased_again"`
	RowsDeleted int64    `json:"rows_deleted_again"`
	MailsServed int      `json:"mails_not_sent_again"`
	Letters     int      `json:"letters_waiting"`
	Newer       int      `json:"registered_later"`
	Aside       string   `json:"aside,omitempty"`
	AsideSchema string   `json:"aside_schema,omitempty"` // on PostgreSQL: of its tables
	Next        []string `json:"next"`
}

// moments are the ways in which --at is read.
var moments = []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04"}

func parseMoment(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range moments {
		if at, err := time.ParseInLocation(layout, text, time.Local); err == nil {
			return at, nil
		}
	}
	if day, err := time.ParseInLocation("2006-01-02", text, time.Local); err == nil {
		return day.AddDate(0, 0, 1).Add(-time.Second), nil
	}
	return time.Time{}, fault.New(fault.Invalid, "backup.error.at")
}

// run brings an archive back. No server may have the register, or its keyring.
func (c *restoreCommand) run(ctx context.Context, d *desk) error {
	config, err := d.grammar.config(d)
	if err != nil {
		return err
	}
	wish := app.RestoreWish{Source: c.Source, Archive: c.Archive, Replace: c.Replace, OSUser: d.osUser}
	if wish.At, err = parseMoment(c.At); err != nil {
		return err
	}
	if c.Checkpoint != "" {
		if wish.Checkpoint, err = os.ReadFile(c.Checkpoint); err != nil {
			return err
		}
	}
	line := d.progress()
	wish.Progress = line.tell
	r, err := app.Restore(ctx, config, wish)
	line.clear()
	if err != nil {
		return err
	}
	a := restoreAnswer{
		Archive: r.Archive.ID, At: isoTime(r.Archive.At), Rows: r.Archive.Rows, Epoch: r.Epoch, EntriesLost: r.Lost, Problems: r.Broken,
		ErasedAgain: r.Persons, RowsDeleted: r.Rows, MailsServed: r.Mails, Letters: r.Letters, Newer: len(r.Newer), Aside: r.Aside, AsideSchema: r.Schema,
		Next: []string{},
	}
	for _, next := range []struct {
		is  bool
		key string
	}{{r.Broken > 0, "cli.next.verify"}, {r.Letters > 0, "cli.restore.letters_next"}, {len(r.Newer) > 0, "cli.restore.newer_next"}} {
		if next.is {
			a.Next = append(a.Next, d.p.T(next.key))
		}
	}
	return d.answer(a, func() { d.printRestored(&a, r.Archive.At) })
}

func (d *desk) printRestored(a *restoreAnswer, at time.Time) {
	d.say("cli.restore.done", "archive", a.Archive, "at", d.p.DateTime(at, time.Local), "count", a.Rows)
	d.say("cli.restore.epoch", "number", a.Epoch)
	if a.EntriesLost > 0 {
		d.say("cli.restore.lost", "count", a.EntriesLost)
	}
	d.say("cli.restore.erased", "count", a.ErasedAgain, "rows", a.RowsDeleted)
	if a.MailsServed > 0 {
		d.say("cli.restore.mails", "count", a.MailsServed)
	}
	if a.Letters > 0 {
		d.say("cli.restore.letters", "count", a.Letters)
	}
	if a.Newer > 0 {
		d.say("cli.restore.newer", "count", a.Newer)
	}
	if a.Aside != "" {
		d.say("cli.restore.aside", "path", a.Aside)
	}
	if a.AsideSchema != "" {
		d.say("cli.restore.aside_schema", "schema", a.AsideSchema)
	}
	if a.Problems > 0 {
		d.say("cli.restore.broken", "count", a.Problems)
	}
	for _, next := range a.Next {
		d.say("cli.restore.next", "text", next)
	}
}
