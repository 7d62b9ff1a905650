package app_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kartotek/internal/app/housetest"
	"kartotek/internal/database"
	"kartotek/internal/member"
	"kartotek/internal/record"
	"kartotek/internal/signin"
)

// rows are things of every age that a random register holds, as its rooms write them.
var rows = []string{
	`INSERT INTO duty (id, kind, subject, post, due_on, created_at, done_at, outcome) VALUES ($1, 'close-membership', 1, 'close', '2026-01-01', $2, $2, 'done')`,
	`INSERT INTO duty (id, kind, subject, post, due_on, created_at, outcome) VALUES ($1, 'close-membership', 1, 'close', '2026-01-01', $2, '')`,
	`INSERT INTO import_mapping (id, unit, name, signature, columns, made_at, used_at) VALUES ($1, 1, $3, $4, $4, $2, $2)`,
	`INSERT INTO signin_limit (subject, used, ends_at) VALUES ($4, $1, $2)`,
	`INSERT INTO access_history (id, mark, kind, code, unit, acts, from_day, until_day, begun_at, ended_at, began, ended, planned) VALUES ($1, $1, 'post', 'chair', 1, '', '2016-01-01', '', 1, $2, '', '', '')`,
	`INSERT INTO extract (number, entry, unit, purpose, format, recipient, post, members, fields, pulled_at, destroy_by, digital_at, physical_at, attested_by) VALUES ($1, 1, 1, 'newsletter', 'csv', 1, '', 1, '', $2, '2026-01-01', $2, $2, 1)`,
	`INSERT INTO extract (number, entry, unit, purpose, format, recipient, post, members, fields, pulled_at, destroy_by) VALUES ($1, 1, 1, 'newsletter', 'csv', 1, '', 1, '', $2, '2026-01-01')`,
	`INSERT INTO round (number, unit, purpose, begun_by, begun_at, ends_on, members, waiting, ended_at, key_id, sealed) VALUES ($1, 1, 'newsletter', 1, $2, '2099-01-01', 1, 0, $2, 0, $4)`,
	`INSERT INTO news (id, unit, kind, at, persons, key_id, sealed) VALUES ($1, 1, 1, $2, 1, 0, $4)`,
	`INSERT INTO letter (id, person, key_id, sealed, holds, created_at, due_on, state, state_at, ends_at) VALUES ($1, 1, 0, $4, 0, $2, '2026-01-01', 'posted', $2, $2)`,
	`INSERT INTO letter (id, person, key_id, sealed, holds, created_at, due_on, state, state_at, ends_at) VALUES ($1, 1, 0, $4, 0, $2, '2026-01-01', 'dropped', $2, $2)`,
	`INSERT INTO retention_run (number, rule, by_at, told, taken, brake, began_at, ended_at) VALUES ($1, 'duty', $2, 1, 1, 0, $2, $2)`,
	`INSERT INTO certificate (person, number, sealed, made_at, ends_at) VALUES ($1, $3, $4, 1, $2)`,
}

// A sweep takes what was told for its moment, all of it and nothing else, whatever the
// register holds (N14).
func TestN14WhatIsToldIsTaken(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		const first = 1_000_000
		id := int64(first)
		took := map[string]int{}
		rapid.Check(t, func(t *rapid.T) {
			now := f.Clock.Now()
			moment := rapid.Custom(func(t *rapid.T) time.Time {
				days := rapid.SampledFrom([]int{0, 1, 20, 29, 30, 31, 61, 119, 120, 121, 700, 729, 731, 760, 1820, 1830, 2900}).Draw(t, "days")
				return now.AddDate(0, 0, -days).Add(-time.Duration(rapid.IntRange(0, 86399).Draw(t, "seconds")) * time.Second)
			})
			person := f.Person("member")
			f.Must(f.DB.Write(f.Context(), func(tx *database.Tx) error {
				insert := func(text string, at time.Time) error {
					id++
					text, args := numbered(text, []any{id, at.UnixMicro(), fmt.Sprint("n", id), []byte(fmt.Sprint("b", id))})
					_, err := tx.Exec(text, args...)
					return err
				}
				if id == first { // one of each that is over by any rule
					for _, text := range rows {
						if err := insert(text, now.AddDate(0, 0, -2900)); err != nil {
							return err
						}
					}
				}
				for range rapid.IntRange(0, 12).Draw(t, "rows") {
					if err := insert(rapid.SampledFrom(rows).Draw(t, "row"), moment.Draw(t, "at")); err != nil {
						return err
					}
				}
				id++
				day := f.Charter.Today(moment.Draw(t, "until"))
				if err := record.Create(f.Records, tx, member.Formers, person, uint64(id), &member.Former{Given: "Før", Since: day, Until: day}); err != nil {
					return err
				}
				return record.Create(f.Records, tx, signin.Devices, person, uint64(id), &signin.Device{What: "x/y", Until: moment.Draw(t, "device")})
			}))
			by := now.AddDate(0, 0, rapid.SampledFrom([]int{-400, -10, 0, 0, 300}).Draw(t, "by"))
			for _, r := range f.Retention.Rules() {
				if r.Work == nil || r.Forever {
					continue
				}
				told, err := r.Work.Due(f.Context(), by)
				f.Must(err)
				taken, err := r.Work.End(f.Context(), by)
				f.Must(err)
				left, err := r.Work.Due(f.Context(), by)
				f.Must(err)
				if taken != told.Due || left.Due != 0 {
					t.Fatalf("%s: told %d, took %d, %d left", r.Code, told.Due, taken, left.Due)
				}
				// A letter and a round that end stay a while without what they said.
				if gone := told.All - left.All; gone != taken && r.Code != "correspondence" && r.Code != "letter" && r.Code != "round" && r.Code != "sign-in" {
					t.Fatalf("%s: took %d and %d are gone", r.Code, taken, gone)
				}
				took[r.Code] += taken
			}
		})
		for _, code := range []string{"duty", "mapping", "sign-in", "access-history", "list", "round", "news", "letter", "sweep", "certificate", "former-name"} {
			if took[code] == 0 {
				t.Errorf("nothing of %s was ever taken", code)
			}
		}
	})
}

// numbered are a statement with the arguments it names, numbered anew.
func numbered(text string, args []any) (string, []any) {
	var named []any
	for i := range args {
		if old := fmt.Sprintf("$%d", i+1); strings.Contains(text, old) {
			named = append(named, args[i])
			text = strings.ReplaceAll(text, old, fmt.Sprintf("$#%d", len(named)))
		}
	}
	return strings.ReplaceAll(text, "$#", "$"), named
}
