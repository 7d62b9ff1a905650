package web_test

import (
	"net/http"
	"strings"
	"testing"

	"kartotek/internal/app/housetest"
)

// The year by hat, body and kind, with what is foreseen told apart, and as a calendar
// that names nobody; the paper is for whoever sees who has access.
func TestTheYearIsFiltered(t *testing.T) {
	f := housetest.New(t)
	chair := as(t, f, "chair")
	page := chair.get("/year?year=" + f.Clock.Now().AddDate(1, 0, 0).Format("2006")).want(http.StatusOK)
	page.says(".wheel-key", "Indkaldelse til generalforsamling")
	page.says(".wheel-key", "forventet")
	page.says("main", "kendt fra reglerne")
	only := chair.get("/year?kind=destroy-list").want(http.StatusOK)
	if len(only.all(".wheel-key li")) != 0 {
		t.Error("another kind is shown")
	}
	file := chair.get("/year.ics?year=" + f.Clock.Now().AddDate(1, 0, 0).Format("2006")).want(http.StatusOK)
	if !strings.Contains(file.body, "BEGIN:VEVENT\r\n") || strings.Contains(file.body, "Formandsen") || strings.Contains(strings.ToLower(file.body), "parti") {
		t.Errorf("the calendar says %s", file.body)
	}
	chair.get("/year/paper").want(http.StatusOK).says("main", "Carl Formandsen")
	chair.get("/year/paper?unit=lyngby").want(http.StatusForbidden)
	chair.get("/year?unit=lyngby").want(http.StatusForbidden)
	as(t, f, "anna").get("/year?unit=gentofte").want(http.StatusOK).says("h1", "Gentofte")
	as(t, f, "member").get("/year/paper?unit=gentofte").want(http.StatusForbidden)
}
