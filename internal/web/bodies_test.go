package web_test

import (
	"net/http"
	"strconv"
	"testing"

	"kartotek/internal/app/housetest"
	"kartotek/internal/journal"
	"kartotek/internal/unit"
)

func itoa(n uint64) string { return strconv.FormatUint(n, 10) }

func TestBodiesAreAddedRenamedAndClosed(t *testing.T) {
	f := housetest.New(t)
	b := as(t, f, "anna")
	tree := b.get("/bodies").want(http.StatusOK)
	tree.says("tbody tr", "Gentofte Vælgerforening gentofte 6")
	tree.says("tbody tr", "Nordsjællands Storkreds Storkreds north")

	add := b.get("/bodies/north/add").want(http.StatusOK)
	add.says(".lead", "Nordsjællands Storkreds")
	if level := add.first(`input[name="level"]`); attr(level, "value") != "local" || !has(level, "checked") {
		t.Error("the only level below is not chosen")
	}
	b.post("/bodies/north/add", "", "level", "local", "name", "").want(http.StatusUnprocessableEntity).says(".error-summary a", "navn")
	b.post("/bodies/north/add", "", "level", "local", "name", "Ny", "code", "gentofte").want(http.StatusUnprocessableEntity).says(".error-summary a", "bruges allerede")
	b.post("/bodies/north/add", "", "name", "Ny").want(http.StatusUnprocessableEntity).says(".error-summary a", "Vælg en af mulighederne")
	b.post("/bodies/north/add", "", "level", "local", "name", "Birkerød Øst").goes("/bodies/birkeroed-oest")

	page := b.get("/bodies/birkeroed-oest").want(http.StatusOK)
	page.says(".notice", "Foreningen er oprettet")
	page.says(".crumbs", "Nordsjællands Storkreds")
	b.post("/bodies/birkeroed-oest/name", "", "name", "Birkerød").goes("/bodies/birkeroed-oest")
	b.get("/bodies/birkeroed-oest").says("h1", "Birkerød")
	b.post("/bodies/birkeroed-oest/name", "", "name", " ").want(http.StatusUnprocessableEntity).says(".error-summary a", "Skriv foreningens navn")

	b.post("/bodies/birkeroed-oest/close", "").goes("/bodies/birkeroed-oest")
	closed := b.get("/bodies/birkeroed-oest")
	closed.says(".badge", "Lukket")
	closed.says("h2", "Åbn igen")
	b.post("/bodies/birkeroed-oest/reopen", "").goes("/bodies/birkeroed-oest")

	b.post("/bodies/gentofte/close", "").want(http.StatusUnprocessableEntity).says(".error-summary li", "har stadig medlemmer")
	b.post("/bodies/north/close", "").want(http.StatusUnprocessableEntity).says(".error-summary li", "er ikke lukket")
	b.get("/bodies/nowhere").want(http.StatusNotFound)
	b.get("/bodies/gentofte/add").want(http.StatusNotFound)
}

// A body follows a law and a year of its own; what a change means for those who
// leave is told before it is made.
func TestL7ABodysOwnAccounting(t *testing.T) {
	f := housetest.New(t)
	b := as(t, f, "anna")
	today := f.Access.Today()
	page := b.get("/bodies/gentofte").want(http.StatusOK)
	page.says("form p", "Det, der bogføres i dag, gemmes til og med 31. december "+strconv.Itoa(today.Year+5))
	page.says(`select[name="seat"]`, "DK · bogføringsloven")
	page.says(`select[name="seat"]`, "NO · ")

	same := []string{"accounts", "yes", "seat", "DK", "year_ends", "6"}
	told := b.post("/bodies/gentofte/accounts", "/bodies/gentofte", same...).want(http.StatusOK)
	told.says("dd", "31. december "+strconv.Itoa(today.Year+5))
	told.says("dd", "regnskabsåret slutter med juni")
	told.says("form p", "beholder den dag")
	if body, _ := f.Units.Tree().ByCode("gentofte"); body.YearEnds != 0 {
		t.Error("it is changed before anybody agreed")
	}
	b.post("/bodies/gentofte/accounts", "/bodies/gentofte", append(same, "agreed", "yes")...).goes("/bodies/gentofte")
	page = b.get("/bodies/gentofte")
	page.says(".notice", "gemt")
	page.says("form p", "regnskabsåret slutter med juni")
	if body, _ := f.Units.Tree().ByCode("gentofte"); body.YearEnds != 6 || !body.Accounts || body.Seat != "" {
		t.Errorf("%+v", body.Accounting())
	}
	b.post("/bodies/gentofte/accounts", "", "seat", "NO", "year_ends", "0", "agreed", "yes").goes("/bodies/gentofte")
	page = b.get("/bodies/gentofte")
	page.says("form p", "Intet gemmes")
	if box := page.first("#accounts"); has(box, "checked") {
		t.Error("the body still keeps accounts")
	}
	found, err := f.Journal.Recent(f.Context(), journal.Filter{Act: journal.Unit}, journal.Page{Limit: 1})
	f.Must(err)
	if len(found.Lines) != 1 || found.Lines[0].Actor != uint32(f.Person("anna")) || found.Lines[0].Number != int64(unit.Accounts) {
		t.Errorf("journaled %+v", found.Lines)
	}

	b.post("/bodies/gentofte/accounts", "", "accounts", "yes", "seat", "XX", "year_ends", "0").want(http.StatusUnprocessableEntity).says(".error-summary a", "Vælg et af disse: DK, ")
	b.post("/bodies/gentofte/accounts", "", "accounts", "yes", "seat", "DK", "year_ends", "maj").want(http.StatusUnprocessableEntity).says(".error-summary a", "Vælg en måned")
	as(t, f, "chair").post("/bodies/gentofte/accounts", "", same...).want(http.StatusForbidden)
}

func TestBodiesNeedTheRight(t *testing.T) {
	f := housetest.New(t)
	for _, name := range []string{"chair", "dorte", "member"} {
		b := as(t, f, name)
		b.get("/bodies").want(http.StatusForbidden)
		b.get("/bodies/gentofte").want(http.StatusForbidden)
		b.post("/bodies/gentofte/name", "", "name", "Mit").want(http.StatusForbidden)
		b.post("/bodies/north/add", "", "level", "local", "name", "Ny").want(http.StatusForbidden)
		b.post("/bodies/lyngby/close", "").want(http.StatusForbidden)
	}
}
