package departure

import (
	"slices"
	"testing"

	"kartotek/internal/database"
	"kartotek/internal/database/databasetest"
)

// Every column that can hold bytes of a text is either read by Find or opened
// by it; whoever adds one puts it into cells.
func TestFindReadsEveryColumn(t *testing.T) {
	schema := map[database.Engine]string{
		database.SQLite: `SELECT t.name || '.' || c.name FROM pragma_table_list t, pragma_table_info(t.name) c
			WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND t.name <> 'goose_db_version' AND c.type <> 'INTEGER'`,
		database.PostgreSQL: `SELECT table_name || '.' || column_name FROM information_schema.columns
			WHERE table_schema = current_schema() AND table_name <> 'goose_db_version' AND data_type NOT IN ('bigint', 'integer', 'smallint')`,
	}
	var looked []string
	for _, c := range cells {
		for _, column := range c.columns {
			looked = append(looked, c.table+"."+column)
		}
	}
	for column := range opened {
		looked = append(looked, column)
	}
	slices.Sort(looked)
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		var there []string
		err := db.Read(t.Context(), func(q database.Querier) error {
			rows, err := q.Query(schema[db.Engine()])
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				var column string
				if err := rows.Scan(&column); err != nil {
					return err
				}
				there = append(there, column)
			}
			return rows.Err()
		})
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(there)
		if !slices.Equal(there, looked) {
			t.Errorf("the schema has\n%v, Find reads\n%v", there, looked)
		}
	})
}
