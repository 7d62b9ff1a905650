package member

import (
	"reflect"
	"strings"
	"testing"

	"github.com/golang-sql/civil"

	"kartotek/internal/charter"
	"kartotek/internal/record"
)

var day = civil.Date{Year: 2026, Month: 11, Day: 22}

func partyChecker(t testing.TB) *checker {
	c, err := charter.Load("party-dk")
	if err != nil {
		t.Fatal(err)
	}
	return newChecker(c, day)
}

func TestValues(t *testing.T) {
	check := partyChecker(t)
	for _, c := range []struct{ field, raw, value, problem string }{
		{"given", "  ANNE-MARIE ", "Anne-Marie", ""},
		{"given", "12", "", "member.error.name"},
		{"given", "a@b", "", "member.error.name"},
		{"given", "010190-1234", "", "member.error.identity"},
		{"family", "van der Berg", "van der Berg", ""},
		{"family", strings.Repeat("a", 101), "", "member.error.too_long"},
		{"number", " 100 101 ", "100101", ""},
		{"number", "M-77", "M-77", ""},
		{"number", "M/77", "", "member.error.number"},
		{"number", "0101901234", "", "member.error.identity"},
		{"birth", "3. september 1989", "1989-09-03", ""},
		{"birth", "03-09-89", "1989-09-03", ""},
		{"birth", "2027-01-01", "", "member.error.birth_future"},
		{"birth", "1889-01-01", "", "member.error.date"},
		{"birth", "1901-01-01", "1901-01-01", ""},
		{"birth", "22-11-2011", "2011-11-22", ""}, // fifteen today
		{"birth", "23-11-2011", "", "member.error.child"},
		{"birth", "soon", "", "member.error.date"},
		{"birth", "190190-1234", "", "member.error.identity"},
		{"joined", "23-11-2026", "", "member.error.joined_future"},
		{"joined", "22-11-2026", "2026-11-22", ""},
		{"email", " Anna.Jensen@Example.DK ", "anna.jensen@example.dk", ""},
		{"email", "anna@", "", "member.error.email"},
		{"email", "010190-1234@example.dk", "", "member.error.identity"},
		{"phone", "10 26 47 95", "+4510264795", ""},
		{"phone", "+47 912 34 567", "+4791234567", ""},
		{"phone", "1026", "", "member.error.phone"},
		{"mobile", "0101901234", "", "member.error.identity"},
		{"postal", "DK-2100", "DK-2100", ""}, // finished by whole
		{"town", "KØBENHAVN Ø", "København Ø", ""},
		{"address", "Østergade 12\r\n 2. tv.", "Østergade 12, 2. tv.", ""},
		{"country", "Danmark", "DK", ""},
		{"country", "germany", "DE", ""},
		{"country", "se", "SE", ""},
		{"country", "Atlantis", "", "member.error.country"},
		{"sex", "Kvinde", "female", ""},
		{"sex", "?", "", "member.error.choice"},
		{"email", "   ", "", ""},
	} {
		f, known := check.charter.Field(c.field)
		if !known {
			t.Fatal(c.field)
		}
		if value, problem := check.value(f, c.raw); value != c.value || problem != c.problem {
			t.Errorf("%s %q: %q %q, want %q %q", c.field, c.raw, value, problem, c.value, c.problem)
		}
	}
}

func TestFullName(t *testing.T) {
	check := partyChecker(t)
	for raw, want := range map[string][2]string{
		"Anna Friis Jensen":    {"Anna Friis", "Jensen"},
		"JENSEN, ANNA":         {"Anna", "Jensen"},
		"Jens van der Berg":    {"Jens", "van der Berg"},
		"Cher":                 {"Cher", ""},
		"Anne-Marie Østergård": {"Anne-Marie", "Østergård"},
	} {
		var p Profile
		if problem := check.setFullName(&p, raw); problem != "" || p.Given != want[0] || p.Family != want[1] {
			t.Errorf("%q: %q %q %s", raw, p.Given, p.Family, problem)
		}
	}
}

