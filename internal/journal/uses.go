package journal

import (
	"context"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"kartotek/internal/database"
)

// Use is under which right somebody did something: a body's post, or, with unit 0, what
// reaches everything.
type Use struct {
	Actor uint32
	Right string
	Unit  uint32
}

// Uses tells when each right was used last since a moment, and when each person signed
// in last: what a review of access asks of the journal (D14). Whoever asks walks back
// from the newest entry and stops at that moment; nothing is told of members.
func (j *Journal) Uses(ctx context.Context, since time.Time) (used map[Use]time.Time, signedIn map[uint32]time.Time, err error) {
	used, signedIn = map[Use]time.Time{}, map[uint32]time.Time{}
	before := int64(1) << 62
	for {
		rest, err := j.usesBefore(ctx, before, since.UnixMicro(), used, signedIn)
		if err != nil || rest == 0 {
			return used, signedIn, err
		}
		before = rest
	}
}

// usesPage is how many entries are read at a time.
const usesPage = 4096

// usesBefore reads a page of entries, newest first, and gives where the next begins; 0
// for the end.
func (j *Journal) usesBefore(ctx context.Context, before, since int64, used map[Use]time.Time, signedIn map[uint32]time.Time) (next int64, err error) {
	err = j.db.Read(ctx, func(q database.Querier) error {
		rows, err := q.Query(`SELECT entry, body FROM journal_body WHERE entry < $1 ORDER BY entry DESC LIMIT $2`, before, int64(usesPage))
		if err != nil {
			return err
		}
		defer rows.Close()
		n := 0
		for rows.Next() {
			var body []byte
			if err := rows.Scan(&next, &body); err != nil {
				return err
			}
			n++
			var u Use
			var at int64
			var act Act
			if err := eachField(body, func(field protowire.Number, number uint64, data []byte) error {
				switch field {
				case fieldAt:
					at = int64(number)
				case fieldAct:
					act = Act(number)
				case fieldActor:
					u.Actor = uint32(number)
				case fieldUnit:
					u.Unit = uint32(number)
				case fieldRight:
					u.Right = string(data)
				}
				return nil
			}); err != nil {
				return err
			}
			switch when := time.UnixMicro(at).UTC(); {
			case at < since:
				next = 0
				return nil
			case u.Actor == 0:
			case act == SignIn:
				later(signedIn, u.Actor, when)
			case act != SignOut && act != Denied && act != Passkey:
				later(used, u, when)
			}
		}
		if n < usesPage {
			next = 0
		}
		return rows.Err()
	})
	return next, err
}

func later[K comparable](all map[K]time.Time, key K, at time.Time) {
	if at.After(all[key]) {
		all[key] = at
	}
}
