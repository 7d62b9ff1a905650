package report

import (
	"errors"
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/database"
	"kartotek/internal/unit"
)

// write puts a count and its facts on record.
func write(tx *database.Tx, c Count, facts []Fact) error {
	number, err := tx.Next("report_count")
	if err != nil {
		return err
	}
	missed := 0
	if c.Missed {
		missed = 1
	}
	if _, err = tx.Exec(`INSERT INTO report_count (number, what, day, minimum, missed) VALUES ($1, $2, $3, $4, $5)`,
		number, int64(c.What), c.Day.String(), int64(c.Minimum), int64(missed)); err != nil {
		return err
	}
	_, err = tx.ExecEach(`INSERT INTO report_fact (count_id, unit, cut, band, level, members) VALUES ($1, $2, $3, $4, $5, $6)`,
		func(yield func([]any) bool) {
			for _, f := range facts {
				if !yield([]any{number, int64(f.Unit), int64(f.Cut), int64(f.Band), int64(f.Level), int64(f.Number)}) {
					return
				}
			}
		})
	return err
}

// counts gives every count of a subject, by day.
func counts(q database.Querier, what What) (all []Count, err error) {
	rows, err := q.Query(`SELECT number, day, minimum, missed FROM report_count WHERE what = $1 ORDER BY day`, int64(what))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		c := Count{What: what}
		var day string
		var minimum, missed int64
		if err := rows.Scan(&c.Number, &day, &minimum, &missed); err != nil {
			return nil, err
		}
		if c.Day, err = civil.ParseDate(day); err != nil {
			return nil, err
		}
		c.Minimum, c.Missed = int(minimum), missed != 0
		all = append(all, c)
	}
	return all, rows.Err()
}

// counted reports whether a day was counted, or given up, of a subject.
func counted(q database.Querier, what What, day civil.Date) (bool, error) {
	var number int64
	err := q.QueryRow(`SELECT number FROM report_count WHERE what = $1 AND day = $2`, int64(what), day.String()).Scan(&number)
	if errors.Is(err, database.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// toldOn gives by body and cut the last day of which heads or parts are told.
func toldOn(q database.Querier) (map[unit.ID]map[Cut]civil.Date, error) {
	rows, err := q.Query(`SELECT f.unit, f.cut, MAX(c.day) FROM report_fact f JOIN report_count c ON c.number = f.count_id
		WHERE c.what IN (1, 2) GROUP BY f.unit, f.cut`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	told := map[unit.ID]map[Cut]civil.Date{}
	for rows.Next() {
		var id, cut int64
		var text string
		if err := rows.Scan(&id, &cut, &text); err != nil {
			return nil, err
		}
		day, err := civil.ParseDate(text)
		if err != nil {
			return nil, err
		}
		if told[unit.ID(id)] == nil {
			told[unit.ID(id)] = map[Cut]civil.Date{}
		}
		told[unit.ID(id)][Cut(cut)] = day
	}
	return told, rows.Err()
}

// toldIn gives who is told in a count, and how finely; nil where nobody counted.
func toldIn(q database.Querier, what What, day civil.Date) (map[unit.ID]int, error) {
	var number, missed int64
	err := q.QueryRow(`SELECT number, missed FROM report_count WHERE what = $1 AND day = $2`, int64(what), day.String()).Scan(&number, &missed)
	if errors.Is(err, database.ErrNotFound) || err == nil && missed != 0 {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	rows, err := q.Query(`SELECT unit, MAX(level) FROM report_fact WHERE count_id = $1 GROUP BY unit`, number)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	told := map[unit.ID]int{}
	for rows.Next() {
		var id, level int64
		if err := rows.Scan(&id, &level); err != nil {
			return nil, err
		}
		told[unit.ID(id)] = int(level)
	}
	return told, rows.Err()
}

// rowsOf gives what is told of a body by a cut in some subjects, from a day to a day,
// by day.
func rowsOf(q database.Querier, id unit.ID, cut Cut, first, last What, from, to civil.Date) ([]Row, error) {
	rows, err := q.Query(`SELECT c.day, c.what, f.level, f.band, f.members FROM report_fact f JOIN report_count c ON c.number = f.count_id
		WHERE f.unit = $1 AND f.cut = $2 AND c.what BETWEEN $3 AND $4 AND c.day BETWEEN $5 AND $6 ORDER BY c.day, c.what, f.band`,
		int64(id), int64(cut), int64(first), int64(last), from.String(), to.String())
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Row
	var before string
	for rows.Next() {
		var day string
		var what, level, band, members int64
		if err := rows.Scan(&day, &what, &level, &band, &members); err != nil {
			return nil, err
		}
		if day != before {
			before = day
			on, err := civil.ParseDate(day)
			if err != nil {
				return nil, err
			}
			all = append(all, Row{Unit: id, Day: on, Cut: cut, Level: int(level), Numbers: make([]int, len(cut.Bands(int(level))))})
		}
		if at := all[len(all)-1].Numbers; int(band) < len(at) {
			at[band] = int(members)
		}
	}
	return all, rows.Err()
}

// monthEnd is the last day of a date's month.
func monthEnd(d civil.Date) civil.Date {
	return civil.DateOf(time.Date(d.Year, d.Month+1, 0, 0, 0, 0, 0, time.UTC))
}
