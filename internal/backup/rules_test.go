package backup

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/golang-sql/civil"
	"pgregory.net/rapid"

	"kartotek/internal/fault"
)

// values of every kind a column can hold.
func anyValue() *rapid.Generator[any] {
	return rapid.OneOf(
		rapid.Just[any](nil), rapid.Map(rapid.Int64(), func(n int64) any { return n }), rapid.Map(rapid.String(), func(s string) any { return s }),
		rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) any { return append([]byte{}, b...) }),
		rapid.Map(rapid.Float64(), func(f float64) any { return f }), rapid.Map(rapid.Bool(), func(b bool) any { return b }),
	)
}

func TestRowsReadBackAsTheyWereWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		columns := rapid.SliceOfN(rapid.String(), 1, 6).Draw(t, "columns")
		plain := chunkHeader("table", columns)
		var rows [][]any
		for range rapid.IntRange(0, 20).Draw(t, "rows") {
			row := rapid.SliceOfN(anyValue(), len(columns), len(columns)).Draw(t, "row")
			for _, v := range row {
				var err error
				if plain, err = appendValue(plain, v); err != nil {
					t.Fatal(err)
				}
			}
			rows = append(rows, row)
		}
		var read [][]any
		err := readChunk(plain, func(_ string, _ []string, row []any) error {
			read = append(read, append([]any(nil), row...))
			return nil
		})
		if err != nil || fmt.Sprintf("%#v", read) != fmt.Sprintf("%#v", rows) {
			t.Fatalf("%v: %#v, want %#v", err, read, rows)
		}
		if len(rows) > 0 && len(columns) > 1 { // of one column a row may be one byte
			if err := readChunk(plain[:len(plain)-1], func(string, []string, []any) error { return nil }); err == nil {
				t.Fatal("a cut was not seen")
			}
		}
	})
}

func FuzzReadChunk(f *testing.F) {
	row, _ := appendValue(nil, int64(7))
	f.Add(append(chunkHeader("t", []string{"a"}), row...))
	f.Fuzz(func(t *testing.T, plain []byte) {
		_ = readChunk(plain, func(string, []string, []any) error { return nil })
	})
}

func FuzzManifest(f *testing.F) {
	m := manifest{Archive: Archive{ID: newID(time.Now()), Keyring: "ab", At: time.Now().UTC()}, sealed: []byte("x")}
	f.Add([]byte(magicSeed(&m)))
	f.Fuzz(func(t *testing.T, raw []byte) {
		signed, list, _, err := parts(bytes.NewReader(raw), true)
		if err != nil {
			return
		}
		if chunks, ok := parseList(list); ok && !bytes.Equal(listOf(chunks), list) {
			t.Error("a list reads otherwise than it is written")
		}
		if parsed, _, _, err := parseNote(string(signed)); err == nil && parsed.Rows < 0 {
			t.Error("rows below none")
		}
	})
}

func magicSeed(m *manifest) string {
	note, list := m.noteOf(nil, m.sealed), listOf(m.Chunks)
	return fmt.Sprintf("%s %d %d %d\n%s%s%s", manifestMagic, len(note), len(list), len(m.sealed), note, list, m.sealed)
}

// Between two moments of the schedule there is none, the day has as many as it
// should, and what is due is due once.
func TestTheScheduleKeepsItsTimes(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Copenhagen")
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		at, times := rapid.IntRange(0, 1439).Draw(t, "at"), rapid.SampledFrom([]int{1, 2, 3, 4, 6, 8, 12, 24}).Draw(t, "times")
		plan, err := ParseSchedule(fmt.Sprintf("%02d:%02d", at/60, at%60), times, zone)
		if err != nil {
			t.Fatal(err)
		}
		now := time.Unix(rapid.Int64Range(1_790_000_000, 1_830_000_000).Draw(t, "now"), 0)
		last, next := plan.around(now)
		apart := 24 * time.Hour / time.Duration(times)
		if last.After(now) || !next.After(now) || next.Sub(last) > apart+time.Hour || next.Sub(last) < apart-time.Hour {
			t.Fatalf("%v is between %v and %v", now, last, next)
		}
		if again, _ := plan.around(next); !again.Equal(next) {
			t.Fatalf("%v is followed by %v", next, again)
		}
		if (standing{good: last, tried: last}).due(plan, now) {
			t.Fatal("due although it is done")
		}
		if !(standing{good: last.Add(-time.Second), tried: last.Add(-time.Second)}).due(plan, last.Add(retryAfter)) {
			t.Fatal("not due although it is time")
		}
	})
	for _, bad := range []string{"", "24:00", "7", "02:60", "x"} {
		if _, err := ParseSchedule(bad, 1, zone); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if _, err := ParseSchedule("02:30", 25, zone); !fault.Is(err, fault.Invalid) {
		t.Error(err)
	}
	if day := drillDay(civil.Date{Year: 2026, Month: 11, Day: 22}, 3); day != (civil.Date{Year: 2027, Month: 2, Day: 22}) {
		t.Error(day)
	}
}

// No rule of retention takes the last way back.
func TestRetentionNeverTakesTheLastGoodArchive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := time.Unix(1_800_000_000, 0)
		var all []Archive
		good := 0
		for range rapid.IntRange(0, 12).Draw(t, "archives") {
			a := Archive{ID: fmt.Sprint(len(all)), Keyring: rapid.SampledFrom([]string{"ours", "theirs"}).Draw(t, "keyring")}
			before := time.Duration(0)
			if len(all) > 0 {
				before = now.Sub(all[len(all)-1].At)
			} else {
				before = 400 * 24 * time.Hour
			}
			a.At = now.Add(-time.Duration(rapid.Int64Range(0, int64(before)).Draw(t, "age")))
			if a.Keyring == "theirs" || rapid.Bool().Draw(t, "damaged") {
				a.Problem = refused(damaged, a.ID)
			} else {
				good++
			}
			all = append(all, a)
		}
		gone := expired(all, "ours", now, 90)
		for _, a := range gone {
			if a.Keyring != "ours" || now.Sub(a.At) < 89*24*time.Hour {
				t.Fatalf("%+v was taken", a)
			}
			if a.Problem == nil {
				good--
			}
		}
		if len(gone) > 0 && good == 0 {
			for _, a := range all {
				if a.Problem == nil {
					t.Fatal("the last good one was taken")
				}
			}
		}
	})
}
