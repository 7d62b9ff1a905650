package web_test

import (
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/app/housetest"
	"kartotek/internal/extract"
	"kartotek/internal/locale"
)

// pull takes a list out for somebody of the cast.
func pull(f *housetest.Fixture, name, purpose string) int64 {
	delivery, err := f.Extracts.Pull(f.Context(), f.As(name), extract.Wish{Purpose: purpose, Format: extract.CSV, Lang: "da"})
	f.Must(err)
	return delivery.List.Number
}

// D12: a pulled list is a duty on the home page of whoever pulled it, and once
// late also on the secretariat's.
func TestD12HomeShowsDutiesAndOverdueLists(t *testing.T) {
	f := housetest.New(t)
	chair := as(t, f, "chair")
	home := chair.get("/").want(http.StatusOK)
	home.says("h1", "Goddag, Carl")
	home.says(".lead", "Søndag den 22. november 2026. Intet haster.")
	home.says(".empty", "Ingen opgaver venter")
	home.says(".figures dd", "6")

	pull(f, "chair", "meeting-notice")
	home = chair.get("/")
	home.says(".duty h3", "Destruér liste 1")
	home.says(".duty p", "Mødeindkaldelse, 6 medlemmer.")
	if got := attr(home.first(".duty a.button"), "href"); got != "/lists/1" {
		t.Errorf("the action leads to %q", got)
	}
	home.says(".wheel-key", "Destruér liste 1")

	f.Clock.Add(31 * 24 * time.Hour)
	chair = as(t, f, "chair") // the session has ended since
	chair.get("/").says(".duty.late .badge", "over fristen")
	secretariat := as(t, f, "anna").get("/")
	secretariat.says(".cards th", "Liste 1")
	secretariat.says(".cards td", "Gentofte Formand")
	secretariat.silent("Formandsen") // by post, not by name
}

func TestYearIsASheet(t *testing.T) {
	f := housetest.New(t)
	pull(f, "officer", "newsletter")
	a := as(t, f, "officer").get("/year").want(http.StatusOK)
	a.says("h1", "Årshjul 2026 for Gentofte")
	a.says(".wheel-key", "Destruér liste 1")
	as(t, f, "neighbour").ask("/year").goes("/me")
}

// The hat decides which tabs there are and as what one acts.
func TestHats(t *testing.T) {
	f := housetest.New(t)
	f.Appoint("regional chair", "membership-officer", "lyngby")
	b := as(t, f, "regional chair")
	home := b.get("/")
	home.says(".label summary", "Lyngby")
	home.says(".label-menu", "Nordsjællands Storkreds")
	home.says(".label-menu", "Min egen side")
	home.says(".tabs", "Medlemmer")
	if home.first(".label-menu form") == nil {
		t.Fatal("a hat is put on by a link")
	}
	for _, form := range home.all(".label-menu form") {
		if strings.Contains(textOf(form), "Storkreds") {
			b.post(attr(form, "action"), "/").goes("/")
		}
	}
	region := b.get("/")
	region.says(".label summary", "Nordsjællands Storkreds")
	region.says(".notice", "giver ikke adgang") // D13
	if strings.Contains(region.text(".tabs"), "Medlemmer") {
		t.Error("D13: a region's chair is offered members")
	}
	b.post("/hat/999999", "/").goes("/") // somebody else's
	b.get("/").says(".label summary", "Nordsjællands Storkreds")
}

// Access ends with the term, on the pages too.
func TestTermEnds(t *testing.T) {
	f := housetest.New(t)
	for _, h := range f.Access.Held(f.Person("treasurer")) {
		f.Must(f.Access.EndAppointment(f.Context(), f.As("anna"), h.Person, h.Basis.ID, yesterday(f)))
	}
	as(t, f, "treasurer").ask("/").goes("/me")
}

func yesterday(f *housetest.Fixture) civil.Date { return f.Access.Today().AddDays(-1) }

// A fault's act is told in words.
func TestDenialsNameWhatIsMissing(t *testing.T) {
	f := housetest.New(t)
	a := as(t, f, "chair").get("/log").want(http.StatusForbidden)
	a.says("main", "læse loggen")
	as(t, f, "member").get("/log").want(http.StatusForbidden)
}

// Several duties of one kind in one month share a mark on the wheel: every kind has
// words for that, in every language.
func TestEveryKindOfDutyHasAMark(t *testing.T) {
	source, err := os.ReadFile("../duty/duty.go")
	if err != nil {
		t.Fatal(err)
	}
	kinds := regexp.MustCompile(`\w+ +Kind = "([a-z-]+)"`).FindAllStringSubmatch(string(source), -1)
	if len(kinds) < 15 {
		t.Fatalf("%d kinds", len(kinds))
	}
	for _, kind := range kinds {
		for _, lang := range locale.Languages() {
			if key := "web.home.mark." + kind[1]; !locale.For(lang).Has(key) {
				t.Errorf("%s: no %s", lang, key)
			}
		}
	}
}
