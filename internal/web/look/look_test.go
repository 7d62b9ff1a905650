package look

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"
	"github.com/golang-sql/civil"

	"kartotek/internal/fault"
	"kartotek/internal/locale"
)

// render is a component in Danish.
func render(t *testing.T, c templ.Component) string {
	t.Helper()
	var b strings.Builder
	if err := c.Render(In(t.Context(), locale.For("da")), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestWhatPersonsWriteIsOnlyText(t *testing.T) {
	const evil = `"><script>alert(1)</script>`
	for name, c := range map[string]templ.Component{
		"text":  Text(evil),
		"field": Field{Name: "name", Value: evil, Hint: evil, Error: evil},
		"area":  Textarea{Name: "name", Value: "</textarea>" + evil},
		"table": Table[string]{Columns: []Column[string]{{Title: evil, Cell: Text}}, Rows: []string{evil}},
		"mail":  Mail(evil + "@x"),
		"page":  Page{Title: evil, Organisation: evil},
	} {
		if out := render(t, c); strings.Contains(out, "<script>") {
			t.Errorf("%s: %s", name, out)
		}
	}
	if out := render(t, Link{Text: "her", URL: "javascript:alert(1)"}); strings.Contains(out, "javascript:") {
		t.Error(out)
	}
}

func TestExplain(t *testing.T) {
	p := locale.For("da")
	if Explain(p, nil) != nil || render(t, Problems(nil)) != "" {
		t.Error("no error is a problem")
	}
	err := fault.New(fault.Invalid, "fault.invalid").With("email", "fault.field.email").With("name", "fault.field.too_long", "limit", 80)
	list := Explain(p, err)
	if list.For("email") != p.T("fault.field.email") || list.For("name") != "Højst 80 tegn." || list.For("phone") != "" {
		t.Errorf("fields: %v", list)
	}
	if out := render(t, list); !strings.Contains(out, `href="#email"`) || !strings.Contains(out, "2 ting skal rettes") {
		t.Error(out)
	}
	if list := Explain(p, errors.New("secret")); len(list) != 1 || list[0].Text != p.T("fault.internal") {
		t.Errorf("an unknown error says %v", list)
	}
}

func TestPagesShown(t *testing.T) {
	for _, c := range []struct {
		page, last int
		want       []int
	}{
		{1, 2, []int{1, 2}},
		{1, 13, []int{1, 2, 3, 0, 13}},
		{4, 13, []int{1, 0, 3, 4, 5, 0, 13}},
		{13, 13, []int{1, 0, 12, 13}},
		{2, 3, []int{1, 2, 3}},
	} {
		if got := (Pages{Page: c.page, Last: c.last}).shown(); !slices.Equal(got, c.want) {
			t.Errorf("page %d of %d shows %v, not %v", c.page, c.last, got, c.want)
		}
	}
	if out := render(t, Pages{Page: 1, Last: 1}); out != "" {
		t.Errorf("one page has %s", out)
	}
	out := render(t, Pages{Page: 1, Last: 3, Form: "search"})
	if strings.Contains(out, "href") || strings.Count(out, `form="search"`) != 3 {
		t.Errorf("the pages of a search are no buttons of its form: %s", out)
	}
}

func TestWheelMarksDoNotCoverEachOther(t *testing.T) {
	var marks []Mark
	for day := range 7 {
		marks = append(marks, Mark{Date: civil.Date{Year: 2028, Month: time.June, Day: 10 + day}, Tone: Tone(day % 5)})
	}
	part := func(d civil.Date) float64 {
		return float64(d.DaysSince(civil.Date{Year: 2028, Month: time.January, Day: 1})) / 366
	}
	var taken []point
	for _, m := range marks {
		p := free(part(m.Date), taken)
		for _, q := range taken {
			if d := math.Hypot(p.x-q.x, p.y-q.y); d < markSize {
				t.Errorf("marks %.1f apart", d)
			}
		}
		taken = append(taken, p)
	}
}

func TestWheelYears(t *testing.T) {
	p := locale.For("da")
	day := func(year int, month time.Month, day int) civil.Date {
		return civil.Date{Year: year, Month: month, Day: day}
	}
	for _, c := range []struct {
		name  string
		today civil.Date
		past  int // months
		hand  bool
	}{
		{"before", day(2027, 12, 31), 0, false},
		{"first day", day(2028, 1, 1), 0, true},
		{"leap day", day(2028, 2, 29), 1, true},
		{"last day", day(2028, 12, 31), 11, true},
		{"after", day(2029, 1, 1), 12, false},
	} {
		f := Wheel{Year: 2028, Today: c.today}.face(p)
		past := 0
		for _, m := range f.months {
			if m.class == "month past" {
				past++
			}
		}
		if past != c.past || (f.hand != "") != c.hand {
			t.Errorf("%s: %d months are past, hand %q", c.name, past, f.hand)
		}
	}
	w := Wheel{Year: 2028, Marks: []Mark{
		{Date: day(2028, 5, 1), Text: "anden"}, {Date: day(2027, 5, 1), Text: "en anden tid"}, {Date: day(2028, 4, 1), Text: "første", Tone: OK},
	}}
	key := render(t, w.Key())
	if strings.Contains(key, "tid") || strings.Index(key, "første") > strings.Index(key, "anden") || !strings.Contains(key, "klaret") || !strings.Contains(key, "1. april") {
		t.Error(key)
	}
}

func TestVariantsFollowTheChoices(t *testing.T) {
	choices := render(t, Choices{Name: "p", Legend: "Formål", Decides: true, Options: []Choice{{Value: "a", Text: "A"}, {Value: "b", Text: "B"}}})
	variants := render(t, VariantTexts(1, "til A", "til B"))
	if !strings.Contains(choices, `class="pick pick-2"`) || !strings.Contains(variants, `class="for for-2 chosen"`) || strings.Count(variants, "chosen") != 1 {
		t.Error(choices, variants)
	}
}

func BenchmarkTable(b *testing.B) {
	table := Table[string]{Caption: "Medlemmer", Columns: []Column[string]{
		{Title: "Navn", Kind: Leading, Cell: func(s string) templ.Component { return Link{Text: s, URL: "/members/x"} }},
		{Title: "Adresse", Cell: func(s string) templ.Component { return Two(s, s) }},
		{Title: "Telefon", Cell: func(s string) templ.Component { return Tel("+4510203040", s) }},
	}, Rows: slices.Repeat([]string{"Grethe Abildgaard"}, 50)}
	ctx := In(b.Context(), locale.For("da"))
	b.ReportAllocs()
	for b.Loop() {
		var out strings.Builder
		if err := table.Render(ctx, &out); err != nil {
			b.Fatal(err)
		}
	}
}
