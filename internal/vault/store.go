package vault

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"kartotek/internal/database"
)

// drawers are the drawers of one table that a transaction has opened.
type drawers struct {
	tx     *database.Tx
	table  drawerTable
	opened map[int64]*openDrawer
	last   *openDrawer // most calls in a row are for the same one
}

type openDrawer struct {
	drawer
	id      int64
	stands  bool // in the file, or will be
	changed bool
}

func newDrawers(tx *database.Tx, table drawerTable) drawers {
	return drawers{tx: tx, table: table, opened: map[int64]*openDrawer{}}
}

// drawerTable holds the statements of one table of drawers.
type drawerTable struct{ one, all, some, span, ids, put, drop string }

func tableOfDrawers(name string) drawerTable {
	return drawerTable{
		one:  `SELECT cells FROM ` + name + ` WHERE id = $1`,
		all:  `SELECT id, cells FROM ` + name + ` ORDER BY id`,
		some: `SELECT id, cells FROM ` + name + ` WHERE id > $1 ORDER BY id LIMIT $2`,
		span: `SELECT id, cells FROM ` + name + ` WHERE id >= $1 AND id < $2 ORDER BY id`,
		ids:  `SELECT id FROM ` + name + ` ORDER BY id`,
		put:  `INSERT INTO ` + name + ` (id, cells) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET cells = excluded.cells`,
		drop: `DELETE FROM ` + name + ` WHERE id = $1`,
	}
}

var (
	keyDrawers    = tableOfDrawers("key_drawer")
	claimDrawers  = tableOfDrawers("claim_drawer")
	oneOffDrawers = tableOfDrawers("one_off_drawer")
)

// Scan takes a drawer out of a row.
func (d *drawer) Scan(value any) error {
	cells, ok := value.([]byte)
	if !ok || len(cells) != drawerSize {
		return database.ErrCorrupt
	}
	copy(d[:], cells)
	return nil
}

// open returns a drawer, read once a transaction; one that is not in the file is empty.
func (ds *drawers) open(id int64) (*openDrawer, error) {
	if ds.last != nil && ds.last.id == id {
		return ds.last, nil
	}
	d := ds.opened[id]
	if d == nil {
		d = &openDrawer{id: id}
		switch err := ds.tx.QueryRow(ds.table.one, id).Scan(&d.drawer); {
		case err == nil:
			d.stands = true
		case !errors.Is(err, database.ErrNotFound):
			return nil, err
		}
		ds.opened[id] = d
	}
	ds.last = d
	return d, nil
}

// change says that the drawer was changed.
func (d *openDrawer) change() { d.stands, d.changed = true, true }

// changed lists the changed drawers in order, so that new ones are appended.
func (ds *drawers) changed() []*openDrawer {
	var list []*openDrawer
	for _, id := range slices.Sorted(maps.Keys(ds.opened)) {
		if d := ds.opened[id]; d.changed {
			list = append(list, d)
		}
	}
	return list
}

// flush writes the changed drawers.
func (ds *drawers) flush() error {
	for _, d := range ds.changed() {
		if _, err := ds.tx.Exec(ds.table.put, d.id, d.drawer[:]); err != nil {
			return err
		}
	}
	return nil
}

// eachDrawer visits all drawers of a table in order; d is reused.
func eachDrawer(q database.Querier, table drawerTable, visit func(id int64, d *drawer) error) error {
	rows, err := q.Query(table.all)
	if err != nil {
		return err
	}
	defer rows.Close()
	var id int64
	var d drawer
	for rows.Next() {
		if err := rows.Scan(&id, &d); err != nil {
			return err
		}
		if err := visit(id, &d); err != nil {
			return err
		}
	}
	return rows.Err()
}

// value reads what the keyring keeps under a name; database.ErrNotFound.
func value(q database.Querier, name string) (v []byte, err error) {
	err = q.QueryRow(`SELECT value FROM keyring WHERE name = $1`, name).Scan(&v)
	return v, err
}

func setValue(tx *database.Tx, name string, v []byte) error {
	_, err := tx.Exec(`INSERT INTO keyring (name, value) VALUES ($1, $2)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value`, name, v)
	return err
}

// nextOf reads a counter: the next number to be given.
func nextOf(q database.Querier, counter string) (next int64, err error) {
	err = q.QueryRow(`SELECT next FROM counter WHERE name = $1`, counter).Scan(&next)
	if errors.Is(err, database.ErrNotFound) {
		return 1, nil
	}
	return next, err
}

func setNext(tx *database.Tx, counter string, next int64) error {
	_, err := tx.Exec(`INSERT INTO counter (name, next) VALUES ($1, $2)
		ON CONFLICT (name) DO UPDATE SET next = excluded.next`, counter, next)
	return err
}

const ledgerColumns = `SELECT seq, person, class, fingerprint, at, hash, signature FROM ledger `

// eachEntry visits the ledger from a number on, in order; e is reused.
func eachEntry(q database.Querier, from int64, visit func(e *LedgerEntry) error) error {
	rows, err := q.Query(ledgerColumns+`WHERE seq >= $1 ORDER BY seq`, from)
	if err != nil {
		return err
	}
	defer rows.Close()
	var e LedgerEntry
	for rows.Next() {
		if err := scanEntry(rows, &e); err != nil {
			return err
		}
		if err := visit(&e); err != nil {
			return err
		}
	}
	return rows.Err()
}

// entryOf reads the entry of a person and class; database.ErrNotFound.
func entryOf(q database.Querier, n keyName) (e LedgerEntry, err error) {
	err = scanEntry(q.QueryRow(ledgerColumns+`WHERE person = $1 AND class = $2`, int64(n.person), int64(n.class)), &e)
	return e, err
}

// entryAt reads the entry of a number; database.ErrNotFound.
func entryAt(q database.Querier, seq int64) (e LedgerEntry, err error) {
	err = scanEntry(q.QueryRow(ledgerColumns+`WHERE seq = $1`, seq), &e)
	return e, err
}

// lastEntry reads the newest entry; database.ErrNotFound.
func lastEntry(q database.Querier) (e LedgerEntry, err error) {
	err = scanEntry(q.QueryRow(ledgerColumns+`ORDER BY seq DESC LIMIT 1`), &e)
	return e, err
}

func scanEntry(row interface{ Scan(...any) error }, e *LedgerEntry) error {
	var at int64
	err := row.Scan(&e.Seq, &e.Person, &e.Class, exactly(e.Fingerprint[:]), &at, exactly(e.Hash[:]), exactly(e.Signature[:]))
	e.At = time.UnixMicro(at).UTC()
	return err
}

func insertEntry(tx *database.Tx, e *LedgerEntry) error {
	_, err := tx.Exec(`INSERT INTO ledger (seq, person, class, fingerprint, at, hash, signature)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		e.Seq, int64(e.Person), int64(e.Class), e.Fingerprint[:], e.At.UnixMicro(), e.Hash[:], e.Signature[:])
	return err
}

// exactly takes a blob of just that length out of a row.
type exactly []byte

// Scan copies the blob.
func (b exactly) Scan(value any) error {
	from, ok := value.([]byte)
	if !ok || len(from) != len(b) {
		return fmt.Errorf("%w: a blob of another length", database.ErrCorrupt)
	}
	copy(b, from)
	return nil
}
