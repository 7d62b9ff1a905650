package app

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/RoaringBitmap/roaring/v2"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/durable"
	"kartotek/internal/duty"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/vault"
)

// checkpointFile keeps the newest checkpoint of the journal beside the keyring,
// where a database administrator who puts the register back as it once was does
// not put back this too. It is not in the keyring: the copies of that would be
// written anew every ten minutes.
func (c *Config) checkpointFile() string { return filepath.Join(c.Keys, "journal.checkpoint") }

// restored is what Restore knows of the register that a start finds.
type restored struct {
	checkpoints [][]byte // known from outside, besides the one beside the keyring
	given       []byte   // one that somebody kept, and that must be of this register
	entry       journal.Entry
	lost        int64
}

// numbersAhead is by how much numbers go on at least after a restore: numbers
// given out since the archive was written, of lists that others hold, are never
// given out again.
const numbersAhead = 1000

// takeUp holds the journal against the newest checkpoint known outside the
// register. A register that was put back, by Restore or by others with the
// database's own tools, begins a new epoch whose first leaf commits to what was
// known, so that what was lost can never be unsaid. It does so by itself: a
// register without its newest entries must serve, and what must not be is that
// nobody learns of it. Therefore it is an alarm and a duty of the administrators
// unless Restore did it.
func (h *House) takeUp(ctx context.Context) error {
	known, err := os.ReadFile(h.checkpointFile())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	candidates := [][]byte{known}
	if h.restored != nil {
		if h.restored.given != nil && h.Journal.Newest(h.restored.given) == nil {
			return fault.New(fault.Invalid, "backup.error.checkpoint")
		}
		candidates = append(append(candidates, h.restored.checkpoints...), h.restored.given)
	}
	newest := h.Journal.Newest(candidates...)
	if len(known) > 0 && newest == nil {
		h.Log.Warn("the checkpoint beside the keyring is not of this register and is replaced")
	}
	var lag journal.Lag
	if newest != nil {
		if lag, err = h.Journal.Behind(ctx, newest); err != nil {
			return err
		}
	}
	if h.restored == nil { // else the register that stands would look put back, if this one never takes its place
		h.Journal.Keep(h.keepCheckpoint)
	}
	if !lag.Behind && h.restored == nil {
		return nil
	}
	if newest == nil { // nothing was ever signed; now it is
		if newest, err = h.Journal.Checkpoint(ctx); err != nil {
			return err
		}
	}
	return h.newEpoch(ctx, newest, lag)
}

// newEpoch goes on with numbers nobody has, takes the journal up, and puts on
// record how it came to that.
func (h *House) newEpoch(ctx context.Context, known []byte, lag journal.Lag) error {
	// Before the epoch, so that a stop in between skips more numbers, not fewer.
	// The journal's own go on without a gap, as its positions do.
	err := h.DB.Write(ctx, func(tx *database.Tx) error {
		ahead := lag.Lost + numbersAhead
		if _, err := tx.Exec(`UPDATE counter SET next = next + $1 WHERE name <> 'journal' AND name <> ''`, ahead); err != nil {
			return err
		}
		// And what was never counted in this register may have been in the lost one.
		_, err := tx.Exec(`INSERT INTO counter (name, next) VALUES ('', $1 + 1)
			ON CONFLICT (name) DO UPDATE SET next = counter.next + $1`, ahead)
		return err
	})
	if err != nil {
		return err
	}
	if _, err := h.Journal.NewEpoch(ctx, known); err != nil {
		return err
	}
	entry := journal.Entry{Act: journal.Restore, Right: string(access.System), Via: string(access.System), Reason: "backup.put_back"}
	if h.restored != nil {
		entry = h.restored.entry
		h.restored.lost = lag.Lost
	} else {
		h.Log.Error("the register is older than its journal's newest checkpoint: it was put back by others", "entries_lost", lag.Lost)
	}
	entry.Number, entry.Keep = lag.Lost, journal.Forever
	return h.DB.Write(ctx, func(tx *database.Tx) error {
		if _, err := h.Journal.Append(tx, &entry); err != nil || h.restored != nil {
			return err
		}
		_, open, err := h.Duties.OpenAbout(tx, duty.JournalEpoch, putBack)
		if err != nil || open {
			return err
		}
		_, err = h.Duties.Add(tx, duty.Duty{
			Kind: duty.JournalEpoch, Subject: putBack, Act: charter.Staff.String(), DueOn: h.Charter.Today(h.Now()),
		})
		return err
	})
}

// putBack is what that duty is about: the register, of which there is one.
const putBack = 1

// SeenEpoch ends the duty to find out who put the register back.
func (h *House) SeenEpoch(ctx context.Context, scope access.Scope) error {
	if !scope.All() || scope.Act() != charter.Staff {
		return fault.New(fault.Denied, "access.denied.act", "act", charter.Staff.String())
	}
	entry := scope.Entry(journal.Duty)
	entry.Reason = "backup.put_back"
	return h.DB.Write(ctx, func(tx *database.Tx) error {
		if n, err := h.Duties.Finish(tx, duty.JournalEpoch, putBack, scope.Actor().Person, "done"); err != nil || n == 0 {
			return err
		}
		_, err := h.Journal.Append(tx, &entry)
		return err
	})
}

// keepCheckpoint writes a checkpoint beside the keyring, whole or not at all.
func (h *House) keepCheckpoint(signed []byte) {
	if err := durable.Replace(h.checkpointFile(), signed); err != nil {
		h.Log.Error("the journal's checkpoint could not be kept beside the keyring", "error", err)
	}
}

// ForgetWithoutRows destroys the keys of those who were registered after the
// archive that was brought back, so that their numbers and addresses are free. No
// newer archive can bring them back after that.
func (h *House) ForgetWithoutRows(ctx context.Context, scope access.Scope, persons []vault.PersonID) error {
	if !scope.All() || scope.Act() != charter.Close {
		return fault.New(fault.Denied, "access.denied.act", "act", charter.Close.String())
	}
	if len(persons) == 0 {
		return nil
	}
	entry := scope.Entry(journal.Restore)
	entry.Reason, entry.Persons = "backup.forgotten", roaring.New()
	for _, person := range persons {
		entry.Persons.Add(uint32(person))
	}
	if _, err := h.Journal.Read(ctx, &entry); err != nil {
		return err
	}
	for _, person := range persons {
		if err := h.Departures.Discard(ctx, person); err != nil {
			return err
		}
	}
	return nil
}
