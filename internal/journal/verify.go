package journal

import (
	"context"
	"math"
	"slices"
	"time"

	"github.com/RoaringBitmap/roaring/v2/roaring64"
	"golang.org/x/mod/sumdb/tlog"

	"kartotek/internal/database"
)

// verifyAtOnce is how many positions are read at a time.
const verifyAtOnce = 512

// verification is one run of Verify, on one snapshot.
type verification struct {
	j       *Journal
	q       database.Querier
	r       *Report
	now     int64 // Unix microseconds, by the machine's clock
	tree    frontier
	seen    *roaring64.Bitmap // entries that were met
	persons int64             // rows of persons that were met
	epochs  []epoch
	outside *checkpoint
	matched bool // the outside checkpoint was compared with the tree
}

// epoch is the place where the journal was taken up after a restore.
type epoch struct {
	position int64      // of its first entry
	number   int64      //
	known    checkpoint // what that entry commits to
}

// Verify reads the whole journal and reports everything that is not as it was
// written: an altered, removed, reordered or inserted entry, a changed set of
// persons, a broken tree, a checkpoint that this register did not sign. The
// newest entries cut off together with their checkpoints leave a valid journal;
// only against a checkpoint that was kept outside (a signed note; nil if there
// is none) does that show, and the report says so.
//
// The error is one of reading; whatever is wrong with the journal is in the report.
func (j *Journal) Verify(ctx context.Context, outside []byte) (Report, error) {
	var r Report
	err := j.db.Read(ctx, func(q database.Querier) (err error) {
		r, err = j.verify(q, outside)
		return err
	})
	return r, err
}

func (j *Journal) verify(q database.Querier, outside []byte) (Report, error) {
	r := Report{Epoch: firstEpoch}
	v := &verification{j: j, q: q, r: &r, now: time.Now().UnixMicro(), seen: roaring64.New()}
	if outside != nil {
		if c, err := j.openCheckpoint(outside); err != nil {
			r.problem(OutsideUnsigned, 0, NoPosition)
		} else {
			v.outside, r.OutsideChecked = &c, true
		}
	}
	for _, step := range []func() error{v.positions, v.waiting, v.totals, v.checkpointsBeyond} {
		if err := step(); err != nil {
			return Report{}, err
		}
	}
	v.judgeOutside()
	v.warn()
	return r, nil
}

// placed is a position with what belongs to it; nil is missing.
type placed struct {
	position, entry     int64
	commitment          []byte
	keepUntil, bodyKeep *int64
	salt, body          []byte
}

// positions goes through the tree's leaves in order.
func (v *verification) positions() error {
	// A checkpoint over nothing has nothing to be compared with but the empty tree.
	if err := v.compareRoots(-1, 0); err != nil {
		return err
	}
	for after := int64(math.MinInt64); ; {
		page, err := v.readPlaced(after)
		if err != nil || len(page) == 0 {
			return err
		}
		after = page[len(page)-1].position
		if ok, err := v.page(page); err != nil || !ok {
			return err
		}
	}
}

func (v *verification) readPlaced(after int64) ([]placed, error) {
	found, err := v.q.Query(`SELECT p.position, p.entry, e.leaf, e.keep_until, b.salt, b.body, b.keep_until
		FROM journal_position p LEFT JOIN journal_entry e ON e.id = p.entry LEFT JOIN journal_body b ON b.entry = p.entry
		WHERE p.position > $1 ORDER BY p.position LIMIT $2`, after, int64(verifyAtOnce))
	if err != nil {
		return nil, err
	}
	var page []placed
	for found.Next() {
		var p placed
		if err := found.Scan(&p.position, &p.entry, &p.commitment, &p.keepUntil, &p.salt, &p.body, &p.bodyKeep); err != nil {
			return nil, err
		}
		page = append(page, p)
	}
	return page, found.Err()
}

// page verifies a page of positions; it returns false when the positions are
// so wrong that going on would say nothing more.
func (v *verification) page(page []placed) (bool, error) {
	ids := make([]int64, len(page))
	for i, p := range page {
		ids[i] = p.entry
	}
	sets, err := v.readSets(ids)
	if err != nil {
		return false, err
	}
	stored, err := v.readStored(v.tree.size, page[len(page)-1].position)
	if err != nil {
		return false, err
	}
	checkpoints, err := readCheckpoints(v.q, v.tree.size, page[len(page)-1].position+1)
	if err != nil {
		return false, err
	}
	for _, p := range page {
		for p.position > v.tree.size { // a gap
			v.r.problem(PositionWrong, 0, v.tree.size)
			hash, ok := stored.at(tlog.StoredHashIndex(0, v.tree.size))
			if !ok {
				return false, nil // not even a hash of it: nothing can be placed after it
			}
			if err := v.grow(hash, stored, &checkpoints); err != nil {
				return false, err
			}
		}
		if p.position < v.tree.size || !v.seen.CheckedAdd(uint64(p.entry)) {
			v.r.problem(PositionWrong, p.entry, p.position)
			if p.position < v.tree.size {
				continue
			}
		}
		hash, ok := stored.at(tlog.StoredHashIndex(0, p.position))
		if p.commitment == nil || p.keepUntil == nil {
			v.r.problem(EntryMissing, p.entry, p.position)
		} else {
			l := leaf{p.entry, *p.keepUntil, p.commitment}
			computed := tlog.RecordHash(l.record())
			switch {
			case !ok:
				hash = computed // its absence is told by grow
			case computed != hash:
				// The tree goes on with what it has, so that one altered entry
				// is one problem.
				v.r.problem(EntryAltered, p.entry, p.position)
			}
			v.entry(l, p, sets[p.entry])
		}
		if err := v.grow(hash, stored, &checkpoints); err != nil {
			return false, err
		}
	}
	return true, nil
}

