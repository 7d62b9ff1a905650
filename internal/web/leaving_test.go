package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/app/housetest"
	"kartotek/internal/charter"
	"kartotek/internal/departure"
	"kartotek/internal/journal"
)

// leave is the page of somebody's leaving.
func leave(f *housetest.Fixture, name string) string {
	return "/leaving/" + f.Keyring.PublicID(f.Person(name))
}

// D6: an association passes a resignation on; it cannot close.
func TestD6AssociationPassesResignationOn(t *testing.T) {
	f := housetest.New(t)
	b := as(t, f, "officer")
	page := b.get(card(f, "neighbour") + "/resign").want(http.StatusOK)
	page.says(".then", "Inger Nabogaard er medlem, til sekretariatet har lukket medlemskabet.")
	page.says(".then", "Inden for 7 dage")
	page.says(".choice", "E-mail fra medlemmet")
	if got := attr(page.first("#on"), "value"); got != "22.11.2026" {
		t.Errorf("the day is %s", got)
	}
	if title := page.text("title"); strings.Contains(title, "Nabogaard") {
		t.Errorf("the document's title names the member: %s", title)
	}
	b.post(card(f, "neighbour")+"/resign", "", "on", "22.11.2026").want(http.StatusUnprocessableEntity).says(".error-summary a", "Vælg, hvordan")
	b.post(card(f, "neighbour")+"/resign", "", "how", "phone", "on", "24.11.2026").want(http.StatusUnprocessableEntity).says(".error-summary a", "fremtiden")
	b.post(card(f, "neighbour")+"/resign", "", "how", "phone", "on", "i går").want(http.StatusUnprocessableEntity).says(".error-summary a", "Skriv datoen")
	b.post(card(f, "neighbour")+"/resign", "", "how", "phone", "on", "20.11.2026").goes(card(f, "neighbour"))
	b.get(card(f, "neighbour")).says(".notice", "Udmeldelsen er sendt videre")
	b.get(card(f, "neighbour")+"/resign").says(".notice", "Gentofte sendte udmeldelsen videre (telefon). Meldt ud 20. november 2026.")
	b.post(card(f, "neighbour")+"/resign", "", "how", "phone", "on", "20.11.2026").want(http.StatusUnprocessableEntity).says(".error-summary li", "allerede sendt videre")

	for _, path := range []string{"/leaving", leave(f, "neighbour")} {
		b.get(path).want(http.StatusForbidden)
	}
	b.post(leave(f, "neighbour")+"/close", "", "reason", "resignation").want(http.StatusForbidden)
	b.post(card(f, "lyngby member")+"/resign", "", "how", "phone", "on", "20.11.2026").want(http.StatusNotFound)
	b.get(card(f, "lyngby member") + "/resign").want(http.StatusNotFound).silent("Yrsa")

	anna := as(t, f, "anna")
	queue := anna.get("/leaving").want(http.StatusOK)
	queue.says("tbody tr", "Inger Nabogaard Gentofte Gentofte sendte udmeldelsen videre (telefon). 20.11.2026 29.11.2026 Om 7 dage")
	if queue.first(`tbody a[href="`+leave(f, "neighbour")+`"]`) == nil {
		t.Error("the queue leads nowhere")
	}
	queue.says(".tabs .n", "1")

	// The resignation was a mistake.
	anna.get(leave(f, "neighbour")).says("h2", "Er udmeldelsen en fejl?")
	anna.post(leave(f, "neighbour")+"/withdraw", "").goes("/leaving")
	queue = anna.get("/leaving")
	queue.says(".notice", "Udmeldelsen er taget tilbage")
	queue.says(".empty", "Ingen venter")
	anna.post(leave(f, "neighbour")+"/withdraw", "").want(http.StatusGone)
}

// D7: what happens stands before the button; then the card is hidden everywhere,
// and can be brought back.
func TestD7CloseAndUndo(t *testing.T) {
	f := housetest.New(t)
	pull(f, "officer", "meeting-notice")
	b := as(t, f, "anna")
	page := b.get(leave(f, "member")).want(http.StatusOK)
	page.says("h1", "Luk medlemskabet for Søren Åge Østergård-Quistorff?")
	page.says(".lead", "Ingen har meldt medlemmet ud.")
	page.says(".then div", "Nu 22. november 2026 Skjult overalt.")
	page.says(".then div", "Indtil 25.11.2026 kl. 12.00 3 dage Du kan fortryde.")
	page.says(".then div", "Slettet for altid.")
	page.says(".rows dd", "Slettebevis på e-mail, før adressen slettes")
	page.says(".rows dd", "Liste 1, destrueres senest 22.12.2026")
	page.says(".rows dd", f.Number["member"])
	page.says(".choice", "Død Der sendes intet til personen")
	if title := page.text("title"); strings.Contains(title, "Quistorff") {
		t.Errorf("the document's title names the member: %s", title)
	}
	b.get(leave(f, "abroad member")).says(".rows dd", "Kartoteket har ingen e-mail")
	b.post(leave(f, "member")+"/close", "", "when", "later").want(http.StatusUnprocessableEntity).says(".error-summary a", "Vælg en grund")

	b.post(leave(f, "member")+"/close", "", "reason", "non-payment", "when", "later").goes(leave(f, "member"))
	page = b.get(leave(f, "member")).want(http.StatusOK)
	page.says(".notice", "Medlemskabet er lukket")
	page.says("h1", "Søren Åge Østergård-Quistorff er meldt ud")
	page.says(".rows dd", "Ikke betalt")
	page.says(".rows dd", "Kan fortrydes")
	page.says(".rows dd", "22.11.2026 kl. 12.00 Anna Ankerstjerne")
	page.says(".card p", "Den, der lukkede, kan ikke selv godkende.")
	if page.first(`form[action="`+leave(f, "member")+`/confirm"]`) != nil {
		t.Error("whoever closed is offered to confirm")
	}
	as(t, f, "officer").get(card(f, "member")).want(http.StatusNotFound).silent("Quistorff")
	as(t, f, "officer").get("/members").silent("Quistorff")
	b.get("/leaving").says("tbody tr", "Søren Åge Østergård-Quistorff 22.11.2026 kl. 12.00 Anna Ankerstjerne K-")

	b.post(leave(f, "member")+"/undo", "").goes(card(f, "member"))
	b.get(card(f, "member")).want(http.StatusOK).says(".notice", "Lukningen er fortrudt")
	b.post(leave(f, "member")+"/undo", "").want(http.StatusNotFound)
}

