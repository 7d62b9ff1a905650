package demo

import (
	"context"
	"encoding/csv"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"database/sql"

	_ "modernc.org/sqlite"

	"kartotek/internal/access"
	"kartotek/internal/app"
	"kartotek/internal/charter"
	"kartotek/internal/extract"
	"kartotek/internal/member"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// The whole house against its floors, in one run:
//
//	go test ./internal/demo -run '^$' -bench House -benchtime 1x [-members 1000000]
var members = flag.Int("members", 50_000, "members in the benchmarks of the whole house")

type measured struct {
	house *app.House
	c     app.Config
	who   access.Actor
	plain string        // the same rows in a plain SQLite file
	build time.Duration // import of the members alone
	fill  time.Duration // filling the plain file
}

func measure(b *testing.B) *measured {
	b.Helper()
	dir := b.TempDir()
	m := &measured{plain: filepath.Join(dir, "plain.db")}
	var began, ended time.Time
	m.c = app.Config{
		Data: filepath.Join(dir, "data"), Keys: filepath.Join(dir, "keys"), URL: "http://localhost",
		Progress: func(stage string, done, total int) {
			switch {
			case stage == "members" && total > 1000 && began.IsZero():
				began = time.Now()
			case stage == "boards" && ended.IsZero():
				ended = time.Now()
			}
		},
	}
	h, logins, err := Build(b.Context(), m.c, Options{Members: *members, Charter: "party-dk", Seed: 1})
	if err != nil {
		b.Fatal(err)
	}
	m.house, m.who, m.build = h, access.Actor{Person: logins[0].Person, Via: access.Console, OSUser: "bench"}, ended.Sub(began)
	m.c.Demo = true
	start := time.Now()
	if err := m.fillPlain(); err != nil {
		b.Fatal(err)
	}
	m.fill = time.Since(start)
	b.Cleanup(func() { m.house.Close() })
	return m
}

// fillPlain writes the rows into a table without keys, seals or journal: the
// work of sqlite3's .import.
func (m *measured) fillPlain() error {
	db, err := sql.Open("sqlite", m.plain)
	if err != nil {
		return err
	}
	defer db.Close()
	columns, marks := "", ""
	for i := range headings {
		if i > 0 {
			columns, marks = columns+", ", marks+", "
		}
		columns, marks = columns+fmt.Sprintf("c%d TEXT", i), marks+"?"
	}
	if _, err := db.Exec("CREATE TABLE member (" + columns + ")"); err != nil {
		return err
	}
	tx, err := db.Begin()
	if err != nil {
		return err
	}
	insert, err := tx.Prepare("INSERT INTO member VALUES (" + marks + ")")
	if err != nil {
		return err
	}
	rng := rand.New(rand.NewPCG(1, 0x6b617274))
	all, err := bodies(rng)
	if err != nil {
		return err
	}
	in := csv.NewReader(file(rng, all, *members, m.house.Access.Today()))
	in.Comma, in.ReuseRecord = ';', true
	values := make([]any, len(headings))
	for line := 0; ; line++ {
		row, err := in.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		if line == 0 {
			continue
		}
		for i, cell := range row {
			values[i] = cell
		}
		if _, err := insert.Exec(values...); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// dump is what a list is held against: sqlite3 writing the plain rows as CSV,
// or the same through this program's driver where there is no sqlite3.
func (m *measured) dump(w io.Writer) error {
	if path, err := exec.LookPath("sqlite3"); err == nil {
		cmd := exec.Command(path, "-csv", m.plain, "SELECT c0, c1, c2, c5, c6, c7, c8, c9, c10, c11, c12, c13 FROM member")
		cmd.Stdout = w
		return cmd.Run()
	}
	db, err := sql.Open("sqlite", m.plain)
	if err != nil {
		return err
	}
	defer db.Close()
	rows, err := db.Query("SELECT c0, c1, c2, c5, c6, c7, c8, c9, c10, c11, c12, c13 FROM member")
	if err != nil {
		return err
	}
	defer rows.Close()
	out := csv.NewWriter(w)
	cells := make([]string, 12)
	into := make([]any, len(cells))
	for i := range cells {
		into[i] = &cells[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		if err := out.Write(cells); err != nil {
			return err
		}
	}
	out.Flush()
	return rows.Err()
}

func BenchmarkHouse(b *testing.B) {
	m := measure(b)
	n := float64(*members)

	b.Run("import", func(b *testing.B) {
		for b.Loop() { // measured while the house was built: it cannot be done twice
		}
		b.ReportMetric(n/m.build.Seconds(), "members/s")
		b.ReportMetric(m.build.Seconds()/m.fill.Seconds(), "x-plain-insert(goal:3)")
	})
	b.Run("list", func(b *testing.B) {
		var ours, floor time.Duration
		for b.Loop() {
			start := time.Now()
			if err := m.dump(io.Discard); err != nil {
				b.Fatal(err)
			}
			floor += time.Since(start)
			start = time.Now()
			d, err := m.house.Extracts.Pull(b.Context(), m.who, extract.Wish{Purpose: "administration", Format: extract.CSV, Lang: "da"})
			if err != nil {
				b.Fatal(err)
			}
			if err := d.Write(b.Context(), io.Discard); err != nil {
				b.Fatal(err)
			}
			ours += time.Since(start)
		}
		b.ReportMetric(n*float64(b.N)/ours.Seconds(), "members/s")
		b.ReportMetric(ours.Seconds()/floor.Seconds(), "x-plain-dump(goal:1)")
	})
	b.Run("search", func(b *testing.B) {
		scope, err := m.house.Access.Decide(m.who, access.Want{Act: charter.Search})
		if err != nil {
			b.Fatal(err)
		}
		keystrokes := []string{"s", "so", "sof", "sof b", "sof br", "jens", "mette n", "10"}
		reading, i := int64(0), 0
		for b.Loop() {
			hits, err := m.house.Members.Search(b.Context(), scope, member.Query{Text: keystrokes[i%len(keystrokes)], Reading: reading})
			if err != nil {
				b.Fatal(err)
			}
			reading = hits.Reading
			i++
		}
	})
	b.Run("start", func(b *testing.B) {
		var ours, floor time.Duration
		for b.Loop() {
			start := time.Now()
			err := record.Scan(m.house.Records, b.Context(), member.Profiles, func(vault.PersonID, uint64, *member.Profile) error { return nil })
			if err != nil {
				b.Fatal(err)
			}
			floor += time.Since(start)
			if err := m.house.Close(); err != nil {
				b.Fatal(err)
			}
			start = time.Now()
			if m.house, err = app.Open(context.Background(), m.c); err != nil {
				b.Fatal(err)
			}
			ours += time.Since(start)
		}
		b.ReportMetric(ours.Seconds()/float64(b.N), "s-until-searchable")
		b.ReportMetric(ours.Seconds()/floor.Seconds(), "x-unsealing-alone")
	})
	b.Run("erase", func(b *testing.B) {
		second, err := m.house.Keyring.Find(vault.ClaimEmail, "jakob.ravn@sekretariat.example")
		if err != nil || len(second) != 1 {
			b.Fatal(err)
		}
		at := *members - 1
		var took time.Duration
		for b.Loop() {
			person, err := m.house.Keyring.Find(vault.ClaimNumber, fmt.Sprint(firstNumber+at))
			if err != nil || len(person) != 1 {
				b.Fatal(err)
			}
			at--
			if _, err := m.house.Departures.Close(b.Context(), m.who, person[0], "resignation", true); err != nil {
				b.Fatal(err)
			}
			start := time.Now()
			if _, err := m.house.Departures.Confirm(b.Context(), access.Actor{Person: second[0]}, person[0]); err != nil {
				b.Fatal(err)
			}
			took += time.Since(start)
		}
		b.ReportMetric(took.Seconds()/float64(b.N)*1000, "ms-confirm-to-gone")
	})
	b.Run("disk", func(b *testing.B) {
		for b.Loop() {
		}
		size := func(path string) float64 {
			info, err := os.Stat(path)
			if err != nil {
				b.Fatal(err)
			}
			return float64(info.Size())
		}
		ours := size(filepath.Join(m.c.Data, "register.db")) + size(filepath.Join(m.c.Keys, "keyring.db"))
		b.ReportMetric(ours/n, "bytes/member")
		b.ReportMetric(ours/size(m.plain), "x-plain-file(goal:1.8)")
	})
}
