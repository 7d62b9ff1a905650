package departure

import (
	"context"
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
	key     string // a column that numbers the rows; "" where there is none
	columns []string
}{
	{"register", "", []string{"name", "value"}},
	{"counter", "", []string{"name"}},
	{"unit", "id", []string{"level", "code", "name", "seat"}},
	{"journal_entry", "id", []string{"leaf"}},
	{"journal_body", "entry", []string{"salt", "body"}},
	{"journal_person", "entry", []string{"bits"}},
	{"journal_hash", "idx", []string{"hash"}},
	{"journal_checkpoint", "size", []string{"note"}},
	{"duty", "id", []string{"kind", "post", "due_on", "outcome"}},
	{"extract", "number", []string{"purpose", "format", "post", "fields", "destroy_by", "per", "sheet", "cramped"}},
	{"extract_exception", "id", []string{"state", "from_day", "until_day"}},
	{"departure_running", "id", []string{"sealed"}}, // a code, no text
	{"departure_count", "", []string{"reason"}},
	{"extract_pass", "id", []string{"act", "why"}},
	{"access_history", "id", []string{"kind", "code", "acts", "from_day", "until_day", "began", "ended", "planned"}},
	{"departure", "person", []string{"state", "certificate", "certificate_hash"}},
	{"certificate", "person", []string{"number", "sealed"}}, // opened with number and salt only; see completion.go
	{"extract_order", "number", []string{"sealed"}},         // ids, no text
	{"holder", "id", []string{"name", "country", "role", "tells", "purposes", "fields", "bodies"}},
	{"notice_change", "id", []string{"why", "fields"}},
	{"notice_line", "id", []string{"why", "fields"}},
	{"notice", "id", []string{"state"}},
	{"transfer", "id", []string{"kind", "state", "due_on"}},
	{"import_mapping", "id", []string{"name", "signature", "columns"}},
	{"news", "id", []string{"sealed"}}, // ids and codes of fields, no text
	{"meeting", "number", []string{"kind", "state", "day", "clock", "place", "agenda", "notice_by", "noticed_on", "minutes", "board_on"}},
	{"meeting_poll", "", []string{"post", "about", "state"}},
	{"round", "number", []string{"purpose", "ends_on", "sealed"}},
	{"mailing", "id", []string{"purpose", "state", "waiting", "numbers"}}, // ids and counts, no text
	{"dues_sheet", "id", []string{"due_on", "payee"}},
	{"dues_rate", "sheet", []string{"category"}},
	{"dues_count", "unit", []string{"cut_off", "category"}},
	{"application", "id", []string{"state", "token", "due_on"}},
	{"letter", "id", []string{"due_on", "state"}},
	{"backup_run", "id", []string{"kind", "place", "archive", "outcome"}},
	{"passing_recipient", "id", []string{"code", "state"}},
	{"passing_run", "id", []string{"kind", "state"}},
	{"passing_batch", "id", []string{"way", "state", "receipt", "problem", "persons"}}, // persons: ids, no text
	{"passing_line", "id", []string{"reference", "event", "why", "fields"}},
	{"review", "id", []string{"scheduled", "since", "answer_by", "suspend_on", "ends_on", "warned_on", "hash"}}, // days and a hash, no text
	{"review_line", "id", []string{"kind", "code", "state"}},
	{"review_number", "", []string{"what"}},
	{"audit", "id", []string{"day", "answer_by"}},
	{"audit_part", "audit", []string{"standing", "said_as", "done_as", "sealed", "contents"}}, // ids under a key of the audit; counts and case numbers
	{"audit_head", "audit", []string{"cut_off", "verdict"}},
	{"audit_check", "audit", []string{"code", "answer"}},
	{"audit_change", "id", []string{"what", "day", "due_on", "outcome"}},
	{"report_count", "number", []string{"day"}},
	{"report_running", "id", []string{"sealed"}}, // numbers, no text
	{"retention_plan", "", []string{"day", "rule"}},
	{"retention_run", "number", []string{"rule"}},
	{"retention_brake", "number", []string{"rule", "state"}},
	{"retention_clock", "id", []string{"boot", "how"}},
	{"session", "", []string{"token", "owner", "data"}},
	{"signin_code", "", []string{"id", "sealed", "code"}},
	{"signin_limit", "", []string{"subject"}},
	{"key_copy", "number", []string{"address", "problem"}},
	{"declaration_version", "id", []string{"post", "reviewer", "reason", "facts", "content"}},
	{"declaration_draft", "unit", []string{"state", "post", "reason", "content"}},
	{"declaration_edit", "id", []string{"post", "part", "act", "reason"}},
	{"procedure_version", "id", []string{"document", "editor", "reason", "content"}},
	{"directory_page", "", []string{"contact", "mailbox", "phone", "origins"}},
	{"directory_mailbox", "", []string{"post", "mailbox"}},
	{"procedure_note", "", []string{"document", "section", "language", "text"}},
	{"seal_certificate", "number", []string{"certificate"}},
	{"agreement", "number", []string{"kind", "state", "why", "lang", "due_on", "keep_until", "hash", "sealed_hash", "content"}},
	{"processor", "id", []string{"name", "address", "contact", "country", "transfer", "task", "purposes", "fields", "from_on", "until_on", "told_on"}},
	{"processor_objection", "id", []string{"outcome"}},
}

// opened are the columns whose bytes are sealed and that Find opens.
var opened = map[string]bool{"record.sealed": true, "mail.sealed": true, "letter.sealed": true, "mailing.sealed": true}

// rows reads the register through the database. On PostgreSQL it is the only
// way in; on SQLite a long value lies in pieces in the file, and only here in
// one.
func (f *finder) rows(ctx context.Context, db *database.DB) error {
	return db.Read(ctx, func(q database.Querier) error {
		for _, c := range cells {
			if err := f.table(q, c.table, c.key, c.columns); err != nil {
				return err
			}
		}
		return nil
	})
}

func (f *finder) table(q database.Querier, table, key string, columns []string) error {
	if key == "" {
		key = "0"
	}
	rows, err := q.Query(`SELECT ` + key + `, ` + strings.Join(columns, ", ") + ` FROM ` + table)
	if err != nil {
		return err
	}
	defer rows.Close()
	var number int64
	values := make([]any, len(columns))
	into := []any{&number}
	for i := range values {
		into = append(into, &values[i])
	}
	for row := int64(1); rows.Next(); row++ {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		place := Place{Table: table, Row: number}
		if key == "0" {
			place.Row = row
		}
		for i, value := range values {
			place.Column = columns[i]
			f.cell(place, value)
		}
	}
	return rows.Err()
}

func (f *finder) cell(place Place, value any) {
	var text []byte
	switch v := value.(type) {
	case []byte:
		text = v
	case string:
		text = []byte(v)
	}
	for i, n := range f.needles {
		if n.stands(text) {
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
