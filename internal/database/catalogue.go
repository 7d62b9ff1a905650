package database

import (
	"context"
	"errors"
	"slices"
)

// Table is a table as the engine itself knows it. What must cover every table,
// such as a backup, asks here, so that one added later is covered too.
type Table struct {
	Name       string
	Columns    []Column
	Key        []string    // columns of the primary key, in its order
	References []Reference // foreign keys
}

// Column is one column of a table.
type Column struct {
	Name string
	Null bool // may be empty
}

// Reference says that a column names a row of a table.
type Reference struct{ Column, Table string }

// Column finds a column by name; -1 for none.
func (t *Table) Column(name string) int {
	return slices.IndexFunc(t.Columns, func(c Column) bool { return c.Name == name })
}

// catalogues give table, column, may it be empty, place in the key from 1.
var catalogues = map[Engine]string{
	SQLite: `SELECT t.name, c.name, c."notnull" = 0, c.pk FROM pragma_table_list t, pragma_table_info(t.name) c
		WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND t.name <> 'goose_db_version'
		ORDER BY t.name, c.cid`,
	PostgreSQL: `SELECT c.relname::text, a.attname::text, CASE WHEN a.attnotnull THEN 0 ELSE 1 END,
			coalesce((SELECT k.n FROM pg_index i, unnest(i.indkey) WITH ORDINALITY AS k (attnum, n)
				WHERE i.indrelid = c.oid AND i.indisprimary AND k.attnum = a.attnum), 0)
		FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
		AND c.relname <> 'goose_db_version' ORDER BY c.relname::text COLLATE "C", a.attnum`,
}

// references give table, column and the table it points to.
var references = map[Engine]string{
	SQLite: `SELECT t.name, f."from", f."table" FROM pragma_table_list t, pragma_foreign_key_list(t.name) f
		WHERE t.schema = 'main' AND t.type = 'table' ORDER BY t.name, f."from"`,
	PostgreSQL: `SELECT t.relname::text, a.attname::text, r.relname::text
		FROM pg_constraint f JOIN pg_class t ON t.oid = f.conrelid JOIN pg_class r ON r.oid = f.confrelid
		JOIN pg_namespace n ON n.oid = t.relnamespace JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = f.conkey[1]
		WHERE f.contype = 'f' AND n.nspname = current_schema() ORDER BY 1, 2`,
}

// Tables lists the tables by name. The table of the migrations is none of them.
func (db *DB) Tables(q Querier) ([]Table, error) {
	rows, err := q.Query(catalogues[db.engine])
	if err != nil {
		return nil, err
	}
	var all []Table
	var places []int64 // in the key, of the columns of the last table
	settle := func() {
		if len(all) == 0 {
			return
		}
		t := &all[len(all)-1]
		for at := int64(1); ; at++ {
			i := slices.Index(places, at)
			if i < 0 {
				break
			}
			t.Key = append(t.Key, t.Columns[i].Name)
		}
		places = places[:0]
	}
	for rows.Next() {
		var table string
		var c Column
		var place int64
		if err := rows.Scan(&table, &c.Name, &c.Null, &place); err != nil {
			return nil, err
		}
		if len(all) == 0 || all[len(all)-1].Name != table {
			settle()
			all = append(all, Table{Name: table})
		}
		t := &all[len(all)-1]
		t.Columns, places = append(t.Columns, c), append(places, place)
	}
	settle()
	if err := rows.Err(); err != nil {
		return nil, err
	}
	return all, db.refer(q, all)
}

// refer adds the foreign keys.
func (db *DB) refer(q Querier, all []Table) error {
	rows, err := q.Query(references[db.engine])
	if err != nil {
		return err
	}
	for rows.Next() {
		var table string
		var r Reference
		if err := rows.Scan(&table, &r.Column, &r.Table); err != nil {
			return err
		}
		if i := slices.IndexFunc(all, func(t Table) bool { return t.Name == table }); i >= 0 {
			all[i].References = append(all[i].References, r)
		}
	}
	return rows.Err()
}

// Version is the number of the newest migration that has run; 0 where there is
// no schema yet.
func (db *DB) Version(ctx context.Context) (int64, error) {
	_, newest, err := db.version(ctx)
	return newest, err
}

// Empty reports whether a database holds no table at all, so that a register may
// be made in it.
func Empty(ctx context.Context, o Options) (bool, error) {
	o.ReadOnly, o.bare = true, true
	db, err := Open(ctx, o)
	if err != nil {
		return false, err
	}
	var tables []Table
	err = db.Read(ctx, func(q Querier) (err error) {
		tables, err = db.Tables(q)
		return err
	})
	return len(tables) == 0, errors.Join(err, db.Close())
}

// HoldFile keeps others out of a SQLite register that is about to be replaced,
// as Open does, without opening it. ErrLocked if somebody has it.
func HoldFile(path string) (release func() error, err error) {
	h, err := holdFile(path + ".lock")
	if err != nil {
		return nil, err
	}
	return h.release, nil
}
