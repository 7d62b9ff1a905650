package member

import (
	"slices"
	"testing"
	"time"

	"github.com/golang-sql/civil"
	"pgregory.net/rapid"
)

func someone(t *rapid.T, label string) Profile {
	pick := func(of ...string) string { return rapid.SampledFrom(of).Draw(t, label) }
	p := Profile{
		Given: pick("Anna", "Anna Marie", "Kristian", "Christian", "A.", "Bo"), Family: pick("Berg", "Friis Jensen", "Jensen", "Pedersen", "Petersen", ""),
		Email: pick("", "a@example.dk", "b@example.dk"), Phone: pick("", "+4510264795", "+4510264796"),
		Street: pick("", "Strandvejen 12", "Storgade 1"), Postal: pick("", "2900"), SecretAddress: rapid.Bool().Draw(t, label),
	}
	if year := rapid.IntRange(1969, 1972).Draw(t, label); year > 1969 {
		p.Birth = civil.Date{Year: year, Month: time.Month(rapid.IntRange(1, 2).Draw(t, label)), Day: rapid.IntRange(1, 2).Draw(t, label)}
	}
	return p
}

// Issue 3: the rule behind the proposals can be trusted: it does not depend on who
// is asked about whom, another birth date is never certain, and what is secret
// counts for nothing.
func TestLikenessRules(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, q := someone(t, "p"), someone(t, "q")
		a, b := traitsOf(&p), traitsOf(&q)
		points, reasons, certain := likeness(&a, &b)
		back, again, alike := likeness(&b, &a)
		if points != back || certain != alike || !slices.Equal(reasons, again) {
			t.Fatalf("%d %v %v one way, %d %v %v the other", points, reasons, certain, back, again, alike)
		}
		if certain && (p.Birth != q.Birth || p.Birth.IsZero() || p.Name() != q.Name() || points < likelyFrom) {
			t.Fatalf("certain: %+v %+v (%d)", p, q, points)
		}
		if (p.SecretAddress || q.SecretAddress) && slices.Contains(reasons, likeAddress) {
			t.Fatal("a secret address counts")
		}
		if points >= likelyFrom && len(reasons) == 0 {
			t.Fatal("proposed without a reason")
		}
		if self, _, _ := likeness(&a, &a); self < points {
			t.Fatalf("more like another (%d) than themselves (%d)", points, self)
		}
		// One more thing in common never makes two persons less alike.
		if p.Email != "" && q.Email != "" && p.Email != q.Email {
			b.email = a.email
			if more, _, _ := likeness(&a, &b); more < points {
				t.Fatalf("the same e-mail takes %d down to %d", points, more)
			}
		}
	})
}

// Whom the rule proposes, and whom not.
func TestLikenessOfPeople(t *testing.T) {
	day := func(s string) civil.Date { return valueDate(s) }
	for _, c := range []struct {
		name   string
		a, b   Profile
		likely bool
	}{
		{"same name and day", Profile{Given: "Anna", Family: "Berg", Birth: day("1970-01-02")}, Profile{Given: "Anna", Family: "Berg", Birth: day("1970-01-02")}, true},
		{"same name, another day", Profile{Given: "Jens", Family: "Jensen", Birth: day("1970-01-02")}, Profile{Given: "Jens", Family: "Jensen", Birth: day("1955-07-09")}, false},
		{"nothing but the name", Profile{Given: "Anna", Family: "Berg"}, Profile{Given: "Anna", Family: "Berg", Email: "a@example.dk"}, true},
		{"the name, and another address of e-mail", Profile{Given: "Test", Family: "Nummer", Email: "1@example.dk"}, Profile{Given: "Test", Family: "Nummer", Email: "2@example.dk"}, false},
		{"married, same phone", Profile{Given: "Anna", Family: "Berg", Birth: day("1970-01-02"), Phone: "+4510264795"}, Profile{Given: "Anna", Family: "Holm", Birth: day("1970-01-02"), Phone: "+4510264795"}, true},
		{"a couple", Profile{Given: "Anna", Family: "Berg", Birth: day("1970-01-02"), Email: "berg@example.dk", Phone: "+4510264795", Street: "Vej 1", Postal: "2900"},
			Profile{Given: "Bo", Family: "Berg", Birth: day("1968-03-04"), Email: "berg@example.dk", Phone: "+4510264795", Street: "Vej 1", Postal: "2900"}, false},
		{"it sounds the same", Profile{Given: "Christian", Family: "Petersen", Birth: day("1970-01-02")}, Profile{Given: "Kristian", Family: "Pedersen", Birth: day("1970-01-02")}, true},
		{"a middle name left out, same mail", Profile{Given: "Anna", Family: "Jensen", Email: "a@example.dk"}, Profile{Given: "Anna", Family: "Friis Jensen", Email: "a@example.dk"}, true},
		{"names the other way round", Profile{Given: "Berg", Family: "Anna", Birth: day("1970-01-02")}, Profile{Given: "Anna", Family: "Berg", Birth: day("1970-01-02")}, true},
		{"day and month swapped, same street", Profile{Given: "Anna", Family: "Berg", Birth: day("1970-01-02"), Street: "Vej 1"}, Profile{Given: "Anna", Family: "Berg", Birth: day("1970-02-01"), Street: "Vej 1"}, true},
	} {
		a, b := traitsOf(&c.a), traitsOf(&c.b)
		if points, reasons, _ := likeness(&a, &b); points >= likelyFrom != c.likely {
			t.Errorf("%s: %d points for %v", c.name, points, reasons)
		}
	}
}
