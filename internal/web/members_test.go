package web_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"kartotek/internal/app/housetest"
	"kartotek/internal/journal"
)

// entries counts what the journal holds about somebody of the cast, by act.
func entries(f *housetest.Fixture, name string, act journal.Act) (n int) {
	account, err := f.Journal.About(f.Context(), uint32(f.Person(name)), journal.Page{Limit: 1000})
	f.Must(err)
	for _, line := range account.Lines {
		if line.Act == act {
			n++
		}
	}
	return n
}

// card is the path of somebody's card.
func card(f *housetest.Fixture, name string) string {
	return "/members/" + f.Keyring.PublicID(f.Person(name))
}

// D11: an officer leafs through their own association, in Danish order, and finds
// nobody else however they ask.
func TestD11OfficerSearchesOwnAssociation(t *testing.T) {
	f := housetest.New(t)
	b := as(t, f, "officer")
	page := b.get("/members").want(http.StatusOK)
	if got := page.text("main h1"); got != "Medlemmer i Gentofte" {
		t.Errorf("heading %q", got)
	}
	var names []string
	for _, n := range page.all("tbody th a") {
		names = append(names, squeeze(textOf(n)))
		if href := attr(n, "href"); !strings.HasPrefix(href, "/members/") || len(href) != len("/members/")+26 {
			t.Errorf("a person goes by %q", href)
		}
	}
	want := "Formandsen, Carl · Kassemand, Tom · Medlemsgaard, Mette · Nabogaard, Inger · Skjult, Karla · Østergård-Quistorff, Søren Åge"
	if got := strings.Join(names, " · "); got != want {
		t.Errorf("names %s, want %s", got, want)
	}
	page.says(".because", "du er medlemsansvarlig i Gentofte")
	page.silent("Yding")
	if len(page.all(`select[name="unit"]`)) != 0 {
		t.Error("an officer of one body chooses among bodies")
	}
	for _, elsewhere := range []string{"Yding", "yrsa@example.dk", f.Number["lyngby member"]} {
		found := b.post("/members", "", "q", elsewhere).want(http.StatusOK)
		found.says(".empty h2", "Ingen i Gentofte passer")
		if len(found.all("tbody tr")) != 0 {
			t.Errorf("%q finds somebody", elsewhere)
		}
	}
	b.get("/members?unit=lyngby").want(http.StatusForbidden)
	b.post("/members", "", "q", "a", "unit", "lyngby").want(http.StatusForbidden)
}

// The keystrokes of a search are one reading: one entry about each person who
// shows, however many letters are typed.
func TestKeystrokesAreOneReading(t *testing.T) {
	f := housetest.New(t)
	b := as(t, f, "officer")
	b.header.Set("X-Region", "found")
	reading := "0"
	for _, typed := range []string{"n", "na", "nab", "nabo"} {
		a := b.post("/members", "/members", "q", typed, "reading", reading).want(http.StatusOK)
		if strings.Contains(a.body, "<html") {
			t.Fatal("a script that asks for a region gets a page")
		}
		a.says("[data-region=\"found\"] tbody th", "Nabogaard, Inger")
		reading = attr(a.first(`input[name="reading"]`), "value")
		if n, _ := strconv.Atoi(reading); n == 0 {
			t.Fatal("no reading is carried along")
		}
	}
	if n := entries(f, "neighbour", journal.Search); n != 1 {
		t.Errorf("%d entries about one reading", n)
	}
	b.post("/members", "/members", "q", "nabo").want(http.StatusOK)
	if n := entries(f, "neighbour", journal.Search); n != 2 {
		t.Errorf("%d entries about two readings", n)
	}
}

