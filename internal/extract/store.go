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
	_, err := tx.Exec(`INSERT INTO extract (number, entry, unit, purpose, format, recipient, post, members, fields, pulled_at, destroy_by, per, sheet)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		l.Number, l.Entry, int64(l.Unit), l.Purpose, string(l.Format), int64(l.Recipient), l.Post, int64(l.Members),
		strings.Join(l.Fields, " "), l.PulledAt.UnixMicro(), l.DestroyBy.String(), string(l.Per), l.Sheet)
	return err
}

// attest marks a medium as destroyed, unless it is already.
func attest(tx *database.Tx, number int64, m Medium, by vault.PersonID) error {
	column := "digital_at"
	if m == Physical {
		column = "physical_at"
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

// query reads the lists a condition selects, the newest first.
func query(q database.Querier, rest string, args ...any) ([]List, error) {
	rows, err := q.Query(`SELECT number, entry, unit, purpose, format, recipient, post, members, fields, pulled_at, destroy_by,
		digital_at, physical_at, attested_by, per, sheet, written, cramped, missing, covered, returned, nowhere FROM extract `+rest, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []List
	for rows.Next() {
		var l List
		var body, recipient, members, pulled int64
		var format, fields, by string
		var digital, physical, attested, written *int64
		var per, cramped string
		var missing, covered, returned, nowhere int64
		if err := rows.Scan(&l.Number, &l.Entry, &body, &l.Purpose, &format, &recipient, &l.Post, &members, &fields,
			&pulled, &by, &digital, &physical, &attested, &per, &l.Sheet, &written, &cramped, &missing, &covered, &returned, &nowhere); err != nil {
			return nil, err
		}
		if l.DestroyBy, err = civil.ParseDate(by); err != nil {
			return nil, err
		}
		l.Unit, l.Recipient, l.Members, l.Format = unit.ID(body), vault.PersonID(recipient), int(members), Format(format)
		l.Fields, l.PulledAt = strings.Fields(fields), time.UnixMicro(pulled).UTC()
		l.DigitalAt, l.PhysicalAt = moment(digital), moment(physical)
		l.Per = Per(per)
		l.Outcome = Outcome{Written: -1, Cramped: numbers(cramped), Missing: int(missing), Covered: int(covered), Returned: int(returned), Nowhere: int(nowhere)}
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
