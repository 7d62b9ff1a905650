package journal

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"kartotek/internal/database"
)

// checkpoint is a statement about the tree, signed as a C2SP note:
//
//	kartotek/2f9c           origin
//	10482                   size
//	kOq…=                   root hash
//	epoch 1                 extension line
//
//	— kartotek+8f3c… Az3g…  signature
type checkpoint struct {
	size  int64
	hash  tlog.Hash
	epoch int64
}

const firstEpoch = 1

var errCheckpoint = errors.New("journal: not a checkpoint of this register")

func (c checkpoint) text(origin string) string {
	return fmt.Sprintf("%s\n%d\n%s\nepoch %d\n", origin, c.size, c.hash, c.epoch)
}

// parseCheckpoint reads the signed text; only what text would write passes.
func parseCheckpoint(origin, text string) (checkpoint, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 5 {
		return checkpoint{}, errCheckpoint
	}
	var c checkpoint
	var err, other error
	c.size, err = strconv.ParseInt(lines[1], 10, 64)
	c.epoch, other = strconv.ParseInt(strings.TrimPrefix(lines[3], "epoch "), 10, 64)
	root, broken := base64.StdEncoding.DecodeString(lines[2])
	if err = errors.Join(err, other, broken); err != nil || len(root) != tlog.HashSize || c.size < 0 || c.epoch < firstEpoch {
		return checkpoint{}, errCheckpoint
	}
	copy(c.hash[:], root)
	if c.text(origin) != text {
		return checkpoint{}, errCheckpoint
	}
	return c, nil
}

// openCheckpoint checks the signature and reads what was signed.
func (j *Journal) openCheckpoint(signed []byte) (checkpoint, error) {
	n, err := note.Open(signed, note.VerifierList(j.verifier))
	if err != nil {
		return checkpoint{}, err
	}
	return parseCheckpoint(j.origin, n.Text)
}

// Checkpoint places what waits, then signs and keeps a checkpoint over the
// whole journal and returns it, to be given to somebody outside: the data
// protection officer, a club. It returns ErrTampered, and signs nothing, when
// what is stored does not continue what this register signed last.
func (j *Journal) Checkpoint(ctx context.Context) ([]byte, error) {
	if j.readOnly {
		return nil, ErrReading
	}
	var signed []byte
	err := j.db.Write(ctx, func(tx *database.Tx) (err error) {
		if err = j.sequence(tx); err != nil {
			return err
		}
		signed, err = j.checkpoint(tx, 0)
		return err
	})
	if err == nil {
		j.kept(signed)
	}
	return signed, err
}

// checkpoint signs the tree as the act sees it. An epoch of 0 is the present one.
func (j *Journal) checkpoint(tx *database.Tx, epoch int64) ([]byte, error) {
	size, err := treeSize(tx)
	if err != nil {
		return nil, err
	}
	tree, err := j.treeAt(tx, size)
	if err != nil {
		return nil, err
	}
	j.mu.Lock()
	last, lastNote, suspect := j.signed, j.signedNote, j.suspect
	j.mu.Unlock()
	next := checkpoint{size: size, epoch: max(epoch, last.epoch)}
	if next.hash, err = tree.root(); err != nil {
		return nil, err
	}
	if !suspect {
		if suspect, err = discontinued(tx, last, lastNote, next); err != nil {
			return nil, err
		}
	}
	if suspect {
		j.alarm()
		return nil, ErrTampered
	}
	if lastNote != "" && last == next {
		return []byte(lastNote), nil
	}
	signed, err := note.Sign(&note.Note{Text: next.text(j.origin)}, j.signer)
	if err != nil {
		return nil, fmt.Errorf("journal: signing: %w", err)
	}
	if err := insertCheckpoint(tx, size, string(signed)); err != nil {
		return nil, err
	}
	tx.AfterCommit(func() {
		j.mu.Lock()
		j.signed, j.signedNote = next, string(signed)
		j.mu.Unlock()
	})
	return signed, nil
}

// discontinued tells whether the store is not what was signed last with more
// leaves added: a checkpoint signed over it would make a forgery our own.
func discontinued(q database.Querier, last checkpoint, lastNote string, next checkpoint) (bool, error) {
	stored, found, err := newestCheckpoint(q)
	if err != nil {
		return false, err
	}
	if found != (lastNote != "") || stored.note != lastNote || next.size < last.size {
		return true, nil
	}
	if last.size == 0 {
		return false, nil
	}
	missing := false
	proof, err := tlog.ProveTree(next.size, last.size, tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		hashes, err := readHashes(q, indexes)
		missing = errors.Is(err, database.ErrNotFound)
		return hashes, err
	}))
	if missing {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	return tlog.CheckTree(proof, next.size, next.hash, last.size, last.hash) != nil, nil
}

// alarm stops the signing for good.
func (j *Journal) alarm() {
	j.mu.Lock()
	defer j.mu.Unlock()
	if !j.suspect {
		slog.Error(ErrTampered.Error())
	}
	j.suspect = true
}

// Suspect tells whether what is stored was found not to continue what this
// register signed. Entries are still taken, as no reading may go without a
// trace, but nothing is signed any more; Verify tells what is wrong.
func (j *Journal) Suspect() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.suspect
}

// NewEpoch takes the journal up again after a restore. Its first entry commits
// to the newest checkpoint known from outside the backup, so that the restore
// cannot be used to unsay what that one covered: Verify tells how many entries
// were lost. It returns the entry's id, and signs a checkpoint of the new epoch.
func (j *Journal) NewEpoch(ctx context.Context, known []byte) (int64, error) {
	c, err := j.openCheckpoint(known)
	if err != nil {
		return 0, fmt.Errorf("journal: the known checkpoint: %w", err)
	}
	j.mu.Lock()
	epoch := max(c.epoch, j.signed.epoch) + 1
	j.mu.Unlock()
	e := &Entry{Act: Epoch, Right: "system", Number: epoch, Proof: known, Keep: Forever}
	d, err := j.draft(e)
	if err != nil {
		return 0, err
	}
	var ids []int64
	var signed []byte
	err = j.db.Write(ctx, func(tx *database.Tx) (err error) {
		if err = j.sequence(tx); err != nil {
			return err
		}
		if ids, err = j.write(tx, []*draft{d}); err != nil {
			return err
		}
		if err = j.sequence(tx); err != nil {
			return err
		}
		signed, err = j.checkpoint(tx, epoch)
		return err
	})
	if err != nil {
		return 0, err
	}
	j.kept(signed)
	return ids[0], nil
}
