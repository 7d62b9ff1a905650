package backup

import (
	"context"
	"time"

	"kartotek/internal/place"
)

// expired picks the archives that are older than their time. The newest good one
// stays however old it is: the last way back is never taken away. Others'
// archives are not ours to delete.
func expired(all []Archive, keyring string, now time.Time, days int) (gone []Archive) {
	last := -1
	for i, a := range all {
		if a.Problem == nil {
			last = i
		}
	}
	limit := now.AddDate(0, 0, -days)
	for i, a := range all {
		if i != last && a.At.Before(limit) && (a.Keyring == keyring || a.Keyring == "") {
			gone = append(gone, a)
		}
	}
	return gone
}

// Pruned is what thinning out took away.
type Pruned struct {
	Archives int
	Chunks   int
	Bytes    int64 // of chunks
}

// prune deletes archives whose time is over, then chunks that no archive in the
// place names any more. While a manifest cannot be read nobody knows what it
// names, and no chunk is deleted.
func (r *Reader) prune(ctx context.Context, p place.Place, now time.Time, days int) (done Pruned, err error) {
	if err := p.Tidy(ctx); err != nil {
		return done, err
	}
	all, err := r.List(ctx, p)
	if err != nil {
		return done, err
	}
	gone := map[string]bool{}
	for _, a := range expired(all, keyringID(r.ring), now, days) {
		if err := p.Delete(ctx, archivePrefix+a.ID); err != nil {
			return done, err
		}
		gone[a.ID] = true
		done.Archives++
	}
	named := map[string]bool{}
	for _, a := range all {
		if gone[a.ID] {
			continue
		}
		if a.Problem != nil && len(a.Chunks) == 0 {
			return done, nil
		}
		for _, c := range a.Chunks {
			named[c.Name] = true
		}
	}
	items, err := p.List(ctx, chunkPrefix)
	if err != nil {
		return done, err
	}
	for _, item := range items {
		if _, _, ours := hashes(item.Name); !ours || named[item.Name] {
			continue
		}
		if err := p.Delete(ctx, item.Name); err != nil {
			return done, err
		}
		done.Chunks++
		done.Bytes += item.Size
	}
	return done, nil
}
