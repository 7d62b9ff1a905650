package access

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// chapter is a row of the history: a run of days on which a holding opened
// something. It began at from, though not before begunAt, and ends with until,
// or at endedAt if that is sooner.
type chapter struct {
	id      int64
	mark    int64 // the id of the holding's first chapter
	holding uint64
	person  vault.PersonID // 0 once erased, as the holding is
	right   Right
	code    string
	unit    unit.ID
	may     charter.Acts
	from    civil.Date
	until   civil.Date
	begunAt time.Time
	endedAt time.Time // zero unless it was cut short
	began   string
	ended   string
	planned civil.Date // the last day of the term as it was given; a substitute gets the rest of it
}

func (c *chapter) basis() Basis {
	return Basis{Right: c.right, Code: c.code, Unit: c.unit, ID: c.holding, From: c.from, Until: c.until}
}

// insertChapter writes a chapter and gives the mark of its holding.
func insertChapter(tx *database.Tx, c *chapter) (mark int64, err error) {
	if c.id, err = tx.Next("access history"); err != nil {
		return 0, err
	}
	if c.mark == 0 {
		c.mark = c.id
	}
	var endedAt any
	if !c.endedAt.IsZero() {
		endedAt = c.endedAt.UnixMicro()
	}
	_, err = tx.Exec(`INSERT INTO access_history (id, mark, holding, person, kind, code, unit, acts, from_day, until_day, begun_at, ended_at, began, ended, planned)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
		c.id, c.mark, int64(c.holding), int64(c.person), string(c.right), c.code, int64(c.unit), strings.Join(c.may.Codes(), " "),
		dayText(c.from), dayText(c.until), c.begunAt.UnixMicro(), endedAt, c.began, c.ended, dayText(c.planned))
	return c.mark, err
}

func cutChapter(tx *database.Tx, id int64, at time.Time, ended string) error {
	_, err := tx.Exec(`UPDATE access_history SET ended_at = $2, ended = $3 WHERE id = $1`, id, at.UnixMicro(), ended)
	return err
}

func extendChapter(tx *database.Tx, id int64, until civil.Date) error {
	_, err := tx.Exec(`UPDATE access_history SET until_day = $2 WHERE id = $1`, id, dayText(until))
	return err
}

func removeChapter(tx *database.Tx, id int64) error {
	_, err := tx.Exec(`DELETE FROM access_history WHERE id = $1`, id)
	return err
}

// moveChapters makes the chapters of a holding those of another person: two
// entries that turned out to be one.
func moveChapters(tx *database.Tx, holding uint64, to vault.PersonID) error {
	_, err := tx.Exec(`UPDATE access_history SET person = $2 WHERE holding = $1`, int64(holding), int64(to))
	return err
}

// forget takes the person out of their chapters; what ran ends.
func forget(tx *database.Tx, person vault.PersonID, at time.Time, today civil.Date) error {
	if _, err := tx.Exec(`DELETE FROM access_history WHERE person = $1 AND ended_at IS NULL AND from_day > $2`,
		int64(person), today.String()); err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE access_history SET ended_at = $2, ended = $3 WHERE person = $1 AND ended_at IS NULL AND (until_day = '' OR until_day >= $4)`,
		int64(person), at.UnixMicro(), wordErased, today.String()); err != nil {
		return err
	}
	_, err := tx.Exec(`UPDATE access_history SET person = NULL, holding = NULL WHERE person = $1`, int64(person))
	return err
}

// over is what prune takes.
const over = `until_day <> '' AND until_day < $1 OR ended_at < $2`

func prune(tx *database.Tx, before civil.Date, at time.Time) (int, error) {
	n, err := tx.Exec(`DELETE FROM access_history WHERE `+over, before.String(), at.UnixMicro())
	return int(n), err
}

