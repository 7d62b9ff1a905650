package web_test

import (
	"net/http"
	"strconv"
	"testing"

	"kartotek/internal/app/housetest"
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

	b.post("/bodies/birkeroed-oest/accounts", "").goes("/bodies/birkeroed-oest")
	if box := b.get("/bodies/birkeroed-oest").first("#accounts"); has(box, "checked") {
		t.Error("the body still keeps accounts")
	}
	b.post("/bodies/birkeroed-oest/accounts", "", "accounts", "yes").goes("/bodies/birkeroed-oest")
	if box := b.get("/bodies/birkeroed-oest").first("#accounts"); !has(box, "checked") {
		t.Error("the body keeps no accounts")
	}

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