// entry verifies body and persons against the leaf.
func (v *verification) entry(l leaf, p placed, set storedSet) {
	v.persons += set.rows
	if p.body == nil || p.salt == nil || p.bodyKeep == nil {
		if v.r.Pruned++; l.keepUntil >= v.now || p.position == NoPosition { // nothing is pruned before it is placed
			v.r.problem(BodyMissing, l.id, p.position)
		}
		if set.rows > 0 {
			v.r.problem(Stray, l.id, p.position)
		}
		return
	}
	if !slices.Equal(commitment(p.salt, p.body), l.commitment) {
		v.r.problem(BodyAltered, l.id, p.position)
		return
	}
	if v.j.key != nil && !sealed(v.j.key, l.id, l.keepUntil, p.salt, p.body) {
		v.r.problem(NotOurs, l.id, p.position)
	}
	if *p.bodyKeep != l.keepUntil || set.rows > 0 && (set.keepFrom != l.keepUntil || set.keepTo != l.keepUntil) {
		v.r.problem(RetentionAltered, l.id, p.position)
	}
	b, err := decodeBody(p.body)
	if err != nil {
		v.r.problem(BodyUnreadable, l.id, p.position)
		return
	}
	if !slices.Equal(set.digest(), b.persons) || set.rows > 0 && (set.actFrom != int64(b.Act) || set.actTo != int64(b.Act)) {
		v.r.problem(PersonsAltered, l.id, p.position)
	}
	if b.Act == Epoch && p.position != NoPosition {
		v.epoch(b, p.position, l.id)
	}
}

// epoch takes note of a restore.
func (v *verification) epoch(b *body, position, id int64) {
	known, err := v.j.openCheckpoint(b.Proof)
	if err != nil || b.Number <= v.r.Epoch || known.epoch >= b.Number {
		v.r.problem(EpochWrong, id, position)
		return
	}
	v.r.Epoch = b.Number
	v.epochs = append(v.epochs, epoch{position, b.Number, known})
	if lost := known.size - position; lost > 0 {
		v.r.warn(warnRestored, lost)
	}
}

// grow adds a leaf, compares the hashes it completes with the stored ones and
// the root with the checkpoints over exactly so many entries.
func (v *verification) grow(hash tlog.Hash, stored storedHashes, checkpoints *[]storedCheckpoint) error {
	position := v.tree.size
	index := tlog.StoredHashIndex(0, position)
	completed, err := v.tree.addHash(hash)
	if err != nil {
		return err
	}
	for i, computed := range completed {
		if h, ok := stored.at(index + int64(i)); !ok || h != computed {
			v.r.problem(HashWrong, 0, position)
			break
		}
	}
	v.r.Entries = v.tree.size
	for len(*checkpoints) > 0 && (*checkpoints)[0].size <= v.tree.size {
		c := (*checkpoints)[0]
		*checkpoints = (*checkpoints)[1:]
		if err := v.compareStored(c); err != nil {
			return err
		}
	}
	return v.compareOutside()
}

// compareRoots is for checkpoints over nothing.
func (v *verification) compareRoots(above, upTo int64) error {
	checkpoints, err := readCheckpoints(v.q, above, upTo)
	if err != nil {
		return err
	}
	for _, c := range checkpoints {
		if err := v.compareStored(c); err != nil {
			return err
		}
	}
	return v.compareOutside()
}

// compareStored judges a stored checkpoint over the tree as it is now.
func (v *verification) compareStored(stored storedCheckpoint) error {
	c, err := v.j.openCheckpoint([]byte(stored.note))
	if err != nil {
		v.r.problem(CheckpointUnsigned, 0, stored.size)
		return nil
	}
	root, err := v.tree.root()
	if err != nil {
		return err
	}
	if c.size != stored.size || c.size != v.tree.size || c.hash != root || c.epoch != v.r.Epoch {
		v.r.problem(CheckpointWrong, 0, stored.size)
		return nil
	}
	v.r.Checkpoints++
	v.r.Signed = c.size
	return nil
}

