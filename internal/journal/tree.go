package journal

import (
	"errors"

	"golang.org/x/mod/sumdb/tlog"
)

var errNotAtEdge = errors.New("journal: a hash that is not at the tree's edge")

// frontier is a tree of a given size by its right edge: the roots of its
// complete subtrees, one for each bit of the size. That is all it takes to add
// a leaf or to know the root.
type frontier struct {
	size int64
	edge [63]tlog.Hash // by level; meaningful where size has that bit
}

// add appends a leaf and returns the hashes to store, the first at
// tlog.StoredHashIndex(0, size before).
func (f *frontier) add(record []byte) ([]tlog.Hash, error) {
	return f.addHash(tlog.RecordHash(record))
}

// addHash is add for a leaf of which the hash is known.
func (f *frontier) addHash(leaf tlog.Hash) ([]tlog.Hash, error) {
	hashes, err := tlog.StoredHashesForRecordHash(f.size, leaf, f)
	if err != nil {
		return nil, err
	}
	top := len(hashes) - 1
	f.edge[top] = hashes[top]
	f.size++
	return hashes, nil
}

// root is the tree's hash.
func (f *frontier) root() (tlog.Hash, error) { return tlog.TreeHash(f.size, f) }

// indexes are where the edge's hashes are stored, with their levels.
func (f *frontier) indexes() (levels []int, indexes []int64) {
	for level := range f.edge {
		if f.size>>level&1 == 1 {
			levels = append(levels, level)
			indexes = append(indexes, tlog.StoredHashIndex(level, f.size>>level-1))
		}
	}
	return levels, indexes
}

// ReadHashes answers tlog, which asks for nothing but the edge.
func (f *frontier) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		level, n := tlog.SplitStoredHashIndex(index)
		if f.size>>level&1 == 0 || f.size>>level-1 != n {
			return nil, errNotAtEdge
		}
		hashes[i] = f.edge[level]
	}
	return hashes, nil
}
