package web_test

import (
	"net/http"
	"testing"

	"github.com/golang-sql/civil"

	"kartotek/internal/app/housetest"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/duty"
	"kartotek/internal/member"
)

// One page leads to all that keeps the register in order, and tells how each stands;
// everybody sees on it what is theirs to do, and who has nothing there no way to it.
func TestAdministration(t *testing.T) {
	f := housetest.New(t)
	f.Employ("ida", "it", member.Draft{Values: map[string]string{"given": "Ida", "family": "Itsgaard", "email": "ida@parti.example"}})
	paths := []string{
		"/retention", "/holds", "/accounts", "/holders", "/notices", "/letters", "/backups", "/keys", "/access/master-key", "/log", "/bodies",
	}
	for who, want := range map[string][]string{
		"ida":       {"/backups", "/keys", "/access/master-key", "/retention", "/log", "/bodies"},
		"anna":      {"/retention", "/holds", "/holders", "/notices", "/letters", "/keys", "/log", "/bodies"},
		"treasurer": {"/accounts"},
		"officer":   nil,
		"member":    nil,
	} {
		b := as(t, f, who)
		offered := map[string]bool{}
		for _, path := range want {
			offered[path] = true
		}
		if tab := b.get("/me").first(`nav.tabs a[href="/administration"]`); (tab != nil) != (want != nil) {
			t.Errorf("%s: the frame offers it: %t", who, tab != nil)
		}
		if want == nil {
			b.get("/administration").want(http.StatusForbidden)
			continue
		}
		page := b.get("/administration").want(http.StatusOK)
		for _, path := range paths {
			if found := page.first(`main a[href="`+path+`"]`) != nil; found != offered[path] {
				t.Errorf("%s: %s is offered: %t", who, path, found)
			}
			if offered[path] && path != "/accounts" { // which leads on where there is but one body
				b.get(path).want(http.StatusOK)
			}
		}
	}
	// What calls for somebody is told first, and where.
	page := as(t, f, "anna").get("/administration")
	page.says("p.lead", "Intet haster")
	page.says("td .badge.calm", "Ingen venter")
	f.Must(f.DB.Write(f.Context(), func(tx *database.Tx) error {
		_, err := f.Duties.Add(tx, duty.Duty{
			Kind: duty.ReviewHold, Subject: int64(f.Person("member")), Act: charter.Hold.String(), DueOn: civil.Date{Year: 2020, Month: 1, Day: 2},
		})
		return err
	}))
	page = as(t, f, "anna").get("/administration")
	page.says("p.lead", "Én ting bør ses efter")
	page.says("td .badge.late", "Én venter")
	page.says("td", "udløber 2. januar 2020")
}
