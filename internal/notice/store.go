package notice

import (
	"strconv"
	"strings"
	"time"

	"kartotek/internal/database"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

func insertHolder(tx *database.Tx, h *Holder) error {
	bodies := make([]string, len(h.Bodies))
	for i, body := range h.Bodies {
		bodies[i] = strconv.FormatInt(int64(body), 10)
	}
	_, err := tx.Exec(`INSERT INTO holder (id, name, country, role, tells, purposes, fields, bodies, person, since)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		h.ID, h.Name, h.Country, string(h.Role), string(h.Tells), strings.Join(h.Purposes, " "), strings.Join(h.Fields, " "),
		strings.Join(bodies, " "), int64(h.Person), tx.Now().UnixMicro())
	return err
}

// holders reads holders, without what is sealed of them.
func holders(q database.Querier, rest string, args ...any) ([]Holder, error) {
	rows, err := q.Query(`SELECT id, name, country, role, tells, purposes, fields, bodies, person, since, ended_at,
		(SELECT COUNT(*) FROM notice WHERE notice.holder = holder.id AND notice.state = 'told'),
		(SELECT COUNT(*) FROM holder_list WHERE holder_list.holder = holder.id AND holder_list.gone_at IS NULL)
		FROM holder `+rest, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Holder
	for rows.Next() {
		var h Holder
		var role, tells, purposes, fields, bodies string
		var person, since, open, lists int64
		var ended *int64
		if err := rows.Scan(&h.ID, &h.Name, &h.Country, &role, &tells, &purposes, &fields, &bodies, &person, &since, &ended, &open, &lists); err != nil {
			return nil, err
		}
		h.Role, h.Tells, h.Purposes, h.Fields = Role(role), Tells(tells), strings.Fields(purposes), strings.Fields(fields)
		for _, body := range strings.Fields(bodies) {
			if id, err := strconv.ParseInt(body, 10, 64); err == nil {
				h.Bodies = append(h.Bodies, unit.ID(id))
			}
		}
		h.Person, h.Since, h.Ended, h.Open, h.Lists = vault.PersonID(person), time.UnixMicro(since).UTC(), moment(ended), int(open), int(lists)
		all = append(all, h)
	}
	return all, rows.Err()
}

func moment(micros *int64) time.Time {
	if micros == nil {
		return time.Time{}
	}
	return time.UnixMicro(*micros).UTC()
}

// anyList reports whether any list may still lie somewhere, with us or outside.
func anyList(q database.Querier) (bool, error) {
	var out int64
	err := q.QueryRow(`SELECT COUNT(*) FROM (
		SELECT number FROM extract WHERE digital_at IS NULL OR physical_at IS NULL
		UNION ALL SELECT number FROM extract_pass WHERE digital_at IS NULL OR physical_at IS NULL
		UNION ALL SELECT list FROM holder_list WHERE gone_at IS NULL LIMIT 1) AS out_there`).Scan(&out)
	return out > 0, err
}

// insertChange notes that something about somebody must be told.
func insertChange(tx *database.Tx, person vault.PersonID, why Why, fields []string) error {
	id, err := tx.Next("notice change")
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO notice_change (id, person, why, fields, made_at) VALUES ($1, $2, $3, $4, $5)`,
		id, int64(person), string(why), strings.Join(fields, " "), tx.Now().UnixMicro())
	return err
}

// change is a row of notice_change.
type change struct {
	id     int64
	person vault.PersonID
	why    Why
	fields []string
	at     time.Time
}

func changes(q database.Querier, limit int) ([]change, error) {
	rows, err := q.Query(`SELECT id, person, why, fields, made_at FROM notice_change ORDER BY id LIMIT $1`, int64(limit))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []change
	for rows.Next() {
		var c change
		var person, at int64
		var why, fields string
		if err := rows.Scan(&c.id, &person, &why, &fields, &at); err != nil {
			return nil, err
		}
		c.person, c.why, c.fields, c.at = vault.PersonID(person), Why(why), strings.Fields(fields), time.UnixMicro(at).UTC()
		all = append(all, c)
	}
	return all, rows.Err()
}

func insertLine(tx *database.Tx, holder int64, l *Line) error {
	id, err := tx.Next("notice line")
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO notice_line (id, holder, list, line, person, why, fields, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		id, holder, l.List, int64(l.Line), int64(l.person), string(l.Why), strings.Join(l.Fields, " "), l.At.UnixMicro())
	return err
}

// lines reads lines; holder 0 is one's own officers.
func lines(q database.Querier, rest string, args ...any) (all []Line, holders []int64, err error) {
	rows, err := q.Query(`SELECT holder, list, line, person, why, fields, made_at, notice FROM notice_line `+rest, args...)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var l Line
		var holder, line, person, at int64
		var notice *int64
		var why, fields string
		if err := rows.Scan(&holder, &l.List, &line, &person, &why, &fields, &at, &notice); err != nil {
			return nil, nil, err
		}
		l.Line, l.person, l.Why, l.Fields, l.At = int(line), vault.PersonID(person), Why(why), strings.Fields(fields), time.UnixMicro(at).UTC()
		if notice != nil {
			l.notice = *notice
		}
		all, holders = append(all, l), append(holders, holder)
	}
	return all, holders, rows.Err()
}

func notices(q database.Querier, rest string, args ...any) ([]Notice, error) {
	rows, err := q.Query(`SELECT notice.id, notice.holder, holder.name, holder.country, notice.state, notice.told_at, notice.reminded_at, notice.done_at, notice.said_by,
		(SELECT COUNT(*) FROM notice_line WHERE notice_line.notice = notice.id)
		FROM notice JOIN holder ON holder.id = notice.holder `+rest, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Notice
	for rows.Next() {
		var n Notice
		var state string
		var told, count int64
		var reminded, done, by *int64
		if err := rows.Scan(&n.ID, &n.Holder, &n.Name, &n.Country, &state, &told, &reminded, &done, &by, &count); err != nil {
			return nil, err
		}
		n.State, n.ToldAt, n.Reminded, n.DoneAt, n.Count = State(state), time.UnixMicro(told).UTC(), moment(reminded), moment(done), int(count)
		if by != nil {
			n.SaidBy = vault.PersonID(*by)
		}
		all = append(all, n)
	}
	return all, rows.Err()
}

func countNotices(q database.Querier) (all, open int, err error) {
	var a, o int64
	err = q.QueryRow(`SELECT COUNT(*), COUNT(CASE WHEN state = 'told' THEN 1 END) FROM notice`).Scan(&a, &o)
	return int(a), int(o), err
}

func settle(tx *database.Tx, id int64, next State, by vault.PersonID) error {
	var who *int64
	if by != 0 {
		n := int64(by)
		who = &n
	}
	_, err := tx.Exec(`UPDATE notice SET state = $2, done_at = $3, said_by = $4 WHERE id = $1`, id, string(next), tx.Now().UnixMicro(), who)
	return err
}
