package journal

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"kartotek/internal/database"
)

// Proof shows that an entry stands in the journal, to whoever has the checkpoint's key:
// its place, its leaf, the hashes that lead from it to the root, and the checkpoint
// that is signed over the root. It tells nothing of what the entry says.
type Proof struct {
	Position   int64
	Size       int64
	Leaf       string   // hexadecimal, as the rest
	Path       []string // from the leaf to the root
	Checkpoint string   // a signed note (C2SP)
}

// Prove signs a checkpoint and proves that an entry is under it.
func (j *Journal) Prove(ctx context.Context, entry int64) (p Proof, err error) {
	signed, err := j.Checkpoint(ctx)
	if err != nil {
		return p, err
	}
	c, err := j.openCheckpoint(signed)
	if err != nil {
		return p, err
	}
	p.Size, p.Checkpoint = c.size, string(signed)
	err = j.db.Read(ctx, func(q database.Querier) error {
		if err := q.QueryRow(`SELECT position FROM journal_position WHERE entry = $1`, entry).Scan(&p.Position); err != nil {
			return err
		}
		leaf, err := readHashes(q, []int64{tlog.StoredHashIndex(0, p.Position)})
		if err != nil {
			return err
		}
		p.Leaf = hex.EncodeToString(leaf[0][:])
		path, err := tlog.ProveRecord(p.Size, p.Position, tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) { return readHashes(q, indexes) }))
		for _, h := range path {
			p.Path = append(p.Path, hex.EncodeToString(h[:]))
		}
		return err
	})
	return p, err
}

// errProof is a proof that does not lead to its checkpoint.
var errProof = errors.New("journal: the proof does not lead to the checkpoint")

// Root is the root that the proof leads to; whether a checkpoint says the same is the
// checkpoint's business.
func (p *Proof) Root() (root [sha256.Size]byte, err error) {
	hash := func(text string) (h tlog.Hash, err error) {
		raw, err := hex.DecodeString(text)
		if err != nil || len(raw) != tlog.HashSize {
			return h, errProof
		}
		return tlog.Hash(raw), nil
	}
	leaf, err := hash(p.Leaf)
	if err != nil {
		return root, err
	}
	var path tlog.RecordProof
	for _, text := range p.Path {
		h, err := hash(text)
		if err != nil {
			return root, err
		}
		path = append(path, h)
	}
	c, err := unsigned(p.Checkpoint)
	if err != nil || c.size != p.Size || tlog.CheckRecord(path, p.Size, c.hash, p.Position, leaf) != nil {
		return root, errProof
	}
	return [sha256.Size]byte(c.hash), nil
}

// unsigned reads what a checkpoint says; whose signature it carries is not looked at.
func unsigned(signed string) (checkpoint, error) {
	text, _, found := strings.Cut(signed, "\n\n")
	origin, _, _ := strings.Cut(text, "\n")
	if !found {
		return checkpoint{}, errCheckpoint
	}
	return parseCheckpoint(origin, text+"\n")
}
