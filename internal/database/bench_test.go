package database_test

import (
	"math/rand"
	"testing"

	"kartotek/internal/database"
	"kartotek/internal/database/databasetest"
)

const insertRecord = "INSERT INTO record (kind, person, id, class, version, sealed) VALUES ($1, $2, $3, $4, $5, $6)"

// sealedBytes is about the size of a sealed profile.
var sealedBytes = make([]byte, 250)

// BenchmarkInsert repeats one statement in one act, as an import does. The
// floor asked of SQLite is 150,000 simple inserts a second.
func BenchmarkInsert(b *testing.B) {
	databasetest.EachBenchmark(b, func(b *testing.B, db *database.DB) {
		act(b, db, func(tx *database.Tx) error {
			for n := int64(0); b.Loop(); n++ {
				if _, err := tx.Exec("INSERT INTO journal_position (position, entry) VALUES ($1, $2)", n, n); err != nil {
					return err
				}
			}
			return nil
		})
		perSecond(b, 1)
	})
}

// BenchmarkInsertRecord does so with rows the size of a sealed record.
func BenchmarkInsertRecord(b *testing.B) {
	databasetest.EachBenchmark(b, func(b *testing.B, db *database.DB) {
		act(b, db, func(tx *database.Tx) error {
			for n := int64(0); b.Loop(); n++ {
				if _, err := tx.Exec(insertRecord, 1, n, 1, 1, 1, sealedBytes); err != nil {
					return err
				}
			}
			return nil
		})
		perSecond(b, 1)
	})
}

// BenchmarkInsertEach does so together, which PostgreSQL gains by.
func BenchmarkInsertEach(b *testing.B) {
	databasetest.EachBenchmark(b, func(b *testing.B, db *database.DB) {
		act(b, db, func(tx *database.Tx) error {
			_, err := tx.ExecEach(insertRecord, func(yield func([]any) bool) {
				for n := int64(0); b.Loop() && yield([]any{1, n, 1, 1, 1, sealedBytes}); n++ {
				}
			})
			return err
		})
		perSecond(b, 1)
	})
}

// BenchmarkScan reads all records of a kind in order, as a start or a list does.
func BenchmarkScan(b *testing.B) {
	const persons = 20_000
	databasetest.EachBenchmark(b, func(b *testing.B, db *database.DB) {
		fill(b, db, persons)
		for b.Loop() {
			err := db.Read(ctx, func(q database.Querier) error {
				rows, err := q.Query("SELECT person, id, class, version, sealed FROM record WHERE kind = $1 ORDER BY person, id", 1)
				if err != nil {
					return err
				}
				var person, id, class, version int64
				var sealed []byte
				n := 0
				for ; rows.Next(); n++ {
					if err := rows.Scan(&person, &id, &class, &version, &sealed); err != nil {
						return err
					}
				}
				if n != persons {
					b.Errorf("%d rows", n)
				}
				return rows.Err()
			})
			if err != nil {
				b.Fatal(err)
			}
		}
		perSecond(b, persons)
	})
}

// BenchmarkGet reads one record in a reading of its own, as a page does.
func BenchmarkGet(b *testing.B) {
	const persons = 20_000
	databasetest.EachBenchmark(b, func(b *testing.B, db *database.DB) {
		fill(b, db, persons)
		for b.Loop() {
			err := db.Read(ctx, func(q database.Querier) error {
				var sealed []byte
				return q.QueryRow("SELECT sealed FROM record WHERE kind = $1 AND person = $2 AND id = $3",
					1, rand.Intn(persons), 1).Scan(&sealed)
			})
			if err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkAct is the smallest durable act: what every other is measured by.
func BenchmarkAct(b *testing.B) {
	databasetest.EachBenchmark(b, func(b *testing.B, db *database.DB) {
		for b.Loop() {
			act(b, db, func(tx *database.Tx) error {
				_, err := tx.Next("acts")
				return err
			})
		}
	})
}

// BenchmarkForget deletes one person's record and forgets it, among 20,000.
func BenchmarkForget(b *testing.B) {
	databasetest.EachBenchmark(b, func(b *testing.B, db *database.DB) {
		fill(b, db, 20_000)
		for person := 0; b.Loop(); person++ {
			act(b, db, func(tx *database.Tx) error {
				_, err := tx.Exec("DELETE FROM record WHERE kind = $1 AND person = $2", 1, person)
				return err
			})
			if err := db.Forget(ctx); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func act(b *testing.B, db *database.DB, fn func(tx *database.Tx) error) {
	b.Helper()
	if err := db.Write(ctx, fn); err != nil {
		b.Fatal(err)
	}
}

func fill(b *testing.B, db *database.DB, persons int) {
	b.Helper()
	act(b, db, func(tx *database.Tx) error {
		for n := range persons {
			if _, err := tx.Exec(insertRecord, 1, n, 1, 1, 1, sealedBytes); err != nil {
				return err
			}
		}
		return nil
	})
}

func perSecond(b *testing.B, rows int) {
	b.ReportMetric(float64(b.N*rows)/b.Elapsed().Seconds(), "rows/s")
}
