package access

import (
	"testing"

	"github.com/golang-sql/civil"

	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/journal"
)

// What a review suspends opens nothing, says why, stands in the history, and is given
// back whole; it is suspended after a restart too.
func TestD14ASuspendedAccessOpensNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		chair, staff := w.person("gentofte"), w.staff("member-service")
		if err := w.appoint(staff, chair, "chair", "gentofte", civil.Date{}); err != nil {
			t.Fatal(err)
		}
		id := w.Held(chair)[0].Basis.ID
		within := func(act func(tx *database.Tx) error) {
			t.Helper()
			if err := w.db.Write(t.Context(), act); err != nil {
				t.Fatal(err)
			}
		}
		opens := func(when, want string) {
			t.Helper()
			_, denied := w.opens(chair, charter.View, "gentofte", "")
			expect(t, when, denied, want)
		}
		opens("before", "")
		within(func(tx *database.Tx) error { return w.Halt(tx, chair, id, 7) })
		opens("suspended", "access.denied.halted")
		if err := w.Load(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		opens("suspended, after a restart", "access.denied.halted")
		if officers := w.Officers(w.bodies["gentofte"], charter.View); len(officers) != 0 {
			t.Errorf("duties of the body still go to %v", officers)
		}
		all := must(w.Decide(Actor{Person: staff}, Want{Act: charter.Access}))(t)
		if halted := must(w.Halted(all))(t); len(halted) != 1 || halted[0].Person != chair || halted[0].May != 0 || halted[0].Halted != w.Today() {
			t.Errorf("suspended are %+v", halted)
		}
		past := must(w.HoldersOn(t.Context(), all, w.Today()))(t)
		if n := len(past); n != 2 || past[1].Ended != wordHalted {
			t.Errorf("the day tells %+v", past)
		}
		within(func(tx *database.Tx) error { return w.Resume(tx, chair, id) })
		opens("resumed", "")

		var until civil.Date
		within(func(tx *database.Tx) (err error) {
			if err := w.Halt(tx, chair, id, 7); err != nil {
				return err
			}
			until, err = w.EndReviewed(tx, all.Entry(journal.Dismiss), chair, id)
			return err
		})
		opens("ended", "access.denied.term")
		within(func(tx *database.Tx) error {
			return w.Reopen(tx, all.Entry(journal.Appoint), chair, Basis{Right: ByPost, ID: id, Until: until})
		})
		opens("given back", "")
		if err := w.Load(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		opens("given back, after a restart", "")
	})
}