// D7: today needs a second pair of eyes; the certificate shows that one time.
func TestD7SecondPairOfEyesErases(t *testing.T) {
	f := housetest.New(t)
	pull(f, "officer", "meeting-notice")
	anna := as(t, f, "anna")
	anna.post(leave(f, "member")+"/close", "", "reason", "resignation", "when", "now").goes(leave(f, "member"))
	anna.get(leave(f, "member")).says(".notice", "En kollega skal nu godkende")
	anna.post(leave(f, "member")+"/confirm", "", "seen", "yes").want(http.StatusForbidden).says("main", "Den, der lukkede, kan ikke selv godkende")

	bo := as(t, f, "bo")
	queue := bo.get("/leaving")
	queue.says("caption", "Venter på en kollega")
	queue.says(".tabs .n", "1")
	page := bo.get(leave(f, "member")).want(http.StatusOK)
	page.says(".notice", "En kollega beder om, at kortet slettes i dag")
	page.says(".rows dd", "Gentofte")
	bo.post(leave(f, "member")+"/confirm", "").want(http.StatusUnprocessableEntity).says(".error-summary a", "Sæt kryds")

	erased := bo.post(leave(f, "member")+"/confirm", "", "seen", "yes").want(http.StatusOK)
	erased.says("h1", "Slettet")
	number := strings.TrimPrefix(erased.text("#certificate"), "Slettebevis ")
	if !strings.HasPrefix(number, "K-") {
		t.Errorf("the certificate's number is %q", number)
	}
	erased.says(".card li", "Medlemskaber: 1")
	erased.says(".card li", "Liste 1, destrueres senest 22. december 2026")
	erased.says(".card .typed", "Kodeord til fingeraftrykket:")
	erased.silent("Quistorff")
	if got := erased.header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("the certificate may be kept: %s", got)
	}

	queue = bo.get("/leaving")
	queue.says("tbody tr", number)
	queue.says(".stamp", "Slettet")
	queue.silent("Quistorff")
	bo.get(leave(f, "member")).want(http.StatusNotFound)
	bo.post(leave(f, "member")+"/confirm", "", "seen", "yes").want(http.StatusNotFound)
	bo.post(leave(f, "member")+"/undo", "").want(http.StatusNotFound)
}

// Once the window is over there is nothing to undo, and no name in the queue.
func TestD7WindowEnds(t *testing.T) {
	f := housetest.New(t)
	as(t, f, "anna").post(leave(f, "neighbour")+"/close", "", "reason", "death").goes(leave(f, "neighbour"))
	f.Clock.Add(73 * time.Hour)
	b := as(t, f, "anna")
	queue := b.get("/leaving")
	queue.says("tbody tr", "Navnet er væk")
	queue.silent("Nabogaard")
	b.post(leave(f, "neighbour")+"/undo", "").want(http.StatusGone)
	_, err := f.Departures.EraseDue(f.Context())
	f.Must(err)
	b.get("/leaving").says(".stamp", "Slettet")
}

// A member who asked to leave waits in the queue as well; nobody closes their own.
func TestD6MemberAsks(t *testing.T) {
	f := housetest.New(t)
	f.Must(f.Departures.Ask(f.Context(), f.As("member")))
	b := as(t, f, "anna")
	b.get("/leaving").says("tbody tr", "Medlemmet har selv meldt sig ud.")
	page := b.get(leave(f, "member"))
	page.says(".lead", "Medlemmet har selv meldt sig ud. Meldt ud 22. november 2026.")
	if own := page.first(`input[value="resignation"]`); !has(own, "checked") {
		t.Error("the reason is not chosen for somebody who asked")
	}
	if n := entries(f, "member", journal.Opened); n == 0 {
		t.Error("that the card was opened is not in the journal")
	}
	b.post(leave(f, "anna")+"/close", "", "reason", "resignation").want(http.StatusForbidden).says("main", "Ingen lukker sit eget medlemskab")

	scope, err := f.Access.Decide(f.As("anna"), access.Want{Act: charter.Close})
	f.Must(err)
	if _, _, err := f.Departures.Of(f.Context(), scope, f.Person("member")); !departure.None(err) {
		t.Errorf("looking closed it: %v", err)
	}
}

func TestLeavingInEnglish(t *testing.T) {
	f := housetest.New(t)
	b := newBrowser(t, f)
	b.header.Set("Accept-Language", "en")
	b.signIn(f, "anna")
	b.get("/leaving").says("h1", "Resignations")
	page := b.get(leave(f, "member"))
	page.says("h1", "Close the membership of Søren Åge Østergård-Quistorff?")
	page.says(".then div", "Erased for good.")
	b.get("/access").says("h1", "Who has access")
	b.get("/bodies").says("h1", "Associations")
}
