package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"kartotek/internal/app/housetest"
	"kartotek/internal/journal"
)

func TestCardShowsWhatIsDeclared(t *testing.T) {
	f := housetest.New(t)
	b := as(t, f, "officer")
	page := b.get(card(f, "member")).want(http.StatusOK)
	for _, want := range []string{
		"Bregnebjerglundvej 117", "2820 Gentofte", "39 68 47 95", "+47 412 34 567", "23. september 1961", "1. marts 2009",
	} {
		page.says(".index-rows dd", want)
	}
	page.says(".index-tab", f.Number["member"])
	page.says("table tbody th", "Gentofte")
	page.says(".because", "Kl. 12.00 blev der skrevet i loggen")
	if title := page.text("title"); strings.Contains(title, "Quistorff") {
		t.Errorf("the document's title, which browsers remember, names the member: %s", title)
	}
	if n := entries(f, "member", journal.Opened); n != 1 {
		t.Errorf("%d openings in the journal", n)
	}
	page.says("a", "Send udmeldelsen videre")
	if len(page.all(`a[href="`+card(f, "member")+`/resign"]`)) != 1 {
		t.Error("a resignation cannot be passed on from here")
	}
}

// D11: a card elsewhere and a card that never was answer alike.
func TestD11CardElsewhereIsNone(t *testing.T) {
	f := housetest.New(t)
	b := as(t, f, "officer")
	elsewhere := b.get(card(f, "lyngby member")).want(http.StatusNotFound)
	never := b.get("/members/aaaaaaaaaaaaaaaaaaaaaaaaaa").want(http.StatusNotFound)
	if elsewhere.text("main h1") != never.text("main h1") {
		t.Error("the answers tell them apart")
	}
	elsewhere.silent("Yrsa")
	for _, act := range []string{"/edit", "/reveal", "/objections", "/restrict", "/memberships", "/memberships/move", "/memberships/end"} {
		a := b.post(card(f, "lyngby member")+act, "", "given", "Ny", "unit", "gentofte", "move-from", "lyngby", "move-to", "gentofte", "body", "lyngby", "send", "newsletter")
		if a.status < 400 {
			t.Errorf("%s: %d", act, a.status)
		}
		a.silent("Yrsa")
	}
}

// L8: a secret address shows to nobody on the card; the secretariat sees it by a
// press, and the log says so.
func TestL8SecretAddress(t *testing.T) {
	f := housetest.New(t)
	officer := as(t, f, "officer")
	page := officer.get(card(f, "secret")).want(http.StatusOK)
	page.says(".covered", "Adressen er dækket")
	page.says(".badge", "Adressebeskyttelse")
	page.silent("Hemmeligvej")
	if len(page.all(`form[action="`+card(f, "secret")+`/reveal"]`)) != 0 {
		t.Error("an officer is offered the address")
	}
	officer.post(card(f, "secret")+"/reveal", "").want(http.StatusOK).silent("Hemmeligvej")
	officer.get(card(f, "secret") + "/edit").want(http.StatusOK).silent("Hemmeligvej")
	// Nor does taking the mark away bring it out.
	officer.post(card(f, "secret")+"/edit", "", "was-secret_address", "yes", "given", "Karla", "was-given", "Karla")
	officer.get(card(f, "secret")).silent("Hemmeligvej")

	anna := as(t, f, "anna")
	anna.get(card(f, "secret")).want(http.StatusOK).silent("Hemmeligvej")
	if n := entries(f, "secret", journal.Revealed); n != 0 {
		t.Errorf("%d revealed before", n)
	}
	anna.post(card(f, "secret")+"/reveal", "").want(http.StatusOK).says(".index-rows dd", "Hemmeligvej 7")
	if n := entries(f, "secret", journal.Revealed); n != 1 {
		t.Errorf("%d revealed", n)
	}
	edit := anna.get(card(f, "secret") + "/edit").want(http.StatusOK)
	edit.silent("Hemmeligvej")
	if len(edit.all(`input[name="address"]`)) != 0 {
		t.Error("a covered address can be written over unseen")
	}
	edit = anna.post(card(f, "secret")+"/reveal", "", "for", "edit").want(http.StatusOK)
	if got := attr(edit.first(`input[name="address"]`), "value"); got != "Hemmeligvej 7" {
		t.Errorf("address %q on the form", got)
	}
}

