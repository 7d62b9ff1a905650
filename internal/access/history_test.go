package access

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/golang-sql/civil"
	"pgregory.net/rapid"

	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/vault"
)

// seen is who was seen to have access, by day: what Holders answered, asked
// after every act and at the beginning of every day.
type seen map[civil.Date]map[string]bool

// witness keeps what Holders answers now.
func (w *world) witness(t interface{ Fatal(...any) }, boss vault.PersonID, saw seen) {
	scope, err := w.Decide(Actor{Person: boss}, Want{Act: charter.Access})
	if err != nil {
		t.Fatal(err)
	}
	holders, err := w.Holders(scope)
	if err != nil {
		t.Fatal(err)
	}
	today := w.Today()
	if saw[today] == nil {
		saw[today] = map[string]bool{}
	}
	for _, h := range holders {
		saw[today][line(h)] = true
	}
}

func line(h Holding) string {
	return fmt.Sprintf("%s %s in %d, holding %d of %d", h.Basis.Right, h.Basis.Code, h.Basis.Unit, h.Basis.ID, h.Person)
}

// Random acts and a moving clock: the list of who had access on any past day is
// exactly who was seen to have it on that day, also after a restart (D3).
func TestD3AccessOverTimeIsWhatHoldersAnswered(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		boss, second := w.staff("member-service"), w.staff("it")
		var members []vault.PersonID
		for range 6 {
			members = append(members, w.person("gentofte"))
		}
		saw := seen{}
		suspended := map[vault.PersonID]bool{}
		rapid.Check(t, func(t *rapid.T) {
			hold := func(right Right) (all []Holding) {
				for person, held := range w.state.Load().held {
					for i := range held {
						if h := &held[i]; h.basis.Right == right && !suspended[person] && h.last >= w.today().number {
							all = append(all, Holding{Person: person, Basis: h.basis})
						}
					}
				}
				slices.SortFunc(all, func(a, b Holding) int { return int(a.Basis.ID) - int(b.Basis.ID) })
				return all
			}
			near := func(label string) civil.Date { return w.Today().AddDays(rapid.IntRange(-3, 5).Draw(t, label)) }
			fine := func(err error) {
				if err != nil && !fault.Is(err, fault.Invalid) && !fault.Is(err, fault.Conflict) && !fault.Is(err, fault.Denied) && !fault.Is(err, fault.NotFound) {
					t.Fatal(err)
				}
			}
			member := func() vault.PersonID { return rapid.SampledFrom(members).Draw(t, "member") }
			write := func(act func(tx *database.Tx) error) { fine(w.db.Write(t.Context(), act)) }
			w.witness(t, boss, saw)
			for range rapid.IntRange(1, 8).Draw(t, "acts") {
				switch rapid.IntRange(0, 9).Draw(t, "act") {
				case 0, 1, 2:
					post := rapid.SampledFrom([]string{"chair", "membership-officer", "treasurer"}).Draw(t, "post")
					a := Appointment{Unit: w.bodies["gentofte"], Post: post, From: near("from"), Ground: "elected"}
					if rapid.Bool().Draw(t, "ends") {
						a.Until = near("until")
					}
					_, err := w.Appoint(t.Context(), Actor{Person: boss}, member(), a)
					fine(err)
				case 3:
					if all := hold(ByPost); len(all) > 0 {
						h := rapid.SampledFrom(all).Draw(t, "post")
						fine(w.EndAppointment(t.Context(), Actor{Person: boss}, h.Person, h.Basis.ID, near("last")))
					}
				case 4, 5:
					if all := hold(ByPost); len(all) > 0 {
						h := rapid.SampledFrom(all).Draw(t, "covered")
						_, err := w.NameCover(t.Context(), Actor{Person: boss}, member(), h.Basis.ID, Cover{From: near("from"), Until: near("until"), Ground: "holiday"})
						fine(err)
					}
				case 6:
					if all := hold(ByCover); len(all) > 0 {
						h := rapid.SampledFrom(all).Draw(t, "cover")
						fine(w.EndCover(t.Context(), Actor{Person: boss}, h.Person, h.Basis.ID, near("last")))
					}
				case 7:
					if p := member(); suspended[p] {
						write(func(tx *database.Tx) error { return w.Restore(tx, p) })
						suspended[p] = false
					} else {
						write(func(tx *database.Tx) error { return w.Suspend(tx, p) })
						suspended[p] = true
					}
				case 8:
					_, err := w.Employ(t.Context(), Actor{Person: second}, boss, Position{Code: "dues", From: near("from"), Until: near("until"), Ground: "g"})
					fine(err)
				case 9: // a restart
					var hidden []vault.PersonID
					for p, away := range suspended {
						if away {
							hidden = append(hidden, p)
						}
					}
					fine(w.Load(t.Context(), hidden))
				}
				w.witness(t, boss, saw)
			}
			for range rapid.IntRange(0, 3).Draw(t, "days") {
				w.clock.set(w.charter.Midnight(w.Today().AddDays(1)).Add(time.Duration(rapid.IntRange(0, 20).Draw(t, "hour")) * time.Hour))
				w.witness(t, boss, saw)
			}
			w.agree(t, boss, saw)
		})
		for p := range suspended {
			delete(suspended, p)
		}
	})
}

