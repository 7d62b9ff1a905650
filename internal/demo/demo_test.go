package demo

import (
	"bytes"
	"io"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/app"
	"kartotek/internal/charter"
	"kartotek/internal/database/databasetest"
	"kartotek/internal/fault"
	"kartotek/internal/member"
)

// The whole federation comes through the acts everybody uses: the import takes
// every invented row, every board is filled, everybody shown can sign in.
func TestBuild(t *testing.T) {
	for _, engine := range []string{"sqlite", "postgresql"} {
		t.Run(engine, func(t *testing.T) {
			dir := t.TempDir()
			c := app.Config{Data: filepath.Join(dir, "data"), Keys: filepath.Join(dir, "keys"), URL: "http://localhost"}
			if engine == "postgresql" {
				c.DSN = databasetest.DSN(t)
			}
			h, logins, err := Build(t.Context(), c, Options{Members: 1500, Charter: "party-dk", Seed: 1})
			if err != nil {
				t.Fatal(err)
			}
			defer h.Close()

			roles := map[string]int{}
			for _, l := range logins {
				roles[l.Role]++
			}
			for role, want := range map[string]int{
				"secretariat": 2, "chair": 1, "membership-officer": 1, "treasurer": 1, "regional-chair": 1, "member": 1,
			} {
				if roles[role] != want {
					t.Errorf("%d logins as %s, want %d", roles[role], role, want)
				}
			}
			if n := h.Units.Tree().Len(); n != 1+10+92+1 {
				t.Errorf("%d bodies", n)
			}
			scope, err := h.Access.Decide(access.Actor{Person: logins[0].Person}, access.Want{Act: charter.Search})
			if err != nil {
				t.Fatal(err)
			}
			hits, err := h.Members.Search(t.Context(), scope, member.Query{})
			if err != nil || hits.Total != 1500 {
				t.Errorf("the secretariat finds %d members, %v", hits.Total, err)
			}
			for _, l := range logins {
				_, err := h.Access.Decide(access.Actor{Person: l.Person}, access.Want{Act: charter.Search})
				if denied := fault.Is(err, fault.Denied); denied != (l.Role == "member" || l.Role == "regional-chair") {
					t.Errorf("%s searching: %v", l.Role, err)
				}
			}
			if late, err := h.Duties.Late(t.Context(), "destroy-list", h.Access.Today()); err != nil || len(late) != 1 {
				t.Errorf("%d overdue lists, %v", len(late), err)
			}
			if report, err := h.Journal.Verify(t.Context(), nil); err != nil || len(report.Problems) > 0 {
				t.Errorf("the journal: %+v, %v", report.Problems, err)
			}
		})
	}
}

func TestSeedDecidesEverything(t *testing.T) {
	write := func(seed uint64) []byte {
		rng := rand.New(rand.NewPCG(seed, 1))
		all, err := bodies(rng)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if _, err := io.Copy(&b, file(rng, all, 3000, civil.Date{Year: 2026, Month: time.November, Day: 22})); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	if !bytes.Equal(write(1), write(1)) {
		t.Error("one seed, two federations")
	}
	if bytes.Equal(write(1), write(2)) {
		t.Error("two seeds, one federation")
	}
}

func BenchmarkBuild(b *testing.B) {
	for b.Loop() {
		dir := b.TempDir()
		c := app.Config{Data: filepath.Join(dir, "data"), Keys: filepath.Join(dir, "keys"), URL: "http://localhost"}
		h, _, err := Build(b.Context(), c, Options{Members: 50_000, Charter: "party-dk", Seed: 1})
		if err != nil {
			b.Fatal(err)
		}
		h.Close()
	}
}
