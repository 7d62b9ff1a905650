package web_test

import (
	"encoding/csv"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"kartotek/internal/access"
	"kartotek/internal/app/housetest"
	"kartotek/internal/journal"
)

// L8: the purpose comes first, chosen by nobody beforehand, and says what a list
// for it would be before anything leaves.
func TestL8PurposeBeforeData(t *testing.T) {
	f := housetest.New(t)
	self, err := f.Access.Decide(f.As("neighbour"), access.Want{Self: true})
	f.Must(err)
	f.Must(f.Members.SetObjection(f.Context(), self, f.Person("neighbour"), "newsletter", true))

	page := as(t, f, "officer").get("/lists/pull").want(http.StatusOK)
	for _, input := range page.all(`input[name="purpose"]`) {
		if has(input, "checked") {
			t.Errorf("%s is chosen beforehand", attr(input, "value"))
		}
	}
	page.says(".chosen", "Vælg først et formål.")
	if page.first(`select[name="unit"]`) != nil {
		t.Error("an officer chooses among bodies")
	}
	// The newsletter is the fourth purpose.
	page.says("div.for-4 li", "E-mail")
	page.says("div.for-4 li.out", "Adresse")
	page.says("div.for-4 p", "berettiget interesse; medlemmet kan sige nej (artikel 6, stk. 1, litra f og artikel 9, stk. 2, litra d")
	page.says(".slip .for-4", "5 af 6")
	page.says(".slip .for-4", "Én har sagt nej til formålet.")
	page.says(".slip .for-4", "29. november 2026")
	page.says(".slip .for-2", "Listen når alle")
	page.says(".slip .for-1", "Én beskyttet adresse er dækket.")
	page.says(".slip dd", "Mette Medlemsgaard")
	page.says(".slip dd", "Medlemsansvarlig, Gentofte")
	page.silent("Nabogaard") // numbers only
	if n := entries(f, "neighbour", journal.List); n != 0 {
		t.Errorf("looking at the form put %d on a list", n)
	}
}

func TestD12TheFileIsTheAnswer(t *testing.T) {
	f := housetest.New(t)
	b := as(t, f, "officer")
	a := b.post("/lists/pull", "/lists/pull", "purpose", "meeting-notice", "format", "csv", "by", "1.12.2026", "promise", "yes").want(http.StatusOK)
	if got := a.header.Get("Content-Disposition"); got != "attachment; filename=liste-1-destrueres-senest-2026-12-01.csv" {
		t.Errorf("the file: %s", got)
	}
	if got := a.header.Get("Content-Type"); !strings.HasPrefix(got, "text/csv") {
		t.Errorf("the type: %s", got)
	}
	r := csv.NewReader(strings.NewReader(strings.TrimPrefix(a.body, "\ufeff")))
	r.Comma = ';'
	rows, err := r.ReadAll()
	f.Must(err)
	if len(rows) != 7 || !strings.Contains(a.body, "Nabogaard") || strings.Contains(a.body, "Lyngholm") {
		t.Errorf("%d rows: %s", len(rows), a.body)
	}
	if strings.Contains(a.body, "39 68 47 95") || strings.Contains(a.body, "+4539684795") {
		t.Error("the list has a field that is not the purpose's")
	}
	if n := entries(f, "member", journal.List); n != 1 {
		t.Errorf("%d lists in the journal", n)
	}

	page := b.get("/lists").want(http.StatusOK)
	page.says("tbody th", "Liste 1")
	for _, want := range []string{"Mødeindkaldelse Gentofte", "6", "Mette Medlemsgaard Medlemsansvarlig", "01.12.2026", "Om 9 dage"} {
		page.says("tbody td", want)
	}
}

