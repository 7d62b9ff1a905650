package web_test

import (
	"bytes"
	"strings"
	"testing"

	"kartotek/internal/web/browsertest"
)

// Somebody in the office has a part of a list on the phone, without headings, and
// learns which list it is; what is no list is refused with what to do.
func TestJourneyOfAFoundList(t *testing.T) {
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
