package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/app/housetest"
	"kartotek/internal/charter"
	"kartotek/internal/journal"
)

// D3: everybody with access now, with the reason and the term, per body and per
// person.
func TestD3EverybodyWithAccess(t *testing.T) {
	f := housetest.New(t)
	b := as(t, f, "anna")
	page := b.get("/access").want(http.StatusOK)
	if got := figures(page); got != "Har adgang 8 I sekretariatet 4 til hele registret På poster 4 i 2 foreninger Ledige pladser 9" {
		t.Errorf("figures: %s", got)
	}
	page.says(".card tr", "Formand 2 4 Egen forening")
	page.says(".card tr", "Ekstra medlemsansvarlig 0 0 Egen forening, når den har over 200 medlemmer")
	page.says(".card tr", "Storkredsformand 1 2 Ingen. Kan rekvirere en liste")
	page.says(".card tr", "Grete Grundlægger IT")
	page.says(".card tr", "Carl Formandsen Formand elected at the general meeting 23.10.2026 01.11.2028 Gælder Afslut : Carl Formandsen, Formand")
	page.says(".card tr", "Ingen Formand Posten er ledig Ledig Besæt : Formand, Odense")
	page.says("caption", "Gentofte 3 har adgang · 6 medlemmer")
	// D13: the region's chair is named, and has none.
	page.says("caption", "Nordsjællands Storkreds 0 har adgang")
	page.says(".card tr", "Rolf Storgaard Storkredsformand elected at the general meeting 23.10.2026 01.11.2028 Uden adgang")
	page.says(".card p", "Storkreds: posterne giver ingen adgang til kartoteket.")
	page.says(".because", "(Medlemsservice)")
	if n := entries(f, "chair", journal.Shown); n == 0 {
		t.Error("that the names were shown is not in the journal")
	}

	persons := b.get("/access?show=persons").want(http.StatusOK)
	names := rows(persons)
	if len(names) != 10 || !strings.HasPrefix(names[0], "Anna Ankerstjerne Medlemsservice Sekretariatet") {
		t.Errorf("by person: %v", names)
	}
	person := func(row string) string { return strings.Join(strings.Fields(row)[:2], " ") }
	for i := 1; i < len(names); i++ { // what one person holds stands together, the first held first
		if person(names[i-1]) > person(names[i]) {
			t.Errorf("%q stands before %q", names[i-1], names[i])
		}
	}

	overview := b.get("/access?show=overview").want(http.StatusOK)
	overview.says("tbody tr", "Gentofte 3 6 Besat")
	overview.says("tbody tr", "Lyngby 1 3 2 ledige pladser")
	if overview.first(`a[href="/access?unit=gentofte"]`) == nil {
		t.Error("the overview leads nowhere")
	}

	one := b.get("/access?unit=lyngby").want(http.StatusOK)
	one.says("tbody tr", "Lene Lyngholm")
	one.silent("Formandsen")
	one.silent("Grundlægger")
	b.get("/access?unit=nowhere").want(http.StatusNotFound)
}

func figures(a *answer) string { return a.text(".figures") }

// D11: officers see who has access in their own association, and no further.
func TestD11OfficersSeeTheirOwn(t *testing.T) {
	f := housetest.New(t)
	officer := as(t, f, "officer")
	page := officer.get("/access").want(http.StatusOK)
	page.says("tbody tr", "Tom Kassemand Økonomiansvarlig")
	for _, other := range []string{"Lyngholm", "Ankerstjerne", "Storgaard"} {
		page.silent(other)
	}
	if page.first(`main a.button[href="/access/handover?unit=gentofte"]`) != nil || strings.Contains(page.body, "/access/appoint") {
		t.Error("a membership officer is offered to fill posts")
	}
	officer.get("/access?unit=lyngby").want(http.StatusForbidden)
	officer.get("/access/appoint").want(http.StatusForbidden)
	officer.get("/access/staff").want(http.StatusForbidden)
	officer.get(held(f, "chair")).want(http.StatusForbidden)
	for _, none := range []string{"member", "regional chair"} {
		as(t, f, none).get("/access").want(http.StatusForbidden)
	}
	as(t, f, "chair").get("/access").says("tbody tr", "Afslut : Tom Kassemand")
}

// held is the page where somebody's post or position is ended.
func held(f *housetest.Fixture, name string) string {
	holding := f.Access.Held(f.Person(name))[0]
	return "/access/held/" + f.Keyring.PublicID(f.Person(name)) + "/" + itoa(holding.Basis.ID)
}

