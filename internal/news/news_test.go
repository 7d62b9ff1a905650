package news_test

import (
	"slices"
	"testing"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/app/housetest"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/member"
	"kartotek/internal/news"
	"kartotek/internal/vault"
)

// digest is what somebody of the cast is told.
func digest(t *testing.T, f *housetest.Fixture, who string, since time.Time) *news.Digest {
	t.Helper()
	d, err := f.News.Since(f.Context(), f.Scope(who, access.Want{Act: charter.Search}), since)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func looked(f *housetest.Fixture, who string) {
	f.Must(f.News.Looked(f.Context(), f.Scope(who, access.Want{Act: charter.Search}), f.Clock.Now()))
	f.Clock.Add(time.Minute)
}

// An officer who comes back is told what is new in their own body and no other
// (D11), and once they have looked, nothing more of it.
func TestSinceYouLastLooked(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		if d := digest(t, f, "officer", time.Time{}); d.Joined.GetCardinality() != 6 {
			t.Errorf("at first %d joined, not the six of the cast", d.Joined.GetCardinality())
		}
		looked(f, "officer")
		looked(f, "anna")
		if d := digest(t, f, "officer", time.Time{}); !d.Empty() {
			t.Errorf("just looked, and yet %+v", d)
		}

		office := f.Scope("anna", access.Want{Act: charter.Edit})
		f.Join("new", "gentofte", map[string]string{"given": "Ny", "family": "Nysen"}, false)
		f.Must(f.Members.Move(f.Context(), office, f.Person("lyngby member"), f.Bodies["lyngby"], f.Bodies["gentofte"]))
		f.Must(f.Members.Move(f.Context(), office, f.Person("neighbour"), f.Bodies["gentofte"], f.Bodies["odense"]))
		_, err := f.Members.Update(f.Context(), office, f.Person("member"), member.Changes{Values: map[string]string{"email": "ny@example.dk"}})
		f.Must(err)
		_, err = f.Departures.Close(f.Context(), f.As("anna"), f.Person("secret"), "resignation", false)
		f.Must(err)
		_, err = f.Departures.Close(f.Context(), f.As("anna"), f.Person("treasurer"), "death", false)
		f.Must(err)

		d := digest(t, f, "officer", time.Time{})
		if !only(d.Joined.ToArray(), f.Person("new")) || !only(d.Arrived.ToArray(), f.Person("lyngby member")) || !only(d.Changed.ToArray(), f.Person("member")) {
			t.Errorf("joined %v arrived %v changed %v", d.Joined, d.Arrived, d.Changed)
		}
		if d.Moved != 1 || d.Left != 1 || d.Died != 1 {
			t.Errorf("moved %d left %d died %d", d.Moved, d.Left, d.Died)
		}
		if fields := d.Fields[f.Person("member")]; !slices.Equal(fields, []string{"email"}) {
			t.Errorf("changed fields %v", fields)
		}
		if d := digest(t, f, "other chair", f.Clock.Now().Add(-time.Second)); d.Moved != 1 || !d.Joined.IsEmpty() || !d.Arrived.IsEmpty() {
			t.Errorf("Lyngby is told %+v", d)
		}
		if d := digest(t, f, "anna", time.Time{}); d.Moved != 0 || d.Arrived.GetCardinality() != 2 {
			t.Errorf("within the whole register nobody moved away: %+v", d)
		}

		// What is taken back is no news, and an undone closing is no leaving.
		f.Must(f.Departures.Undo(f.Context(), f.As("anna"), f.Person("secret")))
		f.Must(f.Members.Move(f.Context(), office, f.Person("neighbour"), f.Bodies["odense"], f.Bodies["gentofte"]))
		if d := digest(t, f, "officer", time.Time{}); d.Left != 0 || d.Moved != 0 {
			t.Errorf("after all: left %d moved %d", d.Left, d.Moved)
		}
		f.Reopen()
		if d := digest(t, f, "officer", time.Time{}); d.Died != 1 || !only(d.Joined.ToArray(), f.Person("new")) {
			t.Errorf("after a start: %+v", d)
		}
	})
}

func only(all []uint32, person vault.PersonID) bool {
	return len(all) == 1 && all[0] == uint32(person)
}

// News end by themselves: the rows go, and so does the key they are sealed under.
func TestNewsEnd(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		rows := func() (n int) {
			f.Must(f.DB.Read(f.Context(), func(q database.Querier) error { return q.QueryRow(`SELECT COUNT(*) FROM news`).Scan(&n) }))
			return n
		}
		if rows() == 0 {
			t.Fatal("nothing is remembered")
		}
		began := f.Clock.Now()
		f.Clock.Add(100 * 24 * time.Hour)
		f.Must(f.News.Ready(f.Context()))
		if d := digest(t, f, "officer", began.Add(-time.Hour)); d.Joined.IsEmpty() {
			t.Error("gone before its time")
		}
		f.Clock.Add(60 * 24 * time.Hour)
		if _, err := f.Keyring.DropOneOffs(f.Context(), f.Clock.Now()); err != nil {
			t.Fatal(err)
		}
		if d := digest(t, f, "officer", began.Add(-time.Hour)); !d.Joined.IsEmpty() {
			t.Error("opens after its key has ended")
		}
		due, _, err := f.News.Due(f.Context(), f.Clock.Now())
		f.Must(err)
		if n, err := f.News.Sweep(f.Context(), f.Clock.Now()); err != nil || n == 0 || n != due {
			t.Errorf("%d went of %d, %v", n, due, err)
		}
		if n := rows(); n != 0 {
			t.Errorf("%d rows are left", n)
		}
	})
}

// L1: a copy of the register does not tell who belongs where.
func TestL1NewsAreSealed(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		f.Must(f.DB.Read(f.Context(), func(q database.Querier) error {
			rows, err := q.Query(`SELECT key_id, sealed FROM news`)
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				var key int64
				var sealed []byte
				if err := rows.Scan(&key, &sealed); err != nil {
					return err
				}
				if _, err := f.Keyring.OpenOnce(key, sealed); err != nil {
					t.Error(err)
				}
				if _, err := f.Keyring.OpenOnce(key+1, sealed); err == nil {
					t.Error("opens under another key")
				}
			}
			return rows.Err()
		}))
	})
}
