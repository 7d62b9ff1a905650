package web_test

import (
	"net/http"
	"path/filepath"
	"testing"

	"kartotek/internal/access"
	"kartotek/internal/app"
	"kartotek/internal/app/housetest"
	"kartotek/internal/charter"
	"kartotek/internal/member"
	"kartotek/internal/place/placetest"
)

// TestD7KeysAndCopies: the page says how every copy stands, and what to do.
func TestD7KeysAndCopies(t *testing.T) {
	server := placetest.New(t, "keys")
	dir, far := filepath.Join(t.TempDir(), "copy"), server.Address("keys")
	f := housetest.New(t, func(c *app.Config) { c.KeyCopies = []string{dir, far} })
	f.Employ("it", "it", member.Draft{Values: map[string]string{"given": "Ida", "family": "Teknik"}})
	f.Must(f.Copies.Verify(f.Context()))
	_, err := f.Departures.Close(f.Context(), f.As("anna"), f.Person("member"), "resignation", true)
	f.Must(err)
	server.Down.Store(true)
	_, err = f.Departures.Confirm(f.Context(), f.As("bo"), f.Person("member"))
	f.Must(err)
	f.Must(f.Copies.Sweep(f.Context()))

	it := as(t, f, "it")
	a := it.get("/keys").want(http.StatusOK)
	a.says("table", dir)
	a.says("table", "Kan ikke nås")
	a.says(".grave-card", "Én sletning venter på denne kopi.")
	a.says(".grave-card", "prøver selv igen")
	it.get("/").says("main", "Se til kopi 2 af nøglerne")
	it.get("/log").says("main", "Nøgler og kopier")
	server.Down.Store(false)
	it.post("/keys/verify", "/keys").goes("/keys")
	it.get("/keys").says("main", "Alle kopier er læst igennem.")
	if n := len(it.get("/keys").all(".grave-card")); n != 0 {
		t.Errorf("%d copies in trouble", n)
	}
	// The secretariat sees it, and does nothing about it; officers do not see it.
	anna := as(t, f, "anna")
	if n := len(anna.get("/keys").want(http.StatusOK).all("main form")); n != 0 {
		t.Errorf("%d acts for the secretariat", n)
	}
	anna.post("/keys/verify", "/keys").want(http.StatusForbidden)
	as(t, f, "chair").get("/keys").want(http.StatusForbidden)
	scope, err := f.Access.Require(f.Context(), f.As("anna"), access.Want{Act: charter.Search})
	f.Must(err)
	if _, err := f.Copies.List(f.Context(), scope); err == nil {
		t.Error("listed under a right that is not for it")
	}

	// A place that is no longer kept is given up from the page.
	f.Must(f.House.Close())
	f.Config.KeyCopies = []string{far}
	f.Must(f.Open())
	f.Must(f.Copies.Sweep(f.Context()))
	it = as(t, f, "it")
	it.get("/keys").says(".grave-card", "Slet kopien")
	it.post("/keys/1/give-up", "/keys").goes("/keys")
	if left := housetest.Files(t, dir); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
	it.post("/keys/9/give-up", "/keys").want(http.StatusNotFound)
}

func TestKeysPageWithoutCopies(t *testing.T) {
	f := housetest.New(t)
	as(t, f, "anna").get("/keys").want(http.StatusOK).says(".empty", "Går nøgleringen tabt, går alt tabt.")
}
