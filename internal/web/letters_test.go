package web_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"kartotek/internal/access"
	"kartotek/internal/app/housetest"
	"kartotek/internal/charter"
	"kartotek/internal/journal"
	"kartotek/internal/member"
	"kartotek/internal/vault"
	"kartotek/internal/web/browsertest"
)

// onPaper is a house in which a letter waits to somebody without e-mail, at a
// secret address, and one to somebody whose address nobody knows.
func onPaper(t *testing.T) *housetest.Fixture {
	t.Helper()
	f := housetest.New(t)
	f.Join("agnes", "gentofte", map[string]string{
		"given": "Agnes", "family": "Papirsen", "address": "Postvej 12", "postal": "2820", "town": "Gentofte",
	}, true)
	f.Join("ingen", "gentofte", map[string]string{"given": "Ingen", "family": "Steder"}, false)
	for _, name := range []string{"agnes", "ingen"} {
		_, err := f.Departures.Close(f.Context(), f.As("anna"), f.Person(name), "resignation", false)
		f.Must(err)
	}
	return f
}

// The queue is the secretariat's: its duty leads there; a secret address stands
// on paper only; posted, the duty is done; what came back is one press.
func TestLettersToPrint(t *testing.T) {
	f := onPaper(t)
	b := as(t, f, "anna")
	home := b.get("/")
	home.says(".duty h3", "Send de breve, der venter")
	if home.first(`.duty a[href="/letters"]`) == nil {
		t.Error("the duty does not lead to the letters")
	}
	b.get("/leaving").says("a.button", "Breve til print")

	page := b.get("/letters").want(http.StatusOK)
	page.says("tbody th", "Agnes Papirsen")
	page.says("tbody td", "I morgen")
	page.says("tbody td", "Ingen adresse")
	page.silent("Postvej")
	first, second := page.first("#letter-1"), page.first("#letter-2")
	if !has(first, "checked") || has(second, "checked") {
		t.Error("what cannot be posted is chosen, or what can is not")
	}
	letter := b.get("/letters/1").want(http.StatusOK)
	letter.says("h1", "Brev 1")
	letter.says(".lines", "et bevis med nummer")
	letter.silent("Postvej")

	a := b.post("/letters/print", "/letters", "id", "1", "id", "2", "paper", "letters").want(http.StatusOK)
	if !strings.HasPrefix(a.body, "%PDF-") || a.header.Get("Content-Disposition") != "attachment; filename=breve-2026-11-22.pdf" {
		t.Errorf("%.20q %s", a.body, a.header.Get("Content-Disposition"))
	}
	if n := entries(f, "agnes", journal.Print); n != 1 {
		t.Errorf("%d entries say the letter was printed", n)
	}
	a = b.post("/letters/print", "/letters", "id", "1", "paper", "labels", "sheet", "L7163", "start", "2").want(http.StatusOK)
	if !strings.HasPrefix(a.body, "%PDF-") {
		t.Errorf("%.20q", a.body)
	}
	b.post("/letters/posted", "/letters", "id", "1").goes("/letters")
	page = b.get("/letters").want(http.StatusOK)
	page.says(".notice", "Brevene er meldt sendt")
	page.says("table td", "Sendt")
	b.post("/letters/1/again", "/letters").goes("/letters")
	b.post("/letters/posted", "/letters", "id", "1").goes("/letters")
	b.get("/letters")
	b.post("/letters/1/returned", "/letters").goes("/letters")
	b.get("/letters").says(".notice", "Brev 1 kom retur")
	b.post("/letters/2/drop", "/letters/2").goes("/letters")
	page = b.get("/letters").want(http.StatusOK)
	page.says(".empty", "Ingen breve venter")
	page.says("table td", "Taget ud")
	b.get("/").says("main", "Ingen opgaver venter")
}