// D8: a post is filled with a member found by name or number, by somebody else.
func TestD8AppointAMember(t *testing.T) {
	f := housetest.New(t)
	b := as(t, f, "anna")
	page := b.get("/access/appoint?unit=odense&post=chair").want(http.StatusOK)
	page.says("h1", "Besæt en post i Odense")
	if got := attr(page.first("#until"), "value"); got != "21.11.2028" {
		t.Errorf("the usual term ends %s", got)
	}
	found := b.post("/access/appoint", "", "unit", "odense", "post", "chair", "q", "fyn", "from", "22.11.2026", "do", "find").want(http.StatusOK)
	found.says(".choice", "Frode Fynbo Medlem "+f.Number["odense member"])
	if person := found.first(`input[name="person"]`); !has(person, "checked") {
		t.Error("the only one found is not chosen")
	}
	if n := entries(f, "odense member", journal.Search); n != 1 {
		t.Errorf("%d searches in the journal", n)
	}
	// Members of other associations are not found.
	b.post("/access/appoint", "", "unit", "odense", "q", "nabo", "do", "find").want(http.StatusOK).says("p", "Ingen fundet.")
	b.post("/access/appoint", "", "unit", "odense", "q", f.Number["odense member"], "do", "find").says(".choice", "Frode Fynbo")

	person := f.Keyring.PublicID(f.Person("odense member"))
	b.post("/access/appoint", "", "unit", "odense", "post", "chair", "person", person, "from", "22.11.2026", "until", "31.3.2028",
		"ground", "Valgt på generalforsamlingen", "do", "appoint").goes("/access?unit=odense")
	page = b.get("/access?unit=odense")
	page.says(".notice", "Posten er besat")
	page.says("tbody tr", "Frode Fynbo Formand Valgt på generalforsamlingen 22.11.2026 31.03.2028 Gælder")
	if _, err := f.Access.Decide(f.As("odense member"), access.Want{Act: charter.Search}); err != nil {
		t.Error("the post gave nothing:", err)
	}
}

func TestAppointRefusesOnTheForm(t *testing.T) {
	f := housetest.New(t)
	b := as(t, f, "anna")
	neighbour := f.Keyring.PublicID(f.Person("neighbour"))
	for _, c := range []struct {
		name  string
		pairs []string
		says  string
	}{
		{"nobody", []string{"unit", "odense", "post", "chair", "from", "22.11.2026"}, "Find personen"},
		{"no name", []string{"unit", "odense", "do", "find"}, "Skriv et navn"},
		{"no post", []string{"unit", "gentofte", "person", neighbour, "from", "22.11.2026"}, "Den post findes ikke"},
		{"no day", []string{"unit", "gentofte", "post", "chair", "person", neighbour}, "Skriv den dag, posten begynder"},
		{"what day", []string{"unit", "gentofte", "post", "chair", "person", neighbour, "from", "i foråret"}, "Skriv datoen"},
		{"backwards", []string{"unit", "gentofte", "post", "chair", "person", neighbour, "from", "22.11.2026", "until", "1.1.2026"}, "Slutdagen"},
		{"no member", []string{"unit", "odense", "post", "chair", "person", neighbour, "from", "22.11.2026"}, "ikke medlem her"},
		{"taken", []string{"unit", "gentofte", "post", "chair", "person", neighbour, "from", "22.11.2026"}, "den er besat i perioden (1 af 1)"},
		{"too few", []string{"unit", "gentofte", "post", "extra-membership-officer", "person", neighbour, "from", "22.11.2026"}, "over 200 medlemmer"},
	} {
		a := b.post("/access/appoint", "", c.pairs...).want(http.StatusUnprocessableEntity)
		a.says(".error-summary li", c.says)
		if link := a.first(".error-summary a"); link != nil && a.first(attr(link, "href")) == nil {
			t.Errorf("%s: the problem leads to %s, which is not there", c.name, attr(link, "href"))
		}
	}
}

// Nobody appoints themselves (D9), and a chair fills the posts of one association.
func TestNobodyAppointsThemselves(t *testing.T) {
	f := housetest.New(t)
	b := as(t, f, "chair")
	own := f.Keyring.PublicID(f.Person("chair"))
	b.post("/access/appoint", "", "post", "membership-officer", "person", own, "from", "22.11.2028").want(http.StatusForbidden).
		says("main", "Ingen kan give sig selv adgang")
	b.get("/access/appoint?unit=lyngby").want(http.StatusForbidden)
	b.post("/access/appoint", "", "unit", "lyngby", "post", "treasurer", "person", own, "from", "22.11.2026").want(http.StatusForbidden)
	page := b.get("/access/appoint").want(http.StatusOK)
	page.says("h1", "Besæt en post i Gentofte")
	if page.first("select") != nil {
		t.Error("a chair chooses among bodies")
	}
}

