package declaration

import (
	"context"
	"strings"
	"testing"

	"kartotek/internal/charter"
	"kartotek/internal/unit"
)

// told is a room that knows of somebody outside.
type told []Recipient

func (o told) Processors(context.Context, unit.ID) ([]Recipient, error) { return o, nil }
func (o told) Recipients(context.Context, unit.ID) ([]Recipient, error) { return o, nil }

// Who gets data comes from every room that knows of somebody, each is told of once, with
// country, ground and fields, and what becomes of them is told as drift (N12, N16).
func TestN12EverybodyOutsideIsToldOfOnce(t *testing.T) {
	c := load(t, "club-no")
	world := Recipient{
		Code: "passing-international", Name: "World Clubs", Names: charter.Words{"nb": "World Clubs", "da": "World Clubs"}, Role: "recipient", Country: "US",
		Ground: charter.Words{"nb": "standardkontrakt"}, Transfer: "46(2)(c)", Fields: []string{"given", "email"}, Consent: "international",
	}
	host := Recipient{Code: "processor-1", Name: "Vert AS", Role: "processor", Country: "NO", Fields: []string{"given"}}
	s := New(Parts{Charter: c, Recipients: told{world}, Processors: told{host}, Outside: func(context.Context, unit.ID) ([]Recipient, error) {
		return []Recipient{{Code: "holder-1", Name: "vert as", Role: "processor", Country: "NO"}, {Code: "holder-2", Name: "Vert AS", Role: "processor", Country: "SE"}, {Code: "holder-3", Name: "World clubs", Country: "US"}}, nil
	}})
	all, err := s.outside(t.Context(), 3)
	if err != nil || len(all) != 3 || all[2].Code != "holder-2" {
		t.Fatalf("told of are %+v, %v", all, err)
	}
	own := &Content{Processors: []Processor{{Name: "Vert AS", Country: "NO"}, {Name: "Trykk AS", Country: "NO", Task: charter.Words{"nb": "trykker"}}}}
	text := compose(club(c, all...), own, c.Printer("nb"))
	said := strings.Join(text.Points[8].Passages(), "\n")
	for _, want := range []string{
		"World Clubs: en oppgave den har for foreningen. Mottaker, USA. Grunnlag for overføringen: standardkontrakt. Får: fornavn og e-post. Bare hvis du har sagt ja til «Til den internasjonale organisasjonen».",
		"Vert AS: en oppgave den har for foreningen. Databehandler, Norge. Får: fornavn.", "Trykk AS: trykker. Vår egen databehandler, Norge.",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is not said in:\n%s", want, said)
		}
	}
	if strings.Count(said, "Vert AS") != 2 { // of Norway and of Sweden
		t.Errorf("somebody is told of twice:\n%s", said)
	}
	was := club(c, all...).facts()
	all[0].Fields = append(all[0].Fields, "birth")
	gone := drifts(was, club(c, all[:1]...).facts())
	var words []string
	for _, d := range gone {
		words = append(words, d.Words(c.Printer("nb"), c))
	}
	if got := strings.Join(words, "\n"); got != "Mottakeren World Clubs er endret. Nytt: fødselsdato\nMottakeren Vert AS er borte; før: Norge\nMottakeren Vert AS er borte; før: Sverige" {
		t.Errorf("drift is told as:\n%s", got)
	}
}

// Something asked of members anew, or asked about more of them, is drift too (L5, N16).
func TestN16AConsentThatChangesIsDrift(t *testing.T) {
	was, c := club(load(t, "club-no")).facts(), load(t, "club-no")
	for i := range c.Consents {
		if q := &c.Consents[i]; q.Code == "open-page" {
			q.Fields = append(q.Fields, "mobile")
		}
	}
	now := club(c).facts()
	all := drifts(was, now)
	if len(all) != 1 || all[0].Point != 2 || hash(was) == hash(now) {
		t.Fatalf("drift is %+v", all)
	}
	if said := all[0].Words(c.Printer("nb"), c); said != "Samtykket «På klubbens åpne sider» er endret. Nytt: mobil" {
		t.Errorf("it is told as %q", said)
	}
}
