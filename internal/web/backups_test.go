package web_test

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"kartotek/internal/app"
	"kartotek/internal/app/housetest"
	"kartotek/internal/journal"
)

// The administrators see how backups stand, write one and try it, without
// scripts; nobody else sees the page.
func TestBackupsPage(t *testing.T) {
	dest := filepath.Join(t.TempDir(), "mount", "elsewhere")
	if err := os.Mkdir(filepath.Dir(dest), 0o700); err != nil {
		t.Fatal(err)
	}
	f := housetest.New(t, func(c *app.Config) { c.Backups = []string{dest} })
	as(t, f, "anna").get("/backups").want(http.StatusForbidden) // member service does not give access
	b := as(t, f, "founder")
	if b.get("/administration").first(`main a[href="/backups"]`) == nil || b.get("/").first(`nav.tabs a[href="/administration"]`) == nil {
		t.Error("no way leads to the page")
	}
	page := b.get("/backups").want(http.StatusOK)
	page.says("h2", dest)
	page.says("h3", "Ingen sikkerhedskopier endnu")
	b.post("/backups/run", "/backups", "place", "0").goes("/backups")
	settled := func() *answer {
		t.Helper()
		for range 600 {
			page := b.get("/backups").want(http.StatusOK)
			if len(page.all("progress")) == 0 {
				return page
			}
			time.Sleep(20 * time.Millisecond)
		}
		t.Fatal("it does not end")
		return nil
	}
	page = settled()
	page.says("tbody .badge", "Underskrevet og hel")
	if page.first(`form[action="/backups/drill"]`) == nil {
		t.Error("a drill cannot be begun")
	}
	b.post("/backups/drill", "/backups", "place", "0").goes("/backups")
	page = settled()
	page.says("dd .badge", "Den kan gendannes")
	b.post("/backups/run", "/backups", "place", "7").want(http.StatusNotFound)

	// What goes wrong is told, and who it was that tried stands in the journal.
	f.Must(os.RemoveAll(filepath.Dir(dest)))
	b.post("/backups/run", "/backups", "place", "0").goes("/backups")
	page = settled()
	page.says("h3", "Stedet kan ikke nås")
	page.says("tbody td", "Stedet for sikkerhedskopier kan ikke nås.")
	found, err := f.Journal.Recent(f.Context(), journal.Filter{Act: journal.Backup}, journal.Page{Limit: 10})
	f.Must(err)
	if len(found.Lines) == 0 || found.Lines[0].Actor != uint32(f.Person("founder")) {
		t.Errorf("the journal: %+v", found.Lines)
	}
}

// A house without a place for backups says what to do.
func TestBackupsPageWithoutAPlace(t *testing.T) {
	f := housetest.New(t)
	page := as(t, f, "founder").get("/backups").want(http.StatusOK)
	page.says("h2", "Ingen sikkerhedskopi er sat op")
	if page.first(`form[action="/backups/run"]`) != nil {
		t.Error("a backup to nowhere can be begun")
	}
}
