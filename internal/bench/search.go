package bench

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/locale"
	"kartotek/internal/member"
)

// typed is what people type, one letter at a time.
var typed = []string{"anna jensen", "mette m niel", "christensen", "hansen peter", "aagaard", "søren øst", "ida", "10"}

// search measures every keystroke of a search as it is answered, journaled, for
// the secretariat and for an officer, beside FTS5 on the plain rows.
func (r *run) search(ctx context.Context) error {
	floor, err := r.fullText(ctx)
	if err != nil {
		return err
	}
	for _, who := range []struct {
		name  string
		actor access.Actor
	}{{"office", r.people.office}, {"officer", r.people.officer}} {
		scope, err := r.house.Access.Require(ctx, who.actor, access.Want{Act: charter.Search})
		if err != nil {
			return err
		}
		var times []float64
		for range 3 {
			for _, text := range typed {
				var reading int64
				for _, keystroke := range prefixes(text) {
					took, err := timed(func() error {
						hits, err := r.house.Members.Search(ctx, scope, member.Query{Text: keystroke, Reading: reading})
						if err == nil {
							reading = hits.Reading
						}
						return err
					})
					if err != nil {
						return err
					}
					times = append(times, took)
				}
			}
		}
		slices.Sort(times)
		r.within("search_"+who.name+"_p50", "ms", times[len(times)/2], floor, 0.7)
		r.within("search_"+who.name+"_p99", "ms", times[len(times)*99/100], 0, 2)
	}
	return nil
}

func prefixes(text string) (all []string) {
	for i := range text {
		if i > 0 {
			all = append(all, text[:i])
		}
	}
	return append(all, text)
}

// fullText gives the median of the same keystrokes in FTS5, prefixes of up to
// three letters indexed.
func (r *run) fullText(ctx context.Context) (ms float64, err error) {
	err = r.open(func(db *sql.DB) error {
		if _, err := db.Exec(`CREATE VIRTUAL TABLE words USING fts5(name, email, number, prefix = '1 2 3')`); err != nil {
			return err
		}
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		defer tx.Rollback()
		insert, err := tx.Prepare(`INSERT INTO words (name, email, number) VALUES (?, ?, ?)`)
		if err != nil {
			return err
		}
		err = r.eachPlain(func(m plainMember) error {
			_, err := insert.Exec(locale.Fold(m.name), m.email, m.number)
			return err
		})
		if err != nil {
			return err
		}
		if err := tx.Commit(); err != nil {
			return err
		}
		var times []float64
		for _, text := range typed {
			for _, keystroke := range prefixes(text) {
				took, err := timed(func() error { return look(ctx, db, keystroke) })
				if err != nil {
					return err
				}
				times = append(times, took)
			}
		}
		slices.Sort(times)
		ms = times[len(times)/2]
		_, err = db.Exec(`DROP TABLE words`)
		return err
	})
	return ms, err
}

// look reads one page of hits.
func look(ctx context.Context, db *sql.DB, text string) error {
	var match []string
	for _, word := range strings.Fields(locale.Fold(text)) {
		match = append(match, fmt.Sprintf("%q*", word))
	}
	rows, err := db.QueryContext(ctx, `SELECT rowid, name FROM words WHERE words MATCH ? ORDER BY name LIMIT 50`, strings.Join(match, " "))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		var name string
		if err := rows.Scan(&id, &name); err != nil {
			return err
		}
	}
	return rows.Err()
}
