package bench

import (
	"context"
	"database/sql"

	"kartotek/internal/dues"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// books adds to the plain file what members owe and have paid, as a plain program
// would keep it: the register holds it too, and is held against the file's size.
func (r *run) books(ctx context.Context) error {
	return r.open(func(plain *sql.DB) error {
		tx, err := plain.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		defer tx.Rollback()
		if _, err := tx.Exec(`CREATE TABLE charge (person INTEGER, unit INTEGER, body INTEGER, year INTEGER, category TEXT, amount INTEGER, due TEXT,
			booked TEXT, reference TEXT, payee TEXT); CREATE TABLE entry (person INTEGER, number INTEGER, charge INTEGER, kind INTEGER, amount INTEGER,
			day TEXT, booked TEXT)`); err != nil {
			return err
		}
		charge, err := tx.Prepare(`INSERT INTO charge VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
		if err != nil {
			return err
		}
		entry, err := tx.Prepare(`INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?)`)
		if err != nil {
			return err
		}
		err = record.Scan(r.house.Records, ctx, dues.Charges, func(person vault.PersonID, _ uint64, c *dues.Charge) error {
			_, err := charge.Exec(int64(person), int64(c.Unit), int64(c.Body), c.Year, c.Category, c.Amount, c.Due.String(), c.Booked.String(), c.Reference, c.Payee)
			return err
		})
		if err != nil {
			return err
		}
		err = record.Scan(r.house.Records, ctx, dues.Entries, func(person vault.PersonID, _ uint64, e *dues.Entry) error {
			_, err := entry.Exec(int64(person), e.Number, int64(e.Charge&(1<<63-1)), int64(e.Kind), e.Amount, e.Date.String(), e.Booked.String())
			return err
		})
		if err != nil {
			return err
		}
		return tx.Commit()
	})
}
