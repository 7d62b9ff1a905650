package backup

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/sync/errgroup"

	"kartotek/internal/database"
	"kartotek/internal/place"
	"kartotek/internal/vault"
)

// patience is how long a snapshot may be kept open while chunks are written. On
// SQLite a snapshot keeps the log from being emptied, and an erasure waits for it.
const patience = 10 * time.Second

// errSlow ends a snapshot that has been open for too long.
var errSlow = errors.New("backup: the place is slower than a snapshot may last")

// taking is one archive in the making.
type taking struct {
	db       *database.DB
	ring     *vault.Keyring
	signer   note.Signer
	place    place.Place
	to       recipients
	sizes    sizes
	patience time.Duration
	now      time.Time
	id       string
	contents contents // without the tables
	back     *Reader  // reads chunks back while others are made; nil leaves it to a verification
	progress func(done, total int)

	mu    sync.Mutex
	have  map[string]Chunk // by content: chunks that are in the place
	whole map[string]bool  // by name: chunks that were read back and hold what they should
	fresh atomic.Int64     // bytes written
	snaps int              // snapshots begun, for tests
}

// entry is one chunk of the snapshot.
type entry struct {
	table int
	rows  int64
	chunk Chunk
}

// take writes an archive and gives its manifest. First it tries in one snapshot.
// Where the place is too slow for that, what is missing is written page by page
// with nothing open in between, and then the difference in a snapshot: rows cut
// alike are in the same chunks.
func (t *taking) take(ctx context.Context) (*manifest, error) {
	items, err := t.place.List(ctx, chunkPrefix)
	if err != nil {
		return nil, err
	}
	t.id, t.have, t.whole = newID(t.now), make(map[string]Chunk, len(items)), map[string]bool{}
	for _, item := range items {
		if content, _, ok := hashes(item.Name); ok && item.Size > 0 && item.Size <= longestChunk {
			t.have[content] = Chunk{item.Name, item.Size}
		}
	}
	for try := 1; ; try++ {
		last := try == 3 // then it must be, however long it takes
		entries, tables, err := t.snapshot(ctx, last)
		if err == nil {
			return t.finish(ctx, entries, tables)
		}
		if !errors.Is(err, errSlow) {
			return nil, err
		}
		if err := t.ahead(ctx); err != nil {
			return nil, err
		}
	}
}

// snapshot reads the whole register in one transaction.
func (t *taking) snapshot(ctx context.Context, last bool) (entries []*entry, tables []database.Table, err error) {
	t.snaps++
	err = t.db.Read(ctx, func(q database.Querier) error {
		var err error
		if tables, err = t.db.Tables(q); err != nil {
			return err
		}
		began := time.Now()
		entries, err = t.store(ctx, tables, func(fn func(q database.Querier) error) error { return fn(q) }, func() error {
			if !last && time.Since(began) > t.patience {
				return errSlow
			}
			return nil
		}, func() bool { return time.Since(began) < t.patience/2 })
		return err
	})
	return entries, tables, err
}

// ahead writes what is missing, page by page, without a snapshot.
func (t *taking) ahead(ctx context.Context) error {
	var tables []database.Table
	err := t.db.Read(ctx, func(q database.Querier) (err error) {
		tables, err = t.db.Tables(q)
		return err
	})
	if err != nil {
		return err
	}
	ask := func(fn func(q database.Querier) error) error { return t.db.Read(ctx, fn) }
	_, err = t.store(ctx, tables, ask, func() error { return nil }, func() bool { return true })
	return err
}

// storers are how many chunks are made ready, written and read back at the same
// time: more than cores, since they wait for the disk in between.
const storers = 3

// store walks the tables and writes the chunks that the place does not have. may
// is asked before each is written, leisure before each is read back: what there is no
// time for now is read back when the snapshot is over.
func (t *taking) store(ctx context.Context, tables []database.Table, ask asker, may func() error, leisure func() bool) ([]*entry, error) {
	var entries []*entry
	work, inner := errgroup.WithContext(ctx)
	work.SetLimit(storers)
	err := walk(inner, tables, t.sizes, ask, func(table int, plain []byte, rows int64) error {
		e := &entry{table: table, rows: rows}
		entries = append(entries, e)
		work.Go(func() (err error) {
			if e.chunk, err = t.put(inner, plain, may); err == nil && leisure() {
				err = t.readBack(inner, e.chunk, plain)
			}
			spare.Put(&plain)
			return err
		})
		if t.progress != nil {
			t.progress(len(entries), 0)
		}
		return inner.Err()
	})
	// Whatever ended a worker ended the walk by the context.
	if failed := work.Wait(); failed != nil {
		return nil, failed
	}
	return entries, err
}

// put writes a chunk unless the place has one that holds the same.
func (t *taking) put(ctx context.Context, plain []byte, may func() error) (Chunk, error) {
	name := content(t.ring, &t.to, plain)
	t.mu.Lock()
	c, ok := t.have[name]
	t.mu.Unlock()
	if ok {
		return c, nil
	}
	if err := may(); err != nil {
		return Chunk{}, err
	}
	object, err := shut(plain, &t.to)
	if err != nil {
		return Chunk{}, err
	}
	c = Chunk{chunkName(name, stored(object)), int64(len(object))}
	if err := t.place.Put(ctx, c.Name, bytes.NewReader(object)); err != nil {
		return Chunk{}, err
	}
	t.fresh.Add(c.Bytes)
	t.mu.Lock()
	t.have[name] = c
	t.mu.Unlock()
	return c, nil
}

// readBack holds what the place has as a chunk against the rows it was made of.
func (t *taking) readBack(ctx context.Context, c Chunk, plain []byte) error {
	t.mu.Lock()
	done := t.back == nil || t.whole[c.Name]
	t.mu.Unlock()
	if done {
		return nil
	}
	if err := t.back.holds(ctx, t.place, t.id, c, plain); err != nil {
		return err
	}
	t.mu.Lock()
	t.whole[c.Name] = true
	t.mu.Unlock()
	return nil
}

// finish writes the manifest, last: an archive is there when it is whole.
func (t *taking) finish(ctx context.Context, entries []*entry, tables []database.Table) (*manifest, error) {
	m := &manifest{Archive: Archive{ID: t.id, Keyring: keyringID(t.ring), At: t.now.UTC()}, mark: t.to.mark}
	c := t.contents
	c.Format, c.At, c.Engine = contentsFormat, m.At, t.db.Engine().String()
	for i := range tables {
		if stayBehind[tables[i].Name] {
			continue
		}
		in := table{Name: tables[i].Name, Chunks: []int64{}}
		for _, column := range tables[i].Columns {
			in.Columns = append(in.Columns, column.Name)
		}
		for _, e := range entries {
			if e.table == i {
				in.Chunks = append(in.Chunks, e.rows)
				in.Rows += e.rows
				m.Chunks = append(m.Chunks, e.chunk)
				m.Bytes += e.chunk.Bytes
			}
		}
		m.Rows += in.Rows
		c.Tables = append(c.Tables, in)
	}
	plain, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	if m.sealed, err = shut(plain, &t.to); err != nil {
		return nil, err
	}
	m.Bytes += int64(len(m.sealed))
	object, err := m.encode(t.signer)
	if err != nil {
		return nil, err
	}
	t.fresh.Add(int64(len(object)))
	return m, t.place.Put(ctx, archivePrefix+m.ID, bytes.NewReader(object))
}