// The secretariat has the whole register, and is not shown its first page unasked.
func TestSecretariatSearches(t *testing.T) {
	f := housetest.New(t)
	b := as(t, f, "anna")
	page := b.get("/members").want(http.StatusOK)
	page.says(".empty h3", "Skriv et navn, eller vælg et bogstav")
	if len(page.all("tbody tr")) != 0 || entries(f, "neighbour", journal.Search) != 0 {
		t.Error("the register is leafed through unasked")
	}
	guide := page.all(".guide button")
	if len(guide) < 3 {
		t.Fatalf("%d guide cards", len(guide))
	}
	last := guide[len(guide)-1]
	letters := b.post("/members", "", "letters", attr(last, "value")).want(http.StatusOK)
	letters.says("tbody th", "Østergård-Quistorff, Søren Åge")
	if attr(letters.first(`input[name="tab"]`), "value") != attr(last, "value") {
		t.Error("the guide card is not carried along")
	}
	if got := attr(letters.first(`.guide button[aria-current="true"]`), "value"); got != attr(last, "value") {
		t.Errorf("current card %q", got)
	}

	lyngby := b.post("/members", "", "q", "", "unit", "lyngby").want(http.StatusOK)
	lyngby.says("tbody th", "Yding, Yrsa")
	lyngby.silent("Nabogaard")
	b.post("/members", "", "q", "bregnerød").says(".empty h2", "Ingen passer") // employed, no member
	b.post("/members", "", "q", "soeren oestergaard").says("tbody td", "Gentofte")
	b.post("/members", "", "q", "uden uno").says("tbody td", "Uden forening")
	b.post("/members", "", "unit", "atlantis").want(http.StatusNotFound)
	b.post("/members", "", "q", "39 68 47 95").says("tbody th", "Østergård-Quistorff")
}

// D13: a region's chair searches nobody, and it stands in the log that they tried.
func TestD13RegionalChairIsDenied(t *testing.T) {
	f := housetest.New(t)
	b := as(t, f, "regional chair")
	b.get("/members").want(http.StatusForbidden).silent("Nabogaard")
	b.get(card(f, "neighbour")).want(http.StatusForbidden).silent("Inger")
}

// Long lists turn pages by buttons of the search form, from the right place.
func TestPagesOfHits(t *testing.T) {
	f := housetest.New(t)
	for i := range 60 {
		name := "p" + strconv.Itoa(i)
		f.Join(name, "odense", map[string]string{"given": "Test", "family": "Prøve" + string(rune('a'+i/26)) + string(rune('a'+i%26))}, false)
	}
	b := as(t, f, "anna")
	first := b.post("/members", "", "q", "prøve").want(http.StatusOK)
	if n := len(first.all("tbody tr")); n != 25 {
		t.Fatalf("%d on the first page", n)
	}
	first.says(".card-head h2", "60 medlemmer")
	first.says(".card-head p", "Viser 1–25")
	button := first.first(`.pages button[value="2"]`)
	if attr(button, "form") != attr(first.first("form[role=\"search\"]"), "id") {
		t.Error("the page button belongs to no form")
	}
	second := b.post("/members", "", "q", "prøve", "page", "3").want(http.StatusOK)
	second.says(".card-head p", "Viser 51–60")
	if n := len(second.all("tbody tr")); n != 10 {
		t.Errorf("%d on the last page", n)
	}
	b.post("/members", "", "q", "prøve", "page", "77").want(http.StatusOK).says(".card-head p", "Viser 1–25")

	letters := ""
	for _, n := range b.get("/members").all(".guide button") {
		if v := attr(n, "value"); v <= "P" && v > "" && v != "#" {
			letters = v
		}
	}
	tab := b.post("/members", "", "letters", letters).want(http.StatusOK)
	again := b.post("/members", "", "tab", letters, "page", "2").want(http.StatusOK)
	if tab.text("tbody th") == again.text("tbody th") {
		t.Error("the second page of a guide card begins as its first")
	}
}

func TestMembersInEnglish(t *testing.T) {
	f := housetest.New(t)
	b := as(t, f, "officer")
	b.cookies["__Host-lang"] = "en"
	b.post("/language/en", "/members")
	b.get("/members").want(http.StatusOK).says(".because", "you are membership officer in Gentofte")
	b.get(card(f, "neighbour")).want(http.StatusOK).says("h2", "Has Inger resigned?")
}