// agree compares the history of every day with what was seen.
func (w *world) agree(t interface {
	Fatal(...any)
	Fatalf(string, ...any)
}, boss vault.PersonID, saw seen) {
	scope, err := w.Decide(Actor{Person: boss}, Want{Act: charter.Access})
	if err != nil {
		t.Fatal(err)
	}
	for on, want := range saw {
		past, err := w.HoldersOn(w.t.Context(), scope, on)
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]bool{}
		for _, p := range past {
			got[line(p.Holding)] = true
		}
		if !maps.Equal(got, want) {
			t.Fatalf("on %s\nthe history tells %v\nseen was          %v", on, slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)))
		}
	}
}

// Role, body and days stay when somebody is erased; nobody stands there then,
// and nothing puts two posts of theirs together. After the charter's years they go.
func TestD3HistoryAfterErasure(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		boss := w.staff("member-service")
		p := w.person("gentofte")
		if err := w.appoint(boss, p, "chair", "gentofte", date(2026, 11, 30)); err != nil {
			t.Fatal(err)
		}
		scope, err := w.Decide(Actor{Person: boss}, Want{Act: charter.Access, Unit: w.bodies["gentofte"]})
		if err != nil {
			t.Fatal(err)
		}
		on := func(d civil.Date) []Past { return must(w.HoldersOn(t.Context(), scope, d))(t) }
		if got := on(date(2026, 11, 25)); len(got) != 1 || got[0].Ground != "elected" || got[0].By != boss || got[0].Erased {
			t.Fatalf("before: %+v", got)
		}
		act := func(do func(tx *database.Tx) error) {
			t.Helper()
			if err := w.db.Write(t.Context(), do); err != nil {
				t.Fatal(err)
			}
		}
		w.clock.addDays(1)
		act(func(tx *database.Tx) error { return w.Suspend(tx, p) })
		w.clock.addDays(3)
		act(func(tx *database.Tx) error {
			if _, err := w.records.Delete(tx, p, vault.Membership); err != nil {
				return err
			}
			return w.Forget(tx, p, tx.Now())
		})
		got := on(date(2026, 11, 22))
		if len(got) != 1 || !got[0].Erased || got[0].Person != 0 || got[0].Basis.ID != 0 || got[0].Ground != "" || got[0].By != 0 {
			t.Fatalf("erased: %+v", got)
		}
		if b := got[0]; b.Basis.Code != "chair" || b.Basis.Until != date(2026, 11, 23) || b.Ended != wordClosed {
			t.Errorf("erased: %+v", b)
		}
		if after := on(date(2026, 11, 24)); len(after) != 0 {
			t.Errorf("the day after the closing: %+v", after)
		}
		if rows := chaptersAll(t, w); rows != 2 {
			t.Errorf("%d chapters", rows)
		}
		if _, err := w.Prune(t.Context(), time.Date(2031, 11, 20, 0, 0, 0, 0, time.UTC)); err != nil || len(on(date(2026, 11, 22))) != 1 {
			t.Errorf("gone too soon: %v", err)
		}
		if _, err := w.Prune(t.Context(), time.Date(2031, 12, 20, 0, 0, 0, 0, time.UTC)); err != nil || len(on(date(2026, 11, 22))) != 0 {
			t.Errorf("still there after the years: %v", err)
		}
	})
}

func chaptersAll(t *testing.T, w *world) (n int) {
	t.Helper()
	if err := w.db.Read(t.Context(), func(q database.Querier) error {
		all, err := chapters(q, `WHERE 1 = 1`)
		n = len(all)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return n
}

// A register from before the history gets one from its records at its first
// start, past posts too.
func TestD3HistoryBeginsWithTheRecords(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		boss, p := w.staff("member-service"), w.person("gentofte")
		if err := w.appoint(boss, p, "chair", "gentofte", date(2026, 6, 30)); err != nil {
			t.Fatal(err)
		}
		if err := w.db.Write(t.Context(), func(tx *database.Tx) error {
			if _, err := tx.Exec(`DELETE FROM register WHERE name = 'access history'`); err != nil {
				return err
			}
			_, err := tx.Exec(`DELETE FROM access_history WHERE id > $1`, int64(0))
			return err
		}); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := w.Load(t.Context(), nil); err != nil {
				t.Fatal(err)
			}
		}
		scope, err := w.Decide(Actor{Person: boss}, Want{Act: charter.Access})
		if err != nil {
			t.Fatal(err)
		}
		for on, want := range map[civil.Date]int{date(2026, 5, 1): 2, date(2026, 7, 1): 1, date(2019, 1, 1): 0} {
			if got := must(w.HoldersOn(t.Context(), scope, on))(t); len(got) != want {
				t.Errorf("on %s: %+v", on, got)
			}
		}
		if since := must(w.HistorySince(t.Context()))(t); since != w.Today() {
			t.Errorf("since %s", since)
		}
	})
}
