package backup

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"kartotek/internal/database"
	"kartotek/internal/place"
	"kartotek/internal/vault"
)

// Opened is an archive ready to be brought back: its signature was right and its
// contents were decrypted.
type Opened struct {
	Archive
	Engine     string
	Schema     int64  // the migrations it was written under
	Charter    []byte // the charter's text
	Checkpoint []byte // of the journal, signed right before; nil if there was none
	Ledger     int64  // entries of the ledger then
	Persons    vault.PersonID

	manifest *manifest
	contents *contents
}

// Open reads an archive's manifest whole.
func (r *Reader) Open(ctx context.Context, p place.Place, id string) (*Opened, error) {
	m, err := r.read(ctx, p, id, true)
	if err != nil {
		return nil, err
	}
	c, err := m.open(r)
	if err != nil {
		return nil, err
	}
	o := &Opened{
		Archive: m.Archive, Engine: c.Engine, Schema: c.Schema, Charter: []byte(c.Charter), Ledger: c.Ledger, Persons: vault.PersonID(c.Persons),
		manifest: m, contents: c,
	}
	if c.Checkpoint != "" {
		o.Checkpoint = []byte(c.Checkpoint)
	}
	return o, nil
}

// Tally gives the rows of every table in the archive.
func (o *Opened) Tally() map[string]int64 {
	tally := map[string]int64{}
	for _, t := range o.contents.Tables {
		tally[t.Name] = t.Rows
	}
	return tally
}

// Load writes an archive's rows into an empty register whose schema is of the
// archive's version. Every chunk is checked before its rows are used, and every
// table is counted at the end. What it leaves after an error is to be thrown
// away.
func (r *Reader) Load(ctx context.Context, p place.Place, o *Opened, db *database.DB, progress func(done, total int)) error {
	schema := map[string]*database.Table{}
	err := db.Read(ctx, func(q database.Querier) error {
		all, err := db.Tables(q)
		for i := range all {
			schema[all[i].Name] = &all[i]
		}
		return err
	})
	if err != nil {
		return err
	}
	order, err := loadOrder(o.contents.Tables, schema)
	if err != nil {
		return refused(newer, o.ID).Because(err)
	}
	m, c := o.manifest.inOrder(o.contents, order)
	loading := (*loader)(nil)
	again := map[string]*loader{}
	err = r.chunks(ctx, p, m, c, func(t *table, done int, plain []byte, rows int64) error {
		if loading == nil || loading.table.Name != t.Name {
			loading = newLoader(schema[t.Name], t)
			if len(loading.later) > 0 {
				again[t.Name] = loading
			}
		}
		if err := loading.insert(ctx, db, o.ID, plain, rows); err != nil {
			return err
		}
		progress(done, len(m.Chunks))
		return ctx.Err()
	})
	if err != nil {
		return err
	}
	if len(again) > 0 {
		if err := r.refer(ctx, p, m, c, db, again); err != nil {
			return err
		}
	}
	return db.Read(ctx, func(q database.Querier) error {
		for _, t := range o.contents.Tables {
			var n int64
			if err := q.QueryRow(`SELECT count(*) FROM ` + quoted(t.Name)).Scan(&n); err != nil {
				return err
			}
			if n != t.Rows {
				return fmt.Errorf("backup: %s has %d rows after the restore, not %d", t.Name, n, t.Rows)
			}
		}
		return nil
	})
}

// refer sets the columns that were left empty because they point to rows of
// their own table, now that all rows are there.
func (r *Reader) refer(ctx context.Context, p place.Place, m *manifest, c *contents, db *database.DB, tables map[string]*loader) error {
	only := m.only(c, func(name string) bool { return tables[name] != nil })
	return r.chunks(ctx, p, only.manifest, only.contents, func(t *table, _ int, plain []byte, _ int64) error {
		return tables[t.Name].update(ctx, db, plain)
	})
}

// picked is a part of an archive.
type picked struct {
	manifest *manifest
	contents *contents
}

// only leaves out the tables that are not wanted.
func (m *manifest) only(c *contents, want func(name string) bool) picked {
	part, in := *m, *c
	part.Chunks, in.Tables = nil, nil
	from := 0
	for _, t := range c.Tables {
		if want(t.Name) {
			in.Tables = append(in.Tables, t)
			part.Chunks = append(part.Chunks, m.Chunks[from:from+len(t.Chunks)]...)
		}
		from += len(t.Chunks)
	}
	return picked{&part, &in}
}

// without leaves out chunks by their names.
func (m *manifest) without(c *contents, whole map[string]bool) picked {
	part, in := *m, *c
	part.Chunks, in.Tables = nil, nil
	from := 0
	for _, t := range c.Tables {
		left := t
		left.Chunks = nil
		for i, rows := range t.Chunks {
			if chunk := m.Chunks[from+i]; !whole[chunk.Name] {
				left.Chunks = append(left.Chunks, rows)
				part.Chunks = append(part.Chunks, chunk)
			}
		}
		in.Tables = append(in.Tables, left)
		from += len(t.Chunks)
	}
	return picked{&part, &in}
}

