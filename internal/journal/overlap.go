package journal

import (
	"context"

	"github.com/RoaringBitmap/roaring/v2"

	"kartotek/internal/database"
)

// Overlap calls fn for the entries of an act whose sets hold some of the given
// persons: chunk by chunk, so that an entry can come again with others of its set.
// The slice is reused. It reads the rows of the persons' chunks and nothing else.
func (j *Journal) Overlap(ctx context.Context, act Act, persons *roaring.Bitmap, fn func(entry int64, held []uint32)) error {
	for from := range chunksOf(persons) {
		if err := ctx.Err(); err != nil {
			return err
		}
		var wanted [chunkSize]bool
		var ids []uint32
		for it := roaring.And(persons, chunkRange(from)).Iterator(); it.HasNext(); {
			id := it.Next()
			wanted[id&(chunkSize-1)] = true
			ids = append(ids, id)
		}
		held := make([]uint32, 0, len(ids))
		err := j.db.Read(ctx, func(q database.Querier) error {
			found, err := q.Query(`SELECT entry, bits FROM journal_person WHERE chunk = $1 AND act = $2 ORDER BY entry`, int64(from), int64(act))
			if err != nil {
				return err
			}
			defer found.Close()
			for found.Next() {
				var entry int64
				var bits []byte
				if err := found.Scan(&entry, &bits); err != nil {
					return err
				}
				if held = heldIn(held[:0], bits, from, &wanted, ids); len(held) > 0 {
					fn(entry, held)
				}
			}
			return found.Err()
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// chunksOf are the numbers of the chunks that a set has somebody in.
func chunksOf(set *roaring.Bitmap) map[uint32]struct{} {
	chunks := map[uint32]struct{}{}
	for it := set.Iterator(); it.HasNext(); {
		number := it.Next() >> chunkShift
		chunks[number] = struct{}{}
		it.AdvanceIfNeeded((number + 1) << chunkShift)
	}
	return chunks
}

func chunkRange(number uint32) *roaring.Bitmap {
	all := roaring.New()
	all.AddRange(uint64(number)<<chunkShift, uint64(number+1)<<chunkShift)
	return all
}

// heldIn appends which of the wanted ids a stored chunk holds: a short chunk is gone
// through, of a long one each id is asked for.
func heldIn(dst []uint32, bits []byte, number uint32, wanted *[chunkSize]bool, ids []uint32) []uint32 {
	if len(bits) == 0 {
		return dst
	}
	if form := bits[0] & 0xf0; form == formSome && len(bits)/2 < 8*len(ids) {
		for at := 1; at+1 < len(bits); at += 2 {
			if low := uint32(bits[at])<<8 | uint32(bits[at+1]); low < chunkSize && wanted[low] {
				dst = append(dst, number<<chunkShift|low)
			}
		}
		return dst
	}
	for _, id := range ids {
		if holds(bits, uint16(id&(chunkSize-1))) {
			dst = append(dst, id)
		}
	}
	return dst
}