func TestPullRefusesOnTheForm(t *testing.T) {
	f := housetest.New(t)
	b := as(t, f, "officer")
	for _, c := range []struct {
		name  string
		pairs []string
		field string
		says  string
	}{
		{"no purpose", []string{"format", "csv", "promise", "yes"}, "#purpose", "Vælg først"},
		{"no promise", []string{"purpose", "audit", "format", "csv"}, "#promise", "Sæt kryds"},
		{"too late", []string{"purpose", "audit", "format", "csv", "promise", "yes", "by", "1.2.2027"}, "#by", "senest 22. december 2026"},
		{"past", []string{"purpose", "audit", "format", "csv", "promise", "yes", "by", "1.2.2026"}, "#by", "Dagen er gået"},
		{"no day", []string{"purpose", "audit", "format", "csv", "promise", "yes", "by", "snart"}, "#by", "Skriv datoen"},
		{"no such file", []string{"purpose", "audit", "format", "exe", "promise", "yes"}, "#format", "filtype"},
	} {
		a := b.post("/lists/pull", "", c.pairs...).want(http.StatusUnprocessableEntity)
		a.says(".error-summary a", c.says)
		if got := attr(a.first(".error-summary a"), "href"); got != c.field {
			t.Errorf("%s: the problem leads to %q", c.name, got)
		}
		if a.first(c.field) == nil {
			t.Errorf("%s: there is no %s to lead to", c.name, c.field)
		}
	}
	b.get("/lists").says(".empty", "Du har ingen lister ude")
}

// D11, D13: a list of another association is refused, and a region has none.
func TestD11D13PullElsewhereIsDenied(t *testing.T) {
	f := housetest.New(t)
	officer := as(t, f, "officer")
	officer.get("/lists/pull?unit=lyngby").want(http.StatusForbidden).says("main", "anden forening")
	officer.post("/lists/pull", "", "unit", "lyngby", "purpose", "audit", "format", "csv", "promise", "yes").want(http.StatusForbidden)
	as(t, f, "regional chair").get("/lists/pull").want(http.StatusForbidden)
	as(t, f, "member").get("/lists/pull").want(http.StatusForbidden)
}

// D2: the secretariat chooses whose members; the choice is part of the address.
func TestD2SecretariatPullsAnyBody(t *testing.T) {
	f := housetest.New(t)
	b := as(t, f, "anna")
	page := b.get("/lists/pull?unit=north&purpose=audit").want(http.StatusOK)
	if got := attr(page.first(`option[selected]`), "value"); got != "north" {
		t.Errorf("chosen: %s", got)
	}
	page.says(".slip dd", "Nordsjællands Storkreds")
	if in := page.first(`input[value="audit"]`); !has(in, "checked") {
		t.Error("the purpose of the address is not chosen")
	}
	a := b.post("/lists/pull", "", "unit", "south", "purpose", "meeting-notice", "format", "csv", "promise", "yes").want(http.StatusOK)
	if !strings.Contains(a.body, "Fynbo") || strings.Contains(a.body, "Nabogaard") {
		t.Error("the list is of another body")
	}
	b.post("/lists/pull", "", "unit", "nowhere", "purpose", "audit", "format", "csv", "promise", "yes").want(http.StatusNotFound)
}

// D12: file and paper are attested apart, and paper that never was counts.
func TestD12AttestFileAndPaper(t *testing.T) {
	f := housetest.New(t)
	number := pull(f, "officer", "newsletter")
	b := as(t, f, "officer")
	page := b.get("/lists/1").want(http.StatusOK)
	page.says(".card p", "Blev listen aldrig skrevet ud, tæller det også")
	if n := len(page.all(`form[action="/lists/1/attest"]`)); n != 2 {
		t.Fatalf("%d forms", n)
	}
	b.post("/lists/1/attest", "", "medium", "digital").goes("/lists/1")
	page = b.get("/lists/1")
	page.says(".notice", "Filen til liste 1 er bekræftet slettet")
	page.says(".stamp", "Filen er slettet")
	b.get("/lists").says("tbody td", "Papiret mangler.")
	b.post("/lists/1/attest", "", "medium", "physical").goes("/lists/1")
	page = b.get("/lists")
	page.says(".notice", "Liste 1 er destrueret")
	page.says(".stamp", "Destrueret 22.11.2026")
	if page.first("tbody td a.button") != nil {
		t.Error("a destroyed list can be attested again")
	}
	b.get("/").says(".empty", "Ingen opgaver venter")

	b.post("/lists/1/attest", "", "medium", "smoke").want(http.StatusUnprocessableEntity)
	for _, other := range []string{"chair", "member"} {
		as(t, f, other).post("/lists/1/attest", "", "medium", "digital").want(http.StatusNotFound)
		as(t, f, other).get("/lists/1").want(http.StatusNotFound)
	}
	if number != 1 {
		t.Errorf("number %d", number)
	}
}

