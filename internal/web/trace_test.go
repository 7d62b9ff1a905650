package web_test

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"kartotek/internal/app/housetest"
	"kartotek/internal/extract"
	"kartotek/internal/web/browsertest"
)

// Somebody in the office has a part of a list on the phone, without headings, and
// learns which list it is; what is no list is refused with what to do.
func TestJourneyOfAFoundList(t *testing.T) {
	t.Parallel()
	j := set(t, browsertest.Start(t), trip{lang: "da", width: 390, height: 844, phone: true})
	tab := j.as(t, j.login(t, "secretariat", 0).Person)
	tab.Visit("/trace")
	tab.Press(j.T("trace.choose.button"))
	tab.Says("main", j.T("trace.error.nothing"))
	officer := j.as(t, j.login(t, "membership-officer", 0).Person)
	officer.Visit("/members")
	var part bytes.Buffer
	for _, known := range strings.Split(officer.Words("tbody th"), "\n") {
		part.WriteString("\"" + known + "\"\n")
	}
	part.WriteString("\"Ukendtsen, Ingen\"\n")
	tab.Visit("/trace")
	tab.Upload("fundet.csv", append([]byte("Navn\n"), part.Bytes()...))
	tab.Press(j.T("trace.choose.button"))
	tab.Says(".notice li", "rækker")
	tab.Says(".notice li", "I loggen kendes filen på")
	tab.Says(".notice li", "passer ikke på nogen")
	j.picture(tab, "trace", 2500)
	tab.Visit("/log?act=trace")
	tab.Says("main", j.T("journal.act.trace"))
}

// The lists a found file can come from stand on the page with their reasons and who
// has them; whoever may not read the log is refused.
func TestTraceTellsWhyAndWhoHasTheList(t *testing.T) {
	f := housetest.New(t)
	var part strings.Builder
	for n := range 14 {
		mail := fmt.Sprintf("fund%d@example.dk", n)
		f.Join(fmt.Sprint("found", n), []string{"lyngby", "odense"}[n%2], map[string]string{"given": "Fund", "family": "Fundsen", "email": mail}, false)
		if n%2 == 0 {
			fmt.Fprintln(&part, mail)
		}
	}
	d, err := f.Extracts.Pull(f.Context(), f.As("other chair"), extract.Wish{Purpose: "newsletter", Format: extract.CSV, Lang: "da"})
	f.Must(err)
	f.Must(d.Write(f.Context(), new(bytes.Buffer)))
	b := as(t, f, "anna")
	b.get("/trace").want(http.StatusOK).says("label", "Eller indsatte linjer")
	page := b.upload("/trace", "", "", "lines", part.String()).want(http.StatusOK)
	page.says(".notice h2", "Filen stammer fra liste 1")
	page.says("main li", "7 af 7 kendte personer stod på listen")
	page.says("main", "Lene Lyngholm")
	b.upload("/trace", "fund.csv", part.String()).want(http.StatusOK).says(".notice h2", "Filen stammer fra liste 1")
	as(t, f, "chair").get("/trace").want(http.StatusForbidden)
	as(t, f, "chair").upload("/trace", "fund.csv", part.String()).want(http.StatusForbidden)
}
