package journal

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"kartotek/internal/database"
	"kartotek/internal/database/databasetest"
)

// BenchmarkJournaledAct is an act (a sealed record of 300 bytes written) with
// its journal entry; "×plain" is its time beside that of the same act without.
// The goal is 1.5. Both are run in turns, so that they meet the same disk.
func BenchmarkJournaledAct(b *testing.B) {
	databasetest.EachBenchmark(b, func(b *testing.B, db *database.DB) {
		j := open(b, db)
		sealed := make([]byte, 300)
		var id int64
		act := func(journaled bool) time.Duration {
			id++
			begun := time.Now()
			must(b, db.Write(ctx, func(tx *database.Tx) error {
				_, err := tx.Exec(`INSERT INTO record (kind, person, id, class, version, sealed) VALUES (1, $1, 0, 1, 1, $2)`, id, sealed)
				if err == nil && journaled {
					_, err = j.Append(tx, &Entry{Act: Edit, Actor: 7, Post: "chair", Unit: 3, Right: "post", Via: "web",
						Purpose: "administration", Fields: []string{"email"}, Persons: Set(uint32(id))})
				}
				return err
			}))
			return time.Since(begun)
		}
		act(true)
		act(false)
		var with, without time.Duration
		for b.Loop() {
			with += act(true)
			without += act(false)
		}
		b.ReportMetric(with.Seconds()*1e6/float64(b.N), "µs/journaled")
		b.ReportMetric(without.Seconds()*1e6/float64(b.N), "µs/plain")
		b.ReportMetric(with.Seconds()/without.Seconds(), "×plain")
	})
}

// BenchmarkReadings are openings by many readers at once, which share commits.
func BenchmarkReadings(b *testing.B) {
	databasetest.EachBenchmark(b, func(b *testing.B, db *database.DB) {
		j := open(b, db)
		b.SetParallelism(16)
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if _, err := j.Read(ctx, &Entry{Act: Opened, Actor: 7, Right: "post", Persons: Set(rand.Uint32N(1_000_000))}); err != nil {
					b.Error(err)
				}
			}
		})
	})
}

// BenchmarkOnWhichLists asks on which of 10,000 lists one of 1,000,000 persons
// is. Every list has persons in nearly every chunk, and the person's neighbours
// have been opened 20,000 times. The floor beside it scans every list's set,
// stored whole; the goal is 20 ms.
func BenchmarkOnWhichLists(b *testing.B) {
	const lists, persons = 10_000, 1_000_000
	databasetest.EachBenchmark(b, func(b *testing.B, db *database.DB) {
		j := open(b, db)
		random := rand.New(rand.NewPCG(1, 2))
		whole := roaring.New()
		whole.AddRange(1, persons+1)
		blob := "BLOB"
		if db.Engine() == database.PostgreSQL {
			blob = "BYTEA"
		}
		must(b, db.Write(ctx, func(tx *database.Tx) error {
			_, err := tx.Exec(`CREATE TABLE whole_set (entry BIGINT PRIMARY KEY, bits ` + blob + `)`)
			return err
		}))
		for from := 0; from < lists; from += 500 {
			must(b, db.Write(ctx, func(tx *database.Tx) error {
				for n := range 500 {
					set := roaring.New()
					if n%100 == 0 {
						set = whole
					} else {
						for range 1000 {
							set.Add(random.Uint32N(persons) + 1)
						}
					}
					id, err := j.Append(tx, &Entry{Act: List, Number: int64(from + n + 1), Persons: set})
					if err != nil {
						return err
					}
					bytes, err := set.ToBytes()
					if err != nil {
						return err
					}
					if _, err := tx.Exec(`INSERT INTO whole_set (entry, bits) VALUES ($1, $2)`, id, bytes); err != nil {
						return err
					}
				}
				return nil
			}))
		}
		const person = 500_000
		must(b, db.Write(ctx, func(tx *database.Tx) error {
			for range 20_000 {
				near := uint32(person)&^(chunkSize-1) | random.Uint32N(chunkSize)
				if _, err := j.Append(tx, &Entry{Act: Opened, Persons: Set(near)}); err != nil {
					return err
				}
			}
			return nil
		}))
		must(b, db.Forget(ctx)) // vacuums PostgreSQL, as it does by itself after a while
		scan := func() (n int) {
			must(b, db.Read(ctx, func(q database.Querier) error {
				found, err := q.Query(`SELECT entry, bits FROM whole_set`)
				if err != nil {
					return err
				}
				set := roaring.New()
				for found.Next() {
					var entry int64
					var bits []byte
					if err := found.Scan(&entry, &bits); err != nil {
						return err
					}
					if _, err := set.FromBuffer(bits); err != nil {
						return err
					}
					if set.Contains(person) {
						n++
					}
				}
				return found.Err()
			}))
			return n
		}
		want := scan()
		var ours, seen time.Duration
		for b.Loop() {
			begun := time.Now()
			got, err := j.Lists(ctx, person)
			must(b, err)
			if len(got) != want {
				b.Fatalf("on %d lists, want %d", len(got), want)
			}
			ours += time.Since(begun)
			begun = time.Now()
			_, err = j.About(ctx, person, Page{})
			must(b, err)
			seen += time.Since(begun)
		}
		begun := time.Now()
		scan()
		floor := time.Since(begun)
		each := ours / time.Duration(b.N)
		b.ReportMetric(each.Seconds()*1e3, "ms/lists")
		b.ReportMetric(seen.Seconds()*1e3/float64(b.N), "ms/about")
		b.ReportMetric(floor.Seconds()*1e3, "ms/scan")
		b.ReportMetric(floor.Seconds()/each.Seconds(), "×faster")
	})
}

// BenchmarkVerify verifies a journal of 100,000 openings, and shows the first
// and a later log page over it.
func BenchmarkVerify(b *testing.B) {
	const entries = 100_000
	databasetest.EachBenchmark(b, func(b *testing.B, db *database.DB) {
		j := open(b, db)
		for range entries / 1000 {
			must(b, db.Write(ctx, func(tx *database.Tx) error {
				drafts := make([]*draft, 1000)
				for i := range drafts {
					d, err := j.draft(&Entry{Act: Opened, Actor: rand.Uint32N(50) + 1, Post: "chair", Unit: 3, Right: "post",
						Via: "web", Purpose: "administration", Persons: Set(rand.Uint32N(1_000_000))})
					if err != nil {
						return err
					}
					drafts[i] = d
				}
				_, err := j.write(tx, drafts)
				return err
			}))
		}
		_, err := j.Checkpoint(ctx)
		must(b, err)
		begun := time.Now()
		page := func() {
			log, err := j.Recent(ctx, Filter{Actor: 7}, Page{})
			must(b, err)
			if len(log.Lines) != 50 {
				b.Fatal("no page")
			}
		}
		page()
		first := time.Since(begun)
		begun = time.Now()
		page()
		later := time.Since(begun)
		for b.Loop() {
			sound(b, j, nil, entries)
		}
		b.ReportMetric(entries*float64(b.N)/b.Elapsed().Seconds(), "entries/s")
		b.ReportMetric(first.Seconds()*1e3, "ms/firstpage")
		b.ReportMetric(later.Seconds()*1e3, "ms/page")
	})
}
