package mail

import (
	"context"
	"errors"
	"slices"

	"kartotek/internal/database"
	"kartotek/internal/vault"
)

// Fate is what became of a mail that has a Ref.
type Fate uint8

const (
	Taken     Fate = iota // a mail server has it
	Rejected              // refused for good
	Expired               // nobody took it by its end
	Withdrawn             // taken back before it was sent
)

// Report tells of one mail that many got one of.
type Report struct {
	Ref     int64
	Persons []vault.PersonID // whom it was to: one mailbox
	Fate    Fate
}

// Follower is whoever had such mails written; app connects it.
type Follower interface {
	// Unknown is told that a mail server knows no such mailbox, before that is recorded:
	// after a stop it may be told again.
	Unknown(ctx context.Context, r Report) error
	// Settled is told what became of a mail, in the transaction that records it.
	Settled(tx *database.Tx, r Report) error
}

func report(r *row, l *letter, fate Fate) Report {
	out := Report{Ref: l.Ref, Fate: fate}
	if r.person != 0 {
		out.Persons = append(out.Persons, r.person)
	}
	out.Persons = append(out.Persons, l.With...)
	return out
}

func (b *Outbox) follow(tx *database.Tx, r *row, l *letter, fate Fate) error {
	if l.Ref == 0 || b.o.Follower == nil {
		return nil
	}
	return b.o.Follower.Settled(tx, report(r, l, fate))
}

func (b *Outbox) unknown(ctx context.Context, r *row, l *letter) error {
	if l.Ref == 0 || b.o.Follower == nil {
		return nil
	}
	return b.o.Follower.Unknown(ctx, report(r, l, Rejected))
}

// passOn leaves a mail to a household to the others of it, when the one in whose name
// it lies is forgotten.
func (b *Outbox) passOn(tx *database.Tx, person vault.PersonID, gone []vault.PersonID) error {
	rows, err := tx.Query(`SELECT id, person, key_id, sealed FROM mail WHERE person = $1 AND sent_at IS NULL AND failed_at IS NULL ORDER BY id`, int64(person))
	if err != nil {
		return err
	}
	var mine []row
	for rows.Next() {
		var r row
		if err := rows.Scan(&r.id, &r.person, &r.key, &r.sealed); err != nil {
			rows.Close()
			return err
		}
		mine = append(mine, r)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for i := range mine {
		r := &mine[i]
		l, err := b.open(r)
		if err != nil {
			continue // without its key it is nobody's
		}
		rest := slices.DeleteFunc(slices.Clone(l.With), func(p vault.PersonID) bool { return slices.Contains(gone, p) })
		if len(rest) == 0 {
			continue
		}
		l.With = rest[1:]
		sealed, err := b.keys.SealOnce(r.key, l.encode())
		if err != nil {
			return err
		}
		if _, err := tx.Exec(`UPDATE mail SET person = $2, sealed = $3 WHERE id = $1`, r.id, int64(rest[0]), sealed); err != nil {
			return err
		}
	}
	return nil
}

// Withdraw takes back the mails of a Ref that wait, and says how many. One that is
// being handed over at that moment goes.
func (b *Outbox) Withdraw(ctx context.Context, ref int64) (gone int, err error) {
	for after := int64(0); ; {
		var rows []row
		err := b.db.Read(ctx, func(q database.Querier) (err error) {
			rows, err = sealedAfter(q, after, walkAtOnce)
			return err
		})
		if err != nil || len(rows) == 0 {
			return gone, err
		}
		var keys []int64
		err = b.db.Write(ctx, func(tx *database.Tx) error {
			keys = keys[:0]
			for i := range rows {
				r := &rows[i]
				after = r.id
				l, err := b.open(r)
				if errors.Is(err, vault.ErrOneOffSpent) || err == nil && l.Ref != ref {
					continue
				}
				if err != nil {
					return err
				}
				deleted, err := tx.Exec(`DELETE FROM mail WHERE id = $1 AND sent_at IS NULL AND failed_at IS NULL`, r.id)
				if err != nil {
					return err
				}
				if deleted == 0 {
					continue
				}
				keys = append(keys, r.key)
				if err := b.follow(tx, r, l, Withdrawn); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return gone, err
		}
		gone += len(keys)
		if err := b.dropKeys(ctx, keys); err != nil {
			return gone, err
		}
	}
}
