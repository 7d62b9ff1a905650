package journal

import (
	"context"
	"errors"

	"golang.org/x/mod/sumdb/tlog"

	"kartotek/internal/database"
)

// Keep has every checkpoint signed from now on handed to somebody outside the
// register, right after it is durable. An error is theirs to tell.
func (j *Journal) Keep(keep func(signed []byte)) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.keep = keep
}

// kept hands a checkpoint on.
func (j *Journal) kept(signed []byte) {
	j.mu.Lock()
	keep := j.keep
	j.mu.Unlock()
	if keep != nil && signed != nil {
		keep(signed)
	}
}

// Lag is how the journal stands to a checkpoint known from outside.
type Lag struct {
	Behind bool  // it is not what that checkpoint stood over with more added
	Lost   int64 // entries it stood over that are not there
}

// Behind holds the journal against a checkpoint that this register signed and
// somebody kept outside: a register that was put back as it once was lacks what
// the checkpoint stood over. The error is that the checkpoint is none of ours.
func (j *Journal) Behind(ctx context.Context, known []byte) (Lag, error) {
	c, err := j.openCheckpoint(known)
	if err != nil {
		return Lag{}, err
	}
	j.mu.Lock()
	tree, epoch := j.tree, j.signed.epoch
	j.mu.Unlock()
	switch {
	case c.epoch < epoch:
		return Lag{}, nil // a restore since then has said what was lost
	case c.epoch > epoch, c.size > tree.size:
		return Lag{Behind: true, Lost: max(0, c.size-tree.size)}, nil
	case c.size == 0:
		return Lag{}, nil
	}
	root, err := tree.root()
	if err != nil {
		return Lag{}, err
	}
	var proof tlog.TreeProof
	missing := false
	err = j.db.Read(ctx, func(q database.Querier) (err error) {
		proof, err = tlog.ProveTree(tree.size, c.size, tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
			hashes, err := readHashes(q, indexes)
			missing = errors.Is(err, database.ErrNotFound)
			return hashes, err
		}))
		return err
	})
	if err != nil && !missing {
		return Lag{}, err
	}
	return Lag{Behind: missing || tlog.CheckTree(proof, tree.size, root, c.size, c.hash) != nil}, nil
}

// Newest gives of several checkpoints the one of the latest epoch over most
// entries; those that are none of this register's are passed over. Nil for none.
func (j *Journal) Newest(known ...[]byte) (newest []byte) {
	var best checkpoint
	for _, text := range known {
		c, err := j.openCheckpoint(text)
		if err != nil {
			continue
		}
		if newest == nil || c.epoch > best.epoch || c.epoch == best.epoch && c.size > best.size {
			newest, best = text, c
		}
	}
	return newest
}
