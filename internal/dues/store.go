package dues

import (
	"errors"
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/database"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

func insertSheet(tx *database.Tx, s *Sheet) (err error) {
	if s.ID, err = tx.Next("dues_sheet"); err != nil {
		return err
	}
	part := int64(0)
	if s.PartYear {
		part = 1
	}
	_, err = tx.Exec(`INSERT INTO dues_sheet (id, unit, year, due_on, payee, part_year, set_by, set_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		s.ID, int64(s.Unit), int64(s.Year), s.DueOn.String(), s.Payee, part, int64(s.By), s.At.UnixMicro())
	if err != nil {
		return err
	}
	for category, amount := range s.Rates {
		if _, err := tx.Exec(`INSERT INTO dues_rate (sheet, category, amount) VALUES ($1, $2, $3)`, s.ID, category, amount); err != nil {
			return err
		}
	}
	return nil
}

// sheets reads the sheets of a body and year, the newest first; year 0 is all.
func sheets(q database.Querier, body unit.ID, year int) (all []Sheet, err error) {
	first, last := int64(year), int64(year)
	if year == 0 {
		first, last = 0, 9999
	}
	return readSheets(q, `WHERE unit = $1 AND year BETWEEN $2 AND $3 ORDER BY id DESC`, int64(body), first, last)
}

// sheetsOf reads the sheet in force of every body in a year.
func sheetsOf(q database.Querier, year int) (map[unit.ID]*Sheet, error) {
	all, err := readSheets(q, `WHERE year = $1 ORDER BY id`, int64(year))
	current := make(map[unit.ID]*Sheet, len(all))
	for i := range all {
		current[all[i].Unit] = &all[i]
	}
	return current, err
}

func readSheets(q database.Querier, where string, args ...any) (all []Sheet, err error) {
	rows, err := q.Query(`SELECT id, unit, year, due_on, payee, part_year, set_by, set_at FROM dues_sheet `+where, args...)
	if err != nil {
		return nil, err
	}
	at := map[int64]int{}
	for rows.Next() {
		var s Sheet
		var body, year, part, by, when int64
		var due string
		if err := rows.Scan(&s.ID, &body, &year, &due, &s.Payee, &part, &by, &when); err != nil {
			rows.Close()
			return nil, err
		}
		s.Unit, s.Year, s.PartYear, s.By, s.At = unit.ID(body), int(year), part != 0, vault.PersonID(by), time.UnixMicro(when).UTC()
		s.Rates = map[string]int64{}
		if s.DueOn, err = civil.ParseDate(due); err != nil {
			rows.Close()
			return nil, err
		}
		at[s.ID] = len(all)
		all = append(all, s)
	}
	rows.Close()
	if err := rows.Err(); err != nil || len(all) == 0 {
		return nil, err
	}
	first, last := all[0].ID, all[0].ID
	for i := range all {
		first, last = min(first, all[i].ID), max(last, all[i].ID)
	}
	rows, err = q.Query(`SELECT sheet, category, amount FROM dues_rate WHERE sheet BETWEEN $1 AND $2`, first, last)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var sheet, amount int64
		var category string
		if err := rows.Scan(&sheet, &category, &amount); err != nil {
			return nil, err
		}
		if i, wanted := at[sheet]; wanted {
			all[i].Rates[category] = amount
		}
	}
	return all, rows.Err()
}

func insertRun(tx *database.Tx, r *Run) error {
	_, err := tx.Exec(`INSERT INTO dues_run (number, unit, year, run_by, run_at, members, amount) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		r.Number, int64(r.Unit), int64(r.Year), int64(r.By), r.At.UnixMicro(), int64(r.Members), r.Amount)
	return err
}

func undoRun(tx *database.Tx, number int64) error {
	_, err := tx.Exec(`UPDATE dues_run SET undone_at = $2 WHERE number = $1`, number, tx.Now().UnixMicro())
	return err
}

const runColumns = `SELECT number, unit, year, run_by, run_at, members, amount, undone_at FROM dues_run `

func getRun(q database.Querier, number int64) (Run, error) {
	return scanRun(q.QueryRow(runColumns+`WHERE number = $1`, number))
}

// runs reads the chargings of a year, the newest first.
func runs(q database.Querier, year int) (all []Run, err error) {
	rows, err := q.Query(runColumns+`WHERE year = $1 ORDER BY number DESC`, int64(year))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		r, err := scanRun(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, rows.Err()
}

func scanRun(row interface{ Scan(...any) error }) (r Run, err error) {
	var body, year, by, at, members int64
	var undone *int64
	if err := row.Scan(&r.Number, &body, &year, &by, &at, &members, &r.Amount, &undone); err != nil {
		return r, err
	}
	r.Unit, r.Year, r.By, r.At, r.Members = unit.ID(body), int(year), vault.PersonID(by), time.UnixMicro(at).UTC(), int(members)
	if undone != nil {
		r.UndoneAt = time.UnixMicro(*undone).UTC()
	}
	return r, nil
}

func insertCount(tx *database.Tx, c *Count) error {
	_, err := tx.Exec(`INSERT INTO dues_count (unit, cut_off, category, members, paying, amount, counted_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		int64(c.Unit), c.CutOff.String(), c.Category, int64(c.Members), int64(c.Paying), c.Amount, tx.Now().UnixMicro())
	return err
}

// countedOn reports whether heads were counted on a day.
func countedOn(q database.Querier, day civil.Date) (bool, error) {
	var one int64
	err := q.QueryRow(`SELECT count(*) FROM dues_count WHERE cut_off = $1`, day.String()).Scan(&one)
	if errors.Is(err, database.ErrNotFound) {
		return false, nil
	}
	return one > 0, err
}

// counts reads what was counted between two days, by body.
func counts(q database.Querier, from, to civil.Date) (all []Count, err error) {
	rows, err := q.Query(`SELECT unit, cut_off, category, members, paying, amount FROM dues_count
		WHERE cut_off BETWEEN $1 AND $2 ORDER BY unit, cut_off, category`, from.String(), to.String())
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var c Count
		var body, members, paying int64
		var day string
		if err := rows.Scan(&body, &day, &c.Category, &members, &paying, &c.Amount); err != nil {
			return nil, err
		}
		c.Unit, c.Members, c.Paying = unit.ID(body), int(members), int(paying)
		if c.CutOff, err = civil.ParseDate(day); err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, rows.Err()
}
