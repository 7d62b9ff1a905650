package departure_test

import (
	"slices"
	"testing"

	"github.com/golang-sql/civil"

	"kartotek/internal/app/housetest"
	"kartotek/internal/database/faulttest"
	"kartotek/internal/departure"
	"kartotek/internal/journal"
	"kartotek/internal/vault"
)

// Killed at any step of ending what law kept: the next start leaves no row and no
// byte of what has lost its key, the next sweep ends the rest, what is kept longer
// stays, and nothing ends twice (L7).
func TestL7KilledAtEveryStepOfEndingWhatWasKept(t *testing.T) {
	ends := []civil.Date{date(2026, 12, 31), date(2027, 12, 31), date(2031, 12, 31)}
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx, all := f.Context(), books{}
		var outside []byte
		for i, name := range []string{"member", "neighbour"} {
			for j, on := range []civil.Date{date(2021, 6, 1), date(2022, 6, 1), date(2026, 6, 1)} {
				all.paid(f, name, "gentofte", on, int64(100+j), []string{"A-1", "A-2", "A-3"}[j])
			}
			_, err := f.Departures.Close(ctx, f.As("anna"), f.Person(name), "resignation", true)
			f.Must(err)
			_, err = f.Departures.Confirm(ctx, f.As("bo"), f.Person(name))
			f.Must(err)
			if n := len(sealed(f, f.Person(name))); n != 3 {
				t.Fatalf("%d rows of person %d are kept", n, i)
			}
		}
		member, neighbour := f.Person("member"), f.Person("neighbour")
		before := append(sealed(f, member), sealed(f, neighbour)...)
		f.Must(f.House.Close())
		base := f.Config
		points, seen := departure.EndPoints(), map[string]int{}
		if base.DSN != "" { // every house costs a copy of a database there
			points = []string{"end keys", "end rows"}
		}
		for i, point := range points {
			if f.Config = base; i < len(points)-1 { // each stop in a house of its own; the last in the first
				f.Must(f.Open())
				f.Config = f.OldRegister()
				f.Must(f.House.Close())
				keys := f.OldKeys()
				keys.Data, keys.DSN = f.Config.Data, f.Config.DSN
				f.Config = keys
			}
			f.Clock.Set(noon(date(2028, 1, 1)))
			killed(t, doom{Data: f.Config.Data, Keys: f.Config.Keys, DSN: f.Config.DSN, Now: f.Clock.Now(), Point: point, Times: seen[point]})
			seen[point]++
			f.Must(f.Open())
			ended := f.Departures.Afterlife(member).Ended
			months := 2
			if point == "end intent" || point == "end keys" {
				months = seen["end keys"]
			}
			if len(ended) != months {
				t.Errorf("%s: after the start %v has ended", point, ended)
			}
			for _, person := range []vault.PersonID{member, neighbour} {
				if rows := len(sealed(f, person)); rows != 3-len(ended) {
					t.Errorf("%s: after the start %d rows of person %d, %d have ended", point, rows, person, len(ended))
				}
			}
			left := bytesLeft(t, f, before)
			if want := 2 * (3 - len(ended)); f.Config.DSN == "" && left != want {
				t.Errorf("%s: after the start the files hold %d of %d, want %d", point, left, len(before), want)
			}
			want := 2
			if len(ended) == 2 {
				want = 0
			}
			if n, err := f.Departures.EndKept(ctx); n != want || err != nil {
				t.Errorf("%s: the next sweep ends of %d persons, %v", point, n, err)
			}
			if after := f.Departures.Afterlife(neighbour); !slices.Equal(after.Ended, ends[:2]) || !slices.Equal(after.Until, ends[2:]) {
				t.Errorf("%s: %+v", point, after)
			}
			if got := keptBy(f, "treasurer", "gentofte"); !slices.Equal(got, []string{"A-3 2031-12-31", "A-3 2031-12-31"}) {
				t.Errorf("%s: kept %v", point, got)
			}
			ledger, err := f.Keyring.Ledger(ctx, 1)
			f.Must(err)
			if len(ledger) != 6 { // two persons, and two months of each
				t.Errorf("%s: the ledger has %d entries", point, len(ledger))
			}
			// The erasure, and the ending as often as it was begun.
			if n := entries(t, f, member, journal.Erase); n != 2+want/2 {
				t.Errorf("%s: journaled %d times", point, n)
			}
			report, err := f.Journal.Verify(ctx, outside)
			if err != nil || !report.Sound() {
				t.Errorf("%s: the journal: %+v, %v", point, report.Problems, err)
			}
			f.Must(f.Keyring.VerifyLedger(ctx))
			f.Must(f.Keyring.Healthy())
			f.Must(f.House.Close())
		}
		f.Must(f.Open())
		faulttest.Tell(t, "killed at %d points", len(points))
	}, housetest.At(noon(date(2026, 11, 22))))
}

// bytesLeft counts which of some sealed bytes lie in any file of the house.
func bytesLeft(t *testing.T, f *housetest.Fixture, all [][]byte) (left int) {
	files := housetest.Files(t, f.Config.Data)
	for _, one := range all {
		if len(scan(t, files, [][]byte{one})) > 0 {
			left++
		}
	}
	return left
}
