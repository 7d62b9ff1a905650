package web_test

import (
	"net/http"
	"strings"
	"testing"

	"kartotek/internal/app/housetest"
)

// A member's categories from day to day: the association's officer changes them,
// what a category asks for is said at its field, a plan is taken back.
func TestCategoryPage(t *testing.T) {
	f := housetest.New(t)
	b := as(t, f, "officer")
	path := card(f, "member") + "/categories"
	page := b.get(path).want(http.StatusOK)
	page.says("main", "Pensionist")
	page.says("main", "Tæller ikke med i foreningens størrelse")
	b.post(path, "", "category", "leave").want(http.StatusUnprocessableEntity).says("#until-error", "sidste dag")
	b.post(path, "", "category", "youth").want(http.StatusUnprocessableEntity).says("#category-error", "alder")
	b.post(path, "", "category", "passive", "from", "i morgen").want(http.StatusUnprocessableEntity).says("#from-error", "dag.måned.år")
	b.post(path, "", "category", "passive", "from", "1.2.2027").goes(path)
	page = b.get(path).want(http.StatusOK)
	page.says(".notice h2", "gemt")
	page.says("tbody td", "Planlagt")
	b.post(path+"/drop", "", "unit", "gentofte", "day", "2027-02-01").goes(path)
	if page := b.get(path); strings.Contains(page.body, "Planlagt") {
		t.Error("the plan is still there")
	}
	as(t, f, "other chair").get(path).want(http.StatusNotFound)
	as(t, f, "dorte").get(path).want(http.StatusForbidden)
}

// Two cards that look alike are listed, compared, told apart by an officer and
// made one by the secretariat only.
func TestTwoCardsSideBySide(t *testing.T) {
	f := housetest.New(t)
	f.Join("again", "gentofte", map[string]string{
		"given": "Søren Åge", "family": "Østergård-Quistorff", "birth": "23-09-1961", "email": "ny@example.dk",
	}, true)
	officer, anna := as(t, f, "officer"), as(t, f, "anna")
	same := card(f, "member") + "/same/" + f.Keyring.PublicID(f.Person("again"))
	page := officer.get("/members/alike").want(http.StatusOK)
	page.says("tbody td", "Østergård-Quistorff")
	page.says("tbody td", "Samme navn og samme fødselsdato")
	officer.get(same).want(http.StatusOK).says("main", "Kun sekretariatet")
	officer.post(same, "", "seen", "on").want(http.StatusForbidden)
	as(t, f, "other chair").get(same).want(http.StatusNotFound)

	page = anna.get(same).want(http.StatusOK)
	page.says("main", "ny@example.dk")
	page.says("main", "Adressebeskyttelse")
	anna.post(same, "").want(http.StatusUnprocessableEntity).says("#seen-error", "kryds")
	anna.post(same, "", "seen", "on", "take-email", "other").goes(same)
	anna.get(same).says("main", "Du foreslog det")
	anna.post(same+"/confirm", "", "seen", "on").want(http.StatusForbidden)

	// Nothing has happened until a colleague has looked too.
	bo := as(t, f, "bo")
	bo.get(card(f, "again")).want(http.StatusOK)
	bo.get("/").says("main", "Se på et forslag om at lægge to kort sammen")
	bo.get(card(f, "again")+"/merging").says("main", "Anna Ankerstjerne foreslog det")
	page = bo.get(same)
	page.says("main", "Anna Ankerstjerne foreslog det")
	page.says("main", "i stedet for")
	bo.post(same+"/confirm", "").want(http.StatusUnprocessableEntity).says("#seen-error", "kryds")
	bo.post(same+"/drop", "").goes("/members/alike")
	anna.get(card(f, "again")+"/merging").says("h1", "Måske samme person")
	anna.post(same, "", "seen", "on", "take-email", "other").goes(same)
	bo.post(same+"/confirm", "", "seen", "on").goes(card(f, "member"))
	anna.get(card(f, "member")).want(http.StatusOK).says(".index-rows dd", "ny@")
	anna.get("/members/alike").want(http.StatusOK).says("main", "Ingen ligner hinanden")
	anna.get(same).want(http.StatusNotFound)

	// Told apart, they are not told again.
	f.Join("third", "gentofte", map[string]string{"given": "Inger", "family": "Nabogaard", "email": "inger@example.dk"}, false)
	two := card(f, "neighbour") + "/same/" + f.Keyring.PublicID(f.Person("third"))
	officer.post(two+"/not", "").goes("/members/alike")
	officer.get("/members/alike").want(http.StatusOK).says("main", "Ingen ligner hinanden")
}

// Whoever adds somebody that has just left is asked first, if they may know.
func TestSomebodyComesBack(t *testing.T) {
	f := housetest.New(t)
	_, err := f.Departures.Close(f.Context(), f.As("bo"), f.Person("neighbour"), "resignation", false)
	f.Must(err)
	typed := []string{"given", "Inger", "family", "Nabogaard", "email", "inger@example.dk", "unit", "gentofte", "category", "ordinary"}
	anna, officer := as(t, f, "anna"), as(t, f, "officer")
	page := anna.post("/members/new", "", typed...).want(http.StatusConflict)
	page.says("main", "Inger Nabogaard")
	page.says("form", "Det er en anden")
	if strings.Contains(officer.post("/members/new", "", typed...).body, "Kommer nogen tilbage") {
		t.Error("an officer is told who has left")
	}
	anna.post("/members/new", "", append(typed, "anew", "yes")...).want(http.StatusSeeOther)
}
