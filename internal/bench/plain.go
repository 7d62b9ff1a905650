package bench

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	_ "modernc.org/sqlite" // the yardsticks speak to it directly
)

// The floors: a plain table with the same rows, filled, dumped and searched by
// SQLite alone. Where the machine has sqlite3 its own program does it; else the
// same driver that the house uses.

// plain is the plain table's file.
func (g *rig) plain() string { return filepath.Join(g.dir, "plain.db") }

// csvFile is the list the house wrote, which the plain table is made of.
func (g *rig) csvFile() string { return filepath.Join(g.dir, "list.csv") }

// fill makes the plain table from the file.
func (g *rig) fill(ctx context.Context) error {
	if program, err := exec.LookPath("sqlite3"); err == nil {
		return finish(exec.CommandContext(ctx, program, g.plain(), "-cmd", ".mode csv", "-separator", ";", ".import "+g.csvFile()+" member"))
	}
	return g.open(func(db *sql.DB) error {
		in, err := os.Open(g.csvFile())
		if err != nil {
			return err
		}
		defer in.Close()
		return fillBy(ctx, db, in)
	})
}

// fillBy is .import by the driver: every column text, one transaction.
func fillBy(ctx context.Context, db *sql.DB, in io.Reader) error {
	rows := csv.NewReader(in)
	rows.Comma, rows.ReuseRecord, rows.LazyQuotes = ';', true, true
	heads, err := rows.Read()
	if err != nil {
		return err
	}
	width := len(heads)
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	names := make([]string, width)
	for i := range names {
		names[i] = `"` + string(rune('a'+i)) + `" TEXT`
	}
	if _, err := tx.Exec("CREATE TABLE member (" + strings.Join(names, ", ") + ")"); err != nil {
		return err
	}
	insert, err := tx.Prepare("INSERT INTO member VALUES (?" + strings.Repeat(", ?", width-1) + ")")
	if err != nil {
		return err
	}
	values := make([]any, width)
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return tx.Commit()
		}
		if err != nil {
			return err
		}
		for i, cell := range row {
			values[i] = cell
		}
		if _, err := insert.Exec(values...); err != nil {
			return err
		}
	}
}

// finish runs a yardstick's program; what it says of an error is told, a full disk
// for one.
func finish(cmd *exec.Cmd) error {
	var said strings.Builder
	cmd.Stderr = &said
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("bench: %s: %w: %s", filepath.Base(cmd.Path), err, strings.TrimSpace(said.String()))
	}
	return nil
}

// dump writes the plain table as CSV.
func (g *rig) dump(ctx context.Context, w io.Writer) error {
	if program, err := exec.LookPath("sqlite3"); err == nil {
		cmd := exec.CommandContext(ctx, program, "-csv", g.plain(), "SELECT * FROM member")
		cmd.Stdout = w
		return finish(cmd)
	}
	return g.open(func(db *sql.DB) error {
		rows, err := db.QueryContext(ctx, "SELECT * FROM member")
		if err != nil {
			return err
		}
		defer rows.Close()
		names, err := rows.Columns()
		if err != nil {
			return err
		}
		out := csv.NewWriter(w)
		cells, into := make([]string, len(names)), make([]any, len(names))
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
		return errors.Join(rows.Err(), out.Error())
	})
}

// open gives the plain file to some work.
func (g *rig) open(work func(*sql.DB) error) error {
	db, err := sql.Open("sqlite", g.plain())
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	return errors.Join(work(db), db.Close())
}

// plainMember is a member as the search that ours is held against knows them: from
// the columns the list is known to have.
type plainMember struct{ number, name, email string }

// eachPlain reads the members of the list the house wrote.
func (g *rig) eachPlain(fn func(plainMember) error) error {
	text, err := os.ReadFile(g.csvFile())
	if err != nil {
		return err
	}
	rows := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(text, []byte("\ufeff"))))
	rows.Comma, rows.ReuseRecord, rows.LazyQuotes = ';', true, true
	heads, err := rows.Read()
	if err != nil {
		return err
	}
	at := map[string]int{}
	for i, head := range heads {
		at[head] = i
	}
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		m := plainMember{row[at["Member number"]], row[at["Given name"]] + " " + row[at["Family name"]], row[at["E-mail"]]}
		if err := fn(m); err != nil {
			return err
		}
	}
}
