package record

import (
	"context"
	"errors"

	"kartotek/internal/database"
	"kartotek/internal/vault"
)

// Unsealed is one record of any kind, opened, as Everything gives it.
type Unsealed struct {
	Person vault.PersonID
	Kind   Named // of an undeclared kind the number alone
	ID     uint64
	Class  vault.Class
	Plain  []byte // the binary form
	Lines  []Line // what the person is told; none of an undeclared kind
	Err    error  // why it could not be opened or read; then there is no Plain
}

// Everything calls fn with every record of the register, kind by kind, whoever
// it is about: for whoever must know what there still is. The bytes are valid
// only until fn returns. Rows whose key is destroyed are passed over, since
// nobody can open them; what cannot be opened for another reason comes with Err.
func (s *Store) Everything(ctx context.Context, fn func(*Unsealed) error) error {
	return pipeline(ctx, func(full chan<- *page, free <-chan *page, done <-chan struct{}) error {
		return s.db.Read(ctx, func(q database.Querier) error {
			rows, err := q.Query(`SELECT kind, person, id, class, version, sealed FROM record ORDER BY kind, person, id`)
			if err != nil {
				return err
			}
			defer rows.Close()
			p := take(free, done)
			for p != nil && rows.Next() {
				var row pageRow
				l := &row.label
				if err := rows.Scan(&l.Kind, &l.Person, &l.ID, &l.Class, &l.Version, &row.sealed); err != nil {
					return err
				}
				if p.rows = append(p.rows, row); len(p.rows) == scanPage {
					full <- p
					p = take(free, done)
				}
			}
			if p != nil {
				full <- p
			}
			return rows.Err()
		})
	}, func(p *page, o *opener) error {
		for i := range p.rows {
			u := Unsealed{Person: p.rows[i].label.Person, ID: p.rows[i].label.ID, Class: p.rows[i].label.Class}
			if u.open(o, &p.rows[i]); errors.Is(u.Err, vault.ErrErased) {
				continue
			}
			if err := fn(&u); err != nil {
				return err
			}
		}
		return nil
	}, s)
}

// open fills in what the row holds.
func (u *Unsealed) open(o *opener, row *pageRow) {
	kind, declared := named(row.label.Kind)
	if u.Kind = kind; !declared {
		u.Kind.Number = row.label.Kind
	}
	plain, err := o.Open(o.plain[:0], row.label, row.sealed)
	if err != nil {
		u.Err = err
		return
	}
	o.plain, u.Plain = plain, plain
	if declared {
		if u.Lines, u.Err = kind.words(plain); u.Err != nil {
			u.Plain = nil
		}
	}
}
