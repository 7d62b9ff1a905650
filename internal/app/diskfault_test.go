package app_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"kartotek/internal/app"
	"kartotek/internal/app/housetest"
	"kartotek/internal/database/faulttest"
	"kartotek/internal/fault"
	"kartotek/internal/locale"
)

// A disk that is full, that can only be read, or that fails: the act is refused in
// words that say what is wrong, in each language; nothing of it is there; and when
// the disk is well the next act goes through, without a start in between.
func TestAHouseOnADiskThatFails(t *testing.T) {
	ways := []struct {
		key string
		how faulttest.Failure
		on  []faulttest.Kind
	}{
		{"app.trouble.full", faulttest.Full, []faulttest.Kind{faulttest.Write}},
		{"app.trouble.read_only", faulttest.Protected, []faulttest.Kind{faulttest.Write, faulttest.Truncate, faulttest.Create}},
		{"app.trouble.disk", faulttest.WriteFails, []faulttest.Kind{faulttest.Write, faulttest.Truncate}},
		{"app.trouble.disk", faulttest.SyncFails, []faulttest.Kind{faulttest.Sync}},
		{"app.trouble.disk", faulttest.ReadFails, []faulttest.Kind{faulttest.Read}},
	}
	total, refused := runsOf(15), tally{}
	for run := range total {
		way := &ways[run%len(ways)]
		rng := rand.New(rand.NewPCG(uint64(run), 13))
		l := beginLife(t, uint64(run))
		l.disk.Forget()
		l.silent = true
		l.House.Mail.Stop(l.Context()) // so that only the act meets the failing disk
		for act := range 12 {
			wait, hit := rng.IntN(12), false
			before := truthOf(t, l.DB)
			members, closed := len(l.members), len(l.closed)
			l.disk.Break(func(op *faulttest.Op) faulttest.Failure {
				for _, kind := range way.on {
					if op.Kind == kind {
						if wait--; wait < 0 {
							hit = true
							return way.how
						}
					}
				}
				return faulttest.Failure{}
			})
			name, _, err := l.act()
			l.disk.Break(nil)
			where := fmt.Sprintf("run %d, %s, act %d, %s", run, way.key, act, name)
			if err == nil {
				continue
			}
			if !hit {
				t.Fatalf("%s: the disk is well: %v", where, err)
			}
			if e := app.Plain(err); e.Code != fault.Unavailable || e.Key != way.key && e.Key != "journal.error.unwritten" {
				t.Errorf("%s: it is told as %s: %v", where, e.Key, err)
			}
			refused[way.key]++
			// What belongs to several steps rolls on; everything else is as it was.
			if now := truthOf(t, l.DB); name != "erase" && name != "deliver" {
				for _, table := range told {
					if gone := difference(before[table], now[table]); gone != "" {
						t.Errorf("%s: refused, and yet %s has changed:\n%s", where, table, gone)
					}
				}
			}
			l.members, l.closed = l.members[:min(members, len(l.members))], l.closed[:min(closed, len(l.closed))]
			if err := l.rolls(l.House, refused); err != nil {
				t.Errorf("%s: %v", where, err)
			}
		}
		l.live(3)
		l.Must(l.House.Close())
		l.Must(l.Open())
		if report, err := l.Journal.Verify(l.Context(), nil); err != nil || !report.Sound() {
			t.Errorf("run %d: the journal: %+v, %v", run, report.Problems, err)
		}
		l.Must(l.Keyring.Healthy())
		l.Must(l.Keyring.VerifyLedger(l.Context()))
	}
	faulttest.Tell(t, "%d houses, refused: %v", total, refused)
	for _, way := range ways {
		if refused[way.key] == 0 {
			t.Errorf("nothing was refused for %s", way.key)
		}
		for _, lang := range []string{"da", "nb", "sv", "en"} {
			if p := locale.For(lang); !p.Has(way.key) {
				t.Errorf("%s: no words for %s", lang, way.key)
			}
		}
	}
}

// A start on a disk that cannot be written to says so.
func TestAStartOnADiskThatFails(t *testing.T) {
	dir := faulttest.Scratch(t)
	f := housetest.New(t, func(c *app.Config) { c.Data, c.Keys = filepath.Join(dir, "data"), filepath.Join(dir, "keys") })
	f.Must(f.House.Close())
	disk := faulttest.Watch(t, dir)
	for how, key := range map[faulttest.Failure]string{
		faulttest.Protected: "app.trouble.read_only", faulttest.FullWhole: "app.trouble.full", faulttest.NoMemory: "app.trouble.full",
	} {
		disk.Break(func(op *faulttest.Op) faulttest.Failure {
			if op.Kind == faulttest.Read {
				return faulttest.Failure{}
			}
			return how
		})
		err := f.Open()
		disk.Break(nil)
		if err == nil {
			t.Fatalf("%s: it opens", key)
		}
		if e := app.Plain(err); e.Key != key {
			t.Errorf("%s: it is told as %s: %v", key, e.Key, err)
		}
	}
	f.Must(f.Open())
}
