package web_test

import (
	"fmt"
	"strings"
	"testing"

	"kartotek/internal/dues"
	"kartotek/internal/locale"
	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
	"kartotek/internal/web/browsertest"
)

// TestDuesJourney goes the year's way of a treasurer whose club collects itself:
// rates, charging, bills, the bank's file, arrears, an entry countered; then a
// member looks at their own account, on a phone, the pages looked at in a desktop's
// width too.
func TestDuesJourney(t *testing.T) {
	t.Parallel()
	duesYear(t, set(t, browsertest.Start(t), trip{charter: "club-no", lang: "sv", width: 390, height: 844, phone: true, desk: true}))
}

func duesYear(t *testing.T, j *journey) {
	treasurer := j.login(t, "treasurer", 0).Person
	tab := j.as(t, treasurer)
	year := j.house.Dues.ThisYear() + 1
	tab.Visit(fmt.Sprintf("/dues/rates?year=%d", year))
	first := j.house.Charter.Categories[0].Name.In(j.lang)
	tab.Type(first, "1 200,00")
	tab.Type(j.T("dues.rates.payee.kid"), "12345678902")
	tab.Go(j.T("dues.rates.save"))
	tab.Says(".error-summary", j.T("charter.error.payee"))
	tab.Type(j.T("dues.rates.payee.kid"), "12345678903")
	tab.Go(j.T("dues.rates.save"))
	tab.Says("[role=status]", j.T("dues.notice.rates"))
	tab.Says("main", j.T("dues.rates.history"))

	tab.Visit(fmt.Sprintf("/dues/charge?year=%d", year))
	tab.Says("main", j.T("dues.charge.now"))
	tab.GoIn("#charge, main", strings.Split(j.T("dues.charge.act", "count", 99), "99")[0])
	tab.Says("[role=status]", strings.TrimSpace(strings.Split(j.T("dues.notice.charged", "number", 1), "1")[1]))
	tab.Says("main", j.T("dues.runs"))

	tab.Visit(fmt.Sprintf("/dues/remind?year=%d", year))
	tab.GoIn("main", strings.Split(j.T("dues.remind.act", "count", 99), "99")[0])
	tab.Says("main", j.T("dues.charged"))

	file, payer := bankFile(t, j, tab, treasurer, year)
	tab.Visit(fmt.Sprintf("/dues/import?year=%d", year))
	tab.Upload("bank.csv", []byte(file))
	tab.Go(j.T("dues.import.look"))
	for _, o := range []dues.Outcome{dues.Matched, dues.Less, dues.CheckDigit, dues.Unknown} {
		tab.Says("main", j.T("dues.outcome."+string(o)))
	}
	tab.GoIn("main", strings.Split(j.T("dues.import.act", "count", 99), "99")[0])
	tab.Says("[role=status]", "2 ")

	tab.Visit(fmt.Sprintf("/dues/arrears?which=open&year=%d", year))
	tab.Says("main", j.T("dues.notices.bill"))
	name, content := tab.Download(func() { tab.Press(j.T("dues.arrears.pull")) })
	if !strings.HasSuffix(name, ".xlsx") || len(content) < 1000 {
		t.Errorf("the list of arrears is %s of %d bytes", name, len(content))
	}

	tab.Visit("/dues/accounts/" + j.house.Keyring.PublicID(payer))
	tab.Says("main", j.T("dues.state.settled"))
	tab.Go(j.T("dues.form.counter"))
	tab.Says("[role=status]", j.T("dues.notice.entered"))
	tab.Says("main", j.T("dues.entry.paid"))
	tab.Visit(fmt.Sprintf("/dues/statement?year=%d", j.house.Dues.ThisYear()))
	tab.Visit(fmt.Sprintf("/dues?year=%d", year))

	own := j.as(t, payer)
	own.Visit("/me/dues")
	own.Says("main", j.T("dues.me.pay"))
	own.Says("main", "1234.56.78903")
}

// bankFile is what the club's bank exports: one payment that fits, one of half, one
// misspelt and one of nobody's.
func bankFile(t *testing.T, j *journey, tab *browsertest.Tab, treasurer vault.PersonID, year int) (file string, payer vault.PersonID) {
	t.Helper()
	var club unit.ID
	for _, h := range j.house.Access.Held(treasurer) {
		club = h.Basis.Unit
	}
	var all []dues.Charge
	var persons []vault.PersonID
	err := record.Scan(j.house.Records, t.Context(), dues.Charges, func(person vault.PersonID, _ uint64, c *dues.Charge) error {
		if c.Unit == club && c.Year == year && person != treasurer {
			all, persons = append(all, *c), append(persons, person)
		}
		return nil
	})
	if err != nil || len(all) < 3 {
		t.Fatalf("%d charged in the club: %v", len(all), err)
	}
	on := j.house.Access.Today().AddDays(-1)
	typo := []byte(all[2].Reference)
	typo[3] = '0' + (typo[3]-'0'+1)%10
	file = "Bokføringsdato;KID;Beløp\r\n"
	for _, row := range []struct {
		reference string
		amount    int64
	}{{all[0].Reference, all[0].Amount}, {all[1].Reference, all[1].Amount / 2}, {string(typo), 100_00}, {"123456789012347", 100_00}} {
		file += fmt.Sprintf("%s;%s;%s\r\n", on, row.reference, locale.PlainAmount(row.amount))
	}
	return file, persons[0]
}