// Access ends with the post, at once or after its last day.
func TestEndAPost(t *testing.T) {
	f := housetest.New(t)
	b := as(t, f, "chair")
	page := b.get(held(f, "treasurer")).want(http.StatusOK)
	page.says("h1", "Afslut Tom Kassemand som økonomiansvarlig?")
	page.says(".then", "Ingen adgang.")
	b.post(held(f, "treasurer"), "", "when", "later", "last", "").want(http.StatusUnprocessableEntity).says(".error-summary a", "Skriv datoen")
	b.post(held(f, "treasurer"), "", "when", "later", "last", "24.11.2026").goes("/access?unit=gentofte")
	b.get("/access").says("tbody tr", "Tom Kassemand Økonomiansvarlig elected at the general meeting 23.10.2026 24.11.2026 Ophører om 2 dage")

	b.post(held(f, "officer"), "", "when", "now").goes("/access?unit=gentofte")
	page = b.get("/access")
	page.says(".notice", "Det er afsluttet")
	page.silent("Medlemsgaard")
	page.says("tbody tr", "Ingen Medlemsansvarlig Posten er ledig")
	as(t, f, "officer").get("/lists/pull").want(http.StatusForbidden)

	f.Clock.Add(3 * 24 * time.Hour)
	as(t, f, "treasurer").get("/lists/pull").want(http.StatusForbidden)
	as(t, f, "chair").get("/access/held/aaaaaaaaaaaaaaaaaaaaaaaaaa/1").want(http.StatusNotFound)
}

// D4: the position and the person both count; somebody new is made known only
// when nothing is wrong.
func TestD4GiveAPosition(t *testing.T) {
	f := housetest.New(t)
	b := as(t, f, "founder")
	page := b.get("/access/staff").want(http.StatusOK)
	page.says(".choice", "Anna Ankerstjerne Medlemsservice")
	page.says(".choice", "Opkræver kontingent")
	if page.first(`input[value="`+f.Keyring.PublicID(f.Person("founder"))+`"]`) != nil {
		t.Error("one can choose oneself")
	}

	before := f.Keyring.LastPerson()
	wrong := b.post("/access/staff", "", "do", "employ", "who", "new", "given", "Ny", "family", "Ansat", "position", "dues", "from", "22.11.2026").
		want(http.StatusUnprocessableEntity)
	wrong.says(".error-summary li", "hvilke opgaver der kræver adgang")
	wrong.says(".error-summary li", "hvorfor netop denne person")
	b.post("/access/staff", "", "do", "employ", "who", "new", "position", "dues", "from", "22.11.2026", "tasks", "Kontingent", "trust", "Betroet").
		want(http.StatusUnprocessableEntity)
	if after := f.Keyring.LastPerson(); after != before {
		t.Error("a form with problems made somebody known")
	}

	b.post("/access/staff", "", "do", "employ", "who", "new", "given", "Ny", "family", "Ansat", "email", "ny@parti.example", "position", "dues",
		"from", "22.11.2026", "tasks", "Opkræver kontingent", "trust", "Ansat og betroet siden 2026").goes("/access")
	b.get("/access").says("tbody tr", "Ny Ansat Kontingent Opkræver kontingent Ansat og betroet siden 2026 22.11.2026 uden slutdag Gælder")

	// Somebody known: from the secretariat, and a member who is found.
	b.post("/access/staff", "", "do", "employ", "who", "known", "person", f.Keyring.PublicID(f.Person("dorte")), "position", "it",
		"from", "1.12.2026", "tasks", "Drift", "trust", "Betroet").goes("/access")
	b.get("/access").says("tbody tr", "Dorte Dahlerup IT Drift Betroet 01.12.2026 uden slutdag Begynder senere")
	b.post("/access/staff", "", "do", "find", "q", "fynbo").want(http.StatusOK).says(".choice", "Frode Fynbo")
	b.post("/access/staff", "", "do", "employ", "who", "known", "position", "it", "from", "1.12.2026", "tasks", "Drift", "trust", "Betroet").
		want(http.StatusUnprocessableEntity).says(".error-summary li", "Find personen")

	own := f.Keyring.PublicID(f.Person("founder"))
	b.post("/access/staff", "", "do", "employ", "who", "known", "person", own, "position", "dues", "from", "1.12.2026", "tasks", "x", "trust", "y").
		want(http.StatusForbidden)

	b.post(held(f, "dorte"), "", "when", "now").goes("/access")
	as(t, f, "dorte").get("/members").want(http.StatusForbidden)
	as(t, f, "anna").get("/access/staff").want(http.StatusForbidden)
	as(t, f, "anna").get(held(f, "bo")).want(http.StatusForbidden)
}
