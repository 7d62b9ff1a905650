package web_test

import (
	"net/http"
	"testing"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/app/housetest"
	"kartotek/internal/charter"
	"kartotek/internal/journal"
	"kartotek/internal/member"
)

// The front page tells in numbers what is new since one last looked; who it is
// stands on its own page and in the journal; of who has gone there is a number.
func TestNewsOnTheFrontPage(t *testing.T) {
	f := housetest.New(t)
	b := as(t, f, "officer")
	b.get("/").want(http.StatusOK).says(".figures", "Nye medlemmer 6")
	if n := entries(f, "neighbour", journal.Shown); n != 0 {
		t.Errorf("the numbers named somebody %d times", n)
	}
	page := b.get("/news").want(http.StatusOK)
	page.says("li", "Inger Nabogaard")
	if n := entries(f, "neighbour", journal.Shown); n != 1 {
		t.Errorf("the names are %d times in the journal", n)
	}
	b.post("/news/seen", "/news", "until", attr(page.first(`input[name="until"]`), "value")).goes("/")
	b.get("/").want(http.StatusOK).says("p", "Der er ikke sket noget nyt.")

	f.Clock.Add(time.Minute)
	_, err := f.Members.Update(f.Context(), f.Scope("anna", access.Want{Act: charter.Edit}), f.Person("member"), member.Changes{Values: map[string]string{"town": "Hellerup"}})
	f.Must(err)
	_, err = f.Departures.Close(f.Context(), f.As("anna"), f.Person("neighbour"), "resignation", false)
	f.Must(err)
	page = b.get("/news").want(http.StatusOK)
	page.says("li", "Søren Åge Østergård-Quistorff · By")
	page.says(".figures", "Udmeldt 1")
	page.silent("Nabogaard")

	as(t, f, "regional chair").get("/news").want(http.StatusNotFound)
	as(t, f, "member").get("/news").want(http.StatusNotFound)
}

// A telephone round goes one person at a time, with a number to press, and works
// without scripts.
func TestTelephoneRoundOnThePages(t *testing.T) {
	f := housetest.New(t)
	b := as(t, f, "officer")
	b.get("/lists").want(http.StatusOK).says("a", "Telefonrunder")
	b.get("/rounds").want(http.StatusOK).says("h2", "Ingen runde er i gang")
	b.post("/rounds", "/rounds", "purpose", "newsletter", "group", "new").want(http.StatusUnprocessableEntity)
	b.post("/rounds", "/rounds", "purpose", "administration", "group", "new", "since", "aldrig").want(http.StatusUnprocessableEntity)
	b.post("/rounds", "/rounds", "purpose", "administration", "group", "new").goes("/rounds/1")

	page := b.get("/rounds/1").want(http.StatusOK)
	page.says("h2", "Søren Åge Østergård-Quistorff")
	if got := attr(page.first(".call a"), "href"); got != "tel:+4741234567" {
		t.Errorf("the number: %s", got)
	}
	if n := entries(f, "member", journal.Opened); n != 1 {
		t.Errorf("shown, and %d times in the journal", n)
	}
	person := attr(page.first(`input[name="person"]`), "value")
	b.post("/rounds/1/mark", "/rounds/1", "person", person, "answer", "reached").goes("/rounds/1")
	if n := entries(f, "member", journal.Called); n != 1 {
		t.Errorf("called, and %d times in the journal", n)
	}
	page = b.get("/rounds/1").want(http.StatusOK)
	page.says("h2", "Inger Nabogaard")
	b.post("/rounds/1/mark", "/rounds/1", "person", attr(page.first(`input[name="person"]`), "value"), "answer", "declined").goes("/rounds/1")
	b.get("/rounds/1").want(http.StatusOK).says("h2", "Alle er ringet op")
	as(t, f, "other chair").get("/rounds/1").want(http.StatusNotFound)
	b.post("/rounds/1/end", "/rounds/1").goes("/rounds")
	b.get("/rounds/1").want(http.StatusGone)
}
