package member

import (
	"context"
	"database/sql"
	"encoding/csv"
	"io"
	"path/filepath"
	"testing"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/charter"
)

// BenchmarkImport: new members from CSV, checked, sealed, journaled, searchable,
// against the same rows read plain into SQLite, both durable.
func BenchmarkImport(b *testing.B) {
	for b.Loop() {
		floor := plainImport(b)
		h := build(b, sqlite(b))
		start := time.Now()
		r := got(h.directory.Import(b.Context(), h.may(charter.Import), inventedSheet(*members), Options{}, nil))(b)
		took := time.Since(start)
		if r.Created != *members {
			b.Fatalf("%d created, %d refused %v", r.Created, r.Refused, r.Reasons)
		}
		b.ReportMetric(0, "ns/op")
		b.ReportMetric(float64(*members)/took.Seconds(), "rows/s")
		b.ReportMetric(float64(*members)/floor.Seconds(), "floor-rows/s")
		b.ReportMetric(took.Seconds()/floor.Seconds(), "×floor")
		benchmarkRest(b, h)
	}
}

// benchmarkRest measures, on the members just imported, what only a full
// register shows: a start, and a national list.
func benchmarkRest(b *testing.B, h *house) {
	start := time.Now()
	must(b, h.directory.Load(context.Background(), nil, nil))
	b.ReportMetric(time.Since(start).Seconds()*1e6/float64(*members), "load-s/million")
	s := h.scope(h.staff, access.Want{Act: charter.Pull})
	var fields []*charter.Field
	for i := range h.directory.charter.Fields {
		if f := &h.directory.charter.Fields[i]; s.Purpose().Set.Has(f.Bit) {
			fields = append(fields, f)
		}
	}
	for by, unit := range map[Sorting]string{ByName: "list-by-name-rows/s", ByNumber: "list-by-number-rows/s"} {
		start, cells := time.Now(), 0
		must(b, h.directory.ExportSorted(b.Context(), s, h.directory.Select(s), by, func(row *Row) error {
			for _, f := range fields {
				cells += len(row.Cell(f))
			}
			return nil
		}))
		b.ReportMetric(float64(*members)/time.Since(start).Seconds(), unit)
	}
}

// plainImport reads the same file into one plain table in one transaction.
func plainImport(b *testing.B) time.Duration {
	db, err := sql.Open("sqlite", filepath.Join(b.TempDir(), "plain.db")+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)")
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	start := time.Now()
	if _, err := db.Exec(`CREATE TABLE member (number TEXT, given TEXT, family TEXT, sex TEXT, birth TEXT, address TEXT, postal TEXT,
		town TEXT, email TEXT, phone TEXT, mobile TEXT, joined TEXT, unit TEXT)`); err != nil {
		b.Fatal(err)
	}
	tx, err := db.Begin()
	if err != nil {
		b.Fatal(err)
	}
	insert, err := tx.Prepare(`INSERT INTO member VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
	if err != nil {
		b.Fatal(err)
	}
	r := csv.NewReader(inventedSheet(*members))
	r.Comma, r.ReuseRecord = ';', true
	values := make([]any, 13)
	for {
		cells, err := r.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			b.Fatal(err)
		}
		for i, cell := range cells {
			values[i] = cell
		}
		if _, err := insert.Exec(values...); err != nil {
			b.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		b.Fatal(err)
	}
	return time.Since(start)
}
