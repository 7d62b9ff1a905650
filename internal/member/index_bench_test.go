package member

import (
	"database/sql"
	"flag"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/RoaringBitmap/roaring/v2"
	_ "modernc.org/sqlite"

	"kartotek/internal/locale"
	"kartotek/internal/vault"
)

// go test ./internal/member -run '^$' -bench . -benchtime 1x [-members 1000000]
var members = flag.Int("members", 100_000, "members in benchmarks")

type population struct {
	index *index
	build time.Duration
	bytes uint64
}

// populate builds the index of invented members once a test run.
var populate = sync.OnceValue(func() population {
	all := make([]subject, *members)
	for i := range all {
		all[i] = inventedSubject(1, i)
	}
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	p := population{index: newIndex("da")}
	start := time.Now()
	b := newBuilder(p.index)
	for i := range all {
		b.add(&all[i])
	}
	b.finish()
	p.build = time.Since(start)
	runtime.GC()
	runtime.ReadMemStats(&after)
	p.bytes = after.HeapAlloc - before.HeapAlloc
	runtime.KeepAlive(all)
	return p
})

func BenchmarkIndexBuild(b *testing.B) {
	p := populate()
	for b.Loop() {
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(p.build.Seconds()*1e6/float64(*members), "s/million")
	b.ReportMetric(float64(p.bytes)/float64(*members), "bytes/member")
}

// keystrokes is what people type, letter by letter.
var keystrokes = func() (all []string) {
	for _, text := range []string{
		"anna jensen", "jens", "søren østergaard", "mette m niel", "christensen", "hansen peter", "bjerregaard ida", "aagaard",
		"anders.christ", "anna@", "@hotmail.com", "20 31 44", "+45 61 22", "500512", "li", "xenia", "j j j", "zoe nguyen", "langstrup",
	} {
		for i := range text {
			if i > 0 {
				all = append(all, text[:i])
			}
		}
		all = append(all, text)
	}
	return all
}()

// BenchmarkKeystroke: every keystroke, by the secretariat and by an officer,
// against SQLite's FTS5 on the same members in plain text.
func BenchmarkKeystroke(b *testing.B) {
	x := populate().index
	floor := ftsKeystrokes(b)
	for name, w := range map[string]within{"secretariat": {all: true}, "officer": {units: roaring.BitmapOf(33)}} {
		b.Run(name, func(b *testing.B) {
			var times []time.Duration
			slowest := map[time.Duration]string{}
			for b.Loop() {
				for _, text := range keystrokes {
					start := time.Now()
					x.find(w, text, 0, 50)
					took := time.Since(start)
					times = append(times, took)
					slowest[took] = text
				}
			}
			slices.Sort(times)
			p50, p99 := times[len(times)/2], times[len(times)*99/100]
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(p50.Microseconds())/1000, "p50-ms")
			b.ReportMetric(float64(p99.Microseconds())/1000, "p99-ms")
			b.ReportMetric(float64(floor)/float64(p50), "×fts5-p50")
			b.Logf("slowest %q %v; FTS5 p50 %v", slowest[times[len(times)-1]], times[len(times)-1], floor)
		})
	}
}

// ftsKeystrokes gives the median of the same keystrokes in FTS5, prefixes of up
// to three letters indexed, names and addresses in plain text.
func ftsKeystrokes(b *testing.B) time.Duration {
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	must := func(query string, args ...any) {
		if _, err := db.Exec(query, args...); err != nil {
			b.Fatal(err)
		}
	}
	must(`CREATE VIRTUAL TABLE member USING fts5(name, email, phone, number, unit UNINDEXED, prefix = '1 2 3')`)
	must(`BEGIN`)
	insert, err := db.Prepare(`INSERT INTO member (name, email, phone, number, unit) VALUES (?, ?, ?, ?, ?)`)
	if err != nil {
		b.Fatal(err)
	}
	for i := range *members {
		s := inventedSubject(1, i)
		if _, err := insert.Exec(locale.Fold(s.given+" "+s.family), s.contact.email, s.contact.phone, s.contact.number, int64(s.belongs[0].unit)); err != nil {
			b.Fatal(err)
		}
	}
	must(`COMMIT`)
	var times []time.Duration
	for _, text := range keystrokes {
		var match []string
		for _, word := range strings.Fields(locale.Fold(text)) {
			if word = strings.Trim(word, "@+."); word != "" {
				match = append(match, fmt.Sprintf("%q*", word))
			}
		}
		if len(match) == 0 {
			continue
		}
		start := time.Now()
		rows, err := db.Query(`SELECT rowid, name FROM member WHERE member MATCH ? ORDER BY name LIMIT 50`, strings.Join(match, " "))
		if err != nil {
			b.Fatal(err)
		}
		for rows.Next() {
			var id int64
			var name string
			if err := rows.Scan(&id, &name); err != nil {
				b.Fatal(err)
			}
		}
		if err := rows.Err(); err != nil {
			b.Fatal(err)
		}
		times = append(times, time.Since(start))
	}
	slices.Sort(times)
	return times[len(times)/2]
}

// BenchmarkIndexPut: one member changed, and one erased and back.
func BenchmarkIndexPut(b *testing.B) {
	x := populate().index
	b.Run("change", func(b *testing.B) {
		n := 0
		for b.Loop() {
			s := inventedSubject(2, n%*members)
			x.put(s)
			n += 7919
		}
	})
	b.Run("remove", func(b *testing.B) {
		n := 0
		for b.Loop() {
			person := vault.PersonID(n%*members + 1)
			x.remove(person)
			x.put(inventedSubject(1, int(person)-1))
			n += 7919
		}
	})
}

// BenchmarkLetters: the guide tabs of the whole register.
func BenchmarkLetters(b *testing.B) {
	x := populate().index
	for b.Loop() {
		x.letters(within{all: true})
	}
}

// BenchmarkDeepPage: the middle of everybody.
func BenchmarkDeepPage(b *testing.B) {
	x := populate().index
	for b.Loop() {
		x.find(within{all: true}, "", *members/2, 50)
	}
}
