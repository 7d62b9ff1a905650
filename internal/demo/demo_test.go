package demo

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"io"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/app"
	"kartotek/internal/charter"
	"kartotek/internal/database/databasetest"
	"kartotek/internal/fault"
	"kartotek/internal/locale"
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

// N2, N8, N12, N13: the other charter's demo: clubs with boards under divisions,
// in three countries, everybody of age, and nobody outside the club's and the
// district's posts with access.
func TestBuildDistrict(t *testing.T) {
	dir := t.TempDir()
	c := app.Config{Data: filepath.Join(dir, "data"), Keys: filepath.Join(dir, "keys"), URL: "http://localhost"}
	h, logins, err := Build(t.Context(), c, Options{Members: 400, Charter: "club-no", Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	var roles []string
	for _, l := range logins {
		roles = append(roles, l.Role)
		_, err := h.Access.Decide(access.Actor{Person: l.Person}, access.Want{Act: charter.Search})
		if denied := fault.Is(err, fault.Denied); denied != (l.Role == "member" || l.Role == "law-committee") {
			t.Errorf("%s searching: %v", l.Role, err)
		}
	}
	want := []string{"district-office", "district-office", "administrator", "register-manager", "president", "secretary", "treasurer", "web-editor", "law-committee", "member"}
	if !slices.Equal(roles, want) {
		t.Errorf("logins as %q", roles)
	}
	tree := h.Units.Tree()
	if clubs, divisions := len(tree.AtLevel("club")), len(tree.AtLevel("division")); clubs != 20 || divisions != 8 {
		t.Errorf("%d clubs, %d divisions", clubs, divisions)
	}
	scope, err := h.Access.Decide(access.Actor{Person: logins[0].Person}, access.Want{Act: charter.Access})
	if err != nil {
		t.Fatal(err)
	}
	full, err := h.Access.Holders(scope)
	if err != nil {
		t.Fatal(err)
	}
	held := map[string]int{}
	for _, a := range full {
		held[a.Basis.Code]++
	}
	for _, post := range []string{"president", "secretary", "treasurer", "web-editor"} {
		if held[post] != 20 {
			t.Errorf("%d clubs have a %s", held[post], post)
		}
	}
	if held["register-manager"] != 1 {
		t.Errorf("%d register managers", held["register-manager"])
	}
	if late, err := h.Duties.Late(t.Context(), "destroy-list", h.Access.Today()); err != nil || len(late) != 1 {
		t.Errorf("%d overdue lists, %v", len(late), err)
	}
}

// What is invented for the district is right for its country: ages, postal
// codes, telephone numbers that nobody has.
func TestDistrictIsPlausible(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	all, err := districtBodies(rng, 50_000)
	if err != nil || len(all) != 168 {
		t.Fatalf("%d bodies, %v", len(all), err)
	}
	codes := map[string]bool{}
	for _, b := range all {
		if codes[b.code] {
			t.Errorf("code %s twice", b.code)
		}
		codes[b.code] = true
	}
	today := civil.Date{Year: 2026, Month: time.November, Day: 22}
	in := csv.NewReader(file(district(""), rng, all, 5000, today))
	in.Comma = ';'
	countries := map[string]int{}
	for line := 0; ; line++ {
		row, err := in.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if line == 0 {
			continue
		}
		countries[row[8]]++
		country := cmp.Or(row[8], "NO")
		if code, ok := locale.Postal(row[6], country); !ok || code != row[6] {
			t.Errorf("%s: postal code %q", country, row[6])
		}
		born, _ := locale.ParseDate(row[4], locale.DayFirst)
		if age := today.Year - born.Year; age < 19 || age > 100 {
			t.Errorf("born %v", born)
		}
		for _, written := range row[10:12] {
			number, ok := locale.ParsePhone(written, "NO")
			if written == "" {
				continue
			}
			if !ok || !strings.HasPrefix(number, "+471") && !strings.HasPrefix(number, "+4510") &&
				!strings.HasPrefix(number, "+467017406") && !strings.HasPrefix(number, "+468465004") {
				t.Errorf("%q is a number somebody may have (%s, %v)", written, number, ok)
			}
		}
		if row[9] != "" && !strings.HasSuffix(row[9], ".example") {
			t.Errorf("the address %q may be somebody's", row[9])
		}
	}
	if countries[""] < 3500 || countries["DK"] < 200 || countries["SE"] < 200 {
		t.Errorf("members by country: %v", countries)
	}
}

func TestSeedDecidesEverything(t *testing.T) {
	for _, f := range []*federation{party(""), district("")} {
		testSeed(t, f)
	}
}

func testSeed(t *testing.T, f *federation) {
	write := func(seed uint64) []byte {
		rng := rand.New(rand.NewPCG(seed, 1))
		all, err := f.bodies(rng, 3000)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if _, err := io.Copy(&b, file(f, rng, all, 3000, civil.Date{Year: 2026, Month: time.November, Day: 22})); err != nil {
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

// What is written as the grounds of rights stands in the language the demo is made in.
func TestGroundsAreInTheDemosLanguage(t *testing.T) {
	for _, f := range []*federation{party("en"), district("en")} {
		for lang, want := range map[string]string{"en": "employed and trusted since", "da": "ansat og betroet siden", "nb": "ansatt og betrodd siden", "sv": "anställd och betrodd sedan"} {
			for _, who := range f.staff {
				if !strings.Contains(who.ground.in(lang), want) {
					t.Errorf("%s: %s", lang, who.ground.in(lang))
				}
			}
		}
		if basis := f.outside.printer.Contact.Basis; !strings.HasPrefix(basis, "Processing agreement") {
			t.Error(basis)
		}
		if text := f.outside.ground; text.in("fi") != text[0].text || text.in("en") == text.in("da") || text.in("sv") == text.in("nb") {
			t.Error(text)
		}
	}
}
