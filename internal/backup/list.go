package backup

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"kartotek/internal/fault"
	"kartotek/internal/place"
)

// List gives the archives in a place, the oldest first. One that cannot be used
// is among them, with its problem.
func (r *Reader) List(ctx context.Context, p place.Place) ([]Archive, error) {
	items, err := p.List(ctx, archivePrefix)
	if err != nil {
		return nil, err
	}
	var all []Archive
	for _, item := range items {
		id := strings.TrimPrefix(item.Name, archivePrefix)
		at, ok := idTime(id)
		if !ok {
			continue // whatever it is, it is not ours to judge
		}
		m, err := r.read(ctx, p, id, false)
		problem := (*fault.Error)(nil)
		switch {
		case fault.Is(err, fault.NotFound):
			continue // deleted meanwhile
		case err == nil:
			all = append(all, m.Archive)
		case errors.As(err, &problem):
			a := Archive{ID: id, At: at, Problem: problem}
			if m != nil {
				a = m.Archive
				a.ID, a.Problem = id, problem
			}
			all = append(all, a)
		default:
			return nil, err
		}
	}
	slices.SortStableFunc(all, func(a, b Archive) int { return a.At.Compare(b.At) })
	return all, nil
}

// Choose finds the archive of that name; without one the newest good one, or the
// newest of those taken at a time or before.
func Choose(all []Archive, id string, at time.Time) (Archive, error) {
	for _, a := range slices.Backward(all) {
		switch {
		case id != "" && a.ID != id, id == "" && a.Problem != nil, !at.IsZero() && a.At.After(at):
		case a.Problem != nil:
			return a, a.Problem
		default:
			return a, nil
		}
	}
	switch {
	case id != "":
		return Archive{}, fault.New(fault.NotFound, "backup.error.no_archive", "archive", id)
	case len(all) > 0 && at.IsZero():
		return Archive{}, all[len(all)-1].Problem
	}
	return Archive{}, fault.New(fault.NotFound, "backup.error.no_archives")
}

// Verify reads an archive back: the manifest's signature, every chunk's bytes
// and, with an identity, what is in them. What is wrong is told as a refusal.
func (r *Reader) Verify(ctx context.Context, p place.Place, id string, progress func(done, total int)) (Verified, error) {
	return r.verify(ctx, p, id, nil, progress)
}

// verify is Verify but for the chunks known to be whole: those that were held
// against their rows while the archive was made.
func (r *Reader) verify(ctx context.Context, p place.Place, id string, whole map[string]bool, progress func(done, total int)) (Verified, error) {
	m, err := r.read(ctx, p, id, true)
	if err != nil {
		return Verified{}, err
	}
	v := Verified{Archive: m.Archive, Decrypted: len(r.identities) > 0}
	if !v.Decrypted {
		for i, c := range m.Chunks {
			if whole[c.Name] {
				continue
			}
			if _, err := fetch(ctx, p, id, c); err != nil {
				return v, err
			}
			progress(i+1, len(m.Chunks))
		}
		return v, nil
	}
	c, err := m.open(r)
	if err != nil {
		return v, err
	}
	part := m.without(c, whole)
	return v, r.chunks(ctx, p, part.manifest, part.contents, func(t *table, done int, plain []byte, rows int64) error {
		table, n, err := countChunk(plain)
		if err != nil {
			return refused(damaged, id).Because(err)
		}
		if table != t.Name || n != rows {
			return refused(reordered, id)
		}
		progress(done, len(part.manifest.Chunks))
		return ctx.Err()
	})
}

// chunks goes through an archive's chunks in order. The next one is fetched and
// opened while fn works.
func (r *Reader) chunks(ctx context.Context, p place.Place, m *manifest, c *contents, fn func(t *table, done int, plain []byte, rows int64) error) error {
	type opened struct {
		plain []byte
		err   error
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	queue := make(chan opened, 1)
	go func() {
		defer close(queue)
		for _, chunk := range m.Chunks {
			plain, err := r.open(ctx, p, m, chunk)
			select {
			case queue <- opened{plain, err}:
			case <-ctx.Done():
				return
			}
			if err != nil {
				return
			}
		}
	}()
	done := 0
	for i := range c.Tables {
		t := &c.Tables[i]
		for _, rows := range t.Chunks {
			o, ok := <-queue
			switch {
			case !ok:
				return ctx.Err()
			case o.err != nil:
				return o.err
			}
			done++
			if err := fn(t, done, o.plain, rows); err != nil {
				return err
			}
		}
	}
	return nil
}
