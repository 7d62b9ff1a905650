package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/app/housetest"
	"kartotek/internal/charter"
	"kartotek/internal/extract"
)

// The evening of the general meeting: the outgoing chair enters the board, sees
// what will happen, and says yes. On the day the new chair has the access and
// the old one is told what stays with them (D12).
func TestHandoverEvening(t *testing.T) {
	f := housetest.New(t)
	_, err := f.Extracts.Pull(f.Context(), f.As("chair"), extract.Wish{Unit: f.Bodies["gentofte"], Purpose: "newsletter", Format: extract.CSV, Lang: "da"})
	f.Must(err)
	b := as(t, f, "chair")
	page := b.get("/access").want(http.StatusOK)
	if page.first(`a[href="/access/handover?unit=gentofte"]`) == nil {
		t.Fatal("the chair is not offered the handover")
	}
	page = b.get("/access/handover?unit=gentofte").want(http.StatusOK)
	page.says("h1", "Ny bestyrelse i Gentofte")
	page.says(".card", "Carl Formandsen")
	id := func(name string) string { return itoa(f.Access.Held(f.Person(name))[0].Basis.ID) }
	fields := func(do string, more ...string) []string {
		return append([]string{
			"unit", "gentofte", "met", "22.11.2026", "moves", "25.11.2026", "do", do,
			"line-0", "chair", "holding-0", id("chair"), "do-0", "new", "q-0", "inger", "until-0", "24.11.2028", "pass-0", "yes",
			"line-1", "membership-officer", "holding-1", id("officer"), "do-1", "keep",
			"line-2", "treasurer", "holding-2", id("treasurer"), "do-2", "again", "until-2", "24.11.2028",
		}, more...)
	}
	found := b.post("/access/handover", "", fields("find")...).want(http.StatusOK)
	found.says(".choice", "Inger Nabogaard")
	b.post("/access/handover", "", fields("preview")...).want(http.StatusUnprocessableEntity).says(".card", "Find den nye")
	neighbour := f.Keyring.PublicID(f.Person("neighbour"))
	preview := b.post("/access/handover", "", fields("preview", "person-0", neighbour)...).want(http.StatusOK)
	preview.says(".then dd", "Adgangen slutter. Carl Formandsen, formand. Én åben liste gives videre")
	preview.says(".then dd", "Adgangen begynder. Inger Nabogaard, formand.")
	preview.says(".then dd", "Genvalgt. Tom Kassemand")
	preview.says("p", "Fortsætter uændret: Mette Medlemsgaard")
	if len(f.Access.Held(f.Person("neighbour"))) != 0 {
		t.Fatal("the preview has handed over")
	}
	b.post("/access/handover", "", fields("act", "person-0", neighbour)...).goes("/access?unit=gentofte")
	f.Clock.Set(time.Date(2026, 11, 24, 22, 55, 0, 0, time.UTC)) // five to midnight in Copenhagen
	b = as(t, f, "chair")
	b.get("/members").want(http.StatusOK)
	f.Clock.Set(time.Date(2026, 11, 24, 23, 0, 0, 0, time.UTC)) // midnight in Copenhagen
	b.get("/members").want(http.StatusForbidden)                // the same session
	me := b.get("/me").want(http.StatusOK)
	me.says(".notice", "Du havde adgang som Formand i Gentofte til og med")
	me.says(".notice", "Én medlemsliste er stadig hos dig")
	b.get("/lists").want(http.StatusOK).says("tbody tr", "Givet videre")
	if _, err := f.Access.Decide(f.As("neighbour"), access.Want{Act: charter.Search}); err != nil {
		t.Error("the new chair has nothing:", err)
	}
	next := as(t, f, "neighbour")
	next.get("/").want(http.StatusOK).says("main", "liste")
	next.get("/lists").says("tbody tr", "Taget over")
}

// Whoever goes on holiday names somebody; their own access rests, and comes back
// with one press.
func TestCoverOnAPage(t *testing.T) {
	f := housetest.New(t)
	b := as(t, f, "treasurer")
	id := itoa(f.Access.Held(f.Person("treasurer"))[0].Basis.ID)
	page := b.get("/access/cover/" + id).want(http.StatusOK)
	page.says(".choice", "Carl Formandsen")
	b.post("/access/cover/"+id, "", "person", f.Keyring.PublicID(f.Person("neighbour")), "from", "22.11.2026", "until", "1.12.2026", "do", "cover").
		want(http.StatusUnprocessableEntity).says(".field", "Skriv hvorfor")
	b.post("/access/cover/"+id, "", "person", f.Keyring.PublicID(f.Person("neighbour")), "from", "22.11.2026", "until", "1.12.2026", "ground", "Ferie", "do", "cover").
		goes("/access/cover/" + id)
	home := b.get("/").want(http.StatusOK)
	home.says(".notice", "hviler til og med")
	home.says(".notice", "Inger Nabogaard passer posten imens")
	b.get("/members").want(http.StatusForbidden)
	as(t, f, "anna").get("/access?unit=gentofte").says("tbody tr", "Inger Nabogaard Økonomiansvarlig (afløser) Ferie")
	back := ""
	for _, form := range home.all("form") {
		if action := attr(form, "action"); strings.HasPrefix(action, "/access/cover/") {
			back = action
		}
	}
	b.post(back, "").goes("/")
	b.get("/members").want(http.StatusOK)
	past := as(t, f, "anna").get("/access?on=2026-11-22&unit=gentofte").want(http.StatusOK)
	past.says("tbody tr", "Inger Nabogaard Økonomiansvarlig (afløser)")
	past.says("tbody tr", "Tom Kassemand")
	file := as(t, f, "anna").get("/access/list.csv?on=2026-11-22&unit=gentofte").want(http.StatusOK)
	if !strings.Contains(file.body, "Økonomiansvarlig (afløser);Inger Nabogaard;") {
		t.Errorf("the file: %s", file.body)
	}
	b.get("/access/cover/999999").want(http.StatusForbidden)
}