// D12, D14: overdue lists stand first, and show with names to whoever follows up.
func TestD12OverdueFirstAndFollowedUp(t *testing.T) {
	f := housetest.New(t)
	pull(f, "officer", "newsletter") // 7 days
	pull(f, "officer", "audit")      // 30 days
	pull(f, "other chair", "newsletter")
	f.Clock.Add(9 * 24 * time.Hour)

	own := as(t, f, "officer").get("/lists")
	if got := rows(own); len(got) < 2 || !strings.Contains(got[0], "Liste 1") || !strings.Contains(got[0], "2 dage over fristen") {
		t.Errorf("first: %v", got)
	}
	own.silent("Lyngholm")

	chair := as(t, f, "chair").get("/lists")
	chair.says("tbody td", "Mette Medlemsgaard Medlemsansvarlig")
	chair.silent("Lyngholm")

	anna := as(t, f, "anna")
	page := anna.get("/lists")
	page.says("tbody td", "Lene Lyngholm Formand")
	page.says(".because", "At navnene blev vist, står nu i loggen")
	if n := entries(f, "other chair", journal.Shown); n == 0 {
		t.Error("that the name was shown is not in the journal")
	}
	one := anna.get("/lists/3").want(http.StatusOK)
	one.says(".notice", "Kun modtageren kan bekræfte")
	if one.first("main form") != nil {
		t.Error("others can attest")
	}
	anna.post("/lists/3/attest", "", "medium", "digital").want(http.StatusNotFound)
}

func TestListsInEnglish(t *testing.T) {
	f := housetest.New(t)
	b := newBrowser(t, f)
	b.header.Set("Accept-Language", "en")
	b.signIn(f, "officer")
	page := b.get("/lists/pull")
	page.says("h1", "Pull a member list")
	page.says("div.for-4 p", "(GDPR Article 6(1)(f) and Article 9(2)(d)).")
	a := b.post("/lists/pull", "", "purpose", "newsletter", "format", "csv", "promise", "yes").want(http.StatusOK)
	if got := a.header.Get("Content-Disposition"); !strings.Contains(got, "list-1-") || !strings.HasPrefix(a.body, "\ufeffGiven name,") {
		t.Errorf("%s: %.60s", got, a.body)
	}
}

// rows are the texts of a page's table rows.
func rows(a *answer) (all []string) {
	for _, n := range a.all("tbody tr") {
		all = append(all, squeeze(textOf(n)))
	}
	return all
}

func has(n *html.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}

// torn is a connection that breaks with the first byte.
type torn struct{ *httptest.ResponseRecorder }

func (torn) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

// A file that does not come through whole is broken off, so that nobody takes it
// for one; the list stands all the same, with its duty (D12).
func TestD12AListIsWholeOrBrokenOff(t *testing.T) {
	f := housetest.New(t)
	b := as(t, f, "officer")
	r := httptest.NewRequest(http.MethodPost, "https://kartotek.example/lists/pull", strings.NewReader("purpose=audit&format=csv&promise=yes"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	func() {
		defer func() {
			if broken := recover(); broken != http.ErrAbortHandler {
				t.Errorf("the answer ended in %v", broken)
			}
		}()
		b.handler.ServeHTTP(torn{httptest.NewRecorder()}, r)
	}()
	b.get("/lists").says("tbody tr", "Liste 1")
	b.get("/").says(".duty h3", "Destruér liste 1")
}
