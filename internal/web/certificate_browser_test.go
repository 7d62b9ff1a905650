package web_test

import (
	"strings"
	"testing"

	"kartotek/internal/access"
	"kartotek/internal/certificate"
	"kartotek/internal/departure"
	"kartotek/internal/locale"
	"kartotek/internal/vault"
	"kartotek/internal/web/browsertest"
)

// erase has the secretariat close a membership and a colleague end the window.
func (j *journey) erase(t *testing.T, person vault.PersonID, reason string) departure.Certificate {
	t.Helper()
	as := func(which int) access.Actor {
		return access.Actor{Person: j.login(t, "secretariat", which).Person, Via: access.Web}
	}
	if _, err := j.house.Departures.Close(t.Context(), as(0), person, reason, true); err != nil {
		t.Fatal(err)
	}
	e, err := j.house.Departures.Confirm(t.Context(), as(1), person)
	if err != nil || e.State != departure.Erased {
		t.Fatalf("%+v %v", e, err)
	}
	return e.Certificate
}

// TestD7TheCertificateIsFetchedInABrowser: the link in the mail fills number and
// password in, out of the address; what is fetched can be checked with the key the
// page shows (D7).
func TestD7TheCertificateIsFetchedInABrowser(t *testing.T) {
	t.Parallel()
	chromium := browsertest.Start(t)
	j := set(t, chromium, trip{lang: "nb", width: 390, height: 844, phone: true})
	c := crawl{journey: j, met: map[string]bool{}}
	given := j.erase(t, j.login(t, "member", 0).Person, j.house.Charter.Reasons[0].Code)
	tab := c.open(t)
	tab.Arrived = nil
	tab.Visit("/certificate")
	c.speak(tab)
	c.judge(tab)
	// It is not finished before the holders outside have been told.
	if _, err := j.house.Notices.Send(t.Context()); err != nil {
		t.Fatal(err)
	}
	tab.Visit("/certificate#" + given.Number + "." + given.Salt)
	if got := tab.Eval("document.location.hash + document.getElementById('number').value + ' ' + document.getElementById('salt').value"); got != given.Number+" "+given.Salt {
		t.Errorf("the form holds %q", got)
	}
	p := locale.For("nb")
	tab.Go(p.T("certificate.page.act"))
	tab.Says("main", p.T("certificate.page.done"))
	c.judge(tab)
	name, file := tab.Download(func() { tab.Press(p.T("certificate.page.pdf")) })
	key := certificate.ParseKey(certificate.Key(j.house.Keyring.LedgerKey()))
	if r := certificate.Verify(file, key); !r.Sound() || !strings.HasPrefix(name, "slettebevis-K-") {
		t.Errorf("%s: %+v", name, r)
	}
	tab.Visit("/certificate")
	tab.Type(p.T("certificate.page.number"), given.Number)
	tab.Type(p.T("certificate.page.salt"), "ABCD-ABCD-ABCD")
	tab.Go(p.T("certificate.page.act"))
	tab.Says("main", p.T("departure.error.certificate")[:40])

	office := j.as(t, j.login(t, "secretariat", 0).Person)
	office.Visit("/leaving/certificates/" + given.Number)
	office.Says("h1", given.Number)
	c.judge(office)
}