// Acts are offered by right.
func TestActsByRight(t *testing.T) {
	f := housetest.New(t)
	path := card(f, "neighbour")
	for _, c := range []struct {
		who                                 string
		edit, belong, passOn, close, create bool
	}{
		{"officer", true, false, true, false, true},
		{"treasurer", true, false, true, false, false},
		{"anna", true, true, false, true, true},
		{"dorte", false, false, false, false, false},
	} {
		b := as(t, f, c.who)
		page := b.get(path).want(http.StatusOK)
		for link, want := range map[string]bool{
			path + "/edit": c.edit, path + "/memberships": c.belong, path + "/resign": c.passOn,
			"/leaving/" + strings.TrimPrefix(path, "/members/"): c.close,
		} {
			if got := len(page.all(`a[href="`+link+`"]`)) > 0; got != want {
				t.Errorf("%s is offered %s: %v", c.who, link, got)
			}
		}
		members := b.get("/members")
		if got := len(members.all(`a[href="/members/new"]`)) > 0; got != c.create {
			t.Errorf("%s is offered a new member: %v", c.who, got)
		}
		if got := b.get("/members/new").status == http.StatusOK; got != c.create {
			t.Errorf("%s gets the form for a new member: %v", c.who, got)
		}
		if got := b.get("/import").status == http.StatusOK; got != c.create {
			t.Errorf("%s gets the import: %v", c.who, got)
		}
	}
}

func TestNewMember(t *testing.T) {
	f := housetest.New(t)
	b := as(t, f, "officer")
	form := b.get("/members/new").want(http.StatusOK)
	if len(form.all(`input[name="number"]`)) != 0 || len(form.all(`select[name="unit"]`)) != 0 {
		t.Error("an officer chooses numbers or bodies")
	}
	if got := attr(form.first(`input[name="joined"]`), "value"); got != "22.11.2026" {
		t.Errorf("joined %q", got)
	}
	typed := []string{
		"given", "ANE", "family", "Bjørnø", "birth", "1.2.2015", "postal", "12", "email", "ane@", "phone", "10 26 47 95", "joined", "1.11.2026",
		"category", "pensioner", "sex", "female",
	}
	wrong := b.post("/members/new", "/members/new", typed...).want(http.StatusUnprocessableEntity)
	wrong.says("#birth-error", "15 år")
	wrong.says("#postal-error", "Postnummeret")
	wrong.says("#email-error", "e-mailadresse")
	wrong.says(".error-summary a", "e-mailadresse")
	if !strings.HasPrefix(wrong.text("title"), "Fejl:") {
		t.Error("the title does not say that something is wrong")
	}
	for name, want := range map[string]string{"given": "ANE", "birth": "1.2.2015", "phone": "10 26 47 95", "email": "ane@"} {
		if got := attr(wrong.first(`input[name="`+name+`"]`), "value"); got != want {
			t.Errorf("%s came back as %q", name, got)
		}
	}
	if got := attr(wrong.first(`select[name="sex"] option[selected]`), "value"); got != "female" {
		t.Errorf("sex came back as %q", got)
	}
	for i := 0; i < len(typed); i += 2 {
		switch typed[i] {
		case "birth":
			typed[i+1] = "1.2.1985"
		case "postal":
			typed[i+1] = "2820"
		case "email":
			typed[i+1] = "ane@example.dk"
		}
	}
	made := b.post("/members/new", "/members/new", typed...).want(http.StatusSeeOther)
	page := b.get(made.header.Get("Location")).want(http.StatusOK)
	page.says(".notice h2", "Svaret kommer om 7 døgn")
	page.says("tbody th", "Ane Bjørnø")
	b.get("/members").silent("Bjørnø")
	f.Must(f.Transfers.Work(f.Context()))
	office := as(t, f, "anna")
	waits := office.get("/moving").want(http.StatusOK).first("tbody a")
	office.get(attr(waits, "href")).want(http.StatusOK).says(".rows dd", "1.2.1985")
	office.post(attr(waits, "href")+"/accept", "").goes("/moving")
	f.Clock.Add(7 * 24 * time.Hour)
	f.Must(f.Transfers.Work(f.Context()))
	b.signIn(f, "officer")
	b.get("/moving").says("tbody td", "Blev medlem")
	page = b.get(attr(b.get(attr(b.get("/moving").first("tbody a"), "href")).first(`.card-body a[href]`), "href")).want(http.StatusOK)
	page.says("h1", "Ane Bjørnø")
	page.says(".index-rows dd", "1. februar 1985")
	page.says("table tbody th", "Gentofte")
	b.get("/members").says("tbody th", "Bjørnø, Ane")
	b.post("/members/new", "", "given", "Uden", "family", "Efternavn", "unit", "lyngby").want(http.StatusUnprocessableEntity)
	b.post("/members/new", "", "given", "230961-1234").want(http.StatusUnprocessableEntity).says("#given-error", "personnummer")
}

