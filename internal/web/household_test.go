package web_test

import (
	"net/http"
	"strings"
	"testing"

	"kartotek/internal/app/housetest"
	"kartotek/internal/journal"
)

// A couple is put together, and parted in one step; a form with a mistake comes
// back with it and has changed nothing.
func TestDivorceOnTheCard(t *testing.T) {
	f := housetest.New(t)
	f.Join("lone", "gentofte", map[string]string{"given": "Lone", "family": "Brandt", "address": "Parvej 1", "postal": "2820", "town": "Gentofte", "email": "brandt@example.dk"}, false)
	f.Join("jens", "gentofte", map[string]string{"given": "Jens", "family": "Brandt", "address": "Parvej 1", "postal": "2820", "town": "Gentofte", "email": "brandt@example.dk"}, false)
	b := as(t, f, "officer")
	b.get("/members/households").want(http.StatusOK).says("table tbody th", "Brandt")
	b.post("/members/households", "", "person", strings.TrimPrefix(card(f, "lone"), "/members/"), "person", strings.TrimPrefix(card(f, "jens"), "/members/"))
	b.get("/members/households").want(http.StatusOK).silent("Lone")
	b.get(card(f, "lone")).want(http.StatusOK).says("main li", "Jens Brandt")

	part := card(f, "lone") + "/household/part"
	b.get(part).want(http.StatusOK).says("label", "Lone flytter")
	fields := []string{
		"0-person", strings.TrimPrefix(card(f, "lone"), "/members/"), "1-person", strings.TrimPrefix(card(f, "jens"), "/members/"), "0-moves", "yes",
		"0-address", "Skjulvej 9", "was-0-address", "Parvej 1", "0-email", "brandt@example.dk", "was-0-email", "brandt@example.dk",
		"1-email", "brandt@example.dk", "was-1-email", "brandt@example.dk", "0-secret", "yes",
	}
	b.post(part, "", fields...).want(http.StatusUnprocessableEntity).says(".error", "fælles e-mail")
	b.get(card(f, "lone")).says(".index-rows dd", "Parvej 1")
	for i := range fields {
		if fields[i] == "0-email" {
			fields[i+1] = "lone@example.dk"
		}
	}
	b.post(part, "", fields...)
	page := b.get(card(f, "lone")).want(http.StatusOK)
	page.silent("Skjulvej")
	page.says(".index-rows dd", "lone@")
	for _, path := range []string{card(f, "jens"), card(f, "jens") + "/household", "/members/households", "/members/upkeep"} {
		b.get(path).want(http.StatusOK).silent("Skjulvej")
	}
	jens := as(t, f, "jens")
	for _, path := range []string{"/me", "/me/everything", "/me/seen", "/me/contact"} {
		func(a *answer) {
			a.silent("Skjulvej")
			a.silent("lone@")
			a.silent("Lone")
		}(jens.get(path).want(http.StatusOK))
	}
	if entries(f, "lone", journal.Split) != 1 || entries(f, "jens", journal.Split) != 1 {
		t.Error("the log does not have the parting once for each")
	}
}

// What comes back is marked, counted on the home page, and gone with the address.
func TestReturnedMailIsWorkToDo(t *testing.T) {
	f := housetest.New(t)
	b := as(t, f, "officer")
	if text := b.get("/").want(http.StatusOK).body; strings.Contains(text, "skal der ses på") {
		t.Error("work before there is any")
	}
	b.post(card(f, "member")+"/returned", "", "channel", "letter")
	b.get("/").says(".notice", "Ét medlem skal der ses på")
	func(a *answer) {
		a.says("#returned", "")
		a.says("main", "Østergård-Quistorff")
	}(b.get("/members/upkeep").want(http.StatusOK))
	func(a *answer) {
		a.says(".badge", "Post retur")
		a.says(".index-rows", "Medlemsansvarlig, Gentofte")
	}(b.get(card(f, "member")))
	b.get("/members").says("tbody .badge", "Post retur")
	as(t, f, "other chair").get("/members/upkeep").silent("Quistorff")
	b.post(card(f, "member")+"/edit", "", "address", "Ny Vej 3", "was-address", "Bregnebjerglundvej 117, 3. tv.")
	b.get("/members/upkeep").silent("Quistorff")
	b.get(card(f, "member")).says(".index-rows dd", "Ny Vej 3")
}

// Members change how they are reached; a new e-mail address counts once its code
// is typed; name and birth date become a duty of member service.
func TestMembersChangeTheirOwnContactData(t *testing.T) {
	f := housetest.New(t)
	b := as(t, f, "member")
	b.get("/me/contact").want(http.StatusOK)
	b.post("/me/contact", "", "address", "Hjemmevej 5", "was-address", "Bregnebjerglundvej 117, 3. tv.", "given", "Kong", "was-given", "Søren Åge", "secret_address", "yes")
	me := b.get("/me").want(http.StatusOK)
	me.says(".index-rows dd", "Hjemmevej 5")
	me.silent("Kong")
	func(a *answer) {
		a.silent("Hjemmevej")
		a.says(".badge", "Adressebeskyttelse")
	}(as(t, f, "officer").get(card(f, "member")).want(http.StatusOK))
	b.post("/me/contact", "", "postal", "12", "was-postal", "2820").want(http.StatusUnprocessableEntity)

	b.post("/me/correct", "").want(http.StatusUnprocessableEntity)
	b.post("/me/correct", "", "family", "Nyt-Navn", "why", "gift")
	anna := as(t, f, "anna")
	anna.get("/").want(http.StatusOK).says("main", "Svar på en rettelse")
	func(a *answer) {
		a.says("#wish", "")
		a.says("main", "Nyt-Navn")
	}(anna.get(card(f, "member") + "/edit").want(http.StatusOK))
	anna.post(card(f, "member")+"/correct", "", "accept", "yes")
	anna.get(card(f, "member")).says("h1", "Nyt-Navn")
	if text := anna.get("/").body; strings.Contains(text, "Et medlem beder om at få rettet") {
		t.Error("the duty stays after it is done")
	}
}

// A new e-mail address counts once the code sent to it is typed, and the old one
// is told.
func TestNewEmailCountsOnceItsCodeIsTyped(t *testing.T) {
	f := housetest.New(t)
	b := as(t, f, "member")
	b.post("/me/email", "", "email", "no address").want(http.StatusUnprocessableEntity)
	to := b.post("/me/email", "", "email", "ny.adresse@example.dk")
	request := attr(b.get(to.want(http.StatusSeeOther).header.Get("Location")).want(http.StatusOK).first(`input[name="request"]`), "value")
	b.get("/me").silent("ny.adresse")
	code := f.Code("ny.adresse@example.dk")
	wrong := "000000"
	if code == wrong {
		wrong = "000001"
	}
	b.post("/me/email/code", "", "request", request, "code", wrong).want(http.StatusUnprocessableEntity)
	as(t, f, "neighbour").post("/me/email/code", "", "request", request, "code", code).want(http.StatusUnprocessableEntity)
	b.get("/me").silent("ny.adresse")
	b.post("/me/email/code", "", "request", request, "code", code)
	b.get("/me").want(http.StatusOK).says(".index-rows dd", "ny.adresse@")
	if again := b.post("/me/email/code", "", "request", request, "code", code); again.status < 400 {
		t.Errorf("a code is spent twice: %d", again.status)
	}
}
