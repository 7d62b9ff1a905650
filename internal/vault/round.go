package vault

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"kartotek/internal/database"
	"kartotek/internal/place"
)

const (
	partsAtOnce = 64 // read from the keyring in one go: some 16 MB
	linesAtOnce = 8  // objects written or read at the same time
	largestPart = 64 << 20
	mostAhead   = 4 // passes before the last, however much changes meanwhile
)

// round brings a copy up to the keyring as it is now; whole reads every byte of
// it back first. What came of it is in the copy's state.
func (c *Copies) round(ctx context.Context, x *keyCopy, whole bool) error {
	if err := x.take(ctx); err != nil {
		return err
	}
	defer x.leave()
	repaired, err := c.follow(ctx, x, whole)
	if errors.Is(err, errTurned) { // a rotation came in between
		repaired, err = c.follow(ctx, x, whole)
	}
	if err != nil {
		x.there = nil // what lies there now is looked at anew
		if ctx.Err() != nil {
			return err // the program ends; the place is not at fault
		}
		c.tell(x, func(s *CopyState) {
			if s.Problem = err; s.FailingAt.IsZero() {
				s.FailingAt = c.now().UTC()
			}
		})
		return fmt.Errorf("copy in %s: %w", x.place.Address(), err)
	}
	x.stood = true
	c.tell(x, func(s *CopyState) {
		s.Ledger, s.Revision, s.ConfirmedAt = x.there.ledger.seq, x.there.revision, c.now().UTC()
		s.FailingAt, s.Problem = time.Time{}, nil
		if s.Repaired += repaired; whole {
			s.VerifiedAt = s.ConfirmedAt
		}
	})
	return nil
}

// follow does the round and says how many parts were damaged.
func (c *Copies) follow(ctx context.Context, x *keyCopy, whole bool) (damaged int, err error) {
	fresh := x.there == nil
	if fresh || whole {
		if err := x.place.Forgets(ctx); err != nil {
			return 0, err
		}
	}
	if fresh {
		if x.there, err = c.look(ctx, x); err != nil {
			return 0, err
		}
	}
	since, _ := c.ring.changes.now()
	stale, known := c.ring.changes.since(x.there.revision)
	if !known || whole {
		bad := map[part]bool{}
		if whole {
			if bad, err = c.readBack(ctx, x); err != nil {
				return 0, err
			}
		}
		if stale, err = c.differing(ctx, x, bad); err != nil {
			return 0, err
		}
		damaged = len(bad)
	}
	if len(stale) > 0 {
		if err := c.write(ctx, x, stale, since); err != nil {
			return damaged, err
		}
	} else if !fresh && !whole {
		return damaged, nil // nothing to write, and what was written was tidied up after
	}
	return damaged, c.clean(ctx, x)
}

// look reads the manifest that lies in the place and holds it against the
// keyring. Where there is none, or a damaged one, the copy begins anew.
func (c *Copies) look(ctx context.Context, x *keyCopy) (*manifest, error) {
	empty := &manifest{ring: c.ring.id, revision: -1, parts: map[part]partEntry{}}
	text, err := fetch(ctx, x.place, manifestName)
	switch {
	case errors.Is(err, place.ErrNone) && x.stood:
		return nil, ErrCopyGone
	case errors.Is(err, place.ErrNone):
		return empty, nil
	}
	if err != nil {
		return nil, err
	}
	if ring, ok := ringOf(text); ok && ring != c.ring.id {
		return nil, ErrCopyOther
	}
	m, err := decodeManifest(text)
	if err != nil || !verified(text, c.ring.MAC) {
		return empty, nil
	}
	if err := c.newer(ctx, m); err != nil {
		c.halt.Do(func() { close(c.halted) })
		return nil, err
	}
	return m, nil
}

// newer refuses a keyring that is behind a copy of it, or went another way since.
func (c *Copies) newer(ctx context.Context, m *manifest) error {
	if revision, _ := c.ring.changes.now(); m.revision > revision {
		return fmt.Errorf("%w: %d acts, the keyring has %d", ErrCopyNewer, m.revision, revision)
	}
	err := c.ring.KnownHead(m.ledger.seq, m.ledger.hash)
	if errors.Is(err, ErrLedgerOlder) || errors.Is(err, ErrLedgerForked) {
		return fmt.Errorf("%w: %w", ErrCopyNewer, err)
	}
	return err
}

// readBack reads every object of a copy and lists the parts whose bytes are not
// those of the manifest.
func (c *Copies) readBack(ctx context.Context, x *keyCopy) (map[part]bool, error) {
	bad := map[part]bool{}
	var mu sync.Mutex
	all, ctx := errgroup.WithContext(ctx)
	all.SetLimit(linesAtOnce)
	for p, e := range x.there.parts {
		all.Go(func() error {
			text, err := fetch(ctx, x.place, p.object(e.generation))
			if err != nil && !errors.Is(err, place.ErrNone) {
				return err
			}
			if err != nil || !e.holds(text) {
				mu.Lock()
				defer mu.Unlock()
				bad[p] = true
			}
			return nil
		})
	}
	return bad, all.Wait()
}

// differing lists the parts in which keyring and copy differ, and those that are
// damaged there.
func (c *Copies) differing(ctx context.Context, x *keyCopy, bad map[part]bool) (stale []part, err error) {
	var parts []part
	if err := c.ring.db.Read(ctx, func(q database.Querier) (err error) {
		parts, err = partsOf(q)
		return err
	}); err != nil {
		return nil, err
	}
	for some := range slices.Chunk(parts, partsAtOnce) {
		err := c.ring.db.Read(ctx, func(q database.Querier) error {
			for _, p := range some {
				text, err := readPart(q, p)
				if err != nil {
					return err
				}
				if e, ok := x.there.parts[p]; !ok || bad[p] || !e.holds(text) {
					stale = append(stale, p)
				}
			}
			return ctx.Err()
		})
		if err != nil {
			return nil, err
		}
	}
	for p := range x.there.parts { // of what is no longer there
		if _, found := slices.BinarySearchFunc(parts, p, part.compare); !found {
			stale = append(stale, p)
		}
	}
	return stale, nil
}