// D11, L8: nobody but the secretariat sees them, and what cannot be done is said.
func TestLettersAreTheSecretariats(t *testing.T) {
	f := onPaper(t)
	for _, who := range []string{"officer", "chair", "member", "dorte"} {
		b := as(t, f, who)
		b.get("/letters").want(http.StatusForbidden)
		b.get("/letters/1").want(http.StatusForbidden)
		b.post("/letters/print", "", "id", "1", "paper", "letters").want(http.StatusForbidden)
		b.post("/letters/posted", "", "id", "1").want(http.StatusForbidden)
		b.post("/letters/1/drop", "").want(http.StatusForbidden)
	}
	b := as(t, f, "anna")
	for _, c := range []struct {
		pairs []string
		says  string
	}{
		{[]string{"paper", "letters"}, "Vælg mindst ét brev"},
		{[]string{"paper", "letters", "id", "2"}, "ingen af brevene har en adresse"},
		{[]string{"paper", "labels", "id", "1", "start", "99"}, "fra 1 til 21"},
	} {
		b.post("/letters/print", "", c.pairs...).want(http.StatusUnprocessableEntity).says(".error-summary", c.says)
	}
	b.post("/letters/posted", "").want(http.StatusUnprocessableEntity)
	b.get("/letters/99").want(http.StatusNotFound)
	b.post("/letters/1/returned", "").want(http.StatusConflict)
}

// D7: whoever ends the window for somebody without e-mail gets the certificate
// with the address it is posted to, this one time.
func TestD7TheCertificateWithItsAddress(t *testing.T) {
	f := onPaper(t)
	person := f.Keyring.PublicID(f.Person("agnes"))
	b := as(t, f, "bo")
	b.get("/leaving/" + person).silent("Postvej")
	a := b.post("/leaving/"+person+"/confirm", "", "seen", "yes").want(http.StatusOK)
	a.says(".lines", "Agnes Papirsen Postvej 12 2820 Gentofte")
	a.says("h2", "Slettebevis")
	b.get("/letters").silent("Papirsen")
}

// In a browser, on a phone and without scripts: what is ticked is printed.
func TestLettersInABrowser(t *testing.T) {
	t.Parallel()
	chromium := browsertest.Start(t)
	for _, trip := range []trip{{lang: "da", width: 390, height: 844, phone: true}, {lang: "en", width: 1280, height: 900, noScripts: true}} {
		j := set(t, chromium, trip)
		office := j.login(t, "secretariat", 0)
		for i := range 3 {
			letterTo(t, j, office.Person, "Agnes"+strconv.Itoa(i))
		}
		tab := j.as(t, office.Person)
		tab.Visit("/letters")
		j.check(tab)
		name, file := tab.Download(func() { tab.Press(j.T("letter.print.act")) })
		if !strings.HasSuffix(name, ".pdf") || !strings.HasPrefix(string(file), "%PDF") {
			t.Errorf("%s of %d bytes", name, len(file))
		}
		tab.Visit("/letters/1")
		j.check(tab)
		j.picture(tab, "letter")
		tab.Visit("/letters")
		j.picture(tab, "letters")
		tab.Go(j.T("letter.posted.act"))
		tab.Says("[role=status]", j.T("letter.notice.posted"))
		j.check(tab)
	}
}

// letterTo closes the membership of somebody without e-mail.
func letterTo(t *testing.T, j *journey, office vault.PersonID, given string) {
	t.Helper()
	ctx := t.Context()
	by := access.Actor{Person: office, Via: access.Web}
	scope, err := j.house.Access.Require(ctx, by, access.Want{Act: charter.Create})
	if err != nil {
		t.Fatal(err)
	}
	body, _ := j.house.Units.Tree().ByCode("gentofte")
	person, _, err := j.house.Members.Create(ctx, scope, member.Draft{Unit: body.ID, Values: map[string]string{
		"given": given, "family": "Papirsen", "address": "Postvej 12", "postal": "2820", "town": "Gentofte",
	}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := j.house.Departures.Close(ctx, by, person, "resignation", false); err != nil {
		t.Fatal(err)
	}
}
