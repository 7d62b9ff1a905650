package locale

import (
	"testing"
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/fault"
)

func day(year, month, day int) civil.Date {
	return civil.Date{Year: year, Month: time.Month(month), Day: day}
}

func TestFor(t *testing.T) {
	for in, want := range map[string]string{
		"da": "da", "en": "en", "en-GB": "en", "da_DK": "da", "DA": "da", "": "da", "fr": "da", "xx-yy": "da", "nb": "nb", "nb_NO": "nb", "no": "nb", "nn": "nb", "sv": "sv", "sv-FI": "sv",
	} {
		if got := For(in).Lang(); got != want {
			t.Errorf("For(%q) = %s, want %s", in, got, want)
		}
	}
	for in, want := range map[string]string{
		"da-DK,da;q=0.9,en;q=0.8": "da", "en-US,en;q=0.9": "en", "": "da", "fr": "da", "nonsense;;": "da",
		"nb-NO,nb;q=0.9": "nb", "no": "nb", "nn-NO": "nb", "sv-SE": "sv", "sv-SE,sv;q=0.9,en;q=0.8": "sv", "sv-FI": "sv", "fi-FI,fi;q=0.9,sv;q=0.8,en;q=0.7": "sv", "fr,en;q=0.3": "en",
	} {
		if got := Match(in); got != want {
			t.Errorf("Match(%q) = %s, want %s", in, got, want)
		}
	}
}

type inLanguage map[string]string

func (w inLanguage) In(lang string) string { return w[lang] }

