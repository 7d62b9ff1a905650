package directory

import (
	"errors"
	"strings"

	"kartotek/internal/database"
	"kartotek/internal/unit"
)

// page reads what a body says of itself; an empty page where it says nothing.
func page(q database.Querier, body unit.ID) (Page, error) {
	p := Page{Unit: body, Mailboxes: map[string]string{}}
	var open int64
	var origins string
	err := q.QueryRow(`SELECT open, contact, mailbox, phone, origins FROM directory_page WHERE unit = $1`, int64(body)).
		Scan(&open, &p.Contact, &p.Mailbox, &p.Phone, &origins)
	if errors.Is(err, database.ErrNotFound) {
		return p, nil
	}
	if err != nil {
		return p, err
	}
	p.Open, p.Origins = open != 0, strings.Fields(origins)
	rows, err := q.Query(`SELECT post, mailbox FROM directory_mailbox WHERE unit = $1 ORDER BY post`, int64(body))
	if err != nil {
		return p, err
	}
	defer rows.Close()
	for rows.Next() {
		var post, address string
		if err := rows.Scan(&post, &address); err != nil {
			return p, err
		}
		p.Mailboxes[post] = address
	}
	return p, rows.Err()
}

func putPage(tx *database.Tx, p *Page) error {
	open := int64(0)
	if p.Open {
		open = 1
	}
	if _, err := tx.Exec(`INSERT INTO directory_page (unit, open, contact, mailbox, phone, origins) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (unit) DO UPDATE SET open = excluded.open, contact = excluded.contact, mailbox = excluded.mailbox, phone = excluded.phone, origins = excluded.origins`,
		int64(p.Unit), open, p.Contact, p.Mailbox, p.Phone, strings.Join(p.Origins, " ")); err != nil {
		return err
	}
	if _, err := tx.Exec(`DELETE FROM directory_mailbox WHERE unit = $1`, int64(p.Unit)); err != nil {
		return err
	}
	for post, address := range p.Mailboxes {
		if _, err := tx.Exec(`INSERT INTO directory_mailbox (unit, post, mailbox) VALUES ($1, $2, $3)`, int64(p.Unit), post, address); err != nil {
			return err
		}
	}
	return nil
}