func countPruned(q database.Querier, before civil.Date, at time.Time) (due, all int, err error) {
	var n, total int64
	if err := q.QueryRow(`SELECT COUNT(*) FROM access_history WHERE `+over, before.String(), at.UnixMicro()).Scan(&n); err != nil {
		return 0, 0, err
	}
	err = q.QueryRow(`SELECT COUNT(*) FROM access_history`).Scan(&total)
	return int(n), int(total), err
}

// openChapters are those of a holding that were not cut short.
func openChapters(q database.Querier, holding uint64) ([]chapter, error) {
	return chapters(q, `WHERE holding = $1 AND ended_at IS NULL ORDER BY id`, int64(holding))
}

// lastMark is the mark of a holding; 0 where it has no chapter yet.
func lastMark(q database.Querier, holding uint64) (int64, error) {
	all, err := chapters(q, `WHERE holding = $1 ORDER BY id LIMIT 1`, int64(holding))
	if err != nil || len(all) == 0 {
		return 0, err
	}
	return all[0].mark, nil
}

// historyOn are the chapters that share a moment with a day.
func historyOn(q database.Querier, on civil.Date, begins, ends time.Time) ([]chapter, error) {
	return chapters(q, `WHERE from_day <= $1 AND (until_day = '' OR until_day >= $1) AND begun_at < $3 AND (ended_at IS NULL OR ended_at >= $2) ORDER BY id`,
		on.String(), begins.UnixMicro(), ends.UnixMicro())
}

// seatHistory are the chapters of one post of a body, the newest first.
func seatHistory(q database.Querier, body unit.ID, post string) ([]chapter, error) {
	return chapters(q, `WHERE unit = $1 AND code = $2 AND kind = $3 ORDER BY id DESC`, int64(body), post, string(ByPost))
}

func chapters(q database.Querier, rest string, args ...any) ([]chapter, error) {
	rows, err := q.Query(`SELECT id, mark, holding, person, kind, code, unit, acts, from_day, until_day, begun_at, ended_at, began, ended, planned
		FROM access_history `+rest, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []chapter
	for rows.Next() {
		var c chapter
		var holding, person, ended *int64
		var body, begun int64
		var kind, acts, from, until, planned string
		if err := rows.Scan(&c.id, &c.mark, &holding, &person, &kind, &c.code, &body, &acts, &from, &until, &begun, &ended,
			&c.began, &c.ended, &planned); err != nil {
			return nil, err
		}
		c.right, c.unit, c.begunAt = Right(kind), unit.ID(body), time.UnixMicro(begun).UTC()
		if holding != nil && person != nil {
			c.holding, c.person = uint64(*holding), vault.PersonID(*person)
		}
		if ended != nil {
			c.endedAt = time.UnixMicro(*ended).UTC()
		}
		for _, code := range strings.Fields(acts) {
			act, _ := charter.ParseAct(code)
			c.may |= act
		}
		for _, d := range []struct {
			to   *civil.Date
			text string
		}{{&c.from, from}, {&c.until, until}, {&c.planned, planned}} {
			if d.text == "" {
				continue
			}
			if *d.to, err = civil.ParseDate(d.text); err != nil {
				return nil, err
			}
		}
		all = append(all, c)
	}
	return all, rows.Err()
}

func dayText(d civil.Date) string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}

// historyBegun is when the history was begun; 0 before.
func historyBegun(q database.Querier) (int64, error) {
	var value []byte
	err := q.QueryRow(`SELECT value FROM register WHERE name = 'access history'`).Scan(&value)
	if errors.Is(err, database.ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(string(value), 10, 64)
}

func beginHistory(tx *database.Tx) error {
	_, err := tx.Exec(`INSERT INTO register (name, value) VALUES ('access history', $1)`, []byte(strconv.FormatInt(tx.Now().UnixMicro(), 10)))
	return err
}

// gone reports whether a record is not there any more.
func gone(err error) bool {
	return errors.Is(err, database.ErrNotFound) || errors.Is(err, vault.ErrErased)
}