// inOrder puts the tables, with their chunks, in another order.
func (m *manifest) inOrder(c *contents, order []string) (*manifest, *contents) {
	all, in := *m, *c
	all.Chunks, in.Tables = nil, nil
	for _, name := range order {
		part := m.only(c, func(n string) bool { return n == name })
		all.Chunks = append(all.Chunks, part.manifest.Chunks...)
		in.Tables = append(in.Tables, part.contents.Tables...)
	}
	return &all, &in
}

// loadOrder puts tables that others point to first. A table or column that the
// schema does not have is an error.
func loadOrder(tables []table, schema map[string]*database.Table) (order []string, err error) {
	for _, t := range tables {
		known := schema[t.Name]
		if known == nil {
			return nil, fmt.Errorf("backup: no table %s", t.Name)
		}
		for _, c := range t.Columns {
			if known.Column(c) < 0 {
				return nil, fmt.Errorf("backup: no column %s.%s", t.Name, c)
			}
		}
	}
	placed := map[string]bool{}
	for len(order) < len(tables) {
		before := len(order)
		for _, t := range tables {
			waits := func(r database.Reference) bool {
				return r.Table != t.Name && !placed[r.Table] && slices.ContainsFunc(tables, func(o table) bool { return o.Name == r.Table })
			}
			if !placed[t.Name] && !slices.ContainsFunc(schema[t.Name].References, waits) {
				placed[t.Name] = true
				order = append(order, t.Name)
			}
		}
		if len(order) == before {
			return nil, errors.New("backup: tables point to each other in a circle")
		}
	}
	return order, nil
}

// loader inserts the rows of one table.
type loader struct {
	table  *database.Table
	enter  string
	later  []int // columns set when all rows are there
	key    []int
	setter string
}

func newLoader(known *database.Table, t *table) *loader {
	l := &loader{table: known}
	var columns, holes []string
	for i, c := range t.Columns {
		columns = append(columns, quoted(c))
		holes = append(holes, fmt.Sprintf("$%d", i+1))
		own := slices.ContainsFunc(known.References, func(r database.Reference) bool { return r.Column == c && r.Table == known.Name })
		if own && known.Columns[known.Column(c)].Null {
			l.later = append(l.later, i)
		}
	}
	l.enter = `INSERT INTO ` + quoted(known.Name) + ` (` + strings.Join(columns, ", ") + `) VALUES (` + strings.Join(holes, ", ") + `)`
	if len(l.later) == 0 {
		return l
	}
	var set, where []string
	for n, i := range l.later {
		set = append(set, fmt.Sprintf("%s = $%d", columns[i], n+1))
	}
	for n, name := range known.Key {
		i := slices.Index(t.Columns, name)
		l.key = append(l.key, i)
		where = append(where, fmt.Sprintf("%s = $%d", columns[i], len(l.later)+n+1))
	}
	l.setter = `UPDATE ` + quoted(known.Name) + ` SET ` + strings.Join(set, ", ") + ` WHERE ` + strings.Join(where, " AND ")
	return l
}

// insert writes the rows of one chunk in one transaction.
func (l *loader) insert(ctx context.Context, db *database.DB, archive string, plain []byte, want int64) error {
	var failed error
	var count int64
	rows := l.rows(plain, &failed, func(row []any) []any {
		count++
		for _, i := range l.later {
			row[i] = nil
		}
		return row
	})
	err := db.Write(ctx, func(tx *database.Tx) error {
		if _, err := tx.ExecEach(l.enter, rows); err != nil {
			return err
		}
		if failed == nil && count != want {
			failed = refused(reordered, archive)
		}
		return failed
	})
	if failed != nil {
		return failed
	}
	return err
}

// update sets the columns that were left empty.
func (l *loader) update(ctx context.Context, db *database.DB, plain []byte) error {
	var failed error
	args := make([]any, len(l.later)+len(l.key))
	rows := l.rows(plain, &failed, func(row []any) []any {
		some := false
		for n, i := range l.later {
			args[n] = row[i]
			some = some || row[i] != nil
		}
		for n, i := range l.key {
			args[len(l.later)+n] = row[i]
		}
		if !some {
			return nil
		}
		return args
	})
	return db.Write(ctx, func(tx *database.Tx) error {
		if _, err := tx.ExecEach(l.setter, rows); err != nil {
			return err
		}
		return failed
	})
}

// rows gives a chunk's rows as arguments; what is wrong with them goes to failed.
func (l *loader) rows(plain []byte, failed *error, fn func(row []any) []any) iter.Seq[[]any] {
	return func(yield func([]any) bool) {
		*failed = readChunk(plain, func(table string, _ []string, row []any) error {
			if table != l.table.Name {
				return errRows
			}
			if args := fn(row); args != nil && !yield(args) {
				return errStopped
			}
			return nil
		})
		if *failed == errStopped {
			*failed = nil
		}
	}
}

var errStopped = errors.New("backup: stopped")
