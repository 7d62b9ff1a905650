package review

import (
	"context"
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/database"
	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

func insert(tx *database.Tx, r *Review) error {
	var scheduled any
	if !r.Scheduled.IsZero() {
		scheduled = r.Scheduled.String()
	}
	_, err := tx.Exec(`INSERT INTO review (id, scheduled, opened_at, opened_by, since, answer_by, suspend_on, ends_on, warned_on, closed_by)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '', 0)`,
		r.ID, scheduled, r.OpenedAt.UnixMicro(), int64(r.OpenedBy), day(r.Since), day(r.AnswerBy), day(r.SuspendOn), day(r.EndsOn))
	return err
}

// reviews reads the reviews a condition selects.
func reviews(q database.Querier, rest string, args ...any) ([]Review, error) {
	rows, err := q.Query(`SELECT id, scheduled, opened_at, opened_by, since, answer_by, suspend_on, ends_on, warned_on, closed_at, closed_by, hash
		FROM review `+rest, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Review
	for rows.Next() {
		var r Review
		var scheduled *string
		var since, answer, suspend, ends, warned string
		var opened, openedBy, closedBy int64
		var closed *int64
		if err := rows.Scan(&r.ID, &scheduled, &opened, &openedBy, &since, &answer, &suspend, &ends, &warned, &closed, &closedBy, &r.Hash); err != nil {
			return nil, err
		}
		if scheduled != nil {
			r.Scheduled = date(*scheduled)
		}
		r.OpenedAt, r.OpenedBy, r.ClosedBy = time.UnixMicro(opened).UTC(), vault.PersonID(openedBy), vault.PersonID(closedBy)
		r.Since, r.AnswerBy, r.SuspendOn, r.EndsOn, r.WarnedOn = date(since), date(answer), date(suspend), date(ends), date(warned)
		if closed != nil {
			r.ClosedAt = time.UnixMicro(*closed).UTC()
		}
		all = append(all, r)
	}
	return all, rows.Err()
}

// date reads a day as it is stored; "" is none.
func date(text string) civil.Date {
	d, err := civil.ParseDate(text)
	if err != nil {
		return civil.Date{}
	}
	return d
}

func insertLine(tx *database.Tx, l *Line) error {
	_, err := tx.Exec(`INSERT INTO review_line (id, review, unit, kind, code, state, at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		l.ID, l.Review, int64(l.Unit), string(l.Right), l.Code, string(l.State), l.At.UnixMicro())
	return err
}

func setState(tx *database.Tx, line int64, to State) error {
	_, err := tx.Exec(`UPDATE review_line SET state = $2, at = $3 WHERE id = $1`, line, string(to), tx.Now().UnixMicro())
	return err
}

// bare reads lines without what is sealed, in the order they were frozen in.
func bare(q database.Querier, rest string, args ...any) ([]Line, error) {
	rows, err := q.Query(`SELECT id, review, unit, kind, code, state, at FROM review_line `+rest+` ORDER BY id`, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Line
	for rows.Next() {
		var l Line
		var body, at int64
		var right, state string
		if err := rows.Scan(&l.ID, &l.Review, &body, &right, &l.Code, &state, &at); err != nil {
			return nil, err
		}
		l.Unit, l.Right, l.State, l.At = unit.ID(body), access.Right(right), State(state), time.UnixMicro(at).UTC()
		all = append(all, l)
	}
	return all, rows.Err()
}

func addNumber(tx *database.Tx, review int64, body unit.ID, what string, n int) error {
	_, err := tx.Exec(`INSERT INTO review_number (review, unit, what, counted) VALUES ($1, $2, $3, $4)`, review, int64(body), what, int64(n))
	return err
}

func numbers(q database.Querier, review int64) (Numbers, error) {
	rows, err := q.Query(`SELECT unit, what, counted FROM review_number WHERE review = $1 ORDER BY unit, what`, review)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := Numbers{}
	for rows.Next() {
		var body, n int64
		var what string
		if err := rows.Scan(&body, &what, &n); err != nil {
			return nil, err
		}
		all.add(unit.ID(body), what, int(n))
	}
	return all, rows.Err()
}

func (n Numbers) add(body unit.ID, what string, count int) {
	if n[body] == nil {
		n[body] = map[string]int{}
	}
	n[body][what] += count
}

// lines reads the lines of a review with what is sealed of them. The sealed parts are
// found by a walk over two kinds: no column leads from a line to a person.
func (s *Service) lines(ctx context.Context, review int64) (all []Line, others []Evidence, err error) {
	err = s.DB.Read(ctx, func(q database.Querier) (err error) {
		all, err = bare(q, `WHERE review = $1`, review)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	at := make(map[int64]int, len(all))
	for i := range all {
		at[all[i].ID] = i
	}
	err = record.Scan(s.Records, ctx, Evidences, func(person vault.PersonID, _ uint64, e *Evidence) error {
		if e.Review != review {
			return nil
		}
		kept := *e
		if i, known := at[e.Line]; known {
			all[i].Person, all[i].Evidence = person, &kept
		} else {
			kept.By = person
			others = append(others, kept)
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	err = record.Scan(s.Records, ctx, Answers, func(_ vault.PersonID, _ uint64, a *Answer) error {
		if i, known := at[a.Line]; known && a.Review == review {
			kept := *a
			all[i].Answer = &kept
		}
		return nil
	})
	return all, others, err
}
