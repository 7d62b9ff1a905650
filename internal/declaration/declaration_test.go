package declaration

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"kartotek/internal/charter"
	"kartotek/internal/locale"
	"kartotek/internal/unit"
)

var update = flag.Bool("update", false, "write the golden files anew")

func load(t *testing.T, name string) *charter.Charter {
	t.Helper()
	c, err := charter.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// The blank template in each language, as it is read: fourteen points, each with its note
// and what it answers (N4, N5).
func TestN5TheTemplateReadsAsItShould(t *testing.T) {
	c := load(t, "club-no")
	for _, lang := range []string{"nb", "da", "sv", "en"} {
		r := Template(c, lang, "…")
		if len(r.Points) != Points || r.Lang != lang {
			t.Fatalf("%s: %d points in %s", lang, len(r.Points), r.Lang)
		}
		var b strings.Builder
		b.WriteString(r.Title + "\n" + r.Lead + "\n")
		for i := range r.Points {
			p := &r.Points[i]
			b.WriteString("\n" + locale.For(lang).Number(p.Number) + ". " + strings.Join(p.Passages(), "\n") + "\n(" + p.Note + ")\n[" + strings.Join(p.Answers(), " ") + "]\n")
		}
		got := b.String()
		if strings.Contains(got, "⟦") || strings.Contains(got, "{{") {
			t.Errorf("%s: a message is missing", lang)
		}
		file := filepath.Join("testdata", "template."+lang+".txt")
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s is not what is written now; go test ./internal/declaration -update, and read it", file)
		}
		if missing := r.Unanswered(); len(missing) > 0 {
			t.Errorf("%s: the template leaves %v of GDPR Art. 13 and 14 unanswered", lang, missing)
		}
	}
}

// club is what is known of an invented club.
func club(c *charter.Charter, outside ...Recipient) *known {
	k := &known{
		c: c, body: unit.Unit{ID: 3, Name: "Solvik", Level: "club"}, role: charter.ControllerAlone, with: "Distriktet", above: true, country: "NO", outside: outside,
	}
	k.authority, _ = c.Authority("NO")
	k.answers, _ = c.Answering("club")
	k.daily, _ = c.Working("club")
	return k
}

// Points 1 to 4 of a club, by its country and in each language: its name and the law as
// it stands there (N6), each purpose it has (N7), and who answers and does the work (N8).
func TestN6N7N8LawPurposesAndWhoAnswers(t *testing.T) {
	c := load(t, "club-no")
	for _, country := range []string{"NO", "DK", "SE", "FI", "IS"} {
		k := club(c)
		k.country = country
		k.authority, _ = c.Authority(country)
		for _, lang := range c.Languages {
			text := compose(k, &Content{}, c.Printer(lang))
			said := func(clause string, point int, words ...string) {
				all := locale.Fold(strings.Join(text.Points[point-1].Passages(), "\n"))
				for _, w := range words {
					if w == "" || !strings.Contains(all, locale.Fold(w)) {
						t.Errorf("%s: point %d of a club in %s does not say %q in %s", clause, point, country, w, lang)
					}
				}
			}
			said("N6", 1, "Solvik")
			said("N6", 2, k.authority.Act.In(lang))
			for i := range c.Purposes {
				said("N7", 3, c.Purposes[i].Name.In(lang))
			}
			said("N8", 4, "Solvik", k.answers.Name.In(lang), k.daily.Name.In(lang))
		}
	}
}

// An item that nothing answers stops publishing, and says in which point to answer it:
// nobody to ask, a transfer without a ground, a country without an authority.
func TestN13AnUnansweredItemStops(t *testing.T) {
	c := load(t, "club-no")
	world := Recipient{Code: "holder-1", Name: "World Clubs", Role: "international", Country: "US"}
	k := club(c, world)
	k.authority = nil
	own := &Content{}
	stops := func() (points []int, items []string) {
		text := compose(k, own, c.Printer("nb"))
		for _, l := range lacks(k, own, Texts{"nb": text}) {
			if l.Stops {
				points = append(points, l.Point)
			}
		}
		return points, text.Unanswered()
	}
	if points, items := stops(); !slices.Equal(items, []string{"13(1)(a)", "13(1)(f)", "13(2)(d)"}) || !slices.Equal(points, []int{14, 14, 9, 12, 9}) {
		t.Errorf("unanswered are %v, in %v", items, points)
	}
	k.authority, _ = c.Authority("SE")
	own.Contact = Contact{Function: charter.Words{"nb": "sekretæren"}, Phone: "10 20 30 40"}
	own.Grounds = map[string]charter.Words{"holder-1": {"nb": "EUs standardvilkår"}}
	if points, items := stops(); len(points)+len(items) > 0 {
		t.Errorf("still unanswered are %v, in %v", items, points)
	}
	text := compose(k, own, c.Printer("nb"))
	all := strings.Join(text.Points[11].Passages(), "\n") + strings.Join(text.Points[8].Passages(), "\n") + strings.Join(text.Points[1].Passages(), "\n")
	for _, want := range []string{"Integritetsskyddsmyndigheten", "https://www.imy.se", "EUs standardvilkår", "dataskyddslagen (2018:218)"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is not said", want)
		}
	}
}

// What no longer is as a declaration says is told one by one, in words.
func TestN16DriftIsSaidConcretely(t *testing.T) {
	src, _, err := charter.Resolve("club-no")
	if err != nil {
		t.Fatal(err)
	}
	was := club(load(t, "club-no"), Recipient{Code: "holder-1", Name: "Trykk AS", Role: "processor", Country: "NO"}).facts()
	edited := strings.Replace(string(src), "[parameters.list-days] # D12's guideline, held here too\nvalue = 30", "[parameters.list-days]\nvalue = 14", 1)
	c, err := charter.Parse([]byte(edited), "edited")
	if err != nil {
		t.Fatal(err)
	}
	k := club(c)
	k.body.Name = "Nye Solvik"
	now := k.facts()
	if hash(was) == hash(now) {
		t.Error("nothing has drifted")
	}
	var said []string
	for _, d := range drifts(was, now) {
		said = append(said, d.Words(c.Printer("nb"), c))
	}
	want := []string{"Navnet var Solvik og er nå Nye Solvik", "Mottakeren Trykk AS er borte; før: Norge"}
	for _, line := range want {
		if !slices.Contains(said, line) {
			t.Errorf("%q is not among %q", line, said)
		}
	}
	if len(said) != 3 || !strings.Contains(said[2], "30 dager og er nå 14 dager") {
		t.Errorf("said is %q", said)
	}
	if d := drifts(was, was); len(d) > 0 || hash(was) != hash(slices.Clone(was)) {
		t.Errorf("from itself differs %v", d)
	}
}

// A person's own address is warned of, an association's is not.
func TestN11AnAssociationsAddressRatherThanAPrivateOne(t *testing.T) {
	for text, want := range map[string]bool{
		"Skriv til kari.nordmann@solvik.example": true, "ola123@gmail.com": true, "post@online.no": true,
		"sekretaer@solvik.example": false, "Ring 10 20 30 40": false, "klubb.solvik.post@distriktet.example": false, "": false,
	} {
		if private(text) != want {
			t.Errorf("%q is private: %v", text, !want)
		}
	}
}
