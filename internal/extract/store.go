package extract

import (
	"strings"
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/database"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

func insert(tx *database.Tx, l *List) error {
	_, err := tx.Exec(`INSERT INTO extract (number, entry, unit, purpose, format, recipient, post, members, fields, pulled_at, destroy_by)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		l.Number, l.Entry, int64(l.Unit), l.Purpose, string(l.Format), int64(l.Recipient), l.Post, int64(l.Members),
		strings.Join(l.Fields, " "), l.PulledAt.UnixMicro(), l.DestroyBy.String())
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

// query reads the lists a condition selects, the newest first.
func query(q database.Querier, rest string, args ...any) ([]List, error) {
	rows, err := q.Query(`SELECT number, entry, unit, purpose, format, recipient, post, members, fields, pulled_at, destroy_by,
		digital_at, physical_at, attested_by FROM extract `+rest, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []List
	for rows.Next() {
		var l List
		var body, recipient, members, pulled int64
		var format, fields, by string
		var digital, physical, attested *int64
		if err := rows.Scan(&l.Number, &l.Entry, &body, &l.Purpose, &format, &recipient, &l.Post, &members, &fields,
			&pulled, &by, &digital, &physical, &attested); err != nil {
			return nil, err
		}
		if l.DestroyBy, err = civil.ParseDate(by); err != nil {
			return nil, err
		}
		l.Unit, l.Recipient, l.Members, l.Format = unit.ID(body), vault.PersonID(recipient), int(members), Format(format)
		l.Fields, l.PulledAt = strings.Fields(fields), time.UnixMicro(pulled).UTC()
		l.DigitalAt, l.PhysicalAt = moment(digital), moment(physical)
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
