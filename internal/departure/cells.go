package departure

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"kartotek/internal/database"
	"kartotek/internal/record"
)

// cells are the columns of the register that can hold bytes of a text, by table:
// a test holds them against the schema. Columns of numbers cannot. Those that
// hold sealed bytes are opened instead, by Find; what only a browser's secret
// opens (sessions, sign-in codes) nobody here can, and its bytes are read as
// they lie.
var cells = []struct {
	table   string
	columns []string
}{
	{"register", []string{"name", "value"}},
	{"counter", []string{"name"}},
	{"unit", []string{"level", "code", "name"}},
	{"journal_entry", []string{"leaf"}},
	{"journal_body", []string{"salt", "body"}},
	{"journal_person", []string{"bits"}},
	{"journal_hash", []string{"hash"}},
	{"journal_checkpoint", []string{"note"}},
	{"duty", []string{"kind", "post", "due_on", "outcome"}},
	{"extract", []string{"purpose", "format", "post", "fields", "destroy_by"}},
	{"departure", []string{"state", "certificate", "certificate_hash"}},
	{"session", []string{"token", "owner", "data"}},
	{"signin_code", []string{"id", "sealed", "code"}},
	{"signin_limit", []string{"subject"}},
}

// opened are the columns whose bytes are sealed and that Find opens.
var opened = map[string]bool{"record.sealed": true, "mail.sealed": true}

// rows reads the register through the database. On PostgreSQL it is the only
// way in; on SQLite a long value lies in pieces in the file, and only here in
// one.
func (f *finder) rows(ctx context.Context, db *database.DB) error {
	return db.Read(ctx, func(q database.Querier) error {
		for _, c := range cells {
			if err := f.table(q, c.table, c.columns); err != nil {
				return err
			}
		}
		return nil
	})
}

func (f *finder) table(q database.Querier, table string, columns []string) error {
	rows, err := q.Query(`SELECT ` + strings.Join(columns, ", ") + ` FROM ` + table + ` ORDER BY 1`)
	if err != nil {
		return err
	}
	defer rows.Close()
	values := make([]any, len(columns))
	into := make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	for row := int64(1); rows.Next(); row++ {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		for i, value := range values {
			f.cell(Place{Table: table, Column: columns[i], Row: row}, value)
		}
	}
	return rows.Err()
}

func (f *finder) cell(place Place, value any) {
	var bytes []byte
	switch v := value.(type) {
	case nil:
		return
	case []byte:
		bytes = v
	case string:
		bytes = []byte(v)
	default:
		bytes = fmt.Append(nil, v)
	}
	for i, n := range f.needles {
		if n.in(bytes, 0) >= 0 {
			place.Text = i
			f.found(place)
		}
	}
}

// kindName names a record's kind, by its number where nobody declares it.
func kindName(k record.Named) string {
	if k.Name == "" {
		return strconv.Itoa(int(k.Number))
	}
	return k.Name
}