func TestWhole(t *testing.T) {
	check := partyChecker(t)
	for _, c := range []struct{ postal, country, want, wantCountry, problem string }{
		{"DK-2100", "", "2100", "", ""},
		{"2100", "DK", "2100", "", ""},
		{"12345", "", "12345", "", "member.error.postal"},
		{"12345", "SE", "123 45", "SE", ""},
		{"AB1 2CD", "GB", "AB1 2CD", "GB", ""},
		{"", "NO", "", "NO", ""},
	} {
		p := Profile{Postal: c.postal, Country: c.country}
		_, problem := check.whole(&p)
		if problem != c.problem || p.Postal != c.want || p.Country != c.wantCountry {
			t.Errorf("%+v: %+v %s", c, p, problem)
		}
	}
	if missing := check.required(&Profile{Given: "Anna"}); missing != "" {
		t.Errorf("one name is enough, %s is missing", missing)
	}
	if missing := check.required(&Profile{Family: "Jensen"}); missing != "given" {
		t.Errorf("missing %q", missing)
	}
}

func full() Profile {
	p := invented(3, 7)
	p.Country, p.Mobile, p.Language = "SE", "+4670123", "da"
	p.SecretAddress, p.Restricted, p.Objections = true, true, []string{"newsletter", "invitation"}
	p.Extra = map[string]string{"allergy": "nuts", "shirt": "L"}
	return p
}

func TestProfileForm(t *testing.T) {
	p := full()
	form := encodeProfile(nil, &p)
	var back Profile
	if err := decodeProfile(form, &back); err != nil || !reflect.DeepEqual(p, back) {
		t.Errorf("%+v comes back as %+v, %v", p, back, err)
	}
	clear(form) // what was read stays when the source is reused
	if back.Family != p.Family {
		t.Error("the profile shares the source's bytes")
	}
	m := Membership{Unit: 12, Category: "ordinary", From: day, Until: day, State: Passive}
	var mBack Membership
	if err := Memberships.Decode(Memberships.Encode(nil, &m), &mBack); err != nil || m != mBack {
		t.Errorf("%+v comes back as %+v, %v", m, mBack, err)
	}
	for _, code := range []string{"number", "given", "birth", "address", "allergy"} {
		value := p.Value(code)
		p.set(code, "")
		if p.Value(code) != "" {
			t.Errorf("%s is not emptied", code)
		}
		p.set(code, value)
	}
	if !reflect.DeepEqual(p, back) {
		t.Error("what was emptied does not come back")
	}
}

// Whatever the bytes, reading ends without harm, and what can be read is
// written and read again alike.
func FuzzProfileForm(f *testing.F) {
	p := full()
	f.Add(encodeProfile(nil, &p))
	f.Add(Memberships.Encode(nil, &Membership{Unit: 3, Category: "ordinary", From: day}))
	f.Add([]byte{0x92, 0x01, 0x02, 0x0a, 0xff})
	f.Fuzz(func(t *testing.T, src []byte) {
		var first, second Profile
		if decodeProfile(src, &first) == nil {
			if err := decodeProfile(encodeProfile(nil, &first), &second); err != nil || !reflect.DeepEqual(first, second) {
				t.Errorf("%+v is read again as %+v, %v", first, second, err)
			}
			profileWords(&first)
		}
		var m, again Membership
		if Memberships.Decode(src, &m) == nil {
			if err := Memberships.Decode(Memberships.Encode(nil, &m), &again); err != nil || m != again {
				t.Errorf("%+v is read again as %+v, %v", m, again, err)
			}
			Memberships.Words(&m)
		}
	})
}

func BenchmarkDecodeProfile(b *testing.B) {
	p := invented(1, 1)
	form := encodeProfile(nil, &p)
	b.ReportAllocs()
	for b.Loop() {
		var back Profile
		if err := decodeProfile(form, &back); err != nil {
			b.Fatal(err)
		}
	}
}

var _ = record.Kinds // the kinds are declared when the package is
