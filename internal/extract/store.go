package extract

import (
	"strconv"
	"strings"
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/database"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

func insert(tx *database.Tx, l *List) error {
	_, err := tx.Exec(`INSERT INTO extract (number, entry, unit, purpose, format, recipient, post, members, fields, pulled_at, destroy_by, per, sheet, written)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, -1)`,
		l.Number, l.Entry, int64(l.Unit), l.Purpose, string(l.Format), int64(l.Recipient), l.Post, int64(l.Members),
		strings.Join(l.Fields, " "), l.PulledAt.UnixMicro(), l.DestroyBy.String(), string(l.Per), l.Sheet)
	return err
}

// insertPass records that somebody took a list over.
func insertPass(tx *database.Tx, number int64, p *Part) error {
	id, err := tx.Next("extract pass")
	if err != nil {
		return err
	}
	p.ID = id
	var person, digital, physical any
	if p.Person != 0 {
		person = int64(p.Person)
	}
	if !p.DigitalAt.IsZero() {
		digital = p.DigitalAt.UnixMicro()
	}
	if !p.PhysicalAt.IsZero() {
		physical = p.PhysicalAt.UnixMicro()
	}
	_, err = tx.Exec(`INSERT INTO extract_pass (id, number, person, unit, act, passed_by, passed_at, why, digital_at, physical_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		id, number, person, int64(p.Unit), p.Act, int64(p.PassedBy), tx.Now().UnixMicro(), p.Why, digital, physical)
	return err
}

func removePass(tx *database.Tx, id int64) error {
	_, err := tx.Exec(`DELETE FROM extract_pass WHERE id = $1`, id)
	return err
}

// passes reads who took the lists over whose numbers lie between two.
func passes(q database.Querier, low, high int64) (map[int64][]Part, error) {
	rows, err := q.Query(`SELECT number, id, person, unit, act, passed_by, passed_at, why, digital_at, physical_at, lost_at FROM extract_pass
		WHERE number BETWEEN $1 AND $2 ORDER BY id`, low, high)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := map[int64][]Part{}
	for rows.Next() {
		var p Part
		var number, body, by, at int64
		var person, digital, physical, lost *int64
		if err := rows.Scan(&number, &p.ID, &person, &body, &p.Act, &by, &at, &p.Why, &digital, &physical, &lost); err != nil {
			return nil, err
		}
		if person != nil {
			p.Person = vault.PersonID(*person)
		}
		p.Unit, p.PassedBy, p.PassedAt = unit.ID(body), vault.PersonID(by), time.UnixMicro(at).UTC()
		p.DigitalAt, p.PhysicalAt, p.LostAt = moment(digital), moment(physical), moment(lost)
		all[number] = append(all[number], p)
	}
	return all, rows.Err()
}

// attest marks a medium as destroyed by one holder, the recipient or whoever
// took the list over, unless it is already.
func attest(tx *database.Tx, number, pass int64, m Medium, by vault.PersonID) error {
	column := "digital_at"
	if m == Physical {
		column = "physical_at"
	}
	if pass != 0 {
		_, err := tx.Exec(`UPDATE extract_pass SET `+column+` = $2, attested_by = $3 WHERE id = $1 AND `+column+` IS NULL`,
			pass, tx.Now().UnixMicro(), int64(by))
		return err
	}
	_, err := tx.Exec(`UPDATE extract SET `+column+` = $2, attested_by = $3 WHERE number = $1 AND `+column+` IS NULL`,
		number, tx.Now().UnixMicro(), int64(by))
	return err
}

// mostCramped is how many addresses that did not fit are remembered by place.
const mostCramped = 100

// conclude notes what became of a list's file.
func conclude(tx *database.Tx, number int64, o *Outcome) error {
	var cramped []string
	for _, n := range o.Cramped[:min(len(o.Cramped), mostCramped)] {
		cramped = append(cramped, strconv.Itoa(n))
	}
	_, err := tx.Exec(`UPDATE extract SET written = $2, cramped = $3, missing = $4, covered = $5, returned = $6, nowhere = $7 WHERE number = $1`,
		number, int64(o.Written), strings.Join(cramped, " "), int64(o.Missing), int64(o.Covered), int64(o.Returned), int64(o.Nowhere))
	return err
}

// numbers reads the places that conclude wrote.
func numbers(text string) (all []int) {
	for _, field := range strings.Fields(text) {
		if n, err := strconv.Atoi(field); err == nil {
			all = append(all, n)
		}
	}
	return all
}

// query reads the lists a condition selects, with who took them over.
func query(q database.Querier, rest string, args ...any) ([]List, error) {
	all, err := lists(q, rest, args...)
	if err != nil || len(all) == 0 {
		return all, err
	}
	low, high := all[0].Number, all[0].Number
	for i := range all {
		low, high = min(low, all[i].Number), max(high, all[i].Number)
	}
	taken, err := passes(q, low, high)
	for i := range all {
		all[i].Passes = taken[all[i].Number]
	}
	return all, err
}

func lists(q database.Querier, rest string, args ...any) ([]List, error) {
	rows, err := q.Query(`SELECT number, entry, unit, purpose, format, recipient, post, members, fields, pulled_at, destroy_by,
		digital_at, physical_at, attested_by, per, sheet, written, cramped, missing, covered, returned, nowhere, lost_at FROM extract `+rest, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []List
	for rows.Next() {
		var l List
		var body, recipient, members, pulled int64
		var format, fields, by string
		var digital, physical, attested, written, lost *int64
		var per, cramped string
		var missing, covered, returned, nowhere int64
		if err := rows.Scan(&l.Number, &l.Entry, &body, &l.Purpose, &format, &recipient, &l.Post, &members, &fields,
			&pulled, &by, &digital, &physical, &attested, &per, &l.Sheet, &written, &cramped, &missing, &covered, &returned, &nowhere, &lost); err != nil {
			return nil, err
		}
		if l.DestroyBy, err = civil.ParseDate(by); err != nil {
			return nil, err
		}
		l.Unit, l.Recipient, l.Members, l.Format = unit.ID(body), vault.PersonID(recipient), int(members), Format(format)
		l.Fields, l.PulledAt = strings.Fields(fields), time.UnixMicro(pulled).UTC()
		l.DigitalAt, l.PhysicalAt, l.LostAt = moment(digital), moment(physical), moment(lost)
		l.Per = Per(per)
		l.Outcome = Outcome{Written: l.Members, // of a list from before this was noted
			Cramped: numbers(cramped), Missing: int(missing), Covered: int(covered), Returned: int(returned), Nowhere: int(nowhere)}
		if written != nil {
			l.Outcome.Written = int(*written)
		}
		if attested != nil {
			l.AttestedBy = vault.PersonID(*attested)
		}
		all = append(all, l)
	}
	return all, rows.Err()
}

func moment(micros *int64) time.Time {
	if micros == nil {
		return time.Time{}
	}
	return time.UnixMicro(*micros).UTC()
}