func TestT(t *testing.T) {
	da, en := For("da"), For("en")
	for got, want := range map[string]string{
		da.T("locale.days.today"):                    "i dag",
		da.T("locale.days.ahead", "count", 1):        "om 1 dag",
		da.T("locale.days.ahead", "count", 0):        "om 0 dage",
		da.T("locale.days.ahead", "count", 1234):     "om 1.234 dage",
		en.T("locale.days.ahead", "count", int64(1)): "in 1 day",
		en.T("locale.days.overdue", "count", 50000):  "50,000 days overdue",
		da.T("locale.days.ahead"):                    "om ⟦count⟧ dage",
		da.T("no.such.key"):                          "⟦no.such.key⟧",
		en.T("no.such.key", "a", 1):                  "⟦no.such.key⟧",
		da.T("fault.field.too_long", "limit", 2000):  "Højst 2.000 tegn.",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	m := &message{}
	m.forms[0] = []piece{{"", "v"}} // plural.Other
	da2 := *da
	v := &room{messages: map[string]*message{"v": m}}
	v.once.Do(func() {})
	da2.rooms = map[string]*room{"v": v}
	for _, c := range []struct {
		value any
		want  string
	}{
		{"text", "text"}, {1317, "1317"}, {uint32(7), "7"}, {day(2009, 9, 3), "3. september 2009"},
		{[]string{"navn", "adresse", "telefon"}, "navn, adresse og telefon"},
		{inLanguage{"da": "Kreds", "en": "Branch"}, "Kreds"}, {time.Minute, "1m0s"}, {1.5, "1.5"}, {true, "true"},
	} {
		if got := da2.T("v", "v", c.value); got != c.want {
			t.Errorf("%v: got %q, want %q", c.value, got, c.want)
		}
	}
}

func TestErrorInWords(t *testing.T) {
	da := For("da")
	err := fault.New(fault.Invalid, "fault.invalid").With("name", "fault.field.too_long", "limit", 80)
	if got := Error(da, err); got != "Noget i det indtastede skal rettes." {
		t.Error(got)
	}
	if got := FieldTexts(da, err); len(got) != 1 || got[0] != (FieldText{"name", "Højst 80 tegn."}) {
		t.Error(got)
	}
	if Error(da, nil) != "" || FieldTexts(da, nil) != nil {
		t.Error("something out of nothing")
	}
	internal := fault.From(errTest)
	for _, e := range []*fault.Error{internal, fault.New(fault.Internal, "fault.denied"), fault.New(fault.Denied, "no.such.key")} {
		if got := Error(da, e); got != da.T("fault.internal") {
			t.Errorf("%v: %q", e, got)
		}
	}
}

var errTest = civilError("some inner detail")

type civilError string

func (e civilError) Error() string { return string(e) }

func TestCalendar(t *testing.T) {
	da, en, nb, sv := For("da"), For("en"), For("nb"), For("sv")
	d := day(2009, 9, 3)
	moment := time.Date(2026, 11, 23, 23, 30, 0, 0, time.UTC)
	copenhagen, err := time.LoadLocation("Europe/Copenhagen")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ got, want string }{
		{da.Date(d), "3. september 2009"},
		{en.Date(d), "3 September 2009"},
		{da.ShortDate(day(2026, 11, 23)), "23.11.2026"},
		{da.ShortDate(d), "03.09.2009"},
		{en.ShortDate(day(2026, 11, 23)), "23 Nov 2026"},
		{da.WeekdayDate(d), "torsdag den 3. september 2009"},
		{en.WeekdayDate(d), "Thursday 3 September 2009"},
		{da.DateTime(moment, copenhagen), "24.11.2026 kl.\u00a000.30"},
		{en.DateTime(moment, copenhagen), "24 Nov 2026 at 00:30"},
		{en.DateTime(moment, nil), "23 Nov 2026 at 23:30"},
		{da.Time(moment, copenhagen), "00.30"},
		{nb.Date(d), "3. september 2009"}, {nb.WeekdayDate(d), "torsdag 3. september 2009"}, {nb.ShortDate(d), "03.09.2009"},
		{nb.DateTime(moment, copenhagen), "24.11.2026 kl.\u00a000.30"}, {nb.Month(time.May), "mai"}, {nb.Days(d.AddDays(2), d), "om 2 dager"},
		{nb.Due(d.AddDays(-1), d), "1 dag over fristen"},
		{sv.Date(day(2026, 11, 22)), "22 november 2026"}, {sv.WeekdayDate(d), "torsdag 3 september 2009"}, {sv.ShortDate(d), "2009-09-03"},
		{sv.DateTime(moment, copenhagen), "2026-11-24 kl.\u00a000.30"}, {sv.Days(d.AddDays(2), d), "om 2 dagar"}, {sv.Due(d.AddDays(-1), d), "1 dag över tiden"},
		{da.Weekday(time.Sunday), "søndag"},
		{da.Month(time.December), "december"},
		{da.MonthShort(time.May), "maj"},
		{da.Month(13), ""}, {da.Date(civil.Date{}), ""}, {da.DateTime(time.Time{}, nil), ""},
		{da.Days(d, d), "i dag"},
		{da.Days(d.AddDays(1), d), "i morgen"},
		{da.Days(d.AddDays(-1), d), "i går"},
		{da.Days(d.AddDays(7), d), "om 7 dage"},
		{da.Days(d.AddDays(-3), d), "for 3 dage siden"},
		{da.Due(d.AddDays(-3), d), "3 dage over fristen"},
		{da.Due(d.AddDays(-1), d), "1 dag over fristen"},
		{da.Due(d.AddDays(7), d), "om 7 dage"},
		{en.Due(d.AddDays(-1), d), "1 day overdue"},
		{en.Days(d.AddDays(2), d), "in 2 days"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestNumbers(t *testing.T) {
	da, en := For("da"), For("en")
	for _, c := range []struct{ got, want string }{
		{da.Number(50000), "50.000"}, {For("nb").Number(50000), "50\u00a0000"}, {For("nb").Number(1234567), "1\u00a0234\u00a0567"}, {For("sv").Number(1234567), "1\u00a0234\u00a0567"}, {en.Number(50000), "50,000"}, {da.Number(0), "0"}, {da.Number(999), "999"},
		{da.Number(1000000), "1.000.000"}, {en.Number(-1234), "−1,234"},
		{MemberNumber("104382"), "104 382"}, {MemberNumber("1234"), "1234"}, {MemberNumber("1043821"), "1 043 821"},
		{MemberNumber("A-104382"), "A-104382"}, {MemberNumber(""), ""},
		{da.Decimal(1234.56, 1), "1.234,6"}, {en.Decimal(0.127, 2), "0.13"}, {da.Decimal(-0.5, 1), "−0,5"}, {en.Decimal(1.5, 0), "2"},
		{da.List(nil), ""}, {da.List([]string{"a"}), "a"}, {en.List([]string{"a", "b"}), "a and b"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func BenchmarkTPlain(b *testing.B) {
	p := For("da")
	b.ReportAllocs()
	for b.Loop() {
		p.T("locale.days.today")
	}
}

func BenchmarkTArgs(b *testing.B) {
	p := For("da")
	b.ReportAllocs()
	for b.Loop() {
		p.T("locale.days.ahead", "count", 1234)
	}
}

func BenchmarkDate(b *testing.B) {
	p, d := For("da"), day(2009, 9, 3)
	b.ReportAllocs()
	for b.Loop() {
		p.Date(d)
	}
}