// write writes the stale parts and the manifest that names them, and reads all of
// it back. The copy is then the keyring as of one moment: many parts are written
// ahead, and those that changed meanwhile, or after the revision since, once more
// with the last.
func (c *Copies) write(ctx context.Context, x *keyCopy, stale []part, since int64) error {
	next := &manifest{ring: c.ring.id, at: c.now().UTC(), parts: maps.Clone(x.there.parts)}
	names, err := x.place.List(ctx, copyFolder)
	if err != nil {
		return err
	}
	next.generation = x.there.generation
	for _, item := range names { // what a round that was cut off left is never overwritten
		next.generation = max(next.generation, generationOf(item.Name))
	}
	next.generation++
	for ahead := 0; len(stale) > partsAtOnce && ahead < mostAhead; ahead++ {
		begun, _ := c.ring.changes.now()
		for some := range slices.Chunk(stale, partsAtOnce) {
			texts := map[part][]byte{}
			if err := c.ring.db.Read(ctx, func(q database.Querier) error { return readInto(q, some, texts) }); err != nil {
				return err
			}
			if err := c.send(ctx, x, next, texts); err != nil {
				return err
			}
		}
		if stale, err = c.changedAfter(since); err != nil {
			return err
		}
		since = begun
	}
	texts := map[part][]byte{}
	err = c.ring.db.Read(ctx, func(q database.Querier) error {
		revision, err := nextOf(q, counterRevision)
		if err != nil {
			return err
		}
		c.ring.changes.await(revision)
		next.revision = revision
		last, err := lastEntry(q)
		if err != nil && !errors.Is(err, database.ErrNotFound) {
			return err
		}
		next.ledger = last.link()
		late, err := c.changedAfter(since)
		if err != nil {
			return err
		}
		return readInto(q, slices.Concat(stale, late, []part{head}), texts)
	})
	if err != nil {
		return err
	}
	if err := c.send(ctx, x, next, texts); err != nil {
		return err
	}
	text := next.encode(c.ring.MAC)
	if err := put(ctx, x.place, manifestName, text); err != nil {
		return err
	}
	x.there = next
	return nil
}

func (c *Copies) changedAfter(revision int64) ([]part, error) {
	parts, known := c.ring.changes.since(revision)
	if !known {
		return nil, errTurned
	}
	return parts, nil
}

func readInto(q database.Querier, parts []part, texts map[part][]byte) error {
	for _, p := range parts {
		if _, done := texts[p]; done {
			continue
		}
		text, err := readPart(q, p)
		if err != nil {
			return err
		}
		texts[p] = text
	}
	return nil
}

// send writes parts under the manifest's generation and enters them there. What
// the keyring has no more of is only no longer named.
func (c *Copies) send(ctx context.Context, x *keyCopy, next *manifest, texts map[part][]byte) error {
	all, ctx := errgroup.WithContext(ctx)
	all.SetLimit(linesAtOnce)
	for p, text := range texts {
		if len(text) == 0 {
			delete(next.parts, p)
			continue
		}
		next.parts[p] = entryFor(next.generation, text)
		all.Go(func() error { return put(ctx, x.place, p.object(next.generation), text) })
	}
	return all.Wait()
}

// put writes an object and reads it back.
func put(ctx context.Context, in place.Place, name string, text []byte) error {
	if err := in.Put(ctx, name, bytes.NewReader(text)); err != nil {
		return err
	}
	back, err := fetch(ctx, in, name)
	if err != nil {
		return err
	}
	if sha256.Sum256(back) != sha256.Sum256(text) {
		return errReadBack
	}
	return nil
}

func fetch(ctx context.Context, from place.Place, name string) ([]byte, error) {
	in, err := from.Get(ctx, name)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(in, largestPart))
	return text, errors.Join(err, in.Close())
}

// EmptyCopy deletes the copy that lies in a place, whichever keyring's it is, and
// makes sure that nothing of it is left.
func EmptyCopy(ctx context.Context, in place.Place) error {
	if err := in.Forgets(ctx); err != nil {
		return err
	}
	return keepOnly(ctx, in, nil)
}

// clean deletes what the manifest does not name, the parts it named before among
// them, and makes sure that nothing of it is left.
func (c *Copies) clean(ctx context.Context, x *keyCopy) error {
	named := map[string]bool{manifestName: true}
	for p, e := range x.there.parts {
		named[p.object(e.generation)] = true
	}
	return keepOnly(ctx, x.place, named)
}

func keepOnly(ctx context.Context, in place.Place, named map[string]bool) error {
	strays := func() (strays []string, err error) {
		items, err := in.List(ctx, copyFolder)
		for _, item := range items {
			if !named[item.Name] && strings.HasPrefix(item.Name, copyFolder) {
				strays = append(strays, item.Name)
			}
		}
		return strays, err
	}
	old, err := strays()
	if err != nil || len(old) == 0 {
		return err
	}
	all, among := errgroup.WithContext(ctx)
	all.SetLimit(linesAtOnce)
	for _, name := range old {
		all.Go(func() error { return in.Delete(among, name) })
	}
	if err := all.Wait(); err != nil {
		return err
	}
	if old, err = strays(); err == nil && len(old) > 0 {
		err = errStays
	}
	return err
}
