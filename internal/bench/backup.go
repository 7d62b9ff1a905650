package bench

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"

	"kartotek/internal/access"
	"kartotek/internal/app"
	"kartotek/internal/journal"
)

// backups measures an archive of everything, written and read back, the next
// one, which writes only what has changed, and a restore with its new epoch and
// the ledger replayed. Beside them sqlite3 copies the register's file and puts it
// back; it neither encrypts nor reads back what it wrote.
func (r *run) backups(ctx context.Context) error {
	dest := filepath.Join(r.dir, "archives")
	plain, again := filepath.Join(r.dir, "copied.db"), filepath.Join(r.dir, "copied-back.db")
	by := journal.Entry{Right: string(access.System), Via: string(access.Console)}
	archive := func() (ms float64, err error) {
		return timed(func() error {
			_, err := r.house.Backup.Archive(ctx, by, dest)
			return err
		})
	}
	floor, err := timed(func() error { return copyRegister(ctx, filepath.Join(r.config.Data, "register.db"), plain, ".backup") })
	if err != nil {
		return err
	}
	whole, err := archive()
	if err != nil {
		return err
	}
	r.against("backup", "ms", whole, floor, 4)
	next, err := archive()
	if err != nil {
		return err
	}
	r.against("backup_again", "ms", next, floor, 3)
	if floor, err = timed(func() error { return copyRegister(ctx, plain, again, ".backup") }); err != nil {
		return err
	}
	// The keyring is held by the house that is open.
	if err := r.house.Close(); err != nil {
		return err
	}
	r.house = nil
	config := r.config
	config.Data = filepath.Join(r.dir, "restored")
	restore, err := timed(func() error {
		_, err := app.Restore(ctx, config, app.RestoreWish{Source: dest})
		return err
	})
	if err != nil {
		return err
	}
	r.against("restore", "ms", restore, floor, 20)
	r.tell("server")
	if err := r.onServer(ctx, dest); err != nil {
		return err
	}
	r.tell("backups")
	if r.house, err = app.Open(ctx, r.config); err != nil {
		return err
	}
	return errors.Join(os.RemoveAll(dest), os.RemoveAll(config.Data), os.Remove(plain), os.Remove(again))
}

// copyRegister copies a database by the sqlite3 program; where there is none, as
// a file, durably.
func copyRegister(ctx context.Context, from, to, command string) (err error) {
	if path, err := exec.LookPath("sqlite3"); err == nil {
		return finish(exec.CommandContext(ctx, path, from, command+" '"+to+"'"))
	}
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Sync(), out.Close())
}
