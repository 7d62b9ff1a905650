package bench

import (
	"context"
	"database/sql"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"runtime"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/journal"
)

// decision measures whether somebody may, in time and in allocations.
func (r *run) decision(context.Context) error {
	const times = 200_000
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	for range times {
		if _, err := r.house.Access.Decide(r.people.officer, access.Want{Act: charter.Search}); err != nil {
			return err
		}
	}
	took := time.Since(start)
	runtime.ReadMemStats(&after)
	r.within("decision", "ns", float64(took.Nanoseconds())/times, 0, 300)
	r.within("decision_allocations", "", float64((after.Mallocs-before.Mallocs)/times), 0, 0)
	return nil
}

// act holds an act with its journal entry against the same without, in turns.
func (r *run) act(ctx context.Context) error {
	const times = 200
	var with, without float64
	value := make([]byte, 300)
	for i := range times {
		for _, journaled := range []bool{i%2 == 0, i%2 != 0} {
			binary.BigEndian.PutUint64(value, uint64(i)) // the same once more would write nothing
			value[8]++
			took, err := timed(func() error {
				return r.house.DB.Write(ctx, func(tx *database.Tx) error {
					if _, err := tx.Exec(`INSERT INTO register (name, value) VALUES ('bench', $1) ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
						value); err != nil || !journaled {
						return err
					}
					_, err := r.house.Journal.Append(tx, &journal.Entry{
						Act: journal.Edit, Actor: uint32(r.people.office.Person), Post: "member-service", Right: string(access.ByPosition), Via: string(access.Console),
						Fields: []string{"email"}, Persons: journal.Set(uint32(r.people.second.Person)),
					})
					return err
				})
			})
			if err != nil {
				return err
			}
			if journaled {
				with += took
			} else {
				without += took
			}
		}
	}
	r.against("act", "ms", with/times, without/times, 1.5)
	return nil
}

// listsPulled is on how many lists a person is looked for.
const listsPulled = 10_000

// recipients measures on which of 10,000 lists a person is, beside a scan of all
// the lists' sets.
func (r *run) recipients(ctx context.Context) error {
	random := rand.New(rand.NewPCG(1, 2))
	person := uint32(r.Members / 2)
	var found, scanned []int64
	err := r.open(func(plain *sql.DB) error {
		if _, err := plain.Exec(`CREATE TABLE list (number INTEGER PRIMARY KEY, persons BLOB)`); err != nil {
			return err
		}
		for from := 0; from < listsPulled; from += 500 {
			sets := make([][]byte, 500)
			err := r.house.DB.Write(ctx, func(tx *database.Tx) error {
				for n := range sets {
					set := roaring.New()
					for range 1000 {
						set.Add(random.Uint32N(uint32(r.Members)) + 1)
					}
					if n%100 == 0 { // some are of everybody
						set.AddRange(1, uint64(r.Members)+1)
					}
					var err error
					if sets[n], err = set.ToBytes(); err != nil {
						return err
					}
					if _, err := r.house.Journal.Append(tx, &journal.Entry{Act: journal.List, Number: int64(from+n) + 1_000_000, Persons: set}); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				return err
			}
			if err := keepSets(ctx, plain, from, sets); err != nil {
				return err
			}
		}
		var ours, floor float64
		for range 3 { // in turns, the quickest counts
			scan, err := timed(func() (err error) {
				scanned, err = scanSets(ctx, plain, person)
				return err
			})
			if err != nil {
				return err
			}
			look, err := timed(func() (err error) {
				found, err = r.house.Journal.Lists(ctx, person)
				return err
			})
			if err != nil {
				return err
			}
			ours, floor = least(ours, look), least(floor, scan)
		}
		r.within("recipients", "ms", ours, floor, 20)
		return nil
	})
	if err == nil && len(found) < len(scanned) {
		err = fmt.Errorf("bench: the journal knows %d lists, the scan %d", len(found), len(scanned))
	}
	return err
}

func keepSets(ctx context.Context, plain *sql.DB, from int, sets [][]byte) error {
	tx, err := plain.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	for n, set := range sets {
		if _, err := tx.Exec(`INSERT INTO list (number, persons) VALUES (?, ?)`, from+n, set); err != nil {
			return err
		}
	}
	return tx.Commit()
}

func scanSets(ctx context.Context, plain *sql.DB, person uint32) (numbers []int64, err error) {
	rows, err := plain.QueryContext(ctx, `SELECT number, persons FROM list`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	set := roaring.New()
	for rows.Next() {
		var number int64
		var persons []byte
		if err := rows.Scan(&number, &persons); err != nil {
			return nil, err
		}
		if _, err := set.FromBuffer(persons); err != nil {
			return nil, err
		}
		if set.Contains(person) {
			numbers = append(numbers, number)
		}
	}
	return numbers, rows.Err()
}
