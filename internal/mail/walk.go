package mail

import (
	"context"
	"errors"

	"kartotek/internal/database"
	"kartotek/internal/vault"
)

// walkAtOnce is how many mails Walk reads at a time.
const walkAtOnce = 64

// Walk calls fn with every mail that can still be opened, waiting or kept, with
// all that stands in it: for whoever searches for what must be gone. A mail
// whose key has ended is passed over; what cannot be opened though its key
// stands comes with an error.
func (b *Outbox) Walk(ctx context.Context, fn func(id int64, person vault.PersonID, texts []string, err error) error) error {
	for after := int64(0); ; {
		var rows []row
		err := b.db.Read(ctx, func(q database.Querier) (err error) {
			rows, err = sealedAfter(q, after, walkAtOnce)
			return err
		})
		if err != nil || len(rows) == 0 {
			return err
		}
		for i := range rows {
			r := &rows[i]
			after = r.id
			l, err := b.open(r)
			if errors.Is(err, vault.ErrOneOffSpent) {
				continue
			}
			var texts []string
			if err == nil {
				texts = []string{l.To, l.Subject, l.Body, l.Kind, l.MessageID}
			}
			if err := fn(r.id, r.person, texts, err); err != nil {
				return err
			}
		}
	}
}

// sealedAfter gives the mails that have a text, by id.
func sealedAfter(q database.Querier, after int64, limit int) ([]row, error) {
	rows, err := q.Query(`SELECT id, COALESCE(person, 0), key_id, sealed FROM mail
		WHERE id > $1 AND failed_at IS NULL ORDER BY id LIMIT $2`, after, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []row
	for rows.Next() {
		var r row
		if err := rows.Scan(&r.id, &r.person, &r.key, &r.sealed); err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	return list, rows.Err()
}
