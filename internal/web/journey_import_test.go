package web_test

import (
	"strings"
	"testing"

	"kartotek/internal/web/browsertest"
)

// An officer with a phone reads the list that people have: the question about
// its dates, the mapping kept for next time, and who is a member already. With
// and without scripts.
func TestJourneyOfAList(t *testing.T) {
	t.Parallel()
	chromium := browsertest.Start(t)
	for name, trip := range map[string]trip{
		"phone":           {lang: "da", width: 390, height: 844, phone: true},
		"without scripts": {lang: "da", width: 1280, height: 900, noScripts: true},
	} {
		t.Run(name, func(t *testing.T) { readList(t, set(t, chromium, trip)) })
	}
}

func readList(t *testing.T, j *journey) {
	tab := j.as(t, j.login(t, "membership-officer", 0).Person)
	tab.Visit("/members")
	known := strings.Split(tab.Words("tbody th"), "\n")[0] // "Family, Given"
	tab.Visit("/import")
	tab.Upload("liste.csv", []byte("Medlemsliste;;;\r\nNavn;Postnr./by;Fødselsdto;Tlf.;Skostr.\r\n"+
		"\""+known+"\";;;;38\r\n\"Prøvesen, Åse\";2900 Hellerup;03/04/1961;10264795 / 20304050;39\r\nI alt 2;;;;\r\n"))
	tab.Press(j.T("import.choose.button"))
	tab.Says("h2", j.T("import.dates.title"))
	tab.Says("td", j.T("import.column.likely"))
	j.picture(tab, "import-dates", 1500)
	tab.Choose(j.T("import.dates.dmy"))
	tab.Press(j.T("import.columns.update"))
	tab.Says("td", "3. april 1961")
	tab.Type(j.T("import.saved.name"), "Kassererens liste")
	tab.Press(j.T("import.saved.button"))
	tab.Says("h2", j.T("import.saved.used", "name", "Kassererens liste"))
	j.picture(tab, "import-columns", 1500)
	tab.Press(j.T("import.try"))
	tab.Says("h2", j.T("import.likely.title"))
	tab.Says(".notice li", j.T("member.import.passed.total"))
	j.picture(tab, "import-likely", 1500)
	tab.Choose(j.T("import.likely.skip"))
	tab.Press(j.T("import.likely.button"))
	tab.Says(".notice h2", j.T("import.tried.all"))
	tab.Press(j.T("import.run"))
	tab.Says(".notice h2", j.T("import.done.all"))
	tab.Visit("/import/mappings")
	tab.Says("h2", "Kassererens liste")
	j.picture(tab, "import-mappings")
	tab.Press(j.T("import.saved.delete"))
	tab.Says("main", j.T("import.saved.none"))
}
