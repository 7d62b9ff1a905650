package journal

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"slices"

	"golang.org/x/mod/sumdb/tlog"
)

// storedSet is what Verify keeps of an entry's rows of persons.
type storedSet struct {
	rows             int64
	sum              hash.Hash
	actFrom, actTo   int64 // lowest and highest of the column
	keepFrom, keepTo int64
}

// digest is that of the rows, as digest makes it.
func (s *storedSet) digest() []byte {
	if s.sum == nil {
		return nil
	}
	return s.sum.Sum(nil)
}

func (s *storedSet) add(chunk uint32, act, keepUntil int64, bits []byte) {
	if s.sum == nil {
		s.sum = sha256.New()
		s.actFrom, s.actTo, s.keepFrom, s.keepTo = act, act, keepUntil, keepUntil
	}
	s.rows++
	var frame [8]byte
	binary.BigEndian.PutUint32(frame[:], chunk)
	binary.BigEndian.PutUint32(frame[4:], uint32(len(bits)))
	s.sum.Write(frame[:])
	s.sum.Write(bits)
	s.actFrom, s.actTo = min(s.actFrom, act), max(s.actTo, act)
	s.keepFrom, s.keepTo = min(s.keepFrom, keepUntil), max(s.keepTo, keepUntil)
}

// readSets digests the sets of a page of entries. Ids of a page lie close
// together unless somebody has been at the positions, so one range is read.
func (v *verification) readSets(ids []int64) (map[int64]storedSet, error) {
	sets := make(map[int64]storedSet, len(ids))
	for _, id := range ids {
		sets[id] = storedSet{}
	}
	ranges := [][2]int64{{slices.Min(ids), slices.Max(ids)}}
	if ranges[0][1]-ranges[0][0] > 4*int64(len(ids)) {
		ranges = ranges[:0]
		for _, id := range ids {
			ranges = append(ranges, [2]int64{id, id})
		}
	}
	for _, r := range ranges {
		if err := v.readRange(r[0], r[1], sets); err != nil {
			return nil, err
		}
	}
	return sets, nil
}

func (v *verification) readRange(from, to int64, sets map[int64]storedSet) error {
	found, err := v.q.Query(`SELECT entry, chunk, act, keep_until, bits FROM journal_person
		WHERE entry >= $1 AND entry <= $2 ORDER BY entry, chunk`, from, to)
	if err != nil {
		return err
	}
	for found.Next() {
		var entry, chunk, act, keepUntil int64
		var bits []byte
		if err := found.Scan(&entry, &chunk, &act, &keepUntil, &bits); err != nil {
			return err
		}
		if s, ok := sets[entry]; ok {
			s.add(uint32(chunk), act, keepUntil, bits)
			sets[entry] = s
		}
	}
	return found.Err()
}

// storedHashes are the stored hashes of a page of positions.
type storedHashes struct {
	from   int64
	hashes []tlog.Hash
	there  []bool
}

func (s storedHashes) at(index int64) (tlog.Hash, bool) {
	if i := index - s.from; i >= 0 && i < int64(len(s.there)) {
		return s.hashes[i], s.there[i]
	}
	return tlog.Hash{}, false
}

// readStored reads the hashes that the leaves of a range of positions
// completed. A range far too long is cut: what is beyond counts as missing.
func (v *verification) readStored(from, to int64) (storedHashes, error) {
	to = min(to, from+4*verifyAtOnce)
	s := storedHashes{from: tlog.StoredHashIndex(0, from)}
	if to < from {
		return s, nil
	}
	end := tlog.StoredHashCount(to + 1)
	s.hashes = make([]tlog.Hash, end-s.from)
	s.there = make([]bool, end-s.from)
	found, err := v.q.Query(`SELECT idx, hash FROM journal_hash WHERE idx >= $1 AND idx < $2 ORDER BY idx`, s.from, end)
	if err != nil {
		return s, err
	}
	for found.Next() {
		var index int64
		var hash []byte
		if err := found.Scan(&index, &hash); err != nil {
			return s, err
		}
		if len(hash) == tlog.HashSize {
			s.there[index-s.from] = true
			copy(s.hashes[index-s.from][:], hash)
		}
	}
	return s, found.Err()
}