// A substitute is elected without access and steps in for the rest of the term.
func TestSubstituteOnAPage(t *testing.T) {
	f := housetest.New(t)
	b := as(t, f, "anna")
	b.get("/access/substitutes?unit=gentofte").want(http.StatusOK).says("h1", "Suppleanter i Gentofte")
	b.post("/access/substitutes", "", "unit", "gentofte", "q", "inger", "from", "22.11.2026", "do", "find").says(".choice", "Inger Nabogaard")
	b.post("/access/substitutes", "", "unit", "gentofte", "person", f.Keyring.PublicID(f.Person("neighbour")), "from", "22.11.2026", "ground", "Valgt", "do", "elect").
		goes("/access/substitutes?unit=gentofte")
	page := b.get("/access/substitutes?unit=gentofte")
	page.says("tbody tr", "Inger Nabogaard Hele bestyrelsen")
	scope := f.Scope("anna", access.Want{Act: charter.Appoint, Unit: f.Bodies["gentofte"]})
	all, err := f.Access.Substitutes(scope, f.Bodies["gentofte"])
	f.Must(err)
	id, treasurer := itoa(all[0].Basis.ID), itoa(f.Access.Held(f.Person("treasurer"))[0].Basis.ID)
	b.get("/access/substitutes?unit=gentofte&in="+id).want(http.StatusOK).says(".choice", "Efter Tom Kassemand")
	step := []string{"unit", "gentofte", "in", id, "who", f.Keyring.PublicID(f.Person("neighbour")) + " " + id, "seat", "treasurer " + treasurer, "step", "23.11.2026", "do", "in"}
	b.post("/access/substitutes", "", step...).want(http.StatusUnprocessableEntity).says(".card", "Skriv hvorfor suppleanten træder ind")
	b.post("/access/substitutes", "", append(step, "why", "Flyttet")...).goes("/access/substitutes?unit=gentofte")
	// Somebody else is elected, and struck from the list again.
	b.post("/access/substitutes", "", "unit", "gentofte", "person", f.Keyring.PublicID(f.Person("chair")), "from", "22.11.2026", "ground", "Valgt", "do", "elect").
		goes("/access/substitutes?unit=gentofte")
	all, err = f.Access.Substitutes(scope, f.Bodies["gentofte"])
	f.Must(err)
	last := all[len(all)-1]
	if last.Person != f.Person("chair") || last.Basis.Of != 2 {
		t.Fatalf("substitutes: %+v", all)
	}
	b.post("/access/substitutes", "", "unit", "gentofte", "who", f.Keyring.PublicID(last.Person)+" "+itoa(last.Basis.ID), "do", "end").
		goes("/access/substitutes?unit=gentofte")
	all, err = f.Access.Substitutes(scope, f.Bodies["gentofte"])
	f.Must(err)
	if len(all) != 1 || all[0].Person != f.Person("neighbour") {
		t.Errorf("substitutes after one was struck: %+v", all)
	}
	f.Clock.Add(24 * time.Hour)
	held := f.Access.Held(f.Person("neighbour"))
	if len(held) != 1 || held[0].Basis.Code != "treasurer" || held[0].Basis.Until.Year != 2028 {
		t.Errorf("holds %+v", held)
	}
	if len(f.Access.Held(f.Person("treasurer"))) != 0 {
		t.Error("the treasurer still holds the post")
	}
}

// The board comes from a file too: it fills in the page, which is looked over and
// shown as if somebody had typed it; what is wrong with the file is told by line.
func TestABoardFromAFile(t *testing.T) {
	f := housetest.New(t)
	b := as(t, f, "chair")
	b.get("/access/handover?unit=gentofte").want(http.StatusOK).says("summary", "Har I det nye valg i en fil?")
	file := "Post;Medlemsnummer;Fra;Til\nFormand;" + f.Number["neighbour"] + ";25.11.2026;24.11.2028\nØkonomiansvarlig;" + f.Number["treasurer"] + ";25.11.2026;24.11.2028\n"
	page := b.upload("/access/handover/file", "valg.csv", file, "unit", "gentofte").want(http.StatusOK)
	page.says(".choice", "Inger Nabogaard")
	if until := page.first(`input[name="until-0"]`); attr(until, "value") != "24.11.2028" {
		t.Errorf("the term of the new chair: %s", attr(until, "value"))
	}
	if len(f.Access.Held(f.Person("neighbour"))) != 0 {
		t.Fatal("a file has handed over")
	}
	wrong := b.upload("/access/handover/file", "valg.csv", "Post;Medlemsnummer\nFormand;999999\nKejser;"+f.Number["neighbour"]+"\n", "unit", "gentofte").
		want(http.StatusUnprocessableEntity)
	wrong.says(".error-summary li", "Linje 2:")
	wrong.says(".error-summary li", "Linje 3:")
	b.upload("/access/handover/file", "valg.csv", "", "unit", "gentofte").want(http.StatusUnprocessableEntity).says(".error-summary li", "fil")
	as(t, f, "member").upload("/access/handover/file", "valg.csv", file, "unit", "gentofte").want(http.StatusForbidden)
}
