package database_test

import (
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"

	"kartotek/internal/database"
	"kartotek/internal/database/databasetest"
)

// schema is what both engines must have alike: every line is a column, an
// index or a foreign key, in words.
type schema map[string]bool

// lines runs a query of one text column.
func lines(t *testing.T, db *database.DB, text string) schema {
	t.Helper()
	found := schema{}
	err := db.Read(ctx, func(q database.Querier) error {
		rows, err := q.Query(text)
		if err != nil {
			return err
		}
		for rows.Next() {
			var line string
			if err := rows.Scan(&line); err != nil {
				return err
			}
			found[line] = true
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

var schemaQueries = map[database.Engine][]string{
	database.SQLite: {
		`SELECT 'column ' || t.name || '.' || c.name || ' ' ||
				CASE c.type WHEN 'INTEGER' THEN 'integer' WHEN 'TEXT' THEN 'text' WHEN 'BLOB' THEN 'bytes' ELSE c.type END ||
				CASE WHEN c."notnull" = 1 THEN '' ELSE ' null' END ||
				CASE WHEN c.pk > 0 THEN ' key ' || c.pk ELSE '' END
			FROM pragma_table_list t, pragma_table_info(t.name) c
			WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND t.name <> 'goose_db_version'`,
		`SELECT CASE WHEN i."unique" = 1 THEN 'unique ' ELSE 'index ' END || t.name || ' (' ||
				(SELECT group_concat(name, ', ') FROM (SELECT name FROM pragma_index_info(i.name) ORDER BY seqno)) || ')' ||
				CASE WHEN i.partial = 1 THEN ' partial' ELSE '' END
			FROM pragma_table_list t, pragma_index_list(t.name) i
			WHERE t.schema = 'main' AND t.type = 'table' AND i.origin <> 'pk' AND t.name <> 'goose_db_version'`,
		`SELECT 'foreign ' || t.name || '.' || f."from" || ' to ' || f."table" || '.' || f."to" || ' ' || f.on_delete
			FROM pragma_table_list t, pragma_foreign_key_list(t.name) f WHERE t.schema = 'main'`,
	},
	database.PostgreSQL: {
		`SELECT 'column ' || c.table_name || '.' || c.column_name || ' ' ||
				CASE c.data_type WHEN 'bigint' THEN 'integer' WHEN 'bytea' THEN 'bytes' ELSE c.data_type END ||
				CASE c.is_nullable WHEN 'YES' THEN ' null' ELSE '' END ||
				coalesce((SELECT ' key ' || k.ordinal_position FROM information_schema.key_column_usage k
					JOIN information_schema.table_constraints p USING (constraint_schema, constraint_name)
					WHERE p.constraint_type = 'PRIMARY KEY' AND k.table_schema = c.table_schema
					AND k.table_name = c.table_name AND k.column_name = c.column_name), '')
			FROM information_schema.columns c
			WHERE c.table_schema = current_schema() AND c.table_name <> 'goose_db_version'`,
		`SELECT CASE WHEN i.indisunique THEN 'unique ' ELSE 'index ' END || t.relname || ' (' ||
				(SELECT string_agg(a.attname, ', ' ORDER BY k.n) FROM unnest(i.indkey) WITH ORDINALITY AS k (attnum, n)
					JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum) || ')' ||
				CASE WHEN i.indpred IS NULL THEN '' ELSE ' partial' END
			FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid JOIN pg_namespace n ON n.oid = t.relnamespace
			WHERE n.nspname = current_schema() AND NOT i.indisprimary AND t.relname <> 'goose_db_version'`,
		`SELECT 'foreign ' || t.relname || '.' || a.attname || ' to ' || r.relname || '.' || b.attname || ' ' ||
				CASE f.confdeltype WHEN 'a' THEN 'NO ACTION' WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL' ELSE f.confdeltype::text END
			FROM pg_constraint f JOIN pg_class t ON t.oid = f.conrelid JOIN pg_class r ON r.oid = f.confrelid
			JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = f.conkey[1]
			JOIN pg_attribute b ON b.attrelid = r.oid AND b.attnum = f.confkey[1]
			WHERE f.contype = 'f'`,
	},
}

// Both engines have the same tables, columns, nullability, keys and indexes.
func TestSchemasAreAlike(t *testing.T) {
	has := map[database.Engine]schema{}
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		all := schema{}
		for _, text := range schemaQueries[db.Engine()] {
			maps.Copy(all, lines(t, db, text))
		}
		if len(all) < 80 {
			t.Fatalf("only %d lines were found", len(all))
		}
		has[db.Engine()] = all
	})
	for _, pair := range [][2]database.Engine{{database.SQLite, database.PostgreSQL}, {database.PostgreSQL, database.SQLite}} {
		for _, line := range slices.Sorted(maps.Keys(has[pair[0]])) {
			if !has[pair[1]][line] {
				t.Errorf("%v alone has: %s", pair[0], line)
			}
		}
	}
}

func TestMigrationsComeInPairs(t *testing.T) {
	files := map[database.Engine][]string{}
	for _, e := range []database.Engine{database.SQLite, database.PostgreSQL} {
		var err error
		if files[e], err = fs.Glob(database.Migrations(e), "*.sql"); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(files[database.SQLite], files[database.PostgreSQL]) {
		t.Errorf("SQLite has %v, PostgreSQL %v", files[database.SQLite], files[database.PostgreSQL])
	}
}

// Every SQLite table is STRICT: what PostgreSQL refuses, it refuses.
func TestTablesAreStrict(t *testing.T) {
	loose := lines(t, databasetest.SQLite(t), `SELECT name FROM pragma_table_list
		WHERE schema = 'main' AND type = 'table' AND strict = 0 AND name NOT LIKE 'sqlite_%' AND name <> 'goose_db_version'`)
	if len(loose) > 0 {
		t.Errorf("not STRICT: %v", slices.Sorted(maps.Keys(loose)))
	}
}

// L1: what is clear has a reason, written in columns_test.go; what has none, or
// is gone, fails.
func TestL1EveryClearColumnHasAReason(t *testing.T) {
	found := lines(t, databasetest.SQLite(t), `SELECT t.name || '.' || c.name FROM pragma_table_list t, pragma_table_info(t.name) c
		WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite_%'`)
	given := schema{}
	for table, columns := range reasons {
		for column, reason := range columns {
			name := table + "." + column
			if !found[name] {
				t.Errorf("%s has a reason but does not exist", name)
			}
			if len(strings.Fields(reason)) < 2 {
				t.Errorf("%s: %q is no reason", name, reason)
			}
			given[name] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(found)) {
		if !given[name] {
			t.Errorf("%s is in the schema without a reason: write in columns_test.go why it need not be sealed", name)
		}
	}
}