func TestEdit(t *testing.T) {
	f := housetest.New(t)
	b := as(t, f, "treasurer")
	path := card(f, "member")
	form := b.get(path + "/edit").want(http.StatusOK)
	if got := attr(form.first(`input[name="birth"]`), "value"); got != "23.9.1961" {
		t.Errorf("birth %q", got)
	}
	if len(form.all(`input[name="number"]`)) != 1 || len(form.all(`#number[readonly]`)) != 1 {
		t.Error("an officer may change the number")
	}
	var all []string // the form as it came
	for _, n := range form.all(`#edit input`) {
		all = append(all, attr(n, "name"), attr(n, "value"))
	}
	b.post(path+"/edit", "", all...).goes(path)
	b.get(path).says(".notice h2", "ikke noget at gemme")

	with := func(name, value string) []string {
		changed := append([]string(nil), all...)
		for i := 0; i < len(changed); i += 2 {
			if changed[i] == name {
				changed[i+1] = value
			}
		}
		return changed
	}
	wrong := b.post(path+"/edit", "", with("mobile", "12")...).want(http.StatusUnprocessableEntity)
	wrong.says("#mobile-error", "telefonnummer")
	if attr(wrong.first(`input[name="mobile"]`), "value") != "12" {
		t.Error("what was typed is lost")
	}
	b.post(path+"/edit", "", with("mobile", "20 30 40 50")...).goes(path)
	// Somebody else saves an older form: only what they touched changes.
	b.post(path+"/edit", "", with("town", "Hellerup")...).goes(path)
	page := b.get(path).want(http.StatusOK)
	page.says(".index-rows dd", "20 30 40 50")
	page.says(".index-rows dd", "2820 Hellerup")

	b.post(path+"/objections", "", "send", "invitation").goes(path)
	b.get(path).says(".badge", "Nej til nyhedsbrev")
	b.post(path+"/restrict", "", "restricted", "yes").want(http.StatusNotFound)

	anna := as(t, f, "anna")
	anna.post(path+"/restrict", "", "restricted", "yes").goes(path)
	anna.get(path).says(".badge", "Begrænset")
	b.get("/members").says("tbody td", "Begrænset")
	anna.post(path+"/restrict", "", "restricted", "no").goes(path)
	anna.post(path+"/edit", "", "was-secret_address", "no", "secret_address", "yes").goes(path)
	b.get(path).want(http.StatusOK).silent("Bregnebjerglundvej")
	as(t, f, "dorte").get(path + "/edit").want(http.StatusForbidden)
}

func TestMemberships(t *testing.T) {
	f := housetest.New(t)
	b := as(t, f, "anna")
	path := card(f, "neighbour")
	page := b.get(path + "/memberships").want(http.StatusOK)
	if len(page.all(`form[action="`+path+`/memberships/end"]`)) != 0 {
		t.Error("the only membership can be ended here")
	}
	b.post(path+"/memberships", "").want(http.StatusUnprocessableEntity).says("#unit-error", "Vælg en forening")
	b.post("/members/new", "", "given", "Ida", "family", "Is").want(http.StatusUnprocessableEntity).says("#unit-error", "Vælg en forening")
	b.post(path+"/memberships", "", "unit", "odense", "from", "i går").want(http.StatusUnprocessableEntity).says("#from-error", "dag.måned.år")
	b.post(path+"/memberships", "", "unit", "gentofte").want(http.StatusUnprocessableEntity).says("#unit-error", "allerede")
	b.post(path+"/memberships", "", "unit", "odense", "from", "1.2.2020", "until", "31.12.2030", "category", "pensioner").goes(path + "/memberships")
	page = b.get(path + "/memberships").want(http.StatusOK)
	page.says(".notice h2", "tilføjet")
	page.says("tbody td", "31. december 2030")
	b.post(path+"/memberships/move", "", "move-from", "odense", "move-to", "gentofte").want(http.StatusUnprocessableEntity).says("#move-to-error", "allerede")
	b.post(path+"/memberships/move", "", "move-from", "odense", "move-to", "lyngby").goes(path + "/memberships")
	as(t, f, "other chair").get(path).want(http.StatusOK).says("h1", "Inger Nabogaard")
	b.post(path+"/memberships/end", "", "body", "lyngby").goes(path + "/memberships")
	as(t, f, "other chair").get(path).want(http.StatusNotFound)
	b.post(path+"/memberships/end", "", "body", "gentofte").want(http.StatusUnprocessableEntity)
	as(t, f, "officer").get(path + "/memberships").want(http.StatusNotFound)
}