// compareOutside judges the outside checkpoint when the tree has its size. One
// of an earlier epoch that ended before speaks of entries lost in a restore.
func (v *verification) compareOutside() error {
	if v.outside == nil || v.outside.size != v.tree.size || v.outside.epoch < v.r.Epoch {
		return nil
	}
	root, err := v.tree.root()
	if err != nil {
		return err
	}
	v.matched = true
	if root != v.outside.hash || v.outside.epoch != v.r.Epoch {
		v.r.problem(OutsideWrong, 0, v.outside.size)
	}
	return nil
}

// waiting verifies the entries without a position like all others.
func (v *verification) waiting() error {
	found, err := readWaiting(v.q, math.MinInt64)
	if err != nil {
		return err
	}
	v.r.Unsequenced = int64(len(found))
	for some := range slices.Chunk(found, verifyAtOnce) {
		ids := make([]int64, len(some))
		for i, w := range some {
			ids[i] = w.id
		}
		sets, err := v.readSets(ids)
		if err != nil {
			return err
		}
		for _, w := range some {
			if v.j.db.Engine() == database.SQLite {
				v.r.problem(SequenceUnfinished, w.id, NoPosition)
			}
			p := placed{position: NoPosition, entry: w.id, salt: w.salt, body: w.body, bodyKeep: w.bodyKeep}
			v.entry(w.leaf, p, sets[w.id])
		}
	}
	return nil
}

// totals finds what belongs to no entry that was met.
func (v *verification) totals() error {
	for _, t := range []struct {
		text string
		want int64
		kind ProblemKind
	}{
		{`SELECT COUNT(*) FROM journal_hash`, tlog.StoredHashCount(v.tree.size), HashWrong},
		{`SELECT COUNT(*) FROM journal_position`, v.r.Entries, PositionWrong},
	} {
		var n int64
		if err := v.q.QueryRow(t.text).Scan(&n); err != nil {
			return err
		}
		if n != t.want {
			v.r.problem(t.kind, 0, NoPosition)
		}
	}
	if err := v.strays(`SELECT b.entry FROM journal_body b
		WHERE NOT EXISTS (SELECT 1 FROM journal_entry e WHERE e.id = b.entry) ORDER BY b.entry`); err != nil {
		return err
	}
	var rows int64
	if err := v.q.QueryRow(`SELECT COUNT(*) FROM journal_person`).Scan(&rows); err != nil || rows == v.persons {
		return err
	}
	return v.strays(`SELECT DISTINCT p.entry FROM journal_person p
		WHERE NOT EXISTS (SELECT 1 FROM journal_entry e WHERE e.id = p.entry) ORDER BY p.entry`)
}

func (v *verification) strays(text string) error {
	found, err := v.q.Query(text)
	if err != nil {
		return err
	}
	for found.Next() {
		var id int64
		if err := found.Scan(&id); err != nil {
			return err
		}
		v.r.problem(Stray, id, NoPosition)
	}
	return found.Err()
}

// checkpointsBeyond finds checkpoints over more entries than there are, or less than none.
func (v *verification) checkpointsBeyond() error {
	below, err := readCheckpoints(v.q, math.MinInt64, -1)
	if err != nil {
		return err
	}
	beyond, err := readCheckpoints(v.q, v.tree.size, everything)
	if err != nil {
		return err
	}
	for _, c := range append(below, beyond...) {
		kind := CheckpointTooNew
		if _, err := v.j.openCheckpoint([]byte(c.note)); err != nil {
			kind = CheckpointUnsigned
		}
		v.r.problem(kind, 0, c.size)
	}
	return nil
}

// judgeOutside judges an outside checkpoint that the tree had no place for.
func (v *verification) judgeOutside() {
	if v.outside == nil || v.matched {
		return
	}
	// The restore that ended its epoch says what was known to be lost.
	for _, e := range v.epochs {
		if e.number <= v.outside.epoch {
			continue
		}
		switch {
		case v.outside.size > e.known.size || v.outside.epoch != e.known.epoch:
			v.r.problem(NewestMissing, 0, e.position)
		case v.outside.size == e.known.size && v.outside.hash != e.known.hash:
			v.r.problem(OutsideWrong, 0, v.outside.size)
		default:
			v.r.warn(warnOutsideOld, v.outside.size-e.position)
		}
		return
	}
	v.r.problem(NewestMissing, 0, v.tree.size)
}

// warn says what stays untold.
func (v *verification) warn() {
	r := v.r
	switch {
	case v.outside == nil:
		r.warn(warnNoOutside, 0)
	case v.matched && r.Entries > v.outside.size:
		r.warn(warnSince, r.Entries-v.outside.size)
	}
	if v.matched && v.outside.size > r.Signed {
		r.Signed = v.outside.size
	}
	if r.Entries > r.Signed {
		r.warn(warnUnsigned, r.Entries-r.Signed)
	}
	if v.j.key == nil {
		r.warn(warnNoSeals, 0)
	}
	if r.Unsequenced > 0 {
		r.warn(warnWaiting, r.Unsequenced)
	}
}
